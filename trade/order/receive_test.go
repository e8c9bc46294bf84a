package order_test

import (
	"sync"
	"testing"

	"hutong/base/fault"
	"hutong/trade/order"
	"hutong/trade/tradetest"
)

// TestReceiptsAtOnceAreDecidedOneByOne: receipts that come together are settled together; what is refused of them leaves
// the others alone.
func TestReceiptsAtOnceAreDecidedOneByOne(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		const orders, presses = 6, 3
		var acts []func()
		var ids []order.ID
		var all [orders][presses]error
		var strangers [orders]error
		for i := range orders {
			who, p, _ := one(m, 2)
			m.Capture(p, "txn"+string(rune('a'+i)))
			m.Must(shipAll(m, state(m, p.Order)))
			ids = append(ids, p.Order)
			for n := range presses {
				acts = append(acts, func() { all[i][n] = m.Orders.Receive(ctx, who, p.Order, 1) })
			}
			acts = append(acts, func() { strangers[i] = m.Orders.Receive(ctx, "shr_other", p.Order, 1) })
		}
		var group sync.WaitGroup
		for _, act := range acts {
			group.Go(act)
		}
		group.Wait()
		for i, id := range ids {
			done, again := 0, 0
			for _, err := range all[i] {
				switch {
				case err == nil:
					done++
				case fault.Is(err, "order.state"):
					again++
				}
			}
			if done != 1 || again != presses-1 || !fault.Is(strangers[i], "order.not_found") {
				t.Errorf("%s: %v, a stranger %v", id, all[i], strangers[i])
			}
			if o := state(m, id); o.State != order.Completed || len(o.Steps) != 4 {
				t.Errorf("%s is %s after %d steps", id, o.State, len(o.Steps))
			}
		}
	})
}
