// Package gift is the kind of promotion that gives whole pieces: buy n and get m of them free, the cheapest; or buy n,
// or spend so much, and get m pieces of a named SKU free (买赠). The gift is a line of the basket like any other, so
// its stock is held and its return has a value; the engine says how many may be put in.
//
// The package is this file.
package gift

import (
	_ "embed"
	"math"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/promo"
)

// Name is the kind's name.
const Name = "gift"

//go:embed text.json
var textJSON []byte

// Kind makes the kind.
func Kind() promo.Kind {
	return promo.Kind{Name: Name, Terms: func() promo.Terms { return new(Terms) }, Texts: text.MustParse(textJSON)}
}

// Terms are the settings: for every Buy pieces, or every Spend minor units, Get pieces are free.
type Terms struct {
	Buy      int64  `json:"buy,omitzero"`
	Spend    int64  `json:"spend,omitzero"` // instead of Buy; only with SKU
	Get      int64  `json:"get"`
	SKU      string `json:"gift,omitzero"` // what is given; "": of what is bought
	MaxTimes int64  `json:"max_times,omitzero"`
}

var (
	_ promo.PieceCut = (*Terms)(nil)
	_ promo.Bounded  = (*Terms)(nil)
)

// Kind is the kind's name.
func (t *Terms) Kind() string { return Name }

// Lane is that of gifts.
func (t *Terms) Lane(promo.Scope) promo.Lane { return promo.LaneGift }

// Check wants a condition and a number. Codes: promo.terms_one, promo.terms, promo.required.
func (t *Terms) Check(promo.Scope) error {
	if (t.Buy == 0) == (t.Spend == 0) {
		return fault.New(fault.Invalid, "promo.terms_one", fault.P("one", "buy"), fault.P("other", "spend")).At("buy")
	}
	if t.Spend != 0 && t.SKU == "" {
		return fault.New(fault.Invalid, "promo.required", fault.P("field", "gift")).At("gift")
	}
	if err := promo.Required("buy", t.Buy, 0, promo.QuantityMax); err != nil {
		return err
	}
	if err := promo.Required("spend", t.Spend, 0, math.MaxInt64); err != nil {
		return err
	}
	if err := promo.Required("max_times", t.MaxTimes, 0, math.MaxInt64); err != nil {
		return err
	}
	return promo.Required("get", t.Get, 1, promo.QuantityMax)
}

// Gift is what is given.
func (t *Terms) Gift() string { return t.SKU }

// Pieces is what the free pieces cost.
func (t *Terms) Pieces(items []promo.Item) (int64, promo.Next) {
	var bought, spent, given int64
	for _, i := range items {
		if i.Gift {
			given += i.Quantity
			continue
		}
		bought += i.Quantity
		spent += i.Unit * i.Quantity // within the basket's list price, which fits
	}
	if t.SKU == "" {
		return t.ofTheSame(items, bought)
	}
	times, next := bought/max(t.Buy, 1), promo.Next{}
	if t.Spend > 0 {
		times = spent / t.Spend
	}
	if t.MaxTimes > 0 && times >= t.MaxTimes {
		times = t.MaxTimes
	} else if t.Spend > 0 {
		next.Short = t.Spend - spent%t.Spend
	} else {
		next.Pieces = t.Buy - bought%t.Buy
	}
	free := promo.Times(times, t.Get)
	off := cheapest(items, min(free, given), true)
	if free > given {
		return off, promo.Next{Add: free - given, Then: off}
	}
	next.Then = off
	return off, next
}

// ofTheSame: of every Buy + Get pieces the cheapest Get are free.
func (t *Terms) ofTheSame(items []promo.Item, bought int64) (int64, promo.Next) {
	set := t.Buy + t.Get
	times := bought / set
	if t.MaxTimes > 0 && times >= t.MaxTimes {
		return cheapest(items, promo.Times(t.MaxTimes, t.Get), false), promo.Next{}
	}
	off := cheapest(items, times*t.Get, false)
	return off, promo.Next{Pieces: set - bought%set, Then: off}
}

// cheapest is what the n cheapest pieces cost, of the gifts or of the others.
func cheapest(items []promo.Item, n int64, gift bool) (sum int64) {
	last, lastAt := int64(-1), -1
	for n > 0 {
		at := -1
		for i, item := range items {
			done := item.Unit < last || item.Unit == last && i <= lastAt
			if item.Gift == gift && !done && (at < 0 || item.Unit < items[at].Unit) {
				at = i
			}
		}
		if at < 0 {
			return sum
		}
		take := min(n, items[at].Quantity)
		sum += items[at].Unit * take
		n -= take
		last, lastAt = items[at].Unit, at
	}
	return sum
}

// Most is what it could take off goods of that value: of every set of pieces the cheapest are free, so never more than
// their part of it. What a named gift costs is not known here.
func (t *Terms) Most(value int64) int64 {
	if t.SKU != "" {
		return value
	}
	most, err := money.Rate(value, money.PPM(t.Get*int64(money.Whole)/(t.Buy+t.Get)+1), money.RoundDown)
	if err != nil {
		return value
	}
	return most
}
