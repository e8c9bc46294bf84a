package gift_test

import (
	"math/rand/v2"
	"testing"

	"hutong/deal/promo"
	"hutong/deal/promo/gift"
	"hutong/deal/promo/promotest"
)

func subject() promotest.Subject {
	return promotest.Subject{
		Kind: gift.Kind(),
		Examples: []promotest.Example{
			{Name: "buy two, get the cheapest of three", Promotion: `{"buy": 2, "get": 1}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 5000, Quantity: 2},
					{ID: "l1", Shop: "A", SKU: "s1", Categories: []string{"c1"}, UnitPrice: 3000, Quantity: 1}}, Off: 3000, Hint: promo.Hint{Pieces: 3, Then: 3000}},
			{Name: "one short", Promotion: `{"buy": 2, "get": 1}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 5000, Quantity: 2}}, Off: 0, Code: "promo.threshold_not_met"},
			{Name: "twice, over two lines", Promotion: `{"buy": 1, "get": 1}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 5000, Quantity: 1},
					{ID: "l1", Shop: "A", SKU: "s1", Categories: []string{"c1"}, UnitPrice: 3000, Quantity: 3}}, Off: 6000, Hint: promo.Hint{Pieces: 2, Then: 6000}},
			{Name: "once at most", Promotion: `{"buy": 1, "get": 1, "max_times": 1}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 5000, Quantity: 4}}, Off: 5000},
			{Name: "a named gift that is in the basket", Promotion: `{"buy": 2, "get": 1, "gift": "s9"}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 5000, Quantity: 4},
					{ID: "l1", Shop: "A", SKU: "s9", Categories: []string{"c1"}, UnitPrice: 700, Quantity: 1}}, Off: 700, Hint: promo.Hint{SKU: "s9", Pieces: 1, Then: 700}},
			{Name: "more of it than is given", Promotion: `{"buy": 2, "get": 1, "gift": "s9"}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 5000, Quantity: 2},
					{ID: "l1", Shop: "A", SKU: "s9", Categories: []string{"c1"}, UnitPrice: 700, Quantity: 3}}, Off: 700, Hint: promo.Hint{Pieces: 2, Then: 700}},
			{Name: "for what is spent", Promotion: `{"spend": 10000, "get": 1, "gift": "s9"}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 5000, Quantity: 3},
					{ID: "l1", Shop: "A", SKU: "s9", Categories: []string{"c1"}, UnitPrice: 700, Quantity: 1}}, Off: 700, Hint: promo.Hint{Short: 5000, Then: 700}},
			{Name: "a gift does not count itself", Promotion: `{"buy": 1, "get": 1, "gift": "s9"}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s9", Categories: []string{"c1"}, UnitPrice: 700, Quantity: 3}}, Off: 0, Code: "promo.threshold_not_met"},
			{Name: "the floor of a gift", Promotion: `{"buy": 1, "get": 1, "gift": "s9"}`,
				Lines: []promo.Line{{ID: "l0", Shop: "A", SKU: "s0", Categories: []string{"c1"}, UnitPrice: 5000, Quantity: 1},
					{ID: "l1", Shop: "A", SKU: "s9", Categories: []string{"c1"}, UnitPrice: 700, Quantity: 1, Floor: 500}}, Off: 200, Hint: promo.Hint{Pieces: 1, Then: 700}},
		},
		Refused: []string{`{"get": 1}`,
			`{"buy": 1}`,
			`{"buy": 1, "get": 0}`,
			`{"buy": -1, "get": 1}`,
			`{"buy": 1, "spend": 1, "get": 1, "gift": "x"}`,
			`{"spend": 1, "get": 1}`,
			`{"buy": 10000, "get": 1}`,
			`{"buy": 1, "get": 1, "max_times": -1}`},
		Random: func(r *rand.Rand) promo.Terms {
			t := &gift.Terms{Buy: 1 + r.Int64N(4), Get: 1 + r.Int64N(2), MaxTimes: r.Int64N(3)}
			if r.IntN(2) == 0 {
				t.SKU = promotest.SKU(r)
			}
			if t.SKU != "" && r.IntN(2) == 0 {
				t.Buy, t.Spend = 0, promotest.Amount(r)
			}
			return t
		},
	}
}

func TestGiftKeepsWhatAKindMust(t *testing.T) { promotest.Run(t, subject()) }

func FuzzGift(f *testing.F) { promotest.Fuzz(f, subject()) }
