// Package voucher is the kind of promotion that a shopper claims first and that takes off a sum or a rate once a
// threshold is reached (优惠券). Its scope is its place: a shop's, a category's or some SKUs', or the whole market's;
// of each place a basket uses one. Who holds which is the business of deal/voucher.
//
// The package is this file.
package voucher

import (
	_ "embed"
	"math"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/promo"
)

// Name is the kind's name.
const Name = "voucher"

//go:embed text.json
var textJSON []byte

// Kind makes the kind.
func Kind() promo.Kind {
	return promo.Kind{Name: Name, Terms: func() promo.Terms { return new(Terms) }, Texts: text.MustParse(textJSON)}
}

// Terms are the settings: a sum or a rate.
type Terms struct {
	Threshold int64     `json:"threshold,omitzero"`
	Off       int64     `json:"off,omitzero"`
	Rate      money.PPM `json:"rate_ppm,omitzero"`
	MaxOff    int64     `json:"max_off,omitzero"` // of a rate; 0: no bound
}

var (
	_ promo.SumCut  = (*Terms)(nil)
	_ promo.Bounded = (*Terms)(nil)
)

// Kind is the kind's name.
func (t *Terms) Kind() string { return Name }

// Lane follows from the scope.
func (t *Terms) Lane(s promo.Scope) promo.Lane {
	switch {
	case s.Shop != "":
		return promo.LaneShopVoucher
	case s.Category != "" || len(s.SKUs) > 0:
		return promo.LaneScopedVoucher
	}
	return promo.LaneVoucher
}

// Check wants a sum or a rate. Codes: promo.terms_one, promo.terms.
func (t *Terms) Check(promo.Scope) error {
	if (t.Rate == 0) == (t.Off == 0) {
		return fault.New(fault.Invalid, "promo.terms_one", fault.P("one", "rate_ppm"), fault.P("other", "off")).At("off")
	}
	if err := promo.Required("threshold", t.Threshold, 0, math.MaxInt64); err != nil {
		return err
	}
	if t.Off != 0 {
		if t.MaxOff != 0 {
			return promo.Required("max_off", t.MaxOff, 0, 0)
		}
		return promo.Required("off", t.Off, 1, math.MaxInt64)
	}
	if err := promo.Required("max_off", t.MaxOff, 0, math.MaxInt64); err != nil {
		return err
	}
	return promo.Required("rate_ppm", int64(t.Rate), 1, int64(money.Whole))
}

// Takes is the sum, or the rate of what counts, half-up, once the threshold is reached.
func (t *Terms) Takes(b promo.Base) (int64, promo.Next) {
	if b.Amount < t.Threshold {
		return 0, promo.Next{Short: t.Threshold - b.Amount, Then: t.worth(t.Threshold)}
	}
	return t.worth(b.Amount), promo.Next{}
}

func (t *Terms) worth(amount int64) int64 {
	if t.Off > 0 {
		return t.Off
	}
	off, err := money.Rate(amount, t.Rate, money.RoundHalfUp)
	if err != nil {
		return 0 // it cannot be: the rate is at most the whole
	}
	if t.MaxOff > 0 {
		return min(off, t.MaxOff)
	}
	return off
}

// Most is what it could take off goods of that value, if every order just reaches the threshold and has one.
func (t *Terms) Most(value int64) int64 {
	least := value
	if t.Off == 0 {
		least = (&Terms{Rate: t.Rate}).worth(value)
	}
	if each := max(t.Off, t.MaxOff); t.Threshold > 0 && each > 0 {
		return min(least, promo.Times(value/t.Threshold, each))
	}
	return least
}
