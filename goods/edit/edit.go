// Package edit is what a merchant does to goods by hand: one product with its options, prices and stock saved as a
// whole, many products published, withdrawn, repriced or counted at once, and the list to choose them from.
//
// It owns no table: goods/catalog describes, goods/offer prices and goods/stock counts, and a verb here is one
// transaction over the three. It decides no rule of theirs. Read this file first, then service_save.go.
package edit

import (
	_ "embed"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/goods/catalog"
	"hutong/goods/offer"
)

// BulkMax is how many products one change may name (FAULTS A27).
const BulkMax = 500

// Draft is a product as its merchant wants it.
type Draft struct {
	Shop     string
	ID       catalog.ID // "" for a new one
	Seen     string     // the Sheet.Hash that the merchant saw; the save is refused when it is another one now
	Key      string     // of a new one's form, from NewKey; what one form makes is made once. "": nothing is compared
	Currency money.Currency
	// What the product is. Its shop, id, source and SKUs are not looked at.
	Product  catalog.Product
	Variants []Variant
}

// Variant is one choice among the options, for sale at a price.
type Variant struct {
	SKU      catalog.SKUID // "" for a new one
	Choice   []int
	Code     string
	Barcode  string
	WeightG  int64
	Price    int64  // minor units
	List     int64  // the struck price, 0 for none
	Floor    int64  // what a piece is never sold for less than, 0 for none
	Stock    *int64 // nil leaves what lies there
	StockWas int64  // what the merchant saw: the difference is booked, so that nothing sold meanwhile comes back
}

// Sheet is a product with all that its editor shows.
type Sheet struct {
	Product catalog.Product
	Hash    string // of the content and the prices; stock is booked as a difference and is not part of it
	Offers  map[catalog.SKUID]offer.Offer
	OnHand  map[catalog.SKUID]int64
	Held    map[catalog.SKUID]int64 // promised to orders
}

// Kind says what a bulk change does.
type Kind string

// The kinds of bulk change.
const (
	Publish     Kind = "publish"
	Withdraw    Kind = "withdraw"
	PriceRate   Kind = "price_rate"   // by Rate
	PriceAmount Kind = "price_amount" // by Amount
	StockSet    Kind = "stock_set"    // to Pieces
	StockAdd    Kind = "stock_add"    // by Pieces
	FloorRate   Kind = "floor_rate"   // to Rate of each price, 0 takes it away
	FloorAmount Kind = "floor_amount" // to Amount, 0 takes it away
)

// Prices tells whether a change is one of prices, or of floors.
func (k Kind) Prices() bool { return k == PriceRate || k == PriceAmount || k.floors() }

func (k Kind) floors() bool { return k == FloorRate || k == FloorAmount }

// Change is what is done to many products at once.
type Change struct {
	Kind   Kind
	Rate   int64 // in parts per million: of PriceRate -100,000 takes a tenth off, of FloorRate 900,000 leaves that
	Amount int64 // minor units; of PriceAmount it may be negative
	Pieces int64
}

// RateMin and RateMax bound a change of price by a rate: at most nine tenths off, at most ten times as much.
const (
	RateMin = -900_000
	RateMax = 9_000_000
)

// valid refuses a change that says nothing sensible, at the field "by".
func (c Change) valid() error {
	wrong := fault.New(fault.Invalid, "edit.by").At("by")
	switch c.Kind {
	case Publish, Withdraw:
		return nil
	case PriceRate:
		if c.Rate < RateMin || c.Rate > RateMax || c.Rate == 0 {
			return fault.New(fault.Invalid, "edit.rate").At("by")
		}
		return nil
	case PriceAmount:
		if c.Amount == 0 || c.Amount > offer.PriceMax || c.Amount < -offer.PriceMax {
			return wrong
		}
		return nil
	case FloorRate:
		if c.Rate < 0 || c.Rate > int64(money.Whole) {
			return fault.New(fault.Invalid, "edit.floor_rate").At("by")
		}
		return nil
	case FloorAmount:
		if c.Amount < 0 || c.Amount > offer.PriceMax {
			return wrong
		}
		return nil
	case StockSet:
		if c.Pieces < 0 {
			return wrong
		}
		return nil
	case StockAdd:
		if c.Pieces == 0 {
			return wrong
		}
		return nil
	}
	return fault.New(fault.Invalid, "edit.kind").At("do")
}

// Price is what an offer costs after the change, rounded half up once. A struck price that is not above it any more
// goes.
func (c Change) Price(o offer.Offer) (unit, list int64, err error) {
	unit = o.UnitPrice + c.Amount
	if c.Kind == PriceRate {
		if unit, err = money.Rate(o.UnitPrice, money.Whole+money.PPM(c.Rate), money.RoundHalfUp); err != nil {
			return 0, 0, err
		}
	}
	if unit <= 0 || unit > offer.PriceMax {
		return 0, 0, fault.New(fault.Unprocessable, "edit.price_range").At("by")
	}
	if unit < o.FloorPrice {
		return 0, 0, fault.New(fault.Unprocessable, "edit.below_floor",
			fault.P("floor", money.New(o.FloorPrice, o.Currency))).At("by")
	}
	if list = o.ListPrice; list <= unit {
		list = 0
	}
	return unit, list, nil
}

// Floor is an offer's floor after the change, a rate of its price rounded half up once.
func (c Change) Floor(o offer.Offer) (floor int64, err error) {
	floor = c.Amount
	if c.Kind == FloorRate {
		floor, err = money.Rate(o.UnitPrice, money.PPM(c.Rate), money.RoundHalfUp)
	}
	if err == nil && floor > o.UnitPrice {
		err = fault.New(fault.Unprocessable, "edit.floor_range").At("by")
	}
	return floor, err
}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)

// Draft is the draft that changes nothing: of a form that shows only a part of the product.
func (s Sheet) Draft(c money.Currency) Draft {
	d := Draft{Shop: s.Product.Shop, ID: s.Product.ID, Seen: s.Hash, Currency: c, Product: s.Product}
	for _, k := range s.Product.SKUs {
		o := s.Offers[k.ID]
		d.Variants = append(d.Variants, Variant{SKU: k.ID, Choice: k.Choice, Code: k.Code, Barcode: k.Barcode,
			WeightG: k.WeightG, Price: o.UnitPrice, List: o.ListPrice, Floor: o.FloorPrice})
	}
	return d
}
