package operatorweb

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/settle"
	"hutong/goods/catalog/taxonomy"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// parseRate reads a percentage such as "0.6" with up to four places.
func parseRate(s string) (int64, error) {
	s = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s), "%"))
	whole, part, _ := strings.Cut(s, ".")
	n, err := strconv.ParseUint((whole + part + "0000")[:len(whole+part)+max(4-len(part), 0)], 10, 32)
	if err != nil || whole == "" || len(part) > 4 || n > uint64(money.Whole) {
		return 0, fault.New(fault.Invalid, "operatorweb.rate").At("rate")
	}
	return int64(n), nil
}

// fees shows the fee schedule, and takes the request for a change of it.
func (w *web) fees(rw http.ResponseWriter, r *http.Request) error { return w.showFees(rw, r, nil) }

func (w *web) showFees(rw http.ResponseWriter, r *http.Request, refused error) error {
	v, t := w.page(r, "/operator/fees", "fees")
	names, err := w.shopNames(r.Context(), t)
	if err != nil {
		return err
	}
	now := clock.Now(r.Context(), w.Clock)
	fees := w.Settle.Fees()
	_, ppm := fees.For("", "", now)
	v.Stats = []page.Stat{{Name: t.T("operatorweb.fee_market"), Value: page.Percent(int64(ppm)),
		Hint: t.T("operatorweb.fee_market_hint")}}
	waiting, err := w.requests(r, t, settle.FeeChange, true)
	if err != nil {
		return err
	}
	rules := section{ID: "rules", Title: t.T("operatorweb.schedule"), Lead: t.T("operatorweb.schedule_text"),
		Table: table("rules", t.T("operatorweb.schedule"), page.Empty{Title: t.T("operatorweb.no_rules"),
			Text: t.T("operatorweb.no_rules_text", "rate", page.Percent(int64(ppm)))},
			columns(t, "*scope", "#rate", "begins", "announced", "state")...)}
	for _, rule := range fees.Rules() {
		state := page.Badge{Tone: "done", Text: t.T("operatorweb.rule_holds")}
		if rule.From.After(now) {
			state = page.Badge{Tone: "wait", Text: t.T("operatorweb.rule_announced")}
		} else if _, ppm := fees.For(shopOf(rule), categoryOf(rule), now); ppm != rule.PPM {
			state = page.Badge{Tone: "off", Text: t.T("operatorweb.rule_over")}
		}
		rules.Table.Rows = append(rules.Table.Rows, page.Row{ID: string(rule.ID), Cells: []page.Cell{
			plain(scopeName(t, string(rule.Scope), rule.ScopeID, names)), plain(page.Percent(int64(rule.PPM))),
			plain(t.When(rule.From)),
			plain(t.When(rule.Announced)), badged(state)}})
	}
	if waiting.Table != nil {
		v.Sections = append(v.Sections, waiting)
	}
	v.Sections = append(v.Sections, rules)
	if may(r, login.MarketFeesAsk) {
		v.Sections = append(v.Sections, w.feeForm(r, t, names, refused))
	}
	status := http.StatusOK
	if refused != nil {
		status = statusOf(refused)
	}
	return w.show(rw, r, status, v)
}

func shopOf(rule settle.FeeRule) string {
	if rule.Scope == settle.ScopeShop {
		return rule.ScopeID
	}
	return ""
}

func categoryOf(rule settle.FeeRule) string {
	if rule.Scope == settle.ScopeCategory {
		return rule.ScopeID
	}
	return ""
}

func scopeName(t page.Tongue, scope, id string, shops map[string]string) string {
	name := id
	switch settle.Scope(scope) {
	case settle.ScopeShop:
		if shops[id] != "" {
			name = shops[id]
		}
	case settle.ScopeCategory:
		if n, ok := taxonomy.Find(id); ok {
			name = nodeName(t, n)
		}
	}
	return strings.TrimSpace(t.T("operatorweb.scope_"+scope) + " " + name)
}

