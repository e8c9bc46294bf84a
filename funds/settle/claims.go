package settle

import (
	"math"
	"time"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/ledger"
)

// Sale is one completed suborder: its money leaves escrow and becomes claims.
type Sale struct {
	Order    string
	Sub      int // the suborder's seq, from 1
	Shop     string
	Currency money.Currency
	Carrier  string // who earns the freight; "" when the shop delivers by itself
	Freight  int64  // what the shopper paid for it and keeps paying
	Lines    []SaleLine
}

// SaleLine is one order line of a completed suborder, with the fee that was fixed when the order was placed. Its
// value to the shop is what the shopper paid and what others than the shop paid in the shopper's place (RULES 3.3).
type SaleLine struct {
	Line     int     // the order line's number, from 1
	Value    int64   // of the whole line
	Refunded int64   // what of the value went back, to shopper and funders, before completion
	Funding  []Share // what of the rest others pay
	FeePPM   money.PPM
	FeeRule  RuleID
}

// Share is the part of a line's value that a funder pays in the shopper's place, never the line's own shop.
type Share struct {
	Party  string
	Amount int64
}

// Refunded is one order line of a completed suborder that is refunded later. Line 0 is the suborder's freight.
type Refunded struct {
	Order    string
	Sub      int
	Shop     string
	Currency money.Currency
	Line     int
	Before   int64   // the line's value without what went back earlier; of freight, what was paid
	After    int64   // the same after this refund
	Funding  []Share // what of the difference goes back to funders
	FeePPM   money.PPM
	FeeRule  RuleID
}

// Claim is a party's right to part of an order's money, or (entry above 0) the part of it that refunds took back, with
// amounts of 0 or below, or that another line's refund added, above 0.
type Claim struct {
	Order     string
	Sub       int
	Entry     int            // 0: made at completion; above 0: the n-th change of it
	Party     ledger.Account // the merchant, or the carrier for its freight
	Shop      string
	Currency  money.Currency
	Base      int64 // what the fee is taken from: the goods' value minus refunded
	Refunded  int64 // what went back to shopper and funders; base plus refunded is the whole value
	Fee       int64
	Freight   int64
	Net       int64 // base - fee + freight
	At        time.Time
	LedgerSeq int64 // the last transfer of its posting, or where the next one stands if it moved nothing
}

// ClaimLine is one order line's part of a claim. Line 0 is the freight, which has no fee.
type ClaimLine struct {
	Order     string
	Sub       int
	Line      int
	Entry     int
	Base      int64
	Refunded  int64
	Fee       int64
	Net       int64 // base - fee
	FeeRule   RuleID
	FeePPM    money.PPM
	What      What      // "" for a sale
	At        time.Time // of its claim
	LedgerSeq int64     // of its claim
}

type subKey struct {
	order string
	sub   int
}

type lineKey struct {
	subKey
	line int
}

// add puts one line into the claim it belongs to: freight, or goods with their fee.
func (c *Claim) add(l *ClaimLine) (err error) {
	if l.Line == 0 {
		c.Freight = plus(c.Freight, l.Base, &err)
	} else {
		c.Base = plus(c.Base, l.Base, &err)
		c.Refunded = plus(c.Refunded, l.Refunded, &err)
		c.Fee = plus(c.Fee, l.Fee, &err)
	}
	c.Net = plus(c.Net, l.Net, &err)
	return err
}

// plus is a + b; a sum that does not fit is noted in err and answered as 0.
func plus(a, b int64, err *error) int64 {
	if b > 0 && a > math.MaxInt64-b || b < 0 && a < math.MinInt64-b {
		*err = fault.New(fault.Unprocessable, "settle.amount", fault.P("amount", b))
		return 0
	}
	return a + b
}

// line is what a sold line comes to. The fee is half-up ppm of the value that did not go back, rounded per line.
func (s *Sale) line(l *SaleLine) (ClaimLine, error) {
	base := l.Value - l.Refunded
	fee, err := money.Fee(base, l.FeePPM)
	if err != nil || l.Line <= 0 || l.Value < 0 || l.Refunded < 0 || !covers(base, l.Funding) {
		return ClaimLine{}, badLine(s.Order, l.Line, err)
	}
	return ClaimLine{Order: s.Order, Sub: s.Sub, Line: l.Line, Base: base, Refunded: l.Refunded, Fee: fee,
		Net: base - fee, FeeRule: l.FeeRule, FeePPM: l.FeePPM}, nil
}

