package shopweb

import (
	"context"
	_ "embed"
	"net/http"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/surface/page"
	"hutong/trade/order"
)

//go:embed text_guarantee.json
var guaranteeTextJSON []byte

// guaranteeTexts are the sentences about the price guarantee.
var guaranteeTexts = text.MustParse(guaranteeTextJSON)

// guaranteeView is the price guarantee of one line of an order.
type guaranteeView struct {
	Text  string
	Back  string   // what was given back, with the word
	Falls []string // why: each fall of the price that something was given back for, oldest first
	Open  bool     // a lower price may still be asked for
}

// guaranteesOf says of each line that is, or was, under the price guarantee until when, and what it brought.
func (w *web) guaranteesOf(ctx context.Context, t page.Tongue, v *orderView, o order.Order) error {
	if w.Guarantee == nil {
		return nil
	}
	all, err := w.Guarantee.OfOrder(ctx, o.Shopper, o.ID)
	if err != nil {
		return err
	}
	now, views, given := clock.Now(ctx, w.Clock), map[int64]*guaranteeView{}, false
	left := map[int64]int64{}
	for _, l := range o.Lines() {
		left[l.No] = l.Left()
	}
	for _, g := range all {
		if left[g.No] == 0 && g.Given == 0 {
			continue // it went back: nothing of it can be lower
		}
		one := &guaranteeView{Open: now.Before(g.Until)}
		key := "shopweb.guaranteed_over"
		if one.Open {
			key = "shopweb.guaranteed"
		}
		one.Text = t.T(key, "until", t.When(g.Until))
		if g.Given > 0 {
			given = true
			one.Back = t.T("shopweb.guaranteed_back", "amount", t.Money(money.New(g.Given, o.Currency)))
		}
		if left[g.No] == 0 {
			one.Open, one.Text, one.Back = false, one.Back, ""
		}
		views[g.No] = one
	}
	if given {
		if err := w.fallsOf(ctx, t, o, views); err != nil {
			return err
		}
	}
	for i := range v.Subs {
		for n := range v.Subs[i].Lines {
			l := &v.Subs[i].Lines[n]
			l.Guarantee = views[l.No]
		}
	}
	return nil
}

// fallsOf says of each line from what to what its price fell each time that something was given back.
func (w *web) fallsOf(ctx context.Context, t page.Tongue, o order.Order, views map[int64]*guaranteeView) error {
	all, err := w.Guarantee.ClaimsOf(ctx, o.Shopper, o.ID)
	if err != nil {
		return err
	}
	in := func(minor int64) string { return t.Money(money.New(minor, o.Currency)) }
	for _, c := range all {
		if one := views[c.Line]; one != nil && c.Amount > 0 {
			one.Falls = append(one.Falls, t.T("shopweb.guaranteed_fall", "when", t.When(c.At), "from", in(c.From),
				"now", in(c.Now), "n", t.Count(c.Pieces), "amount", in(c.Amount)))
		}
	}
	return nil
}

// guarantee compares the price of a line now and goes back to the order with what that brought.
func (w *web) guarantee(rw http.ResponseWriter, r *http.Request) error {
	if w.Guarantee == nil {
		return fault.New(fault.NotFound, "order.not_found")
	}
	line, err := number(r, "line")
	if err != nil {
		return err
	}
	id, ctx := r.PathValue("order"), r.Context()
	o, err := w.Orders.Order(ctx, shopperOf(ctx), order.ID(id))
	if err != nil {
		return err
	}
	c, err := w.Guarantee.Claim(ctx, shopperOf(ctx), o.ID, line)
	if err != nil {
		return w.refusedOrder(rw, r, err)
	}
	switch {
	case c.Amount > 0:
		amount := w.set.In(w.frame(r, "").Lang).Money(money.New(c.Amount, o.Currency))
		page.Flash(rw, "good", "shopweb.guarantee_paid", "amount", amount)
	case c.Reason != "":
		page.Flash(rw, "plain", c.Reason)
	default:
		page.Flash(rw, "plain", "shopweb.guarantee_same")
	}
	return see(rw, r, "/orders/"+id)
}
