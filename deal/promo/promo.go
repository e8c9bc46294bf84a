// Package promo is the price engine: what a basket costs under a set of promotions, who pays each minor unit that is
// taken off, and why. A set is compiled once into Rules, which never change and may be asked by any number of
// goroutines; asking looks at nothing but the basket: no clock, no storage, no order of arrival.
//
// Every promotion has a kind, and every kind is a folder below this one (price, direct, voucher, …) with its settings,
// its words and its table of examples; promotest.Run tells whether a kind keeps what is asked of it. The order of
// application is the list of lanes in kind.go: a step never takes more than is still owed above the floor, is split
// over the lines by largest remainder, and each share over those who fund it.
//
// Promotions are kept in promo/rulebook, in immutable versions, and by the other rooms of this district; deal/ruleset
// compiles what holds now. Read this file first, then kind.go (the lanes), rules.go (the index) and price.go (one pass
// over the lanes).
package promo

import (
	_ "embed"
	"slices"
	"time"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
)

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room; those of the kinds stand in their folders.
var Texts = text.MustParse(textJSON)

// Mode says what a threshold of stages 4 to 6 is held against.
type Mode string

// The modes.
const (
	Parallel    Mode = "parallel"    // the eligible lines' price after the unit stages
	Progressive Mode = "progressive" // what those lines still owe when it is their turn
)

// Valid tells whether m is one of the modes.
func (m Mode) Valid() bool { return m == Parallel || m == Progressive }

// The parties that a promotion names without knowing them. Any other name is a party of its own.
const (
	Platform = "platform"
	Merchant = "merchant" // the line's own shop
)

// Share is a party's part of what a promotion takes off.
type Share struct {
	Party string    `json:"party"`
	PPM   money.PPM `json:"ppm"`
}

// Scope says which lines a promotion is for: those that meet all that is set. The zero Scope is every line.
type Scope struct {
	Shop     string
	Category string // with everything below it
	SKUs     []string
}

// Covers tells whether a line is in the scope. Rules look it up quicker.
func (s Scope) Covers(l *Line) bool {
	return (s.Shop == "" || s.Shop == l.Shop) && (s.Category == "" || slices.Contains(l.Categories, s.Category)) &&
		(len(s.SKUs) == 0 || slices.Contains(s.SKUs, l.SKU))
}

// Promotion is one rule, in one version.
type Promotion struct {
	ID      string
	Version int64
	Kind    string
	Title   text.Entry // may be empty
	Scope   Scope
	Terms   Terms     // of the kind; must not be changed once compiled
	Funding []Share   // nil: the line's merchant pays all
	From    time.Time // zero: always was
	Until   time.Time // zero: no end; the promotion does not hold at this very instant
	Claim   bool      // applied only when the basket claims it
	// StacksWith, when not nil, are the ids and kinds that may stand on a line together with this one. It concerns
	// deductions (stages 4 to 7) only: the price of an item is no deduction.
	StacksWith []string
	Excludes   []string // ids and kinds that are barred from the lines that this one touched
	// What the engine passes on and never reads: the stock pool the lines are taken from, within how many hours of being
	// paid what is taken from there is sent, pieces for each shopper, and the budget in minor units ("" or 0: none).
	// Checkout turns them into needs of stock and quota, and into what the order's part promises.
	Pool       string
	ShipHours  int64
	PerShopper int64
	Budget     int64
	Together   Together
}

// Together is what promotions that go by one name, such as a brand's items in a session, share: pieces in all, and
// pieces for each shopper. The name is part of the names of quotas.
type Together struct {
	Name       string `json:"name"`
	Pieces     int64  `json:"pieces,omitzero"`
	PerShopper int64  `json:"per_shopper,omitzero"`
}

// The bounds of one promotion.
const (
	IDMax      = 64
	SKUsMax    = 1_000
	FundersMax = 8
	ListMax    = 64            // ids and kinds in StacksWith and in Excludes
	LimitMax   = 1_000_000_000 // pieces; deal/quota counts no further, and an order would fail
)

// Check refuses a promotion that could not be applied rightly. Codes: promo.id, promo.kind, promo.funding_sum,
// promo.funding_party, promo.list, promo.skus, and those of the kind's terms.
func (p *Promotion) Check() error {
	switch {
	case p.ID == "" || len(p.ID) > IDMax:
		return fault.New(fault.Invalid, "promo.id", fault.P("max", IDMax)).At("id")
	case p.Terms == nil || p.Terms.Kind() != p.Kind:
		return fault.New(fault.Invalid, "promo.kind", fault.P("kind", p.Kind)).At("kind")
	case len(p.StacksWith) > ListMax:
		return fault.New(fault.Invalid, "promo.list", fault.P("max", ListMax)).At("stacks_with")
	case len(p.Excludes) > ListMax:
		return fault.New(fault.Invalid, "promo.list", fault.P("max", ListMax)).At("excludes")
	case len(p.Scope.SKUs) > SKUsMax:
		return fault.New(fault.Invalid, "promo.skus", fault.P("max", SKUsMax)).At("skus")
	case p.ShipHours < 0 || p.PerShopper < 0 || p.Budget < 0 || p.Together.Pieces < 0 || p.Together.PerShopper < 0 ||
		p.Together.Name == "" && p.Together != Together{}:
		return fault.New(fault.Invalid, "promo.limit").At("budget")
	case p.PerShopper > LimitMax || p.Together.PerShopper > LimitMax || p.Together.Pieces > LimitMax:
		return fault.New(fault.Invalid, "promo.limit").At("per_shopper")
	}
	if err := checkFunding(p.Funding); err != nil {
		return err
	}
	return p.Terms.Check(p.Scope)
}

// checkFunding holds that those who pay, pay the whole (FAULTS M14).
func checkFunding(shares []Share) error {
	if shares == nil {
		return nil
	}
	if len(shares) > FundersMax {
		return fault.New(fault.Invalid, "promo.list", fault.P("max", FundersMax)).At("funding")
	}
	var sum money.PPM
	for i, s := range shares {
		if s.PPM < 0 || s.PPM > money.Whole {
			return fault.New(fault.Invalid, "promo.funding_sum").At("funding")
		}
		if s.Party == "" || len(s.Party) > IDMax {
			return fault.New(fault.Invalid, "promo.funding_party").At("funding")
		}
		for _, before := range shares[:i] {
			if before.Party == s.Party {
				return fault.New(fault.Invalid, "promo.funding_party").At("funding")
			}
		}
		sum += s.PPM
	}
	if sum != money.Whole {
		return fault.New(fault.Invalid, "promo.funding_sum").At("funding")
	}
	return nil
}
