package group

import (
	"context"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/trade/order"
)

// refunded takes the places back of members who gave everything back. It is safe to repeat.
func (s *Service) refunded(ctx context.Context, events []event.Event) error {
	var ids []order.ID
	for _, e := range events {
		some, err := ordersOf(e)
		if err != nil {
			return err
		}
		ids = append(ids, some...)
	}
	var members []Member
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) { members, err = ofOrders(tx, ids); return err })
	if err != nil {
		return err
	}
	for _, m := range members {
		if m.State != Waiting && m.State != In && m.State != Lowering {
			continue
		}
		if err := s.leave(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// leave takes one member's place back, if nothing of its line is left and it was not shipped. A group that is forming
// has the place to give again; one that formed stays as it is (T3.1f), unless too few are left for its success to have
// been real.
func (s *Service) leave(ctx context.Context, m Member) error {
	o, err := s.Orders.Any(ctx, m.Order)
	if err != nil || lineOf(o, m.Line).Left() > 0 {
		return err
	}
	by := who(o, m.Seq)
	if by == "" { // shipped and returned: what every buyer may do
		return nil
	}
	at := clock.Now(ctx, s.Clock)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		g, found, err := lockGroup(tx, m.Group)
		if err != nil || !found {
			return err
		}
		members, err := membersOf(tx, g.ID)
		if err != nil {
			return err
		}
		var gone *Member
		for i := range members {
			if members[i].Order == m.Order && members[i].Line == m.Line {
				gone = &members[i]
			}
		}
		if gone == nil || gone.State != Waiting && gone.State != In && gone.State != Lowering {
			return nil
		}
		return s.left(tx, leaving{group: &g, members: members, gone: gone, own: by == "shopper", at: at})
	})
}

// who took a suborder back before it was shipped: "" for nobody.
func who(o order.Order, seq int64) string {
	for _, step := range o.Steps {
		if step.Seq == seq && step.To == string(order.SubCancelled) {
			return step.Actor
		}
	}
	return ""
}

// leaving is one member that leaves its group, whose row is locked.
type leaving struct {
	group   *Group
	members []Member
	gone    *Member // one of them
	own     bool    // by the shopper's own word
	at      time.Time
}

func (s *Service) left(tx *db.Tx, v leaving) error {
	g, formed := v.group, v.group.State == Formed
	v.gone.State, v.gone.LeftAt, v.gone.After = Left, v.at, v.own && formed
	if err := saveMembers(tx, []Member{*v.gone}); err != nil {
		return err
	}
	if g.State != Forming && !formed {
		return nil
	}
	g.Kept--
	if !formed {
		g.Paid--
	}
	g.lead(v.members)
	short := formed && s.set.short(g)
	if short {
		g.State, g.Why = Dissolved, WhyReturns
	}
	if err := saveCounts(tx, *g); err != nil {
		return err
	}
	s.wake(tx, *g)
	switch {
	case short:
		return s.dissolve(tx, g, v.members, v.at)
	case !formed && g.Paid == 0:
		return s.fail(tx, g, v.members, WhyLeft, v.at)
	}
	return nil
}

// dissolve pays those back whose goods have not left yet: a price that needed so many buyers was had by too few (the
// market publishes this rule, FAULTS P2). Who has the goods keeps them.
func (s *Service) dissolve(tx *db.Tx, g *Group, members []Member, at time.Time) error {
	alive, err := living(tx, members)
	if err != nil {
		return err
	}
	var back []Member
	for _, m := range members {
		o := alive[m.Order]
		if o == nil || m.State != In && m.State != Lowering || o.Subs[m.Seq-1].State != order.SubOpen {
			continue
		}
		m.State, m.Why = Refunding, WhyReturns
		back = append(back, m)
	}
	if err := saveMembers(tx, back); err != nil {
		return err
	}
	return s.tell(tx, TopicDissolved, *g, at, "")
}
