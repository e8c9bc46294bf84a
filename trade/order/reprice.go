package order

import (
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/promo"
	"hutong/funds/settle"
)

// Repricing is what a refund comes to of an order whose rest is priced again: what is left costs by itself what it
// costs, under the promotions and claims that the order was placed with, and what was paid above that goes back, never
// less than nothing (RULES 1.6c).
type Repricing struct {
	Before int64 // what was paid for the goods that the shopper had
	Rest   int64 // what those that are left cost
	Share  int64 // what the pieces would bring by their share of the price
	Back   int64 // what goes back
	Fair   bool  // the pieces bring their share at least: that the rest is dearer is not the shopper's doing
}

// Costs is what the shopper pays for the pieces of the line that are left.
func (l *Line) Costs() int64 { return l.Paid - l.Refunded - l.Lowered + l.Kept }

// Lowerable is by how much the price of the line can still be lowered.
func (l *Line) Lowerable() int64 { return min(l.Costs(), l.Paid-l.Refunded-l.Lowered) }

// DiscountsOf is what was taken off a line, as its order keeps it.
func DiscountsOf(l promo.LineAnswer) []Discount {
	var all []Discount
	for _, d := range l.Discounts {
		if d.Amount == 0 {
			continue
		}
		kept := Discount{Promotion: d.Promotion, Version: d.Version, Kind: d.Kind, Claim: d.Claim, Amount: d.Amount}
		for _, f := range d.Funding() {
			if f.Amount > 0 {
				kept.Funding = append(kept.Funding, settle.Share{Party: f.Party, Amount: f.Amount})
			}
		}
		all = append(all, kept)
	}
	return all
}

// repriced are the lines of an order, in the order of their numbers, as a refund changes them.
type repriced struct {
	was, now []*Line // before it; and now, with their pieces and shares counted
	rest     []promo.LineAnswer
	cost     []int64 // of what is left of each line
	share    []int64 // of that, what is left by the share of the old price
}

// reprice prices the rest of an order again and puts what comes of it on its lines. The order of the lines is that of
// the basis.
func reprice(basis *promo.Basis, was, now []*Line, fair bool) (Repricing, error) {
	if basis.Lines() != len(now) || len(was) != len(now) {
		return Repricing{}, fault.New(fault.Internal, "order.discounts")
	}
	p := repriced{was: was, now: now, cost: make([]int64, len(now)), share: make([]int64, len(now))}
	left := make([]int64, len(now))
	for i, l := range now {
		left[i] = l.Left()
	}
	r := Repricing{Fair: fair}
	var err error
	if p.rest, err = basis.Rest(left); err == nil {
		err = p.costs(&r)
	}
	if err != nil {
		return Repricing{}, err
	}
	r.Back = max(0, r.Before-r.Rest)
	if fair {
		r.Back = max(r.Back, r.Share)
	}
	if r.Back == r.Before-r.Rest {
		return r, p.settle(func(i int) ([]Discount, error) { return DiscountsOf(p.rest[i]), nil })
	}
	return r, p.spread(r.Share - r.Back)
}

// costs finds what the rest of each line costs by itself, and what its share of the old price is. What its price was
// lowered by stays off it.
func (p *repriced) costs(r *Repricing) error {
	for i, l := range p.now {
		was := p.was[i]
		r.Before += was.Costs()
		if l.Left() == 0 {
			continue
		}
		gone, err := money.UnitsRefund(l.Paid, l.Quantity, 0, l.RefundedQuantity)
		if err != nil {
			return err
		}
		lowered := l.Paid - gone - (l.Paid - l.Refunded - l.Lowered)
		p.cost[i] = max(0, p.rest[i].Paid-lowered)
		r.Rest += p.cost[i]
		kept := was.Kept - was.Kept*(was.Left()-l.Left())/was.Left()
		p.share[i] = min(was.Costs(), max(0, l.Paid-l.Refunded-l.Lowered+kept))
	}
	r.Share = r.Before
	for _, s := range p.share {
		r.Share -= s
	}
	return nil
}

