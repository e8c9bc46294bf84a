package points_test

import (
	"math/rand/v2"
	"testing"

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
