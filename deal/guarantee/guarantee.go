// Package guarantee is the rule of the price guarantee: how long a bought line is protected, what a piece costs
// everybody, and what a lower price gives back. It is pure: the orders, the money and the record are trade/guarantee's,
// since this district knows of no orders.
//
// A price is public that everybody can have without claiming anything: stages 1 to 5 of the rules without vouchers, red
// packets and points, and without a group. Every comparison is made from the last price that was protected, so that a
// falling price is given back once. Whoever lowered the price gives it back: the shop what its own price fell, the
// others what they pay of the lower one. Read this file first.
package guarantee

import (
	"math/bits"
	"time"

	"hutong/base/money"
	"hutong/deal/promo"
	"hutong/funds/settle"
)

// Settings are the market's rule. DefaultSettings has that of China's sales.
type Settings struct {
	Days   int   // how long a line is protected after it was received
	Claims int64 // how often a price is given back for one line
	// Budget bounds what others than the shops give back in a calendar month, in minor units of a currency; 0: they
	// give nothing back.
	Budget int64
}

// DefaultSettings are fifteen days, thirty returns, and 10,000.00 a month.
func DefaultSettings() Settings { return Settings{Days: 15, Claims: 30, Budget: 1_000_000} }

// Until is the end of protection for what was received at an instant; at that very instant it is over.
func (s Settings) Until(received time.Time) time.Time {
	return received.Add(time.Duration(s.Days) * 24 * time.Hour)
}

// publicStages is the last stage of the rules that everybody gets.
const publicStages = 5

// Price is what a piece costs, in minor units: Public what everybody pays, Own what that would be with only those
// discounts that its shop pays. A shop answers for a fall of Own, and for nothing else: what Public lies below it is
// what others pay.
type Price struct{ Public, Own int64 }

// Less is the price after so much was given back for each piece, own of it by the shop.
func (p Price) Less(each, own int64) Price { return Price{p.Public - each, p.Own - own} }

// Basis says what a price was made of: the rules, each promotion with its version, and what others than the shop pay
// of the line.
type Basis struct {
	Rules      int64
	Promotions []Cited
	Others     []Share
}

// Share is what a party pays.
type Share = settle.Share

// With adds an amount to a party's share.
func With(all []Share, party string, amount int64) []Share {
	for i := range all {
		if all[i].Party == party {
			all[i].Amount += amount
			return all
		}
	}
	return append(all, Share{Party: party, Amount: amount})
}

// Cited is a promotion in the version that made a price.
type Cited struct {
	Promotion string
	Version   int64
}

// Ask is a line whose public price is wanted.
type Ask struct {
	Line     promo.Line
	Currency money.Currency
	At       time.Time
	Barred   func(promotion string) bool
}

// Public is what a piece of a line costs everybody, bought alone in its quantity: a price that needs other goods in
// the basket is not one that everybody has. A part of a minor unit counts as a whole one.
// Codes: those of promo.Rules.Price.
func Public(rules *promo.Rules, a Ask) (p Price, b Basis, err error) {
	if rules == nil || rules.Len() == 0 {
		return Price{a.Line.UnitPrice, a.Line.UnitPrice}, b, nil
	}
	answer, err := rules.Price(promo.Basket{Currency: a.Currency, At: a.At, Lines: []promo.Line{a.Line},
		Stages: publicStages, Barred: a.Barred})
	if err != nil {
		return p, b, err
	}
	l := answer.Lines[0]
	own := l.List
	b.Rules = answer.Rules
	for i := range l.Discounts {
		d := &l.Discounts[i]
		own -= d.By(promo.Merchant) + d.By(a.Line.Shop)
		for _, f := range d.Funding() {
			if f.Amount > 0 && f.Party != promo.Merchant && f.Party != a.Line.Shop {
				b.Others = With(b.Others, f.Party, f.Amount)
			}
		}
		if d.Amount > 0 {
			b.Promotions = append(b.Promotions, Cited{d.Promotion, d.Version})
		}
	}
	return Price{upEach(l.Paid, l.Quantity), upEach(own, l.Quantity)}, b, nil
}

// upEach is a piece's part of a sum, rounded up: what is promised is never found lower than it is.
func upEach(sum, pieces int64) int64 { return sum/pieces + min(1, sum%pieces) }

// The reasons for which nothing is given back though the price is lower.
const (
	PlatformFunded = "guarantee.platform_funded" // others than the shop pay for the lower price, and give nothing back
	BudgetEmpty    = "guarantee.budget_empty"    // they do, and this month's budget has too little left
	UsedUp         = "guarantee.used_up"         // the line was given back for as often as it may be
)

// Held is a protected line: its price, and what limits what is given back.
type Held struct {
	Price
	Pieces int64 // that were not given back
	Most   int64 // minor units of them that are still paid
	Claims int64 // how often something was given back before
}

// Answer is what a lower price brings: Each for every piece, Amount in all, of which the shop gives OwnEach and Own.
// Amount 0 with no Reason is a price that is not lower.
type Answer struct {
	Each, Amount int64
	OwnEach, Own int64
	Reason       string
}

// Others is what others than the shop give back.
func (a Answer) Others() int64 { return a.Amount - a.Own }

// Decide compares a protected line with the price now.
func (s Settings) Decide(h Held, now Price) (a Answer) {
	fall := h.Public - now.Public
	if fall <= 0 || h.Pieces < 1 || h.Most < 1 {
		return a
	}
	if h.Claims >= s.Claims {
		return Answer{Reason: UsedUp}
	}
	own := min(fall, max(0, h.Own-now.Own))
	each := fall
	if s.Budget <= 0 {
		each = own
	}
	if each == 0 {
		return Answer{Reason: PlatformFunded}
	}
	if each <= h.Most/h.Pieces {
		return Answer{Each: each, Amount: each * h.Pieces, OwnEach: own, Own: own * h.Pieces}
	}
	// Less is still paid than the price fell: everybody gives back that much less, the shop the part of a cent more.
	hi, lo := bits.Mul64(uint64(h.Most), uint64(own))
	part, rest := bits.Div64(hi, lo, uint64(each)) // own <= each, so it is never above Most
	return Answer{Each: each, Amount: h.Most, OwnEach: own, Own: int64(part) + min(1, int64(rest))}
}

// Split divides what others give back among those who pay more of the line now than before; where nobody does, among
// those who pay of it now. No cent is lost.
func Split(amount int64, before, now []Share) ([]Share, error) {
	weights, sum := make([]int64, len(now)), int64(0)
	for i, n := range now {
		weights[i] = n.Amount
		for _, b := range before {
			if b.Party == n.Party {
				weights[i] = max(0, n.Amount-b.Amount)
			}
		}
		sum += weights[i]
	}
	for i, n := range now {
		if sum == 0 {
			weights[i] = n.Amount
		}
	}
	parts, err := money.Apportion(amount, weights)
	var all []Share
	for i, part := range parts {
		if part > 0 {
			all = append(all, Share{Party: now[i].Party, Amount: part})
		}
	}
	return all, err
}
