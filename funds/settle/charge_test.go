package settle_test

import (
	"context"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/ledger"
	"hutong/funds/settle"
)

// TestAChargeIsTakenOnceAndStandsInTheStatement: what a shop owes by a rule is one booking; its next statement says it
// and pays that much less, and no later one says it again.
func TestAChargeIsTakenOnceAndStandsInTheStatement(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		ctx := context.Background()
		fine := settle.Charge{ID: "enr_1", Shop: "shp_a", Currency: "CNY", Amount: 300, Why: "sale.penalty", At: r.clock.Now()}
		for range 2 {
			r.must(r.write(func(tx *db.Tx) error { return settle.Take(tx, fine) }))
		}
		r.balances(map[ledger.Account]int64{ledger.Merchant("shp_a"): -300, ledger.Fees: 300})
		if st := r.close("shp_a"); len(st) != 0 {
			t.Errorf("nothing was sold, and %+v", st)
		}
		r.capture("ord_1", 1_000)
		r.accrue(sale("ord_1", "shp_a", 1_000))
		r.clock.Advance(24 * time.Hour)
		first := r.close("shp_a")[0]
		if first.Net != 994 || first.Charged != 300 || first.Lacked() != 0 || first.Due != 694 {
			t.Errorf("%+v", first)
		}
		all, err := r.ChargesOf(ctx, "shp_a", first.ID)
		if r.must(err); len(all) != 1 || all[0].ID != "enr_1" || all[0].Amount != 300 {
			t.Errorf("%+v", all)
		}
		_, err = r.Payout(ctx, first.ID)
		r.must(err)
		r.balances(map[ledger.Account]int64{ledger.Merchant("shp_a"): 0, ledger.Payout("shp_a"): 694})
		r.capture("ord_2", 1_000)
		r.accrue(sale("ord_2", "shp_a", 1_000))
		r.clock.Advance(24 * time.Hour)
		if second := r.close("shp_a")[0]; second.Charged != 0 || second.Due != 994 {
			t.Errorf("%+v", second)
		}
		fine.ID, fine.Amount = "enr_2", 5_000
		r.must(r.write(func(tx *db.Tx) error { return settle.Take(tx, fine) }))
		r.capture("ord_3", 1_000)
		r.accrue(sale("ord_3", "shp_a", 1_000))
		r.clock.Advance(24 * time.Hour)
		third := r.close("shp_a")[0]
		r.capture("ord_4", 5_000)
		r.accrue(sale("ord_4", "shp_a", 5_000))
		r.clock.Advance(24 * time.Hour)
		if fourth := r.close("shp_a")[0]; third.Due != 994-5_000 || fourth.Lacked() != third.Due || fourth.Due != 4_970+third.Due {
			t.Errorf("%+v, then %+v", third, fourth)
		}
		if mine, err := r.Charges(ctx, "shp_a"); err != nil || len(mine) != 2 {
			t.Errorf("%+v %v", mine, err)
		}
	})
}

