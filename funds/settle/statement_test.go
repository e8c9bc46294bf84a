package settle_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/funds/ledger"
	"hutong/funds/settle"
)

// all reads every line of a statement, page by page.
func (r *room) all(st settle.Statement, limit int) (lines []settle.ClaimLine) {
	r.t.Helper()
	page := settle.Page{Shop: st.Shop, Statement: st.ID, Limit: limit}
	for {
		some, err := r.Lines(context.Background(), page)
		r.must(err)
		lines = append(lines, some...)
		if len(some) < limit {
			return lines
		}
		page.After = some[len(some)-1].Cursor()
	}
}

// TestR24_CutByTheBooks: a period is cut by position in the books. A refund that is posted after the cut belongs to
// the next period, even if it is dated within this one.
func TestR24_CutByTheBooks(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		r.capture("ord_1", 3_000)
		r.accrue(sale("ord_1", "shp_a", 1_000, 2_000))
		until := r.clock.Now().Add(time.Hour)
		r.clock.Set(until.Add(time.Minute))
		first, err := r.Close(context.Background(), "shp_a", until)
		r.must(err)
		r.must(r.write(func(tx *db.Tx) error {
			late := []settle.Refunded{back("ord_1", "shp_a", 2, 2_000, 0)}
			return r.Reverse(tx, until.Add(-time.Minute), late)
		}))
		again, err := r.Close(context.Background(), "shp_a", until)
		r.must(err)
		if len(first) != 1 || !slices.Equal(first, again) || first[0].Net != 994+1_988 || first[0].Refunded != 0 {
			t.Errorf("closed as %+v, after the late refund %+v", first, again)
		}
		r.clock.Advance(time.Hour)
		next := r.close("shp_a")
		if len(next) != 1 || next[0].Net != -1_988 || next[0].Refunded != 2_000 || next[0].FromSeq != first[0].CutSeq {
			t.Errorf("the next period: %+v", next)
		}
		if got := len(r.all(first[0], 10)) + len(r.all(next[0], 10)); got != 3 {
			t.Errorf("%d lines on both statements, want 3", got)
		}
	})
}

// TestR24_ClosingWhileSalesComeIn closes periods while sales and refunds are posted by others. Afterwards every claim
// is in exactly one statement, and the statements come to what the books say.
func TestR24_ClosingWhileSalesComeIn(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		const sellers, rounds = 3, 10
		var sell, shut sync.WaitGroup
		done := make(chan struct{})
		for range sellers {
			sell.Go(func() {
				for range rounds {
					order := newName("ord")
					r.capture(order, 1_000)
					r.accrue(sale(order, "shp_a", 600, 400))
					r.must(r.reverse(back(order, "shp_a", 1, 600, 100)))
				}
			})
		}
		for range 2 {
			shut.Go(func() {
				for {
					r.clock.Advance(time.Second)
					_, err := r.Close(context.Background(), "shp_a", r.clock.Now())
					if err != nil && !fault.Is(err, "statement.period_over") {
						t.Error(err)
					}
					select {
					case <-done:
						return
					default:
					}
				}
			})
		}
		sell.Wait()
		close(done)
		shut.Wait()
		r.clock.Advance(time.Hour)
		r.close("shp_a")
		r.auditStatements("CNY")
		all, err := r.Statements(context.Background(), "shp_a")
		r.must(err)
		var claims, net int64
		for _, st := range all {
			claims += st.Claims
			net += st.Net
		}
		if want := r.balance(ledger.Merchant("shp_a")); claims != 2*sellers*rounds || net != want {
			t.Errorf("%d claims of %d, net %d of %d", claims, 2*sellers*rounds, net, want)
		}
	})
}

