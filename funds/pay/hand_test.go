package pay_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/ledger"
	"hutong/funds/pay"
	"hutong/funds/pay/paytest"
)

// refused has alpha refuse a refund of some of an attempt for good.
func (m *market) refused(t testing.TB, a pay.Attempt, request string, amount int64) pay.RefundID {
	t.Helper()
	m.alpha.On(func(_ context.Context, verb, _ string) (bool, pay.Outcome, error) {
		return verb != "refund", pay.REFUSED, errors.New("the account is closed")
	})
	defer m.alpha.On(nil)
	id := m.refund(t, a, request, amount)[0]
	if all := m.Refunds(t, a.Order); all[len(all)-1].State != pay.RefundRefused {
		t.Fatalf("%+v", all)
	}
	return id
}

func byHand(id pay.RefundID, ref string) pay.ByHand {
	return pay.ByHand{By: "lgn_a", Refund: id, Ref: ref, Why: "账户已注销"}
}

// late is alpha's word that it paid a refund after all.
func (m *market) late(a pay.Attempt, id pay.RefundID, amount int64) pay.Fact {
	return pay.Fact{Provider: "alpha", Txn: "late-" + string(id), Kind: pay.KindRefund, Attempt: a.ID, Refund: id,
		Amount: money.New(amount, "CNY"), Account: a.Account, At: m.Clock.Now()}
}

func (m *market) rows(t testing.TB, q string) (n int64) {
	t.Helper()
	err := m.DB.Read(ctx, func(tx *db.Tx) error { _, err := tx.One(q, nil, &n); return err })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A refund that its wallet refused is sent by hand once: the books take it from the operator's bank, the wallet keeps
// what it has, and nobody sends it again.
func TestARefusedRefundIsSentByHand(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.paid(t)
		id := m.refused(t, a, "c1", 700)
		for range 2 { // pressed twice
			if err := m.Pay.SendByHand(ctx, byHand(id, "B-1")); err != nil {
				t.Fatal(err)
			}
		}
		is(t, m.Pay.SendByHand(ctx, byHand(id, "B-2")), "pay.not_refused")
		is(t, m.Pay.RetryRefund(ctx, id), "pay.no_refund")
		m.Send(t)
		if back := m.Refunds(t, a.Order); len(back) != 1 || back[0].State != pay.RefundByHand ||
			!back[0].Done.Equal(m.Clock.Now()) || m.alpha.PaidBack() != 0 {
			t.Errorf("%+v, %d paid back", back, m.alpha.PaidBack())
		}
		how, err := m.Pay.ByHand(ctx, a.Order)
		if h := how[id]; err != nil || len(how) != 1 || h.Ref != "B-1" || h.By != "lgn_a" || h.Why != "账户已注销" {
			t.Errorf("%+v, %v", how, err)
		}
		if all, err := m.Pay.Refused(ctx); err != nil || len(all) != 0 {
			t.Errorf("the operator still sees %+v, %v", all, err)
		}
		m.wantBalance(t, ledger.Refunding("alpha"), 0)
		m.wantBalance(t, ledger.OwnBank, 700)
		m.wantBalance(t, ledger.Wallet("alpha"), -1000)
		for what, q := range map[string]string{"audit row": `SELECT COUNT(*) FROM audit_entries WHERE what = 'refund.by_hand'`,
			"event": `SELECT COUNT(*) FROM outbox WHERE topic = 'refund.succeeded' AND body LIKE '%"by_hand":true%'`} {
			if n := m.rows(t, q); n != 1 {
				t.Errorf("%d of %s", n, what)
			}
		}
		m.CheckBooks(t, "CNY")
	})
}

