package saleweb

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/deal/promo"
	"hutong/deal/promo/rulebook"
	"hutong/deal/promo/standard"
	"hutong/goods/catalog"
	"hutong/surface/page"
)

// tryLines is how many lines a basket of the simulator has.
const tryLines = 4

// trial is what is tried: a basket, and drafts that hold while it is priced.
type trial struct {
	entries []rulebook.Entry // of the drafts
	drafts  []rulebook.DraftRef
	basket  promo.Basket
	names   map[string]string // of the SKUs
	claims  bool              // all vouchers that there are, in their best stack
}

func draftRef(e *rulebook.Entry) string {
	return e.Promotion.ID + "." + strconv.FormatInt(e.Promotion.Version, 10)
}

// try prices a basket under the rules in force, and beside it as it would be with drafts among them.
func (w *web) try(rw http.ResponseWriter, r *http.Request) error {
	v, t := w.begin(rw, r, promotionsPath, "saleweb.try")
	v.Lead = t.T("saleweb.try_text")
	v.under(t, w.base+promotionsPath, "saleweb.promotions")
	x, err := w.trialOf(r, t)
	if err != nil && !page.Own(err) {
		return err
	}
	refused := err
	ask, err := w.tryForm(r, t, refused)
	if err != nil {
		return err
	}
	v.Parts = []part{{ID: "basket", Boxed: true, Form: ask}}
	if refused == nil && len(x.entries) > 0 {
		worst, err := w.worstPart(r.Context(), t, x.entries)
		if err != nil {
			return err
		}
		v.Parts = append(v.Parts, worst)
	}
	if refused == nil && len(x.basket.Lines) > 0 {
		parts, err := w.tried(r, t, x)
		if err != nil {
			return err
		}
		v.Parts = append(v.Parts, parts...)
	}
	return w.show(rw, r, refused, v)
}

// drafted are the desk's promotions whose newest version is a draft.
func (w *web) drafted(r *http.Request) (all []rulebook.Entry, err error) {
	found, err := w.Promotions.Promotions(r.Context(), rulebook.Query{Shop: w.shop(r), Limit: rulebook.PageMax})
	for _, e := range found.Entries {
		if e.State == rulebook.Draft {
			all = append(all, e)
		}
	}
	return all, err
}

func (w *web) tryForm(r *http.Request, t page.Tongue, refused error) (*form, error) {
	drafts, err := w.drafted(r)
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	f := &form{Action: w.base + promotionsPath + "/try", Method: "get",
		Acts: []page.Act{{Text: t.T("saleweb.try_do"), Main: true}}}
	with := fieldset{Legend: t.T("saleweb.try_drafts")}
	for i := range drafts {
		ref := draftRef(&drafts[i])
		p := &drafts[i].Promotion
		with.Fields = append(with.Fields, page.Field{ID: "draft-" + ref, Name: "draft", Kind: "check", Value: ref,
			Label:   p.Title.Pick(t.Lang) + " · " + w.takes(t, p),
			Checked: slices.Contains(q["draft"], ref)})
	}
	if len(with.Fields) > 0 {
		f.Sets = append(f.Sets, with)
	}
	var goods []page.Option
	more := true
	if !w.market {
		if goods, more, err = w.ownGoods(r, t); err != nil {
			return nil, err
		}
	}
	faults := page.Faults{}
	if refused != nil {
		faults = t.FaultsOf(refused, "sku1", "sku2", "sku3", "sku4", "n1", "n2", "n3", "n4", "at")
		f.Wrong = faults.General
	}
	for i := range tryLines {
		f.Sets = append(f.Sets, w.tryLine(t, q.Get, strconv.Itoa(i+1), goods, more))
		at := f.Sets[len(f.Sets)-1].Fields
		for j := range at {
			at[j].Error = faults.At(at[j].Name)
		}
	}
	when := w.field(t, spec{"time", "at", false}, func(s string) string { return q.Get(s) }, faults)
	claim := page.Field{ID: "claim", Name: "claim", Kind: "check", Value: "on", Checked: q.Get("claim") != "",
		Label: t.T("saleweb.try_claim"), Hint: t.T("saleweb.try_claim_hint")}
	f.Sets = append(f.Sets, fieldset{Legend: t.T("saleweb.try_how"), Fields: []page.Field{when, claim}})
	return f, nil
}

