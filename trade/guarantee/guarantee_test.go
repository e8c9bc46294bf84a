package guarantee_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"hutong/base/fault"
	"hutong/deal/promo"
	"hutong/trade/checkout"
	"hutong/trade/order"
)

// off is 15 % off an offer's list price of 199.00.
const off = `{"id":"off15","kind":"direct","rate_ppm":150000,"skus":[%q]}`

// TestT18_PriceGuarantee is RULES 1.8, number by number.
func TestT18_PriceGuarantee(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.goods(19900)
		b.Publish(fmt.Sprintf(off, o.SKU))
		one, two := b.got(o, 1), b.got(o, 2)
		if l := b.order(one).Lines()[0]; l.Paid != 16915 {
			t.Fatalf("paid %d", l.Paid)
		}
		if n := b.refund(two, 1, "one of two"); n != 16915 {
			t.Fatalf("a piece brought %d", n)
		}
		b.Clock.Advance(9 * day)
		b.Publish() // the sale is over, and the shop's price falls
		b.price(o, 15900)
		if c := b.claim(one); c.Amount != 1015 || c.Each != 1015 || c.Reason != "" {
			t.Errorf("day 9: %+v", c)
		}
		if c := b.claim(one); c.Amount != 0 {
			t.Errorf("the same day again: %+v", c)
		}
		b.tick()
		b.tick()
		if b.back(one) != 1015 || b.back(two) != 16915+1015 {
			t.Errorf("%d and %d went back", b.back(one), b.back(two))
		}
		if w := b.written(two); !slices.Equal(w, []string{"1 16915-15900 1015x1=1015 v2[]"}) {
			t.Errorf("evidence %q", w)
		}
		b.Clock.Advance(6*day - time.Microsecond)
		b.price(o, 15800)
		if c := b.claim(one); c.Amount != 100 {
			t.Errorf("at the last instant, from the last protected price: %+v", c)
		}
		b.Clock.Advance(time.Microsecond) // day 15, 00:00
		b.price(o, 10000)
		if _, err := b.G.Claim(ctx, one.who, one.Order, 1); !fault.Is(err, "guarantee.window_closed") {
			t.Errorf("day 15: %v", err)
		}
		b.tick()
		if b.back(one) != 1115 || b.back(two) != 16915+1015 {
			t.Errorf("after the end: %d and %d", b.back(one), b.back(two))
		}
		all, err := b.G.OfOrder(ctx, one.who, one.Order)
		if err != nil || len(all) != 1 || all[0].Given != 1115 || all[0].Claims != 2 {
			t.Errorf("the page sees %+v %v", all, err)
		}
	})
}

// TestM17_AnothersVoucherIsNoLowerPrice: what a shopper claims lowers no public price, neither then nor now.
func TestM17_AnothersVoucherIsNoLowerPrice(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.goods(10000)
		voucher := fmt.Sprintf(`{"id":"vch","kind":"price","unit_price":8000,"skus":[%q],"claim":true}`, o.SKU)
		b.Publish(voucher)
		first := b.got(o, 1)
		who, home := b.Shopper()
		b.Deals.Held = map[string][]promo.Claimed{who: {{Promotion: "vch", Claim: "vch_1"}}}
		p := bought{who, b.Place(who, home, checkout.BasketLine{Offer: string(o.ID), Quantity: 1})}
		if l := b.order(p).Lines()[0]; l.Paid != 8000 {
			t.Fatalf("with the voucher %d", l.Paid)
		}
		if c := b.claim(first); c.Amount != 0 || c.Reason != "" {
			t.Errorf("another's voucher brought %+v", c)
		}
		b.Publish(voucher, fmt.Sprintf(`{"id":"all","kind":"price","unit_price":9000,"skus":[%q]}`, o.SKU))
		if c := b.claim(first); c.Amount != 1000 {
			t.Errorf("everybody's price brought %+v", c)
		}
		if w := b.written(first); len(w) != 1 || w[0] != `1 10000-9000 1000x1=1000 v1[["all",1]]` {
			t.Errorf("evidence %q", w)
		}
		if c := b.claim(first); c.Amount != 0 {
			t.Errorf("a second time %+v", c)
		}
	})
}

// TestP6_ClaimCountsInTheRefundCeiling: who gives goods back after a claim gets what is left of the price.
func TestP6_ClaimCountsInTheRefundCeiling(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.goods(10000)
		p := b.got(o, 2)
		b.price(o, 4000)
		b.tick()
		if b.back(p) != 12000 {
			t.Fatalf("%d went back", b.back(p))
		}
		if n := b.refund(p, 2, "all"); n != 8000 {
			t.Errorf("both pieces brought %d", n)
		}
		if b.back(p) != 20000 {
			t.Errorf("%d of 20000 in all", b.back(p))
		}
		b.price(o, 100)
		if c := b.claim(p); c.Amount != 0 || b.back(p) != 20000 {
			t.Errorf("for pieces that were given back: %+v", c)
		}
	})
}

