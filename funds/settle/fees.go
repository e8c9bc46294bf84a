// Package settle turns completed sales into claims: who is owed what part of an order's money, to the order line and
// the minor unit. It posts them to funds/ledger, takes them back when a refund comes later, closes them into
// statements and pays those out. It also holds the fee schedule.
//
// It never looks at orders, prices or refunds itself: trade tells it what was sold (Sale) and what was undone
// (Refunded). It never changes a claim: a correction is a further entry.
//
// Read this file (which fee), then claims.go (how much), then statement.go and service.go (when it is paid).
package settle

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"hutong/base/fault"
	"hutong/base/money"
)

// RuleID names a fee rule, "fee_...".
type RuleID string

// DefaultRule is the rule that holds where nobody set one, at the rate of Settings.DefaultPPM.
const DefaultRule RuleID = "fee_default"

// Scope says what a fee rule holds for.
type Scope string

// The scopes. A shop's own rule wins over that of the nearest category, and that over the market's.
const (
	ScopeMarket   Scope = "market"
	ScopeShop     Scope = "shop"
	ScopeCategory Scope = "category" // with everything below it
)

// Valid tells whether s is one of the scopes.
func (s Scope) Valid() bool { return s == ScopeMarket || s == ScopeShop || s == ScopeCategory }

// Notice is how long before its start a change of a fee is announced, at least (FAULTS I-P5).
const Notice = 7 * 24 * time.Hour

// FeeRule is one row of the fee schedule: from From on, until a later row of the same scope starts.
type FeeRule struct {
	ID        RuleID
	Scope     Scope
	ScopeID   string // the shop or category; "" for the market
	PPM       money.PPM
	From      time.Time
	Announced time.Time
	Opening   bool // set before the first sale it could touch, so it needed no notice
}

// SetFee is the command to announce a fee.
type SetFee struct {
	Scope     Scope
	ScopeID   string
	PPM       money.PPM
	From      time.Time
	Immediate bool // start without notice; allowed only while the scope has no settled sale yet
}

// Check refuses what can be told without looking: a scope that is none, a rate out of bounds, too little notice. Codes:
// fee.scope, fee.scope_id, fee.rate, fee.notice.
func (c *SetFee) Check(now time.Time) error {
	switch {
	case !c.Scope.Valid():
		return fault.New(fault.Invalid, "fee.scope", fault.P("scope", c.Scope)).At("scope")
	case (c.Scope == ScopeMarket) != (c.ScopeID == ""):
		return fault.New(fault.Invalid, "fee.scope_id", fault.P("scope", c.Scope)).At("scope_id")
	case c.PPM < 0 || c.PPM > money.Whole:
		return fault.New(fault.Invalid, "fee.rate", fault.P("ppm", int64(c.PPM))).At("ppm")
	case !c.Immediate && c.From.Sub(now) < Notice:
		return fault.New(fault.Unprocessable, "fee.notice", fault.P("days", int(Notice/(24*time.Hour)))).At("from")
	}
	return nil
}

// Fees is one reading of the fee schedule. It is never changed, so any number of goroutines may ask it at once, and
// asking allocates nothing.
type Fees struct {
	fallback money.PPM
	market   []FeeRule // newest first
	shops    map[string][]FeeRule
	category map[string][]FeeRule
}

// NewFees makes a reading from rules in any order.
func NewFees(fallback money.PPM, rules []FeeRule) *Fees {
	f := &Fees{fallback: fallback, shops: map[string][]FeeRule{}, category: map[string][]FeeRule{}}
	newest := slices.Clone(rules)
	slices.SortFunc(newest, func(a, b FeeRule) int {
		return cmp.Or(b.From.Compare(a.From), cmp.Compare(b.ID, a.ID))
	})
	for _, r := range newest {
		switch r.Scope {
		case ScopeShop:
			f.shops[r.ScopeID] = append(f.shops[r.ScopeID], r)
		case ScopeCategory:
			f.category[r.ScopeID] = append(f.category[r.ScopeID], r)
		default:
			f.market = append(f.market, r)
		}
	}
	return f
}

// For is the fee of a sale placed at that instant: of the most specific scope that has a rule by then, the newest
// rule. The category's id is its way from the root ("aa-1-2"), so its ancestors are its beginnings.
func (f *Fees) For(shop, category string, at time.Time) (RuleID, money.PPM) {
	if r := since(f.shops[shop], at); r != nil {
		return r.ID, r.PPM
	}
	for c := category; c != ""; {
		if r := since(f.category[c], at); r != nil {
			return r.ID, r.PPM
		}
		c = c[:max(strings.LastIndexByte(c, '-'), 0)]
	}
	if r := since(f.market, at); r != nil {
		return r.ID, r.PPM
	}
	return DefaultRule, f.fallback
}

func since(newest []FeeRule, at time.Time) *FeeRule {
	for i := range newest {
		if !newest[i].From.After(at) {
			return &newest[i]
		}
	}
	return nil
}

// Rules are all rules of the reading: the market's, then the categories' and the shops', each newest first.
func (f *Fees) Rules() []FeeRule {
	all := slices.Clone(f.market)
	for _, byID := range []map[string][]FeeRule{f.category, f.shops} {
		ids := make([]string, 0, len(byID))
		for id := range byID {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		for _, id := range ids {
			all = append(all, byID[id]...)
		}
	}
	return all
}
