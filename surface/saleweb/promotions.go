package saleweb

import (
	"context"
	"net/http"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/deal/promo"
	"hutong/deal/promo/rulebook"
	"hutong/deal/promo/standard"
	"hutong/deal/quota"
	"hutong/surface/gate"
	"hutong/surface/page"
)

const (
	promotionsPath = "/promotions"
	perPage        = 30
)

// promotions lists the desk's own; the operator may look at all shops' too.
func (w *web) promotions(rw http.ResponseWriter, r *http.Request) error {
	v, t := w.begin(rw, r, promotionsPath, "saleweb.promotions")
	q := rulebook.Query{Shop: w.shop(r), Cursor: r.URL.Query().Get("at"), Limit: perPage}
	here := w.base + promotionsPath
	everyone := w.market && r.URL.Query().Get("of") == "all"
	if q.Any = everyone; w.market {
		v.Tabs = &page.Tabs{Label: t.T("saleweb.promotions"), Links: []page.Link{
			{Href: here, Text: t.T("saleweb.of_market"), Current: !everyone},
			{Href: here + "?of=all", Text: t.T("saleweb.of_all"), Current: everyone}}}
	}
	v.Lead = t.T("saleweb.promotions_text")
	v.Acts = []page.Act{{Text: t.T("saleweb.try"), Href: here + "/try"}}
	if w.can(r) {
		v.Acts = append(v.Acts, page.Act{Text: t.T("saleweb.new_promotion"), Href: here + "/new", Main: true})
	}
	found, err := w.Promotions.Promotions(r.Context(), q)
	if err != nil {
		return err
	}
	table, err := w.promotionTable(r.Context(), t, found.Entries)
	if err != nil {
		return err
	}
	if found.Next != "" {
		table.Pager.Next = here + "?at=" + found.Next
		if everyone {
			table.Pager.Next += "&of=all"
		}
	}
	v.Parts = []part{{ID: "list", Table: table}}
	return w.show(rw, r, nil, v)
}

func (w *web) promotionTable(ctx context.Context, t page.Tongue, all []rulebook.Entry) (*page.Table, error) {
	var names []string
	for _, e := range all {
		if e.Promotion.Budget > 0 {
			names = append(names, quota.Budget(e.Promotion.ID))
		}
	}
	budgets, err := w.counts(ctx, names)
	if err != nil {
		return nil, err
	}
	shops, err := w.shopNames(ctx, t)
	if err != nil {
		return nil, err
	}
	table := &page.Table{ID: "promotions", Caption: t.T("saleweb.promotions"),
		Columns: columns(t, "*promotion", "takes", "window", "state", "budget"),
		Empty:   page.Empty{Title: t.T("saleweb.no_promotions"), Text: t.T("saleweb.no_promotions_text")}}
	now := clock.Now(ctx, w.Clock)
	for i := range all {
		p := &all[i].Promotion
		state := w.stateOf(t, &all[i], now)
		table.Rows = append(table.Rows, page.Row{ID: p.ID, Cells: []page.Cell{
			{Text: p.Title.Pick(t.Lang), Href: w.base + promotionsPath + "/" + p.ID,
				Sub: kindName(t, p.Kind) + " · " + scope(t, p.Scope, shops, w.market)},
			{Text: w.takes(t, p)}, {Text: spanText(t, p.From, p.Until)}, {Badge: &state, Sub: w.inForce(t, p)},
			w.budgetCell(t, p.Budget, budgets[quota.Budget(p.ID)])}})
	}
	return table, nil
}

func (w *web) shopNames(ctx context.Context, t page.Tongue) (map[string]string, error) {
	if !w.market {
		return nil, nil
	}
	all, err := w.Shops.Shops(ctx)
	names := make(map[string]string, len(all))
	for _, s := range all {
		names[string(s.ID)] = s.Name.Pick(t.Lang)
	}
	return names, err
}

func kindName(t page.Tongue, kind string) string {
	return standard.Texts.Text(t.Lang, "promo.kind."+kind)
}

// stateOf is a version's position now.
func (w *web) stateOf(t page.Tongue, e *rulebook.Entry, now time.Time) page.Badge {
	p := &e.Promotion
	switch {
	case e.State == rulebook.Draft:
		return *badge(t, "wait", "state_draft")
	case e.State != rulebook.Published:
		return *badge(t, "off", "state_"+string(e.State))
	case now.Before(p.From):
		return *badge(t, "go", "state_planned")
	case !p.Until.IsZero() && !now.Before(p.Until):
		return *badge(t, "off", "state_over")
	}
	return *badge(t, "done", "state_published")
}

