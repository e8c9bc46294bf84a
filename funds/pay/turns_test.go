package pay_test

import (
	"sync"
	"testing"

	"hutong/base/fault"
	"hutong/funds/pay"
	"hutong/funds/pay/paytest"
)

// Whoever sets about to pay twice at once has one attempt to pay, not two that may both be paid.
func TestTwoPressesAtOnceAreOneAttempt(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		for range 5 {
			order := m.Sell(t, tenY)
			var mu sync.Mutex
			var all sync.WaitGroup
			seen := map[pay.AttemptID]bool{}
			for range 8 {
				all.Go(func() {
					a, _, err := m.Pay.Begin(ctx, pay.Begin{Order: order, Shopper: paytest.Shopper, Wallet: "alpha"})
					mu.Lock()
					defer mu.Unlock()
					seen[a.ID] = true
					if err != nil && !fault.Is(err, "pay.wallet_silent") {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if len(seen) != 1 {
				t.Fatalf("%d attempts", len(seen))
			}
		}
	})
}
