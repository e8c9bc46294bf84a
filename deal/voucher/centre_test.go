package voucher_test

import (
	"testing"

	"hutong/deal/voucher"
)

// TestTheCentreSaysWhatIsLeft: what was claimed is counted, and once the budget is spent there is nothing to claim that
// would take anything off.
func TestTheCentreSaysWhatIsLeft(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		of := terms()
		of.Budget, of.Issue = 4_000, 10
		tpl := m.publish(of)
		who, other := m.shopper(), m.shopper()
		v := m.claimed(who, tpl)
		see := func(left, gone int64) {
			t.Helper()
			all, _, err := m.Centre(t.Context(), voucher.Centre{Shopper: other})
			m.ok(err)
			if len(all) != 1 || all[0].Left != left || all[0].Gone != gone {
				t.Fatalf("%+v, want %d left, %d gone", all, left, gone)
			}
		}
		see(9, 1)
		m.ok(m.use("ord_1", v, 4_000))
		see(0, 1)
	})
}
