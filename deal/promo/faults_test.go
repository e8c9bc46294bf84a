package promo_test

import (
	"slices"
	"testing"

	"hutong/base/fault"
	"hutong/deal/promo"
	"hutong/deal/promo/presale"
	"hutong/deal/promo/price"
	"hutong/deal/promo/promotest"
	"hutong/deal/promo/standard"
)

// TestM8_WhatIsFreeIsMeant: a price of 0 is published only when it is marked as free and limited; then it costs 0, and
// the whole is a discount with a payer.
func TestM8_WhatIsFreeIsMeant(t *testing.T) {
	zero := int64(0)
	for _, c := range []struct {
		name  string
		terms price.Terms
		limit int64
		ok    bool
	}{
		{"a slip of the pen", price.Terms{UnitPrice: &zero}, 1, false},
		{"without a limit", price.Terms{UnitPrice: &zero, FreeAllowed: true}, 0, false},
		{"meant", price.Terms{UnitPrice: &zero, FreeAllowed: true}, 1, true},
	} {
		p := promo.Promotion{ID: "free", Kind: price.Name, Terms: &c.terms, PerShopper: c.limit}
		if err := c.terms.Publish(&p); (err == nil) != c.ok || err != nil && !fault.Is(err, "promo.free") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	a, q := ask(t, `{"currency": "CNY", "lines": [{"id": "1", "shop": "A", "sku": "a", "unit_price": 990, "quantity": 1}],
	 "promotions": [{"id": "free", "kind": "price", "unit_price": 0, "free_allowed": true, "per_shopper": 1}]}`)
	promotest.Hold(t, q.Basket, a)
	if a.Total != 0 || a.Applied[0].Amount != 990 || a.Lines[0].Discounts[0].Parts()[0] != 990 {
		t.Errorf("%+v", a)
	}
}

// TestM9_AVoucherAboveTheTotalIsLost: the total stops at 0, and the discount is what was used.
func TestM9_AVoucherAboveTheTotalIsLost(t *testing.T) {
	a, q := ask(t, `{"currency": "CNY", "lines": [{"id": "1", "shop": "A", "sku": "a", "unit_price": 990, "quantity": 3}],
	 "promotions": [{"id": "v", "kind": "voucher", "off": 5000}, {"id": "r", "kind": "redpacket", "off": 100}],
	 "vouchers": ["v"]}`)
	promotest.Hold(t, q.Basket, a)
	if a.Total != 0 || len(a.Applied) != 1 || a.Applied[0].Amount != 2970 {
		t.Errorf("%+v", a)
	}
	if len(a.Refused) != 1 || a.Refused[0].Code != promo.RefusedNothing {
		t.Errorf("refused %+v", a.Refused)
	}
}

// TestM10_EverythingAtOnce: a cut, a subsidy, spend and save, vouchers, cross-shop, a red packet and points that are
// together worth far more than the goods: in their order, each at most what is left above the floor, each paid for.
func TestM10_EverythingAtOnce(t *testing.T) {
	a, q := ask(t, `{"currency": "CNY", "points": 1000000, "lines": [
	  {"id": "1", "shop": "A", "sku": "a", "category": "c", "unit_price": 10000, "quantity": 2, "floor": 100},
	  {"id": "2", "shop": "A", "sku": "b", "unit_price": 5000, "quantity": 1}],
	 "promotions": [
	  {"id": "points", "kind": "points", "points": 100, "worth": 100, "cap_ppm": 1000000},
	  {"id": "packet", "kind": "redpacket", "off": 5000, "funding": [{"party": "platform", "ppm": 1000000}]},
	  {"id": "cross", "kind": "crossshop", "every": 5000, "off": 1000,
	   "funding": [{"party": "platform", "ppm": 333333}, {"party": "brand", "ppm": 333333}, {"party": "merchant", "ppm": 333334}]},
	  {"id": "market", "kind": "voucher", "rate_ppm": 500000},
	  {"id": "scoped", "kind": "voucher", "category": "c", "off": 1000},
	  {"id": "shopv", "kind": "voucher", "shop": "A", "off": 2000},
	  {"id": "spend", "kind": "spend", "shop": "A", "tiers": [{"threshold": 10000, "off": 3000}]},
	  {"id": "subsidy", "kind": "subsidy", "skus": ["a"], "off": 1000, "funding": [{"party": "platform", "ppm": 1000000}]},
	  {"id": "cut", "kind": "direct", "rate_ppm": 200000}],
	 "vouchers": ["market", "scoped", "shopv"]}`)
	promotest.Hold(t, q.Basket, a)
	if a.Total != 200 || a.Lines[0].Paid != 200 || a.Lines[1].Paid != 0 || !slices.Equal(a.Least, []int{0}) {
		t.Errorf("total %d: %+v", a.Total, a.Lines)
	}
	var order []string
	for _, p := range a.Applied {
		order = append(order, p.Promotion)
	}
	want := []string{"cut", "subsidy", "spend", "shopv", "scoped", "market", "cross"}
	for i := range want {
		if i >= len(order) || order[i] != want[i] {
			t.Fatalf("applied %v, want %v first", order, want)
		}
	}
}

// TestM11_SplitOfOneYuan: 1.00 off three items of 10.00 is 0.34, 0.33 and 0.33, the larger part on the first.
func TestM11_SplitOfOneYuan(t *testing.T) {
	a, _ := ask(t, `{"currency": "CNY", "lines": [{"id": "1", "shop": "A", "sku": "a", "unit_price": 1000, "quantity": 1},
	  {"id": "2", "shop": "A", "sku": "b", "unit_price": 1000, "quantity": 1},
	  {"id": "3", "shop": "A", "sku": "c", "unit_price": 1000, "quantity": 1}],
	 "promotions": [{"id": "r", "kind": "redpacket", "off": 100}]}`)
	for i, want := range []int64{34, 33, 33} {
		if got := a.Lines[i].Discounts[0].Amount; got != want {
			t.Errorf("line %d: %d, want %d", i+1, got, want)
		}
	}
}

// TestM15_AReturnBelowTheThreshold: spend 300 save 50, one item goes back and 280 are left. By default the paid share
// goes back and nothing is priced again; a market that says so prices the rest again. Neither gives back more than was
// paid, or less than nothing.
func TestM15_AReturnBelowTheThreshold(t *testing.T) {
	a, q := ask(t, `{"currency": "CNY", "lines": [{"id": "1", "shop": "A", "sku": "a", "unit_price": 28000, "quantity": 1},
	  {"id": "2", "shop": "A", "sku": "b", "unit_price": 2000, "quantity": 1}],
	 "promotions": [{"id": "s", "kind": "spend", "shop": "A", "tiers": [{"threshold": 30000, "off": 5000}]}]}`)
	back, err := a.Lines[1].Return(0, 1)
	if err != nil || back.Paid != 1667 || back.Discounts[0].Parts()[0] != 333 {
		t.Errorf("%+v, %v", back, err)
	}
	rules, err := promo.Compile(q.Mode, q.Promotions)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		left []int64
		want int64
	}{{[]int64{1, 0}, 0}, {[]int64{0, 1}, 23000}, {[]int64{0, 0}, 25000},
		{[]int64{1, 1}, 0}} {
		if rest := rest(t, rules, q.Basket, a, c.left...); max(0, a.Total-rest) != c.want {
			t.Errorf("left %v: %d, want %d", c.left, a.Total-rest, c.want)
		}
	}
	basis := based(t, rules, q.Basket, a)
	for _, left := range [][]int64{{0, 2}, {-1, 1}, {1}} {
		if _, err := basis.Rest(left); !fault.Is(err, "promo.quantity") {
			t.Errorf("other pieces than were bought: %v", err)
		}
	}
	for _, n := range [][2]int64{{0, 2}, {1, 1}, {-1, 1}, {0, -1}} {
		if _, err := a.Lines[1].Return(n[0], n[1]); !fault.Is(err, "promo.quantity") {
			t.Errorf("%v: %v", n, err)
		}
	}
}

