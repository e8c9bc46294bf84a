package group

import (
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/deal/promo"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/trade/checkout"
)

var _ checkout.Groups = (*Service)(nil)

// Claim is a claim as a quote takes it: checkout.Groups. It looks, and holds nothing: places are given to who has paid.
// What is bought in a group is bought alone, since all of it comes back if the group fails.
//
// Codes: group.not_found, group.alone, group.over, group.full, group.ended, group.already_in, group.stopped,
// group.cannot_complete, group.barred.
func (s *Service) Claim(tx *db.Tx, a checkout.GroupAsk) (c promo.Claimed, ok bool, err error) {
	w, ok := wishOf(a.Claim)
	if !ok {
		return c, false, nil
	}
	g, err := wanted(tx, &w, a.Invited)
	if err != nil {
		return c, true, err
	}
	o, found, err := offerByID(tx, w.offer)
	switch {
	case err != nil:
		return c, true, err
	case !found:
		return c, true, notFound()
	case len(a.Lines) != 1 || a.Lines[0].Offer != o.Goods:
		return c, true, fault.New(fault.Invalid, "group.alone").At("lines")
	case !o.InForce(a.At):
		return c, true, fault.New(fault.Expired, "group.over").At("claims")
	}
	if err := s.barred(tx, a.Shopper, a.At); err != nil {
		return c, true, err
	}
	if g != nil {
		c.Promotion, c.Claim = string(o.ID), string(g.ID)
		return c, true, g.admits(tx, a)
	}
	c.Promotion, c.Claim = string(o.ID), ClaimOpen(o.ID, w.private)
	return c, true, o.canOpen(tx, a)
}

// Rungs are the prices below an offer's first: checkout.Groups.
func (s *Service) Rungs(tx *db.Tx, promotion string) (prices []int64, err error) {
	o, found, err := offerByID(tx, OfferID(promotion))
	if err != nil || !found {
		return nil, err
	}
	for _, step := range o.Steps[1:] {
		prices = append(prices, step.Price)
	}
	return prices, nil
}

// wanted finds the group that a wish names, nil for one that opens a new one. A private group is found by its code
// only, except by who was let into it before.
func wanted(tx *db.Tx, w *wish, invited bool) (*Group, error) {
	if w.offer != "" {
		return nil, nil
	}
	find := func() (Group, bool, error) { return groupByCode(tx, w.code) }
	if w.group != "" {
		find = func() (Group, bool, error) { return groupByID(tx, w.group) }
	}
	g, found, err := find()
	if err == nil && (!found || g.Private && w.group != "" && !invited) {
		err = notFound()
	}
	w.offer = g.Offer
	return &g, err
}

func notFound() error { return fault.New(fault.NotFound, "group.not_found").At("claims") }

// admits tells whether a shopper may try for a place.
func (g *Group) admits(tx *db.Tx, a checkout.GroupAsk) error {
	switch {
	case g.State == Formed || g.State == Forming && g.Paid >= g.Places:
		return fault.New(fault.SoldOut, "group.full").At("claims")
	case !g.Takes(a.At):
		return fault.New(fault.Expired, "group.ended").At("claims")
	}
	in, err := counts(tx, g.ID, a.Shopper)
	if err == nil && in {
		err = fault.New(fault.Conflict, "group.already_in").At("claims")
	}
	return err
}

// canOpen refuses a group that could not be completed: fewer pieces are free than members are needed (T3.1c).
func (o *Offer) canOpen(tx *db.Tx, a checkout.GroupAsk) error {
	if !o.Opens(a.At) {
		return fault.New(fault.SoldOut, "group.stopped").At("claims")
	}
	goods, err := offer.Load(tx, []offer.ID{offer.ID(o.Goods)})
	if err != nil {
		return err
	}
	pool := goods[offer.ID(o.Goods)].Pool
	free, err := stock.Free(tx, []stock.PoolID{pool})
	if err == nil && free[pool] < a.Lines[0].Quantity+o.Size()-1 {
		err = fault.New(fault.SoldOut, "group.cannot_complete", fault.P("free", free[pool]), fault.P("size", o.Size())).
			At("claims")
	}
	return err
}

// barred refuses a shopper who took goods back after groups had formed too often (FAULTS P2).
func (s *Service) barred(tx *db.Tx, shopper string, at time.Time) error {
	n, err := returns(tx, shopper, at.Add(-s.set.ReturnsTime))
	if err == nil && s.set.ReturnsMax > 0 && n >= s.set.ReturnsMax {
		days := int64(s.set.ReturnsTime / (24 * time.Hour))
		err = fault.New(fault.Limited, "group.barred", fault.P("times", n), fault.P("days", days)).At("claims")
	}
	return err
}
