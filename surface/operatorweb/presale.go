package operatorweb

import (
	"net/http"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/party/login"
	"hutong/surface/page"
	"hutong/trade/order"
)

// presaleOf says where the two payments of an order stand, and lets who manages shops end it in the shop's stead.
func (w *web) presaleOf(r *http.Request, t page.Tongue, o order.Order, refused error) (section, bool) {
	p := o.Presale
	if p == nil {
		return section{}, false
	}
	cash := func(minor int64) string { return t.Money(money.New(minor, o.Currency)) }
	s := section{ID: "presale", Boxed: true, Title: t.T("operatorweb.presale"), Facts: []fact{
		{Name: t.T("operatorweb.presale_state"), Text: t.T("state.presale." + string(p.State))},
		{Name: t.T("operatorweb.presale_earnest"), Text: cash(p.Earnest)},
		{Name: t.T("operatorweb.presale_balance"), Text: cash(o.Balance())},
		{Name: t.T("operatorweb.presale_window"), Text: t.When(p.Opens) + " – " + t.When(p.Due)},
		{Name: t.T("operatorweb.presale_forfeit"), Text: cash(p.Forfeit)}}}
	if len(o.Subs) > 0 {
		s.Facts = append(s.Facts, shipsOf(t, o, o.Subs[0], clock.Now(r.Context(), w.Clock))...)
	}
	if p.State != order.EarnestPaid || !o.TakenAt.IsZero() || p.Forfeits(clock.Now(r.Context(), w.Clock)) ||
		!may(r, login.MarketShopsManage) {
		return s, true
	}
	s.Lead = t.T("operatorweb.presale_default", "twice", cash(p.SellerDefault()), "own", cash(p.Forfeit))
	s.Form = &form{Action: "/operator/orders/" + string(o.ID),
		Acts: []page.Act{{Text: t.T("operatorweb.presale_default_do"), Name: "do", Value: "default"}}}
	if refused != nil {
		s.Form.Wrong = t.Fault(refused)
	}
	return s, true
}

// shipsOf says when a part of an order is to be sent, and whether that is over; nothing where nothing was promised, or
// nothing is sent any more.
func shipsOf(t page.Tongue, o order.Order, s order.Sub, now time.Time) []fact {
	by, days := o.ShipBy(s), int64(0)
	if p := o.Presale; p != nil && by.IsZero() {
		by, days = p.ShipBy, p.ShipDays
	}
	text := ""
	switch {
	case o.State == order.Cancelled || s.State == order.SubCancelled:
	case o.Sending(s, now) == order.SendLate:
		text = t.T("operatorweb.ships_late", "time", t.When(by))
	case o.Sending(s, now) == order.SentLate:
		text = t.T("operatorweb.ships_sent_late", "time", t.When(by))
	case !by.IsZero():
		text = t.T("operatorweb.ships_before", "time", t.When(by))
	case days > 0:
		text = t.T("operatorweb.ships_days", "n", days)
	case s.ShipHours > 0:
		text = t.T("operatorweb.place_hours", "n", s.ShipHours)
	}
	if text == "" {
		return nil
	}
	return []fact{{Name: t.T("operatorweb.ships"), Text: text}}
}

// defaultOrder ends a presale order in its shop's stead.
func (w *web) defaultOrder(rw http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("order")
	if err := w.Orders.Default(r.Context(), order.Default{Order: order.ID(id), Operator: true}); err != nil {
		return w.refuse(err, func(err error) error { return w.showOrder(rw, r, fault.Of(err).Status(), err) })
	}
	return see(rw, r, "/operator/orders/"+id, "defaulted")
}
