// Package crossshop is the kind of promotion by which every so much that is spent, over all shops together, takes a
// sum off (跨店满减). Of several that hold, a basket uses one.
//
// The package is this file.
package crossshop

import (
	_ "embed"
	"math"

	"hutong/base/text"
	"hutong/deal/promo"
)

// Name is the kind's name.
const Name = "crossshop"

//go:embed text.json
var textJSON []byte

// Kind makes the kind.
func Kind() promo.Kind {
	return promo.Kind{Name: Name, Terms: func() promo.Terms { return new(Terms) }, Texts: text.MustParse(textJSON)}
}

// Terms are the settings.
type Terms struct {
	Every    int64 `json:"every"`
	Off      int64 `json:"off"`
	MaxTimes int64 `json:"max_times,omitzero"` // 0: as often as it goes
}

var (
	_ promo.SumCut  = (*Terms)(nil)
	_ promo.Bounded = (*Terms)(nil)
)

// Kind is the kind's name.
func (t *Terms) Kind() string { return Name }

// Lane is that of cross-shop discounts.
func (t *Terms) Lane(promo.Scope) promo.Lane { return promo.LaneCrossShop }

// Check wants both sums. Codes: promo.terms.
func (t *Terms) Check(promo.Scope) error {
	if err := promo.Required("every", t.Every, 1, math.MaxInt64); err != nil {
		return err
	}
	if err := promo.Required("max_times", t.MaxTimes, 0, math.MaxInt64); err != nil {
		return err
	}
	return promo.Required("off", t.Off, 1, math.MaxInt64)
}

// Takes is the sum for each time that the amount holds.
func (t *Terms) Takes(b promo.Base) (off int64, next promo.Next) {
	times := b.Amount / t.Every
	if t.MaxTimes > 0 && times >= t.MaxTimes {
		return promo.Times(t.MaxTimes, t.Off), promo.Next{}
	}
	return promo.Times(times, t.Off), promo.Next{Short: t.Every - b.Amount%t.Every, Then: promo.Times(times+1, t.Off)}
}

// Most is what it could take off goods of that value.
func (t *Terms) Most(value int64) int64 { return promo.Times(value/t.Every, t.Off) }
