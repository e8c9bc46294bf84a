// Package direct is the kind of promotion that cuts the price of a unit with no condition: a rate of it (官方立减) or a
// sum. It is the price that is rounded, half-up and for each unit, so that what the shelf shows times the quantity is
// what the line costs.
//
// The package is this file.
package direct

import (
	_ "embed"
	"math"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/promo"
)

// Name is the kind's name.
const Name = "direct"

//go:embed text.json
var textJSON []byte

// Kind makes the kind.
func Kind() promo.Kind {
	return promo.Kind{Name: Name, Terms: func() promo.Terms { return new(Terms) }, Texts: text.MustParse(textJSON)}
}

// Terms are the settings: one of them.
type Terms struct {
	Rate money.PPM `json:"rate_ppm,omitzero"`
	Off  int64     `json:"off,omitzero"`
}

var _ promo.UnitCut = (*Terms)(nil)

// Kind is the kind's name.
func (t *Terms) Kind() string { return Name }

// Lane is that of direct cuts.
func (t *Terms) Lane(promo.Scope) promo.Lane { return promo.LaneDirect }

// Check wants a rate or a sum. Codes: promo.terms_one, promo.terms.
func (t *Terms) Check(promo.Scope) error {
	if (t.Rate == 0) == (t.Off == 0) {
		return fault.New(fault.Invalid, "promo.terms_one", fault.P("one", "rate_ppm"), fault.P("other", "off")).At("off")
	}
	if t.Off != 0 {
		return promo.Required("off", t.Off, 1, math.MaxInt64)
	}
	return promo.Required("rate_ppm", int64(t.Rate), 1, int64(money.Whole))
}

// Unit is the price less the cut.
func (t *Terms) Unit(price int64) int64 {
	if t.Off > 0 {
		return price - min(price, t.Off)
	}
	unit, err := money.Rate(price, money.Whole-t.Rate, money.RoundHalfUp)
	if err != nil {
		return price // it cannot be: the rate is below the whole
	}
	return unit
}
