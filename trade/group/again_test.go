package group_test

import (
	"slices"
	"testing"

	"hutong/base/fault"
	"hutong/base/text"
	"hutong/deal/promo"
	"hutong/deal/promo/redpacket"
	"hutong/deal/promo/voucher"
	"hutong/trade/checkout"
	"hutong/trade/group"
)

// TestAPlaceTakesTheShoppersVouchersAlong: a page names the place in a group and chooses no vouchers. Where the group's
// price lets them stack, they come off it; a place that is named among claims is used with those alone.
func TestAPlaceTakesTheShoppersVouchersAlong(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		goods := b.goods(9)
		o := b.open(goods, group.SetUp{Steps: []group.Step{{Size: 3, Price: 2990}}, Stacks: true})
		all, err := b.Groups.Promotions(ctx)
		b.Must(err)
		b.Hold(append(all, promo.Promotion{ID: "off", Version: 1, Kind: voucher.Name, Claim: true,
			Terms: &voucher.Terms{Threshold: 1000, Off: 100}}))
		who := b.buyer()
		b.Deals.Held = map[string][]promo.Claimed{who.id: {{Promotion: "off", Claim: "vch_1"}}}
		basket := checkout.Basket{Lines: []checkout.BasketLine{{Offer: o.Goods, Quantity: 1}}, Address: who.home, Lang: text.Zh}
		basket.Group = group.ClaimOpen(o.ID, false)
		q, err := b.Checkout.Quote(ctx, who.id, basket)
		if err != nil || q.Order.Goods != 2890 {
			t.Errorf("goods %d, %v", q.Order.Goods, err)
		}
		basket.Group, basket.Claims = "", []string{basket.Group}
		if q, err = b.Checkout.Quote(ctx, who.id, basket); err != nil || q.Order.Goods != 2990 {
			t.Errorf("named: goods %d, %v", q.Order.Goods, err)
		}
	})
}

// TestAPlaceIsSoldWithTheBestOfVouchers: beside a place in a group, too, a voucher of 1.00 that bars a packet of 5.00 is
// left out, and told as beaten. The place itself is what was asked for: it stays, though a voucher that the group's price
// bars would make the goods cheaper alone.
func TestAPlaceIsSoldWithTheBestOfVouchers(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		goods := b.goods(9)
		o := b.open(goods, group.SetUp{Steps: []group.Step{{Size: 3, Price: 2990}}, Stacks: true})
		alone := b.open(b.goods(9), group.SetUp{Steps: []group.Step{{Size: 3, Price: 2990}}})
		all, err := b.Groups.Promotions(ctx)
		b.Must(err)
		b.Hold(append(all,
			promo.Promotion{ID: "small", Version: 1, Kind: voucher.Name, Claim: true, Excludes: []string{"packet"},
				Terms: &voucher.Terms{Threshold: 1000, Off: 100}},
			promo.Promotion{ID: "packet", Version: 1, Kind: redpacket.Name, Claim: true, Terms: &redpacket.Terms{Off: 500}},
			promo.Promotion{ID: "huge", Version: 1, Kind: voucher.Name, Claim: true, Scope: promo.Scope{SKUs: []string{alone.SKU}},
				Terms: &voucher.Terms{Threshold: 1000, Off: 3000}}))
		who := b.buyer()
		b.Deals.Held = map[string][]promo.Claimed{who.id: {{Promotion: "small", Claim: "vch_1"},
			{Promotion: "packet", Claim: "vch_2"}, {Promotion: "huge", Claim: "vch_3"}}}
		for goods, want := range map[string]int64{o.Goods: 2490, alone.Goods: 2990} {
			place := o
			if goods == alone.Goods {
				place = alone
			}
			basket := checkout.Basket{Lines: []checkout.BasketLine{{Offer: goods, Quantity: 1}}, Address: who.home, Lang: text.Zh}
			basket.Group = group.ClaimOpen(place.ID, false)
			q, err := b.Checkout.Quote(ctx, who.id, basket)
			if err != nil || q.Order.Goods != want {
				t.Errorf("goods %d, want %d, %v", q.Order.Goods, want, err)
			}
			if want == 2490 && !slices.Contains(q.Why.Refused, promo.Refused{Promotion: "small", Claim: "vch_1", Code: promo.RefusedBeaten}) {
				t.Errorf("%+v", q.Why.Refused)
			}
		}
	})
}

// TestR22_APlaceInAPrivateGroupIsQuotedAnew: a token that lapsed is answered with the place again, though it keeps the
// group's id and not its code; a stranger who knows the id alone is not let in.
func TestR22_APlaceInAPrivateGroupIsQuotedAnew(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.trio(9)
		g := b.mine(b.paid(o, group.ClaimOpen(o.ID, true))).Group
		who := b.buyer()
		q, err := b.quote(who, o, join(g))
		b.Must(err)
		b.Clock.Set(q.ExpiresAt)
		_, err = b.Checkout.Place(ctx, checkout.Place{Token: q.Token, Shopper: who.id})
		if !checkout.TermsGone(err) {
			t.Fatal(err)
		}
		now, err := b.Checkout.Again(ctx, q.Token, who.id)
		if err != nil || now.Now.Order.Goods != q.Order.Goods || now.Now.Token == "" {
			t.Errorf("quoted anew for %d, was %d: %v", now.Now.Order.Goods, q.Order.Goods, err)
		}
		if _, err := b.quote(b.buyer(), o, string(g.ID)); !fault.Is(err, "group.not_found") {
			t.Error(err)
		}
	})
}
