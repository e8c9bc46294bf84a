package order_test

import (
	"fmt"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/funds/pay"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/tradetest"
)

// placeOf has an offer sold from a pool of a sale's own, whose place promises to send within so many hours; 0 of none.
func placeOf(m *tradetest.Market, o offer.Offer, price, hours int64) string {
	own := m.Sell(o.Shop, "own-"+o.SKU, 1, 9)
	return fmt.Sprintf(`{"id":"on-%s","kind":"price","unit_price":%d,"skus":[%q],"pool":%q,"ship_hours":%d}`, o.SKU, price,
		o.SKU, own.Pool, hours)
}

// TestT3_2_APartIsSentWithinTheShortestHoursOfItsLines: what places of a sale promise holds for each shop's part, the
// shortest of its lines', from when the order is paid on, also where that was late; the parts of others are promised
// nothing. Its shop finds what is due and what is late, until it is sent.
func TestT3_2_APartIsSentWithinTheShortestHoursOfItsLines(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		a, b := m.Shop("shop-a"), m.Shop("shop-b")
		tea, cup, mat, kite := m.Sell(a, "tea", 1000, 9), m.Sell(a, "cup", 1000, 9), m.Sell(a, "mat", 1000, 9),
			m.Sell(b, "kite", 1000, 9)
		who, home := m.Shopper()
		line := func(o offer.Offer) checkout.BasketLine { return checkout.BasketLine{Offer: string(o.ID), Quantity: 1} }
		// The cup's price takes nothing off: its pieces are the place's all the same.
		m.Publish(placeOf(m, tea, 900, 48), placeOf(m, cup, 1000, 24), placeOf(m, kite, 900, 0))
		slow, both := []checkout.BasketLine{line(tea)}, []checkout.BasketLine{line(mat), line(tea), line(cup), line(kite)}
		if q := m.Quote(who, home, both...); q.Order.Subs[0].ShipHours != 24 || q.Order.Subs[1].ShipHours != 0 {
			t.Fatalf("the quote says %+v", q.Order.Subs)
		}
		two, one, none := m.Place(who, home, both...), m.Place(who, home, slow...), m.Place(who, home, line(mat))
		m.Publish() // the sale is over; what was promised stands
		unpaid := state(m, two.Order)
		if by := unpaid.ShipBy(unpaid.Subs[0]); !by.IsZero() || unpaid.Sending(unpaid.Subs[0], m.Clock.Now()) != "" {
			t.Errorf("before it is paid it is due at %v", by)
		}
		m.Clock.Advance(10 * time.Minute)
		paid := m.Clock.Now()
		m.Capture(two, "t2")
		m.Capture(none, "t0")
		m.Clock.Set(one.ExpiresAt.Add(time.Minute))
		if n, err := m.Orders.Expire(ctx); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		late := m.Clock.Now()
		if o := state(m, one.Order); o.Sending(o.Subs[0], late.Add(time.Hour*99)) != "" {
			t.Error("what lapsed is due")
		}
		m.Capture(one, "t1")
		for _, c := range []struct {
			p    checkout.Placed
			seq  int
			want time.Time
		}{{two, 0, paid.Add(24 * time.Hour)}, {two, 1, time.Time{}}, {one, 0, late.Add(48 * time.Hour)}, {none, 0, time.Time{}}} {
			o := state(m, c.p.Order)
			if by := o.ShipBy(o.Subs[c.seq]); !by.Equal(c.want) {
				t.Errorf("part %d is due %v, want %v", c.seq+1, by, c.want)
			}
		}
		finds := func(at time.Time, shop string, dated, late int) {
			t.Helper()
			all, err := m.Orders.ByShop(ctx, shop, order.Dated, "", 9)
			m.Must(err)
			n, err := m.Orders.CountLate(ctx, shop, at, 9)
			if m.Must(err); len(all) != dated || n != late {
				t.Errorf("at %v: %d dated, %d late; want %d and %d", at, len(all), n, dated, late)
			}
		}
		due := paid.Add(24 * time.Hour)
		finds(due.Add(-time.Microsecond), a, 2, 0)
		finds(due, a, 2, 1)
		finds(late.Add(48*time.Hour), a, 2, 2)
		finds(late.Add(48*time.Hour), b, 0, 0)
		m.Clock.Set(due)
		m.Must(m.DB.Write(ctx, func(tx *db.Tx) error {
			return m.Orders.Shipped(tx, m.Clock.Now(), []order.Shipment{{Order: two.Order, Seq: 1, Shop: a, Carrier: "cart",
				ConfirmBy: due.Add(240 * time.Hour)}})
		}))
		finds(late.Add(48*time.Hour), a, 1, 1)
		if o := state(m, two.Order); o.Sending(o.Subs[0], due) != order.SentLate || o.Subs[0].ShipHours != 24 {
			t.Errorf("sent at the very instant: %q, %+v", o.Sending(o.Subs[0], due), o.Subs[0])
		}
	})
}