func (w *web) tryLine(t page.Tongue, get asked, n string, goods []page.Option, more bool) fieldset {
	sku := page.Field{ID: "sku" + n, Name: "sku" + n, Kind: "text", Length: 64,
		Label: t.T("saleweb.try_sku"), Value: get("sku" + n)}
	if !more {
		list := []page.Option{{Text: "–"}}
		for _, g := range goods {
			g.Selected = g.Value == sku.Value
			list = append(list, g)
		}
		sku.Kind, sku.Options = "select", []page.Group{{Options: list}}
	}
	pieces := page.Field{ID: "n" + n, Name: "n" + n, Kind: "number", Min: "1", Label: t.T("saleweb.try_n"),
		Value: get("n" + n)}
	if pieces.Value == "" {
		pieces.Value = "1"
	}
	return fieldset{Legend: t.T("saleweb.try_line", "n", n), Line: true, Fields: []page.Field{sku, pieces}}
}

// trialOf reads the question. Codes: saleweb.whole, saleweb.time, saleweb.sku, promo.not_found.
func (w *web) trialOf(r *http.Request, t page.Tongue) (x trial, err error) {
	q := r.URL.Query()
	x = trial{claims: q.Get("claim") != "", names: map[string]string{}}
	x.basket = promo.Basket{Currency: w.Currency, At: clock.Now(r.Context(), w.Clock)}
	drafts, err := w.drafted(r)
	if err != nil {
		return x, err
	}
	for i := range drafts {
		for _, ref := range q["draft"] {
			if ref != draftRef(&drafts[i]) {
				continue
			}
			p := &drafts[i].Promotion
			x.entries = append(x.entries, drafts[i])
			x.drafts = append(x.drafts, rulebook.DraftRef{ID: p.ID, Version: p.Version})
			if p.From.After(x.basket.At) { // a draft for later is looked at as of its beginning
				x.basket.At = p.From
			}
		}
	}
	if s := q.Get("at"); s != "" {
		at, err := w.value(spec{"time", "at", false}, s)
		if err != nil {
			return x, err
		}
		x.basket.At = at.(time.Time)
	}
	return x, w.linesOf(r, t, &x)
}

// linesOf finds what the basket names.
func (w *web) linesOf(r *http.Request, t page.Tongue, x *trial) error {
	q := r.URL.Query()
	var skus []catalog.SKUID
	for i := range tryLines {
		if s := strings.TrimSpace(q.Get("sku" + strconv.Itoa(i+1))); s != "" {
			skus = append(skus, catalog.SKUID(s))
		}
	}
	if len(skus) == 0 {
		return nil
	}
	briefs, offers, err := w.goods(r.Context(), skus)
	if err != nil {
		return err
	}
	for i := range tryLines {
		n := strconv.Itoa(i + 1)
		sku := strings.TrimSpace(q.Get("sku" + n))
		if sku == "" {
			continue
		}
		pieces, err := strconv.ParseInt(q.Get("n"+n), 10, 64)
		if err != nil || pieces < 1 || pieces > promo.QuantityMax {
			return fault.New(fault.Invalid, "saleweb.whole").At("n" + n)
		}
		o, there := offers[sku]
		if !there || !w.market && o.Shop != w.shop(r) {
			return fault.New(fault.Invalid, "saleweb.sku").At("sku" + n)
		}
		b := briefs[catalog.SKUID(sku)]
		x.names[n] = b.Title.In(t.Lang)
		if c := b.Choice.In(t.Lang); c != "" {
			x.names[n] += " · " + c
		}
		x.basket.Lines = append(x.basket.Lines, promo.Line{ID: n, Shop: o.Shop, SKU: sku, UnitPrice: o.UnitPrice,
			Categories: promo.Path(b.Category), Quantity: pieces})
	}
	return nil
}

// price prices a basket; with claims, with the best stack of all that could be claimed.
func (x *trial) price(rules *promo.Rules) (promo.Answer, error) {
	b := x.basket
	if !x.claims {
		return rules.Price(b)
	}
	b.Claimed = rules.Claimable(b)
	a, _, err := rules.Best(b)
	return a, err
}

