package merchantweb

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/settle"
	"hutong/party/merchant"
	"hutong/surface/page"
	"hutong/surface/paper"
	"hutong/trade/order"
)

const (
	linesPerPage = 100
	linesAtOnce  = 1000   // read at once for a file
	pdfLinesMax  = 2000   // on paper; the rest is in the CSV
	csvLinesMax  = 200000 // of one file
)

// statement shows one statement down to the line.
func (w *web) statement(rw http.ResponseWriter, r *http.Request) error {
	ctx, shop := r.Context(), shopOf(r)
	s, err := w.Settle.Statement(ctx, shop, settle.StatementID(r.PathValue("statement")))
	if err != nil {
		return err
	}
	after, err := settle.ParseCursor(r.URL.Query().Get("after"))
	if err != nil {
		return err
	}
	lines, err := w.Settle.Lines(ctx, settle.Page{Shop: shop, Statement: s.ID, After: after, Limit: linesPerPage})
	if err != nil {
		return err
	}
	payable, err := w.Settle.Payable(ctx, []settle.Statement{s})
	if err != nil {
		return err
	}
	f, t := w.frame(r, "/desk/money", "merchantweb.statement")
	f.Way = []page.Crumb{{Href: "/desk/money", Text: t.T("merchantweb.money")}, {Text: period(t, s)}}
	at := "/desk/money/" + string(s.ID)
	v := statementView{Frame: f, Period: period(t, s), Badge: statementBadge(t, s, payable[0]), CSV: at + "/lines.csv",
		PDF: at + "/statement.pdf", Facts: statementFacts(t, s)}
	v.Due = t.Money(money.New(s.Due, s.Currency))
	if s.Charged > 0 || s.Returned > 0 {
		charges, err := w.Settle.ChargesOf(ctx, shop, s.ID)
		if err != nil {
			return err
		}
		for _, c := range charges {
			v.Facts = append(v.Facts, page.Pair{Name: t.T("merchantweb.charge_" + c.Why),
				Value: t.Money(money.New(-c.Amount, c.Currency)) + " · " + t.When(c.At)})
		}
	}
	titles := w.titles(ctx, shop)
	v.Table = page.Table{ID: "lines", Caption: t.T("merchantweb.statement_lines"), Columns: []page.Column{
		{Name: t.T("merchantweb.number")}, {Name: t.T("merchantweb.goods"), Wide: true}, {Name: t.T("merchantweb.kind")},
		{Name: t.T("merchantweb.base"), Num: true}, {Name: t.T("merchantweb.fee"), Num: true},
		{Name: t.T("merchantweb.net"), Num: true}},
		Empty: page.Empty{Title: t.T("merchantweb.no_lines"), Text: t.T("merchantweb.no_lines_text")}}
	for _, l := range lines {
		row, err := lineRow(t, l, s.Currency, titles)
		if err != nil {
			return err
		}
		v.Table.Rows = append(v.Table.Rows, row)
	}
	if len(lines) == linesPerPage {
		v.Table.Pager.Next = at + "?" + url.Values{"after": {lines[len(lines)-1].Cursor().String()}}.Encode()
	}
	if after != (settle.Cursor{}) {
		v.Table.Pager.First = at
	}
	return w.set.Render(rw, r, http.StatusOK, "desk-statement", v)
}

func lineRow(t page.Tongue, l settle.ClaimLine, c money.Currency, titles titler) (page.Row, error) {
	cash := func(minor int64) string { return t.Money(money.New(minor, c)) }
	title, err := titles(l.Order, l.Line)
	if l.Line == 0 {
		title = t.T("merchantweb.freight")
	}
	return page.Row{ID: l.Order, Cells: []page.Cell{{Text: short(l.Order), Href: "/desk/orders/" + l.Order, Code: true},
		{Text: title}, {Text: kindOf(t, l)}, {Text: cash(l.Base)}, {Text: cash(l.Fee), Sub: rate(l.FeePPM)},
		{Text: cash(l.Net)}}}, err
}

// kindOf says whether a line earned something or took it back.
func kindOf(t page.Tongue, l settle.ClaimLine) string {
	if l.What != "" {
		return t.T("merchantweb.kind_" + string(l.What))
	}
	if l.Entry > 0 {
		return t.T("merchantweb.kind_reversal")
	}
	return t.T("merchantweb.kind_sale")
}

// rate writes a fee's rate as percent: 6000 is "0.6 %".
func rate(ppm money.PPM) string {
	if ppm == 0 {
		return ""
	}
	frac := strings.TrimRight(fmt.Sprintf("%04d", int64(ppm)%10_000), "0")
	if frac != "" {
		frac = "." + frac
	}
	return fmt.Sprintf("%d%s %%", int64(ppm)/10_000, frac)
}

