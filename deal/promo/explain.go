package promo

import (
	"strings"

	"hutong/base/money"
	"hutong/base/text"
)

// Words are what an explanation is told in.
type Words struct {
	Lang     text.Lang
	Kinds    text.Bundle            // of the kinds: standard.Texts
	Shop     func(id string) string // nil: ids are shown
	Category func(id string) string
	SKU      func(id string) string
}

// Said is an answer to "why this price?" for people.
type Said struct {
	Steps   []Step
	Refused []Note // what did not apply, and why
	Hints   []Note // what would unlock more
	Floor   string // that shops let prices of the basket go no lower; "" where nothing was kept from them by that
}

// Step is one promotion that took something off.
type Step struct {
	Promotion string
	Claim     string
	Title     string
	Text      string // "Shop voucher: takes off ¥40.00"
	Amount    int64
	Payers    []Funded // over all lines, in the order of the promotion's funding
	Pays      string   // "paid by the platform ¥20.00, the shop ¥20.00"
}

// Note is a sentence about a promotion.
type Note struct {
	Promotion string
	Code      string // of a refusal
	Text      string
}

// Explain says an answer in words: each step in its order, what it took and who pays, what did not apply and why, and
// what would unlock more. A promotion that the rules no longer have is told by its kind. That a floor was met is told
// without naming it: the price itself says as much as anybody but the shop is told.
func (r *Rules) Explain(a Answer, w Words) (s Said) {
	for i := range a.Applied {
		s.Steps = append(s.Steps, r.step(&a, &a.Applied[i], w))
	}
	for _, refused := range a.Refused {
		p, _ := r.Find(refused.Promotion)
		s.Refused = append(s.Refused, Note{refused.Promotion, refused.Code, Texts.Text(w.Lang, "promo.said_refused",
			"title", w.title(p, ""), "why", Texts.Text(w.Lang, refused.Code))})
	}
	for _, h := range a.Hints {
		if p, found := r.Find(h.Promotion); found {
			s.Hints = append(s.Hints, Note{Promotion: h.Promotion, Text: w.hint(a, h, p)})
		}
	}
	s.Floor = w.floor(&a)
	return s
}

// floor says that lines are as low as their shops let them go.
func (w Words) floor(a *Answer) string {
	switch len(a.Least) {
	case 0:
		return ""
	case len(a.Lines):
		return Texts.Text(w.Lang, "promo.said_floor")
	}
	return Texts.Text(w.Lang, "promo.said_floor_some", "n", len(a.Least))
}

func (r *Rules) step(a *Answer, p *Applied, w Words) Step {
	rule, _ := r.Find(p.Promotion)
	s := Step{Promotion: p.Promotion, Claim: p.Claim, Title: w.title(rule, p.Kind), Amount: p.Amount,
		Payers: make([]Funded, len(p.Funders))}
	for i, f := range p.Funders {
		s.Payers[i].Party = f.Party
	}
	for _, l := range a.Lines {
		for i := range l.Discounts {
			l.Discounts[i].addTo(p, s.Payers)
		}
	}
	show := func(minor int64) string { return money.New(minor, a.Currency).Format(string(w.Lang)) }
	s.Text = Texts.Text(w.Lang, "promo.said_step", "title", s.Title, "what",
		w.Kinds.Text(w.Lang, "promo.step."+p.Kind, "amount", show(p.Amount), "base", show(p.Base)))
	var parts []string
	for _, f := range s.Payers {
		if f.Amount > 0 {
			parts = append(parts, Texts.Text(w.Lang, "promo.said_part", "party", w.party(f.Party), "amount", show(f.Amount)))
		}
	}
	s.Pays = Texts.Text(w.Lang, "promo.said_pays", "parties",
		strings.Join(parts, Texts.Text(w.Lang, "promo.said_and")))
	return s
}

// addTo adds who pays what of the discount, if it is one of that promotion.
func (d *Discount) addTo(p *Applied, payers []Funded) {
	if d.Applied != p {
		return
	}
	for i, part := range d.Parts() {
		payers[i].Amount += part
	}
}

// title is a promotion's own, or the name of its kind.
func (w Words) title(p *Promotion, kind string) string {
	if p != nil {
		if t := p.Title.Pick(w.Lang); t != "" {
			return t
		}
		kind = p.Kind
	}
	return w.Kinds.Text(w.Lang, "promo.kind."+kind)
}

func (w Words) party(name string) string {
	switch name {
	case Platform, Merchant:
		return Texts.Text(w.Lang, "promo.party_"+name)
	}
	return name
}

func (w Words) hint(a Answer, h Hint, p *Promotion) string {
	show := func(minor int64) string { return money.New(minor, a.Currency).Format(string(w.Lang)) }
	key, gift := "promo.said_short", p.Terms.Lane(p.Scope) == LaneGift
	switch {
	case h.SKU != "":
		key = "promo.said_add"
	case gift && h.Short > 0:
		key = "promo.said_spend_again"
	case h.Pieces > 0 && h.Then > 0:
		key = "promo.said_again"
	case h.Pieces > 0:
		key = "promo.said_pieces"
	}
	return Texts.Text(w.Lang, key, "where", w.where(p.Scope), "short", show(h.Short), "then", show(h.Then),
		"pieces", h.Pieces, "sku", named(w.SKU, h.SKU))
}

// where is the place in which more has to be bought.
func (w Words) where(s Scope) string {
	switch {
	case len(s.SKUs) > 0:
		return Texts.Text(w.Lang, "promo.in_items")
	case s.Category != "":
		return Texts.Text(w.Lang, "promo.in_category", "category", named(w.Category, s.Category))
	case s.Shop != "":
		return Texts.Text(w.Lang, "promo.in_shop", "shop", named(w.Shop, s.Shop))
	}
	return Texts.Text(w.Lang, "promo.in_market")
}

func named(name func(string) string, id string) string {
	if name == nil {
		return id
	}
	return name(id)
}
