package node

import (
	"context"
	"strconv"
	"time"

	"hutong/base/checkup"
	"hutong/base/db"
	"hutong/base/job"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/base/tune"
	"hutong/deal/guarantee"
	"hutong/goods/intake"
	"hutong/goods/intake/fetch"
	"hutong/node/verify"
	"hutong/party/audit"
	"hutong/surface/gate"
	"hutong/surface/operatorweb"
	"hutong/trade/aftersale"
	"hutong/trade/checkout"
)

// buildOperator makes what the operator looks at and turns: the board of the jobs, the audits, the settings.
func (m *Market) buildOperator(ctx context.Context) (err error) {
	m.Board = job.NewBoard(m.Clock)
	if m.Tune, err = tune.New(ctx, m.DB, m.Clock, tunables(m.Config.Checkout.Currency), m.tuned); err != nil {
		return err
	}
	m.applyTuned()
	m.Checkups = checkup.New(checkup.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Log: m.Log, Auditor: m.auditor,
		Every: time.Duration(m.Tune.Count("audit.every_hours")) * time.Hour})
	return nil
}

// aloneMax is what one person may publish unless the operator sets another sum, in minor units: 10,000.00 of most
// currencies, and about as much of those that are counted in larger or smaller ones.
const aloneMax = 1_000_000

// tunables are what an operator may change about a running market, which has a currency.
func tunables(in money.Currency) []tune.Spec {
	c, a, g := checkout.DefaultSettings(), aftersale.DefaultSettings(), guarantee.DefaultSettings()
	count := func(group, name, unit string, value, low, high int64) tune.Spec {
		return tune.Spec{Name: name, Group: group, Kind: tune.Count, Default: strconv.FormatInt(value, 10),
			Min: low, Max: high,
			Unit: unit, Later: true}
	}
	words := func(name, value string) tune.Spec {
		return tune.Spec{Name: name, Group: "market", Kind: tune.Words, Default: value, Min: 1, Max: 30, Later: true}
	}
	return []tune.Spec{
		words("market.name_zh", "胡同"), words("market.name_en", "Hutong"),
		count("orders", "order.pay_minutes", "tune.unit_minutes", int64(c.PayWithin/time.Minute), 5, 1440),
		count("orders", "order.quote_minutes", "tune.unit_minutes", int64(c.QuoteHolds/time.Minute), 5, 15),
		count("orders", "order.lines_max", "tune.unit_lines", int64(c.LinesMax), 1, 100),
		count("orders", "order.quantity_max", "tune.unit_pieces", c.QuantityMax, 1, 9_999),
		count("orders", "order.remark_max", "tune.unit_characters", int64(c.RemarkMax), 0, 200),
		atOnce(count("orders", "presale.remind_hours", "tune.unit_hours", remindHours, 0, 72)),
		count("aftersale", "aftersale.return_days", "tune.unit_days", int64(a.ReturnDays), 7, 90),
		count("aftersale", "aftersale.claim_days", "tune.unit_days", int64(a.ClaimDays), 30, 365),
		count("aftersale", "aftersale.answer_days", "tune.unit_days", int64(a.AnswerDays), 0, 30),
		count("aftersale", "aftersale.back_days", "tune.unit_days", int64(a.BackDays), 0, 60),
		{Name: "refund.reprice", Group: "aftersale", Kind: tune.Flag, Default: tune.No},
		{Name: "deal.progressive", Group: "market", Kind: tune.Flag, Default: tune.No},
		atOnce(count("market", "deal.alone", "tune.unit_money", aloneMax/in.Whole(), 0, 100_000_000)),
		{Name: "market.eu_prices", Group: "market", Kind: tune.Flag, Default: tune.No, Later: true},
		atOnce(count("aftersale", "guarantee.days", "tune.unit_days", int64(g.Days), 0, 90)),
		atOnce(count("aftersale", "guarantee.claims", "tune.unit_times", g.Claims, 1, 100)),
		atOnce(count("aftersale", "guarantee.budget", "tune.unit_money", g.Budget/100, 0, 1_000_000_000)),
		atOnce(count("aftersale", "deposit.alone", "tune.unit_money", 1_000, 0, 1_000_000)),
		atOnce(count("aftersale", "refund.alone", "tune.unit_money", 1_000, 0, 1_000_000)),
		{Name: "intake.fetch_pictures", Group: "goods", Kind: tune.Flag, Default: tune.No, Later: true},
		count("health", "audit.every_hours", "tune.unit_hours", 24, 1, 168),
	}
}

