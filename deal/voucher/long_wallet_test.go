package voucher_test

import (
	"slices"
	"testing"
	"time"

	"hutong/base/clock"
)

// TestALongWalletUsesWhatEndsSoonest: of more vouchers than are read at once (8 here), those that end last are left out
// of an order, since they can still be used later.
func TestALongWalletUsesWhatEndsSoonest(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		who := m.shopper()
		var ends []int64
		for i := range 10 {
			o := terms()
			o.UntilUS = clock.Micros(start.Add(20*day - time.Duration(i)*time.Hour))
			ends = append(ends, o.UntilUS)
			m.claimed(who, m.publish(o))
		}
		slices.Sort(ends)
		var got []int64
		for _, v := range m.usable(who) {
			got = append(got, clock.Micros(v.Until))
		}
		if !slices.Equal(got, ends[:8]) {
			t.Errorf("usable are those that end at %v, want %v", got, ends[:8])
		}
		if all, err := m.Wallet(t.Context(), who); err != nil || len(all) != 8 || clock.Micros(all[0].Until) != ends[9] {
			t.Errorf("the wallet shows %d, %v", len(all), err)
		}
	})
}
