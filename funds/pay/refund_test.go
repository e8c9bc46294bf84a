package pay_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/ledger"
	"hutong/funds/pay"
)

// paid gives an attempt whose ten yuan the order took.
func (m *market) paid(t testing.TB) pay.Attempt {
	t.Helper()
	a := m.begun(t, "alpha")
	m.wantEffect(t, pay.Applied, m.alpha.Capture(a, "in-"+string(a.ID)))
	return a
}

// M22: more than captured minus refunded, or another currency, is refused with 422 and changes nothing.
func TestM22_RefundTooLarge(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.paid(t)
		for _, ask := range []pay.RefundAsk{
			{Order: a.Order, Amount: 1001, Currency: "CNY"},
			{Order: a.Order, Amount: 1, Currency: "USD"},
			{Order: "ord_other", Amount: 1, Currency: "CNY"},
			{Order: a.Order, Case: "c", Amount: 1 << 60, Currency: "CNY"},
		} {
			ids, err := m.ask(ask)
			if err == nil || fault.Of(err).Status() != 422 && !fault.Is(err, "pay.malformed") || len(ids) != 0 {
				t.Errorf("%+v: %v, %v", ask, ids, err)
			}
		}
		if _, err := m.ask(pay.RefundAsk{Order: a.Order, Case: "c1", Amount: 600, Currency: "CNY"}); err != nil {
			t.Fatal(err)
		}
		_, err := m.ask(pay.RefundAsk{Order: a.Order, Case: "c2", Amount: 401, Currency: "CNY"})
		is(t, err, "pay.refund_too_large")
		// Two asks in one call, each small enough alone: all or none.
		err = m.DB.Write(ctx, func(tx *db.Tx) error {
			_, err := m.Pay.Ask(tx, m.Clock.Now(), []pay.RefundAsk{{Order: a.Order, Case: "c3", Amount: 300, Currency: "CNY"},
				{Order: a.Order, Case: "c4", Amount: 300, Currency: "CNY"}})
			return err
		})
		is(t, err, "pay.refund_too_large")
		if now := m.Attempt(t, a); now.Refunded != 600 {
			t.Errorf("%+v", now)
		}
		m.wantBalance(t, ledger.Refunding("alpha"), 600)
	})
}

// M22 at once: however many ask together, the statement lets through what there is.
func TestM22_Concurrently(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.paid(t)
		var granted atomic.Int64
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				_, err := m.ask(pay.RefundAsk{Order: a.Order, Case: fmt.Sprint("c", i), Amount: 90, Currency: "CNY"})
				switch {
				case err == nil:
					granted.Add(90)
				case !fault.Is(err, "pay.refund_too_large"):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if granted.Load() != 990 {
			t.Errorf("%d granted of 1000", granted.Load())
		}
		m.Send(t)
		if back := m.alpha.PaidBack(); back != 990 {
			t.Errorf("%d paid back", back)
		}
		m.wantBalance(t, ledger.Escrow, 10)
		m.wantBalance(t, ledger.Refunding("alpha"), 0)
	})
}

