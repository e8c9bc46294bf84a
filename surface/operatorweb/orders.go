package operatorweb

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"hutong/base/money"
	"hutong/surface/page"
	"hutong/trade/order"
)

const ordersPerPage = 30

// orders lists the market's orders, the newest first.
func (w *web) orders(rw http.ResponseWriter, r *http.Request) error {
	f, t := w.frame(r, "/operator/orders", "operatorweb.orders")
	before := order.ID(r.URL.Query().Get("before"))
	all, err := w.Orders.Recent(r.Context(), before, ordersPerPage+1)
	if err != nil {
		return err
	}
	names, err := w.shopNames(r.Context(), t)
	if err != nil {
		return err
	}
	v := ordersView{Frame: f, Empty: page.Empty{Title: t.T("operatorweb.no_orders")}}
	if len(all) > ordersPerPage {
		all = all[:ordersPerPage]
		v.Pager.Next = "/operator/orders?" + url.Values{"before": {string(all[len(all)-1].ID)}}.Encode()
	}
	if before != "" {
		v.Pager.First = "/operator/orders"
	}
	for _, o := range all {
		row := orderRow{Href: "/operator/orders/" + string(o.ID), Number: "…" + string(o.ID)[max(0, len(o.ID)-8):],
			When: t.When(o.PlacedAt), Total: t.Money(o.Amount()), Badge: t.OrderBadge(page.Operator, o)}
		var shops []string
		for _, s := range o.Subs {
			shops = append(shops, names[s.Shop])
		}
		row.Shops = strings.Join(shops, " · ")
		v.Orders = append(v.Orders, row)
	}
	return w.set.Render(rw, r, http.StatusOK, "all-orders", v)
}

// order shows one order whole: its parts, its payments, its transfers, its path.
func (w *web) order(rw http.ResponseWriter, r *http.Request) error {
	o, err := w.Orders.Any(r.Context(), order.ID(r.PathValue("order")))
	if err != nil {
		return err
	}
	f, t := w.frame(r, "/operator/orders", "operatorweb.order")
	v := orderView{Frame: f, ID: string(o.ID), PlacedAt: t.When(o.PlacedAt), Total: t.Money(o.Amount()),
		Badge: t.OrderBadge(page.Operator, o)}
	if err := w.parts(r.Context(), t, &v, o); err != nil {
		return err
	}
	if err := w.moneyOf(r.Context(), t, &v, o); err != nil {
		return err
	}
	for _, s := range o.Steps {
		of := t.T("operatorweb.whole")
		if s.Seq > 0 {
			of = t.T("operatorweb.part", "n", s.Seq)
		}
		v.Steps = append(v.Steps, stepRow{Of: of, From: stateWord(t, s.Seq, s.From), To: stateWord(t, s.Seq, s.To),
			Who: word(t, "actor", s.Actor) + " · " + word(t, "cause", s.Cause), At: t.When(s.At)})
	}
	return w.set.Render(rw, r, http.StatusOK, "one-order", v)
}

func (w *web) parts(ctx context.Context, t page.Tongue, v *orderView, o order.Order) error {
	names, err := w.shopNames(ctx, t)
	if err != nil {
		return err
	}
	parcels, err := w.Ship.Any(ctx, o.ID)
	if err != nil {
		return err
	}
	for _, s := range o.Subs {
		cash := func(minor int64) string { return t.Money(money.New(minor, o.Currency)) }
		row := subRow{Shop: names[s.Shop], Goods: cash(s.Goods), Freight: cash(s.Freight), Carrier: t.Carrier(s.Carrier),
			Badge: t.SubBadge(page.Operator, o.State, s)}
		for _, l := range s.Lines {
			row.Lines = append(row.Lines, t.T("operatorweb.line", "n", l.Quantity, "title", l.Title, "paid", cash(l.Paid)))
		}
		for _, p := range parcels {
			if p.Seq == s.Seq {
				row.Parcels = append(row.Parcels, p.TrackingNo+" · "+t.T("ship.state."+string(p.State)))
			}
		}
		v.Subs = append(v.Subs, row)
	}
	return nil
}

func (w *web) moneyOf(ctx context.Context, t page.Tongue, v *orderView, o order.Order) error {
	attempts, err := w.Pay.Attempts(ctx, string(o.ID))
	if err != nil {
		return err
	}
	for _, a := range attempts {
		v.Attempts = append(v.Attempts, attemptRow{ID: string(a.ID), Wallet: t.Wallet(a.Wallet), Amount: t.Money(a.Amount),
			Badge: attemptBadge(t, a.State), At: t.When(a.Created)})
	}
	refunds, err := w.Pay.Refunds(ctx, string(o.ID))
	if err != nil {
		return err
	}
	for _, f := range refunds {
		reason := f.Reason
		if t.Has(reason) {
			reason = t.T(reason)
		}
		v.Refunds = append(v.Refunds, refundRow{ID: string(f.ID), Wallet: t.Wallet(f.Wallet), Amount: t.Money(f.Amount),
			Badge: refundBadge(t, f.State), Reason: reason})
	}
	transfers, err := w.Ledger.OfOrder(ctx, string(o.ID))
	if err != nil {
		return err
	}
	names, err := w.shopNames(ctx, t)
	for _, tr := range transfers {
		v.Transfers = append(v.Transfers, transferRow{Seq: page.Itoa(tr.Seq), Kind: word(t, "kind", string(tr.Kind)),
			Debit: accountName(t, tr.Debit, names), Credit: accountName(t, tr.Credit, names),
			Amount: t.Money(money.New(tr.Amount, tr.Currency)), At: t.When(tr.At)})
	}
	return err
}
