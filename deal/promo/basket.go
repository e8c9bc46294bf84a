package promo

import (
	"strings"
	"time"

	"hutong/base/fault"
	"hutong/base/money"
)

// Basket is what a price is asked for.
type Basket struct {
	Currency money.Currency
	At       time.Time // windows are held against it; zero: against nothing
	Lines    []Line
	Claimed  []Claimed
	Points   int64 // points that the shopper would spend
	// Stages, above 0, is the last stage that is applied: 3 for the price on the shelf, 5 for what everybody can have,
	// without red packets and points.
	Stages int
	// Barred tells promotions whose budget or pool is empty; nil: none is.
	Barred func(promotion string) bool
}

// Line is a number of pieces of one SKU.
type Line struct {
	ID         string
	Shop, SKU  string
	Categories []string // the SKU's own, and those above it: Path
	UnitPrice  int64    // minor units, before any promotion
	Quantity   int64
	Listed     int64 // the price that is struck through; no sum has it
	Floor      int64 // what a unit may never cost less than
	Agreed     bool  // its unit's price was agreed before: no promotion sets it anew
}

// Path is a category and those above it, nearest first: its id is its way from the root ("aa-1-2").
func Path(category string) (all []string) {
	for c := category; c != ""; c = c[:max(strings.LastIndexByte(c, '-'), 0)] {
		all = append(all, c)
	}
	return all
}

// Claimed is a voucher or red packet that the shopper holds and would use.
type Claimed struct {
	Promotion string
	Claim     string // which one, when the shopper holds several
	Amount    int64  // its own worth, where the promotion leaves it open; else 0
	// Until is when it ends by itself, for whoever promises a price; zero: with its promotion. The engine never
	// reads it: who holds what is good is not its business.
	Until time.Time
	// Elsewhere says that it is good for parcels to other places than this basket's: it takes nothing off.
	Elsewhere bool
	Asked     bool // the shopper asks for this very claim, as for a place in a group: Best never leaves it out
}

// The bounds of a basket.
const (
	LinesMax    = 500
	QuantityMax = 9_999
	ClaimedMax  = 1_000
)

// check refuses a basket that is malformed and adds its list prices up. Codes: promo.currency, promo.lines,
// promo.line_id, promo.line_twice, promo.quantity, promo.price, promo.points, promo.claims, promo.overflow.
func (p *pricing) check() error {
	b := &p.basket
	switch {
	case !b.Currency.Valid():
		return fault.New(fault.Invalid, "promo.currency", fault.P("currency", b.Currency)).At("currency")
	case len(b.Lines) == 0 || len(b.Lines) > LinesMax:
		return fault.New(fault.Invalid, "promo.lines", fault.P("max", LinesMax)).At("lines")
	case len(b.Claimed) > ClaimedMax:
		return fault.New(fault.Invalid, "promo.claims", fault.P("max", ClaimedMax)).At("vouchers")
	case b.Points < 0:
		return fault.New(fault.Invalid, "promo.points").At("points")
	}
	for i := range b.Lines {
		l := &b.Lines[i]
		if err := p.checkLine(i, l); err != nil {
			return err
		}
		amount, err := money.New(l.UnitPrice, b.Currency).Times(l.Quantity)
		if err == nil {
			p.list, err = add(p.list, amount.Minor)
		}
		if err != nil {
			return fault.New(fault.Invalid, "promo.overflow").At(at("lines", i, "unit_price"))
		}
		// A floor above the price is the price: what it forbids is to go lower.
		p.lines = append(p.lines, lineState{unit: l.UnitPrice, floor: min(l.Floor, l.UnitPrice), list: amount.Minor,
			last: none})
	}
	return nil
}

func (p *pricing) checkLine(i int, l *Line) error {
	switch {
	case l.ID == "" || len(l.ID) > IDMax:
		return fault.New(fault.Invalid, "promo.line_id", fault.P("max", IDMax)).At(at("lines", i, "id"))
	case p.twice(i):
		return fault.New(fault.Invalid, "promo.line_twice", fault.P("id", l.ID)).At(at("lines", i, "id"))
	case l.Quantity < 1 || l.Quantity > QuantityMax:
		return fault.New(fault.Invalid, "promo.quantity", fault.P("max", QuantityMax)).At(at("lines", i, "quantity"))
	case l.UnitPrice < 0 || l.Floor < 0:
		return fault.New(fault.Invalid, "promo.price").At(at("lines", i, "unit_price"))
	}
	return nil
}

// fewLines is how many lines are quicker compared with each other than put into a map.
const fewLines = 12

// twice tells whether an earlier line has the id of line i.
func (p *pricing) twice(i int) bool {
	lines := p.basket.Lines
	if len(lines) > fewLines {
		_, there := p.ids[lines[i].ID]
		p.ids[lines[i].ID] = struct{}{}
		return there
	}
	for j := range i {
		if lines[j].ID == lines[i].ID {
			return true
		}
	}
	return false
}

// add is a + b of two amounts that are not below 0.
func add(a, b int64) (int64, error) {
	if a+b < a {
		return 0, money.ErrRange
	}
	return a + b, nil
}
