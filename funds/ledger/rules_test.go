package ledger

import (
	"math"
	"testing"

	"hutong/base/fault"
)

var allAccounts = []Account{Wallet("w"), Escrow, Refunding("w"), Merchant("s"), Fees, Carrier("c"), Suspense, Earnest, OwnBank,
	Funder("f"), Payout("s"), Deposit("s"), Bank("s"), "", "escrow2", "merchant", "merchant:", "escrow:", "platform:rent"}

// TestCheck_KindsAndAccounts walks every kind over every pair of accounts; only the listed ways are open.
func TestCheck_KindsAndAccounts(t *testing.T) {
	open := map[Kind][][2]Account{
		Capture:         {{Wallet("w"), Escrow}},
		RefundAsked:     {{Escrow, Refunding("w")}},
		RefundDone:      {{Refunding("w"), Wallet("w")}},
		RefundAgain:     {{Wallet("w"), Refunding("w")}},
		RefundByHand:    {{Refunding("w"), OwnBank}},
		RefundRefused:   {{Refunding("w"), Escrow}},
		Goods:           {{Escrow, Merchant("s")}},
		Fee:             {{Escrow, Fees}},
		Freight:         {{Escrow, Carrier("c")}, {Escrow, Merchant("s")}},
		GoodsBack:       {{Merchant("s"), Escrow}},
		FeeBack:         {{Fees, Escrow}},
		FreightBack:     {{Carrier("c"), Escrow}, {Merchant("s"), Escrow}},
		Funding:         {{Funder("f"), Escrow}},
		FundingBack:     {{Escrow, Funder("f")}},
		PaidOut:         {{Merchant("s"), Payout("s")}},
		PayoutBack:      {{Payout("s"), Merchant("s")}},
		Charged:         {{Merchant("s"), Fees}, {Deposit("s"), Fees}},
		ChargeBack:      {{Fees, Merchant("s")}, {Fees, Deposit("s")}},
		DepositIn:       {{Bank("s"), Deposit("s")}},
		DepositOut:      {{Deposit("s"), Bank("s")}},
		DepositDrawn:    {{Deposit("s"), Fees}},
		Redress:         {{Deposit("s"), Escrow}},
		SuspenseIn:      {{Wallet("w"), Suspense}},
		SuspenseOut:     {{Suspense, Refunding("w")}},
		SuspenseMatched: {{Suspense, Escrow}},
		EarnestHeld:     {{Escrow, Earnest}},
		EarnestFreed:    {{Earnest, Escrow}},
		Forfeit:         {{Escrow, Merchant("s")}},
		ForfeitBack:     {{Merchant("s"), Escrow}},
		"gift":          nil,
	}
	for kind, ways := range open {
		if kind.Valid() != (ways != nil) {
			t.Errorf("%s: Valid is %v", kind, kind.Valid())
		}
		want := map[[2]Account]bool{}
		for _, w := range ways {
			want[w] = true
		}
		for _, debit := range allAccounts {
			for _, credit := range allAccounts {
				tr := Transfer{Debit: debit, Credit: credit, Amount: 1, Currency: "CNY", Kind: kind, Order: "ord_1"}
				if got := tr.check() == nil; got != want[[2]Account{debit, credit}] {
					t.Errorf("%s from %q to %q: allowed is %v", kind, debit, credit, got)
				}
			}
		}
	}
	if len(open) != len(shapes)+1 {
		t.Errorf("%d kinds tested, %d exist", len(open)-1, len(shapes))
	}
}

func TestCheck_Refusals(t *testing.T) {
	good := Transfer{Debit: Wallet("w"), Credit: Escrow, Amount: 1, Currency: "CNY", Kind: Capture, Order: "ord_1"}
	if err := good.check(); err != nil {
		t.Fatal(err)
	}
	for code, change := range map[string]func(*Transfer){
		"ledger.kind":          func(t *Transfer) { t.Kind = "gift" },
		"ledger.amount":        func(t *Transfer) { t.Amount = 0 },
		"ledger.currency":      func(t *Transfer) { t.Currency = "" },
		"ledger.order_missing": func(t *Transfer) { t.Order = "" },
		"ledger.line":          func(t *Transfer) { t.Line = -1 },
	} {
		bad := good
		change(&bad)
		if err := bad.check(); !fault.Is(err, code) {
			t.Errorf("want %s, got %v", code, err)
		}
		if _, ok := Texts[code]; !ok {
			t.Errorf("%s has no text", code)
		}
	}
	bad := good
	bad.Amount = math.MinInt64
	if err := bad.check(); !fault.Is(err, "ledger.amount") {
		t.Errorf("a negative amount: %v", err)
	}
}

// TestM2_AccountTotalsNeverWrap: the counters of an account stop before they overflow.
func TestM2_AccountTotalsNeverWrap(t *testing.T) {
	tr := Transfer{Debit: Wallet("w"), Credit: Escrow, Amount: 2, Currency: "CNY", Kind: Capture, Order: "ord_1"}
	for _, full := range []Account{tr.Debit, tr.Credit} {
		b := &book{accounts: map[Account]*counters{tr.Debit: {}, tr.Credit: {}}}
		*b.accounts[full] = counters{debits: math.MaxInt64 - 1, credits: math.MaxInt64 - 1}
		if err := b.apply(&tr); !fault.Is(err, "ledger.range") {
			t.Errorf("%s full: %v", full, err)
		}
	}
}

func TestApply_EscrowIsPerOrder(t *testing.T) {
	b := &book{
		accounts: map[Account]*counters{Escrow: {credits: 1000}, Refunding("w"): {}},
		escrow:   map[string]int64{"ord_1": 300, "ord_2": 700},
	}
	ask := Transfer{Debit: Escrow, Credit: Refunding("w"), Currency: "CNY", Kind: RefundAsked, Order: "ord_1"}
	ask.Amount = 301
	if err := b.apply(&ask); !fault.Is(err, "ledger.overdrawn") {
		t.Errorf("one more than the order holds: %v", err)
	}
	b.accounts[Escrow].debits, b.accounts[Refunding("w")].credits = 0, 0 // a refused batch is thrown away
	ask.Amount = 300
	if err := b.apply(&ask); err != nil {
		t.Errorf("all that the order holds: %v", err)
	}
	if b.escrow["ord_1"] != 0 || b.escrow["ord_2"] != 700 {
		t.Errorf("escrow by order: %v", b.escrow)
	}
}

func TestAccount_Parts(t *testing.T) {
	for a, want := range map[Account][2]string{
		Wallet("redbean"): {"wallet", "redbean"}, Escrow: {"escrow", ""}, Fees: {"platform", "fees"},
		Merchant("shp_1"): {"merchant", "shp_1"},
	} {
		if a.Class() != want[0] || a.Owner() != want[1] {
			t.Errorf("%s: %q, %q", a, a.Class(), a.Owner())
		}
	}
	if shop, ok := ShopOf(Merchant("shp_1")); !ok || shop != "shp_1" {
		t.Errorf("shop of a merchant account: %q, %v", shop, ok)
	}
	if _, ok := ShopOf(Payout("shp_1")); ok {
		t.Error("a payout account is no merchant account")
	}
	for _, a := range []Account{Escrow, Suspense, Refunding("w"), Deposit("s")} {
		if !a.MustCover() {
			t.Errorf("%s may fall below zero", a)
		}
	}
	for _, a := range []Account{Wallet("w"), Merchant("s"), Fees, Payout("s"), Carrier("c")} {
		if a.MustCover() {
			t.Errorf("%s must never fall below zero", a)
		}
	}
}