// TestP16_OnlyTheBuyersReceivedGoodsAndSoOften: no claim by others, for goods under way, or without end.
func TestP16_OnlyTheBuyersReceivedGoodsAndSoOften(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.goods(10000)
		p := b.paid(o, 1)
		b.tell()
		b.price(o, 9900)
		b.tick()
		if _, err := b.G.Claim(ctx, p.who, p.Order, 1); !fault.Is(err, "guarantee.not_protected") || b.back(p) != 0 {
			t.Errorf("before it came: %v, %d back", err, b.back(p))
		}
		b.arrive(p)
		other, _ := b.Shopper()
		for _, who := range []string{other, ""} {
			if _, err := b.G.Claim(ctx, who, p.Order, 1); !fault.Is(err, "order.not_found") {
				t.Errorf("by another: %v", err)
			}
		}
		most := b.G.Settings().Claims
		for n := range most + 3 {
			b.price(o, 9000-n)
			b.tick()
		}
		if want := 10000 - (9000 - (most - 1)); b.back(p) != want {
			t.Errorf("%d went back, want %d for %d claims", b.back(p), want, most)
		}
		if c := b.claim(p); c.Amount != 0 || c.Reason != "guarantee.used_up" {
			t.Errorf("once more: %+v", c)
		}
	})
}

// TestTheShopPaysForItsOwnPriceOnly: a lower price that the market pays for is written down and not given back.
func TestTheShopPaysForItsOwnPriceOnly(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.Set.Budget = 0
		o := b.goods(10000)
		p := b.got(o, 1)
		b.Publish(fmt.Sprintf(`{"id":"sub","kind":"price","unit_price":9000,"skus":[%q],
			"funding":[{"party":"platform","ppm":1000000}]}`, o.SKU))
		for range 3 {
			b.Clock.Advance(day)
			b.tick()
		}
		if w := b.written(p); b.back(p) != 0 || len(w) != 1 ||
			w[0] != `1 10000-9000 0x1=0guarantee.platform_funded v1[["sub",1]]` {
			t.Errorf("%d back, %q", b.back(p), w)
		}
		b.Publish()
		b.price(o, 9500)
		b.tick()
		if b.back(p) != 500 {
			t.Errorf("the shop's own fall brought %d", b.back(p))
		}
	})
}

// TestLookedAtOnceADay: a promotion tells nobody that it began; the daily look finds it, and looks once.
func TestLookedAtOnceADay(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.goods(10000)
		p := b.got(o, 3)
		b.tick()
		b.Publish(fmt.Sprintf(`{"id":"low","kind":"price","unit_price":9000,"skus":[%q]}`, o.SKU))
		b.Clock.Advance(day - time.Second)
		if n, err := b.G.Look(ctx); n != 0 || err != nil || b.back(p) != 0 {
			t.Errorf("looked at %d within a day: %v", n, err)
		}
		b.Clock.Advance(time.Second)
		if n, err := b.G.Look(ctx); n != 1 || err != nil || b.back(p) != 3000 {
			t.Errorf("looked at %d, %d back: %v", n, b.back(p), err)
		}
		b.Must(b.Offers.Withdraw(ctx, o.Shop, o.ID))
		if _, err := b.G.Claim(ctx, p.who, p.Order, 1); !fault.Is(err, "guarantee.off_sale") {
			t.Errorf("off sale: %v", err)
		}
		for range 20 {
			b.Clock.Advance(day)
			b.tick()
		}
		b.tell()
		if n, err := b.G.Look(ctx); n != 0 || err != nil {
			t.Errorf("looked at %d after the end: %v", n, err)
		}
	})
}

// TestAPromotionThatBeginsIsFoundAtOnce: a window that opens within the day, on the very SKU, is not left to the daily
// look, and is acted on once.
func TestAPromotionThatBeginsIsFoundAtOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.goods(10000)
		p := b.got(o, 1)
		b.tick()
		b.Publish(fmt.Sprintf(`{"id":"low","kind":"price","unit_price":9000,"skus":[%q],"from":%q}`, o.SKU,
			b.Clock.Now().Add(time.Hour).Format(time.RFC3339)))
		for _, want := range []struct {
			found int
			back  int64
		}{{0, 0}, {1, 1000}, {0, 1000}} {
			found, err := b.G.LookAtRules(ctx)
			b.Must(err)
			if b.tick(); found != want.found || b.back(p) != want.back {
				t.Errorf("%d found, %d back; want %+v", found, b.back(p), want)
			}
			b.Clock.Advance(time.Hour)
		}
	})
}

// TestAClaimAfterCompletionComesOutOfTheShopsCredit holds the books together once money was settled.
func TestAClaimAfterCompletionComesOutOfTheShopsCredit(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.goods(10000)
		p := b.got(o, 2)
		b.Must(b.Orders.Receive(ctx, p.who, p.Order, 1))
		b.tell()
		b.price(o, 9000)
		b.tick()
		if l := b.order(p).Lines()[0]; b.back(p) != 2000 || l.Lowered != 2000 || b.order(p).State != order.Completed {
			t.Errorf("%d back, %+v", b.back(p), l)
		}
	})
}
