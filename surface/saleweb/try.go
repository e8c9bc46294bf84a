package saleweb

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/deal/promo"
	"hutong/deal/promo/redpacket"
	"hutong/deal/promo/rulebook"
	"hutong/deal/promo/standard"
	"hutong/deal/voucher"
	"hutong/surface/page"
)

// trial is what is tried: a basket, and drafts that hold while it is priced.
type trial struct {
	entries []rulebook.Entry // of the drafts
	drafts  []rulebook.DraftRef
	basket  promo.Basket
	picked  []picked
	names   map[string]string // of the lines
	claims  bool              // all vouchers that there are, in their best stack
	worth   map[string]int64  // of one red packet, on average, by its template
	luck    []string          // what is said of those that differ
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
	ask, err := w.tryForm(r, t, x, refused)
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

// trialOf reads the question. Codes: saleweb.whole, saleweb.time, saleweb.sku, promo.not_found.
func (w *web) trialOf(r *http.Request, t page.Tongue) (x trial, err error) {
	q := r.URL.Query()
	x = trial{claims: q.Get("claim") != "", picked: pick(q), names: map[string]string{}}
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
	var wrong error
	if s := q.Get("at"); s != "" {
		at, err := w.value(spec{"time", "at", false}, s)
		if wrong = err; err == nil {
			x.basket.At = at.(time.Time)
		}
	}
	return x, cmp.Or(w.linesOf(r, t, &x), wrong)
}

// price prices a basket; with claims, with the best stack of all that could be claimed.
func (x *trial) price(rules *promo.Rules) (promo.Answer, error) {
	b := x.basket
	if !x.claims {
		return rules.Price(b)
	}
	b.Claimed = rules.Claimable(b)
	for i := range b.Claimed {
		b.Claimed[i].Amount = x.worth[b.Claimed[i].Promotion]
	}
	a, _, err := rules.Best(b)
	return a, err
}

// packets notes what the red packets are worth that could be claimed: a claim has its amount when it is made, so that
// before there is none to be counted.
func (w *web) packets(ctx context.Context, t page.Tongue, x *trial, rules *promo.Rules) error {
	x.worth = map[string]int64{}
	for _, c := range rules.Claimable(x.basket) {
		p, found := rules.Find(c.Promotion)
		if !found || p.Kind != redpacket.Name {
			continue
		}
		gift, _, err := w.Vouchers.Template(ctx, p.Scope.Shop, voucher.TemplateID(c.Promotion))
		if fault.Of(err) == fault.NotFound && err != nil {
			continue // a promotion of the kind that is no template has its amount in its terms
		}
		if err != nil {
			return err
		}
		least, most, average := gift.Terms.Packets()
		x.worth[c.Promotion] = average
		if gift.Terms.Random {
			x.luck = append(x.luck, t.T("saleweb.try_luck", "title", p.Title.Pick(t.Lang), "least", w.money(t, least),
				"most", w.money(t, most), "average", w.money(t, average)))
		}
	}
	return nil
}

// tried is the answer: both prices, each step, and the best price of each product.
func (w *web) tried(r *http.Request, t page.Tongue, x trial) ([]part, error) {
	now := w.Rules.Rules()
	tried, err := w.Promotions.Try(r.Context(), rulebook.Try{Shop: w.shop(r), Drafts: x.drafts, Rules: now})
	if err != nil {
		return nil, err
	}
	if err := w.packets(r.Context(), t, &x, tried); err != nil {
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
	lead := &best.Lead // which takes every voucher in any case
	if x.claims {
		lead = &parts[0].Lead
	}
	*lead = strings.Join(append([]string{*lead}, x.luck...), " ")
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
	why := &page.Why{Open: true, Floor: said.Floor}
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
	names := []string{"*product", "#try_list", "#try_now", "#try_then", "stack"}
	if len(x.drafts) == 0 { // what is in force stands alone
		names = slices.Delete(names, 3, 4)
	}
	table := &page.Table{ID: "best", Caption: t.T("saleweb.try_best"), Columns: columns(t, names...)}
	for _, l := range x.basket.Lines {
		l.Quantity = 1
		single := trial{basket: promo.Basket{Currency: x.basket.Currency, At: x.basket.At, Lines: []promo.Line{l}},
			claims: true, worth: x.worth}
		before, err := single.price(now)
		if err != nil {
			return part{}, err
		}
		after, err := single.price(tried)
		if err != nil {
			return part{}, err
		}
		cells := []page.Cell{{Text: x.names[l.ID], Sub: l.SKU}, {Text: w.money(t, l.UnitPrice)},
			{Text: w.money(t, before.Total)}}
		if len(x.drafts) > 0 {
			cells = append(cells, page.Cell{Text: w.money(t, after.Total)})
		}
		cells = append(cells, page.Cell{Text: stack(t, tried, after)})
		table.Rows = append(table.Rows, page.Row{ID: l.ID, Cells: cells})
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