// TestR25_ClosedOnce: the same period closed again, later or at the same instant by many, is one statement.
func TestR25_ClosedOnce(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		ctx := context.Background()
		r.capture("ord_1", 1_000)
		r.accrue(sale("ord_1", "shp_a", 1_000))
		until := r.clock.Now()
		var wg sync.WaitGroup
		made := make([][]settle.Statement, 8)
		for i := range made {
			wg.Go(func() {
				var err error
				if made[i], err = r.Close(ctx, "shp_a", until); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, m := range made {
			if len(m) != 1 || m[0] != made[0][0] {
				t.Fatalf("one closing made %+v, another %+v", made[0], m)
			}
		}
		r.capture("ord_2", 1_000)
		r.accrue(sale("ord_2", "shp_a", 1_000))
		r.capture("ord_3", 1_000)
		r.accrue(sale("ord_3", "shp_b", 1_000))
		done, err := r.CloseAll(ctx, until)
		if err != nil || done != 1 { // shp_b only: shp_a's period is closed
			t.Errorf("closing all: %d, %v", done, err)
		}
		if done, err = r.CloseAll(ctx, until); err != nil || done != 0 {
			t.Errorf("closing all again: %d, %v", done, err)
		}
		all, err := r.Statements(ctx, "shp_a")
		if err != nil || len(all) != 1 || !id.Valid(string(all[0].ID), "stm") {
			t.Errorf("statements: %+v, %v", all, err)
		}
	})
}

func TestClose_Refusals(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		ctx := context.Background()
		r.capture("ord_1", 1_000)
		r.accrue(sale("ord_1", "shp_a", 1_000))
		if _, err := r.Close(ctx, "shp_a", r.clock.Now().Add(time.Microsecond)); !fault.Is(err, "statement.future") {
			t.Errorf("a period that is not over: %v", err)
		}
		r.close("shp_a")
		before := r.clock.Now().Add(-time.Hour)
		if _, err := r.Close(ctx, "shp_a", before); !fault.Is(err, "statement.period_over") {
			t.Errorf("an earlier period: %v", err)
		}
		if all := r.close("shp_nobody"); len(all) != 0 {
			t.Errorf("a shop that sold nothing: %+v", all)
		}
	})
}

// TestStatement_DownToTheLine: the lines of a statement are the shop's claims, with its own freight and without the
// carrier's, in pages of any size.
func TestStatement_DownToTheLine(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		own, far := sale("ord_1", "shp_a", 14_524, 13_122), sale("ord_2", "shp_a", 21_134)
		own.Freight, far.Freight, far.Carrier = 500, 800, "courier"
		own.Lines[0].Refunded = 4_524
		r.capture("ord_1", 14_524+13_122+500)
		r.refund("ord_1", 4_524)
		r.capture("ord_2", 21_134+800)
		r.accrue(own, far, sale("ord_3", "shp_b", 0))
		r.must(r.reverse(back("ord_1", "shp_a", 0, 500, 0), back("ord_2", "shp_a", 0, 800, 200),
			back("ord_2", "shp_a", 1, 21_134, 0)))
		st := r.close("shp_a")[0]
		want := settle.Sums{Claims: 4, Gross: 14_524 + 13_122 + 21_134, Refunded: 4_524 + 21_134, Fees: 60 + 79,
			Freight: 0, Net: 10_000 + 13_122 - 60 - 79}
		if st.Sums != want {
			t.Errorf("sums %+v, want %+v", st.Sums, want)
		}
		lines := r.all(st, 100)
		if len(lines) != 6 { // two lines and the freight; one line; the freight back; the line back
			t.Errorf("%d lines: %+v", len(lines), lines)
		}
		var fee, net int64
		for _, l := range lines {
			fee, net = fee+l.Fee, net+l.Net
			if l.LedgerSeq <= st.FromSeq || l.LedgerSeq > st.CutSeq || l.At.IsZero() {
				t.Errorf("line %+v outside (%d, %d]", l, st.FromSeq, st.CutSeq)
			}
		}
		if fee != st.Fees || net != st.Net {
			t.Errorf("lines come to fee %d and net %d of %+v", fee, net, st.Sums)
		}
		for limit := 1; limit <= 4; limit++ {
			if paged := r.all(st, limit); !slices.Equal(paged, lines) {
				t.Errorf("in pages of %d: %+v", limit, paged)
			}
		}
	})
}

