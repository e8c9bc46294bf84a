package order_test

import (
	"testing"
	"time"

	"hutong/base/db"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/tradetest"
)

// TestLatenessIsHalfOpen: what is sent before the instant is in time, at the instant it is late.
func TestLatenessIsHalfOpen(t *testing.T) {
	by := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	before, after := by.Add(-time.Microsecond), by.Add(time.Microsecond)
	for _, c := range []struct {
		by, sent, now time.Time
		want          order.Sending
	}{{time.Time{}, time.Time{}, after, ""}, {time.Time{}, after, after, ""},
		{by, time.Time{}, before, order.SendDue}, {by, time.Time{}, by, order.SendLate},
		{by, time.Time{}, after, order.SendLate}, {by, before, after, order.SentKept}, {by, by, after, order.SentLate},
		{by, after, after.Add(time.Hour), order.SentLate}} {
		if got := order.SendingOf(c.by, c.sent, c.now); got != c.want {
			t.Errorf("by %v, sent %v, now %v: %q, want %q", c.by, c.sent, c.now, got, c.want)
		}
	}
}

// TestAPresaleSaysWhenItShips: by a day, or so many days after the balance is paid, which is then a day; its shop finds
// what is to be sent by a day, and how much of it is late, until it is sent.
func TestAPresaleSaysWhenItShips(t *testing.T) {
	eachPresale(t, 20000, 1000, 3000, func(t *testing.T, m *presold) {
		by := m.item.Due.Add(48 * time.Hour)
		m.item.ShipDays, m.item.ShipBy = 0, by
		m.Checkout.PlugPresales(tradetest.Presales{m.item.ID: m.item})
		dated := m.order()
		m.item.ShipDays, m.item.ShipBy = 3, time.Time{}
		m.Checkout.PlugPresales(tradetest.Presales{m.item.ID: m.item})
		counted, unpaid := m.order(), m.order()
		for _, p := range []checkout.Placed{dated, counted, unpaid} {
			m.pays(p, red)
		}
		m.Clock.Set(m.item.Opens.Add(time.Minute))
		m.pays(dated, blue)
		m.pays(counted, blue)
		now := m.Clock.Now()
		for _, c := range []struct {
			id   order.ID
			want time.Time
		}{{dated.Order, by}, {counted.Order, now.Add(72 * time.Hour)}, {unpaid.Order, time.Time{}}} {
			o := state(m.Market, c.id)
			if !o.Presale.ShipBy.Equal(c.want) || (o.Sending(o.Subs[0], now) == order.SendDue) == c.want.IsZero() {
				t.Errorf("it ships before %v, %q; want %v", o.Presale.ShipBy, o.Sending(o.Subs[0], now), c.want)
			}
		}
		finds := func(at time.Time, dated, late int) {
			t.Helper()
			all, err := m.Orders.ByShop(ctx, m.shop, order.Dated, "", 9)
			m.Must(err)
			n, err := m.Orders.CountLate(ctx, m.shop, at, 9)
			if m.Must(err); len(all) != dated || n != late {
				t.Errorf("at %v: %d dated, %d late; want %d and %d", at, len(all), n, dated, late)
			}
		}
		finds(by.Add(-time.Microsecond), 2, 0)
		finds(by, 2, 1)
		finds(by.Add(96*time.Hour), 2, 2)
		takes := func(back bool) {
			m.Must(m.DB.Write(ctx, func(tx *db.Tx) error {
				if back {
					return m.Orders.TakenBack(tx, m.Clock.Now(), []string{string(counted.Order), string(unpaid.Order)})
				}
				return m.Orders.TakenMet(tx, m.Clock.Now(), []string{string(counted.Order), string(unpaid.Order)})
			}))
		}
		takes(true) // held, with its earnest the one that is not paid whole: neither is late
		finds(by.Add(96*time.Hour), 1, 1)
		for f, want := range map[order.Filter]int{order.Held: 2, order.ToShip: 1, order.ToPay: 0} {
			if n, err := m.Orders.CountByShop(ctx, m.shop, f, 9); err != nil || n != want {
				t.Errorf("%s: %d, %v; want %d", f, n, err, want)
			}
		}
		takes(false)
		finds(by.Add(96*time.Hour), 2, 2)
		m.Must(m.DB.Write(ctx, func(tx *db.Tx) error {
			return m.Orders.Shipped(tx, m.Clock.Now(), []order.Shipment{{Order: dated.Order, Seq: 1, Shop: m.shop,
				Carrier: "courier", ConfirmBy: by.Add(240 * time.Hour)}})
		}))
		finds(by.Add(96*time.Hour), 1, 1)
		if o := state(m.Market, dated.Order); o.Sending(o.Subs[0], by.Add(time.Hour)) != order.SentKept {
			t.Error("what was sent in time is late")
		}
		if n, err := m.Orders.CountLate(ctx, "shop-of-another", by.Add(96*time.Hour), 9); err != nil || n != 0 {
			t.Errorf("another shop has %d late, %v", n, err)
		}
	})
}
