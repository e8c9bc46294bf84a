package shopweb

import (
	"context"
	_ "embed"
	"net/http"
	"slices"

	"hutong/base/clock"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/funds/pay"
	"hutong/surface/page"
	"hutong/trade/checkout"
	"hutong/trade/order"
)

//go:embed text_bill.json
var billTextJSON []byte

// billTexts are the sentences about orders that are paid together.
var billTexts = text.MustParse(billTextJSON)

// balanceView is the open balance of a presale, in the cart or at checkout.
type balanceView struct {
	Order, Href, Title, Choice, Picture string
	Tint                                int
	On                                  bool
	Earnest                             string // "earnest ¥10.00 paid"
	Amount                              string // what is left to pay
	Off                                 string // what promotions take off it, "" for nothing
	Due                                 string
}

func balanceOf(t page.Tongue, o order.Order, l order.Line, ask, off int64) balanceView {
	cash := func(minor int64) string { return t.Money(money.New(minor, o.Currency)) }
	v := balanceView{Order: string(o.ID), Href: "/orders/" + string(o.ID), Title: l.Title, Choice: l.Choice,
		Picture: pictureURL(l.Picture, small), Tint: page.TintOf(l.Product), Amount: cash(ask),
		Earnest: t.T("shopweb.bill_earnest", "amount", cash(o.Presale.Earnest)),
		Due:     t.T("shopweb.bill_due", "time", t.When(o.Presale.Due))}
	if off > 0 {
		v.Off = "−" + cash(off)
	}
	return v
}

// balancesOf are the balances that a quote pays with its goods.
func balancesOf(t page.Tongue, q checkout.Quote) (all []balanceView) {
	for _, b := range q.Balances {
		all = append(all, balanceOf(t, b.Order, b.Line, b.Ask, b.Off))
	}
	return all
}

// named are the balances of a plan.
func (p plan) named() (ids []order.ID) {
	for _, id := range p.balances {
		if len(id) <= claimMax && !slices.Contains(ids, order.ID(id)) {
			ids = append(ids, order.ID(id))
		}
	}
	return ids
}

// owed puts the shopper's open balances into the cart: they are paid with goods where they are ticked.
func (w *web) owed(r *http.Request, t page.Tongue, v *cartView, who string) error {
	all, err := w.Orders.OpenBalances(r.Context(), who)
	for _, o := range all {
		b := balanceOf(t, o, o.Subs[0].Lines[0], o.Balance(), 0)
		if b.On = slices.Contains(r.Form["balance"], b.Order); b.On {
			v.Owed++
		}
		v.Balances = append(v.Balances, b)
	}
	return err
}

// ticked are the balances that are to be paid.
func (v *cartView) ticked() (ids []order.ID) {
	for _, b := range v.Balances {
		if b.On {
			ids = append(ids, order.ID(b.Order))
		}
	}
	return ids
}

// price sets the balances as they are paid with the goods, and tells what is taken off them.
func (v *cartView) price(t page.Tongue, q checkout.Quote) (saved int64) {
	for _, b := range q.Balances {
		for i := range v.Balances {
			if v.Balances[i].Order == string(b.Order.ID) {
				v.Balances[i] = balanceOf(t, b.Order, b.Line, b.Ask, b.Off)
				v.Balances[i].On = true
				saved += b.Off
			}
		}
	}
	return saved
}

// pickSome leads back who would buy nothing. A lone balance is paid at its own order.
func pickSome(rw http.ResponseWriter, r *http.Request, p plan) error {
	switch len(p.balances) {
	case 0:
		page.Flash(rw, "plain", "shopweb.pick_some")
	case 1:
		if id := p.named(); len(id) == 1 {
			return see(rw, r, "/orders/"+string(id[0]))
		}
	default:
		page.Flash(rw, "plain", "shopweb.bill_goods")
	}
	return see(rw, r, "/cart")
}

// billView is what an order's page says of the orders that one payment pays with it.
type billView struct {
	Title, Text string
	Rows        []billRow
	Total       string
	Pay         string // where all of them are paid, from another's page
	Wallet      string // with what they were paid
}

type billRow struct {
	Href, Title, Amount string // no Href: it is this page's
}

// billOf shows the orders that are paid together with one; nil for an order that is paid alone. One that ended can be
// bought again: the goods of a bill that was dissolved are in no cart.
func (w *web) billOf(ctx context.Context, t page.Tongue, v *orderView, o order.Order) error {
	v.CanRepeat = o.Presale == nil && (o.State == order.Cancelled || o.State == order.Completed)
	if o.State == order.Cancelled && o.Reason == order.WhyBill {
		v.Notice = page.Notice{Tone: "plain", Text: t.T("shopweb.bill_ended")}
	}
	parts, total, err := w.Orders.Bill(ctx, o.Shopper, o.ID)
	if err != nil || len(parts) < 2 {
		return err
	}
	b := &billView{Title: t.T("shopweb.bill"), Text: t.T("shopweb.bill_paid"), Total: t.Money(total)}
	v.bill = total
	for _, p := range parts {
		row := billRow{Href: "/orders/" + string(p.Order), Title: p.Title, Amount: t.Money(money.New(p.Ask, total.Currency))}
		if p.Pieces > 1 {
			row.Title = t.T("shopweb.bill_more", "title", p.Title, "n", p.Pieces)
		}
		if p.Order == o.ID {
			row.Href = ""
		}
		b.Rows = append(b.Rows, row)
	}
	if o.State == order.AwaitingPayment {
		b.Text = t.T("shopweb.bill_waits")
		if !o.Leads() && clock.Now(ctx, w.Clock).Before(o.ExpiresAt) {
			b.Pay = "/orders/" + string(o.Bill) + "#pay"
		}
		v.Bill = b
		return nil
	}
	attempts, err := w.Pay.Attempts(ctx, string(o.ID))
	for _, a := range attempts {
		if a.Bill != "" && a.State == pay.Succeeded && a.Txn != "" {
			b.Wallet = t.T("shopweb.bill_with", "wallet", t.Wallet(a.Wallet), "amount", t.Money(a.Asked()))
		}
	}
	v.Bill = b
	return err
}
