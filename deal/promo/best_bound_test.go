package promo_test

import (
	"fmt"
	"testing"

	"hutong/deal/promo"
	"hutong/deal/promo/redpacket"
	"hutong/deal/promo/voucher"
)

// TestTheBestStackIsFoundInTime: of a wallet in which each of thirty vouchers bars a larger packet, the eight that cost most are
// left out. It was looked for 32 × 32 times, at every quote.
func TestTheBestStackIsFoundInTime(t *testing.T) {
	var all []promo.Promotion
	b := promo.Basket{Currency: "CNY"}
	for i := range 30 {
		shop, small, large := fmt.Sprint("S", i), fmt.Sprint("v", i), fmt.Sprint("p", i)
		all = append(all,
			promo.Promotion{ID: small, Kind: voucher.Name, Claim: true, Scope: promo.Scope{Shop: shop}, Excludes: []string{large},
				Terms: &voucher.Terms{Threshold: 100, Off: 100}},
			promo.Promotion{ID: large, Kind: redpacket.Name, Claim: true, Scope: promo.Scope{Shop: shop}, Terms: &redpacket.Terms{Off: 1_000}})
		b.Lines = append(b.Lines, promo.Line{ID: shop, Shop: shop, SKU: shop, UnitPrice: 10_000, Quantity: 1})
	}
	rules, err := promo.Compile(promo.Parallel, all)
	if err != nil {
		t.Fatal(err)
	}
	b.Claimed = rules.Claimable(b)
	best, _, err := rules.Best(b)
	if err != nil {
		t.Fatal(err)
	}
	beaten := 0
	for _, r := range best.Refused {
		if r.Code == promo.RefusedBeaten {
			beaten++
		}
	}
	if beaten != 8 || best.Total != 30*10_000-8*1_000-22*100 {
		t.Errorf("%d left out, total %d", beaten, best.Total)
	}
}
