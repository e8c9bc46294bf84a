package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"hutong/base/db"
	"hutong/deal/promo"
	"hutong/deal/promo/crossshop"
	"hutong/deal/promo/price"
	"hutong/deal/promo/redpacket"
	"hutong/deal/promo/voucher"
	"hutong/deal/quota"
	"hutong/trade/checkout"
	"hutong/trade/order"
)

// The promotions of the sale that is measured, and the claims that stand in its quotes for the ones of each order.
const (
	shopVoucher = "prm_bench_voucher"
	redPacket   = "prm_bench_packet"
	anyVoucher  = "vch_bench_voucher"
	anyPacket   = "vch_bench_packet"
)

// Deals are the promotions of the sale mix: each SKU at a price of its own with a limit for each shopper, a voucher of
// the first shop, 50.00 off every 300.00 across shops, a red packet. The market is given them at its start, and there
// are none before the hall is stocked.
type Deals struct{ rules *promo.Rules }

// Rules are those of the sale.
func (d *Deals) Rules() *promo.Rules { return d.rules }

// Claims are a voucher and a red packet, for anybody.
func (d *Deals) Claims(*db.Tx, string, string, time.Time) ([]promo.Claimed, error) {
	return []promo.Claimed{{Promotion: shopVoucher, Claim: anyVoucher}, {Promotion: redPacket, Claim: anyPacket}}, nil
}

// Needs are none.
func (d *Deals) Needs(*db.Tx, string, []promo.Applied) ([]checkout.Need, error) { return nil, nil }

// openSale compiles the promotions over what the hall sells.
func (h *hall) openSale(shop string) error {
	half := []promo.Share{{Party: promo.Platform, PPM: 500_000}, {Party: promo.Merchant, PPM: 500_000}}
	all := []promo.Promotion{
		{ID: shopVoucher, Kind: voucher.Name, Claim: true, Scope: promo.Scope{Shop: shop},
			Terms: &voucher.Terms{Threshold: 30_000, Off: 4_000}},
		{ID: "prm_bench_cross", Kind: crossshop.Name, Funding: half, Budget: quota.CapMax,
			Terms: &crossshop.Terms{Every: 30_000, Off: 5_000}},
		{ID: redPacket, Kind: redpacket.Name, Claim: true, Terms: &redpacket.Terms{Off: 1_000},
			Funding: []promo.Share{{Party: promo.Platform, PPM: 1_000_000}}},
	}
	for i, o := range h.offers {
		unit := salePrices[i%2]
		if i >= skus {
			unit = salePrices[2]
		}
		all = append(all, promo.Promotion{ID: fmt.Sprintf("prm_bench_%05d", i), Kind: price.Name, PerShopper: pieces,
			Scope: promo.Scope{SKUs: []string{o.SKU}}, Terms: &price.Terms{UnitPrice: &unit}})
	}
	for i := range all {
		all[i].Version = 1
	}
	rules, err := promo.Compile(promo.Parallel, all)
	if err != nil {
		return err
	}
	h.deals.rules = rules.At(1)
	return nil
}

// salePrices are those of the SKUs of the first shop, in turn, and of the second: one piece of each makes the reference
// basket (RULES 1.6), which every promotion of the sale lowers, to saleSum.
var salePrices = [3]int64{19_900, 17_980, 25_900}

const saleSum = 48_780

// saleLines are three lines over two shops: the first two SKUs of a place in the first shop, and one of the second.
func (h *hall) saleLines(pick int) []checkout.BasketLine {
	first, second := h.offers[:skus], h.offers[skus:]
	pick -= pick % 2
	return []checkout.BasketLine{{Offer: string(first[pick].ID), Quantity: 1},
		{Offer: string(first[pick+1].ID), Quantity: 1}, {Offer: string(second[pick%len(second)].ID), Quantity: 1}}
}

// saleToken seals what was quoted of a basket for another shopper with a voucher and a red packet of their own.
func (h *hall) saleToken(ctx context.Context, stock string, g guest) (string, error) {
	pick := 0
	if stock == Spread {
		pick = rand.IntN(skus)
	}
	quoted, err := h.quote(ctx, pick, g, h.saleLines(pick))
	if err != nil {
		return "", err
	}
	if quoted.Goods != saleSum { // without one of its promotions the sale would be measured too fast
		return "", fmt.Errorf("bench: a basket of the sale costs %d, not %d", quoted.Goods, saleSum)
	}
	own := strings.NewReplacer(anyVoucher, h.IDs.New("vch"), anyPacket, h.IDs.New("vch"),
		":"+quoted.Shopper, ":"+g.Shopper)
	o := quoted
	o.Shopper, o.Address = g.Shopper, g.Address
	o.Needs = append([]quota.Need(nil), quoted.Needs...)
	for i := range o.Needs {
		o.Needs[i].Quota = own.Replace(o.Needs[i].Quota)
	}
	o.Subs = append([]order.Sub(nil), quoted.Subs...)
	for i := range o.Subs {
		o.Subs[i].Lines = append([]order.Line(nil), quoted.Subs[i].Lines...)
		for j := range o.Subs[i].Lines {
			o.Subs[i].Lines[j].Discounts = own.Replace(o.Subs[i].Lines[j].Discounts)
		}
	}
	return h.Checkout.Seal(o)
}
