package operatorweb

import (
	"net/http"

	"hutong/base/money"
	"hutong/party/login"
	"hutong/surface/page"
	"hutong/trade/aftersale"
)

// aCase shows one request for a refund, with what both sides wrote, and the form to decide it.
func (w *web) aCase(rw http.ResponseWriter, r *http.Request) error {
	return w.showCase(rw, r, http.StatusOK, nil)
}

func (w *web) showCase(rw http.ResponseWriter, r *http.Request, status int, refused error) error {
	ctx := r.Context()
	c, err := w.Cases.Case(ctx, aftersale.Party{Operator: true}, aftersale.ID(r.PathValue("case")))
	if err != nil {
		return err
	}
	o, err := w.Orders.Any(ctx, c.Order)
	if err != nil {
		return err
	}
	v, t := w.page(r, casesPath, "case")
	v.under(t, casesPath, "cases")
	shops, err := w.shopNames(ctx, t)
	if err != nil {
		return err
	}
	badge, titles := t.CaseBadge(page.Operator, c), map[int64]string{}
	v.Badge = &badge
	for _, l := range o.Lines() {
		titles[l.No] = l.Title
	}
	s := section{Boxed: true, Lines: caseWords(t, c, titles), Facts: []fact{
		{Name: t.T("operatorweb.number"), Text: string(c.ID), Code: true},
		{Name: t.T("operatorweb.order"), Text: string(c.Order), Href: "/operator/orders/" + string(c.Order) + "#cases"},
		{Name: t.T("operatorweb.shop"), Text: shops[c.Shop], Href: w.shopHref(r, c.Shop)},
		{Name: t.T("operatorweb.reason"), Text: t.CaseReason(c.Reason)},
		{Name: t.T("operatorweb.amount"), Text: t.Money(money.New(c.Amount, c.Currency))},
		{Name: t.T("operatorweb.since"), Text: t.When(c.OpenedAt), Sub: caseUntil(t, c)}}}
	v.Sections = []section{s}
	if may(r, login.MarketSuspenseMove) {
		v.Sections = append(v.Sections, caseForm(t, r, c, refused)...)
	}
	if len(v.Sections) == 1 && refused != nil {
		v.Wrong = t.Fault(refused)
	}
	return w.show(rw, r, status, v)
}

// caseForm lets the operator decide what is open, and refund what was refused; none for anything else.
func caseForm(t page.Tongue, r *http.Request, c aftersale.Case, refused error) []section {
	f := &form{Action: casesPath + "/" + string(c.ID), Acts: []page.Act{{Text: t.T("operatorweb.case_refund"), Name: "do",
		Value: "refund", Main: true}}}
	s := section{ID: "decide", Boxed: true, Title: t.T("operatorweb.case_decide"),
		Lead: t.T("operatorweb.case_decide_text"), Form: f}
	switch {
	case c.State == aftersale.Refused:
		s.Lead = t.T("operatorweb.case_anew_text")
	case c.State.Terminal():
		return nil
	default:
		f.Acts = append(f.Acts, page.Act{Text: t.T("operatorweb.case_refuse"), Name: "do", Value: "refuse"})
	}
	faults := t.FaultsOf(refused, "note")
	f.Wrong = faults.General
	f.Fields = []page.Field{{ID: "note", Name: "note", Kind: "area", Label: t.T("operatorweb.case_why"), Required: true,
		Hint: t.T("operatorweb.case_why_hint"), Length: 500, Value: r.PostFormValue("note"), Error: faults.At("note")},
		{ID: "restock", Name: "restock", Kind: "check", Label: t.T("operatorweb.case_restock"), Value: "yes",
			Checked: r.PostFormValue("restock") != ""}}
	return []section{s}
}

// decideCase refunds or refuses a case by the operator's word.
func (w *web) decideCase(rw http.ResponseWriter, r *http.Request) error {
	do, err := pressed(r, "refund", "refuse")
	if err != nil {
		return err
	}
	d := aftersale.Decide{Case: aftersale.ID(r.PathValue("case")), Note: r.PostFormValue("note"),
		Restock: r.PostFormValue("restock") != "", Refund: do == "refund"}
	c, err := w.Cases.Decide(r.Context(), d)
	if err != nil {
		return w.refuse(err, func(err error) error { return w.showCase(rw, r, statusOf(err), err) })
	}
	return see(rw, r, casesPath+"/"+string(c.ID), "case_decided")
}
