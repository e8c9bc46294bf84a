package presale_test

import (
	"math/rand/v2"
	"testing"

	"hutong/base/fault"
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

// TestT1_3_WhatFollowsFromAPresale is the table of RULES 1.3: the balance, what the shopper loses who does not pay it,
// and what the seller pays who does not deliver.
func TestT1_3_WhatFollowsFromAPresale(t *testing.T) {
	for _, c := range []struct {
		price, quantity int64
		terms           presale.Terms
		want            presale.Deal
	}{
		{20000, 1, presale.Terms{Earnest: 1000, Worth: 3000}, presale.Deal{Balance: 17000, Total: 18000, Forfeit: 1000, SellerDefault: 2000}},
		{30000, 1, presale.Terms{Earnest: 5000, Worth: 10000}, presale.Deal{Balance: 20000, Total: 25000, Forfeit: 5000, SellerDefault: 10000}},
		{20000, 1, presale.Terms{Earnest: 5000, Worth: 10000}, presale.Deal{Balance: 10000, Total: 15000, Forfeit: 3000, GiveBack: 2000, SellerDefault: 8000}},
		{20000, 3, presale.Terms{Earnest: 1000, Worth: 3000}, presale.Deal{Balance: 51000, Total: 54000, Forfeit: 3000, SellerDefault: 6000}},
		{500, 1, presale.Terms{Earnest: 1000, Worth: 1000}, presale.Deal{Total: 500, Forfeit: 100, GiveBack: 400, SellerDefault: 600}},
	} {
		got, err := c.terms.Deal(c.price, c.quantity, presale.LegalCap)
		if err != nil || got != c.want {
			t.Errorf("%+v of %d × %d: %+v, %v; want %+v", c.terms, c.quantity, c.price, got, err, c.want)
		}
	}
	if _, err := (&presale.Terms{}).Deal(100, 1, -1); !fault.Is(err, "promo.overflow") {
		t.Errorf("a cap below nothing: %v", err)
	}
}
