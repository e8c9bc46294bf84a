// Package spend is the kind of promotion by which a shop takes a sum off once enough is spent in it (店铺满减), in tiers
// of which the highest that is reached counts.
//
// The package is this file.
package spend

import (
	_ "embed"
	"math"

	"hutong/base/fault"
	"hutong/base/text"
	"hutong/deal/promo"
)

// Name is the kind's name.
const Name = "spend"

// TiersMax is how many tiers there may be.
const TiersMax = 10

//go:embed text.json
var textJSON []byte

// Kind makes the kind.
func Kind() promo.Kind {
	return promo.Kind{Name: Name, Terms: func() promo.Terms { return new(Terms) }, Texts: text.MustParse(textJSON)}
}

// Tier is one step.
type Tier struct {
	Threshold int64 `json:"threshold"`
	Off       int64 `json:"off"`
}

// Terms are the settings: tiers in any order; two that start at once count as the better one.
type Terms struct {
	Tiers []Tier `json:"tiers"`
}

var (
	_ promo.SumCut    = (*Terms)(nil)
	_ promo.Bounded   = (*Terms)(nil)
	_ promo.Publisher = (*Terms)(nil)
)

// Kind is the kind's name.
func (t *Terms) Kind() string { return Name }

// Lane is the first of a shop's.
func (t *Terms) Lane(promo.Scope) promo.Lane { return promo.LaneShopSpend }

// Check wants a shop and tiers. Codes: promo.scope_shop, promo.tiers, promo.terms.
func (t *Terms) Check(s promo.Scope) error {
	if s.Shop == "" {
		return fault.New(fault.Invalid, "promo.scope_shop").At("shop")
	}
	if len(t.Tiers) == 0 || len(t.Tiers) > TiersMax {
		return fault.New(fault.Invalid, "promo.tiers", fault.P("max", TiersMax)).At("tiers")
	}
	for _, tier := range t.Tiers {
		if err := promo.Required("tiers", tier.Off, 1, math.MaxInt64); err != nil {
			return err
		}
		if err := promo.Required("tiers", tier.Threshold, 0, math.MaxInt64); err != nil {
			return err
		}
	}
	return nil
}

// Publish wants tiers that people understand: more spent takes more off. Codes: promo.tiers_rise.
func (t *Terms) Publish(*promo.Promotion) error {
	for i, tier := range t.Tiers {
		if i > 0 && (tier.Threshold <= t.Tiers[i-1].Threshold || tier.Off <= t.Tiers[i-1].Off) {
			return fault.New(fault.Unprocessable, "promo.tiers_rise").At("tiers")
		}
	}
	return nil
}

// Takes is that of the highest tier reached; the next one is what would unlock more.
func (t *Terms) Takes(b promo.Base) (off int64, next promo.Next) {
	highest, coming := int64(-1), int64(math.MaxInt64)
	for _, tier := range t.Tiers {
		switch {
		case tier.Threshold <= b.Amount && tier.Threshold >= highest:
			if tier.Threshold > highest {
				off = 0
			}
			highest, off = tier.Threshold, max(off, tier.Off)
		case tier.Threshold > b.Amount && tier.Threshold <= coming:
			if tier.Threshold < coming {
				next.Then = 0
			}
			coming, next.Then = tier.Threshold, max(next.Then, tier.Off)
		}
	}
	if next.Then > 0 {
		next.Short = coming - b.Amount
	}
	return off, next
}

// Most is what it could take off goods of that value: the dearest tier for every order that just reaches it.
func (t *Terms) Most(value int64) (most int64) {
	for _, tier := range t.Tiers {
		if tier.Threshold == 0 {
			return value
		}
		most = max(most, promo.Times(value/tier.Threshold, tier.Off))
	}
	return most
}
