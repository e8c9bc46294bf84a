package ledger_test

import (
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/ledger"
)

// runs makes each rapid run a currency of its own, and so a chain of its own, in one database.
var runs atomic.Int64

func newCurrency() money.Currency { return money.Currency(fmt.Sprintf("C%05d", runs.Add(1))) }

// model is a second, naive set of books: a list and sums over it.
type model struct {
	currency money.Currency
	posted   []ledger.Transfer
}

func (m *model) net(a ledger.Account, order string) (sum int64) {
	for _, t := range m.posted {
		if order != "" && t.Order != order {
			continue
		}
		if t.Credit == a {
			sum += t.Amount
		}
		if t.Debit == a {
			sum -= t.Amount
		}
	}
	return sum
}

// holds tells whether a transfer leaves no guarded account and no order's escrow below zero.
func (m *model) holds(t ledger.Transfer) bool {
	switch {
	case t.Debit == ledger.Escrow:
		return m.net(ledger.Escrow, t.Order) >= t.Amount
	case t.Debit == ledger.Suspense, t.Debit.Class() == "refunding":
		return m.net(t.Debit, "") >= t.Amount
	}
	return true
}

// transfer draws one that makes sense on its own; whether the money is there is another matter.
func (m *model) transfer(t *rapid.T) ledger.Transfer {
	wallet := rapid.SampledFrom([]string{"redbean", "bluebean"}).Draw(t, "wallet")
	shop := rapid.SampledFrom([]string{"shp_a", "shp_b"}).Draw(t, "shop")
	ways := []ledger.Transfer{
		{Kind: ledger.Capture, Debit: ledger.Wallet(wallet), Credit: ledger.Escrow},
		{Kind: ledger.RefundAsked, Debit: ledger.Escrow, Credit: ledger.Refunding(wallet)},
		{Kind: ledger.RefundDone, Debit: ledger.Refunding(wallet), Credit: ledger.Wallet(wallet)},
		{Kind: ledger.RefundRefused, Debit: ledger.Refunding(wallet), Credit: ledger.Escrow},
		{Kind: ledger.Goods, Debit: ledger.Escrow, Credit: ledger.Merchant(shop)},
		{Kind: ledger.Fee, Debit: ledger.Escrow, Credit: ledger.Fees},
		{Kind: ledger.Freight, Debit: ledger.Escrow, Credit: ledger.Carrier("courier")},
		{Kind: ledger.GoodsBack, Debit: ledger.Merchant(shop), Credit: ledger.Escrow},
		{Kind: ledger.PaidOut, Debit: ledger.Merchant(shop), Credit: ledger.Payout(shop)},
		{Kind: ledger.SuspenseIn, Debit: ledger.Wallet(wallet), Credit: ledger.Suspense},
		{Kind: ledger.SuspenseOut, Debit: ledger.Suspense, Credit: ledger.Refunding(wallet)},
		{Kind: ledger.SuspenseMatched, Debit: ledger.Suspense, Credit: ledger.Escrow},
	}
	tr := rapid.SampledFrom(ways).Draw(t, "way")
	tr.Currency = m.currency
	tr.Amount = rapid.Int64Range(1, 300).Draw(t, "amount")
	tr.Order = string(m.currency) + rapid.SampledFrom([]string{"_1", "_2", "_3"}).Draw(t, "order")
	tr.Shop, tr.Ref, tr.Line = shop, "ref", rapid.IntRange(0, 3).Draw(t, "line")
	return tr
}

// TestBooks_AgreeWithAList posts random batches to the books and to the naive model. A batch is refused exactly when
// one of its transfers gives away what is not there; afterwards the invariants hold in the tables themselves.
func TestBooks_AgreeWithAList(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		rapid.Check(t, func(rt *rapid.T) {
			m := &model{currency: newCurrency()}
			for range rapid.IntRange(1, 12).Draw(rt, "batches") {
				m.batch(rt, d)
			}
			m.compare(rt, d)
			invariants(rt, d, m.currency, len(m.posted))
		})
	})
}

