package checkout_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/deal/promo"
	"hutong/deal/quota"
	"hutong/funds/settle"
	"hutong/goods/stock"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/tradetest"
)

// used tells how much of quotas is taken.
func used(m *tradetest.Market, names ...string) []int64 {
	all := make([]int64, len(names))
	m.Must(m.DB.Read(context.Background(), func(tx *db.Tx) error {
		counts, err := quota.Counts(tx, names)
		for i, n := range names {
			all[i] = counts[n].Used
		}
		return err
	}))
	return all
}

// reference sets up basket E1 of RULES 1.6: its shops, offers, promotions and a shopper who holds the red packet.
func reference(m *tradetest.Market) (who, home string, lines []checkout.BasketLine) {
	a, b := m.Shop("shop-a"), m.Shop("shop-b")
	a1, a2, b1 := m.Sell(a, "a1", 19900, 9), m.Sell(a, "a2", 8990, 9), m.Sell(b, "b1", 25900, 9)
	m.Publish(
		fmt.Sprintf(`{"id":"spend-a","kind":"spend","shop":%q,"tiers":[{"threshold":30000,"off":4000}]}`, a),
		`{"id":"cross","kind":"crossshop","every":30000,"off":5000,"budget":10000000,
			"funding":[{"party":"platform","ppm":500000},{"party":"merchant","ppm":500000}]}`,
		`{"id":"packet","kind":"redpacket","off":1000,"claim":true,"funding":[{"party":"platform","ppm":1000000}]}`)
	who, home = m.Shopper()
	m.Deals.Held = map[string][]promo.Claimed{who: {{Promotion: "packet", Claim: "vch_1"}}}
	return who, home, []checkout.BasketLine{line(string(a1.ID), 1), line(string(a2.ID), 2), line(string(b1.ID), 1)}
}

// TestReferenceBasketIsPlaced holds the order of basket E1 against the printed shares, and what it takes and gives
// back.
func TestReferenceBasketIsPlaced(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		who, home, lines := reference(m)
		q := m.Quote(who, home, lines...)
		if q.Order.Goods != 48780 || q.Why.Total != 48780 || len(q.Why.Applied) != 3 {
			t.Fatalf("goods %d, why %+v", q.Order.Goods, q.Why.Applied)
		}
		p, err := m.Checkout.Place(context.Background(), checkout.Place{Token: q.Token, Shopper: who})
		m.Must(err)
		o, err := m.Orders.Any(context.Background(), p.Order)
		m.Must(err)
		want := [][3]int64{{14524, 5376, 1489 + 298}, {13122, 4858, 1345 + 269}, {21134, 4766, 2167 + 433}}
		for i, l := range o.Lines() {
			if got := [3]int64{l.Paid, l.Discount, l.Funded}; got != want[i] {
				t.Errorf("line %d: paid, discount, funded %v, want %v", i+1, got, want[i])
			}
			kept, err := order.DecodeDiscounts(l.Discounts)
			if sum := order.Funded(kept); err != nil || sum != l.Funded || len(kept) < 2 {
				t.Errorf("line %d keeps %+v %v", i+1, kept, err)
			}
		}
		takes := []string{quota.Budget("cross"), quota.Voucher("vch_1")}
		if got := used(m, takes...); got[0] != 10000 || got[1] != 1 || o.Rules != 1 {
			t.Fatalf("uses %v under rules %d", got, o.Rules)
		}
		m.Must(m.Orders.Cancel(context.Background(), who, p.Order))
		if got := used(m, takes...); got[0] != 0 || got[1] != 0 {
			t.Fatalf("a cancelled order still uses %v", got)
		}
	})
}

