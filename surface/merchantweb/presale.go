package merchantweb

import (
	"net/http"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/trade/order"
)

// presaleView is what the shop reads of an order that is paid in two parts.
type presaleView struct {
	Facts   []page.Pair
	Outcome string
	Default string // what saying that it will not be delivered costs; "" where it cannot be said
}

func (w *web) presaleOf(r *http.Request, t page.Tongue, o order.Order) *presaleView {
	p := o.Presale
	if p == nil {
		return nil
	}
	cash := func(minor int64) string { return t.Money(money.New(minor, o.Currency)) }
	v := &presaleView{Facts: []page.Pair{{Name: t.T("merchantweb.presale_earnest"), Value: cash(p.Earnest)},
		{Name: t.T("merchantweb.presale_balance"), Value: cash(o.Balance())},
		{Name: t.T("merchantweb.presale_window"), Value: t.When(p.Opens) + " – " + t.When(p.Due)}}}
	if !p.EarnestPaidAt.IsZero() {
		v.Facts = append(v.Facts, page.Pair{Name: t.T("merchantweb.presale_paid"), Value: t.When(p.EarnestPaidAt)})
	}
	switch {
	case p.State == order.Forfeited:
		v.Outcome = t.T("merchantweb.presale_forfeited", "lost", cash(p.Forfeit))
	case p.State == order.Returned:
		v.Outcome = t.T("merchantweb.presale_returned", "twice", cash(p.SellerDefault()), "own", cash(p.Forfeit))
	case p.State == order.TakenBack:
		v.Outcome = t.T("merchantweb.presale_taken")
	case p.State == order.EarnestPaid && o.TakenAt.IsZero() && !p.Forfeits(clock.Now(r.Context(), w.Clock)) &&
		gate.Who(r.Context()).Can(login.CasesAnswer):
		v.Default = t.T("merchantweb.presale_default", "twice", cash(p.SellerDefault()), "own", cash(p.Forfeit))
	}
	return v
}

// shipsOf says when a part of an order is to be sent, and how it stands by that.
func shipsOf(t page.Tongue, o order.Order, s order.Sub, now time.Time) (text, tone string) {
	if o.State == order.Cancelled || s.State == order.SubCancelled {
		return "", ""
	}
	by, state := o.ShipBy(s), o.Sending(s, now)
	if p := o.Presale; p != nil && by.IsZero() {
		if by = p.ShipBy; by.IsZero() && p.ShipDays > 0 {
			return t.T("merchantweb.ships_days", "n", p.ShipDays), "plain"
		}
	}
	switch {
	case by.IsZero() && s.ShipHours > 0:
		return t.T("merchantweb.ships_hours", "n", s.ShipHours), "plain"
	case by.IsZero():
		return "", ""
	case state == "":
		return t.T("merchantweb.ships_due", "time", t.When(by)), "plain"
	}
	return t.T("merchantweb.ships_"+string(state), "time", t.When(by)), map[order.Sending]string{order.SendDue: "wait",
		order.SendLate: "bad", order.SentKept: "done", order.SentLate: "off"}[state]
}

// defaultOrder says that a presale order will not be delivered.
func (w *web) defaultOrder(rw http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("order")
	err := w.Orders.Default(r.Context(), order.Default{Order: order.ID(id), Shop: shopOf(r)})
	if err != nil {
		if !page.Own(err) || fault.Is(err, "order.not_found") {
			return err
		}
		return w.showOrder(rw, r, err)
	}
	return page.See(rw, r, "/desk/orders/"+id)
}
