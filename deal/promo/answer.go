package promo

import (
	"strconv"

	"hutong/base/money"
)

// Answer is what a basket costs. The sums hold exactly: a line's List less its Discounts is its Paid, the Parts of a
// discount are its Amount, and the lines' Paid is Total, which is never below 0.
type Answer struct {
	Rules    int64 // the version of the rules that it was priced under
	Currency money.Currency
	Mode     Mode
	List     int64
	Total    int64
	Lines    []LineAnswer // in the order of the basket
	Applied  []Applied    // in the order of application
	Refused  []Refused
	Hints    []Hint
	Least    []int // the places of lines of which more would have been taken off, but for their shops' floors
}

// LineAnswer is one line's price.
type LineAnswer struct {
	ID              string
	Quantity        int64
	List            int64
	AfterUnitStages int64 // after stage 3: what parallel thresholds are held against
	Paid            int64
	Discounts       []Discount // in the order of application
}

// Discount is a line's part of what a promotion took off; which promotion that was, stands in what it points at.
type Discount struct {
	*Applied
	Amount int64              // off this line
	parts  *[FundersMax]int64 // those of Funders come first; a pointer is a third of a slice
}

// Parts are what each of Funders pays of the Amount; parts of 0 too.
func (d *Discount) Parts() []int64 { return d.parts[:len(d.Funders)] }

// Funded is what a party pays of a discount.
type Funded struct {
	Party  string `json:"party"`
	Amount int64  `json:"amount"`
}

// Funding is what each party pays, in the order of the promotion's funding.
func (d *Discount) Funding() []Funded {
	all := make([]Funded, len(d.Parts()))
	for i, amount := range d.Parts() {
		all[i] = Funded{d.Funders[i].Party, amount}
	}
	return all
}

// By is what one party pays.
func (d *Discount) By(party string) int64 {
	for i := range d.Parts() {
		if d.Funders[i].Party == party {
			return d.parts[i]
		}
	}
	return 0
}

// Applied is a promotion that took something off.
type Applied struct {
	*Named
	Claim  string // which voucher, "" where none was claimed
	Amount int64  // over all lines
	Base   int64  // what its threshold or rate was held against
	Points int64  // what it cost in points
	Held   int64  // of a sum, what more it would have taken but for the floors of its lines
}

// Named is what an answer says of a promotion. It belongs to the rules and must not be changed.
type Named struct {
	Promotion string
	Version   int64
	Kind      string
	Funders   []Share
}

// Refused is a promotion that took nothing off, and why.
type Refused struct {
	Promotion string
	Claim     string
	Code      string
}

// The reasons for which a promotion takes nothing off. Each has its sentence in the texts of this room.
const (
	RefusedNotClaimed = "promo.not_claimed"
	RefusedUnknown    = "promo.unknown"
	RefusedEarly      = "promo.not_started"
	RefusedExpired    = "promo.expired"
	RefusedExhausted  = "promo.exhausted"
	RefusedNoLine     = "promo.no_line"
	RefusedLater      = "promo.later"
	RefusedExcluded   = "promo.excluded"
	RefusedNoEffect   = "promo.no_effect"
	RefusedNothing    = "promo.nothing_left"
	RefusedFloor      = "promo.at_floor"
	RefusedThreshold  = "promo.threshold_not_met"
	RefusedBeaten     = "promo.beaten"
	RefusedKept       = "promo.kept"
	RefusedElsewhere  = "promo.elsewhere"
)

// Hint is what would unlock more: Short minor units or Pieces more on the promotion's lines, and it takes Then off in
// all. With SKU, so many Pieces of it may be put in the basket free of charge.
type Hint struct {
	Promotion string
	SKU       string
	Short     int64
	Pieces    int64
	Then      int64
}

// at is the place of a field in a list: lines.3.quantity.
func at(list string, i int, field string) string {
	return list + "." + strconv.Itoa(i) + "." + field
}