// TestR8_LateMoneyWhoseBudgetIsGoneLeavesTheStock: a payment that comes after its order lapsed takes back everything
// that the order used, or nothing of it: the pieces of one whose budget went elsewhere stay free.
func TestR8_LateMoneyWhoseBudgetIsGoneLeavesTheStock(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		o := m.Sell(m.Shop("shop"), "a", 100000, 10)
		m.Publish(`{"id":"one","kind":"subsidy","off":50000,"budget":50000,"funding":[{"party":"platform","ppm":1000000}]}`)
		place := func() checkout.Placed {
			who, home := m.Shopper()
			q := m.Quote(who, home, line(string(o.ID), 1))
			p, err := m.Checkout.Place(context.Background(), checkout.Place{Token: q.Token, Shopper: who})
			m.Must(err)
			return p
		}
		late := place()
		m.Clock.Set(late.ExpiresAt)
		if n, err := m.Orders.Expire(context.Background()); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		place()
		before := m.Pool(o.Pool)
		if v := m.Capture(late, "late"); v.Taken || v.Reason != "order.no_stock" {
			t.Fatalf("a budget is used twice: %+v", v)
		}
		if now := m.Pool(o.Pool); now != before || now.Free() != 9 || now.Sold != 0 {
			t.Fatalf("the pieces of a payment that went back: %+v, before %+v", now, before)
		}
	})
}

// storm places tokens all at once and tells how many orders there are; every refusal must be one of the codes.
func storm(t *testing.T, m *tradetest.Market, tokens []string, who func(i int) string, codes ...string) (placed int64) {
	t.Helper()
	var wg sync.WaitGroup
	var n atomic.Int64
	for i, token := range tokens {
		wg.Go(func() {
			_, err := m.Checkout.Place(context.Background(), checkout.Place{Token: token, Shopper: who(i)})
			switch f := fault.As(err); {
			case err == nil:
				n.Add(1)
			case f == nil || !contains(codes, f.Code):
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	wg.Wait()
	return n.Load()
}

func contains(all []string, one string) bool {
	for _, s := range all {
		if s == one {
			return true
		}
	}
	return false
}

// TestR5_BudgetForTwo: a subsidy of 500.00 with a budget for two, quoted to 200 at once; the third sees the full price
// before paying, and a lapsed order's part is there for the next (T1.7).
func TestR5_BudgetForTwo(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		o := m.Sell(m.Shop("shop-a"), "phone", 599900, 1000)
		m.Publish(`{"id":"ten","kind":"subsidy","off":50000,"budget":100000,"funding":[{"party":"platform","ppm":1000000}]}`)
		who, home := m.Shopper()
		tokens := make([]string, 200)
		for i := range tokens {
			q := m.Quote(who, home, line(string(o.ID), 1))
			if tokens[i] = q.Token; q.Order.Goods != 549900 {
				t.Fatalf("goods %d", q.Order.Goods)
			}
		}
		n := storm(t, m, tokens, func(int) string { return who }, "promo.exhausted")
		if got := used(m, quota.Budget("ten"))[0]; n != 2 || got != 100000 || m.Pool(o.Pool).Held != 2 {
			t.Fatalf("%d orders, %d of the budget used, %d held", n, got, m.Pool(o.Pool).Held)
		}
		q := m.Quote(who, home, line(string(o.ID), 1))
		if q.Order.Goods != 599900 || q.Why.Refused[0].Code != "promo.exhausted" {
			t.Fatalf("the third sees %d: %+v", q.Order.Goods, q.Why.Refused)
		}
		m.Clock.Advance(time.Hour)
		_, err := m.Orders.Expire(context.Background())
		m.Must(err)
		if got := used(m, quota.Budget("ten"))[0]; got != 0 || m.Pool(o.Pool).Held != 0 {
			t.Fatalf("%d of the budget and %d pieces are stranded", got, m.Pool(o.Pool).Held)
		}
	})
}

// TestOneVoucherThousandTimes: one use, the others are told so, and nothing of theirs is kept.
func TestOneVoucherThousandTimes(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		who, home, lines := reference(m)
		token := m.Quote(who, home, lines...).Order
		tokens := make([]string, 1000)
		for i := range tokens {
			var err error
			tokens[i], err = m.Checkout.Seal(token)
			m.Must(err)
		}
		n := storm(t, m, tokens, func(int) string { return who }, "promo.claim_used", "stock.sold_out")
		if got := used(m, quota.Voucher("vch_1"), quota.Budget("cross")); n != 1 || got[0] != 1 || got[1] != 10000 {
			t.Fatalf("%d orders, uses %v", n, got)
		}
	})
}