// spread leaves the rest at its share of the old price, and adds what the shopper does not get back of the returned
// pieces to what it costs, at most to what it costs by itself: its discounts shrink by that.
func (p *repriced) spread(more int64) error {
	room := make([]int64, len(p.now))
	for i := range room {
		room[i] = max(0, p.cost[i]-p.share[i])
	}
	adds, err := money.Apportion(more, room)
	if err != nil {
		return err
	}
	for i := range p.cost {
		p.cost[i] = p.share[i] + adds[i]
	}
	return p.settle(func(i int) ([]Discount, error) { return p.shrunk(i, adds[i]) })
}

// settle puts what the rest costs and its discounts on the lines.
func (p *repriced) settle(discounts func(i int) ([]Discount, error)) error {
	for i, l := range p.now {
		var all []Discount
		if l.Left() > 0 {
			var err error
			if all, err = discounts(i); err != nil {
				return err
			}
		}
		l.Kept = p.cost[i] - (l.Paid - l.Refunded - l.Lowered)
		l.KeptFunded = l.Funded - l.FundedBack - Funded(all)
		if err := l.stand(all); err != nil {
			return err
		}
	}
	return nil
}

// nothingOff is the stored form of the discounts of pieces that were priced again and have none.
const nothingOff = "[]"

// stand sets the discounts of the pieces that are left.
func (l *Line) stand(all []Discount) (err error) {
	if l.Standing, err = EncodeDiscounts(all); l.Standing == "" {
		l.Standing = nothingOff
	}
	return err
}

// stands are the discounts of the pieces that are left.
func (l *Line) stands() ([]Discount, error) {
	stored, gone := l.Standing, int64(0)
	if stored == "" {
		stored, gone = l.Discounts, l.RefundedQuantity
	}
	all, err := DecodeDiscounts(stored)
	if err != nil {
		return nil, err
	}
	return lessen(all, func(amount int64) (int64, error) { return money.UnitsRefund(amount, l.Quantity, 0, gone) })
}

// shrunk are the discounts of what is left of line i after its pieces went, less an amount, each payer's in proportion.
func (p *repriced) shrunk(i int, by int64) ([]Discount, error) {
	l, was := p.now[i], *p.was[i]
	all, err := was.stands()
	if err == nil && was.Standing == "" { // in one step from the whole line, as its funders' shares are counted
		was.RefundedQuantity = l.RefundedQuantity
		all, err = was.stands()
	} else if err == nil {
		all, err = lessen(all, func(amount int64) (int64, error) {
			return money.UnitsRefund(amount, was.Left(), 0, was.Left()-l.Left())
		})
	}
	if err != nil || by == 0 {
		return all, err
	}
	var weights []int64
	total := int64(0)
	for _, d := range all {
		for _, s := range d.Funding {
			weights, total = append(weights, s.Amount), total+s.Amount
		}
	}
	if len(weights) == 0 {
		return all, nil
	}
	less, err := money.Apportion(min(by, total), weights)
	if err != nil {
		return nil, err
	}
	n := -1
	return lessen(all, func(int64) (int64, error) { n++; return less[n], nil })
}

// lessen takes from each payer's share of some discounts what less says of it; those that come to nothing go.
func lessen(all []Discount, less func(amount int64) (int64, error)) (rest []Discount, err error) {
	for _, d := range all {
		left := d
		left.Amount, left.Funding, left.Rungs = 0, nil, nil
		for _, s := range d.Funding {
			n, err := less(s.Amount)
			if err != nil {
				return nil, err
			}
			if s.Amount -= n; s.Amount > 0 {
				left.Amount, left.Funding = left.Amount+s.Amount, append(left.Funding, s)
			}
		}
		if left.Amount > 0 {
			rest = append(rest, left)
		}
	}
	return rest, nil
}