// TestStatement_OfAnotherShop: nobody reads another shop's statement, and cannot tell whether it exists.
func TestStatement_OfAnotherShop(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		ctx := context.Background()
		r.capture("ord_1", 1_000)
		r.accrue(sale("ord_1", "shp_a", 1_000))
		st := r.close("shp_a")[0]
		mine, err := r.Statement(ctx, "shp_a", st.ID)
		if err != nil || mine != st {
			t.Errorf("its own: %+v, %v", mine, err)
		}
		for _, shop := range []string{"shp_b", ""} {
			_, err := r.Statement(ctx, shop, st.ID)
			_, linesErr := r.Lines(ctx, settle.Page{Shop: shop, Statement: st.ID, Limit: 10})
			if !fault.Is(err, "statement.not_found") || !fault.Is(linesErr, "statement.not_found") {
				t.Errorf("for %q: %v, %v", shop, err, linesErr)
			}
		}
		if all, err := r.Statements(ctx, "shp_b"); err != nil || len(all) != 0 {
			t.Errorf("the list of another: %v, %v", all, err)
		}
		if all, err := r.Recent(ctx, 5); err != nil || len(all) != 1 || all[0] != st {
			t.Errorf("the operator's list: %v, %v", all, err)
		}
	})
}

func TestPayout_Once(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		ctx := context.Background()
		r.capture("ord_1", 1_000)
		r.accrue(sale("ord_1", "shp_a", 1_000))
		st := r.close("shp_a")[0]
		if st.State() != settle.Closed {
			t.Errorf("closed as %s", st.State())
		}
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				paid, err := r.Payout(ctx, st.ID)
				if err != nil || paid.State() != settle.PaidOut || paid.Due != 994 {
					t.Errorf("paid as %+v, %v", paid, err)
				}
			})
		}
		wg.Wait()
		r.balances(map[ledger.Account]int64{ledger.Merchant("shp_a"): 0, ledger.Payout("shp_a"): 994})
		first, err := r.Statement(ctx, "shp_a", st.ID)
		r.must(err)
		r.clock.Advance(time.Hour)
		if again, err := r.Payout(ctx, st.ID); err != nil || again != first {
			t.Errorf("an hour later: %+v, %v; want %+v", again, err, first)
		}
		if _, err := r.Payout(ctx, "stm_x"); !fault.Is(err, "statement.not_found") {
			t.Errorf("no such statement: %v", err)
		}
		r.read(func(tx *db.Tx) error {
			n, err := db.List(tx, func(r db.Row) (n int64, err error) { return n, r.Scan(&n) },
				`SELECT CAST(COUNT(*) AS BIGINT) FROM audit_entries WHERE what = 'statement.paid_out' AND subject = $1`, st.ID)
			if err == nil && n[0] != 1 {
				t.Errorf("the record has it %d times", n[0])
			}
			return err
		})
	})
}

// TestPayout_NeedsAnAccount: money goes nowhere while nobody said where to.
func TestPayout_NeedsAnAccount(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		r.capture("ord_1", 1_000)
		r.accrue(sale("ord_1", "shp_homeless", 1_000))
		st := r.close("shp_homeless")[0]
		if _, err := r.Payout(context.Background(), st.ID); !fault.Is(err, "statement.no_account") {
			t.Errorf("paid out to nowhere: %v", err)
		}
		kept, err := r.Statement(context.Background(), "shp_homeless", st.ID)
		if r.must(err); kept.State() != settle.Closed {
			t.Errorf("the statement is %s", kept.State())
		}
		r.balances(map[ledger.Account]int64{ledger.Merchant("shp_homeless"): 994, ledger.Payout("shp_homeless"): 0})
	})
}

