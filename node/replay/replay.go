// Package replay plays a file of real invoices through the market's real verbs: every invoice is quoted, placed, paid,
// shipped, received and, where a later invoice takes something back, refunded; at the end it is settled. Time is the
// file's. What comes out is what the market's own books say.
//
// Read this file first (what is asked and answered), then read.go (the file), plan.go (what it means) and wave.go (how
// it is played).
package replay

import (
	"bufio"
	"compress/gzip"
	"context"
	_ "embed"
	"errors"
	"io"
	"os"
	"runtime/debug"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/node"
	"hutong/party/merchant"
	"hutong/trade/checkout"
	"hutong/trade/ship"
)

// The limits that a replay raises: one real invoice has 705 lines, one line 74,215 pieces.
const (
	linesMax    = 5_000
	quantityMax = 1_000_000
)

// gcPercent lets the heap, which is small, grow further between collections than a server would: a replay is all there
// is to do, and collecting took a tenth of it.
const gcPercent = 400

// Currency is what the file's prices are in.
const Currency money.Currency = "GBP"

// Result is what the market's books say after a replay, amounts in minor units.
type Result struct {
	Orders    int64          `json:"orders"`
	Cancelled int64          `json:"cancelled"` // pieces refunded
	Gross     int64          `json:"gross"`     // paid for goods
	Refunded  int64          `json:"refunded"`
	Fees      int64          `json:"fees"`
	Net       int64          `json:"net"`
	Currency  money.Currency `json:"currency"`
	Rejected  int64          `json:"rejected"` // lines of which something was refused
}

// Refusal is one line of which something was refused.
type Refusal struct {
	Line int // of the file
	Code string
}

// Options say what to replay.
type Options struct {
	File     string
	Progress func(orders, lines int64) // told after each wave; may be nil
	Refused  func(Refusal)             // told every refusal, while waves are played; may be nil
}

// Configure prepares a node's configuration for a replay: its currency, its limits, a till that takes any money at once
// and a carrier that asks nothing, because the file's sales carried none.
func Configure(c node.Config) node.Config {
	c.Checkout = checkout.DefaultSettings()
	c.Checkout.Currency, c.Checkout.LinesMax, c.Checkout.QuantityMax = Currency, linesMax, quantityMax
	c.Wallets = append(c.Wallets, till{})
	c.Carriers = []ship.Carrier{handover{}}
	return c
}

// Run replays a file in a shop of its own. m was opened with Configure.
// Codes: replay.file, replay.empty, replay.column, replay.again (the shop exists: a file is replayed once).
func Run(ctx context.Context, m *node.Market, o Options) (Result, error) {
	defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
	var ends map[string]int
	err := open(o.File, func(s *sheet) (err error) { ends, err = s.ends(); return err })
	if err != nil {
		return Result{}, err
	}
	var r Result
	err = open(o.File, func(s *sheet) (err error) { r, err = play(ctx, m, s, ends, o); return err })
	return r, err
}

// open reads a file from its beginning.
func open(file string, fn func(*sheet) error) error {
	f, err := os.Open(file)
	if err != nil {
		return fault.New(fault.Invalid, "replay.file", fault.P("file", file)).Because(err)
	}
	defer f.Close()
	rows, err := unpacked(f)
	if err != nil {
		return fault.New(fault.Invalid, "replay.file", fault.P("file", file)).Because(err)
	}
	s, err := newSheet(rows, file)
	if err != nil {
		return err
	}
	return fn(s)
}

// unpacked reads a file whether it is gzipped or not.
func unpacked(f io.Reader) (io.Reader, error) {
	r := bufio.NewReaderSize(f, 64<<10)
	if head, err := r.Peek(2); err == nil && head[0] == 0x1f && head[1] == 0x8b {
		return gzip.NewReader(r)
	}
	return r, nil
}

func play(ctx context.Context, m *node.Market, s *sheet, ends map[string]int, o Options) (Result, error) {
	shop, err := m.Shops.OpenShop(ctx, merchant.OpenShop{Code: "replay", Name: text.Entry{Zh: "回放", En: "Replay"}})
	if err != nil {
		return Result{}, fault.New(fault.Conflict, "replay.again").Because(err)
	}
	p := newPlayer(m, string(shop.ID), o)
	p.plan = newPlan(ends)
	if err := p.read(ctx, s); err != nil {
		return Result{}, err
	}
	if err := p.sendRefunds(ctx); err != nil {
		return Result{}, err
	}
	if err := p.dispatch(ctx); err != nil {
		return Result{}, err
	}
	return p.settle(ctx)
}

// settle closes the shop's statement and reads its totals from the books.
func (p *player) settle(ctx context.Context) (Result, error) {
	end := p.plan.clock.Add(24 * time.Hour)
	if _, err := p.m.Settle.Close(clock.Pin(ctx, end), p.shop, end); err != nil {
		return Result{}, err
	}
	totals, err := p.m.Settle.Totals(ctx, p.shop)
	if err != nil {
		return Result{}, err
	}
	r := Result{Orders: p.orders, Cancelled: p.cancelled, Currency: Currency, Rejected: p.rejected}
	for _, t := range totals {
		if t.Currency != Currency {
			return Result{}, errors.New("replay: claims in " + string(t.Currency))
		}
		r.Gross, r.Refunded, r.Fees, r.Net = t.Gross, t.Refunded, t.Fees, t.Net
	}
	return r, nil
}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)
