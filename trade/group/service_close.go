package group

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/job"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/trade/order"
)

// pageMax bounds the groups that a job looks at together.
const pageMax = 64

// errLost says that a group's row changed under its lock, which must not be possible.
var errLost = errors.New("group: a group changed under its lock")

// Close decides the groups whose time is up. It is a job; two nodes at once are harmless. A payment that came in time
// and has not been told yet is waited for.
func (s *Service) Close(ctx context.Context) (done int, err error) {
	at := clock.Now(ctx, s.Clock)
	next := func(limit int) (ids []ID, err error) {
		err = s.DB.Read(ctx, func(tx *db.Tx) (err error) { ids, err = due(tx, at, limit); return err })
		return ids, err
	}
	return job.Walk(ctx, pageMax, job.Self, next, func(some []ID) (done int, err error) {
		_, err = job.Each(ctx, some, func(id ID) error {
			ended, err := s.closeOne(ctx, id, at)
			if ended {
				done++
			}
			return err
		})
		return done, err
	})
}

func (s *Service) closeOne(ctx context.Context, id ID, at time.Time) (ended bool, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		g, _, err := lockGroup(tx, id)
		if err != nil || g.State != Forming || at.Before(g.Deadline) {
			return err
		}
		if untold, err := untold(tx, g); err != nil || untold {
			return err
		}
		o, _, err := offerByID(tx, g.Offer)
		if err != nil {
			return err
		}
		if err := s.decide(tx, &g, o, at); err != nil {
			return err
		}
		ended = g.State != Forming
		return nil
	})
	return ended, err
}

// untold tells whether a payment that was made before a group's deadline has not come for its place yet.
func untold(tx *db.Tx, g Group) (bool, error) {
	return order.PaidBefore(tx, paidConsumer, clock.Micros(g.Deadline))
}

// form makes a group a success. Without a ladder its members' goods are the merchant's to ship at once; with one,
// Settle gives each the difference back first.
func (s *Service) form(tx *db.Tx, g *Group, o Offer, members []Member, at time.Time) error {
	g.State, g.Price, g.ClosedAt = Formed, o.PriceOf(g.Paid), at
	if won, err := end(tx, *g); err != nil || !won {
		return errors.Join(err, lost(won))
	}
	next := In
	if g.Price < o.Price() {
		next = Lowering
	}
	subs, err := s.turn(tx, members, next, "")
	if err != nil {
		return err
	}
	if next == In {
		if err := s.Orders.Release(tx, at, subs); err != nil {
			return err
		}
	}
	return s.tell(tx, TopicFormed, *g, at, "")
}

// fail ends a group without success: Settle pays every member back.
func (s *Service) fail(tx *db.Tx, g *Group, members []Member, why string, at time.Time) error {
	g.State, g.Why, g.ClosedAt = Failed, why, at
	if won, err := end(tx, *g); err != nil || !won {
		return errors.Join(err, lost(won))
	}
	if _, err := s.turn(tx, members, Refunding, why); err != nil {
		return err
	}
	return s.tell(tx, TopicFailed, *g, at, "")
}

func lost(won bool) error {
	if won {
		return nil
	}
	return errLost
}

// turn moves the waiting members on.
func (s *Service) turn(tx *db.Tx, members []Member, to MemberState, why string) (subs []order.SubKey, err error) {
	var turned []Member
	for i := range members {
		if m := &members[i]; m.State == Waiting {
			m.State, m.Why = to, why
			turned, subs = append(turned, *m), append(subs, order.SubKey{Order: m.Order, Seq: m.Seq})
		}
	}
	return subs, saveMembers(tx, turned)
}

// Look fails the groups that cannot form any more: their offer or goods were withdrawn, or there are fewer pieces than
// members missing. Pieces that somebody holds unpaid may yet be theirs. It is a job.
func (s *Service) Look(ctx context.Context) (done int, err error) {
	at := clock.Now(ctx, s.Clock)
	var failed []error
	for after := ID(""); ; {
		var groups []Group
		why := map[ID]string{}
		err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
			if groups, err = underWay(tx, after, pageMax); err == nil {
				why, err = hopeless(tx, groups)
			}
			return err
		})
		if err != nil {
			return done, errors.Join(append(failed, err)...)
		}
		_, err = job.Each(ctx, groups, func(g Group) error {
			if why[g.ID] == "" {
				return nil
			}
			if err := s.giveUp(ctx, g.ID, why[g.ID], at); err != nil {
				return err
			}
			s.Log.InfoContext(ctx, "a group cannot form", slog.String("group", string(g.ID)), slog.String("why", why[g.ID]))
			done++
			return nil
		})
		if failed = append(failed, err); len(groups) < pageMax {
			return done, errors.Join(failed...)
		}
		after = groups[len(groups)-1].ID
	}
}

func (s *Service) giveUp(ctx context.Context, id ID, why string, at time.Time) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		g, _, err := lockGroup(tx, id)
		if err != nil || g.State != Forming {
			return err
		}
		members, err := membersOf(tx, id)
		if err != nil {
			return err
		}
		return s.fail(tx, &g, members, why, at)
	})
}

// hopeless tells why groups cannot form, of those that cannot.
func hopeless(tx *db.Tx, groups []Group) (map[ID]string, error) {
	offers, goods := map[OfferID]Offer{}, map[offer.ID]offer.Offer{}
	for _, g := range groups {
		if _, known := offers[g.Offer]; known {
			continue
		}
		o, _, err := offerByID(tx, g.Offer)
		if err != nil {
			return nil, err
		}
		offers[g.Offer] = o
		found, err := offer.Load(tx, []offer.ID{offer.ID(o.Goods)})
		if err != nil {
			return nil, err
		}
		goods[offer.ID(o.Goods)] = found[offer.ID(o.Goods)]
	}
	var ids []stock.PoolID
	for _, g := range goods {
		ids = append(ids, g.Pool)
	}
	pools, err := stock.Pools(tx, ids)
	if err != nil {
		return nil, err
	}
	why := map[ID]string{}
	for _, g := range groups {
		o := offers[g.Offer]
		sold := goods[offer.ID(o.Goods)]
		switch pool := pools[sold.Pool]; {
		case o.State == Withdrawn || sold.State != offer.Listed || !pool.Open:
			why[g.ID] = WhyWithdrawn
		case pool.Free()+pool.Held < g.Need():
			why[g.ID] = WhySoldOut
		}
	}
	return why, nil
}
