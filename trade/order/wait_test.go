package order_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/deal/promo"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/tradetest"
)

// grouped is a paid order of n pieces at 0.80 each, bought as a group's.
func grouped(m *tradetest.Market, n int64) (p checkout.Placed, shop string) {
	shop = m.Shop("shop-" + m.IDs.Body()[16:])
	o := m.Sell(shop, "tea", 100, 10)
	m.Publish(fmt.Sprintf(`{"id":"gof_1","kind":"price","unit_price":80,"skus":[%q],"claim":true}`, o.SKU))
	who, home := m.Shopper()
	m.Deals.Held = map[string][]promo.Claimed{who: {{Promotion: "gof_1", Claim: m.IDs.New("grp")}}}
	p = m.Place(who, home, checkout.BasketLine{Offer: string(o.ID), Quantity: n})
	m.Capture(p, string(p.Order))
	return p, shop
}

func TestWaitingSuborderIsNotItsMerchants(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		p, shop := grouped(m, 1)
		ship := []order.Shipment{{Order: p.Order, Seq: 1, Shop: shop, ConfirmBy: m.Clock.Now()}}
		shipped := func() error {
			return m.DB.Write(ctx, func(tx *db.Tx) error { return m.Orders.Shipped(tx, m.Clock.Now(), ship) })
		}
		seen := func() (n int) {
			n, err := m.Orders.CountByShop(ctx, shop, order.Any, 9)
			m.Must(err)
			return n
		}
		if _, err := m.Orders.Sold(ctx, shop, p.Order); !fault.Is(err, "order.not_found") {
			t.Errorf("the merchant reads it: %v", err)
		}
		if err := shipped(); !fault.Is(err, "order.not_found") || seen() != 0 {
			t.Errorf("shipped %v, %d seen", err, seen())
		}
		money, err := m.Orders.UnderWay(ctx, shop)
		if err != nil || len(money) != 0 {
			t.Errorf("the merchant counts on %v %v", money, err)
		}
		for range 2 { // safe to repeat
			m.Must(m.DB.Write(ctx, func(tx *db.Tx) error {
				return m.Orders.Release(tx, m.Clock.Now(), []order.SubKey{{Order: p.Order, Seq: 1}})
			}))
		}
		o, err := m.Orders.Sold(ctx, shop, p.Order)
		if err != nil || o.Subs[0].Waits != "" || seen() != 1 {
			t.Fatalf("after its release: %+v %v, %d seen", o.Subs, err, seen())
		}
		m.Must(shipped())
	})
}

// TestLoweredPriceAndRefundsAddUpToWhatWasPaid: whatever is lowered and given back, in whatever order, the pieces and
// the differences come to what was paid, and one Ref lowers once.
func TestLoweredPriceAndRefundsAddUpToWhatWasPaid(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, tradetest.Schemas()...)
	m := tradetest.New(t, d)
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.Int64Range(1, 7).Draw(r, "pieces")
		p, _ := grouped(m, n)
		paid, back := state(m, p.Order).Lines()[0].Paid, int64(0)
		for left, no := n, 0; left > 0; no++ {
			l := state(m, p.Order).Lines()[0]
			if owed := l.Paid - l.Refunded - l.Lowered; no < 3 && owed > 1 && rapid.Bool().Draw(r, "lower") {
				cmd := order.Lower{Order: p.Order, Seq: 1, Line: 1, Amount: rapid.Int64Range(1, owed-1).Draw(r, "amount"),
					Ref: fmt.Sprint(no), Cause: order.Cause{Actor: "time", Why: "ladder", At: m.Clock.Now()}}
				for range 2 {
					m.Must(m.DB.Write(ctx, func(tx *db.Tx) error {
						out, err := m.Orders.Lower(tx, cmd)
						back += out.Total
						return err
					}))
				}
			}
			units := rapid.Int64Range(1, left).Draw(r, "units")
			m.Must(m.DB.Write(ctx, func(tx *db.Tx) error {
				out, err := m.Orders.Refund(tx, order.Refund{Order: p.Order, Seq: 1, Lines: []order.Units{{Line: 1, Units: units}},
					Cause: order.Cause{Actor: "operator", Why: "refunded", At: m.Clock.Now()}})
				back += out.Total - out.Freight
				return err
			}))
			left -= units
		}
		if back != paid {
			r.Fatalf("%d went back of %d", back, paid)
		}
	})
}

func TestLowerRefusesMoreThanIsOwed(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		p, _ := grouped(m, 2)
		for _, amount := range []int64{0, -1, 161} {
			err := m.DB.Write(ctx, func(tx *db.Tx) error {
				_, err := m.Orders.Lower(tx, order.Lower{Order: p.Order, Seq: 1, Line: 1, Amount: amount, Ref: "a",
					Cause: order.Cause{Actor: "time", Why: "ladder", At: m.Clock.Now()}})
				return err
			})
			if !fault.Is(err, "order.lower") {
				t.Errorf("%d: %v", amount, err)
			}
		}
	})
}