// flash publishes a price with pieces of its own, so many for each shopper, until noon.
func flash(m *tradetest.Market, o string, sku string, pool stock.PoolID) {
	m.Publish(fmt.Sprintf(`{"id":"flash","kind":"price","unit_price":990,"skus":[%q],"pool":%q,"per_shopper":1,
		"until":"2026-11-11T12:00:00Z"}`, sku, pool))
}

// TestR6_LimitInFiftyTabs: one shopper, limit 1, 50 tabs: one order; when it lapses the shopper may order again.
func TestR6_LimitInFiftyTabs(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		shop := m.Shop("shop-a")
		o, own := m.Sell(shop, "tea", 9900, 5), m.Sell(shop, "own", 1, 1000)
		flash(m, string(o.ID), o.SKU, own.Pool)
		who, home := m.Shopper()
		tokens := make([]string, 50)
		for i := range tokens {
			tokens[i] = m.Quote(who, home, line(string(o.ID), 1)).Token
		}
		n := storm(t, m, tokens, func(int) string { return who }, "promo.limit_reached")
		if p := m.Pool(own.Pool); n != 1 || p.Held != 1 || m.Pool(o.Pool).Held != 0 {
			t.Fatalf("%d orders, %d held of the flash's own pool", n, p.Held)
		}
		q := m.Quote(who, home, line(string(o.ID), 1))
		if q.Order.Goods != 9900 || q.Why.Refused[0].Code != "promo.limit_reached" {
			t.Fatalf("above the limit: %d %+v", q.Order.Goods, q.Why.Refused)
		}
		m.Clock.Advance(time.Hour)
		_, err := m.Orders.Expire(context.Background())
		m.Must(err)
		if q := m.Quote(who, home, line(string(o.ID), 1)); q.Order.Goods != 990 {
			t.Fatalf("after the order lapsed: %d", q.Order.Goods)
		}
	})
}

// TestThousandShoppersForHundredPieces of a flash sale with its own pool: 100 sold, 900 told so, nothing stranded.
func TestThousandShoppersForHundredPieces(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		shop := m.Shop("shop-a")
		o, own := m.Sell(shop, "tea", 9900, 5), m.Sell(shop, "own", 1, 100)
		flash(m, string(o.ID), o.SKU, own.Pool)
		tokens, whos := make([]string, 1000), make([]string, 1000)
		for i := range tokens {
			var home string
			whos[i], home = m.Shopper()
			tokens[i] = m.Quote(whos[i], home, line(string(o.ID), 1)).Token
		}
		n := storm(t, m, tokens, func(i int) string { return whos[i] }, "stock.sold_out")
		limits := int64(0)
		for _, who := range whos {
			limits += used(m, quota.Limit("flash", who))[0]
		}
		if p := m.Pool(own.Pool); n != 100 || p.Held != 100 || p.Free() != 0 || limits != 100 {
			t.Fatalf("%d sold, pool %+v, %d pieces counted against limits", n, p, limits)
		}
	})
}

// TestNoPromiseOutlivesItsPromotion: a quote made just before the end is good until the end and not at it (R19).
func TestNoPromiseOutlivesItsPromotion(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		shop := m.Shop("shop-a")
		o, own := m.Sell(shop, "tea", 9900, 5), m.Sell(shop, "own", 1, 100)
		flash(m, string(o.ID), o.SKU, own.Pool)
		who, home := m.Shopper()
		other, there := m.Shopper()
		end := time.Date(2026, 11, 11, 12, 0, 0, 0, time.UTC)
		m.Clock.Set(end.Add(-time.Minute))
		q, late := m.Quote(who, home, line(string(o.ID), 1)), m.Quote(other, there, line(string(o.ID), 1))
		m.Clock.Set(end.Add(-time.Millisecond))
		_, err := m.Checkout.Place(context.Background(), checkout.Place{Token: q.Token, Shopper: who})
		m.Must(err)
		m.Clock.Set(end)
		_, err = m.Checkout.Place(context.Background(), checkout.Place{Token: late.Token, Shopper: other})
		if !fault.Is(err, "checkout.expired") {
			t.Fatalf("at the very end: %v", err)
		}
		if q := m.Quote(who, home, line(string(o.ID), 1)); q.Order.Goods != 9900 {
			t.Fatalf("after the end it costs %d", q.Order.Goods)
		}
	})
}

