package checkout

import (
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/promo"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/trade/order"
)

// checkBalances refuses a basket that names balances which cannot be paid with it: with the earnest of a presale, with
// too many pieces for promotions to be counted, too many, or one twice. Codes: checkout.balances.
func checkBalances(b Basket) error {
	if len(b.Balances) == 0 {
		return nil
	}
	once := slices.Compact(slices.Sorted(slices.Values(b.Balances)))
	if b.Presale != "" || wholesale(b) || len(b.Balances) > order.PartsMax || len(once) < len(b.Balances) {
		return fault.New(fault.Unprocessable, "checkout.balances", fault.P("max", order.PartsMax)).At("balances")
	}
	return nil
}

// balances puts the balances that the basket names on the quote, as they were agreed. One that cannot be paid now is a
// Problem, under its order's id.
func (q *Quote) balances(tx *db.Tx, who string, b Basket, at time.Time) error {
	if len(b.Balances) == 0 {
		return nil
	}
	open, not, err := order.LoadBalances(tx, who, b.Balances, at)
	for _, o := range open {
		q.Balances = append(q.Balances, BalanceLine{Order: o, Line: o.Subs[0].Lines[0]})
	}
	for _, id := range b.Balances {
		if why := not[id]; why != nil {
			q.Problems = append(q.Problems, Problem{Offer: string(id), Err: why})
		}
	}
	return err
}

// open are those of some balances that the quote has.
func (q Quote) open(ids []order.ID) (open []order.ID) {
	for _, id := range ids {
		if slices.ContainsFunc(q.Balances, func(l BalanceLine) bool { return l.Order.ID == id }) {
			open = append(open, id)
		}
	}
	return open
}

// agreedLine is the goods of a presale order as they were agreed, as the engine reads them. Of what it may take off,
// the earnest and one minor unit of each piece are left, and the shop's floor as it is now, where that is more.
func agreedLine(o order.Order, category string, floor int64) promo.Line {
	l := o.Subs[0].Lines[0]
	return promo.Line{ID: l.Offer, Shop: l.Shop, SKU: l.SKU, Categories: promo.Path(category), Agreed: true,
		UnitPrice: o.Presale.Value / l.Quantity, Quantity: l.Quantity,
		Floor: max((o.Presale.Earnest+l.Quantity-1)/l.Quantity+1, floor)}
}

// agreed adds to the lines that the engine prices those of balances. They are named by their orders: the same offer may
// be in the basket for itself.
func (s *Service) agreed(tx *db.Tx, lines []promo.Line, balances []BalanceLine) ([]promo.Line, error) {
	if len(balances) == 0 {
		return lines, nil
	}
	skus, ids := make([]catalog.SKUID, len(balances)), make([]offer.ID, len(balances))
	for i, b := range balances {
		skus[i], ids[i] = catalog.SKUID(b.Line.SKU), offer.ID(b.Line.Offer)
	}
	offers, err := offer.Load(tx, ids)
	if err != nil {
		return nil, err
	}
	briefs, err := s.catalog.Briefs(tx, skus)
	for i, b := range balances {
		l := agreedLine(b.Order, briefs[skus[i]].Category, offers[ids[i]].FloorPrice)
		l.ID = string(b.Order.ID)
		lines = append(lines, l)
	}
	return lines, err
}

// takeBalances puts the answer on the balances: beside what was agreed, what is taken off now.
func (q *Quote) takeBalances(byID map[string]promo.LineAnswer) error {
	for i := range q.Balances {
		b := &q.Balances[i]
		answer := byID[string(b.Order.ID)]
		agreed, err := order.DecodeDiscounts(b.Line.Discounts)
		if err != nil {
			return err
		}
		if err := b.Line.Take(append(agreed, discountsOf(answer, nil)...)); err != nil {
			return err
		}
		if b.Line.Paid != answer.Paid {
			return fault.New(fault.Internal, "order.discounts")
		}
	}
	return nil
}

// bill adds up what is paid together. Codes: checkout.balances where the goods cost nothing: then nothing of theirs
// would be paid with the balances.
func (q *Quote) bill() error {
	if len(q.Balances) == 0 {
		return nil
	}
	all := money.New(q.Order.Total, q.Currency)
	for i := range q.Balances {
		b := &q.Balances[i]
		b.Off = b.Order.Presale.Value - b.Line.Paid
		b.Ask = b.Order.Balance() - b.Off
		sum, err := all.Add(money.New(b.Ask, b.Order.Currency))
		if err != nil || sum.Minor > AmountMax {
			return fault.New(fault.Unprocessable, "checkout.amount_range").At("balances").Because(err)
		}
		all = sum
		rules := b.Order.Rules
		if b.Off > 0 {
			rules = q.Order.Rules
		}
		q.Order.Parts = append(q.Order.Parts, order.Part{Order: b.Order.ID, Value: b.Order.Presale.Value, Fixed: b.Line,
			Rules: rules, Ask: b.Ask, Due: b.Order.Presale.Due})
	}
	if q.Order.Total == 0 && len(q.Problems) == 0 {
		return fault.New(fault.Unprocessable, "checkout.balances", fault.P("max", order.PartsMax)).At("balances")
	}
	return nil
}

// parts adds to a token the balances that are paid with its order. What stands there of a presale begins with its item;
// this with none.
func (p *packer) parts(all []order.Part) {
	p.text("")
	p.number(int64(len(all)))
	for _, v := range all {
		p.text(string(v.Order))
		p.text(v.Fixed.Discounts)
		for _, n := range []int64{v.Value, v.Fixed.No, v.Fixed.Seq, v.Fixed.Paid, v.Fixed.Discount, v.Fixed.Funded, v.Rules,
			v.Ask, clock.Micros(v.Due)} {
			p.number(n)
		}
	}
}

func (u *unpacker) parts(o *order.Order) {
	for range u.count() {
		v := order.Part{Order: order.ID(u.text())}
		v.Fixed.Discounts = u.text()
		due := int64(0)
		for _, n := range []*int64{&v.Value, &v.Fixed.No, &v.Fixed.Seq, &v.Fixed.Paid, &v.Fixed.Discount, &v.Fixed.Funded,
			&v.Rules, &v.Ask, &due} {
			*n = u.number()
		}
		v.Due = clock.FromMicros(due)
		o.Parts = append(o.Parts, v)
	}
}
