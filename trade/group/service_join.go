package group

import (
	"fmt"
	"slices"
	"time"

	"hutong/base/db"
	"hutong/trade/order"
)

// arrival is one paid line that comes for its place.
type arrival struct {
	offer   Offer
	member  Member
	private bool
	at      time.Time // when it was paid
	full    ID        // the group that it wanted, once that was found full
}

// enter decides what a paid line becomes: a member of the group that it wants, the leader of the next one when that is
// full, or paid back. A line that was decided is left as it is.
func (s *Service) enter(tx *db.Tx, b bought, at time.Time) error {
	if _, known, err := memberBy(tx, b.order.ID, b.line.No); err != nil || known {
		return err
	}
	o, found, err := offerByID(tx, b.offer)
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("group: order %s was bought under the offer %s, which is not there", b.order.ID, b.offer)
	}
	w, _ := wishOf(b.claim)
	a := arrival{offer: o, private: w.private, at: at, member: Member{Order: b.order.ID, Line: b.line.No, Seq: b.line.Seq,
		Offer: o.ID, Shopper: b.order.Shopper, Quantity: b.line.Quantity, State: Waiting, PaidAt: at}}
	if w.group != "" {
		return s.join(tx, a, w.group)
	}
	return s.open(tx, a)
}

// join takes a place in a group. Orders are locked after their group everywhere in this room.
func (s *Service) join(tx *db.Tx, a arrival, id ID) error {
	g, found, err := lockGroup(tx, id)
	if err != nil {
		return err
	}
	if !found || g.Offer != a.offer.ID {
		return fmt.Errorf("group: order %s joins %s, which is not of its offer", a.member.Order, id)
	}
	a.private = g.Private
	in, err := counts(tx, id, a.member.Shopper)
	if err != nil {
		return err
	}
	if in {
		return s.payBack(tx, a, id, WhyTwice)
	}
	if g.State == Forming && !a.at.Before(g.Deadline) { // time is up, and nobody has said so yet
		waits, err := untold(tx, g)
		switch {
		case err != nil:
			return err
		case waits: // who came late decides nothing about those who came in time
			return s.payBack(tx, a, id, WhyLate)
		}
		if err := s.decide(tx, &g, a.offer, a.at); err != nil {
			return err
		}
	}
	won, err := takePlace(tx, id, a.at)
	switch {
	case err != nil:
		return err
	case won:
		g.Paid, g.Kept = g.Paid+1, g.Kept+1
		return s.seat(tx, a, &g)
	case g.State == Failed:
		return s.payBack(tx, a, id, WhyLate)
	}
	a.full = id
	return s.open(tx, a) // over-full: the surplus payer leads the next one
}

// open opens a group with a fresh window, led by who paid.
func (s *Service) open(tx *db.Tx, a arrival) error {
	if !a.offer.Opens(a.at) {
		return s.payBack(tx, a, "", WhyWithdrawn)
	}
	g := Group{ID: ID(s.IDs.New("grp")), Offer: a.offer.ID, Shop: a.offer.Shop, Private: a.private,
		Leader: a.member.Shopper, Size: a.offer.Size(), Places: a.offer.Places, Paid: 1, Kept: 1, State: Forming,
		OpenedAt: a.at, Deadline: a.offer.deadline(a.at)}
	for taken := true; taken; {
		var err error
		if g.Code, err = newCode(s.Rand, g.Private); err != nil {
			return err
		}
		if taken, err = codeTaken(tx, g.Code); err != nil {
			return err
		}
	}
	if err := insertGroup(tx, g); err != nil {
		return err
	}
	if err := s.seat(tx, a, &g); err != nil {
		return err
	}
	return s.tell(tx, TopicOpened, g, a.at, a.full)
}

// seat writes a member whose place is counted already. The last place forms the group.
func (s *Service) seat(tx *db.Tx, a arrival, g *Group) (err error) {
	a.member.Group = g.ID
	if a.member.No, err = lastNo(tx, g.ID); err != nil {
		return err
	}
	a.member.No++
	if err := insertMember(tx, a.member); err != nil {
		return err
	}
	s.wake(tx, *g)
	return s.decide(tx, g, a.offer, a.at)
}

// payBack notes a payment that found no place, for Settle.
func (s *Service) payBack(tx *db.Tx, a arrival, g ID, why string) error {
	a.member.Group, a.member.No, a.member.State, a.member.Why = g, 0, Refunding, why
	return insertMember(tx, a.member)
}

// decide ends a group whose places are all taken or whose time is up; any other is left to form. Its row is locked. Who
// gave the goods back meanwhile is found out before success is declared, not after.
func (s *Service) decide(tx *db.Tx, g *Group, o Offer, at time.Time) error {
	over := !at.Before(g.Deadline)
	if g.Paid < g.Places && !over {
		return nil
	}
	members, err := membersOf(tx, g.ID)
	if err != nil {
		return err
	}
	if err := s.drop(tx, g, members, at); err != nil {
		return err
	}
	switch {
	case g.Paid >= g.Size && (over || g.Paid == g.Places):
		return s.form(tx, g, o, members, at)
	case over:
		return s.fail(tx, g, members, WhyDeadline, at)
	}
	return nil
}

// drop takes the places back of waiting members whose orders have nothing left.
func (s *Service) drop(tx *db.Tx, g *Group, members []Member, at time.Time) error {
	alive, err := living(tx, members)
	if err != nil {
		return err
	}
	var gone []Member
	for i := range members {
		if m := &members[i]; m.State == Waiting && alive[m.Order] == nil {
			m.State, m.LeftAt = Left, at
			g.Paid, g.Kept = g.Paid-1, g.Kept-1
			gone = append(gone, *m)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	g.lead(members)
	if err := saveMembers(tx, gone); err != nil {
		return err
	}
	return saveCounts(tx, *g)
}

// lead passes the lead on when the leader has left.
func (g *Group) lead(members []Member) {
	first := slices.IndexFunc(members, func(m Member) bool { return m.State == Waiting || m.State == In })
	stays := slices.ContainsFunc(members, func(m Member) bool {
		return m.Shopper == g.Leader && (m.State == Waiting || m.State == In)
	})
	if first >= 0 && !stays {
		g.Leader = members[first].Shopper
	}
}

// living are the orders of members of which pieces are left, locked.
func living(tx *db.Tx, members []Member) (map[order.ID]*order.Order, error) {
	ids := make([]order.ID, len(members))
	for i, m := range members {
		ids[i] = m.Order
	}
	orders, err := order.Locked(tx, ids)
	all := make(map[order.ID]*order.Order, len(orders))
	for i := range orders {
		o := &orders[i]
		for _, m := range members {
			if m.Order == o.ID && lineOf(*o, m.Line).Left() > 0 {
				all[o.ID] = o
			}
		}
	}
	return all, err
}

func lineOf(o order.Order, no int64) order.Line {
	for _, l := range o.Lines() {
		if l.No == no {
			return l
		}
	}
	return order.Line{}
}