// inForce tells of a version that holds while a newer one is drafted.
func (w *web) inForce(t page.Tongue, p *promo.Promotion) string {
	held, found := w.Rules.Rules().Find(p.ID)
	if !found || held.Version == p.Version {
		return t.T("saleweb.version", "n", p.Version)
	}
	return t.T("saleweb.version_holds", "n", held.Version)
}

func spanText(t page.Tongue, from, until time.Time) string {
	switch {
	case from.IsZero() && until.IsZero():
		return t.T("saleweb.always")
	case until.IsZero():
		return t.T("saleweb.since", "from", t.When(from))
	case from.IsZero():
		return t.T("saleweb.until_then", "until", t.When(until))
	}
	return t.When(from) + " – " + t.When(until)
}

// lowAt is the part of a budget, as a divisor, below which it is called low.
const lowAt = 10

// budgetCell is how much of a budget is gone: open, low or exhausted.
func (w *web) budgetCell(t page.Tongue, limit int64, c quota.Count) page.Cell {
	if limit == 0 {
		return page.Cell{Text: t.T("saleweb.no_budget")}
	}
	if c.Cap > 0 {
		limit = c.Cap
	}
	left := limit - c.Used
	b := badge(t, "done", "budget_open")
	switch {
	case left <= 0:
		b = badge(t, "off", "budget_exhausted")
	case left <= limit/lowAt:
		b = badge(t, "wait", "budget_low")
	}
	return page.Cell{Text: t.T("saleweb.used_of", "used", w.money(t, c.Used), "cap", w.money(t, limit)), Badge: b,
		Sub: t.T("saleweb.left", "left", w.money(t, left))}
}

// joined puts what is there into one line.
func joined(t page.Tongue, s, more string) string {
	if more == "" {
		return s
	}
	return s + t.T("saleweb.comma") + more
}

// find are a promotion's versions, newest first, as this desk may see them.
func (w *web) find(r *http.Request) ([]rulebook.Entry, error) {
	return w.Promotions.Versions(r.Context(), rulebook.Find{Shop: w.shop(r), Any: w.market, ID: r.PathValue("promotion")})
}

// promotion is one promotion with its versions.
func (w *web) promotion(rw http.ResponseWriter, r *http.Request) error {
	return w.showPromotion(rw, r, nil)
}

func (w *web) showPromotion(rw http.ResponseWriter, r *http.Request, refused error) error {
	all, err := w.find(r)
	if err != nil {
		return err
	}
	e := &all[0]
	v, t := w.begin(rw, r, promotionsPath, "saleweb.promotions")
	v.Heading = e.Promotion.Title.Pick(t.Lang)
	v.Title = v.Heading
	v.under(t, w.base+promotionsPath, "saleweb.promotions")
	state := w.stateOf(t, e, clock.Now(r.Context(), w.Clock))
	v.Badge = &state
	own := e.Shop == w.shop(r)
	if own && w.can(r) {
		v.Acts = append(v.Acts, page.Act{Text: t.T("saleweb.edit"),
			Href: w.base + promotionsPath + "/new?of=" + e.Promotion.ID})
	}
	if e.State == rulebook.Draft {
		v.Acts = append(v.Acts, page.Act{Text: t.T("saleweb.try"),
			Href: w.base + promotionsPath + "/try?draft=" + draftRef(e)})
	}
	if refused != nil {
		v.Wrong = t.Fault(refused)
	}
	facts, err := w.promotionFacts(r.Context(), t, e)
	if err != nil {
		return err
	}
	asks, waits, err := w.requestPart(r, t, e.Promotion.ID, rulebook.PublishRequest)
	if err != nil {
		return err
	}
	v.Parts = []part{facts, {ID: "turn", Dialogs: w.promotionDialogs(r, all, waits, refused)}}
	if asks != nil {
		v.Parts = append(v.Parts, *asks)
	}
	v.Parts = append(v.Parts, w.versionPart(t, all))
	return w.show(rw, r, refused, v)
}

func (w *web) promotionFacts(ctx context.Context, t page.Tongue, e *rulebook.Entry) (part, error) {
	p := &e.Promotion
	shops, err := w.shopNames(ctx, t)
	if err != nil {
		return part{}, err
	}
	counts, err := w.counts(ctx, []string{quota.Budget(p.ID)})
	if err != nil {
		return part{}, err
	}
	worst, err := w.Promotions.Worst(ctx, *p)
	if err != nil {
		return part{}, err
	}
	say := func(key, s string) fact { return fact{Name: t.T("saleweb." + key), Text: s} }
	facts := []fact{say("kind", kindName(t, p.Kind)), say("takes", w.takes(t, p)),
		say("scope", scope(t, p.Scope, shops, w.market)), say("window", spanText(t, p.From, p.Until)),
		say("funding", payers(t, p.Funding))}
	if p.PerShopper > 0 {
		facts = append(facts, say("f_per_shopper", t.Count(p.PerShopper)))
	}
	budget := w.budgetCell(t, p.Budget, counts[quota.Budget(p.ID)])
	facts = append(facts, fact{Name: t.T("saleweb.budget"), Badge: budget.Badge, Text: joined(t, budget.Text, budget.Sub)},
		say("worst", w.worstText(t, worst)), say("version_name", w.inForce(t, p)))
	return part{ID: "facts", Boxed: true, Facts: facts}, nil
}

