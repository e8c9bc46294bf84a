package checkout_test

import (
	"context"
	"testing"

	"hutong/base/fault"
	"hutong/base/text"
	"hutong/trade/checkout"
	"hutong/trade/tradetest"
)

// TestR22_AnEarnestIsQuotedAnewAsOne: a token of a presale that lapsed is answered with an earnest again, and never with
// the goods at their ordinary price; once the presale is over there is nothing to agree to.
func TestR22_AnEarnestIsQuotedAnewAsOne(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		ctx := context.Background()
		item := m.Presell(m.Sell(m.Shop("shop-a"), "tea", 21000, 10), 20000, 1000, 3000)
		who, home := m.Shopper()
		q, err := m.Checkout.Quote(ctx, who, checkout.Basket{Presale: item.ID, Address: home, Lang: text.Zh,
			Lines: []checkout.BasketLine{{Offer: item.Offer, Quantity: 1}}})
		m.Must(err)
		m.Clock.Set(q.ExpiresAt)
		_, err = m.Checkout.Place(ctx, checkout.Place{Token: q.Token, Shopper: who, Agreed: true})
		if !checkout.TermsGone(err) {
			t.Fatal(err)
		}
		now, err := m.Checkout.Again(ctx, q.Token, who)
		m.Must(err)
		if now.Now.Order.Earnest != 1000 || now.Now.Order.Presale == nil || now.Now.Order.Goods != q.Order.Goods {
			t.Errorf("quoted anew: earnest %d, presale %v, goods %d", now.Now.Order.Earnest, now.Now.Order.Presale,
				now.Now.Order.Goods)
		}
		m.Checkout.PlugPresales(tradetest.Presales{})
		if got, err := m.Checkout.Again(ctx, q.Token, who); fault.Of(err) != fault.NotFound || got.Now.Token != "" {
			t.Errorf("once it is over: %v, a token of %d", err, got.Now.Order.Total)
		}
	})
}