// TestT3_2_HoursStandBesideBalances: an order from a place that is placed with the balance of a presale keeps both what
// it promises and what is paid with it, and the presale its own day.
func TestT3_2_HoursStandBesideBalances(t *testing.T) {
	eachMerged(t, 1, func(t *testing.T, m *merged) {
		cup := m.Sell(m.other, "bowl", 15000, 5)
		m.line.Offer = string(cup.ID)
		m.Publish(cross, placeOf(m.Market, cup, 14000, 12))
		p := m.place(m.owed...)
		m.pays(p, blue)
		o, pre := state(m.Market, p.Order), state(m.Market, m.owed[0].Order)
		if !o.ShipBy(o.Subs[0]).Equal(o.PaidAt.Add(12*time.Hour)) || o.PaidAt.IsZero() || o.Bill == "" {
			t.Errorf("due %v, paid %v, bill %q", o.ShipBy(o.Subs[0]), o.PaidAt, o.Bill)
		}
		if pre.State != order.Paid || !pre.ShipBy(pre.Subs[0]).Equal(pre.Presale.ShipBy) || pre.Subs[0].ShipHours != 0 {
			t.Errorf("the presale is due %v, %+v", pre.ShipBy(pre.Subs[0]), pre.Subs[0])
		}
	})
}

// TestOldPartsPromiseNothing: a market that was made before hours were kept has parts that promise nothing, and says of
// them that it was so, not that they were sold from no place.
func TestOldPartsPromiseNothing(t *testing.T) {
	before := order.Schema
	before.Steps = before.Steps[:10]
	dbtest.Each(t, []db.Schema{stock.Schema, pay.Schema, before}, func(t *testing.T, d *db.DB) {
		write := func(q string) error {
			return d.Write(ctx, func(tx *db.Tx) error { _, err := tx.Exec(q); return err })
		}
		for _, err := range []error{write(`INSERT INTO orders (id, shopper_id, state, currency, goods, freight, total, address_id,
			request_hash, lang, source, remark, placed_us, expires_us, paid_us, closed_us, reason, step) VALUES ('ord_1', 'shr',
			'paid', 'CNY', 900, 0, 900, 'adr', 'h', 'zh', '', '', 1, 9, 2, 0, '', 1)`),
			write(`INSERT INTO suborders (order_id, seq, shop_id, state, goods, freight, carrier, pickup, shipped_us,
			confirm_by_us, closed_us, freight_refunded, step) VALUES ('ord_1', 1, 'shp', 'open', 900, 0, '', '', 0, 0, 0, 0, 1)`),
			d.Migrate(ctx, stock.Schema, pay.Schema, order.Schema)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		orders := order.New(order.Deps{DB: d})
		o, err := orders.Any(ctx, "ord_1")
		if err != nil || o.Subs[0].ShipHours != 0 || !o.ShipBy(o.Subs[0]).IsZero() {
			t.Fatal(o.Subs, err)
		}
		if n, err := orders.CountLate(ctx, "shp", time.Unix(1<<32, 0), 9); n != 0 || err != nil {
			t.Errorf("%d late, %v", n, err)
		}
		if write(`UPDATE suborders SET ship_hours = 24 WHERE ship_hours = -1`) != nil ||
			write(`UPDATE suborders SET ship_hours = -2`) == nil {
			t.Error("what may stand there")
		}
	})
}