// TestPayout_WhatIsLackingIsCarried: a refund after the payout leaves a statement below zero; the next one takes it
// over, so that all payouts together are what the shop earned.
func TestPayout_WhatIsLackingIsCarried(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		ctx := context.Background()
		period := func(fn func()) settle.Statement {
			fn()
			r.clock.Advance(24 * time.Hour)
			return r.close("shp_a")[0]
		}
		sell := func(order string, paid int64) func() {
			return func() { r.capture(order, paid); r.accrue(sale(order, "shp_a", paid)) }
		}
		first := period(sell("ord_1", 1_000))
		_, err := r.Payout(ctx, first.ID)
		r.must(err)
		second := period(func() { r.must(r.reverse(back("ord_1", "shp_a", 1, 1_000, 0))) })
		if second.Net != -994 || second.Due != -994 || second.Carried != 0 {
			t.Errorf("second %+v", second)
		}
		if _, err := r.Payout(ctx, second.ID); !fault.Is(err, "statement.nothing_due") {
			t.Errorf("paying what is lacking: %v", err)
		}
		third := period(sell("ord_2", 500))
		if third.Net != 497 || third.Carried != -994 || third.Due != -497 {
			t.Errorf("third %+v", third)
		}
		fourth := period(sell("ord_3", 2_000))
		if fourth.Due != 1_988-497 {
			t.Errorf("fourth %+v", fourth)
		}
		_, err = r.Payout(ctx, fourth.ID)
		r.must(err)
		r.balances(map[ledger.Account]int64{ledger.Merchant("shp_a"): 0, ledger.Payout("shp_a"): 497 + 1_988})
	})
}

// TestPayout_NeverMoreThanTheBooksOwe: a refund after the cut comes off the payout. A shop that leaves keeps nothing
// that is not its own; one that stays gets the rest of the statement once it has earned it.
func TestPayout_NeverMoreThanTheBooksOwe(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		ctx := context.Background()
		pay := func(st settle.Statement, sent, payable int64, state settle.State) {
			t.Helper()
			paid, err := r.Payout(ctx, st.ID)
			r.must(err)
			kept, err := r.Statement(ctx, "shp_a", st.ID)
			r.must(err)
			left, err := r.Payable(ctx, []settle.Statement{kept})
			if r.must(err); paid != kept || kept.Sent != sent || kept.State() != state || left[0] != payable {
				t.Errorf("paid %+v, kept %+v, payable %v", paid, kept, left)
			}
		}
		shop, bank := ledger.Merchant("shp_a"), ledger.Payout("shp_a")
		r.capture("ord_1", 1_000)
		r.accrue(sale("ord_1", "shp_a", 1_000))
		first := r.close("shp_a")[0]
		r.must(r.reverse(back("ord_1", "shp_a", 1, 1_000, 300)))
		if now, err := r.Payable(ctx, []settle.Statement{first}); err != nil || now[0] != 298 {
			t.Errorf("payable %v, %v", now, err)
		}
		pay(first, 298, 0, settle.Closed)
		r.balances(map[ledger.Account]int64{shop: 0, bank: 298})
		if _, err := r.Payout(ctx, first.ID); !fault.Is(err, "settle.balance") {
			t.Errorf("more than the books owe: %v", err)
		}
		r.must(r.reverse(back("ord_1", "shp_a", 1, 300, 0)))
		if _, err := r.Payout(ctx, first.ID); !fault.Is(err, "settle.balance") {
			t.Errorf("a shop that owes: %v", err)
		}
		r.balances(map[ledger.Account]int64{shop: -298, bank: 298})
		r.capture("ord_2", 5_000)
		r.accrue(sale("ord_2", "shp_a", 5_000))
		r.clock.Advance(24 * time.Hour)
		second := r.close("shp_a")[0]
		if second.Due != 4_970-994 {
			t.Errorf("second %+v", second)
		}
		pay(first, 994, 0, settle.PaidOut)
		pay(second, second.Due, 0, settle.PaidOut)
		r.balances(map[ledger.Account]int64{shop: 0, bank: 4_970})
		r.auditStatements("CNY")
	})
}

