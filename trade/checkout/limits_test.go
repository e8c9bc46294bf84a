package checkout_test

import (
	"context"
	"fmt"
	"testing"

	"hutong/base/fault"
	"hutong/trade/checkout"
	"hutong/trade/tradetest"
)

// TestR6_ALimitIsTheOnePublishedNow: what a shopper may buy follows the promotion's newest version, up and down, also
// for who has bought some already; and so it does where a quote was made before.
func TestR6_ALimitIsTheOnePublishedNow(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		tea := m.Sell(m.Shop("shop-a"), "tea", 20000, 50)
		limit := func(n int) {
			m.Publish(fmt.Sprintf(`{"id":"low","kind":"price","unit_price":19000,"skus":[%q],"per_shopper":%d}`, tea.SKU, n))
		}
		who, home := m.Shopper()
		costs := func(n, want int64) checkout.Quote {
			t.Helper()
			q := m.Quote(who, home, line(string(tea.ID), n))
			if q.Order.Goods != want {
				t.Errorf("%d more pieces cost %d, want %d", n, q.Order.Goods, want)
			}
			return q
		}
		place := func(q checkout.Quote) error {
			_, err := m.Checkout.Place(context.Background(), checkout.Place{Token: q.Token, Shopper: who})
			return err
		}
		limit(5)
		m.Must(place(costs(1, 19000)))
		limit(2)
		costs(2, 40000)
		one, other := costs(1, 19000), costs(1, 19000)
		m.Must(place(one))
		if err := place(other); !fault.Is(err, "promo.limit_reached") {
			t.Errorf("a third of two: %v", err)
		}
		limit(1)
		costs(1, 20000)
		limit(8)
		costs(7, 140000)
		m.Must(place(costs(6, 6*19000)))
		costs(1, 20000)
		if u := used(m, "lim:low:"+who); u[0] != 8 {
			t.Errorf("%d pieces are counted", u[0])
		}
	})
}
