package operatorweb

import (
	"net/http"

	"hutong/base/clock"
	"hutong/base/money"
	"hutong/funds/settle"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/surface/page"
)

const (
	statementsMax = 200
	linesPerPage  = 100
)

// statements lists the newest statements of all shops, or one shop's, those to pay out first.
func (w *web) statements(rw http.ResponseWriter, r *http.Request) error {
	return w.showStatements(rw, r, r.URL.Query().Get("shop"), nil)
}

func (w *web) showStatements(rw http.ResponseWriter, r *http.Request, shop string, refused error) error {
	v, t := w.page(r, "/operator/statements", "statements")
	names, err := w.shopNames(r.Context(), t)
	if err != nil {
		return err
	}
	var all []settle.Statement
	if shop == "" {
		all, err = w.Settle.Recent(r.Context(), statementsMax)
	} else {
		all, err = w.Settle.Statements(r.Context(), shop)
	}
	if err != nil {
		return err
	}
	payable, err := w.Settle.Payable(r.Context(), all)
	if err != nil {
		return err
	}
	s := section{ID: "statements", Table: table("statements", t.T("operatorweb.statements"), page.Empty{
		Title: t.T("operatorweb.no_statements"), Text: t.T("operatorweb.no_statements_text")},
		columns(t, "*shop", "period", "#net", "#carried", "#due", "state", "act")...)}
	s.Table.Filter = &page.Filter{Action: "/operator/statements", Fields: []page.Field{{ID: "filter-shop",
		Name:  "shop",
		Label: t.T("operatorweb.shop"), Kind: "select", Options: shopOptions(t, names, shop)}}}
	if shop != "" {
		s.Table.Filter.Clear = "/operator/statements"
	}
	var places [][]rank
	for _, due := range []bool{true, false} {
		for i := range all {
			if st := &all[i]; (payable[i] > 0) == due {
				s.Table.Rows = append(s.Table.Rows, statementRow(r, t, st, named{names[st.Shop], payable[i]}))
				places = append(places, []rank{{text: names[st.Shop]}, {n: clock.Micros(st.Until)}, {n: st.Net}, {n: st.Carried},
					{n: st.Due}, {text: string(st.State())}})
			}
		}
	}
	s.arrange(r, []string{"shop", "until", "net", "carried", "due", "state"}, places)
	s.turn(r, t)
	v.Sections = []section{s}
	status := http.StatusOK
	if refused != nil {
		v.Wrong, status = t.Fault(refused), statusOf(refused)
	}
	return w.show(rw, r, status, v)
}

// named is what a statement's row says besides it.
type named struct {
	shop    string
	payable int64 // what a payout would send now
}

func statementRow(r *http.Request, t page.Tongue, st *settle.Statement, n named) page.Row {
	cash := func(minor int64) page.Cell { return plain(t.Money(money.New(minor, st.Currency))) }
	row := page.Row{ID: string(st.ID), Cells: []page.Cell{
		{Text: n.shop, Href: "/operator/statements/" + st.Shop + "/" + string(st.ID)}, plain(period(t, st)),
		cash(st.Net), cash(st.Carried), cash(st.Due), badged(statementBadge(t, st, n.payable)), {}}}
	if n.payable > 0 && may(r, login.MarketPayoutApprove) {
		row.Cells[6] = page.Cell{Post: "/operator/statements", Hidden: []page.Pair{{Name: "statement",
			Value: string(st.ID)}},
			Acts: []page.Act{{Text: t.T("operatorweb.pay_out")}}}
	}
	return row
}

func period(t page.Tongue, st *settle.Statement) string {
	if st.From.IsZero() {
		return t.T("operatorweb.until", "until", t.When(st.Until))
	}
	return t.When(st.From) + " – " + t.When(st.Until)
}

