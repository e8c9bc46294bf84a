package place

import (
	"context"
	"errors"
	"slices"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/deal/campaign"
	"hutong/goods/catalog/taxonomy"
	"hutong/party/audit"
	"hutong/party/login"
)

// Apply bids for a place with an enrolment of the shop. It costs nothing yet. Codes: place.not_found, place.over,
// enrolment.not_found (also another shop's), place.enrolment (it is not in that wave, or over), place.other_category,
// place.bid_open.
func (s *Service) Apply(ctx context.Context, shop string, id OpeningID, with campaign.EnrolmentID) (b Bid, err error) {
	now := clock.Now(ctx, s.Clock)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		e, err := campaign.Hold(tx, with)
		if err == nil && e.Shop != shop {
			err = fault.New(fault.NotFound, "enrolment.not_found")
		}
		if err != nil {
			return err
		}
		o, err := openingIn(tx, id, forReading)
		if err != nil {
			return err
		}
		switch {
		case !o.Takes(now):
			return over(o)
		case e.Campaign != o.Campaign || e.Slot.Wave != o.Wave || !TakesPart(e):
			return fault.New(fault.Unprocessable, "place.enrolment").At("enrolment")
		}
		category, err := s.Category(tx, e.Product)
		if err == nil && o.Category != "" && !taxonomy.Within(category, o.Category) {
			err = fault.New(fault.Unprocessable, "place.other_category").At("enrolment")
		}
		if err != nil {
			return err
		}
		b = Bid{ID: BidID(s.IDs.New("plb")), Version: 1, Opening: id, Enrolment: with, Shop: shop, State: Applied,
			Selling: e.Selling, AppliedAt: now}
		err = insertBid(tx, b)
		if errors.Is(err, db.ErrUnique) {
			return fault.New(fault.Conflict, "place.bid_open").Because(err)
		}
		return err
	})
	if err != nil {
		return Bid{}, err
	}
	return b, nil
}

// TakesPart tells whether an enrolment can still be locked, and so can bid.
func TakesPart(e campaign.Enrolment) bool {
	return e.State == campaign.Applied || e.State == campaign.Accepted
}

func over(o Opening) error {
	if o.State == CalledOff {
		return fault.New(fault.Expired, "place.called_off")
	}
	return fault.New(fault.Expired, "place.over")
}

// Retract takes a bid back before it is paid. A place that is paid for is given up by leaving the sale
// (campaign.Withdraw), and its fee with it. Codes: place.no_bid (also another shop's), place.changed, place.state,
// place.paid.
func (s *Service) Retract(ctx context.Context, shop string, id BidID, version int64) (b Bid, err error) {
	now := clock.Now(ctx, s.Clock)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if b, err = s.changing(tx, shop, id, version); err != nil {
			return err
		}
		if b.State == Paid {
			return fault.New(fault.Conflict, "place.paid")
		}
		if err := mayMove(b, Withdrawn); err != nil {
			return err
		}
		b.State, b.EndedAt = Withdrawn, now
		return save(tx, &b)
	})
	if err != nil {
		return Bid{}, err
	}
	return b, nil
}

// changing reads a bid, locked, to be changed from a version; of a shop when shop is not "".
func (s *Service) changing(tx *db.Tx, shop string, id BidID, version int64) (Bid, error) {
	b, err := bidIn(tx, id, forWriting)
	switch {
	case err != nil:
		return Bid{}, err
	case shop != "" && b.Shop != shop:
		return Bid{}, noBid()
	case b.Version != version:
		return Bid{}, fault.New(fault.Conflict, "place.changed")
	}
	return b, nil
}

func mayMove(b Bid, to State) error {
	if !slices.Contains(moves[b.State], to) {
		return fault.New(fault.Conflict, "place.state", fault.P("state", string(b.State)))
	}
	return nil
}

// Decide is the operator's choice among bids.
type Decide struct {
	By        login.ID
	ID        BidID
	Version   int64
	Shortlist bool // else it is refused
	Note      string
}

// Decide shortlists a bid, also more bids than there are places, or refuses it. What is to be shortlisted was
// accepted by the review of enrolments. Codes: place.no_bid, place.changed, place.state, place.note, place.over,
// place.unreviewed.
func (s *Service) Decide(ctx context.Context, cmd Decide) (b Bid, err error) {
	if cmd.Note, err = words(cmd.Note); err != nil {
		return b, err
	}
	now := clock.Now(ctx, s.Clock)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if b, err = s.changing(tx, "", cmd.ID, cmd.Version); err != nil {
			return err
		}
		o, err := openingIn(tx, b.Opening, forReading)
		if err != nil {
			return err
		}
		topic, to := TopicRefused, Refused
		if cmd.Shortlist {
			topic, to = TopicShortlisted, Shortlisted
		}
		if err := mayMove(b, to); err != nil {
			return err
		}
		if !cmd.Shortlist {
			b.EndedAt = now
		} else if err := s.eligible(tx, o, b, now); err != nil {
			return err
		}
		b.State, b.Note = to, cmd.Note
		if err := save(tx, &b); err != nil {
			return err
		}
		if err := s.tell(tx, topic, b, o, now); err != nil {
			return err
		}
		return s.note(ctx, tx, audit.Entry{At: now, Who: string(cmd.By), Shop: b.Shop, What: string(topic), On: string(b.ID)})
	})
	if err != nil {
		return Bid{}, err
	}
	return b, nil
}
