package settle_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/id"
	"hutong/funds/ledger"
	"hutong/funds/settle"
	"hutong/party/audit"
)

var (
	schemas = []db.Schema{audit.Schema, ledger.Schema, settle.Schema}
	noon    = time.Date(2026, 11, 11, 4, 0, 0, 0, time.UTC)
)

// tb is what testing.TB and *rapid.T have in common and these tests need.
type tb interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

// room is a settlement with its books, on an empty database.
type room struct {
	*settle.Service
	t     tb
	db    *db.DB
	clock *clock.Manual
}

func open(t testing.TB, d *db.DB) *room {
	t.Helper()
	c := clock.NewManual(noon)
	set := settle.Defaults()
	set.Accounts = banks{}
	s, err := settle.New(context.Background(), d, c, id.NewMaker(c, rand.Reader), set)
	if err != nil {
		t.Fatal(err)
	}
	return &room{s, t, d, c}
}

// banks gives every shop an account but one that is called shp_homeless.
type banks struct{}

func (banks) AccountIn(_ *db.Tx, shop string) (string, error) {
	if shop == "shp_homeless" {
		return "", nil
	}
	return "pac_" + shop, nil
}

// in is the same room, failing another test.
func (r *room) in(t tb) *room { c := *r; c.t = t; return &c }

func each(t *testing.T, test func(t *testing.T, r *room)) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) { test(t, open(t, d)) })
}

func (r *room) write(fn func(tx *db.Tx) error) error { return r.db.Write(context.Background(), fn) }

func (r *room) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *room) read(fn func(tx *db.Tx) error) {
	r.t.Helper()
	r.must(r.db.Read(context.Background(), fn))
}

// post moves money, if there is any to move.
func (r *room) post(t ledger.Transfer) {
	r.t.Helper()
	if t.Amount != 0 {
		r.must(r.write(func(tx *db.Tx) error { return ledger.Post(tx, r.clock.Now(), []ledger.Transfer{t}) }))
	}
}

// capture puts an order's money into escrow, as funds/pay does.
func (r *room) capture(order string, amount int64) {
	r.t.Helper()
	r.post(ledger.Transfer{Debit: ledger.Wallet("redbean"), Credit: ledger.Escrow, Amount: amount,
		Currency: "CNY", Kind: ledger.Capture, Order: order})
}

// refund takes an order's money out of escrow and back to the shopper, as funds/pay does.
func (r *room) refund(order string, amount int64) {
	r.t.Helper()
	r.post(ledger.Transfer{Debit: ledger.Escrow, Credit: ledger.Refunding("redbean"), Amount: amount,
		Currency: "CNY", Kind: ledger.RefundAsked, Order: order})
}

func (r *room) accrue(sales ...settle.Sale) {
	r.t.Helper()
	r.must(r.write(func(tx *db.Tx) error { return r.Accrue(tx, r.clock.Now(), sales) }))
}

func (r *room) reverse(refunds ...settle.Refunded) error {
	return r.write(func(tx *db.Tx) error { return r.Reverse(tx, r.clock.Now(), refunds) })
}

func (r *room) balance(a ledger.Account) (net int64) {
	r.t.Helper()
	r.read(func(tx *db.Tx) (err error) { net, err = ledger.Balance(tx, a, "CNY"); return err })
	return net
}

// sale is a suborder of one shop without freight, each line paid as given, at 0.6 %.
func sale(order, shop string, paid ...int64) settle.Sale {
	s := settle.Sale{Order: order, Sub: 1, Shop: shop, Currency: "CNY"}
	for i, p := range paid {
		s.Lines = append(s.Lines, settle.SaleLine{Line: i + 1, Value: p, FeePPM: 6_000, FeeRule: settle.DefaultRule})
	}
	return s
}

func back(order, shop string, line int, before, after int64) settle.Refunded {
	return settle.Refunded{Order: order, Sub: 1, Shop: shop, Currency: "CNY", Line: line, Before: before,
		After: after, FeePPM: 6_000, FeeRule: settle.DefaultRule}
}

// balances compares what accounts hold.
func (r *room) balances(want map[ledger.Account]int64) {
	r.t.Helper()
	for account, net := range want {
		if got := r.balance(account); got != net {
			r.t.Errorf("%s holds %d, want %d", account, got, net)
		}
	}
}

func (r *room) close(shop string) []settle.Statement {
	r.t.Helper()
	all, err := r.Close(context.Background(), shop, r.clock.Now())
	r.must(err)
	return all
}

func TestAccrue_SplitsASuborder(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		r.capture("ord_1", 48780+1200)
		s := sale("ord_1", "shp_a", 14524, 13122, 21134)
		s.Freight, s.Carrier = 1200, "courier"
		r.accrue(s)
		r.balances(map[ledger.Account]int64{
			ledger.Escrow: 0, ledger.Merchant("shp_a"): 48780 - 87 - 79 - 127, ledger.Fees: 87 + 79 + 127,
			ledger.Carrier("courier"): 1200,
		})
	})
}

func openSQLite(t testing.TB) *room {
	t.Helper()
	return open(t, dbtest.SQLite(t, db.Options{}, schemas...))
}

var names atomic.Int64

// newName makes a name that no other test of this process has used.
func newName(prefix string) string { return fmt.Sprintf("%s_%06d", prefix, names.Add(1)) }
