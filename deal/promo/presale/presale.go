// Package presale is the kind of promotion by which an earnest counts for more than it is (定金膨胀, 付定立减): who pays
// 10 now has 30 off the balance, so the price falls by 20. Terms.Deal says what follows from it for an order: the
// balance, and what becomes of the earnest when one side does not keep its word.
//
// The package is this file.
package presale

import (
	_ "embed"
	"math"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/promo"
)

// Name is the kind's name.
const Name = "presale"

//go:embed text.json
var textJSON []byte

// Kind makes the kind.
func Kind() promo.Kind {
	return promo.Kind{Name: Name, Terms: func() promo.Terms { return new(Terms) }, Texts: text.MustParse(textJSON)}
}

// Terms are the settings, for one unit.
type Terms struct {
	Earnest int64 `json:"earnest"`
	Worth   int64 `json:"worth"`
}

var _ promo.UnitCut = (*Terms)(nil)

// Kind is the kind's name.
func (t *Terms) Kind() string { return Name }

// Lane is that of presales.
func (t *Terms) Lane(promo.Scope) promo.Lane { return promo.LanePresale }

// Check wants an earnest that is worth at least itself. Codes: promo.terms, promo.presale_worth.
func (t *Terms) Check(promo.Scope) error {
	if err := promo.Required("earnest", t.Earnest, 0, math.MaxInt64); err != nil {
		return err
	}
	if t.Worth < t.Earnest {
		return fault.New(fault.Invalid, "promo.presale_worth").At("worth")
	}
	return promo.Required("worth", t.Worth, 1, math.MaxInt64)
}

// Unit is the price less what the earnest counts for above itself.
func (t *Terms) Unit(price int64) int64 { return price - min(price, t.Worth-t.Earnest) }

// LegalCap is the part of a price that may be earnest (Civil Code 586): what is above it is an ordinary payment on
// account, which goes back whatever happens.
const LegalCap money.PPM = 200_000

// Deal is what a presale comes to.
type Deal struct {
	Balance       int64 // still to be paid
	Total         int64 // earnest and balance: what thresholds are held against
	Forfeit       int64 // what the shopper loses who does not pay the balance
	GiveBack      int64 // what goes back all the same
	SellerDefault int64 // what goes back when it is the seller who does not deliver: the earnest twice
}

// Deal is what a sum comes to whose earnest, and its worth, are that of the terms times the quantity. Codes:
// promo.overflow.
func (t *Terms) Deal(price, quantity int64, legalCap money.PPM) (Deal, error) {
	var d Deal
	unit := t.Unit(price)
	total, err := money.New(unit, "").Times(quantity)
	if err != nil {
		return d, fault.New(fault.Invalid, "promo.overflow").Because(err)
	}
	paid := min(promo.Times(t.Earnest, quantity), total.Minor) // nobody pays more in advance than in all
	most, err := money.Rate(total.Minor, legalCap, money.RoundDown)
	if err != nil {
		return d, fault.New(fault.Invalid, "promo.overflow").Because(err)
	}
	d.Total, d.Balance = total.Minor, total.Minor-paid
	d.Forfeit = min(paid, most)
	d.GiveBack = paid - d.Forfeit
	d.SellerDefault = paid + d.Forfeit
	return d, nil
}
