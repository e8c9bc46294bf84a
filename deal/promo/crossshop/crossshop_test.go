package crossshop_test

import (
	"math/rand/v2"
	"testing"

	"hutong/deal/promo"
	"hutong/deal/promo/crossshop"
	"hutong/deal/promo/promotest"
)

func subject() promotest.Subject {
	return promotest.Subject{
		Kind: crossshop.Kind(),
		Examples: []promotest.Example{
			{Name: "every 300 less 50, twice", Promotion: `{"every": 30000, "off": 5000}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 63780, Quantity: 1}}, Off: 10000, Hint: promo.Hint{Short: 26220, Then: 15000}},
			{Name: "once at most", Promotion: `{"every": 30000, "off": 5000, "max_times": 1}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 63780, Quantity: 1}}, Off: 5000},
			{Name: "short of it", Promotion: `{"every": 30000, "off": 5000}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 29999, Quantity: 1}}, Off: 0, Code: "promo.threshold_not_met", Hint: promo.Hint{Short: 1, Then: 5000}},
			{Name: "more than is owed", Promotion: `{"every": 1, "off": 9223372036854775807}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 100, Quantity: 3}}, Off: 300, Hint: promo.Hint{Short: 1, Then: 9223372036854775807}},
		},
		Refused: []string{`{"every": 0, "off": 1}`,
			`{"every": 1, "off": 0}`,
			`{"every": 1, "off": 1, "max_times": -1}`,
			`{"every": 1}`,
			`{"off": 1}`,
			`{"every": 1, "off": 1, "threshold": 1}`},
		Random: func(r *rand.Rand) promo.Terms {
			return &crossshop.Terms{Every: promotest.Amount(r), Off: promotest.Amount(r), MaxTimes: r.Int64N(3)}
		},
	}
}

func TestCrossshopKeepsWhatAKindMust(t *testing.T) { promotest.Run(t, subject()) }

func FuzzCrossshop(f *testing.F) { promotest.Fuzz(f, subject()) }
