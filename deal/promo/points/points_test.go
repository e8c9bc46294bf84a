package points_test

import (
	"math/rand/v2"
	"testing"

	"hutong/base/fault"
	"hutong/deal/promo"
	"hutong/deal/promo/points"
	"hutong/deal/promo/promotest"
)

func subject() promotest.Subject {
	return promotest.Subject{
		Kind: points.Kind(),
		Examples: []promotest.Example{
			{Name: "a hundred points pay one yuan", Promotion: `{"points": 100, "worth": 100, "cap_ppm": 500000}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 10000, Quantity: 1}}, Off: 700, Points: 700},
			{Name: "up to the cap", Promotion: `{"points": 100, "worth": 100, "cap_ppm": 50000}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 10000, Quantity: 1}}, Off: 500, Points: 700},
			{Name: "whole steps", Promotion: `{"points": 100, "worth": 90, "cap_ppm": 1000000}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 10000, Quantity: 1}}, Off: 630, Points: 799},
			{Name: "none to spend", Promotion: `{"points": 100, "worth": 100, "cap_ppm": 50000}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 10000, Quantity: 1}}, Off: 0, Code: "promo.no_effect"},
		},
		Refused: []string{`{"points": 100, "worth": 100}`,
			`{"points": 0, "worth": 1, "cap_ppm": 1}`,
			`{"points": 1, "worth": 0, "cap_ppm": 1}`,
			`{"points": 1, "worth": 1, "cap_ppm": 1000001}`,
			`{"points": 1, "worth": 1, "cap_ppm": 1, "off": 1}`},
		Random: func(r *rand.Rand) promo.Terms {
			return &points.Terms{Points: 1 + r.Int64N(200), Worth: 1 + r.Int64N(200), Cap: promotest.PPM(r)}
		},
	}
}

func TestPointsKeepsWhatAKindMust(t *testing.T) { promotest.Run(t, subject()) }

func FuzzPoints(f *testing.F) { promotest.Fuzz(f, subject()) }

// TestPointsGoBackWithTheGoods: every unit brings its part, all units together exactly what was spent, and nothing
// where the terms do not say so.
func TestPointsGoBackWithTheGoods(t *testing.T) {
	terms := points.Terms{Points: 100, Worth: 100, Cap: 500_000, Restore: true}
	parts, err := points.Split(1000, []int64{333, 667})
	if err != nil || parts[0]+parts[1] != 1000 {
		t.Fatalf("%v, %v", parts, err)
	}
	var back int64
	for k := range int64(3) {
		n, err := terms.Restored(parts[0], 3, k, 1)
		if err != nil || n < 110 || n > 112 {
			t.Errorf("unit %d: %d, %v", k, n, err)
		}
		back += n
	}
	if back != parts[0] {
		t.Errorf("%d of %d points came back", back, parts[0])
	}
	if _, err := terms.Restored(100, 3, 3, 1); !fault.Is(err, "promo.points") {
		t.Errorf("a fourth unit of three: %v", err)
	}
	terms.Restore = false
	if n, err := terms.Restored(100, 1, 0, 1); n != 0 || err != nil {
		t.Errorf("%d points came back, %v", n, err)
	}
	if _, err := points.Split(-1, []int64{1}); !fault.Is(err, "promo.points") {
		t.Errorf("%v", err)
	}
}

// TestSpentPointsAreWhatTheyPaid: also where a floor stops the amount within a step.
func TestSpentPointsAreWhatTheyPaid(t *testing.T) {
	terms := points.Terms{Points: 100, Worth: 30}
	for off, want := range map[int64]int64{30: 100, 31: 200, 60: 200, 1: 100} {
		if got := terms.Spent(off); got != want {
			t.Errorf("%d cost %d points, want %d", off, got, want)
		}
	}
}
