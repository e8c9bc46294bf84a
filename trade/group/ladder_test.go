package group_test

import (
	"testing"

	"hutong/base/text"
	"hutong/deal/promo"
	"hutong/deal/promo/direct"
	"hutong/deal/promo/spend"
	"hutong/trade/checkout"
	"hutong/trade/group"
	"hutong/trade/order"
)

// TestT31d_TheDifferenceCountsWhatElseWasTakenOff: 10 % off each piece and 3.00 off from 80.00 on stack with a ladder
// from 49.99 down to 41.11. What is kept cost what it would have cost at the lower price, to the cent. The promotions
// of the time are gone meanwhile.
func TestT31d_TheDifferenceCountsWhatElseWasTakenOff(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		goods := b.Sell(b.Shop("ladder"), "tea", 5555, 50)
		o := b.open(goods, group.SetUp{Steps: []group.Step{{Size: 2, Price: 4999}, {Size: 3, Price: 4111}, {Size: 9, Price: 3000}},
			Stacks: true})
		all, err := b.Groups.Promotions(ctx)
		b.Must(err)
		b.Hold(append(all, promo.Promotion{ID: "tenth", Version: 1, Kind: direct.Name, Terms: &direct.Terms{Rate: 100_000}},
			promo.Promotion{ID: "spend", Version: 1, Kind: spend.Name, Scope: promo.Scope{Shop: goods.Shop},
				Terms: &spend.Terms{Tiers: []spend.Tier{{Threshold: 8000, Off: 300}}}}))
		buy := func(n int64, claim string) placed {
			who := b.buyer()
			q, err := b.Checkout.Quote(ctx, who.id, checkout.Basket{Lines: []checkout.BasketLine{{Offer: o.Goods, Quantity: n}},
				Address: who.home, Claims: []string{claim}, Lang: text.Zh})
			b.Must(err)
			p, err := b.Checkout.Place(ctx, checkout.Place{Token: q.Token, Shopper: who.id})
			b.Must(err)
			x := placed{who, p}
			b.pay(x)
			b.tell()
			return x
		}
		lead := buy(2, group.ClaimOpen(o.ID, false)) // 99.98, 89.98, 86.98; 82.22, 74.00 at the lower price
		g := b.mine(lead).Group
		three, one := buy(3, join(g)), buy(1, join(g)) // 149.97, 134.97, 131.97; 123.33, 111.00, 108.00
		b.Hold(nil)
		paid := map[order.ID]int64{}
		for _, p := range []placed{lead, three, one} {
			paid[p.Order] = b.order(p).Lines()[0].Paid
		}
		b.Clock.Set(g.Deadline)
		b.tick()
		for p, want := range map[placed][2]int64{lead: {8698, 7400}, three: {13197, 10800}, one: {4499, 3700}} {
			if l := b.order(p).Lines()[0]; paid[p.Order] != want[0] || b.back(p) != want[0]-want[1] || l.Lowered != b.back(p) {
				t.Errorf("paid %d, %d back, want %v", paid[p.Order], b.back(p), want)
			}
		}
	})
}