// What its wallet may still pay, or did, is not sent by hand; nor what nobody can find at the bank again.
func TestWhatIsNotSentByHand(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.paid(t)
		id := m.refused(t, a, "c1", 100)
		long := strings.Repeat("长", pay.WhyMax+1)
		for _, c := range []struct{ ref, why, code string }{{"", "so", "pay.ref"}, {"a\nb", "so", "pay.ref"},
			{"a\u202eb", "so", "pay.ref"}, {long, "so", "pay.ref"}, {"B-1", " ", "pay.why"}, {"B-1", long, "pay.why"},
			{"B-1", "a\x00", "pay.why"}} {
			is(t, m.Pay.SendByHand(ctx, pay.ByHand{By: "lgn_a", Refund: id, Ref: c.ref, Why: c.why}), c.code)
		}
		is(t, m.Pay.SendByHand(ctx, byHand("rfd_none", "B-1")), "pay.no_refund")
		other := m.refused(t, a, "c2", 50)
		if err := m.Pay.SendByHand(ctx, byHand(other, " B-1 ")); err != nil {
			t.Fatal(err)
		}
		is(t, m.Pay.SendByHand(ctx, byHand(id, "B-1")), "pay.ref_known")
		if err := m.Pay.RetryRefund(ctx, id); err != nil {
			t.Fatal(err)
		}
		is(t, m.Pay.SendByHand(ctx, byHand(id, "B-2")), "pay.not_refused") // it is on its way
		m.Send(t)
		is(t, m.Pay.SendByHand(ctx, byHand(id, "B-2")), "pay.not_refused") // it is paid
		dear := m.refused(t, m.paid(t), "c1", paytest.Alone+1)
		is(t, m.Pay.SendByHand(ctx, byHand(dear, "B-3")), "pay.two")
		m.wantBalance(t, ledger.OwnBank, 50)
		m.CheckBooks(t, "CNY")
	})
}

// A wallet that pays what was sent by hand has paid a second time: the item is open, the order is told, and what the
// shopper has too much meets what is refunded next.
func TestAWalletPaysWhatWasSentByHand(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.paid(t)
		id := m.refused(t, a, "c1", 300)
		if err := m.Pay.SendByHand(ctx, byHand(id, "B-1")); err != nil {
			t.Fatal(err)
		}
		for i, want := range []pay.Effect{pay.Suspended, pay.Duplicated} {
			got := m.apply(t, m.late(a, id, 300))[0]
			if got.Effect != want || i == 0 && got.Reason != "by_hand" {
				t.Errorf("%+v", got)
			}
		}
		items, err := m.Pay.Suspense(ctx)
		if err != nil || len(items) != 1 || items[0].Reason != "by_hand" || items[0].Order != a.Order {
			t.Errorf("%+v, %v", items, err)
		}
		m.wantBalance(t, ledger.Wallet("alpha"), -1000) // nothing is booked before somebody has looked
		m.refund(t, a, "c2", 500)
		if m.alpha.PaidBack() != 200 {
			t.Errorf("%d paid back", m.alpha.PaidBack())
		}
		if items, err := m.Pay.Suspense(ctx); err != nil || len(items) != 0 {
			t.Errorf("%+v, %v", items, err)
		}
		m.wantBalance(t, ledger.OwnBank, 300)
		m.CheckBooks(t, "CNY")
	})
}

// However the wallet's late word, the operator's, and a colleague's that it be sent again meet, the shopper is paid once,
// or it is shown that it was twice.
func TestByHandRacesTheWallet(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		var hands, lates int64
		for n := range 24 {
			a := m.paid(t)
			id := m.refused(t, a, "c1", 100)
			var effect pay.Effect
			var hand, again error
			var all sync.WaitGroup
			for _, f := range []func(){
				func() { hand = m.Pay.SendByHand(ctx, byHand(id, fmt.Sprint("B-", n))) },
				func() { again = m.Pay.RetryRefund(ctx, id) },
				func() {
					got, err := m.Pay.ApplyFacts(ctx, []pay.Fact{m.late(a, id, 100)})
					if err != nil {
						t.Error(err)
						return
					}
					effect = got[0].Effect
				},
			} {
				all.Go(f)
			}
			all.Wait()
			state := m.Refunds(t, a.Order)[0].State
			if (hand == nil) != (state == pay.RefundByHand) || (effect == pay.Suspended) != (hand == nil) ||
				effect != pay.Suspended && state != pay.RefundSucceeded || hand == nil && again == nil {
				t.Errorf("%s, by hand %v, again %v, the wallet's word: %s", state, hand, again, effect)
			}
			if hand != nil && !fault.Is(hand, "pay.not_refused") || again != nil && !fault.Is(again, "pay.no_refund") {
				t.Error(hand, again)
			}
			if hand == nil {
				hands++
			} else {
				lates++
			}
		}
		m.wantBalance(t, ledger.OwnBank, 100*hands)
		m.wantBalance(t, ledger.Wallet("alpha"), -24*1000+100*lates)
		m.wantBalance(t, ledger.Refunding("alpha"), 0)
		m.CheckBooks(t, "CNY")
	})
}
