package direct_test

import (
	"math/rand/v2"
	"testing"

	"hutong/deal/promo"
	"hutong/deal/promo/direct"
	"hutong/deal/promo/promotest"
)

func subject() promotest.Subject {
	return promotest.Subject{
		Kind: direct.Kind(),
		Examples: []promotest.Example{
			{Name: "15 % of 99.90: the price is rounded, not the cut", Promotion: `{"rate_ppm": 150000}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 9990, Quantity: 1}}, Off: 1498},
			{Name: "each unit is rounded, so ten of 0.99 cost 8.40", Promotion: `{"rate_ppm": 150000}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 99, Quantity: 10}}, Off: 150},
			{Name: "one fen stays one fen", Promotion: `{"rate_ppm": 150000}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 1, Quantity: 1}}, Off: 0, Code: "promo.no_effect"},
			{Name: "a sum", Promotion: `{"off": 500}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 9990, Quantity: 2}}, Off: 1000},
			{Name: "a sum above the price", Promotion: `{"off": 500}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 300, Quantity: 2}}, Off: 600},
			{Name: "all of it", Promotion: `{"rate_ppm": 1000000}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 300, Quantity: 2}}, Off: 600},
		},
		Refused: []string{`{"off": 1, "rate_ppm": 1}`,
			`{"off": -1}`,
			`{"rate_ppm": 1000001}`,
			`{"rate_ppm": -1}`,
			`{"off": 1e3}`,
			`{"off": 0}`},
		Random: func(r *rand.Rand) promo.Terms {
			if r.IntN(2) == 0 {
				return &direct.Terms{Off: promotest.Amount(r)}
			}
			return &direct.Terms{Rate: promotest.PPM(r)}
		},
	}
}

func TestDirectKeepsWhatAKindMust(t *testing.T) { promotest.Run(t, subject()) }

func FuzzDirect(f *testing.F) { promotest.Fuzz(f, subject()) }