// TestM15_TheReferenceBasketGoesBack: one of two A2 brings 65.61, and the funders 6.72 and 1.34 of theirs; both bring
// exactly what was paid and funded. Priced again, all A2 bring 89.80 instead of 131.22.
func TestM15_TheReferenceBasketGoesBack(t *testing.T) {
	a, q := ask(t, referenceBasket)
	one, err := a.Lines[1].Return(0, 1)
	if err != nil || one.Paid != 6561 || one.Discounts[1].By(promo.Platform) != 672 || one.Discounts[2].Amount != 134 {
		t.Errorf("%+v, %v", one, err)
	}
	both := map[string]int64{}
	for k := range int64(2) {
		b, err := a.Lines[1].Return(k, 1)
		if err != nil {
			t.Fatal(err)
		}
		both["paid"] += b.Paid
		for _, d := range b.Discounts {
			both[d.Promotion] += d.Amount
		}
	}
	if both["paid"] != 13122 || both["cross"] != 2690 || both["packet"] != 269 || both["shopA"] != 1899 {
		t.Errorf("both units: %v", both)
	}
	rules, err := promo.Compile(q.Mode, q.Promotions)
	if err != nil {
		t.Fatal(err)
	}
	if got := a.Total - rest(t, rules, q.Basket, a, 1, 0, 1); got != 8980 {
		t.Errorf("priced again: %d", got)
	}
}

