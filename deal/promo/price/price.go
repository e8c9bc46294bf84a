// Package price is the kind of promotion that sets the price of an item: of a sale, a seckill session, a live room or
// a group. Of several, a line takes the lowest.
//
// The package is this file.
package price

import (
	_ "embed"
	"math"

	"hutong/base/fault"
	"hutong/base/text"
	"hutong/deal/promo"
)

// Name is the kind's name.
const Name = "price"

//go:embed text.json
var textJSON []byte

// Kind makes the kind.
func Kind() promo.Kind {
	return promo.Kind{Name: Name, Terms: func() promo.Terms { return new(Terms) }, Texts: text.MustParse(textJSON)}
}

// Terms are the settings.
type Terms struct {
	UnitPrice   *int64 `json:"unit_price"`
	FreeAllowed bool   `json:"free_allowed,omitzero"` // a price of 0 is meant (FAULTS M8)
}

var (
	_ promo.UnitCut   = (*Terms)(nil)
	_ promo.Publisher = (*Terms)(nil)
)

// At are the terms of that price.
func At(unitPrice int64) *Terms { return &Terms{UnitPrice: &unitPrice} }

// Kind is the kind's name.
func (t *Terms) Kind() string { return Name }

// Lane is the first.
func (t *Terms) Lane(promo.Scope) promo.Lane { return promo.LaneItemPrice }

// Check wants a price. Codes: promo.required, promo.terms.
func (t *Terms) Check(promo.Scope) error {
	if t.UnitPrice == nil {
		return fault.New(fault.Invalid, "promo.required", fault.P("field", "unit_price")).At("unit_price")
	}
	return promo.Required("unit_price", *t.UnitPrice, 0, math.MaxInt64)
}

// Publish refuses to give something away that nobody marked as free or limited. Codes: promo.free.
func (t *Terms) Publish(p *promo.Promotion) error {
	if *t.UnitPrice == 0 && (!t.FreeAllowed || p.PerShopper == 0) {
		return fault.New(fault.Unprocessable, "promo.free").At("unit_price")
	}
	return nil
}

// Unit is the price.
func (t *Terms) Unit(int64) int64 { return *t.UnitPrice }