// covers tells whether shares are parts of a whole.
func covers(whole int64, shares []Share) bool {
	for _, s := range shares {
		if whole -= s.Amount; s.Amount < 0 || whole < 0 || s.Party == "" {
			return false
		}
	}
	return true
}

func badLine(order string, line int, cause error) error {
	return fault.New(fault.Unprocessable, "settle.line", fault.P("order", order), fault.P("line", line)).Because(cause)
}

// standings are what the claims of some orders have come to so far.
type standings struct {
	subs  map[subKey]*subStanding
	lines map[lineKey]*lineStanding
}

type subStanding struct {
	shop     string
	currency money.Currency
	freight  ledger.Account // who earned it
	entry    int            // of the newest claim
}

type lineStanding struct {
	base int64
	ppm  money.PPM
	rule RuleID
}

func (s *standings) claim(c *Claim) {
	k := subKey{c.Order, c.Sub}
	sub := s.subs[k]
	if sub == nil {
		sub = &subStanding{shop: c.Shop, currency: c.Currency}
		s.subs[k] = sub
	}
	sub.entry = max(sub.entry, c.Entry)
	if c.Freight > 0 {
		sub.freight = c.Party
	}
}

func (s *standings) line(l *ClaimLine) {
	k := lineKey{subKey{l.Order, l.Sub}, l.Line}
	line := s.lines[k]
	if line == nil {
		line = &lineStanding{ppm: l.FeePPM, rule: l.FeeRule}
		s.lines[k] = line
	}
	line.base += l.Base
}

// standing is what stands of a line's claim, which must be what the caller means.
func (r *Refunded) standing(s *standings) (*subStanding, *lineStanding, error) {
	sub, line := s.subs[r.key()], s.lines[lineKey{r.key(), r.Line}]
	if sub == nil || line == nil {
		return nil, nil, fault.New(fault.Conflict, "settle.not_accrued", fault.P("order", r.Order), fault.P("line", r.Line))
	}
	if sub.shop != r.Shop || sub.currency != r.Currency || line.base != r.Before || !r.sameFee(line) {
		return nil, nil, fault.New(fault.Conflict, "settle.changed", fault.P("order", r.Order))
	}
	return sub, line, nil
}

// takeBack is the line of a further entry that brings a line down to what is left after a refund. The fee goes back by
// the difference of two fees (RULES C5), so that any chain of refunds returns exactly the fee that was taken; its
// rate is the one stored with the claim, and the caller must mean that same one.
func (r *Refunded) takeBack(s *standings) (ClaimLine, error) {
	sub, line, err := r.standing(s)
	if err != nil {
		return ClaimLine{}, err
	}
	fee, err := money.FeeReversal(r.Before, r.After, line.ppm)
	back := r.Before - r.After
	if err != nil || !covers(back, r.Funding) {
		return ClaimLine{}, badLine(r.Order, r.Line, err)
	}
	return ClaimLine{Order: r.Order, Sub: r.Sub, Line: r.Line, Entry: sub.entry + 1, Base: -back, Refunded: back,
		Fee: -fee, Net: fee - back, FeeRule: line.rule, FeePPM: line.ppm}, nil
}

// raise is the line of a further entry that brings a line up to what it is worth since the rest of its order was priced
// again. The fee grows by the difference of two fees.
func (r *Refunded) raise(s *standings) (ClaimLine, error) {
	sub, line, err := r.standing(s)
	if err != nil {
		return ClaimLine{}, err
	}
	fee, err := money.FeeReversal(r.After, r.Before, line.ppm)
	if err != nil || r.Line < 1 {
		return ClaimLine{}, badLine(r.Order, r.Line, err)
	}
	more := r.After - r.Before
	return ClaimLine{Order: r.Order, Sub: r.Sub, Line: r.Line, Entry: sub.entry + 1, Base: more, Fee: fee,
		Net: more - fee, FeeRule: line.rule, FeePPM: line.ppm}, nil
}

// sameFee tells whether the refund means the fee of the claim; freight has none.
func (r *Refunded) sameFee(line *lineStanding) bool {
	return r.Line == 0 || line.ppm == r.FeePPM && line.rule == r.FeeRule
}

func (r *Refunded) key() subKey { return subKey{r.Order, r.Sub} }