// atOnce is a thing that holds as soon as it is set.
func atOnce(s tune.Spec) tune.Spec {
	s.Later = false
	return s
}

// applyTuned gives the rooms that are built next what was set. A Config that says something itself wins: it is a
// bench's, a replay's or a test's.
func (m *Market) applyTuned() {
	if !m.tunable {
		return
	}
	minutes := func(name string) time.Duration { return time.Duration(m.Tune.Count(name)) * time.Minute }
	c := &m.Config.Checkout
	c.PayWithin, c.QuoteHolds = minutes("order.pay_minutes"), minutes("order.quote_minutes")
	c.LinesMax, c.QuantityMax = int(m.Tune.Count("order.lines_max")), m.Tune.Count("order.quantity_max")
	c.RemarkMax = int(m.Tune.Count("order.remark_max"))
}

// aftersaleSettings are how long things may be given back.
func (m *Market) aftersaleSettings() aftersale.Settings {
	set := aftersale.DefaultSettings()
	set.ReturnDays = int(m.Tune.Count("aftersale.return_days"))
	set.ClaimDays = int(m.Tune.Count("aftersale.claim_days"))
	set.AnswerDays = int(m.Tune.Count("aftersale.answer_days"))
	set.BackDays = int(m.Tune.Count("aftersale.back_days"))
	return set
}

// tuned writes a change of a setting into the record.
func (m *Market) tuned(ctx context.Context, tx *db.Tx, at time.Time, c tune.Change) error {
	return audit.Note(ctx, tx, m.IDs, audit.Entry{At: at, What: "setting.changed", On: c.Name,
		Before: audit.Facts{"value": c.Before}, After: audit.Facts{"value": c.After}})
}

// fetcher gets remote pictures, if the operator allowed it.
func (m *Market) fetcher() intake.Fetcher {
	if !m.FetchPictures && !m.Tune.Is("intake.fetch_pictures") {
		return nil
	}
	return fetch.New(fetch.Options{})
}

// named are the sentences of all rooms, with the market's own name.
func (m *Market) named() text.Bundle {
	all := Texts()
	all["page.brand"] = text.Entry{Zh: m.Tune.Text("market.name_zh"), En: m.Tune.Text("market.name_en")}
	return all
}

// operatorDesk are the operator's pages.
func (m *Market) operatorDesk() ([]gate.Route, error) {
	return operatorweb.New(operatorweb.Deps{Pages: m.pages(), Clock: m.Clock, Zone: zone,
		Currency: m.Config.Checkout.Currency, Shops: m.Shops, Ledger: m.Ledger, Settle: m.Settle, Pay: m.Pay,
		Orders: m.Orders, Cases: m.Aftersale, Ship: m.Ship, Tally: m.Tally, Checkups: m.Checkups, Board: m.Board, Bus: m.Bus,
		Approvals: m.Approvals, Audit: m.Audit, Logins: m.Login, Tune: m.Tune, Switches: m.Switches,
		Search: m.Search, Payouts: m.Payouts, Reviews: m.Reviews, DB: m.DB, Catalog: m.Catalog,
		Notices: m.Notices, Campaigns: m.Campaigns, Places: m.Places, Deposits: m.Deposits, Sale: m.saleRooms(),
		Groups: m.Groups})
}

// auditor is the independent auditor, as its word is kept. Beside a market that sells it takes one core at most,
// and that half of the time: with two at once and no rest an order of a sale took over three times as long meanwhile.
func (m *Market) auditor(ctx context.Context) ([]checkup.Check, error) {
	r, err := verify.Run(ctx, m.DB, verify.Options{Workers: 1, Rest: 1})
	all := make([]checkup.Check, len(r.Checks))
	for i, c := range r.Checks {
		all[i] = checkup.Check{Name: c.Name, Rule: c.Rule, OK: c.OK, Counted: c.Counted, Broken: c.Total}
		for _, v := range c.Violations {
			all[i].Rows = append(all[i].Rows, v.String())
		}
	}
	return all, err
}