// TestP14_WithdrawnPromotionEndsItsQuotes is the kill switch: a promotion that was withdrawn takes its price away from
// quotes made before; others keep theirs.
func TestP14_WithdrawnPromotionEndsItsQuotes(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		o := m.Sell(m.Shop("shop-a"), "tea", 9900, 50)
		half := `{"id":"half","kind":"direct","rate_ppm":500000}`
		m.Publish(half)
		who, home := m.Shopper()
		first, second := m.Quote(who, home, line(string(o.ID), 1)), m.Quote(who, home, line(string(o.ID), 1))
		m.Publish(half, `{"id":"more","kind":"crossshop","every":30000,"off":5000}`)
		p, err := m.Checkout.Place(context.Background(), checkout.Place{Token: first.Token, Shopper: who})
		m.Must(err)
		if p.Total != 4950+tradetest.Freight {
			t.Fatalf("a new version of the rules changed a quote: %d", p.Total)
		}
		m.Publish()
		if again, err := m.Checkout.Place(context.Background(), checkout.Place{Token: first.Token, Shopper: who}); err != nil ||
			again.Order != p.Order {
			t.Fatalf("an order that was placed is told of again as %+v %v", again, err) // R1
		}
		_, err = m.Checkout.Place(context.Background(), checkout.Place{Token: second.Token, Shopper: who})
		if !fault.Is(err, "checkout.deal_over") {
			t.Fatalf("withdrawn: %v", err)
		}
	})
}

// TestM8_AnOrderThatCostsNothing is paid as it is placed, with its stock and its limit taken, and asks no wallet; what
// the platform pays for it still reaches the shop (M9, M10: what is taken off never passes the price).
func TestM8_AnOrderThatCostsNothing(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		o := m.Sell(m.Shop("shop-a"), "sample", 990, 5)
		m.Publish(`{"id":"free","kind":"subsidy","off":990,"per_shopper":1,"funding":[{"party":"platform","ppm":1000000}]}`,
			`{"id":"more","kind":"redpacket","off":5000}`)
		who, home := m.Shopper()
		q := m.Quote(who, home, line(string(o.ID), 1))
		if q.Order.Goods != 0 {
			t.Fatalf("goods %d", q.Order.Goods)
		}
		q.Order.Subs[0].Freight, q.Order.Freight, q.Order.Total = 0, 0, 0 // a shop that delivers free of charge
		token, err := m.Checkout.Seal(q.Order)
		m.Must(err)
		p, err := m.Checkout.Place(context.Background(), checkout.Place{Token: token, Shopper: who})
		m.Must(err)
		got, err := m.Orders.Any(context.Background(), p.Order)
		m.Must(err)
		pool := m.Pool(o.Pool)
		if p.State != order.Paid || got.State != order.Paid || got.PaidAt.IsZero() || pool.Sold != 1 || pool.Held != 0 {
			t.Fatalf("placed %s, is %s, pool %+v", p.State, got.State, pool)
		}
		if l := got.Lines()[0]; l.Paid != 0 || l.Discount != 990 || l.Funded != 990 || len(got.Steps) != 1 {
			t.Fatalf("line %+v steps %+v", l, got.Steps)
		}
		if again, err := m.Checkout.Place(context.Background(), checkout.Place{Token: token, Shopper: who}); err != nil ||
			again.State != order.Paid {
			t.Fatal(again, err)
		}
	})
}

