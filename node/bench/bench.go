// Package bench measures what a node carries: a real server process on a real database with full synchronisation,
// loaded over loopback HTTP by a generator in a process of its own, every acknowledged order checked in the database
// afterwards. In the same run, with the same generator and the same request body, it measures a handler of the same
// server that decodes nothing and answers a fixed JSON: machines differ, the ratio of the two less so.
//
// Read this file first (what is measured), then run.go (how), client.go (the generator), server.go (what it loads).
package bench

import (
	"fmt"
	"slices"
	"time"
)

// The kinds of stock to sell from.
const (
	Hot    = "hot"    // everybody wants the same SKU
	Spread = "spread" // 10,000 SKUs, each order one of them at random
)

// The mixes of requests.
const (
	Plain   = "plain"   // only place: the token was quoted before
	Sale    = "sale"    // place, of three lines over two shops: shop voucher, cross-shop, red packet, budget, limits
	Journey = "journey" // a shopper's whole way: cart, address, carrier, quote, place, pay until paid
)

// Options say what to measure.
type Options struct {
	Program []string // the command that starts the server process
	URL     string   // the database; "" makes a temporary SQLite
	Seconds int
	Stock   string
	Conns   int
	Mix     string
	Runs    int // how often the orders are measured on the same, filling database
}

// Result is what was measured. The fields of DESIGN's contract come first.
type Result struct {
	OrdersPerS         float64   `json:"orders_per_s"`
	RawHTTPPerS        float64   `json:"raw_http_per_s"`
	Ratio              float64   `json:"ratio"`
	OrdersPerServerCPU float64   `json:"orders_per_server_cpu_s"`
	P50MS              float64   `json:"p50_ms"`
	P99MS              float64   `json:"p99_ms"`
	Refused            int       `json:"refused"`
	Errors             int       `json:"errors"`
	Oversold           int       `json:"oversold"`
	Lost               int       `json:"lost"`
	Engine             string    `json:"engine"`
	FullSync           bool      `json:"full_sync"`
	Stock              string    `json:"stock"`
	Mix                string    `json:"mix"`
	Conns              int       `json:"conns"`
	Orders             int       `json:"orders"`
	RunsPerS           []float64 `json:"runs_per_s"` // each run's orders per second, on the filling database
	RequestsPerS       float64   `json:"requests_per_s"`
	Broken             []string  `json:"broken,omitempty"` // the checks of verify that a sale left broken
	FirstError         string    `json:"first_error,omitempty"`

	rawPerS []float64 // of each run, around it
}

// Held tells whether the promise was kept: nothing lost, nothing sold that was not there, no call that failed.
func (r Result) Held() bool {
	return r.Lost == 0 && r.Oversold == 0 && r.Errors == 0 && r.Orders > 0 && len(r.Broken) == 0
}

// tally is what one connection saw.
type tally struct {
	placed   []string // ids of acknowledged orders
	latency  []time.Duration
	requests int
	refused  int
	errors   int
	first    error
}

func (t *tally) fail(err error) {
	if t.errors++; t.first == nil {
		t.first = err
	}
}

func merge(all []tally) (sum tally) {
	for _, t := range all {
		sum.placed = append(sum.placed, t.placed...)
		sum.latency = append(sum.latency, t.latency...)
		sum.requests += t.requests
		sum.refused += t.refused
		sum.errors += t.errors
		if sum.first == nil {
			sum.first = t.first
		}
	}
	slices.Sort(sum.latency)
	return sum
}

func (t tally) percentile(p float64) float64 {
	if len(t.latency) == 0 {
		return 0
	}
	i := min(int(float64(len(t.latency))*p), len(t.latency)-1)
	return float64(t.latency[i].Microseconds()) / 1000
}

// String is one line for a person.
func (r Result) String() string {
	return fmt.Sprintf("%s %s %s, %d connections: %.0f orders/s, raw %.0f/s, ratio %.2f, p50 %.1f ms, p99 %.1f ms, "+
		"%d orders, %d refused, %d errors, %d lost, %d oversold", r.Engine, r.Stock, r.Mix, r.Conns, r.OrdersPerS,
		r.RawHTTPPerS, r.Ratio, r.P50MS, r.P99MS, r.Orders, r.Refused, r.Errors, r.Lost, r.Oversold)
}
