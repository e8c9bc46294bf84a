package operatorweb

import (
	"net/http"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/party/login"
	"hutong/surface/page"
	"hutong/trade/order"
)

// takenPath ends the address at which it is decided what becomes of an order whose money was taken back.
const takenPath = "/taken"

// takenOf says how much of an order's money its wallets took back by themselves, and lets who answers for such money
// decide.
func (w *web) takenOf(r *http.Request, t page.Tongue, o order.Order) ([]section, error) {
	attempts, err := w.Pay.Attempts(r.Context(), string(o.ID))
	if err != nil {
		return nil, err
	}
	taken, met := int64(0), int64(0)
	for _, a := range attempts {
		taken, met = taken+a.ChargedBack, met+a.Met
	}
	if taken == 0 {
		return nil, nil
	}
	cash := func(minor int64) string { return t.Money(money.New(minor, o.Currency)) }
	s := section{ID: "taken", Boxed: true, Title: t.T("operatorweb.taken_title"), Facts: []fact{
		{Name: t.T("operatorweb.taken_amount"), Text: cash(taken)},
		{Name: t.T("operatorweb.taken_met"), Text: cash(met)}}}
	if !o.TakenAt.IsZero() {
		s.Facts = append(s.Facts, fact{Name: t.T("operatorweb.taken_since"), Text: t.When(o.TakenAt)})
	}
	if !may(r, login.MarketSuspenseMove) {
		return []section{s}, nil
	}
	s.Lead = t.T("operatorweb.taken_over")
	s.Form = &form{Action: "/operator/orders/" + string(o.ID) + takenPath}
	if o.Undecided() {
		s.Lead = t.T("operatorweb.taken_text")
		s.Form.Acts = []page.Act{{Text: t.T("operatorweb.taken_end"), Name: "do", Value: "end", Main: true}}
	}
	s.Form.Acts = append(s.Form.Acts, page.Act{Text: t.T("operatorweb.taken_go_on"), Name: "do", Value: "go_on"})
	return []section{s}, nil
}

// decideTaken ends an order whose money was taken back, or lets it go on.
func (w *web) decideTaken(rw http.ResponseWriter, r *http.Request) error {
	do, err := pressed(r, "end", "go_on")
	if err != nil {
		return err
	}
	id := order.ID(r.PathValue("order"))
	decide, said := w.Cases.EndTaken, "ended"
	if do == "go_on" {
		decide, said = w.Orders.GoOn, "goes_on"
	}
	if err := decide(r.Context(), id); err != nil {
		return w.refuse(err, func(err error) error { return w.showOrder(rw, r, fault.Of(err).Status(), err) })
	}
	return see(rw, r, "/operator/orders/"+string(id), said)
}