// TestM3_TheLongestOrderHasAToken: a hundred lines with the longest texts, each under four promotions with two funders.
func TestM3_TheLongestOrderHasAToken(t *testing.T) {
	m := tradetest.New(t, dbtest.SQLite(t, db.Options{}, tradetest.Schemas()...))
	who, _ := m.Shopper()
	long := strings.Repeat("x", 150)
	o := order.Order{Shopper: who, Currency: "CNY", Address: m.IDs.New("adr"), Lang: text.Zh, Rules: 1 << 40,
		ExpiresAt: m.Clock.Now().Add(time.Minute)}
	for range 10 {
		sub := order.Sub{Shop: m.IDs.New("shp"), Carrier: "courier"}
		for range 10 {
			l := order.Line{Offer: m.IDs.New("off"), Product: m.IDs.New("prd"), SKU: m.IDs.New("sku"), Pool: m.IDs.New("pol"),
				Title: long, Choice: long, Picture: m.IDs.New("pic"), FeeRule: m.IDs.New("fee"), Quantity: 9_999,
				UnitPrice: 1_000_000, PriceVersion: 1 << 40, Paid: 9_999_000_000}
			var all []order.Discount
			for range 4 {
				all = append(all, order.Discount{Promotion: m.IDs.New("prm"), Version: 1 << 30, Kind: "crossshop",
					Claim: m.IDs.New("vch"), Amount: 1_000_000_000, Funding: []settle.Share{
						{Party: "platform", Amount: 500_000_000}, {Party: order.Merchant, Amount: 500_000_000}}})
			}
			m.Must(l.Take(all))
			sub.Lines = append(sub.Lines, l)
			o.Needs = append(o.Needs, quota.Need{Quota: quota.Limit(m.IDs.New("enr"), who), Amount: 9_999, Cap: 9_999,
				Code: "promo.limit_reached"})
		}
		o.Subs = append(o.Subs, sub)
	}
	token, err := m.Checkout.Seal(o)
	m.Must(err)
	if len(token) > m.Checkout.TokenMax() {
		t.Fatalf("the token has %d bytes, at most %d are looked at", len(token), m.Checkout.TokenMax())
	}
	// It is opened, and refused for its promotions, which are not there.
	_, err = m.Checkout.Place(context.Background(), checkout.Place{Token: token, Shopper: who})
	if !fault.Is(err, "checkout.deal_over") {
		t.Fatalf("%d bytes: %v", len(token), err)
	}
}

// TestWholesaleIsSoldAtPlainPrices: a market that allows larger lines than the engine prices still sells them.
func TestWholesaleIsSoldAtPlainPrices(t *testing.T) {
	m := tradetest.New(t, dbtest.SQLite(t, db.Options{}, tradetest.Schemas()...))
	set := checkout.DefaultSettings()
	set.QuantityMax = 100_000
	large, err := checkout.New(checkout.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Rand: rand.Reader,
		Key: make([]byte, checkout.KeyLen), Catalog: m.Catalog, Settle: m.Settle, Orders: m.Orders, Ship: m.Ship,
		Deals: m.Deals, Settings: set})
	m.Must(err)
	t.Cleanup(large.Close)
	o := m.Sell(m.Shop("shop-a"), "nail", 10, 80_000)
	m.Publish(`{"id":"half","kind":"direct","rate_ppm":500000}`)
	who, home := m.Shopper()
	for pieces, want := range map[int64]int64{9_999: 49_995, 74_215: 742_150} {
		q, err := large.Quote(context.Background(), who, checkout.Basket{Address: home, Lang: text.Zh,
			Lines: []checkout.BasketLine{line(string(o.ID), pieces)}})
		if err != nil || q.Order.Goods != want || q.Token == "" {
			t.Fatalf("%d pieces cost %d: %v %v", pieces, q.Order.Goods, q.Problems, err)
		}
	}
}

// TestP11_HoardingWithoutPaying: one shopper holds pieces of a sale in so many unpaid orders and no more; paying one,
// or letting it lapse, makes room for another. Whoever has too many is asked the ordinary price.
func TestP11_HoardingWithoutPaying(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		shop := m.Shop("shop-a")
		o, own := m.Sell(shop, "tea", 9900, 50), m.Sell(shop, "own", 1, 1000)
		m.Publish(fmt.Sprintf(`{"id":"flash","kind":"price","unit_price":990,"skus":[%q],"pool":%q}`, o.SKU, own.Pool))
		who, home := m.Shopper()
		most := checkout.DefaultSettings().UnpaidMax
		tokens := make([]string, 20)
		for i := range tokens {
			tokens[i] = m.Quote(who, home, line(string(o.ID), 1)).Token
		}
		if n := storm(t, m, tokens, func(int) string { return who }, "checkout.unpaid_max"); n != most {
			t.Fatalf("%d unpaid orders, at most %d", n, most)
		}
		q := m.Quote(who, home, line(string(o.ID), 1))
		if q.Order.Goods != 9900 || q.Why.Refused[0].Code != "checkout.unpaid_max" {
			t.Fatalf("with %d unpaid: %d %+v", most, q.Order.Goods, q.Why.Refused)
		}
		m.Clock.Advance(time.Hour)
		_, err := m.Orders.Expire(context.Background())
		m.Must(err)
		p := m.Place(who, home, line(string(o.ID), 1))
		if got := used(m, quota.Unpaid(who))[0]; got != 1 {
			t.Fatalf("%d unpaid after all but one lapsed", got)
		}
		m.Capture(p, "txn")
		if got := used(m, quota.Unpaid(who))[0]; got != 0 || m.Pool(own.Pool).Sold != 1 {
			t.Fatalf("a paid order still counts as unpaid: %d", got)
		}
	})
}

