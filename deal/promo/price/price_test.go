package price_test

import (
	"math/rand/v2"
	"testing"

	"hutong/deal/promo"
	"hutong/deal/promo/price"
	"hutong/deal/promo/promotest"
)

func subject() promotest.Subject {
	return promotest.Subject{
		Kind: price.Kind(),
		Examples: []promotest.Example{
			{Name: "a price", Promotion: `{"unit_price": 8000}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 9900, Quantity: 2}}, Off: 3800},
			{Name: "a higher price is none", Promotion: `{"unit_price": 9900}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 9900, Quantity: 1}}, Off: 0, Code: "promo.no_effect"},
			{Name: "the floor holds", Promotion: `{"unit_price": 1}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 9900, Quantity: 2, Floor: 9000}}, Off: 1800},
			{Name: "free", Promotion: `{"unit_price": 0, "free_allowed": true}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 9900, Quantity: 1}}, Off: 9900},
		},
		Refused: []string{`{"unit_price": -1}`,
			`{"unit_price": 1.5}`,
			`{"unit_price": "1"}`,
			`{"unit_price": 1, "off": 2}`,
			`{"unit_price": 9223372036854775808}`},
		Random: func(r *rand.Rand) promo.Terms {
			return price.At(promotest.Amount(r))
		},
	}
}

func TestPriceKeepsWhatAKindMust(t *testing.T) { promotest.Run(t, subject()) }

func FuzzPrice(f *testing.F) { promotest.Fuzz(f, subject()) }
