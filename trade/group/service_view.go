package group

import (
	"context"
	"slices"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/trade/order"
)

// Box is what a product's page says of buying it together.
type Box struct {
	Offer  Offer
	Opens  bool    // a group can be opened now
	Groups []Group // that anybody may join, those with the nearest deadline first
}

// boxMax bounds the groups that a product's page shows for one offer.
const boxMax = 5

// OfProduct are the offers to groups of a product that hold now, each with the groups that a shopper can join.
func (s *Service) OfProduct(ctx context.Context, product string) (all []Box, err error) {
	at := clock.Now(ctx, s.Clock)
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all = nil
		offers, err := offersOf(tx, product)
		if err != nil {
			return err
		}
		for _, o := range offers {
			if !o.InForce(at) {
				continue
			}
			groups, err := forming(tx, o.ID, at, boxMax)
			if err != nil {
				return err
			}
			if o.Opens(at) || len(groups) > 0 {
				all = append(all, Box{Offer: o, Opens: o.Opens(at), Groups: groups})
			}
		}
		return nil
	})
	return all, err
}

// View is a group as somebody sees it.
type View struct {
	Group
	Offer   Offer
	Members []Member // that have or had a place, in the order of their payments
	Mine    *Member  // the viewer's own place, nil: none
}

// Show reads a group by the code of its link, or by its id if it is public or the viewer is in it.
// Codes: group.not_found.
func (s *Service) Show(ctx context.Context, viewer, key string) (v View, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		var found bool
		g, byCode, err := groupByCode(tx, TidyCode(key))
		if err != nil {
			return err
		}
		if found = byCode; !found {
			if g, found, err = groupByID(tx, ID(key)); err != nil {
				return err
			}
		}
		if !found {
			return fault.New(fault.NotFound, "group.not_found")
		}
		if v, err = view(tx, viewer, g); err != nil {
			return err
		}
		if g.Private && !byCode && v.Mine == nil {
			return fault.New(fault.NotFound, "group.not_found")
		}
		return nil
	})
	return v, err
}

func view(tx *db.Tx, viewer string, g Group) (v View, err error) {
	v.Group = g
	if v.Offer, _, err = offerByID(tx, g.Offer); err != nil {
		return v, err
	}
	members, err := membersOf(tx, g.ID)
	for i, m := range members {
		if m.Shopper == viewer && viewer != "" && (v.Mine == nil || m.No > 0) {
			v.Mine = &members[i]
		}
		if m.No > 0 {
			v.Members = append(v.Members, m)
		}
	}
	return v, err
}

// Mine is a shopper's place in a group.
type Mine struct {
	Member
	Group Group // zero where no group could be opened
	Offer Offer
}

// Moved tells that the group that the order o was placed for was full when it was paid, so that it opened the next one.
func (m *Mine) Moved(o order.Order) (bool, error) {
	if m.Group.ID == "" {
		return false, nil
	}
	all, err := grouped(o)
	for _, b := range all {
		if w, ok := wishOf(b.claim); b.line.No == m.Line && ok {
			return w.group != "" && w.group != m.Group.ID, nil
		}
	}
	return false, err
}

// Sought is a place in a group that an order is to be paid for: in one that it joins, or in one that it opens.
type Sought struct {
	Offer Offer
	Group Group // zero where one is opened
	In    bool  // the shopper is in the group by another order: a payment would come back
	Twin  bool  // another order of the shopper's waits to be paid for the same group: of the two one gets in
}

// Sought are the places that an order would be paid for, be it quoted or placed; none of one that is bought alone.
func (s *Service) Sought(ctx context.Context, o order.Order) (all []Sought, err error) {
	lines, err := grouped(o)
	if err != nil || len(lines) == 0 {
		return nil, err
	}
	unpaid, err := s.unpaid(ctx, o)
	if err != nil {
		return nil, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all = nil
		for _, b := range lines {
			var one Sought
			w, ok := wishOf(b.claim)
			if !ok {
				continue
			}
			if one.Offer, _, err = offerByID(tx, b.offer); err != nil {
				return err
			}
			if w.group != "" {
				if one.Group, _, err = groupByID(tx, w.group); err != nil {
					return err
				}
				if one.In, err = counts(tx, w.group, o.Shopper); err != nil {
					return err
				}
				one.Twin = slices.Contains(unpaid, w.group)
			}
			all = append(all, one)
		}
		return nil
	})
	return all, err
}

// twinsMax is how many of a shopper's newest orders are looked through for unpaid ones: these live for minutes.
const twinsMax = 20

// unpaid are the groups that other orders of an order's shopper wait to be paid for.
func (s *Service) unpaid(ctx context.Context, o order.Order) (groups []ID, err error) {
	all, err := s.Orders.ByShopper(ctx, o.Shopper, "", twinsMax)
	if err != nil {
		return nil, err
	}
	for _, other := range all {
		if other.ID == o.ID || other.State != order.AwaitingPayment {
			continue
		}
		lines, err := grouped(other)
		if err != nil {
			return nil, err
		}
		for _, b := range lines {
			if w, ok := wishOf(b.claim); ok && w.group != "" {
				groups = append(groups, w.group)
			}
		}
	}
	return groups, nil
}

// ByShopper are a shopper's places, newest first, from before an order; "" starts.
func (s *Service) ByShopper(ctx context.Context, shopper string, before order.ID, limit int) (all []Mine, err error) {
	if before == "" {
		before = "~" // sorts after every id
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		members, err := ofShopper(tx, shopper, before, limit)
		if err != nil {
			return err
		}
		all = make([]Mine, len(members))
		for i, m := range members {
			all[i].Member = m
			if all[i].Group, _, err = groupByID(tx, m.Group); err != nil {
				return err
			}
			if all[i].Offer, _, err = offerByID(tx, m.Offer); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

// OfOrder are the places that an order of the shopper's has or had.
func (s *Service) OfOrder(ctx context.Context, shopper string, o order.ID) (all []Mine, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all = nil
		members, err := ofOrders(tx, []order.ID{o})
		if err != nil {
			return err
		}
		for _, m := range members {
			if m.Shopper != shopper || shopper == "" {
				continue
			}
			mine := Mine{Member: m}
			if mine.Group, _, err = groupByID(tx, m.Group); err != nil {
				return err
			}
			all = append(all, mine)
		}
		return nil
	})
	return all, err
}
