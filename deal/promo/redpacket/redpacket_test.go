package redpacket_test

import (
	"math/rand/v2"
	"testing"

	"hutong/deal/promo"
	"hutong/deal/promo/promotest"
	"hutong/deal/promo/redpacket"
)

func subject() promotest.Subject {
	return promotest.Subject{
		Kind: redpacket.Kind(),
		Examples: []promotest.Example{
			{Name: "no threshold", Promotion: `{"off": 1000}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 59780, Quantity: 1}}, Off: 1000},
			{Name: "a threshold", Promotion: `{"off": 1000, "threshold": 60000}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 59780, Quantity: 1}}, Off: 0, Code: "promo.threshold_not_met", Hint: promo.Hint{Short: 220, Then: 1000}},
			{Name: "never more than is owed", Promotion: `{"off": 1000}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 780, Quantity: 1}}, Off: 780},
			{Name: "a worth of its own", Promotion: `{"off": 1000, "open": true, "claim": true}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 59780, Quantity: 1}}, Off: 321, Claim: 321},
			{Name: "a worth above what the promotion allows", Promotion: `{"off": 1000, "open": true, "claim": true}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 59780, Quantity: 1}}, Off: 1000, Claim: 4321},
		},
		Refused: []string{`{"off": 0}`,
			`{"off": -1}`,
			`{"off": 1, "threshold": -1}`,
			`{"off": 1, "every": 1}`},
		Random: func(r *rand.Rand) promo.Terms {
			return &redpacket.Terms{Off: promotest.Amount(r), Threshold: r.Int64N(2) * promotest.Amount(r), Open: r.IntN(4) == 0}
		},
	}
}

func TestRedpacketKeepsWhatAKindMust(t *testing.T) { promotest.Run(t, subject()) }

func FuzzRedpacket(f *testing.F) { promotest.Fuzz(f, subject()) }
