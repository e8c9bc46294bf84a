package shopweb

import (
	"context"
	"slices"

	"hutong/base/money"
	"hutong/surface/page"
	"hutong/trade/checkout"
	"hutong/trade/order"
)

// termsView is what a shopper was promised beside what holds now: pressing the button below it is the consent (FAULTS
// R22).
type termsView struct {
	Was, Now string // the totals
	Lines    []termsLine
	Gone     []string // what was taken off and is not any more
}

type termsLine struct{ Title, Was, Now string }

// termsOf compares; nil where nothing that is paid is another. A basket that cannot be placed has no terms.
func (w *web) termsOf(ctx context.Context, t page.Tongue, was order.Order, q checkout.Quote) (*termsView, error) {
	cash := func(minor int64) string { return t.Money(money.New(minor, q.Currency)) }
	v := termsView{Was: cash(was.Together()), Now: cash(q.Order.Together())}
	now := map[string]order.Line{}
	given := map[string]bool{}
	for _, l := range q.Order.Lines() {
		now[l.Offer] = l
		for _, d := range discountsOf(l) {
			given[d.Promotion] = true
		}
	}
	for _, l := range was.Lines() {
		n, there := now[l.Offer]
		if there && n.Quantity == l.Quantity && n.Paid != l.Paid {
			v.Lines = append(v.Lines, termsLine{l.Title, cash(l.Paid), cash(n.Paid)})
		}
		if err := w.gone(ctx, t, l, given, &v); err != nil {
			return nil, err
		}
	}
	if q.Token == "" || len(v.Lines) == 0 && v.Was == v.Now {
		return nil, nil
	}
	return &v, nil
}

// gone names what was taken off a line and is not given any more.
func (w *web) gone(ctx context.Context, t page.Tongue, l order.Line, given map[string]bool, v *termsView) error {
	for _, d := range discountsOf(l) {
		if given[d.Promotion] {
			continue
		}
		title, err := w.titleOf(ctx, t, d, map[string]string{})
		if err != nil {
			return err
		}
		if !slices.Contains(v.Gone, title) {
			v.Gone = append(v.Gone, title)
		}
	}
	return nil
}

// discountsOf are what was taken off a line; one that cannot be read was refused when it was quoted.
func discountsOf(l order.Line) []order.Discount {
	all, err := order.DecodeDiscounts(l.Discounts)
	if err != nil {
		return nil
	}
	return all
}
