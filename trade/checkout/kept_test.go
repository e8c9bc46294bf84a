package checkout_test

import (
	"context"
	"slices"
	"testing"

	"hutong/deal/promo"
	"hutong/deal/quota"
	"hutong/trade/checkout"
	"hutong/trade/tradetest"
)

// TestM9_AVoucherIsNotSpentOnACent: where the shop's floor leaves a tenth of a voucher or less, it is kept unless the
// shopper names it, another that fits takes its place, and the shopper is told. What only the price itself cuts short is
// used as ever: its rest is lost.
func TestM9_AVoucherIsNotSpentOnACent(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		o := m.Sell(m.Shop("shop-a"), "tea", 10000, 90)
		m.Publish(`{"id":"big","kind":"redpacket","off":4000,"claim":true}`, `{"id":"small","kind":"redpacket","off":300,"claim":true}`)
		who, home := m.Shopper()
		big, small := promo.Claimed{Promotion: "big", Claim: "vch_1"}, promo.Claimed{Promotion: "small", Claim: "vch_2"}
		kept := promo.Refused{Promotion: "big", Claim: "vch_1", Code: promo.RefusedKept}
		ask := func(claims []string) checkout.Quote {
			t.Helper()
			q, err := m.Checkout.Quote(context.Background(), who, checkout.Basket{Address: home, Claims: claims,
				Lines: []checkout.BasketLine{line(string(o.ID), 1)}})
			m.Must(err)
			return q
		}
		for name, c := range map[string]struct {
			floor, goods int64
			held         []promo.Claimed
			claims       []string
			kept         bool
		}{
			"one cent":                {9999, 10000, []promo.Claimed{big}, nil, true},
			"one cent, but chosen":    {9999, 9999, []promo.Claimed{big}, []string{"vch_1"}, false},
			"a tenth":                 {9600, 10000, []promo.Claimed{big}, nil, true},
			"a cent above a tenth":    {9599, 9599, []promo.Claimed{big}, nil, false},
			"all of it":               {6000, 6000, []promo.Claimed{big}, nil, false},
			"another fits":            {9650, 9700, []promo.Claimed{big, small}, nil, true},
			"both would be wasted":    {9999, 10000, []promo.Claimed{big, small}, nil, true},
			"the other stands before": {9650, 9700, []promo.Claimed{small, big}, nil, true},
		} {
			floor(m, o, c.floor)
			m.Deals.Held = map[string][]promo.Claimed{who: c.held}
			if q := ask(c.claims); q.Order.Goods != c.goods || slices.Contains(q.Why.Refused, kept) != c.kept {
				t.Errorf("%s: goods %d, refused %+v, applied %+v", name, q.Order.Goods, q.Why.Refused, q.Why.Applied)
			}
		}
		m.Deals.Held = map[string][]promo.Claimed{who: {big}}
		for i, want := range []int64{0, 1} {
			floor(m, o, []int64{9999, 9000}[i])
			_, err := m.Checkout.Place(context.Background(), checkout.Place{Shopper: who, Token: ask(nil).Token})
			m.Must(err)
			if got := used(m, quota.Voucher("vch_1"))[0]; got != want {
				t.Errorf("placed at floor %d: %d used", i, got)
			}
		}
		cheap := m.Sell(o.Shop, "pin", 100, 9) // the price alone cuts it short
		m.Deals.Held = map[string][]promo.Claimed{who: {{Promotion: "big", Claim: "vch_3"}}}
		if q := m.Quote(who, home, line(string(cheap.ID), 1)); q.Order.Goods != 0 || len(q.Why.Applied) != 1 {
			t.Errorf("without a floor: goods %d", q.Order.Goods)
		}
	})
}
