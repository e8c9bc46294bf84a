package promo_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"hutong/deal/promo"
	"hutong/deal/promo/promotest"
	"hutong/deal/promo/standard"
	"hutong/deal/promo/wire"
)

var kinds = standard.Kinds()

var saleDay = time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)

// TestRandomBasketsAgainstTheNaiveModel: 10,000 baskets with up to 14 promotions of all kinds, windows, exclusions,
// floors and points cost the same to the last share in the engine and in the model.
func TestRandomBasketsAgainstTheNaiveModel(t *testing.T) {
	const baskets = 10_000
	applied := map[string]int{}
	for seed := range uint64(baskets) {
		compare(t, seed, applied)
	}
	for _, k := range kinds.List() {
		if applied[k.Name] < baskets/200 {
			t.Errorf("%s was applied %d times only: the baskets do not test it", k.Name, applied[k.Name])
		}
	}
}

func FuzzAgainstTheNaiveModel(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { compare(t, seed, map[string]int{}) })
}

func compare(t *testing.T, seed uint64, applied map[string]int) {
	t.Helper()
	b := randomBasket(rand.New(rand.NewPCG(seed, 11)))
	question, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	q, err := wire.Read(bytes.NewReader(question), kinds, time.Time{})
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", seed, err, question)
	}
	rules, err := promo.Compile(q.Mode, q.Promotions)
	if err != nil {
		t.Fatal(err)
	}
	a, err := rules.Price(q.Basket)
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", seed, err, question)
	}
	promotest.Hold(t, q.Basket, a)
	if what := differs(naive(b), a); what != "" {
		t.Fatalf("seed %d: %s\n%s\n%+v", seed, what, question, a)
	}
	for _, p := range a.Applied {
		applied[p.Kind]++
	}
}

// differs says where the engine and the model do not agree, "" when they do.
func differs(m *naiveModel, a promo.Answer) string {
	if a.Total != m.total() {
		return "total: want " + strconv.FormatInt(m.total(), 10)
	}
	sums := map[string]int64{}
	for i, l := range a.Lines {
		if l.Paid != m.owed[i] || l.AfterUnitStages != m.after[i] || len(l.Discounts) != len(m.cuts[i]) {
			return "line " + l.ID
		}
		for j, d := range l.Discounts {
			c := m.cuts[i][j]
			p := m.Promotions[c.promotion]
			if d.Promotion != p.ID || d.Amount != c.amount || !slices.Equal(d.Parts(), c.funding) {
				return "discount " + d.Promotion + " of line " + l.ID
			}
			sums[p.ID] += c.amount
		}
	}
	for _, p := range a.Applied {
		i := slices.IndexFunc(m.Promotions, func(q naivePromotion) bool { return q.ID == p.Promotion })
		if p.Amount != sums[p.Promotion] || p.Base != m.base[i] {
			return "applied " + p.Promotion
		}
		delete(sums, p.Promotion)
	}
	if len(sums) > 0 || len(a.Refused) > len(m.Promotions) {
		return "what was applied"
	}
	return ""
}

func randomBasket(r *rand.Rand) naiveBasket {
	b := naiveBasket{Currency: "CNY", Mode: "parallel", Points: r.Int64N(100_000), Vouchers: []string{}}
	if r.IntN(2) == 0 {
		b.Mode = "progressive"
	}
	if r.IntN(2) == 0 {
		b.Now = saleDay.Format(time.RFC3339)
	}
	size := promotest.Amount(r)
	for i := range 1 + r.IntN(7) {
		l := naiveLine{ID: "l" + strconv.Itoa(i), Shop: promotest.Shop(r), SKU: promotest.SKU(r), UnitPrice: r.Int64N(size + 1),
			Quantity: 1 + r.Int64N(5)}
		if r.IntN(2) == 0 {
			l.Category = promotest.Category(r)
		}
		if r.IntN(12) == 0 {
			l.Floor = r.Int64N(size + 1)
		}
		if r.IntN(20) == 0 {
			l.Quantity = 1 + r.Int64N(promo.QuantityMax)
		}
		b.Lines = append(b.Lines, l)
	}
	all := kinds.List()
	for i := range r.IntN(15) {
		p := randomPromotion(r, all[r.IntN(len(all))].Name, size)
		p.ID = "p" + strconv.Itoa(i)
		b.Promotions = append(b.Promotions, p)
		if r.IntN(4) > 0 {
			b.Vouchers = append(b.Vouchers, p.ID)
		}
	}
	if b.Promotions == nil {
		b.Promotions = []naivePromotion{}
	}
	return b
}

