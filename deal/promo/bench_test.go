package promo_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"hutong/base/money"
	"hutong/deal/promo"
	"hutong/deal/promo/crossshop"
	"hutong/deal/promo/direct"
	"hutong/deal/promo/price"
	"hutong/deal/promo/redpacket"
	"hutong/deal/promo/spend"
	"hutong/deal/promo/subsidy"
	"hutong/deal/promo/voucher"
)

var halves = []promo.Share{{Party: promo.Platform, PPM: money.Whole / 2}, {Party: promo.Merchant, PPM: money.Whole / 2}}

// saleBasket is five lines of three shops, and the eight promotions of a sale that all apply to it.
func saleBasket() (promo.Basket, []promo.Promotion) {
	b := promo.Basket{Currency: "CNY", At: saleDay, Claimed: []promo.Claimed{{Promotion: "voucher", Claim: "vch_1"},
		{Promotion: "packet", Claim: "vch_2"}}}
	for i := range 5 {
		b.Lines = append(b.Lines, promo.Line{ID: "line-" + strconv.Itoa(i), Shop: "shp_" + strconv.Itoa(i/2),
			SKU: "sku_" + strconv.Itoa(i), Categories: []string{"aa-1-2", "aa-1", "aa"}, UnitPrice: 9_900 + int64(i)*3_331,
			Quantity: 1 + int64(i%3)})
	}
	from, until := saleDay.Add(-time.Hour), saleDay.Add(time.Hour)
	return b, []promo.Promotion{
		{ID: "price", Kind: price.Name, Terms: price.At(9_000), Scope: promo.Scope{SKUs: []string{"sku_0"}}, From: from, Until: until},
		{ID: "cut", Kind: direct.Name, Terms: &direct.Terms{Rate: 150_000}, Scope: promo.Scope{Category: "aa-1"}, From: from, Until: until},
		{ID: "subsidy", Kind: subsidy.Name, Terms: &subsidy.Terms{Off: 500}, Scope: promo.Scope{SKUs: []string{"sku_4"}}, Funding: halves},
		{ID: "spend", Kind: spend.Name, Terms: &spend.Terms{Tiers: []spend.Tier{{Threshold: 10_000, Off: 1_000}}},
			Scope: promo.Scope{Shop: "shp_0"}, From: from, Until: until},
		{ID: "voucher", Kind: voucher.Name, Terms: &voucher.Terms{Threshold: 10_000, Off: 2_000}, Scope: promo.Scope{Shop: "shp_1"}, Claim: true},
		{ID: "cross", Kind: crossshop.Name, Terms: &crossshop.Terms{Every: 30_000, Off: 5_000}, Funding: halves, From: from, Until: until},
		{ID: "packet", Kind: redpacket.Name, Terms: &redpacket.Terms{Off: 1_000}, Funding: halves, Claim: true},
		{ID: "other", Kind: redpacket.Name, Terms: &redpacket.Terms{Off: 300}, Funding: halves, From: from, Until: until},
	}
}

// BenchmarkPrice is one basket of five lines under eight promotions, each of which applies, in a market with so many
// others. Run: go test -run '^$' -bench BenchmarkPrice -cpu 1 ./deal/promo
func BenchmarkPrice(b *testing.B) {
	for _, others := range []int{0, 1_000, 100_000} {
		b.Run(fmt.Sprintf("others=%d", others), func(b *testing.B) {
			rules, basket := market(b, others)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := rules.Price(basket); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// market compiles the sale basket's promotions among others of other shops, SKUs and categories, and vouchers of the
// whole market that nobody here has claimed.
func market(t testing.TB, others int) (*promo.Rules, promo.Basket) {
	t.Helper()
	b, all := saleBasket()
	for i := range others {
		n := strconv.Itoa(i)
		p := promo.Promotion{ID: "other-" + n, Kind: redpacket.Name, Terms: &redpacket.Terms{Off: 100}}
		switch i % 4 {
		case 0:
			p.Scope.Shop = "shp_other_" + n
		case 1:
			p.Scope.SKUs = []string{"sku_other_" + n}
		case 2:
			p.Scope.Category = "bb-" + n
		case 3:
			p.Claim = true
		}
		all = append(all, p)
	}
	rules, err := promo.Compile(promo.Parallel, all)
	if err != nil {
		t.Fatal(err)
	}
	return rules, b
}

// TestNothingIsAllocatedBesideTheAnswer: the lines, the discounts, the shares of those who pay, and the three lists; no
// allocation for each discount. Others' promotions cost none either.
func TestNothingIsAllocatedBesideTheAnswer(t *testing.T) {
	const answerOnly = 6
	for _, others := range []int{0, 10_000} {
		rules, basket := market(t, others)
		a, err := rules.Price(basket)
		if err != nil || len(a.Applied) != 8 || len(a.Refused) != 0 {
			t.Fatalf("not all eight apply: %+v, %v", a, err)
		}
		got := testing.AllocsPerRun(200, func() {
			if _, err := rules.Price(basket); err != nil {
				t.Fatal(err)
			}
		})
		if got > answerOnly {
			t.Errorf("with %d others: %v allocations, at most %d", others, got, answerOnly)
		}
	}
}

// TestOthersPromotionsAreNeverLookedAt: what belongs to other shops, SKUs and categories is no candidate, whether
// there is none of it or ten thousand.
func TestOthersPromotionsAreNeverLookedAt(t *testing.T) {
	looked := 0
	rules, basket := market(t, 10_000)
	basket.Barred = func(string) bool { looked++; return false }
	a, err := rules.Price(basket)
	if err != nil {
		t.Fatal(err)
	}
	if looked != 8 || len(a.Applied)+len(a.Refused) != 8 {
		t.Errorf("looked at %d promotions of %d, and answered for %d", looked, rules.Len(), len(a.Applied)+len(a.Refused))
	}
}