// worstText says the most that a promotion could cost, and who would pay it.
func (w *web) worstText(t page.Tongue, worst promo.Worst) string {
	if !worst.Known {
		return t.T("saleweb.worst_open")
	}
	s := t.T("saleweb.worst_is", "amount", w.money(t, worst.Total))
	for _, name := range sorted(worst.Parties) {
		s += t.T("saleweb.comma") + party(t, name) + " " + w.money(t, worst.Parties[name])
	}
	return s
}

func (w *web) versionPart(t page.Tongue, all []rulebook.Entry) part {
	table := &page.Table{ID: "versions", Caption: t.T("saleweb.versions"),
		Columns: columns(t, "version_name", "takes", "window", "state", "drafted")}
	for i := range all {
		p := &all[i].Promotion
		b := *badge(t, "off", "state_"+string(all[i].State))
		switch all[i].State {
		case rulebook.Published:
			b.Tone = "done"
		case rulebook.Draft:
			b.Tone = "wait"
		}
		table.Rows = append(table.Rows, page.Row{ID: page.Itoa(p.Version), Cells: []page.Cell{{Text: t.Count(p.Version)},
			{Text: w.takes(t, p)}, {Text: spanText(t, p.From, p.Until)}, {Badge: &b}, {Text: t.When(all[i].Drafted)}}})
	}
	return part{ID: "versions", Title: t.T("saleweb.versions"), Table: table}
}

// promotionDialogs are what can be done: publish a draft, ask for a second person where one is needed, stop what holds.
func (w *web) promotionDialogs(r *http.Request, all []rulebook.Entry, waits bool, refused error) (ds []page.Dialog) {
	e, t := &all[0], w.set.In(gate.Lang(r.Context()))
	if !w.can(r) {
		return nil
	}
	at := w.base + promotionsPath + "/" + e.Promotion.ID
	ask := func(do string, bad, show bool) {
		ds = append(ds, page.Dialog{ID: "do-" + do, Open: t.T("saleweb.do_" + do), Title: t.T("saleweb.do_" + do),
			Text: t.T("saleweb.do_" + do + "_text"), Action: at, Show: show,
			Hidden:  []page.Pair{{Name: "version", Value: page.Itoa(e.Promotion.Version)}},
			Confirm: page.Act{Text: t.T("saleweb.do_" + do), Name: "do", Value: do, Main: !bad, Bad: bad}})
	}
	if e.State == rulebook.Draft && e.Shop == w.shop(r) {
		ask("publish", false, false)
		if !waits {
			ask("ask", false, needsSecond(refused))
		}
	}
	for i := range all {
		if all[i].State == rulebook.Published {
			ask("withdraw", true, false)
		}
	}
	return ds
}

// needsSecond tells a refusal that another person can lift.
func needsSecond(err error) bool {
	return fault.Is(err, "promo.second_person") || fault.Is(err, "promo.second_person_open") ||
		fault.Is(err, "voucher.second_person")
}

// turnPromotion publishes, asks for a second person, decides, or withdraws.
func (w *web) turnPromotion(rw http.ResponseWriter, r *http.Request) error {
	ctx, id, do := r.Context(), r.PathValue("promotion"), r.PostFormValue("do")
	if _, err := w.find(r); err != nil {
		return err
	}
	version, err := page.Number(r, "version")
	switch do {
	case "publish":
		if err == nil {
			err = w.Promotions.Publish(ctx, rulebook.Publish{Shop: w.shop(r), ID: id, Version: version})
		}
	case "ask":
		if err == nil {
			err = w.ask(r, rulebook.PublishRequest, id, rulebook.PublishPayload{Version: version})
		}
	case "withdraw":
		err = w.Promotions.Withdraw(ctx, rulebook.Withdraw{Shop: w.shop(r), Any: w.market, ID: id})
	default:
		err = w.decide(r, do)
	}
	if err == nil {
		err = w.Rules.Refresh(ctx) // what was stopped takes nothing off from here on
	}
	if err != nil {
		if fault.Is(err, "login.proof_old") || fault.Of(err) == fault.Internal || fault.Of(err) == fault.NotFound {
			return err
		}
		return w.showPromotion(rw, r, err)
	}
	return seen(rw, r, w.base+promotionsPath+"/"+id, "saleweb.done_"+do)
}