// statementBadge says what is to be done; payable is what a payout would send now.
func statementBadge(t page.Tongue, st *settle.Statement, payable int64) page.Badge {
	cash := func(minor int64) string { return t.Money(money.New(minor, st.Currency)) }
	switch {
	case st.State() == settle.PaidOut:
		return page.Badge{Tone: "done", Text: t.T("operatorweb.paid_out"), Who: t.When(st.Paid)}
	case st.Due <= 0:
		return page.Badge{Tone: "off", Text: t.T("operatorweb.nothing_due")}
	case payable == 0:
		return page.Badge{Tone: "off", Text: t.T("operatorweb.held_back"),
			Who: t.T("operatorweb.held_back_why", "sent", cash(st.Sent))}
	case payable < st.Due:
		return page.Badge{Tone: "wait", Text: t.T("operatorweb.to_pay_out"),
			Who: t.T("operatorweb.pays_only", "now", cash(payable), "sent", cash(st.Sent))}
	}
	return page.Badge{Tone: "wait", Text: t.T("operatorweb.to_pay_out"), Who: t.T("operatorweb.you_pay_out")}
}

// statement shows one statement down to the order line.
func (w *web) statement(rw http.ResponseWriter, r *http.Request) error {
	shop := r.PathValue("shop")
	st, err := w.Settle.Statement(r.Context(), shop, settle.StatementID(r.PathValue("statement")))
	if err != nil {
		return err
	}
	owner, err := w.Shops.Shop(r.Context(), merchant.ID(shop))
	if err != nil {
		return err
	}
	v, t := w.page(r, "/operator/statements", "statement")
	v.under(t, "/operator/statements", "statements")
	payable, err := w.Settle.Payable(r.Context(), []settle.Statement{st})
	if err != nil {
		return err
	}
	badge := statementBadge(t, &st, payable[0])
	v.Badge = &badge
	cash := func(minor int64) string { return t.Money(money.New(minor, st.Currency)) }
	v.Stats = []page.Stat{{Name: t.T("operatorweb.gross"), Value: cash(st.Gross)},
		{Name: t.T("operatorweb.refunded"), Value: cash(st.Refunded)}, {Name: t.T("operatorweb.fees_taken"),
			Value: cash(st.Fees)},
		{Name: t.T("operatorweb.net"), Value: cash(st.Net)}, {Name: t.T("operatorweb.due"), Value: cash(st.Due)}}
	facts := section{Boxed: true, Facts: []fact{
		{Name: t.T("operatorweb.shop"), Text: owner.Name.Pick(t.Lang), Href: w.shopHref(r, shop)},
		{Name: t.T("operatorweb.number"), Text: string(st.ID), Code: true}, {Name: t.T("operatorweb.period"),
			Text: period(t, &st)},
		{Name: t.T("operatorweb.carried"), Text: cash(st.Carried)}}}
	lines, err := w.Settle.Lines(r.Context(), settle.Page{Shop: shop, Statement: st.ID, Limit: linesPerPage})
	if err != nil {
		return err
	}
	s := section{Title: t.T("operatorweb.lines"), Table: table("lines", t.T("operatorweb.lines"), page.Empty{
		Title: t.T("operatorweb.no_lines")}, columns(t, "number", "#base", "#rate", "#fee", "#net", "at")...)}
	if len(lines) == linesPerPage {
		s.Lead = t.T("operatorweb.first_lines", "n", linesPerPage)
	}
	for _, l := range lines {
		s.Table.Rows = append(s.Table.Rows, page.Row{Cells: []page.Cell{
			{Text: brief(l.Order), Code: true, Href: "/operator/orders/" + l.Order}, plain(cash(l.Base)),
			plain(page.Percent(int64(l.FeePPM))), plain(cash(l.Fee)), plain(cash(l.Net)), plain(t.When(l.At))}})
	}
	v.Sections = []section{facts, s}
	return w.show(rw, r, http.StatusOK, v)
}

// payOut sends what a statement owes to its shop, as far as the books owe it.
func (w *web) payOut(rw http.ResponseWriter, r *http.Request) error {
	st, err := w.Settle.Payout(r.Context(), settle.StatementID(r.PostFormValue("statement")))
	if err != nil {
		return w.refuse(err, func(err error) error { return w.showStatements(rw, r, "", err) })
	}
	if st.State() != settle.PaidOut {
		_, t := w.page(r, "/operator/statements", "statements")
		cash := func(minor int64) string { return t.Money(money.New(minor, st.Currency)) }
		return see(rw, r, "/operator/statements", "part_paid_done", "sent", cash(st.Sent), "due", cash(st.Due))
	}
	return see(rw, r, "/operator/statements", "paid_out_done")
}