func (m *model) batch(t *rapid.T, d *db.DB) {
	before, bad := len(m.posted), false
	ts := make([]ledger.Transfer, rapid.IntRange(1, 6).Draw(t, "size"))
	for i := range ts {
		ts[i] = m.transfer(t)
		bad = bad || !m.holds(ts[i])
		m.posted = append(m.posted, ts[i])
	}
	err := tryPost(d, ts)
	if bad {
		m.posted = m.posted[:before]
		if !fault.Is(err, "ledger.overdrawn") {
			t.Fatalf("a batch that overdraws: %v", err)
		}
		return
	}
	if err != nil {
		t.Fatalf("a batch that is covered: %v", err)
	}
	copy(m.posted[before:], ts)
}

func (m *model) compare(t *rapid.T, d *db.DB) {
	check(t, d, func(tx *db.Tx) error {
		nets := map[ledger.Account]int64{}
		for _, tr := range m.posted {
			nets[tr.Debit], nets[tr.Credit] = m.net(tr.Debit, ""), m.net(tr.Credit, "")
		}
		for a, want := range nets {
			got, err := ledger.Balance(tx, a, m.currency)
			if err != nil || got != want {
				t.Fatalf("%s holds %d, want %d (%v)", a, got, want, err)
			}
		}
		var all []ledger.Transfer
		for _, n := range []string{"_1", "_2", "_3"} {
			mine, err := ledger.ByOrder(tx, string(m.currency)+n)
			if err != nil {
				return err
			}
			all = append(all, mine...)
		}
		slices.SortFunc(all, func(a, b ledger.Transfer) int { return int(a.Seq - b.Seq) })
		if !slices.Equal(all, m.posted) {
			t.Fatalf("stored %v, posted %v", all, m.posted)
		}
		return nil
	})
}

func check(t *rapid.T, d *db.DB, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := d.Read(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// invariants are FAULTS I-M1 to I-M4, computed from the transfers alone.
func invariants(t *rapid.T, d *db.DB, c money.Currency, want int) {
	check(t, d, func(tx *db.Tx) error {
		derived, escrow, count := map[ledger.Account]int64{}, map[string]int64{}, int64(0)
		const q = `SELECT seq, debit, credit, amount, order_id FROM transfers WHERE chain = $1 ORDER BY seq`
		err := tx.Each(q, func(r db.Row) error {
			var seq, amount int64
			var debit, credit ledger.Account
			var order string
			if err := r.Scan(&seq, &debit, &credit, &amount, &order); err != nil {
				return err
			}
			if count++; seq != count {
				t.Fatalf("I-M4: place %d has seq %d", count, seq)
			}
			if debit == credit || amount <= 0 {
				t.Fatalf("I-M1: transfer %d moves %d from %s to %s", seq, amount, debit, credit)
			}
			derived[debit], derived[credit] = derived[debit]-amount, derived[credit]+amount
			if debit == ledger.Escrow {
				escrow[order] -= amount
			}
			if credit == ledger.Escrow {
				escrow[order] += amount
			}
			if escrow[order] < 0 || debit.MustCover() && derived[debit] < 0 {
				t.Fatalf("I-M3: below zero at %d", seq)
			}
			return nil
		}, c)
		if err != nil || count != int64(want) {
			t.Fatalf("%d transfers stored, %d posted, %v", count, want, err)
		}
		kept, sum := map[ledger.Account]int64{}, int64(0)
		all, err := ledger.Standings(tx)
		for _, s := range all {
			if s.Currency == c {
				kept[s.Account] = s.Net()
				sum += s.Net()
			}
		}
		if sum != 0 || !maps.Equal(kept, derived) {
			t.Fatalf("I-M2: kept %v, derived %v, sum %d", kept, derived, sum)
		}
		if err != nil {
			return err
		}
		n, breaks, err := ledger.CheckChain(tx, c, 1)
		if n != count || len(breaks) != 0 {
			t.Fatalf("I-M4: %d links of %d checked, breaks %v", n, count, breaks)
		}
		return err
	})
}
