// Package subsidy is the kind of promotion by which somebody, usually the platform, pays a part of a unit's price
// (百亿补贴). It comes after the seller's own cut, is at most the price, and its budget is held by deal/quota.
//
// The package is this file.
package subsidy

import (
	_ "embed"
	"math"

	"hutong/base/text"
	"hutong/deal/promo"
)

// Name is the kind's name.
const Name = "subsidy"

//go:embed text.json
var textJSON []byte

// Kind makes the kind.
func Kind() promo.Kind {
	return promo.Kind{Name: Name, Terms: func() promo.Terms { return new(Terms) }, Texts: text.MustParse(textJSON)}
}

// Terms are the settings.
type Terms struct {
	Off int64 `json:"off"` // of each unit
}

var _ promo.UnitCut = (*Terms)(nil)

// Kind is the kind's name.
func (t *Terms) Kind() string { return Name }

// Lane is that of subsidies.
func (t *Terms) Lane(promo.Scope) promo.Lane { return promo.LaneSubsidy }

// Check wants a sum. Codes: promo.terms.
func (t *Terms) Check(promo.Scope) error { return promo.Required("off", t.Off, 1, math.MaxInt64) }

// Unit is the price less the subsidy.
func (t *Terms) Unit(price int64) int64 { return price - min(price, t.Off) }
