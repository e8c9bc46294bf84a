package ledger_test

import (
	"context"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/funds/ledger"
)

var (
	schemas = []db.Schema{ledger.Schema}
	noon    = time.Date(2026, 11, 11, 4, 0, 0, 0, time.UTC)
)

func post(t *testing.T, d *db.DB, ts ...ledger.Transfer) []ledger.Transfer {
	t.Helper()
	if err := tryPost(d, ts); err != nil {
		t.Fatal(err)
	}
	return ts
}

func tryPost(d *db.DB, ts []ledger.Transfer) error {
	return d.Write(context.Background(), func(tx *db.Tx) error { return ledger.Post(tx, noon, ts) })
}

func read(t *testing.T, d *db.DB, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := d.Read(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func capture(order string, amount int64) ledger.Transfer {
	return ledger.Transfer{Debit: ledger.Wallet("redbean"), Credit: ledger.Escrow, Amount: amount, Currency: "CNY",
		Kind: ledger.Capture, Order: order, Ref: "att_1"}
}

func ask(order string, amount int64) ledger.Transfer {
	return ledger.Transfer{Debit: ledger.Escrow, Credit: ledger.Refunding("redbean"), Amount: amount,
		Currency: "CNY", Kind: ledger.RefundAsked, Order: order, Ref: "rfd_1"}
}

func balance(t *testing.T, d *db.DB, a ledger.Account) (net int64) {
	t.Helper()
	read(t, d, func(tx *db.Tx) (err error) { net, err = ledger.Balance(tx, a, "CNY"); return err })
	return net
}

func TestPost_MovesMoneyAndLinks(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		ts := post(t, d, capture("ord_1", 500), capture("ord_2", 300))
		post(t, d, ask("ord_1", 200))
		for account, want := range map[ledger.Account]int64{
			ledger.Wallet("redbean"): -800, ledger.Escrow: 600, ledger.Refunding("redbean"): 200, ledger.Suspense: 0,
		} {
			if got := balance(t, d, account); got != want {
				t.Errorf("%s holds %d, want %d", account, got, want)
			}
		}
		if ts[0].Seq != 1 || ts[1].Seq != 2 || ts[0].Hash == "" || ts[0].Hash == ts[1].Hash {
			t.Errorf("posted as %+v", ts)
		}
		read(t, d, func(tx *db.Tx) error {
			mine, err := ledger.ByOrder(tx, "ord_1")
			if err != nil || len(mine) != 2 || mine[0] != ts[0] || mine[1].Seq != 3 {
				t.Errorf("of ord_1: %+v, %v", mine, err)
			}
			count, breaks, err := ledger.CheckChain(tx, "CNY", 1)
			if err != nil || count != 3 || len(breaks) != 0 {
				t.Errorf("chain: %d read, %v, %v", count, breaks, err)
			}
			return nil
		})
	})
}

func TestM22_RefundAboveWhatWasCaptured(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		post(t, d, capture("ord_1", 500), capture("ord_2", 300), ask("ord_1", 400))
		// The other order's money would cover it; it is not this order's.
		if err := tryPost(d, []ledger.Transfer{ask("ord_1", 101)}); !fault.Is(err, "ledger.overdrawn") {
			t.Fatalf("got %v, want ledger.overdrawn", err)
		}
		if fault.Of(tryPost(d, []ledger.Transfer{ask("ord_1", 101)})).Status() != 422 {
			t.Error("M22 asks for 422")
		}
		if got := balance(t, d, ledger.Escrow); got != 400 {
			t.Errorf("escrow holds %d after a refused batch, want 400", got)
		}
		post(t, d, ask("ord_1", 100))
	})
}
