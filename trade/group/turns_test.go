package group_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"hutong/base/fault"
	"hutong/trade/group"
)

// Of terms for the same goods that are set up at once one stands, and the others are told so.
func TestGoodsAreOpenedToGroupsOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for range 6 {
			o := b.goods(9)
			var all sync.WaitGroup
			var stand atomic.Int64
			for range 8 {
				all.Go(func() {
					_, err := b.Groups.SetUp(ctx, group.SetUp{Shop: o.Shop, Goods: string(o.ID),
						Steps: []group.Step{{Size: 3, Price: 2990}}})
					if err == nil {
						stand.Add(1)
					} else if !fault.Is(err, "group.taken") {
						t.Error(err)
					}
				})
			}
			if all.Wait(); stand.Load() != 1 {
				t.Errorf("%d stand", stand.Load())
			}
		}
	})
}
