package promo

import (
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/strict"
)

// Basis is what a basket's price came from, for pricing what is left of it after some of it was returned: its lines as
// they were, the claims that it used, and every promotion that took something off it or could off less of it. It stands
// by itself, so whatever is promoted, priced or filed elsewhere since changes nothing (RULES C7).
type Basis struct {
	rules  *Rules
	basket Basket
}

// The stored form of a basis.
type basisForm struct {
	At       int64           `json:"at,omitzero"` // microseconds
	Currency money.Currency  `json:"currency"`
	Mode     Mode            `json:"mode"`
	Lines    []basisLine     `json:"lines"`
	Claims   []basisClaim    `json:"claims,omitzero"`
	Rules    []basisRuleForm `json:"rules"`
}

type basisLine struct {
	ID        string `json:"id"`
	Shop      string `json:"shop"`
	SKU       string `json:"sku"`
	Category  string `json:"category,omitzero"`
	UnitPrice int64  `json:"unit_price"`
	Quantity  int64  `json:"quantity"`
	Floor     int64  `json:"floor,omitzero"`
}

type basisClaim struct {
	Promotion string `json:"promotion"`
	Claim     string `json:"claim,omitzero"`
	Amount    int64  `json:"amount,omitzero"`
}

type basisRuleForm struct {
	Version int64          `json:"version,omitzero"`
	Form    jsontext.Value `json:"form"`
}

// keepsAsking are the refusals of promotions that may take something off when less is left, as what another one beat at
// first. What was not open to the basket, or had run out, never does.
var keepsAsking = []string{RefusedExcluded, RefusedNoEffect, RefusedNothing, RefusedFloor,
	RefusedThreshold, RefusedBeaten}

// Basis is what an answer came from, as ReadBasis reads it.
func (r *Rules) Basis(b Basket, a Answer) (string, error) {
	f := basisForm{Currency: b.Currency, Mode: r.mode}
	if !b.At.IsZero() {
		f.At = b.At.UnixMicro()
	}
	var skus []string
	for i := range b.Lines {
		l := &b.Lines[i]
		line := basisLine{ID: l.ID, Shop: l.Shop, SKU: l.SKU, UnitPrice: l.UnitPrice, Quantity: l.Quantity, Floor: l.Floor}
		if len(l.Categories) > 0 {
			line.Category = l.Categories[0]
		}
		f.Lines, skus = append(f.Lines, line), append(skus, l.SKU)
	}
	part := map[string]bool{}
	for _, applied := range a.Applied {
		part[applied.Promotion] = true
		if applied.Claim != "" {
			i := slices.IndexFunc(b.Claimed, func(c Claimed) bool {
				return c.Claim == applied.Claim && c.Promotion == applied.Promotion
			})
			f.Claims = append(f.Claims, basisClaim{applied.Promotion, applied.Claim, b.Claimed[i].Amount})
		}
	}
	for _, c := range b.Claimed { // a right without a name, such as an appointment's
		if c.Claim == "" && part[c.Promotion] {
			f.Claims = append(f.Claims, basisClaim{Promotion: c.Promotion, Amount: c.Amount})
		}
	}
	for _, no := range a.Refused {
		if rule, ok := r.Find(no.Promotion); ok && !rule.Claim && slices.Contains(keepsAsking, no.Code) {
			part[no.Promotion] = true
		}
	}
	var err error
	if f.Rules, err = r.parts(part, skus); err != nil {
		return "", err
	}
	out, err := json.Marshal(f)
	return string(out), err
}

// parts are the rules that take part, in their order, without what no price needs.
func (r *Rules) parts(part map[string]bool, skus []string) (all []basisRuleForm, err error) {
	names := map[string]bool{}
	for i := range r.rules {
		if p := r.rules[i].promotion; part[p.ID] {
			names[p.ID], names[p.Kind] = true, true
		}
	}
	not := func(named string) bool { return !names[named] }
	for i := range r.rules {
		if !part[r.rules[i].promotion.ID] {
			continue
		}
		p := *r.rules[i].promotion
		p.Title.Zh, p.Title.En, p.Pool, p.PerShopper, p.Budget, p.Together = "", "", "", 0, 0, Together{}
		p.Excludes = slices.DeleteFunc(slices.Clone(p.Excludes), not)
		p.StacksWith = slices.DeleteFunc(slices.Clone(p.StacksWith), not) // nil stays nil: it stacks with all
		p.Scope.SKUs = slices.DeleteFunc(slices.Clone(p.Scope.SKUs), func(s string) bool {
			return !slices.Contains(skus, s)
		})
		form, err := Encode(&p)
		if err != nil {
			return nil, err
		}
		all = append(all, basisRuleForm{p.Version, form})
	}
	return all, nil
}

// ReadBasis reads what Basis wrote. Codes: those of strict.Decode, Decode and Compile.
func (k *Kinds) ReadBasis(stored string) (*Basis, error) {
	var f basisForm
	if err := strict.Decode([]byte(stored), &f); err != nil {
		return nil, err
	}
	all := make([]Promotion, len(f.Rules))
	for i, r := range f.Rules {
		var err error
		if all[i], err = k.Decode(r.Form); err != nil {
			return nil, fmt.Errorf("promo: basis: %w", err)
		}
		all[i].Version = r.Version
	}
	b := &Basis{basket: Basket{Currency: f.Currency}}
	if f.At != 0 {
		b.basket.At = time.UnixMicro(f.At).UTC()
	}
	for _, l := range f.Lines {
		b.basket.Lines = append(b.basket.Lines, Line{ID: l.ID, Shop: l.Shop, SKU: l.SKU, Categories: Path(l.Category),
			UnitPrice: l.UnitPrice, Quantity: l.Quantity, Floor: l.Floor})
	}
	for _, c := range f.Claims {
		b.basket.Claimed = append(b.basket.Claimed, Claimed{Promotion: c.Promotion, Claim: c.Claim, Amount: c.Amount})
	}
	var err error
	b.rules, err = Compile(f.Mode, all)
	return b, err
}

// Lines is how many lines the basket had.
func (b *Basis) Lines() int { return len(b.basket.Lines) }

// Rest is what the basket costs once only so many pieces of each line are left, line by line: nothing for one that is
// gone. It is priced as it was, with the best of the claims that it used. Codes: promo.quantity.
func (b *Basis) Rest(left []int64) ([]LineAnswer, error) {
	all := make([]LineAnswer, len(b.basket.Lines))
	rest := b.basket
	rest.Lines = nil
	var at []int
	for i, l := range b.basket.Lines {
		if i >= len(left) || left[i] < 0 || left[i] > l.Quantity {
			return nil, fault.New(fault.Invalid, "promo.quantity", fault.P("max", l.Quantity)).At("quantity")
		}
		all[i].ID, all[i].Quantity = l.ID, left[i]
		if l.Quantity = left[i]; l.Quantity > 0 {
			rest.Lines, at = append(rest.Lines, l), append(at, i)
		}
	}
	if len(rest.Lines) == 0 {
		return all, nil
	}
	a, _, err := b.rules.Best(rest)
	if err != nil {
		return nil, err
	}
	for n, i := range at {
		all[i] = a.Lines[n]
	}
	return all, nil
}
