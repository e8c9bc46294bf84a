package settle_test

import (
	"context"
	"testing"
	"time"

	"hutong/base/db"
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
