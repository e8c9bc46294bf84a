package aftersale_test

import (
	"testing"

	"hutong/base/fault"
	"hutong/trade/aftersale"
	"hutong/trade/order"
)

// TestNothingIsAskedThatWasNotShown: a request that says which amount was shown is refused, and writes nothing, where
// another would come back; before the goods are sent, since, and beside pieces that are asked back already.
func TestNothingIsAskedThatWasNotShown(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy(pieces(4, 100))
		cases := func() int {
			all, err := b.Cases.ByOrder(ctx, aftersale.Party{Shopper: o.Shopper}, o.ID)
			b.Must(err)
			return len(all)
		}
		one := []order.Units{{Line: 1, Units: 1}}
		for i, lines := range [][]order.Units{one, one, nil} {
			if i == 1 {
				b.Must(b.send(o, 1))
			}
			ask := aftersale.Open{Shopper: o.Shopper, Order: o.ID, Seq: 1, Lines: lines, Reason: aftersale.Unwanted,
				Key: b.IDs.New("req")}
			would, err := b.Cases.Would(ctx, ask)
			b.Must(err)
			wrong := would.Total + 1
			ask.Shown = &wrong
			if _, err := b.Cases.Open(ctx, ask); !fault.Is(err, "aftersale.amount_changed") || cases() != i {
				t.Errorf("%d: another amount than was shown: %v, %d cases", i, err, cases())
			}
			ask.Shown = &would.Total
			c, err := b.Cases.Open(ctx, ask)
			if err != nil || c.Amount != would.Total || c.Amount != []int64{100, 100, 200}[i] {
				t.Errorf("%d: what was shown: %v, %d of %d", i, err, c.Amount, would.Total)
			}
			ask.Shown = &wrong // it is there already
			if again, err := b.Cases.Open(ctx, ask); err != nil || again.ID != c.ID || cases() != i+1 {
				t.Errorf("%d: said again: %v, %d cases", i, err, cases())
			}
		}
		b.check(t, o.ID)
	})
}
