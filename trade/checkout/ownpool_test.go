package checkout_test

import (
	"context"
	"fmt"
	"testing"

	"hutong/base/fault"
	"hutong/deal/promo"
	"hutong/deal/quota"
	"hutong/trade/checkout"
	"hutong/trade/tradetest"
)

// TestASalesPiecesAreSoldAtTheOrdinaryPriceToo: a shop has put all that it has into a sale, whose price is the ordinary
// one, and then lowers that below it. The pieces are sold all the same, at the lower price, from the sale's own pool and
// under its limit, and a cancelled order gives both back.
func TestASalesPiecesAreSoldAtTheOrdinaryPriceToo(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		shop := m.Shop("shop-a")
		o, own := m.Sell(shop, "tea", 990, 1), m.Sell(shop, "own", 1, 9)
		other, home := m.Shopper()
		p := m.Place(other, home, line(string(o.ID), 1)) // the last ordinary piece
		m.Publish(fmt.Sprintf(`{"id":"flash","kind":"price","unit_price":990,"skus":[%q],"pool":%q,"per_shopper":2,
			"until":"2026-11-11T12:00:00Z"}`, o.SKU, own.Pool))
		who, home := m.Shopper()
		q := m.Quote(who, home, line(string(o.ID), 2))
		if q.Order.Goods != 1980 || q.Order.Lines()[0].Pool != string(own.Pool) || q.Deals.IsZero() {
			t.Fatalf("goods %d, from %s, until %s", q.Order.Goods, q.Order.Lines()[0].Pool, q.Deals)
		}
		placed, err := m.Checkout.Place(context.Background(), checkout.Place{Token: q.Token, Shopper: who})
		m.Must(err)
		takes := []string{quota.Limit("flash", who), quota.Unpaid(who)}
		if got := used(m, takes...); got[0] != 2 || got[1] != 1 || m.Pool(own.Pool).Held != 2 {
			t.Fatalf("takes %v, held %d", got, m.Pool(own.Pool).Held)
		}
		b := checkout.Basket{Lines: []checkout.BasketLine{line(string(o.ID), 1)}, Address: home}
		more, err := m.Checkout.Quote(context.Background(), who, b)
		m.Must(err)
		if len(more.Problems) != 1 || !fault.Is(more.Problems[0].Err, "stock.sold_out") ||
			more.Why.Refused[0].Code != "promo.limit_reached" {
			t.Errorf("above the limit: %+v %+v", more.Problems, more.Why.Refused)
		}
		m.Must(m.Orders.Cancel(context.Background(), who, placed.Order))
		if got := used(m, takes...); got[0] != 0 || got[1] != 0 || m.Pool(own.Pool).Held != 0 {
			t.Errorf("a cancelled order still has %v of quotas and %d pieces", got, m.Pool(own.Pool).Held)
		}
		m.Publish(fmt.Sprintf(`{"id":"flash","kind":"price","unit_price":1000,"skus":[%q],"pool":%q}`, o.SKU, own.Pool))
		if q := m.Quote(who, home, line(string(o.ID), 9)); q.Order.Goods != 9*990 || q.Order.Lines()[0].Pool != string(own.Pool) {
			t.Errorf("below the sale's price: goods %d from %s", q.Order.Goods, q.Order.Lines()[0].Pool)
		}
		m.Must(m.Orders.Cancel(context.Background(), other, p.Order))
	})
}

// TestAnotherPriceTakesNoSalesPieces: who has a lower price of another promotion is sold ordinary pieces.
func TestAnotherPriceTakesNoSalesPieces(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		shop := m.Shop("shop-a")
		o, own := m.Sell(shop, "tea", 990, 5), m.Sell(shop, "own", 1, 9)
		m.Publish(fmt.Sprintf(`{"id":"flash","kind":"price","unit_price":990,"skus":[%q],"pool":%q}`, o.SKU, own.Pool),
			fmt.Sprintf(`{"id":"lower","kind":"price","unit_price":900,"skus":[%q]}`, o.SKU))
		who, home := m.Shopper()
		if q := m.Quote(who, home, line(string(o.ID), 2)); q.Order.Goods != 1800 || q.Order.Lines()[0].Pool != string(o.Pool) {
			t.Errorf("goods %d from %s", q.Order.Goods, q.Order.Lines()[0].Pool)
		}
	})
}

// TestVouchersThatNobodyChoseStandInNobodysWay: a voucher for 1.00 that bars a red packet of 10.00 is left out, and told
// as beaten, unless the shopper names it.
func TestVouchersThatNobodyChoseStandInNobodysWay(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		shop := m.Shop("shop-a")
		o := m.Sell(shop, "tea", 10000, 5)
		m.Publish(fmt.Sprintf(`{"id":"small","kind":"voucher","shop":%q,"off":100,"claim":true,"excludes":["packet"]}`, shop),
			`{"id":"packet","kind":"redpacket","off":1000,"claim":true}`)
		who, home := m.Shopper()
		m.Deals.Held = map[string][]promo.Claimed{who: {{Promotion: "packet", Claim: "vch_1"}, {Promotion: "small", Claim: "vch_2"}}}
		b := checkout.Basket{Lines: []checkout.BasketLine{line(string(o.ID), 1)}, Address: home}
		for _, c := range []struct {
			claims []string
			goods  int64
			beaten bool
		}{{nil, 9000, true}, {[]string{"vch_1", "vch_2"}, 9900, false}, {[]string{}, 10000, false}} {
			b.Claims = c.claims
			q, err := m.Checkout.Quote(context.Background(), who, b)
			m.Must(err)
			beaten := len(q.Why.Refused) == 1 && q.Why.Refused[0] == promo.Refused{Promotion: "small", Claim: "vch_2", Code: "promo.beaten"}
			if q.Order.Goods != c.goods || beaten != c.beaten {
				t.Errorf("with %v: goods %d, refused %+v", c.claims, q.Order.Goods, q.Why.Refused)
			}
		}
	})
}
