package promo

import (
	"hutong/base/money"
	"hutong/base/text"
)

// Lane is a promotion's place in the order of application, and says how many of those in it are picked.
type Lane uint8

// The lanes, in their order; the number of the stage is that of the rule book.
const (
	LaneItemPrice     Lane = iota // 1: the lowest price of a line
	LaneDirect                    // 2: the largest cut of a line's unit price
	LaneSubsidy                   // 2, after the cut
	LanePresale                   // 3
	LaneGift                      // 3, last: whole pieces; a line takes part in one gift
	LaneShopSpend                 // 4: one for each shop
	LaneShopVoucher               // 4: one for each shop
	LaneScopedVoucher             // 5: one
	LaneVoucher                   // 5: one
	LaneCrossShop                 // 5: one
	LaneRedPacket                 // 6: all, in the order of the rules
	LanePoints                    // 7: one
	lanes
)

// Stage is the number that the rule book gives the lane.
func (l Lane) Stage() int {
	return [lanes]int{1, 2, 2, 3, 3, 4, 4, 5, 5, 5, 6, 7}[l]
}

// unit tells that the lane lowers the price of a unit; the others take a sum off lines.
func (l Lane) unit() bool { return l <= LanePresale }

// deduction tells that the lane takes a sum off what is owed, after the prices are settled.
func (l Lane) deduction() bool { return l >= LaneShopSpend }

// Kind is a sort of promotion. Each has a folder of its own below this one; a list of them is made in promo/standard,
// nowhere else.
type Kind struct {
	Name  string       // lower-case letters, used in tables and text keys
	Terms func() Terms // settings to decode into: a pointer to the zero value
	Texts text.Bundle  // with what people read under "promo.kind.<name>"
}

// Terms are the settings of one promotion of a kind. What they do is one of UnitCut, SumCut and PieceCut, as their lane
// asks for.
//
// They are pure: the same question has the same answer, whoever asks and how often.
type Terms interface {
	// Kind is the name of the kind.
	Kind() string
	// Lane is where a promotion with these terms and this scope stands.
	Lane(s Scope) Lane
	// Check refuses settings that are missing, out of bounds or senseless for the scope, at their field.
	Check(s Scope) error
}

// UnitCut is the Terms of the unit lanes: it says what a unit costs that cost price before. An answer that is higher
// takes nothing off; the engine keeps it at the floor.
type UnitCut interface {
	Terms
	Unit(price int64) int64
}

// SumCut is the Terms of the lanes that take a sum off: it says how much. More than the lines owe is cut down to that.
type SumCut interface {
	Terms
	Takes(b Base) (off int64, next Next)
}

// Base is what a SumCut looks at.
type Base struct {
	Amount int64 // what thresholds and rates are held against, as the mode has it
	Owed   int64 // what the eligible lines still owe
	Points int64 // what the shopper puts in (points only)
	Claim  int64 // the worth of the claim itself, 0 where the promotion says it
}

// Next is what would unlock more: so much more, and it takes Then off. The zero Next is nothing.
type Next struct {
	Short  int64 // minor units more on the eligible lines
	Pieces int64 // or pieces more
	Add    int64 // or pieces of the gift that may be put in the basket free
	Then   int64
}

// PieceCut is the Terms of the gift lane: it gives whole pieces free.
type PieceCut interface {
	Terms
	// Gift is the SKU that is given, "" when it is among what is bought.
	Gift() string
	// Pieces is what the free pieces cost without it. With a Gift it is taken off the items marked so; otherwise it is
	// split over all items, so that no single piece can be kept free and the others returned.
	Pieces(items []Item) (off int64, next Next)
}

// Item is a line as a PieceCut sees it.
type Item struct {
	Unit     int64 // what a unit costs by now
	Quantity int64
	Gift     bool // it is the SKU that is given
}

// Spender is a SumCut that is paid for in points.
type Spender interface {
	// Spent is how many points an amount costs.
	Spent(off int64) int64
}

// Times is a × b, or the largest int64 where that does not fit: for sums that are cut down to what is owed anyway.
// Neither is below 0.
func Times(a, b int64) int64 {
	m, err := money.New(a, "").Times(b)
	if err != nil {
		return 1<<63 - 1
	}
	return m.Minor
}

// Publisher is the Terms of a kind that holds more against a promotion before shoppers see it than Check does.
type Publisher interface {
	Publish(p *Promotion) error
}