func randomPromotion(r *rand.Rand, kind string, size int64) naivePromotion {
	amount := func(parts int64) int64 { return 1 + r.Int64N(size/parts+1) }
	s := promotest.Scope(r)
	p := naivePromotion{Kind: kind, Shop: s.Shop, Category: s.Category, SKUs: s.SKUs}
	switch kind {
	case "price":
		unit := r.Int64N(size + 1)
		p.UnitPrice = &unit
	case "direct":
		if p.Off = amount(3); r.IntN(2) == 0 {
			p.Off, p.RatePPM = 0, int64(promotest.PPM(r))
		}
	case "subsidy":
		p.Off = amount(4)
	case "presale":
		p.Earnest = amount(8)
		p.Worth = p.Earnest + r.Int64N(size/4+1)
	case "gift":
		p.Buy, p.Get, p.MaxTimes = 1+r.Int64N(3), 1+r.Int64N(2), r.Int64N(3)
		if r.IntN(2) == 0 {
			p.Gift = promotest.SKU(r)
		}
		if p.Gift != "" && r.IntN(2) == 0 {
			p.Buy, p.Spend = 0, amount(1)
		}
	case "spend":
		p.Shop = promotest.Shop(r)
		first := amount(1)
		p.Tiers = []naiveTier{{first, amount(5)}, {first + r.Int64N(2)*amount(1), amount(2)}, {amount(1), amount(3)}}
	case "voucher":
		if p.Off, p.Threshold = amount(2), r.Int64N(2*size); r.IntN(2) == 0 {
			p.Off, p.RatePPM, p.MaxOff = 0, int64(promotest.PPM(r)), r.Int64N(2)*amount(2)
		}
	case "crossshop":
		p.Every, p.Off, p.MaxTimes = amount(1), amount(4), r.Int64N(4)
	case "redpacket":
		p.Off, p.Threshold = amount(5), r.Int64N(2)*amount(1)
	case "points":
		p.Points, p.Worth, p.CapPPM = 1+r.Int64N(100), 1+r.Int64N(100), int64(promotest.PPM(r))
	}
	return dressed(r, p)
}

// dressed adds what any kind may have: funders, a window, exclusions.
func dressed(r *rand.Rand, p naivePromotion) naivePromotion {
	names := []string{"p0", "p1", "p2", "p3", "voucher", "crossshop", "redpacket", "spend", "points", "gift", "direct"}
	some := func() []string { return []string{names[r.IntN(len(names))], names[r.IntN(len(names))]} }
	if r.IntN(2) == 0 {
		a := r.Int64N(1_000_001)
		b := r.Int64N(1_000_001 - a)
		p.Funding = []naiveFunder{{"platform", a}, {"merchant", b}, {"brand", 1_000_000 - a - b}}
	}
	if r.IntN(8) == 0 {
		p.From = saleDay.Add(time.Duration(r.IntN(3)-1) * time.Second).Format(time.RFC3339)
	}
	if r.IntN(8) == 0 {
		p.Until = saleDay.Add(time.Duration(1+r.IntN(2)) * time.Second).Format(time.RFC3339)
	}
	if r.IntN(6) == 0 {
		p.Excludes = some()
	}
	if r.IntN(12) == 0 {
		p.StacksWith = some()
	}
	return p
}
