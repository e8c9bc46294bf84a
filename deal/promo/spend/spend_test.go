package spend_test

import (
	"math/rand/v2"
	"testing"

	"hutong/deal/promo"
	"hutong/deal/promo/promotest"
	"hutong/deal/promo/spend"
)

func subject() promotest.Subject {
	return promotest.Subject{
		Kind: spend.Kind(),
		Examples: []promotest.Example{
			{Name: "the highest tier reached", Promotion: `{"shop": "A", "tiers": [{"threshold": 10000, "off": 1000}, {"threshold": 20000, "off": 3000}]}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 9900, Quantity: 2},
					{ID: "l1", Shop: "A", SKU: "s1", Categories: []string{"c1"}, UnitPrice: 200, Quantity: 1}}, Off: 3000},
			{Name: "a tier below, and what the next takes", Promotion: `{"shop": "A", "tiers": [{"threshold": 10000, "off": 1000}, {"threshold": 20000, "off": 3000}]}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 9900, Quantity: 2}}, Off: 1000, Hint: promo.Hint{Short: 200, Then: 3000}},
			{Name: "short of the first", Promotion: `{"shop": "A", "tiers": [{"threshold": 10000, "off": 1000}]}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 9900, Quantity: 1}}, Off: 0, Code: "promo.threshold_not_met", Hint: promo.Hint{Short: 100, Then: 1000}},
			{Name: "never more than is owed", Promotion: `{"shop": "A", "tiers": [{"threshold": 0, "off": 1000}]}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 99, Quantity: 1}}, Off: 99},
		},
		Refused: []string{`{"tiers": [{"threshold": 1, "off": 1}]}`,
			`{"shop": "A", "tiers": []}`,
			`{"shop": "A"}`,
			`{"shop": "A", "tiers": [{"threshold": 1, "off": 0}]}`,
			`{"shop": "A", "tiers": [{"threshold": 2, "off": 1}, {"threshold": 2, "off": 2}]}`,
			`{"shop": "A", "tiers": [{"threshold": -1, "off": 1}]}`,
			`{"shop": "A", "tiers": [{"threshold": 1, "off": 1, "rate_ppm": 1}]}`},
		Random: func(r *rand.Rand) promo.Terms {
			first := promotest.Amount(r)
			return &spend.Terms{Tiers: []spend.Tier{{Threshold: first, Off: promotest.Amount(r)},
				{Threshold: first + promotest.Amount(r), Off: promotest.Amount(r)}}}
		},
		Shop: true,
	}
}

func TestSpendKeepsWhatAKindMust(t *testing.T) { promotest.Run(t, subject()) }

func FuzzSpend(f *testing.F) { promotest.Fuzz(f, subject()) }
