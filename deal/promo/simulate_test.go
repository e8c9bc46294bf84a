package promo_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"hutong/base/text"
	"hutong/deal/promo"
	"hutong/deal/promo/crossshop"
	"hutong/deal/promo/direct"
	"hutong/deal/promo/gift"
	"hutong/deal/promo/points"
	"hutong/deal/promo/price"
	"hutong/deal/promo/promotest"
	"hutong/deal/promo/redpacket"
	"hutong/deal/promo/spend"
	"hutong/deal/promo/standard"
	"hutong/deal/promo/voucher"
	"hutong/deal/promo/wire"
)

func compile(t *testing.T, all ...promo.Promotion) *promo.Rules {
	t.Helper()
	rules, err := promo.Compile(promo.Parallel, all)
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

var twoCups = []promo.Line{{ID: "1", Shop: "A", SKU: "cup", Categories: []string{"aa-1", "aa"}, UnitPrice: 10_000, Quantity: 2}}

// TestADraftIsPricedBeforeItHolds: among the promotions that hold, in the place of its older version, and without
// changing the rules that it is tried against.
func TestADraftIsPricedBeforeItHolds(t *testing.T) {
	now := compile(t, packet("old", nil), packet("other", nil))
	draft, err := now.With(packet("old", func(p *promo.Promotion) { p.Terms, p.Version = &redpacket.Terms{Off: 700}, 2 }),
		packet("new", nil))
	if err != nil {
		t.Fatal(err)
	}
	b := promo.Basket{Currency: "CNY", Lines: twoCups}
	for _, c := range []struct {
		rules *promo.Rules
		total int64
		first int64
	}{{now, 20_000 - 200, 0}, {draft, 20_000 - 900, 2}} {
		a, err := c.rules.Price(b)
		if err != nil || a.Total != c.total || a.Applied[0].Promotion != "old" || a.Applied[0].Version != c.first {
			t.Errorf("%+v, %v", a, err)
		}
	}
	if _, err := now.With(packet("bad", func(p *promo.Promotion) { p.Terms = &redpacket.Terms{} })); err == nil {
		t.Error("a draft that could never be applied was taken")
	}
}

// TestWhatIsForALine: by SKU, shop, category and the whole market, claimed or not; nothing of others.
func TestWhatIsForALine(t *testing.T) {
	scope := func(id string, s promo.Scope, claim bool) promo.Promotion {
		return packet(id, func(p *promo.Promotion) { p.Scope, p.Claim = s, claim })
	}
	rules := compile(t, scope("sku", promo.Scope{SKUs: []string{"cup", "pot"}}, false), scope("shop", promo.Scope{Shop: "A"}, true),
		scope("category", promo.Scope{Category: "aa"}, false), scope("market", promo.Scope{}, true),
		scope("pot", promo.Scope{SKUs: []string{"pot"}}, false), scope("shopB", promo.Scope{Shop: "B"}, true),
		scope("both", promo.Scope{Shop: "B", Category: "aa"}, false))
	var ids []string
	for _, p := range rules.For(twoCups[0]) {
		ids = append(ids, p.ID)
	}
	if !slices.Equal(ids, []string{"sku", "shop", "category", "market"}) {
		t.Errorf("%v", ids)
	}
	claims := rules.Claimable(promo.Basket{Lines: append(slices.Clone(twoCups), twoCups...)})
	if len(claims) != 2 || claims[0].Promotion != "shop" || claims[1].Promotion != "market" {
		t.Errorf("%+v", claims)
	}
}

// TestTheBestStackLeavesOutWhatStandsInTheWay: a shop's voucher that bars the cross-shop discount is worth less than it.
func TestTheBestStackLeavesOutWhatStandsInTheWay(t *testing.T) {
	rules := compile(t,
		promo.Promotion{ID: "v", Kind: voucher.Name, Claim: true, Scope: promo.Scope{Shop: "A"}, Terms: &voucher.Terms{Off: 1_000},
			Excludes: []string{crossshop.Name}},
		promo.Promotion{ID: "w", Kind: voucher.Name, Claim: true, Terms: &voucher.Terms{Off: 300}},
		promo.Promotion{ID: "x", Kind: crossshop.Name, Terms: &crossshop.Terms{Every: 10_000, Off: 2_000}})
	b := promo.Basket{Currency: "CNY", Lines: twoCups}
	b.Claimed = rules.Claimable(b)
	all, err := rules.Price(b)
	if err != nil {
		t.Fatal(err)
	}
	best, claims, err := rules.Best(b)
	if err != nil || all.Total != 18_700 || best.Total != 15_700 || len(claims) != 1 || claims[0].Promotion != "w" {
		t.Errorf("all %d, best %d with %+v, %v", all.Total, best.Total, claims, err)
	}
	if _, _, err := rules.Best(promo.Basket{}); err == nil {
		t.Error("a malformed basket has a best price")
	}
}

// TestTheBestStackOfProgressiveThresholds: the reference basket with its shop's discount as a voucher. Progressively that
// brings it below the second 300.00 and costs more than it saves: 527.80 without it, 537.80 with it. In parallel it is
// 487.80, with all.
func TestTheBestStackOfProgressiveThresholds(t *testing.T) {
	for mode, want := range map[promo.Mode]int64{promo.Progressive: 52_780, promo.Parallel: 48_780} {
		rules, err := promo.Compile(mode, []promo.Promotion{
			{ID: "v", Kind: voucher.Name, Claim: true, Scope: promo.Scope{Shop: "A"}, Terms: &voucher.Terms{Threshold: 30_000, Off: 4_000}},
			{ID: "x", Kind: crossshop.Name, Terms: &crossshop.Terms{Every: 30_000, Off: 5_000}},
			packet("p", func(p *promo.Promotion) { p.Claim, p.Terms = true, &redpacket.Terms{Off: 1_000} })})
		if err != nil {
			t.Fatal(err)
		}
		b := promo.Basket{Currency: "CNY", Lines: []promo.Line{{ID: "A1", Shop: "A", SKU: "a1", UnitPrice: 19_900, Quantity: 1},
			{ID: "A2", Shop: "A", SKU: "a2", UnitPrice: 8_990, Quantity: 2}, {ID: "B1", Shop: "B", SKU: "b1", UnitPrice: 25_900, Quantity: 1}}}
		b.Claimed = rules.Claimable(b)
		best, claims, err := rules.Best(b)
		if err != nil || best.Total != want {
			t.Errorf("%s: %d with %+v, %v; want %d", mode, best.Total, claims, err, want)
		}
		left := promo.Refused{Promotion: "v", Claim: "v", Code: promo.RefusedBeaten}
		if slices.Contains(best.Refused, left) != (mode == promo.Progressive) {
			t.Errorf("%s: refused %+v", mode, best.Refused)
		}
	}
}

// TestTheBestStackIsNeverWorse than all claims, whatever there is.
func TestTheBestStackIsNeverWorse(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 3))
		q, err := wire.Read(strings.NewReader(marshal(t, randomBasket(r))), kinds, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		rules, err := promo.Compile(q.Mode, q.Promotions)
		if err != nil {
			t.Fatal(err)
		}
		q.Basket.Claimed = rules.Claimable(q.Basket)
		all, err := rules.Price(q.Basket)
		if err != nil {
			t.Fatal(err)
		}
		best, claims, err := rules.Best(q.Basket)
		if err != nil || best.Total > all.Total {
			t.Fatalf("seed %d: best %d, all %d, %v", seed, best.Total, all.Total, err)
		}
		q.Basket.Claimed = claims
		if again, err := rules.Price(q.Basket); err != nil || again.Total != best.Total {
			t.Fatalf("seed %d: the claims of the best price %d make %d, %v", seed, best.Total, again.Total, err)
		}
	}
}