// The guard is the statement: it refuses by itself what a stale plan would give.
func TestM22_GuardIsInTheWrite(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.paid(t)
		err := m.DB.Write(ctx, func(tx *db.Tx) error {
			counted, err := pay.TakeBack(tx, []pay.Refund{{Attempt: a.ID, Amount: money.New(600, "CNY")},
				{Attempt: a.ID, Amount: money.New(401, "CNY")}, {Attempt: a.ID, Amount: money.New(1, "USD")},
				{Attempt: a.ID, Amount: money.New(400, "CNY")}})
			if fmt.Sprint(counted) != "[1 0 0 1]" {
				t.Errorf("counted %v", counted)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// The schema is the last guard: no statement can count more back than came in.
func TestM22_SchemaHolds(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.paid(t)
		err := m.DB.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE attempts SET refunded = 1001 WHERE id = $1`, a.ID)
			return err
		})
		if !errors.Is(err, db.ErrCheck) {
			t.Errorf("got %v", err)
		}
	})
}

// R15: a refund pressed twice, by two operators at once, is one refund; another amount under the same case is refused;
// what the wallet took back by itself is not sent again.
func TestR15_RefundPressedTwice(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.paid(t)
		ask := pay.RefundAsk{Order: a.Order, Case: "cas_1", Amount: 400, Currency: "CNY", Reason: "late"}
		var mu sync.Mutex
		seen := map[pay.RefundID]bool{}
		var wg sync.WaitGroup
		for range 12 {
			wg.Go(func() {
				ids, err := m.ask(ask)
				mu.Lock()
				defer mu.Unlock()
				if err != nil || len(ids) != 1 {
					t.Errorf("%v, %v", ids, err)
					return
				}
				seen[ids[0]] = true
			})
		}
		wg.Wait()
		if len(seen) != 1 || len(m.Refunds(t, a.Order)) != 1 {
			t.Errorf("%d refunds", len(seen))
		}
		ask.Amount = 500
		_, err := m.ask(ask)
		is(t, err, "pay.refund_mismatch")
		m.Send(t)
		m.Send(t)
		if back := m.alpha.PaidBack(); back != 400 {
			t.Errorf("%d paid back", back)
		}
		charged := pay.Fact{Provider: "alpha", Txn: "cb", Kind: pay.KindRefund, Attempt: a.ID,
			Amount: money.New(600, "CNY"), Account: a.Account, At: m.Clock.Now()}
		m.wantEffect(t, pay.Suspended, charged)
		_, err = m.ask(pay.RefundAsk{Order: a.Order, Case: "cas_2", Amount: 600, Currency: "CNY"})
		if err != nil {
			t.Fatal(err)
		}
		m.Send(t)
		if back := m.alpha.PaidBack(); back != 400 {
			t.Errorf("%d paid back after the wallet took the rest", back)
		}
		m.CheckBooks(t, "CNY")
	})
}

// A wallet that does not answer a refund is asked again with the same id until it has; nothing is paid twice.
func TestRefundIsSentUntilAnswered(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.paid(t)
		silent := 3
		m.alpha.On(func(_ context.Context, verb, _ string) (bool, pay.Outcome, error) {
			if verb != "refund" || silent == 0 {
				return true, pay.OK, nil
			}
			silent--
			return silent == 1, pay.UNKNOWN, errors.New("reset") // once it is done and the answer is lost
		})
		ids, err := m.ask(pay.RefundAsk{Order: a.Order, Amount: 700, Currency: "CNY"})
		if err != nil {
			t.Fatal(err)
		}
		for range 12 {
			m.Send(t)
			m.Clock.Advance(time.Minute)
		}
		back := m.Refunds(t, a.Order)
		if len(back) != 1 || back[0].ID != ids[0] || back[0].State != pay.RefundSucceeded || m.alpha.PaidBack() != 700 {
			t.Errorf("%+v, paid back %d", back, m.alpha.PaidBack())
		}
	})
}

// A wallet that refuses a refund leaves it to the operator, with the money still set aside.
func TestRefusedRefundWaitsForTheOperator(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.paid(t)
		m.alpha.On(func(_ context.Context, verb, _ string) (bool, pay.Outcome, error) {
			return verb != "refund", pay.REFUSED, errors.New("the account is empty")
		})
		ids, err := m.ask(pay.RefundAsk{Order: a.Order, Amount: 700, Currency: "CNY"})
		if err != nil {
			t.Fatal(err)
		}
		m.Send(t)
		if back := m.Refunds(t, a.Order); back[0].State != pay.RefundRefused {
			t.Errorf("%+v", back)
		}
		m.wantBalance(t, ledger.Refunding("alpha"), 700)
		m.alpha.On(nil)
		m.Clock.Advance(time.Hour)
		m.Send(t)
		if m.alpha.PaidBack() != 0 {
			t.Error("a refused refund was sent again by itself")
		}
		if all, err := m.Pay.Refused(ctx); err != nil || len(all) != 1 || all[0].ID != ids[0] || all[0].Amount.Minor != 700 {
			t.Errorf("the operator is shown %+v, %v", all, err)
		}
		if all, err := m.Pay.RefusedAfter(ctx, ids[0], 9); err != nil || len(all) != 0 {
			t.Errorf("after the last one are %+v, %v", all, err)
		}
		more := m.paid(t)
		m.alpha.On(func(_ context.Context, verb, _ string) (bool, pay.Outcome, error) {
			return verb != "refund", pay.REFUSED, errors.New("the account is empty")
		})
		two, err := m.ask(pay.RefundAsk{Order: more.Order, Amount: 1, Currency: "CNY"})
		if err != nil {
			t.Fatal(err)
		}
		m.Send(t)
		m.alpha.On(nil)
		for after, want := range map[pay.RefundID]pay.RefundID{"": ids[0], ids[0]: two[0]} {
			if all, err := m.Pay.RefusedAfter(ctx, after, 1); err != nil || len(all) != 1 || all[0].ID != want {
				t.Errorf("after %q: %+v, %v", after, all, err)
			}
		}
		for _, id := range append(two, ids...) {
			if err := m.Pay.RetryRefund(ctx, id); err != nil {
				t.Fatal(err)
			}
		}
		if all, err := m.Pay.Refused(ctx); err != nil || len(all) != 0 {
			t.Errorf("sent again, the operator is shown %+v, %v", all, err)
		}
		m.Send(t)
		m.wantBalance(t, ledger.Refunding("alpha"), 0)
		is(t, m.Pay.RetryRefund(ctx, ids[0]), "pay.no_refund")
	})
}

// A wallet that says it paid one refund out twice gets the second one noted, not booked.
func TestRefundPaidTwiceByTheWallet(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.paid(t)
		ids, err := m.ask(pay.RefundAsk{Order: a.Order, Amount: 300, Currency: "CNY"})
		if err != nil {
			t.Fatal(err)
		}
		m.Send(t)
		again := pay.Fact{Provider: "alpha", Txn: "other", Kind: pay.KindRefund, Attempt: a.ID, Refund: ids[0],
			Amount: money.New(300, "CNY"), Account: a.Account, At: m.Clock.Now()}
		got := m.apply(t, again)[0]
		if got.Effect != pay.Suspended || got.Reason != "refund_twice" {
			t.Errorf("%+v", got)
		}
		m.wantBalance(t, ledger.Wallet("alpha"), -700)
		if now := m.Attempt(t, a); now.ChargedBack != 300 || now.Refunded != 300 {
			t.Errorf("%+v", now)
		}
		m.CheckBooks(t, "CNY")
	})
}

// Nothing is asked for nothing, and without a case every ask is a new one.
func TestZeroAndRepeatedAsks(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.paid(t)
		ids, err := m.ask(pay.RefundAsk{Order: a.Order, Case: "free", Amount: 0, Currency: "CNY"})
		if err != nil || len(ids) != 0 {
			t.Errorf("nothing: %v, %v", ids, err)
		}
		first, err := m.ask(pay.RefundAsk{Order: a.Order, Amount: 100, Currency: "CNY"})
		if err != nil {
			t.Fatal(err)
		}
		second, err := m.ask(pay.RefundAsk{Order: a.Order, Amount: 100, Currency: "CNY"})
		if err != nil || second[0] == first[0] {
			t.Errorf("%v %v, %v", first, second, err)
		}
	})
}

// TestMoneyOnTopIsNoPartOfTheCapture: it is asked once for a case, counted nowhere as given back, and goes to whoever
// paid. A wallet that cannot send money leaves it to the operator.
func TestMoneyOnTopIsNoPartOfTheCapture(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.paid(t)
		top := pay.RefundAsk{Order: a.Order, Case: "top", Amount: 300, Currency: "CNY", Extra: true}
		_, err := m.ask(pay.RefundAsk{Order: a.Order, Amount: 300, Currency: "CNY", Extra: true})
		is(t, err, "pay.malformed") // without a name it might go out twice
		ids, err := m.ask(top)
		if err != nil || len(ids) != 1 {
			t.Fatal(ids, err)
		}
		if again, err := m.ask(top); err != nil || !slices.Equal(again, ids) {
			t.Errorf("asked again: %v, %v", again, err)
		}
		if now := m.Attempt(t, a); now.Refunded != 0 {
			t.Errorf("%d counted as given back", now.Refunded)
		}
		m.Send(t) // the till's wallet is no pay.Giver
		if back := m.Refunds(t, a.Order); len(back) != 1 || !back[0].Extra || back[0].State != pay.RefundRefused {
			t.Errorf("%+v", back)
		}
		_, err = m.ask(pay.RefundAsk{Order: "ord_other", Case: "top", Amount: 1, Currency: "CNY", Extra: true})
		is(t, err, "pay.refund_too_large")
	})
}
