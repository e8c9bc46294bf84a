package operatorweb

import (
	"net/http"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/pay"
	"hutong/party/approval"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// handForm records a refund that the operator sends from a bank; no section where nothing was refused.
func (w *web) handForm(r *http.Request, t page.Tongue, all []pay.Refund, refused error) []section {
	if len(all) == 0 || !may(r, login.MarketSuspenseMove) {
		return nil
	}
	ours := r.PostFormValue("do") == "hand"
	g, of := page.Group{}, money.New(w.Pay.Alone(), w.Currency)
	for _, f := range all {
		g.Options = append(g.Options, page.Option{Value: string(f.ID), Text: t.Wallet(f.Wallet) + " · " + string(f.ID) +
			" · " + t.Money(f.Amount), Selected: ours && r.PostFormValue("refund") == string(f.ID)})
	}
	f := &form{Action: "/operator/suspense", Fields: []page.Field{
		{ID: "hand-refund", Name: "refund", Label: t.T("operatorweb.hand_refund"), Kind: "select", Required: true,
			Options: []page.Group{g}},
		{ID: "hand-ref", Name: "ref", Label: t.T("operatorweb.hand_ref"), Kind: "text", Required: true, Length: pay.RefMax,
			Hint: t.T("operatorweb.reference_hint")},
		{ID: "hand-why", Name: "why", Label: t.T("operatorweb.hand_why"), Kind: "text", Required: true, Length: pay.WhyMax}},
		Acts: []page.Act{{Text: t.T("operatorweb.hand_do"), Name: "do", Value: "hand", Main: true}}}
	if ours && refused != nil {
		faults := t.FaultsOf(refused, "ref", "why")
		f.Wrong = faults.General
		for i := range f.Fields[1:] {
			field := &f.Fields[1+i]
			field.Value, field.Error = r.PostFormValue(field.Name), faults.At(field.Name)
		}
	}
	return []section{{ID: "hand", Boxed: true, Title: t.T("operatorweb.hand_title"),
		Lead: t.T("operatorweb.hand_text", "alone", t.Money(of)), Form: f}}
}

// byHand records a refund as sent by hand, or asks for it where that takes two people.
func (w *web) byHand(r *http.Request) (done string, err error) {
	who := gate.Who(r.Context())
	cmd := pay.ByHand{By: who.Login, Refund: pay.RefundID(r.PostFormValue("refund")), Ref: r.PostFormValue("ref"),
		Why: r.PostFormValue("why")}
	err = w.Pay.SendByHand(r.Context(), cmd)
	if !fault.Is(err, "pay.two") {
		return "by_hand_done", err
	}
	ask, err := w.Pay.AskByHand(r.Context(), who, cmd)
	if err == nil {
		_, err = w.Approvals.Ask(r.Context(), ask)
	}
	return "by_hand_asked", err
}

// handedOver says in words what a request to count a refund as sent by hand would do.
func handedOver(t page.Tongue, q approval.Request) (what, sub string) {
	var asked pay.HandAsked
	if q.Into(&asked) != nil {
		return q.Kind, q.Subject
	}
	amount := t.Money(money.New(asked.Amount, asked.Currency))
	return t.T("operatorweb.request_by_hand", "amount", amount, "ref", asked.Ref), q.Subject + " · " + asked.Why
}

// handedHow says how a refund was sent by hand; "" of any other.
func handedHow(t page.Tongue, staff map[string]string, h pay.Handed) string {
	if h.Ref == "" {
		return ""
	}
	who := asker(t, staff, string(h.By))
	if h.ConfirmedBy != "" {
		who += " → " + asker(t, staff, string(h.ConfirmedBy))
	}
	return t.T("operatorweb.refund_hand_how", "ref", h.Ref, "who", who, "why", h.Why)
}