// TestTheWorstCase of each kind: exact where the price of a unit is cut, bounded by what an order has to reach
// elsewhere, and never above the budget.
func TestTheWorstCase(t *testing.T) {
	goods := []promo.Line{{Shop: "A", SKU: "cup", UnitPrice: 1_000, Quantity: 100}, {Shop: "B", SKU: "pot", UnitPrice: 5_000, Quantity: 10}}
	for name, c := range map[string]struct {
		p     promo.Promotion
		total int64
	}{
		"a price":            {promo.Promotion{Kind: price.Name, Terms: price.At(900), Scope: promo.Scope{SKUs: []string{"cup"}}}, 10_000},
		"a cut":              {promo.Promotion{Kind: direct.Name, Terms: &direct.Terms{Rate: 100_000}}, 15_000},
		"spend":              {promo.Promotion{Kind: spend.Name, Scope: promo.Scope{Shop: "A"}, Terms: &spend.Terms{Tiers: []spend.Tier{{Threshold: 30_000, Off: 5_000}, {Threshold: 100_000, Off: 10_000}}}}, 15_000},
		"spend nothing":      {promo.Promotion{Kind: spend.Name, Scope: promo.Scope{Shop: "A"}, Terms: &spend.Terms{Tiers: []spend.Tier{{Threshold: 0, Off: 5_000}}}}, 100_000},
		"a voucher":          {promo.Promotion{Kind: voucher.Name, Terms: &voucher.Terms{Threshold: 40_000, Off: 5_000}}, 15_000},
		"one with no limit":  {promo.Promotion{Kind: voucher.Name, Terms: &voucher.Terms{Off: 5_000}}, 150_000},
		"a rate":             {promo.Promotion{Kind: voucher.Name, Terms: &voucher.Terms{Rate: 100_000}}, 15_000},
		"a rate with a most": {promo.Promotion{Kind: voucher.Name, Terms: &voucher.Terms{Rate: 500_000, Threshold: 50_000, MaxOff: 1_000}}, 3_000},
		"cross-shop":         {promo.Promotion{Kind: crossshop.Name, Terms: &crossshop.Terms{Every: 30_000, Off: 5_000}}, 25_000},
		"a red packet":       {packet("p", nil), 150_000},
		"with a threshold":   {packet("p", func(p *promo.Promotion) { p.Terms = &redpacket.Terms{Off: 100, Threshold: 50_000} }), 300},
		"points":             {promo.Promotion{Kind: points.Name, Terms: &points.Terms{Points: 1, Worth: 1, Cap: 50_000}}, 7_500},
		"buy one, get one":   {promo.Promotion{Kind: gift.Name, Terms: &gift.Terms{Buy: 1, Get: 1}}, 75_000},
		"a named gift":       {promo.Promotion{Kind: gift.Name, Terms: &gift.Terms{Buy: 1, Get: 1, SKU: "x"}}, 150_000},
	} {
		c.p.ID, c.p.Funding = "p", halves
		w, err := c.p.Worst(goods)
		if err != nil || !w.Known || w.Total != c.total || w.Parties[promo.Platform] != (c.total+1)/2 {
			t.Errorf("%s: %+v, %v; want %d", name, w, err, c.total)
		}
		if w, err := c.p.Worst(nil); err != nil || w.Known {
			t.Errorf("%s, of goods that nobody counted: %+v, %v", name, w, err)
		}
		c.p.Budget = 1_001
		if w, err := c.p.Worst(nil); err != nil || !w.Known || w.Total != 1_001 || w.Parties[promo.Platform] != 501 {
			t.Errorf("%s with a budget: %+v, %v", name, w, err)
		}
		if w, err := c.p.Worst(goods); err != nil || w.Total != min(1_001, c.total) {
			t.Errorf("%s with a budget and goods: %+v, %v", name, w, err)
		}
	}
	dear := packet("p", nil)
	if w, err := dear.Worst([]promo.Line{{UnitPrice: math.MaxInt64, Quantity: 9}, {UnitPrice: 9, Quantity: 9}}); err != nil || w.Total != math.MaxInt64 {
		t.Errorf("more than fits: %+v, %v", w, err)
	}
	dear.Terms = &redpacket.Terms{}
	if _, err := dear.Worst([]promo.Line{}); err == nil {
		t.Error("a promotion that cannot be has a worst case")
	}
}

