package spend_test

import (
	"math/rand/v2"
	"testing"

	"hutong/base/fault"
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
			{Name: "tiers in any order", Promotion: `{"shop": "A", "tiers": [{"threshold": 20000, "off": 3000}, {"threshold": 10000, "off": 1000}]}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 9900, Quantity: 2}}, Off: 1000, Hint: promo.Hint{Short: 200, Then: 3000}},
			{Name: "two that start at once", Promotion: `{"shop": "A", "tiers": [{"threshold": 10000, "off": 3000}, {"threshold": 10000, "off": 1000}]}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 9900, Quantity: 2}}, Off: 3000},
			{Name: "a higher tier that takes less", Promotion: `{"shop": "A", "tiers": [{"threshold": 10000, "off": 3000}, {"threshold": 15000, "off": 1000}]}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 9900, Quantity: 2}}, Off: 1000},
			{Name: "short of the first", Promotion: `{"shop": "A", "tiers": [{"threshold": 10000, "off": 1000}]}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 9900, Quantity: 1}}, Off: 0, Code: "promo.threshold_not_met", Hint: promo.Hint{Short: 100, Then: 1000}},
			{Name: "never more than is owed", Promotion: `{"shop": "A", "tiers": [{"threshold": 0, "off": 1000}]}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 99, Quantity: 1}}, Off: 99},
		},
		Refused: []string{`{"tiers": [{"threshold": 1, "off": 1}]}`,
			`{"shop": "A", "tiers": []}`,
			`{"shop": "A"}`,
			`{"shop": "A", "tiers": [{"threshold": 1, "off": 0}]}`,
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

// TestMoreSpentTakesMoreOff, in what is published.
func TestMoreSpentTakesMoreOff(t *testing.T) {
	for name, c := range map[string]struct {
		tiers []spend.Tier
		ok    bool
	}{
		"rising": {[]spend.Tier{{Threshold: 1, Off: 1}, {Threshold: 2, Off: 2}}, true}, "one": {[]spend.Tier{{Threshold: 1, Off: 1}}, true},
		"at once": {[]spend.Tier{{Threshold: 1, Off: 1}, {Threshold: 1, Off: 2}}, false},
		"less":    {[]spend.Tier{{Threshold: 1, Off: 2}, {Threshold: 2, Off: 1}}, false},
	} {
		if err := (&spend.Terms{Tiers: c.tiers}).Publish(nil); (err == nil) != c.ok || err != nil && !fault.Is(err, "promo.tiers_rise") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
