package verify

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/id"
)

// check is one promise as SQL.
type check struct {
	name    string
	rule    string
	counts  string // what it looks at: a table, or "table WHERE condition"
	columns string // what the SQL lists of a row that breaks the promise; text names first
	sql     string
	args    []any
}

// audit is one run over a market.
type audit struct {
	Options
	wall  time.Time // what the machines' clocks showed when the market last did anything
	parts []func(*db.Tx) ([]Check, error)

	mu      sync.Mutex
	counted map[string]int64 // rows, by what was counted
}

func newAudit(tx *db.Tx, o Options) (*audit, error) {
	a := &audit{Options: o, counted: map[string]int64{}}
	if err := a.signs(tx); err != nil {
		return nil, err
	}
	a.parts = append(a.parts, walk, lists, deals, a.lag) // the longest first
	for _, c := range a.checks() {
		a.parts = append(a.parts, func(tx *db.Tx) ([]Check, error) {
			done, err := a.run(tx, c)
			return []Check{done}, err
		})
	}
	return a, nil
}

// checks are all promises that are kept in SQL, one room after the other.
func (a *audit) checks() []check {
	var all []check
	for _, room := range [][]check{a.stock(), a.orders(), a.prices(), a.payments(), a.cases(), a.books(), a.settlement(),
		a.tenants(), a.system(), a.reviews(), a.groups(), a.guarantee(), a.vouchers(), a.desk(), a.record(), a.sales(),
		a.places(), a.placesSold(), a.referrals(), a.presales(), a.segments()} {
		all = append(all, room...)
	}
	return all
}

// signs finds out when the market last did anything, in business time and by the machines' clocks. Ids rise with time,
// so the newest row of each kind is at the end of its table.
func (a *audit) signs(tx *db.Tx) error {
	a.wall = a.Now
	business := a.Now
	look := func(q string) error {
		var newest string
		var at int64
		_, err := tx.One(q, nil, &newest, &at)
		if wall := id.Time(newest); a.Now.IsZero() && wall.After(a.wall) {
			a.wall = wall
		}
		if t := clock.FromMicros(at); a.Now.IsZero() && t.After(business) {
			business = t
		}
		return err
	}
	for _, q := range []string{
		`SELECT id, placed_us FROM orders ORDER BY id DESC LIMIT 1`,
		`SELECT id, at_us FROM outbox ORDER BY id DESC LIMIT 1`,
		`SELECT id, created_us FROM shoppers ORDER BY id DESC LIMIT 1`,
		`SELECT id, created_us FROM attempts ORDER BY id DESC LIMIT 1`,
		`SELECT '', MAX(at_us) FROM stock_moves`,
		`SELECT '', MAX(t.at_us) FROM ledger_heads h JOIN transfers t ON t.chain = h.chain AND t.seq = h.seq`,
	} {
		if err := look(q); err != nil {
			return fmt.Errorf("verify: %w", err)
		}
	}
	a.Now = business
	return nil
}

// ago is the business time d before now, as it is stored.
func (a *audit) ago(d time.Duration) int64 { return clock.Micros(a.Now.Add(-d)) }

// count is how many rows there are of what a check looks at. Many look at the same, which is counted once: rows that
// come meanwhile are no finding.
func (a *audit) count(tx *db.Tx, what string) (n int64, err error) {
	a.mu.Lock()
	n, known := a.counted[what]
	a.mu.Unlock()
	if !known {
		_, err = tx.One(`SELECT COUNT(*) FROM `+what, nil, &n)
		a.mu.Lock()
		a.counted[what] = n
		a.mu.Unlock()
	}
	return n, err
}

// run lists what breaks the promise.
func (a *audit) run(tx *db.Tx, c check) (Check, error) {
	done := Check{Name: c.name, Rule: c.rule, Violations: []Violation{}}
	var err error
	if done.Counted, err = a.count(tx, c.counts); err != nil {
		return done, fmt.Errorf("verify: %s: %w", c.name, err)
	}
	columns := strings.Fields(c.columns)
	values, targets := make([]string, len(columns)), make([]any, len(columns))
	for i := range columns {
		targets[i] = &values[i]
	}
	err = tx.Each(c.query(), func(r db.Row) error {
		if err := r.Scan(targets...); err != nil {
			return err
		}
		v := Violation{}
		for i, col := range columns {
			v[col] = values[i]
		}
		done.note(v)
		return nil
	}, c.args...)
	if err != nil {
		return done, fmt.Errorf("verify: %s: %w", c.name, err)
	}
	done.OK = done.Total == 0
	return done, nil
}

// query lists the rows that break the promise, every column as text.
func (c check) query() string {
	columns := strings.Fields(c.columns)
	for i, name := range columns {
		columns[i] = "CAST(v." + name + " AS TEXT)"
	}
	return fmt.Sprintf("SELECT %s FROM (%s) v LIMIT %d", strings.Join(columns, ", "), c.sql, totalMax)
}

func (c *Check) note(v Violation) {
	if c.Total++; len(c.Violations) < listedMax {
		c.Violations = append(c.Violations, v)
	}
}
