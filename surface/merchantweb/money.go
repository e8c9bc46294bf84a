package merchantweb

import (
	"context"
	"net/http"

	"hutong/base/money"
	"hutong/funds/settle"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// money shows where the shop's money stands, and its statements.
func (w *web) money(rw http.ResponseWriter, r *http.Request) error {
	ctx, shop := r.Context(), shopOf(r)
	f, t := w.begin(rw, r, "/desk/money", "merchantweb.money")
	statements, err := w.Settle.Statements(ctx, shop)
	if err != nil {
		return err
	}
	payable, err := w.Settle.Payable(ctx, statements)
	if err != nil {
		return err
	}
	v := moneyView{Frame: f, Table: statementTable(t, statements, payable)}
	if v.Totals, err = w.moneyStats(ctx, t, shop, statements); err != nil {
		return err
	}
	if gate.Who(ctx).Can(login.PayoutAsk) && w.Payouts != nil {
		if v.Account, err = w.accountOf(ctx, t, shop); err != nil {
			return err
		}
	}
	return w.set.Render(rw, r, http.StatusOK, "desk-money", v)
}

// purse is where the shop's money in one currency stands, in minor units.
type purse struct {
	held    int64 // shoppers paid it, and have not received the goods
	balance int64 // earned and not paid out
	payable int64 // of that, in closed statements
	paid    int64 // paid out so far
	fees    int64
}

// moneyStats are the shop's purses as numbers, each with what it means.
func (w *web) moneyStats(
	ctx context.Context, t page.Tongue, shop string, statements []settle.Statement,
) (stats []page.Stat, err error) {
	held, err := w.Orders.UnderWay(ctx, shop)
	if err != nil {
		return nil, err
	}
	totals, err := w.Settle.Totals(ctx, shop)
	if err != nil {
		return nil, err
	}
	currencies, purses := pursesOf(held, totals, statements)
	for _, c := range currencies {
		p := purses[c]
		for _, s := range []struct {
			name  string
			minor int64
		}{{"held", p.held}, {"balance", p.balance}, {"payable", p.payable}, {"paid_out", p.paid}} {
			hint := "merchantweb.purse_" + s.name + "_hint"
			if s.minor < 0 {
				hint = "merchantweb.purse_owed_hint"
			}
			stats = append(stats, page.Stat{Name: t.T("merchantweb.purse_" + s.name), Value: t.Money(money.New(s.minor, c)),
				Hint: t.T(hint)})
		}
	}
	return stats, nil
}

// pursesOf adds the purses up, by currency, in the order in which the shop first earned each.
func pursesOf(
	held map[money.Currency]int64, totals []settle.Totals, statements []settle.Statement,
) (order []money.Currency, all map[money.Currency]*purse) {
	all = map[money.Currency]*purse{}
	of := func(c money.Currency) *purse {
		if all[c] == nil {
			all[c] = &purse{}
			order = append(order, c)
		}
		return all[c]
	}
	for _, s := range totals {
		of(s.Currency).balance, of(s.Currency).fees = s.Net, s.Fees
	}
	for c, minor := range held {
		of(c).held = minor
	}
	for _, s := range statements {
		p := of(s.Currency)
		p.paid += s.Sent
		p.balance -= s.Sent
		p.payable += s.Rest()
	}
	for _, p := range all { // refunds after a statement come off what it pays
		p.payable = max(min(p.payable, p.balance), 0)
	}
	if len(order) == 0 {
		of("CNY")
	}
	return order, all
}

func statementTable(t page.Tongue, statements []settle.Statement, payable []int64) page.Table {
	table := page.Table{ID: "statements", Caption: t.T("merchantweb.statements"), Columns: []page.Column{
		{Name: t.T("merchantweb.period_name"), Wide: true}, {Name: t.T("merchantweb.gross"), Num: true},
		{Name: t.T("merchantweb.refunded_sum"), Num: true}, {Name: t.T("merchantweb.fees"), Num: true},
		{Name: t.T("merchantweb.due"), Num: true}, {Name: t.T("merchantweb.state")}},
		Empty: page.Empty{Title: t.T("merchantweb.no_statements"), Text: t.T("merchantweb.no_statements_text")}}
	for i, s := range statements {
		cash := func(minor int64) string { return t.Money(money.New(minor, s.Currency)) }
		badge := statementBadge(t, s, payable[i])
		table.Rows = append(table.Rows, page.Row{ID: string(s.ID), Cells: []page.Cell{
			{Text: period(t, s), Href: "/desk/money/" + string(s.ID)}, {Text: cash(s.Gross)}, {Text: cash(s.Refunded)},
			{Text: cash(s.Fees)}, {Text: cash(s.Due)}, {Badge: &badge}}})
	}
	return table
}

// period is what a statement is about, in words.
func period(t page.Tongue, s settle.Statement) string {
	if s.From.IsZero() {
		return t.T("merchantweb.period_first", "until", t.When(s.Until))
	}
	return t.T("merchantweb.period", "from", t.When(s.From), "until", t.When(s.Until))
}

// statementBadge says where a statement stands; payable is what the market would pay of it now: what came after it may
// have taken up the rest, or all.
func statementBadge(t page.Tongue, s settle.Statement, payable int64) page.Badge {
	cash := func(minor int64) string { return t.Money(money.New(minor, s.Currency)) }
	b := page.Badge{Tone: "wait", Text: t.T("merchantweb.statement_closed"), Who: t.T("merchantweb.market_pays")}
	switch {
	case s.State() == settle.PaidOut:
		return page.Badge{Tone: "done", Text: t.T("merchantweb.statement_paid")}
	case s.Due == 0:
		return page.Badge{Tone: "off", Text: t.T("merchantweb.statement_nothing")}
	case s.Due < 0:
		return page.Badge{Tone: "off", Text: t.T("merchantweb.statement_carried")}
	case payable == 0:
		b = page.Badge{Tone: "off", Text: t.T("merchantweb.statement_held"),
			Who: t.T("merchantweb.statement_rest", "rest", cash(s.Rest()))}
	case payable < s.Rest():
		b.Who = t.T("merchantweb.market_pays_part", "now", cash(payable), "rest", cash(s.Rest()-payable))
	case s.Sent > 0:
		b.Who = t.T("merchantweb.market_pays_rest", "rest", cash(s.Rest()))
	}
	if s.Sent > 0 {
		b.Text = t.T("merchantweb.statement_part")
	}
	return b
}
