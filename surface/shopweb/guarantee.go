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
	Text string
	Back string // what was given back, with the word
	Open bool   // a lower price may still be asked for
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
	now, views := clock.Now(ctx, w.Clock), map[int64]*guaranteeView{}
	for _, g := range all {
		one := &guaranteeView{Open: now.Before(g.Until)}
		key := "shopweb.guaranteed_over"
		if one.Open {
			key = "shopweb.guaranteed"
		}
		one.Text = t.T(key, "until", t.When(g.Until))
		if g.Given > 0 {
			one.Back = t.T("shopweb.guaranteed_back", "amount", t.Money(money.New(g.Given, o.Currency)))
		}
		views[g.No] = one
	}
	for i := range v.Subs {
		for n := range v.Subs[i].Lines {
			l := &v.Subs[i].Lines[n]
			l.Guarantee = views[l.No]
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
