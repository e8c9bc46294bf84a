package promo

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"hutong/base/fault"
	"hutong/base/strict"
	"hutong/base/text"
)

// Kinds are the kinds of promotion that a market knows, by name. It never changes.
type Kinds struct {
	byName map[string]Kind
	list   []Kind
}

// NewKinds makes the list. An error is a kind that is there twice or not whole: a defect of the build.
func NewKinds(kinds ...Kind) (*Kinds, error) {
	k := &Kinds{map[string]Kind{}, kinds}
	for _, kind := range kinds {
		title := kind.Texts["promo.kind."+kind.Name]
		if _, twice := k.byName[kind.Name]; twice || kind.Terms == nil || title.Zh == "" || title.En == "" {
			return nil, fmt.Errorf("promo: kind %q is there twice or not whole", kind.Name)
		}
		k.byName[kind.Name] = kind
	}
	return k, nil
}

// List is all of them, in the order in which they were named.
func (k *Kinds) List() []Kind { return k.list }

// Texts are the sentences of all of them.
func (k *Kinds) Texts() text.Bundle {
	all := make([]text.Bundle, len(k.list))
	for i, kind := range k.list {
		all[i] = kind.Texts
	}
	return text.Merge(all...)
}

// form is a promotion as JSON: what all kinds have, and in Terms the members of its own kind.
type form struct {
	ID         string         `json:"id"`
	Kind       string         `json:"kind"`
	Title      title          `json:"title,omitzero"`
	Shop       string         `json:"shop,omitzero"`
	Category   string         `json:"category,omitzero"`
	SKUs       []string       `json:"skus,omitzero"`
	Funding    []Share        `json:"funding,omitzero"`
	From       time.Time      `json:"from,omitzero"`
	Until      time.Time      `json:"until,omitzero"`
	Claim      bool           `json:"claim,omitzero"`
	StacksWith []string       `json:"stacks_with,omitzero"`
	Excludes   []string       `json:"excludes,omitzero"`
	Pool       string         `json:"pool,omitzero"`
	ShipHours  int64          `json:"ship_hours,omitzero"`
	PerShopper int64          `json:"per_shopper,omitzero"`
	Budget     int64          `json:"budget,omitzero"`
	Together   Together       `json:"together,omitzero"`
	Terms      jsontext.Value `json:",inline"`
}

type title struct {
	Zh string `json:"zh,omitzero"`
	En string `json:"en,omitzero"`
}

// claimKind is the kind that is always claimed.
const claimKind = "voucher"

// Decode reads one promotion; a member that neither all kinds nor its own kind has is refused. Codes: those of
// strict.Decode, promo.kind and those of Promotion.Check.
func (k *Kinds) Decode(data []byte) (Promotion, error) {
	var f form
	if err := strict.Decode(data, &f); err != nil {
		return Promotion{}, err
	}
	kind, known := k.byName[f.Kind]
	if !known {
		return Promotion{}, fault.New(fault.Invalid, "promo.kind", fault.P("kind", f.Kind)).At("kind")
	}
	terms := kind.Terms()
	if f.Terms == nil {
		f.Terms = jsontext.Value("{}")
	}
	if err := strict.Decode(f.Terms, terms); err != nil {
		return Promotion{}, err
	}
	p := Promotion{ID: f.ID, Kind: f.Kind, Title: text.Entry{Zh: f.Title.Zh, En: f.Title.En},
		Scope: Scope{Shop: f.Shop, Category: f.Category, SKUs: f.SKUs}, Terms: terms, Funding: f.Funding,
		From: f.From, Until: f.Until, Claim: f.Claim || f.Kind == claimKind, StacksWith: f.StacksWith,
		Excludes: f.Excludes, Pool: f.Pool, ShipHours: f.ShipHours, PerShopper: f.PerShopper, Budget: f.Budget,
		Together: f.Together}
	if f.SKUs != nil && len(f.SKUs) == 0 {
		return Promotion{}, fault.New(fault.Invalid, "promo.skus", fault.P("max", SKUsMax)).At("skus")
	}
	return p, p.Check()
}

// Encode is the promotion as Decode reads it; its version is kept beside it.
func Encode(p *Promotion) ([]byte, error) {
	terms, err := json.Marshal(p.Terms)
	if err != nil {
		return nil, fmt.Errorf("promo: terms of %s: %w", p.ID, err)
	}
	return json.Marshal(form{ID: p.ID, Kind: p.Kind, Title: title{p.Title.Zh, p.Title.En}, Shop: p.Scope.Shop,
		Category: p.Scope.Category, SKUs: p.Scope.SKUs, Funding: p.Funding, From: p.From, Until: p.Until, Claim: p.Claim,
		StacksWith: p.StacksWith, Excludes: p.Excludes, Pool: p.Pool, ShipHours: p.ShipHours, PerShopper: p.PerShopper,
		Budget: p.Budget, Together: p.Together, Terms: terms})
}

// Required refuses a setting that is below least or above most. Codes: promo.terms.
func Required(field string, value, least, most int64) error {
	if value < least || value > most {
		return fault.New(fault.Invalid, "promo.terms", fault.P("min", least), fault.P("max", most)).At(field)
	}
	return nil
}
