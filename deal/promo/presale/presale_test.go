package presale_test

import (
	"math/rand/v2"
	"testing"

	"hutong/deal/promo"
	"hutong/deal/promo/presale"
	"hutong/deal/promo/promotest"
)

func subject() promotest.Subject {
	return promotest.Subject{
		Kind: presale.Kind(),
		Examples: []promotest.Example{
			{Name: "T1.3a: 10 count for 30", Promotion: `{"earnest": 1000, "worth": 3000}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 20000, Quantity: 1}}, Off: 2000},
			{Name: "two units", Promotion: `{"earnest": 5000, "worth": 10000}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 30000, Quantity: 2}}, Off: 10000},
			{Name: "an earnest that is worth itself", Promotion: `{"earnest": 1000, "worth": 1000}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 20000, Quantity: 1}}, Off: 0, Code: "promo.no_effect"},
		},
		Refused: []string{`{"earnest": 1000}`,
			`{"earnest": 1000, "worth": 999}`,
			`{"earnest": -1, "worth": 5}`,
			`{"worth": 0, "earnest": 0}`},
		Random: func(r *rand.Rand) promo.Terms {
			earnest := promotest.Amount(r)
			return &presale.Terms{Earnest: earnest, Worth: earnest + r.Int64N(earnest+1)}
		},
	}
}

func TestPresaleKeepsWhatAKindMust(t *testing.T) { promotest.Run(t, subject()) }

func FuzzPresale(f *testing.F) { promotest.Fuzz(f, subject()) }
