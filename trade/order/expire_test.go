package order_test

import (
	"testing"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/deal/quota"
	"hutong/funds/pay"
	"hutong/trade/order"
	"hutong/trade/tradetest"
)

// TestR15_AChargedBackEarnestKeepsNobodyWaiting: an order whose earnest its wallet took back has nothing to forfeit. It
// ends with its time, as whatever else is due, and its pieces are free.
func TestR15_AChargedBackEarnestKeepsNobodyWaiting(t *testing.T) {
	eachPresale(t, 20000, 5000, 10000, func(t *testing.T, m *presold) {
		taken, left, plain := m.order(), m.order(), m.order()
		a, err := m.begin(taken, red)
		m.Must(err)
		m.tell(red.Captured(a, m.Clock.Now()))
		m.pays(left, blue)
		m.tell(pay.Fact{Provider: "red", Txn: "charged", Kind: pay.KindRefund, Attempt: a.ID, Amount: a.Amount,
			Account: red.Account(), At: m.Clock.Now()})
		m.Clock.Set(m.item.Due)
		if n, err := m.Orders.Expire(ctx); n != 3 || err != nil {
			t.Errorf("%d ended, %v", n, err)
		}
		m.stands(plain, order.Cancelled, order.Lapsed, "expired")
		m.stands(left, order.Cancelled, order.Forfeited, "forfeited")
		m.stands(taken, order.Cancelled, order.TakenBack, "taken_back")
		if back, err := m.Pay.Refunds(ctx, string(taken.Order)); err != nil || len(back) != 1 ||
			back[0].State != pay.RefundTaken || back[0].Amount != a.Amount {
			t.Errorf("%+v, %v", back, err)
		}
	})
}

// TestAutoReceiveGoesRoundWhatCannotBeSettled: a suborder whose books refuse keeps its shop's and everybody else's
// money waiting no longer than its own.
func TestAutoReceiveGoesRoundWhatCannotBeSettled(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		var placed []order.ID
		for range 3 {
			_, p, _ := one(m, 1)
			m.Capture(p, "txn-"+string(p.Order))
			m.Must(shipAll(m, state(m, p.Order)))
			placed = append(placed, p.Order)
		}
		broken := placed[1]
		m.Must(m.DB.Write(ctx, func(tx *db.Tx) error { // more was funded than the line is worth: no settlement takes that
			_, err := tx.Exec(`UPDATE order_lines SET unit_price = unit_price + 1, discount = 1, discounts = $2
				WHERE order_id = $1`, broken,
				`[["prm_1",1,"spend","",900000,[["platform",900000]]]]`)
			return err
		}))
		m.Clock.Set(state(m, broken).Subs[0].ConfirmBy)
		if n, err := m.Orders.AutoReceive(ctx); n != 2 || !fault.Is(err, "settle.line") {
			t.Errorf("%d completed, %v", n, err)
		}
		for i, want := range []order.State{order.Completed, order.Paid, order.Completed} {
			if got := state(m, placed[i]).State; got != want {
				t.Errorf("order %d is %s, want %s", i, got, want)
			}
		}
	})
}

// TestR6_ALimitComesBackWhereNothingWasTakenOff: a sale's item at its ordinary price, and an earnest that counts for what
// it is: no discount names the item, and what is refunded before it is sent can be bought again all the same.
func TestR6_ALimitComesBackWhereNothingWasTakenOff(t *testing.T) {
	eachPresale(t, 20000, 1000, 3000, func(t *testing.T, m *presold) {
		m.item = m.Presell(m.Sell(m.shop, "cup", 20000, 30), 20000, 1000, 1000)
		p := m.Preorder(m.who, m.home, m.item, 9)
		m.pays(p, red)
		m.Clock.Set(m.item.Opens)
		m.pays(p, red)
		for _, want := range []int64{5, 0} {
			if _, err := refund(m.Market, p.Order, order.Units{Line: 1, Units: 5 - want/5}); err != nil {
				t.Fatal(err)
			}
			if n := used(m, quota.Limit(m.item.Price, m.who))[0]; n != want {
				t.Errorf("%d pieces are counted, want %d", n, want)
			}
		}
	})
}