// based is what an answer came from, once it was stored and read.
func based(t *testing.T, rules *promo.Rules, b promo.Basket, a promo.Answer) *promo.Basis {
	t.Helper()
	stored, err := rules.Basis(b, a)
	if err != nil {
		t.Fatal(err)
	}
	basis, err := standard.Kinds().ReadBasis(stored)
	if err != nil || basis.Lines() != len(b.Lines) {
		t.Fatalf("%s: %v", stored, err)
	}
	return basis
}

// rest is what a basket costs under its stored basis once so many pieces of each line are left.
func rest(t *testing.T, rules *promo.Rules, b promo.Basket, a promo.Answer, left ...int64) (sum int64) {
	t.Helper()
	all, err := based(t, rules, b, a).Rest(left)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		sum += l.Paid
	}
	return sum
}

// TestM16_AnEarnestOfTenCountsTwenty: the expansion is a discount with a payer, thresholds see the lower price, and the
// earnest is lost only up to the legal cap.
func TestM16_AnEarnestOfTenCountsTwenty(t *testing.T) {
	a, q := ask(t, `{"currency": "CNY", "lines": [{"id": "1", "shop": "A", "sku": "a", "unit_price": 20000, "quantity": 2}],
	 "promotions": [{"id": "p", "kind": "presale", "earnest": 1000, "worth": 2000},
	  {"id": "s", "kind": "spend", "shop": "A", "tiers": [{"threshold": 38001, "off": 5000}]}]}`)
	promotest.Hold(t, q.Basket, a)
	d := a.Lines[0].Discounts
	if a.Total != 38000 || len(d) != 1 || d[0].Amount != 2000 || d[0].By(promo.Merchant) != 2000 {
		t.Errorf("%+v", a)
	}
	if a.Refused[0].Code != promo.RefusedThreshold {
		t.Errorf("the threshold saw the price before: %+v", a.Refused)
	}
	terms := presale.Terms{Earnest: 1000, Worth: 2000}
	deal, err := terms.Deal(20000, 2, presale.LegalCap)
	if want := (presale.Deal{Balance: 36000, Total: 38000, Forfeit: 2000, SellerDefault: 4000}); err != nil || deal != want {
		t.Errorf("%+v, %v; want %+v", deal, err, want)
	}
	terms = presale.Terms{Earnest: 9000, Worth: 9000}
	deal, err = terms.Deal(20000, 1, presale.LegalCap)
	if want := (presale.Deal{Balance: 11000, Total: 20000, Forfeit: 4000, GiveBack: 5000, SellerDefault: 13000}); err != nil ||
		deal != want {
		t.Errorf("%+v, %v; want %+v", deal, err, want)
	}
	if _, err := terms.Deal(1<<62, 2, presale.LegalCap); !fault.Is(err, "promo.overflow") {
		t.Errorf("overflow: %v", err)
	}
}

// TestM14_FundingThatIsNotTheWhole: shares that come to 99.99 % or 100.01 % are refused, and so is a party named twice.
func TestM14_FundingThatIsNotTheWhole(t *testing.T) {
	for name, c := range map[string]struct{ funding, code string }{
		"99.99 %":     {`[{"party":"platform","ppm":999900}]`, "promo.funding_sum"},
		"100.01 %":    {`[{"party":"platform","ppm":500000},{"party":"merchant","ppm":500100}]`, "promo.funding_sum"},
		"below zero":  {`[{"party":"platform","ppm":1000001},{"party":"merchant","ppm":-1}]`, "promo.funding_sum"},
		"nobody":      {`[{"party":"","ppm":1000000}]`, "promo.funding_party"},
		"named twice": {`[{"party":"platform","ppm":500000},{"party":"platform","ppm":500000}]`, "promo.funding_party"},
	} {
		_, err := standard.Kinds().Decode([]byte(`{"id":"x","kind":"subsidy","off":1,"funding":` + c.funding + `}`))
		if !fault.Is(err, c.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
	whole := `{"id":"x","kind":"subsidy","off":1,"funding":[{"party":"platform","ppm":1},{"party":"merchant","ppm":999999}]}`
	if _, err := standard.Kinds().Decode([]byte(whole)); err != nil {
		t.Error(err)
	}
}
