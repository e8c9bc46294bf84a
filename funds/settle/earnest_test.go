package settle_test

import (
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/funds/settle"
)

func (r *room) earnest(e settle.Earnest) error {
	return r.write(func(tx *db.Tx) error { return r.Earnest(tx, r.clock.Now(), e) })
}

// TestEarnestIsInTheStatementAndHasNoFee: what a shop keeps of an earnest, and what it has to give, stand in its
// statement in lines of their own; an order's is booked once.
func TestEarnestIsInTheStatementAndHasNoFee(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		r.capture("ord_1", 3_000)
		r.capture("ord_2", 1)
		r.capture("ord_3", 2_000)
		kept := settle.Earnest{Order: "ord_1", Sub: 1, Line: 1, Shop: "shp_a", Currency: "CNY", Amount: 3_000,
			What: settle.Forfeited}
		given := settle.Earnest{Order: "ord_2", Sub: 1, Line: 1, Shop: "shp_a", Currency: "CNY", Amount: 500,
			What: settle.Defaulted}
		r.must(r.earnest(kept))
		r.must(r.earnest(given))
		r.accrue(sale("ord_3", "shp_a", 2_000))
		if err := r.earnest(kept); !fault.Is(err, "settle.accrued") && !fault.Is(err, "ledger.overdrawn") {
			t.Errorf("twice: %v", err)
		}
		r.capture("ord_1", 3_000)
		if err := r.earnest(kept); !fault.Is(err, "settle.accrued") {
			t.Errorf("twice, with money there: %v", err)
		}
		for _, wrong := range []settle.Earnest{{}, {Order: "ord_1", Sub: 1, Line: 1, Amount: 1, What: "gift"},
			{Order: "ord_1", Sub: 1, Line: 0, Amount: 1, What: settle.Forfeited}} {
			if err := r.earnest(wrong); !fault.Is(err, "settle.line") {
				t.Errorf("%+v: %v", wrong, err)
			}
		}
		r.clock.Advance(time.Hour)
		closed := r.close("shp_a")
		if len(closed) != 1 {
			t.Fatalf("%d statements", len(closed))
		}
		s := closed[0]
		if s.Gross != 5_000 || s.Refunded != 500 || s.Fees != 12 || s.Net != 5_000-500-12 || s.Claims != 3 {
			t.Errorf("%+v", s.Sums)
		}
		what := map[string]settle.What{}
		for _, l := range r.all(s, 10) {
			what[l.Order] = l.What
		}
		if what["ord_1"] != settle.Forfeited || what["ord_2"] != settle.Defaulted || what["ord_3"] != "" {
			t.Errorf("the lines are %v", what)
		}
	})
}
