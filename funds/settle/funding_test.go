package settle_test

import (
	"testing"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/funds/ledger"
	"hutong/funds/settle"
)

// funded is a line of the reference basket (RULES 3.3): what the shopper paid, and the platform's part of it.
func funded(line int, paid, platform int64) settle.SaleLine {
	return settle.SaleLine{Line: line, Value: paid + platform, FeePPM: 6_000, FeeRule: settle.DefaultRule,
		Funding: []settle.Share{{Party: "platform", Amount: platform}}}
}

// TestFunding_ReferenceBasketSettled is the table of RULES 3.3: who gets what of basket E1, and what one returned piece
// of A2 takes from whom.
func TestFunding_ReferenceBasketSettled(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		r.capture("ord_1", 48780)
		a := settle.Sale{Order: "ord_1", Sub: 1, Shop: "shp_a", Currency: "CNY",
			Lines: []settle.SaleLine{funded(1, 14524, 1489+298), funded(2, 13122, 1345+269)}}
		b := settle.Sale{Order: "ord_1", Sub: 2, Shop: "shp_b", Currency: "CNY",
			Lines: []settle.SaleLine{funded(3, 21134, 2167+433)}}
		r.accrue(a, b)
		r.balances(map[ledger.Account]int64{ledger.Escrow: 0, ledger.Funder("platform"): -6001,
			ledger.Merchant("shp_a"): 16213 + 14648, ledger.Merchant("shp_b"): 23592, ledger.Fees: 328})

		one := settle.Refunded{Order: "ord_1", Sub: 1, Shop: "shp_a", Currency: "CNY", Line: 2, Before: 14736, After: 7369,
			Funding: []settle.Share{{Party: "platform", Amount: 672 + 134}}, FeePPM: 6_000, FeeRule: settle.DefaultRule}
		r.must(r.reverse(one))
		r.refund("ord_1", 6561)
		r.balances(map[ledger.Account]int64{ledger.Escrow: 0, ledger.Funder("platform"): -6001 + 806,
			ledger.Merchant("shp_a"): 16213 + 14648 - (7367 - 44), ledger.Fees: 328 - 44})
	})
}

func TestFunding_Refusals(t *testing.T) {
	each(t, func(t *testing.T, r *room) {
		r.capture("ord_1", 10_000)
		for name, change := range map[string]func(l *settle.SaleLine){
			"more than the value": func(l *settle.SaleLine) { l.Funding[0].Amount = l.Value + 1 },
			"below zero":          func(l *settle.SaleLine) { l.Funding[0].Amount = -1 },
			"nobody":              func(l *settle.SaleLine) { l.Funding[0].Party = "" },
		} {
			l := funded(1, 900, 100)
			change(&l)
			s := settle.Sale{Order: "ord_1", Sub: 1, Shop: "shp_a", Currency: "CNY", Lines: []settle.SaleLine{l}}
			if err := r.write(accrueOne(r, s)); !fault.Is(err, "settle.line") {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func accrueOne(r *room, s settle.Sale) func(tx *db.Tx) error {
	return func(tx *db.Tx) error { return r.Accrue(tx, r.clock.Now(), []settle.Sale{s}) }
}