func statementFacts(t page.Tongue, s settle.Statement) []page.Pair {
	cash := func(minor int64) string { return t.Money(money.New(minor, s.Currency)) }
	facts := []page.Pair{{Name: t.T("merchantweb.gross"), Value: cash(s.Gross)},
		{Name: t.T("merchantweb.refunded_sum"), Value: cash(-s.Refunded)},
		{Name: t.T("merchantweb.fees"), Value: cash(-s.Fees)},
		{Name: t.T("merchantweb.freight"), Value: cash(s.Freight)}, {Name: t.T("merchantweb.net"), Value: cash(s.Net)}}
	if s.Charged != 0 {
		facts = append(facts, page.Pair{Name: t.T("merchantweb.charged"), Value: cash(-s.Charged)})
	}
	if s.Returned != 0 {
		facts = append(facts, page.Pair{Name: t.T("merchantweb.charged_back"), Value: cash(s.Returned)})
	}
	if s.Lacked() != 0 {
		facts = append(facts, page.Pair{Name: t.T("merchantweb.carried"), Value: cash(s.Lacked())})
	}
	if s.Sent != 0 && s.Rest() != 0 {
		facts = append(facts, page.Pair{Name: t.T("merchantweb.sent"), Value: cash(s.Sent)})
	}
	facts = append(facts, page.Pair{Name: t.T("merchantweb.closed_at"), Value: t.When(s.Closed)})
	if !s.Paid.IsZero() {
		facts = append(facts, page.Pair{Name: t.T("merchantweb.paid_at"), Value: t.When(s.Paid)})
	}
	return facts
}

// titler tells what a line of an order is called.
type titler func(id string, line int) (string, error)

// titles reads orders as they are asked for, each once in a row: a statement's lines stand order by order.
func (w *web) titles(ctx context.Context, shop string) titler {
	var last order.Order
	return func(id string, line int) (string, error) {
		if string(last.ID) != id {
			o, err := w.Orders.Sold(ctx, shop, order.ID(id))
			if err != nil && fault.Of(err) != fault.NotFound {
				return "", err
			}
			last = o
		}
		for _, l := range last.Lines() {
			if l.No == int64(line) {
				return strings.TrimSpace(l.Title + " " + l.Choice), nil
			}
		}
		return "", nil
	}
}

// eachLine goes through a statement's lines, at most so many, and tells whether there were more.
func (w *web) eachLine(
	ctx context.Context, s settle.Statement, most int, do func(settle.ClaimLine) error,
) (bool, error) {
	p, seen := settle.Page{Shop: s.Shop, Statement: s.ID, Limit: linesAtOnce}, 0
	for {
		lines, err := w.Settle.Lines(ctx, p)
		if err != nil {
			return false, err
		}
		for _, l := range lines {
			if seen++; seen > most {
				return true, nil
			}
			if err := do(l); err != nil {
				return false, err
			}
		}
		if len(lines) < linesAtOnce {
			return false, nil
		}
		p.After = lines[len(lines)-1].Cursor()
	}
}

// statementPDF is a statement on paper.
func (w *web) statementPDF(rw http.ResponseWriter, r *http.Request) error {
	ctx, shop := r.Context(), shopOf(r)
	s, err := w.Settle.Statement(ctx, shop, settle.StatementID(r.PathValue("statement")))
	if err != nil {
		return err
	}
	of, err := w.Shops.Shop(ctx, merchant.ID(shop))
	if err != nil {
		return err
	}
	_, t := w.frame(r, "/desk/money", "merchantweb.statement")
	d := paper.Document{Title: t.T("merchantweb.statement"), Subtitle: of.Name.Pick(t.Lang), Code: string(s.ID),
		Facts: []paper.Fact{{Name: t.T("merchantweb.period_name"), Value: period(t, s)},
			{Name: t.T("merchantweb.statement_no"), Value: string(s.ID)}}}
	d.Table.Columns = []paper.Column{{Title: t.T("merchantweb.number"), Share: 3},
		{Title: t.T("merchantweb.goods"), Share: 5}, {Title: t.T("merchantweb.base"), Share: 2, Right: true},
		{Title: t.T("merchantweb.fee"), Share: 2, Right: true}, {Title: t.T("merchantweb.net"), Share: 2, Right: true}}
	titles := w.titles(ctx, shop)
	more, err := w.eachLine(ctx, s, pdfLinesMax, func(l settle.ClaimLine) error {
		row, err := lineRow(t, l, s.Currency, titles)
		cells := make([]string, 0, len(row.Cells))
		for i, c := range row.Cells {
			if i != 2 { // a line that takes back shows by its sign
				cells = append(cells, c.Text)
			}
		}
		d.Table.Rows = append(d.Table.Rows, cells)
		return err
	})
	if err != nil {
		return err
	}
	for _, fact := range statementFacts(t, s) {
		d.Sums = append(d.Sums, paper.Fact(fact))
	}
	d.Sums = append(d.Sums, paper.Fact{Name: t.T("merchantweb.due"), Value: t.Money(money.New(s.Due, s.Currency))})
	if more {
		d.Foot = t.T("merchantweb.more_in_csv", "n", pdfLinesMax)
	}
	pdf, err := paper.A4(s.Closed, d)
	if err != nil {
		return err
	}
	return w.file(rw, "application/pdf", "statement.pdf", pdf)
}