// TestPayout_OfWhatIsLeftOnce: operators who press at once send what is left of a statement once.
func TestPayout_OfWhatIsLeftOnce(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		r.capture("ord_1", 1_000)
		r.accrue(sale("ord_1", "shp_a", 1_000))
		st := r.close("shp_a")[0]
		r.must(r.reverse(back("ord_1", "shp_a", 1, 1_000, 300)))
		var wg sync.WaitGroup
		var sent atomic.Int64
		for range 6 {
			wg.Go(func() {
				if _, err := r.Payout(context.Background(), st.ID); err == nil {
					sent.Add(1)
				} else if !fault.Is(err, "settle.balance") {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if sent.Load() != 1 {
			t.Errorf("sent %d times", sent.Load())
		}
		r.balances(map[ledger.Account]int64{ledger.Merchant("shp_a"): 0, ledger.Payout("shp_a"): 298})
	})
}

// TestJobs_CloseEndsAtMidnightOfTheMarket: the job closes the day that has ended in the market's zone.
func TestJobs_CloseEndsAtMidnightOfTheMarket(t *testing.T) {
	each(t, func(t *testing.T, r *room) { // it is noon in Shanghai
		r.capture("ord_1", 1_000)
		r.accrue(sale("ord_1", "shp_a", 1_000))
		run := func() (done int) {
			for _, j := range r.Jobs() {
				if strings.HasSuffix(j.Name, ".close") {
					var err error
					done, err = j.Run(context.Background())
					r.must(err)
				}
			}
			return done
		}
		// The cut is what the books hold when the job first looks at a day; the day that ended this morning has it.
		if done := run(); done != 1 {
			t.Errorf("on the day: %d", done)
		}
		all, err := r.Statements(context.Background(), "shp_a")
		r.must(err)
		if want := time.Date(2026, 11, 10, 16, 0, 0, 0, time.UTC); !all[0].Until.Equal(want) {
			t.Errorf("the period ended %v, want %v", all[0].Until, want)
		}
		r.capture("ord_2", 1_000)
		r.accrue(sale("ord_2", "shp_a", 1_000))
		r.clock.Advance(12*time.Hour - time.Microsecond)
		if done := run(); done != 0 {
			t.Errorf("a moment before midnight: %d", done)
		}
		r.clock.Advance(time.Microsecond)
		if done := run(); done != 1 {
			t.Errorf("at midnight: %d", done)
		}
	})
}

func TestTotals_OpenAndClosed(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		ctx := context.Background()
		s := sale("ord_1", "shp_a", 1_000)
		s.Freight = 300
		r.capture("ord_1", 1_300)
		r.accrue(s)
		r.close("shp_a")
		r.capture("ord_2", 5_000)
		r.accrue(sale("ord_2", "shp_a", 5_000))
		r.must(r.reverse(back("ord_1", "shp_a", 1, 1_000, 0)))
		all, err := r.Totals(ctx, "shp_a")
		want := settle.Sums{Claims: 3, Gross: 6_000, Refunded: 1_000, Fees: 30, Freight: 300, Net: 5_270}
		if err != nil || len(all) != 1 || all[0].Sums != want || all[0].Currency != "CNY" {
			t.Errorf("totals %+v, %v; want %+v", all, err, want)
		}
		if none, err := r.Totals(ctx, "shp_b"); err != nil || len(none) != 0 {
			t.Errorf("of a shop that sold nothing: %+v, %v", none, err)
		}
	})
}

// TestSettle_TwoCurrencies: a shop has one statement per currency, and never a sum over both.
func TestSettle_TwoCurrencies(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		r.capture("ord_1", 1_000)
		r.accrue(sale("ord_1", "shp_a", 1_000))
		usd := sale("ord_2", "shp_a", 2_000)
		usd.Currency = "USD"
		r.post(ledger.Transfer{Debit: ledger.Wallet("redbean"), Credit: ledger.Escrow, Amount: 2_000, Currency: "USD",
			Kind: ledger.Capture, Order: "ord_2"})
		r.accrue(usd)
		all := r.close("shp_a")
		if len(all) != 2 || all[0].Currency != "CNY" || all[0].Net != 994 || all[1].Net != 1_988 || all[0].ID == all[1].ID {
			t.Errorf("statements %+v", all)
		}
	})
}
