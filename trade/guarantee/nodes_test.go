package guarantee_test

import (
	"log/slog"
	"sync"
	"testing"

	deal "hutong/deal/guarantee"
	"hutong/trade/guarantee"
)

// TestI_C6_TwoNodesGiveAFallBackOnce: two nodes look at the same fallen lines while their shoppers press, in the first
// moment of a month's budget: each fall is given back once, by whom it is of, and the budget counts all of it.
func TestI_C6_TwoNodesGiveAFallBackOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.goods(10_000)
		var all []bought
		for range 6 {
			all = append(all, b.got(o, 1))
		}
		b.sells(o, 9_000, 400_000)
		b.tell()
		other := guarantee.New(guarantee.Deps{DB: b.DB, Clock: b.Clock, Catalog: b.Catalog, Orders: b.Orders, Pay: b.Pay,
			Rules: b.Deals.Rules, IDs: b.IDs, Log: slog.New(slog.NewTextHandler(t.Output(), nil))},
			func() deal.Settings { return b.Set })
		var wg sync.WaitGroup
		for _, node := range []*guarantee.Service{b.G, other} {
			wg.Go(func() {
				if _, err := node.Look(ctx); err != nil {
					t.Error(err)
				}
			})
			wg.Go(func() {
				for _, p := range all {
					if _, err := node.Claim(ctx, p.who, p.Order, 1); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		for _, p := range all {
			if b.back(p) != 1_000 {
				t.Errorf("%d went back: %q", b.back(p), b.written(p))
			}
		}
		if c := b.budget(); c.Used != 6*1_000 || b.paidBy("redbean") != 6*400 || b.paidBy("platform") != 6*600 {
			t.Errorf("the budget has %+v, the wallet paid %d", c, b.paidBy("redbean"))
		}
	})
}
