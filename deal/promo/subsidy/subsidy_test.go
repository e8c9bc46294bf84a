package subsidy_test

import (
	"math/rand/v2"
	"testing"

	"hutong/deal/promo"
	"hutong/deal/promo/promotest"
	"hutong/deal/promo/subsidy"
)

func subject() promotest.Subject {
	return promotest.Subject{
		Kind: subsidy.Kind(),
		Examples: []promotest.Example{
			{Name: "T1.7: 500 of 5,999", Promotion: `{"off": 50000}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 599900, Quantity: 1}}, Off: 50000},
			{Name: "at most the price", Promotion: `{"off": 50000}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 30000, Quantity: 2}}, Off: 60000},
			{Name: "a free item needs none", Promotion: `{"off": 50000}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 0, Quantity: 1}}, Off: 0, Code: "promo.no_effect"},
		},
		Refused: []string{`{"off": 0}`,
			`{"off": -1}`,
			`{"off": 1, "rate_ppm": 1}`},
		Random: func(r *rand.Rand) promo.Terms {
			return &subsidy.Terms{Off: promotest.Amount(r)}
		},
	}
}

func TestSubsidyKeepsWhatAKindMust(t *testing.T) { promotest.Run(t, subject()) }

func FuzzSubsidy(f *testing.F) { promotest.Fuzz(f, subject()) }
