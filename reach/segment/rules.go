package segment

import (
	"slices"
	"time"
	"unicode/utf8"

	"hutong/base/fault"
	"hutong/deal/promo"
)

// The bounds of a set.
const (
	TitleMax  = 40 // characters
	RulesMax  = 8
	DaysMax   = 3_650
	LeastMax  = 1_000_000_000_000
	PeopleMax = 2_000 // who can be named
)

const day = 24 * time.Hour

// check refuses terms that are malformed; named is how many shoppers were named.
// Codes: segment.title, segment.rules, segment.days, segment.least.
func (t *Terms) check(named int) error {
	if !title(t.Title.Zh) || !title(t.Title.En) {
		return fault.New(fault.Invalid, "segment.title", fault.P("max", TitleMax)).At("title")
	}
	if len(t.Rules) > RulesMax || len(t.Rules) == 0 && named == 0 {
		return fault.New(fault.Invalid, "segment.rules", fault.P("max", RulesMax)).At("rules")
	}
	for _, r := range t.Rules {
		if err := r.check(); err != nil {
			return err
		}
	}
	return nil
}

func (r Rule) check() error {
	counts := r.Kind == Spent || r.Kind == Orders
	switch {
	case !slices.Contains([]Kind{Bought, NotBought, Spent, Orders, Idle}, r.Kind) || len(r.Category) > 64:
		return fault.New(fault.Invalid, "segment.rules", fault.P("max", RulesMax)).At("rules")
	case r.Days < 0 || r.Days > DaysMax || r.Kind == Idle && r.Days == 0:
		return fault.New(fault.Invalid, "segment.days", fault.P("max", DaysMax)).At("days")
	case counts != (r.Least > 0) || r.Least < 0 || r.Least > LeastMax:
		return fault.New(fault.Invalid, "segment.least", fault.P("max", int64(LeastMax))).At("least")
	}
	return nil
}

func title(s string) bool {
	n := utf8.RuneCountInString(s)
	return n > 0 && n <= TitleMax && utf8.ValidString(s)
}

// purchase is a line of a paid order of which something was kept.
type purchase struct {
	order    string
	sku      string
	category string
	paidAt   time.Time
	amount   int64 // minor units, less what went back
}

// holds tells whether all rules hold for somebody who bought this.
func (t *Terms) holds(bought []purchase, now time.Time) bool {
	for _, r := range t.Rules {
		if !r.holds(bought, now) {
			return false
		}
	}
	return true
}

func (r Rule) holds(bought []purchase, now time.Time) bool {
	var sum, n int64
	orders := map[string]bool{}
	for _, p := range bought {
		old := r.Days > 0 && !p.paidAt.After(now.Add(-time.Duration(r.Days)*day))
		if r.Category != "" && !slices.Contains(promo.Path(p.category), r.Category) || old && r.Kind != Idle {
			continue
		}
		if r.Kind == Idle && !old {
			return false
		}
		sum, n = sum+p.amount, n+1
		orders[p.order] = true
	}
	switch r.Kind {
	case Bought, Idle:
		return n > 0
	case NotBought:
		return n == 0
	case Spent:
		return sum >= r.Least
	}
	return int64(len(orders)) >= r.Least
}
