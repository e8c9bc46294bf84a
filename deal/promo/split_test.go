package promo

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"hutong/base/money"
)

// TestSplitIsApportion: the quick split and that of base/money are the same, where the products fit 64 bits and where
// they do not, for few parts and for many.
func TestSplitIsApportion(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		weights := make([]int64, 1+r.IntN(fewLines+3))
		most := int64(1) << r.IntN(58)
		var sum int64
		for i := range weights {
			weights[i] = r.Int64N(most)
			if r.IntN(3) == 0 {
				weights[i] = weights[0]
			}
			sum += weights[i]
		}
		total := r.Int64N(sum + 1)
		if r.IntN(20) == 0 {
			total = sum
		}
		same(t, total, weights)
	}
	same(t, 0, []int64{0, 0})
	same(t, math.MaxInt64, []int64{math.MaxInt64})
	if err := split(make([]int64, 2), 1, []int64{0, 0}); err == nil {
		t.Error("one over nothing was split")
	}
}

func same(t *testing.T, total int64, weights []int64) {
	t.Helper()
	want, err := money.Apportion(total, weights)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]int64, len(weights))
	for i := range got {
		got[i] = -7 // what was there before does not matter
	}
	if err := split(got, total, weights); err != nil || !slices.Equal(got, want) {
		t.Fatalf("%d over %v: %v, %v; want %v", total, weights, got, err, want)
	}
}

func TestLanesHaveTheStagesOfTheRuleBook(t *testing.T) {
	last := 1
	for l := range lanes {
		if s := l.Stage(); s < last || s > 7 {
			t.Errorf("lane %d is stage %d after %d", l, s, last)
		} else {
			last = s
		}
		if l.unit() && l.Stage() > 3 || l.deduction() != (l.Stage() >= 4) {
			t.Errorf("lane %d of stage %d: unit %v, deduction %v", l, l.Stage(), l.unit(), l.deduction())
		}
	}
	if last != 7 {
		t.Errorf("the last stage is %d", last)
	}
}

// TestHitsAreSorted: few are moved to their places, many are sorted; both end in order.
func TestHitsAreSorted(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	for n := range 2 * fewHits {
		hits := make([]hit, n)
		for i := range hits {
			hits[i] = hit(random.Uint64N(uint64(n))) // some of them twice
		}
		want := slices.Sorted(slices.Values(hits))
		if sortHits(hits); !slices.Equal(hits, want) {
			t.Fatalf("%d hits: %v", n, hits)
		}
	}
}