// TestAChargeGivenBackIsPaidOut: it goes back once, to where it was taken from; a statement says so and pays it,
// also to a shop that sold nothing since.
func TestAChargeGivenBackIsPaidOut(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		fee := settle.Charge{ID: "plb_1", Shop: "shp_a", Currency: "CNY", Amount: 900, Why: "place.fee", At: r.clock.Now()}
		r.capture("ord_1", 1_000)
		r.accrue(sale("ord_1", "shp_a", 1_000))
		covers := func(n int64) error {
			return r.write(func(tx *db.Tx) error { return settle.Covers(tx, "shp_a", money.New(n, "CNY")) })
		}
		if err := covers(995); !fault.Is(err, "settle.short") {
			t.Errorf("994 cover 995: %v", err)
		}
		r.must(covers(994))
		r.must(r.write(func(tx *db.Tx) error { return settle.Take(tx, fee) }))
		r.clock.Advance(24 * time.Hour)
		if first := r.close("shp_a")[0]; first.Due != 94 {
			t.Errorf("%+v", first)
		}
		back := func(id string) error {
			return r.write(func(tx *db.Tx) error { return settle.GiveBack(tx, id, "place.fee_back", r.clock.Now()) })
		}
		if err := back("plb_2"); !fault.Is(err, "settle.no_charge") {
			t.Errorf("what was never charged: %v", err)
		}
		for range 2 {
			r.must(back("plb_1"))
		}
		r.balances(map[ledger.Account]int64{ledger.Merchant("shp_a"): 994, ledger.Fees: 6})
		r.clock.Advance(24 * time.Hour)
		second := r.close("shp_a")[0]
		if second.Claims != 0 || second.Returned != 900 || second.Charged != 0 || second.Lacked() != 0 || second.Due != 900 {
			t.Errorf("%+v", second)
		}
		all, err := r.ChargesOf(t.Context(), "shp_a", second.ID)
		if r.must(err); len(all) != 1 || all[0].Amount != -900 || all[0].Why != "place.fee_back" {
			t.Errorf("%+v", all)
		}
		_, err = r.Payout(t.Context(), second.ID)
		r.must(err)
		r.balances(map[ledger.Account]int64{ledger.Merchant("shp_a"): 94, ledger.Payout("shp_a"): 900})
		fee.ID = "plb_3"
		r.must(r.write(func(tx *db.Tx) error { return settle.Take(tx, fee) }))
		r.must(back("plb_3"))
		r.clock.Advance(24 * time.Hour)
		if st := r.close("shp_a"); len(st) != 0 {
			t.Errorf("nothing is left of it, and %+v", st)
		}
	})
}

// TestAChargeOnTheDepositIsNoMatterOfStatements: it comes from the deposit, which cannot fall below zero, and goes back
// there.
func TestAChargeOnTheDepositIsNoMatterOfStatements(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		fee := settle.Charge{ID: "plb_1", Shop: "shp_a", Currency: "CNY", Amount: 900, Why: "place.fee", From: settle.Deposit,
			At: r.clock.Now()}
		take := func(tx *db.Tx) error { return settle.Take(tx, fee) }
		if err := r.write(take); !fault.Is(err, "ledger.overdrawn") {
			t.Errorf("there is no deposit: %v", err)
		}
		r.must(r.write(func(tx *db.Tx) error {
			return ledger.Post(tx, r.clock.Now(), []ledger.Transfer{{Debit: ledger.Bank("shp_a"), Credit: ledger.Deposit("shp_a"),
				Amount: 1_000, Currency: "CNY", Kind: ledger.DepositIn, Shop: "shp_a", Ref: "bank"}})
		}))
		r.must(r.write(take))
		r.balances(map[ledger.Account]int64{ledger.Deposit("shp_a"): 100, ledger.Fees: 900, ledger.Merchant("shp_a"): 0})
		r.capture("ord_1", 1_000)
		r.accrue(sale("ord_1", "shp_a", 1_000))
		r.clock.Advance(24 * time.Hour)
		if st := r.close("shp_a")[0]; st.Charged != 0 || st.Due != 994 {
			t.Errorf("%+v", st)
		}
		r.must(r.write(func(tx *db.Tx) error { return settle.GiveBack(tx, "plb_1", "place.fee_back", r.clock.Now()) }))
		r.balances(map[ledger.Account]int64{ledger.Deposit("shp_a"): 1_000, ledger.Fees: 6, ledger.Merchant("shp_a"): 994})
		fee.ID, fee.From = "plb_2", settle.Owed
		r.must(r.write(take))
		all, err := r.OnDeposit(t.Context(), "shp_a", "CNY")
		if r.must(err); len(all) != 2 || all[0].Amount != -900 || all[1].Amount != 900 || all[1].ID != "plb_1" {
			t.Errorf("%+v", all)
		}
		for _, other := range [][2]string{{"shp_b", "CNY"}, {"shp_a", "EUR"}} {
			if all, err := r.OnDeposit(t.Context(), other[0], money.Currency(other[1])); err != nil || len(all) != 0 {
				t.Errorf("%v: %+v %v", other, all, err)
			}
		}
	})
}
