package voucher_test

import (
	"math/rand/v2"
	"testing"

	"hutong/deal/promo"
	"hutong/deal/promo/promotest"
	"hutong/deal/promo/voucher"
)

func subject() promotest.Subject {
	return promotest.Subject{
		Kind: voucher.Kind(),
		Examples: []promotest.Example{
			{Name: "a sum above a threshold", Promotion: `{"threshold": 30000, "off": 4000}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 19900, Quantity: 1},
					{ID: "l1", Shop: "A", SKU: "s1", Categories: []string{"c1"}, UnitPrice: 8990, Quantity: 2}}, Off: 4000},
			{Name: "short of it", Promotion: `{"threshold": 30000, "off": 4000}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 27800, Quantity: 1}}, Off: 0, Code: "promo.threshold_not_met", Hint: promo.Hint{Short: 2200, Then: 4000}},
			{Name: "a rate, half-up", Promotion: `{"rate_ppm": 150000}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 33, Quantity: 1}}, Off: 5},
			{Name: "a rate with a bound", Promotion: `{"rate_ppm": 150000, "max_off": 1000}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 33300, Quantity: 1}}, Off: 1000},
			{Name: "M9: above the total the rest of it is lost", Promotion: `{"off": 4000}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 1500, Quantity: 2}}, Off: 3000},
			{Name: "of nothing", Promotion: `{"off": 4000}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 0, Quantity: 2}}, Off: 0, Code: "promo.nothing_left"},
		},
		Refused: []string{`{"off": 1, "rate_ppm": 1}`,
			`{"off": -1}`,
			`{"off": 1, "max_off": 1}`,
			`{"rate_ppm": 1, "max_off": -1}`,
			`{"rate_ppm": 2000000}`,
			`{"threshold": -1, "off": 1}`,
			`{"threshold": 1}`},
		Random: func(r *rand.Rand) promo.Terms {
			t := &voucher.Terms{Threshold: r.Int64N(promotest.Amount(r))}
			if r.IntN(2) == 0 {
				t.Off = promotest.Amount(r)
				return t
			}
			t.Rate, t.MaxOff = promotest.PPM(r), r.Int64N(2)*promotest.Amount(r)
			return t
		},
	}
}

func TestVoucherKeepsWhatAKindMust(t *testing.T) { promotest.Run(t, subject()) }

func FuzzVoucher(f *testing.F) { promotest.Fuzz(f, subject()) }
