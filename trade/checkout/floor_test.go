package checkout_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"hutong/base/money"
	"hutong/deal/promo"
	"hutong/goods/offer"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/tradetest"
)

// floor sets an offer's floor.
func floor(m *tradetest.Market, o offer.Offer, minor int64) {
	least := money.New(minor, "CNY")
	_, err := m.Offers.Price(context.Background(), offer.Pricing{Shop: o.Shop, Offer: o.ID, Unit: o.Price(),
		List: money.New(0, "CNY"), Floor: &least})
	m.Must(err)
}

// TestM10_AnOrderStopsAtTheFloor: of a stack that would go below it each takes what is left above it, who pays for what
// is exact, and the quote says so. A floor that changes touches neither the order nor a price that was promised.
func TestM10_AnOrderStopsAtTheFloor(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		o := m.Sell(m.Shop("shop-a"), "a1", 19900, 9)
		floor(m, o, 15001)
		m.Publish(`{"id":"cut","kind":"direct","rate_ppm":200000}`,
			`{"id":"cross","kind":"crossshop","every":10000,"off":500,"funding":[{"party":"platform","ppm":500000},{"party":"merchant","ppm":500000}]}`,
			`{"id":"packet","kind":"redpacket","off":1000,"claim":true,"funding":[{"party":"platform","ppm":1000000}]}`)
		who, home := m.Shopper()
		m.Deals.Held = map[string][]promo.Claimed{who: {{Promotion: "packet", Claim: "vch_1"}}}
		q := m.Quote(who, home, line(string(o.ID), 1))
		l := q.Why.Lines[0]
		if q.Order.Goods != 15001 || len(q.Why.Least) != 1 || len(l.Discounts) != 3 || l.Discounts[2].Amount != 419 {
			t.Fatalf("goods %d: %+v", q.Order.Goods, l)
		}
		floor(m, o, 19900)
		p, err := m.Checkout.Place(context.Background(), checkout.Place{Token: q.Token, Shopper: who})
		m.Must(err)
		placed, err := m.Orders.Any(context.Background(), p.Order)
		m.Must(err)
		if got := placed.Lines()[0]; got.Paid != 15001 || got.Discount != 4899 || got.Funded != 250+419 {
			t.Errorf("%+v", got)
		}
		two := m.Quote(who, home, line(string(o.ID), 2))
		if two.Order.Goods != 2*19900 || len(two.Why.Refused) != 3 || two.Why.Refused[0].Code != promo.RefusedFloor {
			t.Errorf("goods %d: %+v", two.Order.Goods, two.Why.Refused)
		}
		floor(m, o, 0)
		if q := m.Quote(who, home, line(string(o.ID), 1)); q.Order.Goods != 15920-500 || q.Why.Least != nil {
			t.Errorf("without a floor: %d", q.Order.Goods) // the packet is on its way
		}
	})
}

// TestM10_ABalanceStopsAtTheFloor: what promotions take off the balance of a presale stops where its shop's floor is as
// it is paid, alone and beside other goods; one above what was agreed leaves it as it was agreed.
func TestM10_ABalanceStopsAtTheFloor(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		shop := m.Shop("shop-a")
		o, tea := m.Sell(shop, "phone", 21000, 9), m.Sell(shop, "tea", 1000, 9)
		item := m.Presell(o, 20000, 1000, 3000)
		who, home := m.Shopper()
		p := m.Preorder(who, home, item, 2)
		p.Total = p.Earnest
		if v := m.Capture(p, "txn_1"); !v.Taken {
			t.Fatalf("%+v", v)
		}
		m.Publish(fmt.Sprintf(`{"id":"spend","kind":"spend","shop":%q,"tiers":[{"threshold":30000,"off":9000}]}`, shop))
		m.Clock.Set(item.Opens.Add(time.Second))
		for least, off := range map[int64]int64{0: 9000, 13501: 8998, 17900: 200, 18000: 0, 19999: 0} {
			floor(m, o, least)
			q, err := m.Checkout.Balance(context.Background(), who, p.Order, nil)
			if m.Must(err); q.Off != off {
				t.Errorf("a floor of %d: %d off", least, q.Off)
			}
			if least < 18000 {
				continue
			}
			both, err := m.Checkout.Quote(context.Background(), who, checkout.Basket{Address: home,
				Lines: []checkout.BasketLine{line(string(tea.ID), 2)}, Balances: []order.ID{p.Order}})
			if m.Must(err); both.Balances[0].Off != 0 || both.Order.Goods != 0 {
				t.Errorf("a floor of %d: %d off beside %d of goods", least, both.Balances[0].Off, both.Order.Goods)
			}
		}
	})
}
