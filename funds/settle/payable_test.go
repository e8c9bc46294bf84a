package settle_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"hutong/funds/ledger"
	"hutong/funds/settle"
)

// TestPayout_TogetherNoMoreThanTheBooksOwe: a refund after two statements comes off one of them, the newer one, whichever
// of them are asked for; what is said of both is what both are paid.
func TestPayout_TogetherNoMoreThanTheBooksOwe(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		ctx := context.Background()
		period := func(order string) settle.Statement {
			r.capture(order, 1_000)
			r.accrue(sale(order, "shp_a", 1_000))
			r.clock.Advance(24 * time.Hour)
			return r.close("shp_a")[0]
		}
		first, second := period("ord_1"), period("ord_2")
		r.must(r.reverse(back("ord_2", "shp_a", 1, 1_000, 300))) // 298 are left of its 994
		says := func(want []int64, of ...settle.Statement) {
			t.Helper()
			if now, err := r.Payable(ctx, of); err != nil || !slices.Equal(now, want) {
				t.Errorf("payable %v, %v, want %v", now, err, want)
			}
		}
		says([]int64{298, 994}, second, first)
		says([]int64{298}, second)
		says(slices.Repeat([]int64{298, 994}, 100), slices.Repeat([]settle.Statement{second, first}, 100)...)
		_, err := r.Payout(ctx, first.ID)
		r.must(err)
		says([]int64{298, 0}, second, first)
		paid, err := r.Payout(ctx, second.ID)
		if r.must(err); paid.Sent != 298 {
			t.Errorf("paid %+v", paid)
		}
		r.balances(map[ledger.Account]int64{ledger.Merchant("shp_a"): 0, ledger.Payout("shp_a"): 994 + 298})
	})
}
