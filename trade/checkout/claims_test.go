package checkout_test

import (
	"context"
	"testing"
	"time"

	"hutong/base/fault"
	"hutong/deal/promo"
	"hutong/trade/checkout"
	"hutong/trade/tradetest"
)

// TestNoQuoteOutlivesTheVoucherItRestsOn: a voucher that ends before its promotion ends the promise of its price too; one
// that takes nothing off does not.
func TestNoQuoteOutlivesTheVoucherItRestsOn(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		who, home, lines := reference(m)
		soon, later := m.Clock.Now().Add(time.Minute), m.Clock.Now().Add(2*time.Minute)
		m.Deals.Held[who] = []promo.Claimed{{Promotion: "packet", Claim: "vch_1", Until: later},
			{Promotion: "gone", Claim: "vch_2", Until: soon}}
		q := m.Quote(who, home, lines...)
		if q.Order.Goods != 48780 || !q.ExpiresAt.Equal(later) || !q.Order.ExpiresAt.Equal(later) {
			t.Fatalf("goods %d, promised until %s, want %s", q.Order.Goods, q.ExpiresAt, later)
		}
		m.Clock.Advance(2 * time.Minute)
		_, err := m.Checkout.Place(context.Background(), checkout.Place{Token: q.Token, Shopper: who})
		if !fault.Is(err, "checkout.expired") {
			t.Errorf("placed with a voucher that is over: %v", err)
		}
	})
}