// TestP5_SplittingAndPadding: a limit counts pieces over all of a shopper's orders; a line that only padded the basket
// over a threshold gives back what was paid for it, and nothing of the others' shares moves (RULES 1.6b).
func TestP5_SplittingAndPadding(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		shop := m.Shop("shop-a")
		tea, pad := m.Sell(shop, "tea", 20000, 50), m.Sell(shop, "pad", 10000, 50)
		m.Publish(fmt.Sprintf(`{"id":"two","kind":"price","unit_price":19000,"skus":[%q],"per_shopper":2}`, tea.SKU),
			fmt.Sprintf(`{"id":"spend","kind":"spend","shop":%q,"tiers":[{"threshold":29000,"off":2900}]}`, shop))
		who, home := m.Shopper()
		for range 2 {
			m.Place(who, home, line(string(tea.ID), 1))
		}
		if q := m.Quote(who, home, line(string(tea.ID), 1)); q.Order.Goods != 20000 {
			t.Fatalf("the third piece, in a third order, costs %d", q.Order.Goods)
		}
		other, there := m.Shopper()
		p := m.Place(other, there, line(string(tea.ID), 1), line(string(pad.ID), 1))
		m.Capture(p, "txn")
		var out order.Refunded
		m.Must(m.DB.Write(context.Background(), func(tx *db.Tx) (err error) {
			out, err = m.Orders.Refund(tx, order.Refund{Order: p.Order, Seq: 1, Lines: []order.Units{{Line: 2, Units: 1}},
				Cause: order.Cause{Actor: "shopper", Why: "refunded", At: m.Clock.Now()}})
			return err
		}))
		o, err := m.Orders.Any(context.Background(), p.Order)
		m.Must(err)
		if out.Total != 9000 || o.Lines()[0].Paid != 17100 || o.Lines()[0].Refunded != 0 {
			t.Fatalf("the padding gave back %d, the other line is %+v", out.Total, o.Lines()[0])
		}
	})
}

// TestP4_RefundOfASubsidisedOrder: the shopper gets back what the shopper paid, the platform its part, piece by piece.
func TestP4_RefundOfASubsidisedOrder(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		o := m.Sell(m.Shop("shop-a"), "phone", 10001, 50)
		m.Publish(`{"id":"help","kind":"subsidy","off":3334,"budget":1000000,
			"funding":[{"party":"platform","ppm":1000000}]}`)
		who, home := m.Shopper()
		p := m.Place(who, home, line(string(o.ID), 3))
		m.Capture(p, "txn")
		back, budget := int64(0), used(m, quota.Budget("help"))[0]
		for range 3 {
			m.Must(m.DB.Write(context.Background(), func(tx *db.Tx) error {
				out, err := m.Orders.Refund(tx, order.Refund{Order: p.Order, Seq: 1, Lines: []order.Units{{Line: 1, Units: 1}},
					Cause: order.Cause{Actor: "shopper", Why: "refunded", At: m.Clock.Now()}})
				back += out.Total - out.Freight
				return err
			}))
		}
		got, err := m.Orders.Any(context.Background(), p.Order)
		m.Must(err)
		l := got.Lines()[0]
		if budget != 3*3334 || back != 3*(10001-3334) || l.FundedBack != 3*3334 || used(m, quota.Budget("help"))[0] != 0 {
			t.Fatalf("the budget gave %d; back: shopper %d, platform %d, budget still used %d", budget, back, l.FundedBack,
				used(m, quota.Budget("help"))[0])
		}
	})
}
