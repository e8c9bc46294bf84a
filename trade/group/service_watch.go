package group

import (
	"context"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/party/audit"
)

// Now is the market's time, for who shows what groups still take.
func (s *Service) Now(ctx context.Context) time.Time { return clock.Now(ctx, s.Clock) }

// Watched is a group as the market's operator sees it.
type Watched struct {
	Group
	Offer    Offer
	PayBacks int64 // payments that go back or went back
	Waiting  int64 // of those, on their way
}

// WatchMax bounds one page of groups.
const WatchMax = 100

// Watch lists groups of a state, newest first, from the one before; "" starts, and the state "" is any.
func (s *Service) Watch(ctx context.Context, state State, before ID, limit int) (all []Watched, err error) {
	if before == "" {
		before = "~" // sorts after every id
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		groups, err := watched(tx, state, before, min(max(limit, 1), WatchMax))
		if err != nil {
			return err
		}
		all = make([]Watched, len(groups))
		ids := make([]string, len(groups))
		for i, g := range groups {
			all[i].Group, ids[i] = g, string(g.ID)
			if all[i].Offer, _, err = offerByID(tx, g.Offer); err != nil {
				return err
			}
		}
		backs, err := payBacks(tx, ids)
		for i := range all {
			b := backs[all[i].ID]
			all[i].PayBacks, all[i].Waiting = b[0], b[1]
		}
		return err
	})
	return all, err
}

// Halt is the operator's word on one shop's offer: stopped, nobody opens another group of it; withdrawn, what is
// forming fails too and is paid back. It stands in the record. It is safe to repeat. Codes: group.offer_not_found,
// group.offer_state.
func (s *Service) Halt(ctx context.Context, id OfferID, to OfferState) (Offer, error) {
	if to != Stopped && to != Withdrawn {
		return Offer{}, fault.New(fault.Invalid, "group.offer_state", fault.P("state", string(to))).At("to")
	}
	var was Offer
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		var found bool
		if was, found, err = offerByID(tx, id); err == nil && !found {
			err = fault.New(fault.NotFound, "group.offer_not_found")
		}
		return err
	})
	if err != nil {
		return Offer{}, err
	}
	at := clock.Now(ctx, s.Clock)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		return audit.Note(ctx, tx, s.IDs, audit.Entry{At: at, Shop: was.Shop, What: "group_offer.halted", On: string(id),
			Before: audit.Facts{"state": string(was.State)}, After: audit.Facts{"state": string(to)}})
	})
	if err != nil {
		return Offer{}, err
	}
	return s.Turn(ctx, was.Shop, id, to)
}
