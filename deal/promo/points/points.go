// Package points is the kind of promotion that turns points into money (积分抵扣): so many points pay so much, up to a
// part of what is owed, and somebody funds it. When goods go back, so do the points that paid for them, if the terms
// say so; never as cash.
//
// The package is this file.
package points

import (
	_ "embed"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/promo"
)

// Name is the kind's name.
const Name = "points"

//go:embed text.json
var textJSON []byte

// Kind makes the kind.
func Kind() promo.Kind {
	return promo.Kind{Name: Name, Terms: func() promo.Terms { return new(Terms) }, Texts: text.MustParse(textJSON)}
}

// Terms are the settings: Points pay Worth.
type Terms struct {
	Points  int64     `json:"points"`
	Worth   int64     `json:"worth"`
	Cap     money.PPM `json:"cap_ppm"`          // of what the lines owe
	Restore bool      `json:"restore,omitzero"` // a refund brings the points back
}

var (
	_ promo.SumCut  = (*Terms)(nil)
	_ promo.Spender = (*Terms)(nil)
	_ promo.Bounded = (*Terms)(nil)
)

// most bounds the settings so that their products fit.
const most = 1_000_000

// Kind is the kind's name.
func (t *Terms) Kind() string { return Name }

// Lane is the last.
func (t *Terms) Lane(promo.Scope) promo.Lane { return promo.LanePoints }

// Check wants a rate of exchange and a cap. Codes: promo.terms.
func (t *Terms) Check(promo.Scope) error {
	if err := promo.Required("points", t.Points, 1, most); err != nil {
		return err
	}
	if err := promo.Required("worth", t.Worth, 1, most); err != nil {
		return err
	}
	return promo.Required("cap_ppm", int64(t.Cap), 1, int64(money.Whole))
}

// Takes is what the shopper's points pay, in whole steps, up to the cap.
func (t *Terms) Takes(b promo.Base) (int64, promo.Next) {
	room, err := money.Rate(b.Owed, t.Cap, money.RoundDown)
	if err != nil {
		return 0, promo.Next{} // it cannot be: the cap is at most the whole
	}
	return min(b.Points/t.Points, room/t.Worth) * t.Worth, promo.Next{}
}

// Spent is how many points an amount costs; what is less than a step costs a whole one.
func (t *Terms) Spent(off int64) int64 {
	return promo.Times((off-1)/t.Worth+1, t.Points)
}

// Restored is how many points go back with the n units after the first from of a line that quantity units were bought
// of and that spent points paid a part of. All units together bring back exactly what was spent. Codes: promo.points.
func (t *Terms) Restored(spent, quantity, from, n int64) (int64, error) {
	back, err := money.UnitsRefund(spent, quantity, from, n)
	if err != nil {
		return 0, fault.New(fault.Invalid, "promo.points").Because(err)
	}
	if !t.Restore {
		return 0, nil
	}
	return back, nil
}

// Split says how many of the spent points paid for each line.
func Split(spent int64, amounts []int64) ([]int64, error) {
	parts, err := money.Apportion(spent, amounts)
	if err != nil {
		return nil, fault.New(fault.Invalid, "promo.points").Because(err)
	}
	return parts, nil
}

// Most is the cap of that value.
func (t *Terms) Most(value int64) int64 {
	most, err := money.Rate(value, t.Cap, money.RoundDown)
	if err != nil {
		return value // it cannot be: the cap is at most the whole
	}
	return most
}
