package merchantweb

import (
	"net/http"

	"hutong/base/money"
	"hutong/funds/settle"
	"hutong/surface/page"
)

// money shows what the shop has earned, and its statements.
func (w *web) money(rw http.ResponseWriter, r *http.Request) error {
	f, t := w.frame(r, "/desk/money", "merchantweb.money")
	totals, err := w.Settle.Totals(r.Context(), shopOf(r))
	if err != nil {
		return err
	}
	statements, err := w.Settle.Statements(r.Context(), shopOf(r))
	if err != nil {
		return err
	}
	v := moneyView{Frame: f, Empty: page.Empty{Title: t.T("merchantweb.no_statements"),
		Text: t.T("merchantweb.no_statements_text")}}
	for _, s := range totals {
		cash := func(minor int64) string { return t.Money(money.New(minor, s.Currency)) }
		v.Totals = append(v.Totals, page.Stat{Name: t.T("merchantweb.gross"), Value: cash(s.Gross)},
			page.Stat{Name: t.T("merchantweb.refunded_sum"), Value: cash(s.Refunded)},
			page.Stat{Name: t.T("merchantweb.fees"), Value: cash(s.Fees)},
			page.Stat{Name: t.T("merchantweb.net"), Value: cash(s.Net), Hint: t.T("merchantweb.net_hint")})
	}
	for _, s := range statements {
		v.Statements = append(v.Statements, statementOf(t, s))
	}
	return w.set.Render(rw, r, http.StatusOK, "desk-money", v)
}

func statementOf(t page.Tongue, s settle.Statement) statementRow {
	cash := func(minor int64) string { return t.Money(money.New(minor, s.Currency)) }
	row := statementRow{Period: t.T("merchantweb.period", "from", t.When(s.From), "until", t.When(s.Until)),
		Gross: cash(s.Gross), Refunded: cash(s.Refunded), Fees: cash(s.Fees), Net: cash(s.Net), Due: cash(s.Due),
		Badge: page.Badge{Tone: "wait", Text: t.T("merchantweb.statement_closed")}}
	if s.State() == settle.PaidOut {
		row.Badge = page.Badge{Tone: "done", Text: t.T("merchantweb.statement_paid")}
	}
	return row
}
