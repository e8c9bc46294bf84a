package promotest

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"hutong/base/money"
	"hutong/deal/promo"
)

// Amount draws an amount from the production range: most are small, some are as large as prices get.
func Amount(r *rand.Rand) int64 {
	switch r.IntN(4) {
	case 0:
		return 1 + r.Int64N(20)
	case 1:
		return 1 + r.Int64N(10_000)
	case 2:
		return 1 + r.Int64N(1_000_000)
	}
	return 1 + r.Int64N(1_000_000_000_000)
}

// PPM draws a rate above nothing, up to the whole.
func PPM(r *rand.Rand) money.PPM {
	if r.IntN(3) == 0 {
		return money.PPM(10_000 * (1 + r.Int64N(100)))
	}
	return money.PPM(1 + r.Int64N(int64(money.Whole)))
}

// Lines draws the lines of a basket: up to ten SKUs of three shops in two categories, prices of one size, now and then
// a floor.
func Lines(r *rand.Rand) []promo.Line {
	lines := make([]promo.Line, 1+r.IntN(8))
	most := Amount(r)
	for i := range lines {
		lines[i] = promo.Line{ID: "l" + strconv.Itoa(i), Shop: Shop(r), SKU: SKU(r), Categories: []string{Category(r), "all"},
			UnitPrice: r.Int64N(most + 1), Quantity: 1 + r.Int64N(4)}
		switch r.IntN(12) {
		case 0:
			lines[i].Quantity = 1 + r.Int64N(promo.QuantityMax)
		case 1:
			lines[i].Floor = r.Int64N(most + 1)
		case 2:
			lines[i].UnitPrice = lines[0].UnitPrice
		}
	}
	return lines
}

// Shop, SKU and Category draw one of the few that there are.
func Shop(r *rand.Rand) string { return string('A' + rune(r.IntN(3))) }

// SKU draws a SKU.
func SKU(r *rand.Rand) string { return "s" + strconv.Itoa(r.IntN(10)) }

// Category draws a category.
func Category(r *rand.Rand) string { return "c" + strconv.Itoa(r.IntN(2)) }

// Scope draws a scope.
func Scope(r *rand.Rand) (s promo.Scope) {
	if r.IntN(3) == 0 {
		s.Shop = Shop(r)
	}
	if r.IntN(4) == 0 {
		s.Category = Category(r)
	}
	if r.IntN(4) == 0 {
		s.SKUs = []string{SKU(r), SKU(r), SKU(r)}
	}
	return s
}

// random draws one promotion and one basket and holds the promises.
func random(t *testing.T, s Subject, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 4))
	p := promo.Promotion{ID: "p", Kind: s.Kind.Name, Terms: s.Random(r), Scope: Scope(r), Claim: r.IntN(3) == 0,
		Funding: whole(PPM(r))}
	if s.Shop {
		p.Scope.Shop = Shop(r)
	}
	b := promo.Basket{Currency: "CNY", Lines: Lines(r), Points: r.Int64N(1_000_000)}
	if p.Claim {
		b.Claimed = []promo.Claimed{{Promotion: "p", Amount: Amount(r)}}
	}
	mode := promo.Parallel
	if r.IntN(2) == 0 {
		mode = promo.Progressive
	}
	a := price(t, mode, b, p)
	Hold(t, b, a)
	if len(a.Applied)+len(a.Refused) > 1 {
		t.Fatalf("seed %d: one promotion, and %+v %+v", seed, a.Applied, a.Refused)
	}
	was := asked{mode, b, p, a}
	was.orderIsIrrelevant(t, r)
	was.fundingIsMonotone(t, r)
}

// asked is a question that was answered.
type asked struct {
	mode   promo.Mode
	basket promo.Basket
	p      promo.Promotion
	answer promo.Answer
}

// orderIsIrrelevant: whoever puts things into the basket in another order pays the same.
func (w asked) orderIsIrrelevant(t *testing.T, r *rand.Rand) {
	t.Helper()
	b := w.basket
	b.Lines = slices.Clone(b.Lines)
	r.Shuffle(len(b.Lines), func(i, j int) { b.Lines[i], b.Lines[j] = b.Lines[j], b.Lines[i] })
	if a := price(t, w.mode, b, w.p); a.Total != w.answer.Total {
		t.Fatalf("in another order %d, before %d: %+v %+v", a.Total, w.answer.Total, b, w.p)
	}
}

// fundingIsMonotone: who takes over more of a promotion never pays less of any discount, the other never more, and the
// shopper does not see a difference.
func (w asked) fundingIsMonotone(t *testing.T, r *rand.Rand) {
	t.Helper()
	less, more := w.p.Funding[0].PPM, w.p
	more.Funding = whole(less + money.PPM(r.Int64N(int64(money.Whole-less)+1)))
	a := price(t, w.mode, w.basket, more)
	for i, l := range a.Lines {
		before := w.answer.Lines[i]
		if l.Paid != before.Paid || len(l.Discounts) != len(before.Discounts) {
			t.Fatalf("the shopper pays %d where another funds, before %d", l.Paid, before.Paid)
		}
		for j, d := range l.Discounts {
			if d.Parts()[0] < before.Discounts[j].Parts()[0] {
				t.Fatalf("funds more and pays %d, before %d", d.Parts()[0], before.Discounts[j].Parts()[0])
			}
		}
	}
}
