// Package verify is the market's auditor: it reads the tables, each check in one snapshot, and says which rows break
// which promise. Every check is one SQL text over base tables that lists the rows it finds wrong; only the books are
// also walked in Go, because their hash chain can be recomputed in no SQL that both engines read.
//
// It shares no code and no memory with the rooms whose work it judges: it imports base alone and is written from what
// their tables promise. It never changes anything, so it may run beside a market that sells.
//
// Read this file first, then any of the check_*.go (the promises), then walk.go (the books).
package verify

import (
	"context"
	_ "embed"
	"sync"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/text"
)

// Options say what the market allows. The zero value is right for a market with its default settings.
type Options struct {
	// Now is the business time by which lateness is judged. Zero means the last time at which the market did
	// anything: a market that is switched off is not late.
	Now         time.Time
	HoldGrace   time.Duration // how long after its end a hold on stock may be released; default 60 s (I-K6)
	JobGrace    time.Duration // how long after its time a job may act on an order; default 10 min (I-O2)
	EventLag    time.Duration // how far delivery may be behind the newest event; default 30 s (I-E1)
	QuoteHolds  time.Duration // how long an order may be placed at an older price or fee; default 15 min
	SuspenseMax time.Duration // after which unmatched money is sent back by itself; default 73 h (I-M8)
	DefaultPPM  int64         // the fee where no rule says otherwise; default 6,000, below zero for none
	Workers     int           // checks under way at once; default 2
	Rest        int           // how many times as long as a check took its worker rests after it; default 0
}

func (o Options) full() Options {
	o.HoldGrace = or(o.HoldGrace, time.Minute)
	o.JobGrace = or(o.JobGrace, 10*time.Minute)
	o.EventLag = or(o.EventLag, 30*time.Second)
	o.QuoteHolds = or(o.QuoteHolds, 15*time.Minute)
	o.SuspenseMax = or(o.SuspenseMax, 73*time.Hour)
	o.DefaultPPM = max(or(o.DefaultPPM, 6_000), 0)
	o.Workers = or(o.Workers, 2)
	return o
}

func or[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}

// Report is what an audit found.
type Report struct {
	OK     bool    `json:"ok"`
	Checks []Check `json:"checks"`
}

// Check is one promise and the rows that break it.
type Check struct {
	Name       string      `json:"name"` // such as "stock.promised"
	Rule       string      `json:"-"`    // the invariants it stands for, such as "I-K3"
	OK         bool        `json:"ok"`
	Counted    int64       `json:"counted"`    // how many rows it looked at
	Violations []Violation `json:"violations"` // the first of them, never null
	Total      int64       `json:"-"`          // how many there are, up to totalMax
}

// Violation names one row and what is wrong with it, by column.
type Violation map[string]string

// The bounds of what is told about one broken check: twenty rows show what is wrong, more tell nobody more.
const (
	listedMax = 20
	totalMax  = 100_000
)

//go:embed text.json
var textJSON []byte

// Texts are the names of the checks and the words of Print.
var Texts = text.MustParse(textJSON)

// Run audits the market in d. The error says that the audit could not be done, never what it found.
func Run(ctx context.Context, d *db.DB, o Options) (Report, error) {
	o = o.full()
	var a *audit
	err := d.Read(ctx, func(tx *db.Tx) (err error) { a, err = newAudit(tx, o); return err })
	if err != nil {
		return Report{}, err
	}
	results := make([][]Check, len(a.parts))
	errs := make([]error, len(a.parts))
	next := make(chan int)
	wall := &clock.System{} // rest is of the machine, whatever the market says the time is
	var wg sync.WaitGroup
	for range o.Workers {
		wg.Go(func() {
			for i := range next {
				begun := wall.Now()
				errs[i] = d.Read(ctx, func(tx *db.Tx) (err error) {
					results[i], err = a.parts[i](tx)
					return err
				})
				rest(ctx, time.Duration(o.Rest)*wall.Now().Sub(begun))
			}
		})
	}
	for i := range a.parts {
		next <- i
	}
	close(next)
	wg.Wait()
	return report(results, errs)
}

// rest leaves the machine to others, who ask for nothing while a check holds a core and a connection.
func rest(ctx context.Context, wait time.Duration) {
	if wait <= 0 {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(wait):
	}
}

func report(results [][]Check, errs []error) (Report, error) {
	r := Report{OK: true}
	for i, checks := range results {
		if errs[i] != nil {
			return Report{}, errs[i]
		}
		for _, c := range checks {
			r.OK = r.OK && c.OK
			r.Checks = append(r.Checks, c)
		}
	}
	return r, nil
}
