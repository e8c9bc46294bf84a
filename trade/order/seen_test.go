package order_test

import (
	"testing"

	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/tradetest"
)

// TestA1_ASellerSeesTheOwnPartAlone: of an order from two shops each sees its own goods and what became of them, and
// not when the other one shipped, or that it was paid back.
func TestA1_ASellerSeesTheOwnPartAlone(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		tea, cups := m.Shop("shop-tea"), m.Shop("shop-cups")
		a, b := m.Sell(tea, "tea", 100, 10), m.Sell(cups, "cup", 200, 10)
		who, home := m.Shopper()
		p := m.Place(who, home, checkout.BasketLine{Offer: string(a.ID), Quantity: 1},
			checkout.BasketLine{Offer: string(b.ID), Quantity: 1})
		m.Capture(p, "txn")
		m.Must(shipAll(m, state(m, p.Order)))
		m.Must(m.Orders.Receive(ctx, who, p.Order, 2))
		for seq, shop := range map[int64]string{1: tea, 2: cups} {
			o, err := m.Orders.Sold(ctx, shop, p.Order)
			m.Must(err)
			own := 0
			for _, step := range o.Steps {
				switch step.Seq {
				case seq:
					own++
				case 0:
				default:
					t.Errorf("shop %d is shown %+v", seq, step)
				}
			}
			if len(o.Subs) != 1 || o.Subs[0].Seq != seq || own != int(seq) {
				t.Errorf("shop %d sees %d parts and %d of its steps", seq, len(o.Subs), own)
			}
		}
		if whole, err := m.Orders.Order(ctx, who, p.Order); err != nil || len(whole.Steps) != 4 || whole.State != order.Paid {
			t.Errorf("the shopper sees %+v, %v", whole.Steps, err)
		}
	})
}
