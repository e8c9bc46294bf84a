// Package paytest proves wallets and the room that uses them: a conformance suite that every adapter passes (Run), a
// wallet that follows a script (Script), and a till that sells one thing (Till).
//
// It is for tests only; nothing of a running node imports it. Read this file first, then suite.go.
package paytest

import (
	"context"
	"crypto/rand"
	_ "embed"
	"log/slog"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/id"
	"hutong/base/money"
	"hutong/funds/ledger"
	"hutong/funds/pay"
	"hutong/funds/pay/sandbox"
	"hutong/party/audit"
)

//go:embed schema.sql
var schemaSQL string

// Schemas are the tables that a Bench needs.
var Schemas = []db.Schema{event.Schema, audit.Schema, ledger.Schema, pay.Schema, sandbox.Schema,
	{Room: "till", Steps: []string{schemaSQL}}}

// Start is the instant at which the clock of a Bench stands.
var Start = time.Date(2026, 11, 10, 20, 0, 0, 0, time.UTC)

// Bench is the room of payment on an empty database, with a Till as the seller.
type Bench struct {
	DB    *db.DB
	Clock *clock.Manual
	IDs   *id.Maker
	Pay   *pay.Service
	Till  *Till
}

// NewBench makes a Bench; the wallets are made with its database, clock and ids at hand.
func NewBench(t testing.TB, d *db.DB, wallets func(*Bench) []pay.Provider) *Bench {
	t.Helper()
	c := clock.NewManual(Start)
	b := &Bench{DB: d, Clock: c, IDs: id.NewMaker(c, rand.Reader)}
	b.Pay = pay.New(d, c, b.IDs, pay.Options{Providers: wallets(b), CallTimeout: time.Second,
		Alone: func() int64 { return Alone }, Log: slog.New(slog.DiscardHandler)})
	b.Till = &Till{db: d, ids: b.IDs}
	b.Pay.Plug(b.Till)
	return b
}

// Alone is what one person of a Bench may record as sent by hand.
const Alone = 800

// Shopper owns every order of a Bench.
const Shopper = "shr_1"

// Sell makes an order that waits for the amount, for fifteen minutes.
func (b *Bench) Sell(t testing.TB, amount money.Money) string {
	t.Helper()
	order, err := b.Till.sell(context.Background(), amount, b.Clock.Now().Add(15*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	return order
}

// Begin begins to pay an order with a wallet.
func (b *Bench) Begin(t testing.TB, order, wallet string) (pay.Attempt, pay.Instruction) {
	t.Helper()
	a, i, err := b.Pay.Begin(context.Background(), pay.Begin{Order: order, Shopper: Shopper, Wallet: wallet})
	if err != nil {
		t.Fatal(err)
	}
	return a, i
}

// Attempt reads an attempt again.
func (b *Bench) Attempt(t testing.TB, a pay.Attempt) pay.Attempt {
	t.Helper()
	all, err := b.Pay.Attempts(context.Background(), a.Order)
	if err != nil {
		t.Fatal(err)
	}
	for _, now := range all {
		if now.ID == a.ID {
			return now
		}
	}
	t.Fatalf("attempt %s is gone", a.ID)
	return a
}

// Refunds reads the refunds of an order.
func (b *Bench) Refunds(t testing.TB, order string) []pay.Refund {
	t.Helper()
	all, err := b.Pay.Refunds(context.Background(), order)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Send sends refunds until none is due.
func (b *Bench) Send(t testing.TB) {
	t.Helper()
	for {
		n, err := b.Pay.SendRefunds(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// OnSQLite runs a test on a Bench in SQLite alone, for what does not depend on the engine.
func OnSQLite(t *testing.T, wallets func(*Bench) []pay.Provider, test func(*Bench)) {
	t.Helper()
	test(NewBench(t, dbtest.SQLite(t, db.Options{}, Schemas...), wallets))
}