// TestTheWorstCaseIsNotPassed: of random baskets out of the goods, no promotion takes off more than its worst case, up
// to the rounding of a rate for each order.
func TestTheWorstCaseIsNotPassed(t *testing.T) {
	for seed := range uint64(2_000) {
		r := rand.New(rand.NewPCG(seed, 5))
		b := randomBasket(r)
		q, err := wire.Read(strings.NewReader(marshal(t, b)), kinds, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range q.Promotions {
			q.Basket.Claimed = []promo.Claimed{{Promotion: p.ID}}
			a, err := compile(t, p).Price(q.Basket)
			if err != nil {
				t.Fatal(err)
			}
			w, err := p.Worst(q.Basket.Lines)
			if g, ok := p.Terms.(*gift.Terms); ok && g.SKU != "" {
				continue // what it gives is not among the goods of its scope
			}
			if err != nil || a.List-a.Total > w.Total+1 {
				t.Fatalf("seed %d: %s takes %d off, at worst %+v, %v", seed, p.Kind, a.List-a.Total, w, err)
			}
		}
	}
}

// TestTheShelfPriceIsThatOfTheUnitStages, and what everybody can have is without red packets and points.
func TestTheShelfPriceIsThatOfTheUnitStages(t *testing.T) {
	rules := compile(t, promo.Promotion{ID: "d", Kind: direct.Name, Terms: &direct.Terms{Rate: 150_000}}, packet("r", nil),
		promo.Promotion{ID: "x", Kind: crossshop.Name, Terms: &crossshop.Terms{Every: 10_000, Off: 1_000}})
	for stages, want := range map[int]int64{0: 15_900, 3: 17_000, 5: 16_000, 1: 20_000} {
		a, err := rules.Price(promo.Basket{Currency: "CNY", Lines: twoCups, Stages: stages})
		if err != nil || a.Total != want {
			t.Errorf("up to stage %d: %d, %v, want %d", stages, a.Total, err, want)
		}
	}
}

// TestWhyThisPrice, in both languages: each step with what it took and who pays, what did not apply, and what would
// unlock more.
func TestWhyThisPrice(t *testing.T) {
	a, q := ask(t, `{"currency": "CNY", "lines": [
	  {"id": "1", "shop": "A", "sku": "a", "category": "c", "unit_price": 27800, "quantity": 1}],
	 "promotions": [
	  {"id": "cut", "kind": "direct", "title": {"zh": "官方立减", "en": "Official cut"}, "off": 1000,
	   "funding": [{"party": "platform", "ppm": 500000}, {"party": "merchant", "ppm": 250000}, {"party": "Kiln", "ppm": 250000}]},
	  {"id": "spend", "kind": "spend", "shop": "A", "tiers": [{"threshold": 30000, "off": 4000}]},
	  {"id": "scoped", "kind": "voucher", "category": "c", "threshold": 27000, "off": 500},
	  {"id": "two", "kind": "gift", "skus": ["a"], "buy": 2, "get": 1},
	  {"id": "free", "kind": "gift", "shop": "A", "buy": 1, "get": 1, "gift": "mug"},
	  {"id": "cross", "kind": "crossshop", "every": 10000, "off": 700}],
	 "vouchers": ["scoped"]}`)
	rules := compile(t, q.Promotions...)
	name := func(kind string) func(string) string { return func(id string) string { return kind + " " + id } }
	for lang, want := range map[text.Lang][]string{
		text.En: {"Official cut: the instant discount takes off CN¥10.00; paid by the platform CN¥5.00, the shop CN¥2.50, Kiln CN¥2.50",
			"Cross-shop discount: for CN¥268.00 spent over all shops: CN¥14.00 off; paid by the shop CN¥14.00",
			"- Spend and save: the threshold is not reached", "- Voucher: the threshold is not reached",
			"+ CN¥32.00 more in shop A and CN¥40.00 is taken off", "+ CN¥2.00 more in category c and CN¥5.00 is taken off",
			"+ 2 more in the items on sale and something is free", "+ 1 of SKU mug may be added free",
			"+ CN¥32.00 more in any shop and CN¥21.00 is taken off"},
		text.Zh: {"官方立减：立减 ¥10.00; 由 平台 ¥5.00、商家 ¥2.50、Kiln ¥2.50 承担", "+ 在shop A再买 ¥32.00，共减 ¥40.00",
			"- 店铺满减：还没有达到门槛", "+ 在任意店铺再买 ¥32.00，共减 ¥21.00"},
	} {
		said := rules.Explain(a, promo.Words{Lang: lang, Kinds: standard.Texts, Shop: name("shop"), Category: name("category"), SKU: name("SKU")})
		var all []string
		for _, s := range said.Steps {
			all = append(all, s.Text+"; "+s.Pays)
		}
		for _, n := range said.Refused {
			all = append(all, "- "+n.Text)
		}
		for _, n := range said.Hints {
			all = append(all, "+ "+n.Text)
		}
		for _, sentence := range want {
			if !slices.Contains(all, sentence) {
				t.Errorf("%s does not say %q:\n%s", lang, sentence, strings.Join(all, "\n"))
			}
		}
	}
	promotest.Hold(t, q.Basket, a)
	plain := compile(t).Explain(a, promo.Words{Lang: text.En, Kinds: standard.Texts})
	if len(plain.Steps) != 2 || plain.Steps[0].Title != "Instant discount" || len(plain.Hints) != 0 {
		t.Errorf("where the rules have gone: %+v", plain)
	}
}