// tried is the answer: both prices, each step, and the best price of each product.
func (w *web) tried(r *http.Request, t page.Tongue, x trial) ([]part, error) {
	now := w.Rules.Rules()
	tried, err := w.Promotions.Try(r.Context(), rulebook.Try{Shop: w.shop(r), Drafts: x.drafts, Rules: now})
	if err != nil {
		return nil, err
	}
	before, err := x.price(now)
	if err != nil {
		return nil, err
	}
	after, err := x.price(tried)
	if err != nil {
		return nil, err
	}
	words, err := w.words(r.Context(), t)
	if err != nil {
		return nil, err
	}
	stats := []page.Stat{{Name: t.T("saleweb.try_list"), Value: w.money(t, after.List)},
		{Name: t.T("saleweb.try_now"), Value: w.money(t, before.Total)}}
	parts := []part{{ID: "sums", Title: t.T("saleweb.try_sums"),
		Lead: t.T("saleweb.try_as_of", "time", t.When(x.basket.At))},
		w.stepPart(t, "now", now, before, words)}
	if len(x.drafts) > 0 {
		stats = append(stats, page.Stat{Name: t.T("saleweb.try_then"), Value: w.money(t, after.Total)},
			page.Stat{Name: t.T("saleweb.try_less"), Value: w.money(t, before.Total-after.Total)})
		parts = append(parts, w.stepPart(t, "then", tried, after, words))
	}
	parts[0].Stats = stats
	best, err := w.bestPart(t, x, now, tried)
	return append(parts, best), err
}

func (w *web) words(ctx context.Context, t page.Tongue) (promo.Words, error) {
	all, err := w.Shops.Shops(ctx)
	names := make(map[string]string, len(all))
	for _, s := range all {
		names[string(s.ID)] = s.Name.Pick(t.Lang)
	}
	return promo.Words{Lang: t.Lang, Kinds: standard.Texts, Shop: func(id string) string { return names[id] }}, err
}

// stepPart says how a price came about.
func (w *web) stepPart(t page.Tongue, key string, rules *promo.Rules, a promo.Answer, words promo.Words) part {
	said := rules.Explain(a, words)
	why := &page.Why{Open: true}
	for _, s := range said.Steps {
		why.Steps = append(why.Steps, page.WhyStep{Text: s.Text, Off: "−" + w.money(t, s.Amount), Pays: s.Pays})
	}
	for _, h := range said.Hints {
		why.Hints = append(why.Hints, h.Text)
	}
	for _, n := range said.Refused {
		if n.Code != promo.RefusedNoLine {
			why.Refused = append(why.Refused, n.Text)
		}
	}
	p := part{ID: key, Boxed: true, Title: t.T("saleweb.try_steps_"+key, "amount", w.money(t, a.Total)), Why: why}
	if why.Empty() {
		p.Lead = t.T("saleweb.try_nothing")
	}
	return p
}

// bestPart is what one piece of each product costs at best, and by what: every voucher that there is, in the best
// stack.
func (w *web) bestPart(t page.Tongue, x trial, now, tried *promo.Rules) (part, error) {
	table := &page.Table{ID: "best", Caption: t.T("saleweb.try_best"),
		Columns: columns(t, "*product", "#try_list", "#try_now", "#try_then", "stack")}
	for _, l := range x.basket.Lines {
		l.Quantity = 1
		single := trial{basket: promo.Basket{Currency: x.basket.Currency, At: x.basket.At, Lines: []promo.Line{l}},
			claims: true}
		before, err := single.price(now)
		if err != nil {
			return part{}, err
		}
		after, err := single.price(tried)
		if err != nil {
			return part{}, err
		}
		table.Rows = append(table.Rows, page.Row{ID: l.ID, Cells: []page.Cell{{Text: x.names[l.ID], Sub: l.SKU},
			{Text: w.money(t, l.UnitPrice)}, {Text: w.money(t, before.Total)}, {Text: w.money(t, after.Total)},
			{Text: stack(t, tried, after)}}})
	}
	return part{ID: "best", Title: t.T("saleweb.try_best"), Lead: t.T("saleweb.try_best_text"), Table: table}, nil
}

// stack names what took something off, in its order.
func stack(t page.Tongue, rules *promo.Rules, a promo.Answer) string {
	var all []string
	for _, one := range a.Applied {
		p, found := rules.Find(one.Promotion)
		if found && p.Title.Pick(t.Lang) != "" {
			all = append(all, p.Title.Pick(t.Lang))
			continue
		}
		all = append(all, kindName(t, one.Kind))
	}
	if len(all) == 0 {
		return t.T("saleweb.nothing")
	}
	return strings.Join(all, " + ")
}

// worstPart is the most that each draft could cost.
func (w *web) worstPart(ctx context.Context, t page.Tongue, all []rulebook.Entry) (part, error) {
	p := part{ID: "worst", Title: t.T("saleweb.worst_title"), Boxed: true}
	for _, e := range all {
		worst, err := w.Promotions.Worst(ctx, e.Promotion)
		if err != nil {
			return p, err
		}
		p.Facts = append(p.Facts, fact{Name: e.Promotion.Title.Pick(t.Lang), Text: w.worstText(t, worst)})
	}
	return p, nil
}