// feeForm asks for a fee: for whom, how much, from when.
func (w *web) feeForm(r *http.Request, t page.Tongue, names map[string]string, refused error) section {
	earliest := clock.Now(r.Context(), w.Clock).Add(settle.Notice + 24*time.Hour).In(w.Zone)
	value := func(name, fallback string) string {
		if r.Method == http.MethodPost {
			return r.PostFormValue(name)
		}
		return fallback
	}
	chosen := value("who", "market")
	if shop := r.URL.Query().Get("shop"); r.Method == http.MethodGet && shop != "" {
		chosen = "shop " + shop
	}
	shops := shopOptions(t, names, "")[0]
	shops.Label, shops.Options = t.T("operatorweb.shops"), shops.Options[1:]
	for i := range shops.Options {
		shops.Options[i].Value = "shop " + shops.Options[i].Value
		shops.Options[i].Selected = shops.Options[i].Value == chosen
	}
	categories := page.Group{Label: t.T("operatorweb.categories")}
	for _, n := range taxonomy.Roots() {
		categories.Options = append(categories.Options, page.Option{Value: "category " + n.ID, Text: nodeName(t, n),
			Selected: "category "+n.ID == chosen})
	}
	f := &form{Action: "/operator/fees", Fields: []page.Field{
		{ID: "who", Name: "who", Label: t.T("operatorweb.fee_who"), Kind: "select", Required: true, Options: []page.Group{
			{Options: []page.Option{{Value: "market", Text: t.T("operatorweb.scope_market"), Selected: chosen == "market"}}},
			shops, categories}},
		{ID: "rate", Name: "rate", Label: t.T("operatorweb.rate"), Kind: "text", Mode: "decimal", Required: true,
			After:  "%",
			Length: 8, Value: value("rate", ""), Hint: t.T("operatorweb.rate_hint")},
		{ID: "from", Name: "from", Label: t.T("operatorweb.begins"), Kind: "date", Required: true,
			Value: value("from", earliest.Format(time.DateOnly)), Min: earliest.Format(time.DateOnly),
			Hint: t.T("operatorweb.from_hint")}},
		Acts: []page.Act{{Text: t.T("operatorweb.ask_fee"), Main: true}}}
	if refused != nil {
		faults := t.FaultsOf(refused, "who", "rate", "ppm", "from")
		f.Wrong = faults.General
		for i := range f.Fields {
			f.Fields[i].Error = faults.At(f.Fields[i].Name)
		}
		if wrong := faults.At("ppm"); wrong != "" {
			f.Fields[1].Error = wrong
		}
	}
	return section{ID: "ask", Boxed: true, Title: t.T("operatorweb.ask_fee"),
		Lead: t.T("operatorweb.ask_fee_text"), Form: f}
}

// askFee asks for a fee; another person decides.
func (w *web) askFee(rw http.ResponseWriter, r *http.Request) error {
	asked, err := w.feeOf(r)
	if err == nil {
		_, err = w.Approvals.Ask(r.Context(), settle.AskFee(gate.Who(r.Context()), asked))
	}
	if err != nil {
		return w.refuse(err, func(err error) error { return w.showFees(rw, r, err) })
	}
	return see(rw, r, "/operator/fees", "fee_asked")
}

// feeOf reads the form. A fee begins with a day of the market's zone.
func (w *web) feeOf(r *http.Request) (f settle.FeeAsked, err error) {
	f.Scope, f.ScopeID, _ = strings.Cut(r.PostFormValue("who"), " ")
	if f.PPM, err = parseRate(r.PostFormValue("rate")); err != nil {
		return f, err
	}
	from, err := time.ParseInLocation(time.DateOnly, r.PostFormValue("from"), w.Zone)
	if err != nil || from.Year() > 2200 || from.Year() < 2000 {
		return f, fault.New(fault.Invalid, "operatorweb.date").At("from")
	}
	f.FromUS = clock.Micros(from)
	if f.Scope == string(settle.ScopeCategory) {
		if _, ok := taxonomy.Find(f.ScopeID); !ok {
			return f, fault.New(fault.Invalid, "operatorweb.no_category").At("who")
		}
	}
	if f.Scope == string(settle.ScopeShop) {
		names, err := w.shopNames(r.Context(), w.set.In(gate.Lang(r.Context())))
		if err != nil {
			return f, err
		}
		if names[f.ScopeID] == "" {
			return f, fault.New(fault.NotFound, "merchant.not_found").At("who")
		}
	}
	cmd := f.Command()
	return f, cmd.Check(clock.Now(r.Context(), w.Clock))
}
