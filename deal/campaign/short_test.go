package campaign_test

import (
	"testing"
	"time"

	"hutong/base/fault"
	"hutong/deal/campaign"
)

// TestAShortPledgeIsLockedAllTheSame: a shop whose pieces are not there when the lock comes is held to its word between
// two tries too: no higher price, no smaller pledge, and leaving costs what it costs.
func TestAShortPledgeIsLockedAllTheSame(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fair) {
		c := f.publish(sale(campaign.Rule{PenaltyPPM: 100_000}))
		o := f.list("shp_a", "sku_a", 100, 20)
		e := f.accepted(enrol(c, o, 90, 12))
		f.ok(f.stock.SetStock(t.Context(), "shp_a", "sku_a", 5))
		f.clock.Set(day(6))
		f.run(f.Lock)
		f.clock.Advance(time.Second) // before it is tried again
		e = f.get(e.ID)
		for _, x := range []struct {
			price, pieces int64
			code          string
		}{{95, 12, "enrolment.price_up"}, {90, 4, "enrolment.stock_down"}} {
			_, err := f.Change(t.Context(), campaign.Change{Shop: "shp_a", ID: e.ID, Version: e.Version, Price: x.price,
				Quantity: x.pieces})
			if !fault.Is(err, x.code) {
				t.Errorf("%d for %d: %v, want %s", x.pieces, x.price, err, x.code)
			}
		}
		e, err := f.Withdraw(t.Context(), "shp_a", e.ID, e.Version)
		if err != nil || e.Penalty != 108 || e.State != campaign.Withdrawn {
			t.Errorf("%+v %v", e, err)
		}
	})
}
