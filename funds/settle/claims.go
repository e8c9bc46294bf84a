package settle

import (
	"errors"
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

// SaleLine is one order line of a completed suborder, with the fee that was fixed when the order was placed.
type SaleLine struct {
	Line     int   // the order line's number, from 1
	Paid     int64 // what the shopper paid for the whole line
	Refunded int64 // what of it went back before completion
	FeePPM   money.PPM
	FeeRule  RuleID
}

// Refunded is one order line of a completed suborder that is refunded later. Line 0 is the suborder's freight.
type Refunded struct {
	Order      string
	Sub        int
	Shop       string
	Currency   money.Currency
	Line       int
	PaidBefore int64 // what the shopper had paid for the line, without what was refunded earlier
	PaidAfter  int64 // the same after this refund
	FeePPM     money.PPM
	FeeRule    RuleID
}

// Claim is a party's right to part of an order's money, or (entry above 0) the part of it that a refund took back.
type Claim struct {
	Order     string
	Sub       int
	Line      int // 0: the suborder's freight
	Entry     int // 0: made at completion; above 0: the n-th taking back, with amounts of 0 or below
	Shop      string
	Party     ledger.Account // merchant:shop, or the carrier for freight
	Currency  money.Currency
	Base      int64 // what the fee is taken from: paid minus refunded
	Refunded  int64 // what went back to the shopper with this entry; base plus refunded is what was paid
	Fee       int64
	Net       int64 // base minus fee
	FeeRule   RuleID
	FeePPM    money.PPM
	At        time.Time
	LedgerSeq int64 // the last transfer of its suborder's posting, or where the next one stands if it moved nothing
}

// key is what the claims of one order line have in common.
type key struct {
	order     string
	sub, line int
}

func (c *Claim) key() key { return key{c.Order, c.Sub, c.Line} }

// tally adds up one suborder's claims by kind of transfer.
type tally struct{ goods, fee, freight int64 }

func (t *tally) add(c *Claim) error {
	goods, freight := c.Net, int64(0)
	if c.Line == 0 {
		goods, freight = 0, c.Net
	}
	var err error
	t.goods = plus(t.goods, goods, &err)
	t.fee = plus(t.fee, c.Fee, &err)
	t.freight = plus(t.freight, freight, &err)
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

// claims are what a completed suborder comes to: one claim per line, and one for the freight if there is any.
// The fee is half-up ppm of what was paid and not refunded, rounded per line.
func (s *Sale) claims(at time.Time) ([]Claim, tally, error) {
	merchant := ledger.Merchant(s.Shop)
	all := make([]Claim, 0, len(s.Lines)+1)
	var sum tally
	if s.Freight != 0 {
		party := merchant
		if s.Carrier != "" {
			party = ledger.Carrier(s.Carrier)
		}
		all = append(all, Claim{Party: party, Base: s.Freight, Net: s.Freight})
	}
	for _, l := range s.Lines {
		base := l.Paid - l.Refunded
		fee, err := money.Fee(base, l.FeePPM)
		if err != nil || l.Refunded < 0 || l.Line <= 0 || l.Paid < 0 {
			return nil, sum, badAmount(s.Order, l.Line, err)
		}
		all = append(all, Claim{Line: l.Line, Party: merchant, Base: base, Refunded: l.Refunded, Fee: fee,
			Net: base - fee, FeeRule: l.FeeRule, FeePPM: l.FeePPM})
	}
	if s.Freight < 0 {
		return nil, sum, badAmount(s.Order, 0, nil)
	}
	for i := range all {
		c := &all[i]
		c.Order, c.Sub, c.Shop, c.Currency, c.At = s.Order, s.Sub, s.Shop, s.Currency, at
		if err := sum.add(c); err != nil {
			return nil, sum, err
		}
	}
	return all, sum, nil
}

func badAmount(order string, line int, cause error) error {
	return fault.New(fault.Unprocessable, "settle.line", fault.P("order", order), fault.P("line", line)).Because(cause)
}

// standing is what the claims of one order line have come to so far.
type standing struct {
	shop  string
	party ledger.Account
	base  int64
	entry int // of the newest claim
	ppm   money.PPM
	rule  RuleID
}

// takeBack is the further entry that brings a line's claim down to what is left after a refund. The fee goes back by
// the difference of two fees (RULES C5), so that any chain of refunds returns exactly the fee that was taken; its
// rate is the one stored with the claim, never today's.
func (r *Refunded) takeBack(was standing, at time.Time) (Claim, error) {
	if was.shop != r.Shop || was.base != r.PaidBefore || was.ppm != r.FeePPM || was.rule != r.FeeRule {
		return Claim{}, fault.New(fault.Conflict, "settle.changed", fault.P("order", r.Order), fault.P("line", r.Line)).
			Because(errDiffers)
	}
	fee, err := money.FeeReversal(r.PaidBefore, r.PaidAfter, was.ppm)
	if err != nil {
		return Claim{}, badAmount(r.Order, r.Line, err)
	}
	back := r.PaidBefore - r.PaidAfter
	return Claim{Order: r.Order, Sub: r.Sub, Line: r.Line, Entry: was.entry + 1, Shop: r.Shop, Party: was.party,
		Currency: r.Currency, Base: -back, Refunded: back, Fee: -fee, Net: fee - back,
		FeeRule: was.rule, FeePPM: was.ppm, At: at}, nil
}

var errDiffers = errors.New("settle: the caller's figures are not those of the claim")

// with is the standing after one more claim.
func (s standing) with(c *Claim) standing {
	s.shop, s.party, s.ppm, s.rule = c.Shop, c.Party, c.FeePPM, c.FeeRule
	s.base += c.Base
	s.entry = max(s.entry, c.Entry)
	return s
}
