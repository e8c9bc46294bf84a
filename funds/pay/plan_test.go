package pay

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hutong/base/fault"
	"hutong/base/money"
)

// Whatever is asked, no capture gives more than it has left, the parts add up, and what cannot be given is refused
// without a trace.
func TestPlanNeverGivesMoreThanCameIn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		next := 0
		p := planner{attempts: map[string][]Attempt{}, before: map[caseKey][]Refund{}, at: time.Unix(0, 0),
			name: func() RefundID { next++; return RefundID(fmt.Sprintf("rfd_%d", next)) }}
		left := map[string]int64{}
		for _, order := range []string{"o1", "o2"} {
			for i := range rapid.IntRange(0, 3).Draw(t, "attempts") {
				captured := rapid.Int64Range(1, 100).Draw(t, "captured")
				refunded := rapid.Int64Range(0, captured).Draw(t, "refunded")
				p.attempts[order] = append(p.attempts[order], Attempt{ID: AttemptID(fmt.Sprint(order, i)), Order: order,
					Amount: money.New(captured, "CNY"), Captured: captured, Refunded: refunded})
				left[order] += captured - refunded
			}
		}
		asked := map[RefundAsk][]RefundID{}
		for range rapid.IntRange(1, 8).Draw(t, "asks") {
			ask := RefundAsk{Order: rapid.SampledFrom([]string{"o1", "o2"}).Draw(t, "order"),
				Case:   rapid.SampledFrom([]string{"", "c1", "c2"}).Draw(t, "case"),
				Amount: rapid.Int64Range(1, 120).Draw(t, "amount"), Currency: "CNY"}
			made := len(p.fresh)
			ids, err := p.plan(ask)
			before, repeated := asked[ask]
			switch {
			case repeated && ask.Case != "":
				if err != nil || fmt.Sprint(ids) != fmt.Sprint(before) || len(p.fresh) != made {
					t.Fatalf("%+v again: %v, %v", ask, ids, err)
				}
				continue
			case err != nil:
				if len(p.fresh) != made {
					t.Fatalf("%+v was refused and left %+v", ask, p.fresh[made:])
				}
				if !fault.Is(err, "pay.refund_mismatch") && left[ask.Order] >= ask.Amount {
					t.Fatalf("%+v with %d left: %v", ask, left[ask.Order], err)
				}
				continue
			}
			sum := int64(0)
			for _, r := range p.fresh[made:] {
				sum += r.Amount.Minor
			}
			if sum != ask.Amount || len(ids) != len(p.fresh)-made {
				t.Fatalf("%+v gives %+v", ask, p.fresh[made:])
			}
			left[ask.Order] -= sum
			asked[ask] = ids
		}
		for order, attempts := range p.attempts {
			for _, a := range attempts {
				if a.Refunded > a.Captured {
					t.Fatalf("%s gave %d of %d", a.ID, a.Refunded, a.Captured)
				}
			}
			if left[order] < 0 {
				t.Fatalf("%s gave too much", order)
			}
		}
	})
}

// The last payment is given back first.
func TestPlanTakesTheNewestFirst(t *testing.T) {
	p := planner{before: map[caseKey][]Refund{}, name: func() RefundID { return "rfd" }, attempts: map[string][]Attempt{
		"o": {{ID: "balance", Amount: money.New(100, "CNY"), Captured: 100}, {ID: "deposit", Amount: money.New(50, "CNY"), Captured: 50}}}}
	if _, err := p.plan(RefundAsk{Order: "o", Amount: 120, Currency: "CNY"}); err != nil {
		t.Fatal(err)
	}
	if len(p.fresh) != 2 || p.fresh[0].Attempt != "balance" || p.fresh[0].Amount.Minor != 100 ||
		p.fresh[1].Attempt != "deposit" || p.fresh[1].Amount.Minor != 20 {
		t.Errorf("%+v", p.fresh)
	}
}

func TestPlanRefuses(t *testing.T) {
	for code, ask := range map[string]RefundAsk{
		"pay.refund_too_large": {Order: "o", Amount: 51, Currency: "CNY"},
		"pay.malformed":        {Order: "o", Amount: -1, Currency: "CNY"},
	} {
		p := planner{before: map[caseKey][]Refund{}, attempts: map[string][]Attempt{
			"o": {{ID: "a", Amount: money.New(50, "CNY"), Captured: 50}}}}
		if _, err := p.plan(ask); !fault.Is(err, code) {
			t.Errorf("%+v: %v", ask, err)
		}
	}
}

func TestCheckBoundsWhatIsStored(t *testing.T) {
	good := Fact{Provider: "w", Txn: "1", Kind: KindCapture, Attempt: "att_1", Amount: money.New(1, "CNY")}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for field, spoil := range map[string]func(*Fact){
		"provider": func(f *Fact) { f.Provider = "" },
		"txn":      func(f *Fact) { f.Txn = "a b" },
		"kind":     func(f *Fact) { f.Kind = "chargeback" },
		"attempt":  func(f *Fact) { f.Attempt = "att\x00" },
		"refund":   func(f *Fact) { f.Refund = "退" },
		"account":  func(f *Fact) { f.Account = AccountTooLong },
		"amount":   func(f *Fact) { f.Amount.Minor = minorMax + 1 },
		"currency": func(f *Fact) { f.Amount.Currency = "" },
	} {
		f := good
		spoil(&f)
		if err := f.Check(); err == nil || fault.As(err).Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// AccountTooLong is one byte longer than what is stored.
const AccountTooLong = "0123456789012345678901234567890123456789012345678901234567890123x"

// Nothing ever leaves Succeeded, and every state can become it.
func TestTransitions(t *testing.T) {
	for from, to := range transitions {
		if !from.Valid() {
			t.Errorf("%q", from)
		}
		if from == Succeeded != (len(to) == 0) {
			t.Errorf("%s leads to %v", from, to)
		}
		if from != Succeeded && to[0] != Succeeded {
			t.Errorf("%s cannot become succeeded: money that came would be denied", from)
		}
	}
	if State("").Valid() || State("paid").Valid() {
		t.Error("an unknown state is valid")
	}
}

// What a wallet took back of an older payment is used up before a newer one gives, and what goes beyond it is sent.
func TestR15_WhatWasTakenOfAnyPaymentIsUsedUpFirst(t *testing.T) {
	p := planner{before: map[caseKey][]Refund{}, name: func() RefundID { return "rfd" },
		attempts: map[string][]Attempt{"o": {
			{ID: "balance", Order: "o", Amount: money.New(1500, "CNY"), Captured: 1500},
			{ID: "earnest", Order: "o", Amount: money.New(300, "CNY"), Captured: 300, ChargedBack: 300}}}}
	if _, err := p.plan(RefundAsk{Order: "o", Case: "c", Amount: 400, Currency: "CNY"}); err != nil {
		t.Fatal(err)
	}
	got := map[AttemptID]string{}
	for _, r := range p.fresh {
		got[r.Attempt] += fmt.Sprint(r.Amount.Minor, " ", r.State)
	}
	if len(p.fresh) != 2 || got["earnest"] != "300 taken" || got["balance"] != "100 asked" {
		t.Errorf("%v", got)
	}
}
