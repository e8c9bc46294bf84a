package merchantweb

import (
	"encoding/csv"
	"net/http"
	"strings"
	"time"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/settle"
)

// cell makes a text safe for a spreadsheet: one that begins as a formula would be run by it, so it gets an apostrophe,
// which spreadsheets take as "this is text" (FAULTS A17). Numbers are written by decimal and never pass here.
func cell(s string) string {
	lead := strings.TrimLeft(s, " \u00a0\u3000")
	if lead == "" {
		return s
	}
	switch r := []rune(lead)[0]; r {
	case '=', '+', '-', '@', '\t', '\r', '\n', '|', '%', '＝', '＋', '－', '＠':
		return "'" + s
	}
	return s
}

// decimal is an amount as programs read it: "-19.90".
func decimal(minor int64, c money.Currency) string { return money.New(minor, c).Decimal() }

// linesCSV is a statement's lines for a spreadsheet, in UTF-8 with a mark by which spreadsheets know it.
func (w *web) linesCSV(rw http.ResponseWriter, r *http.Request) error {
	ctx, shop := r.Context(), shopOf(r)
	s, err := w.Settle.Statement(ctx, shop, settle.StatementID(r.PathValue("statement")))
	if err != nil {
		return err
	}
	_, t := w.frame(r, "/desk/money", "merchantweb.statement")
	var b strings.Builder
	b.WriteString("\ufeff")
	out := csv.NewWriter(&b)
	head := []string{t.T("merchantweb.number"), t.T("merchantweb.line_no"), t.T("merchantweb.goods"),
		t.T("merchantweb.kind"), t.T("merchantweb.currency"),
		t.T("merchantweb.base"), t.T("merchantweb.refunded_sum"), t.T("merchantweb.fee_rate"),
		t.T("merchantweb.fee"), t.T("merchantweb.net"), t.T("merchantweb.settled_at")}
	if err := out.Write(head); err != nil {
		return err
	}
	titles := w.titles(ctx, shop)
	more, err := w.eachLine(ctx, s, csvLinesMax, func(l settle.ClaimLine) error {
		title, err := titles(l.Order, l.Line)
		if err != nil {
			return err
		}
		if l.Line == 0 {
			title = t.T("merchantweb.freight")
		}
		return out.Write([]string{cell(l.Order), t.Count(int64(l.Line)), cell(title), kindOf(t, l), string(s.Currency),
			decimal(l.Base, s.Currency), decimal(l.Refunded, s.Currency), rate(l.FeePPM), decimal(l.Fee, s.Currency),
			decimal(l.Net, s.Currency), l.At.In(w.zone()).Format(time.DateTime)})
	})
	if err != nil {
		return err
	}
	if more { // half a statement that looks whole would be worse than none
		return fault.New(fault.Limited, "merchantweb.csv_many", fault.P("max", csvLinesMax))
	}
	if out.Flush(); out.Error() != nil {
		return out.Error()
	}
	rw.Header().Set("X-Content-Type-Options", "nosniff")
	name := "statement-" + s.Until.In(w.zone()).Format(time.DateOnly) + ".csv"
	return w.file(rw, "text/csv; charset=utf-8", name, []byte(b.String()))
}
