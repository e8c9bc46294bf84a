package operatorweb

import (
	"net/http"
	"net/url"

	"hutong/base/money"
	"hutong/surface/page"
	"hutong/trade/aftersale"
)

const casesPath = "/operator/cases"

// caseFilters are the tabs of the page of refund requests.
var caseFilters = []aftersale.Filter{aftersale.ToClose, aftersale.ToAnswer, aftersale.All}

// cases lists the requests for refunds, newest first: whom each waits for, since when and until when. One leads to its
// page, where what both sides wrote stands and it can be decided.
func (w *web) cases(rw http.ResponseWriter, r *http.Request) error {
	v, t := w.page(r, casesPath, "cases")
	q := r.URL.Query()
	show := aftersale.Filter(q.Get("of"))
	if show != aftersale.ToAnswer && show != aftersale.All {
		show = aftersale.ToClose
	}
	const some = 30
	at := aftersale.ID(page.Place(q, "at", "cas"))
	all, err := w.Cases.List(r.Context(), aftersale.Party{Operator: true}, show, at, some+1)
	if err != nil {
		return err
	}
	shops, err := w.shopNames(r.Context(), t)
	if err != nil {
		return err
	}
	v.Tabs = &page.Tabs{Label: t.T("operatorweb.cases")}
	for _, f := range caseFilters {
		v.Tabs.Links = append(v.Tabs.Links, page.Link{Href: casesPath + "?of=" + string(f), Text: word(t, "cases", string(f)),
			Current: f == show})
	}
	s := section{ID: "cases", Table: table("cases", t.T("operatorweb.cases"), page.Empty{
		Title: t.T("operatorweb.no_cases"), Text: t.T("operatorweb.no_cases_text")},
		columns(t, "*reason", "shop", "#amount", "since", "state")...)}
	for _, c := range all[:min(len(all), some)] {
		s.Table.Rows = append(s.Table.Rows, caseRow(t, c, shops[c.Shop]))
	}
	if len(all) > some {
		s.Table.Pager.Next = casesPath + "?" + url.Values{"of": {string(show)}, "at": {string(all[some-1].ID)}}.Encode()
	}
	v.Sections = []section{s}
	return w.show(rw, r, http.StatusOK, v)
}

func caseRow(t page.Tongue, c aftersale.Case, shop string) page.Row {
	state, since := badged(t.CaseBadge(page.Operator, c)), c.OpenedAt
	if len(c.Steps) > 0 {
		since = c.Steps[len(c.Steps)-1].At
	}
	state.Sub = caseUntil(t, c)
	return page.Row{ID: string(c.ID), Cells: []page.Cell{{Text: t.CaseReason(c.Reason),
		Sub: string(c.ID), Href: casesPath + "/" + string(c.ID)}, plain(shop),
		plain(t.Money(money.New(c.Amount, c.Currency))), plain(t.When(since)), state}}
}

// caseUntil says until when somebody acts, and what follows if nobody does; "" where nobody waits for that.
func caseUntil(t page.Tongue, c aftersale.Case) string {
	switch {
	case !c.BackBy.IsZero():
		return t.T("operatorweb.case_back_by", "time", t.When(c.BackBy))
	case !c.AnswerBy.IsZero() && c.State == aftersale.Agreed:
		return t.T("operatorweb.case_say_by", "time", t.When(c.AnswerBy))
	case !c.AnswerBy.IsZero():
		return t.T("operatorweb.case_answer_by", "time", t.When(c.AnswerBy))
	}
	return ""
}

// casesWaiting counts the open requests, up to one page of them.
func (w *web) casesWaiting(r *http.Request) (int64, error) {
	if w.Cases == nil {
		return 0, nil
	}
	all, err := w.Cases.List(r.Context(), aftersale.Party{Operator: true}, aftersale.ToClose, "", 100)
	return int64(len(all)), err
}
