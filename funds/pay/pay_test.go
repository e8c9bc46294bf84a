package pay_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/ledger"
	"hutong/funds/pay"
	"hutong/funds/pay/paytest"
	"hutong/party/audit"
)

var (
	ctx  = context.Background()
	tenY = money.New(1000, "CNY")
)

// market is a Bench with two scripted wallets, alpha and beta.
type market struct {
	*paytest.Bench
	alpha, beta *paytest.Script
}

// onBoth runs a test on each engine.
func onBoth(t *testing.T, test func(t *testing.T, m *market)) {
	dbtest.Each(t, paytest.Schemas, func(t *testing.T, d *db.DB) { test(t, newMarket(t, d)) })
}

func newMarket(t testing.TB, d *db.DB) *market {
	m := &market{alpha: paytest.NewScript("alpha"), beta: paytest.NewScript("beta")}
	m.Bench = paytest.NewBench(t, d, func(*paytest.Bench) []pay.Provider { return []pay.Provider{m.alpha, m.beta} })
	return m
}

// apply tells the market facts by the way of asking, and gives what became of them.
func (m *market) apply(t testing.TB, facts ...pay.Fact) []pay.Result {
	t.Helper()
	got, err := m.Pay.ApplyFacts(ctx, facts)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (m *market) wantEffect(t testing.TB, want pay.Effect, f pay.Fact) {
	t.Helper()
	if got := m.apply(t, f)[0].Effect; got != want {
		t.Errorf("%s %s: %q, want %q", f.Kind, f.Txn, got, want)
	}
}

func (m *market) wantOrder(t testing.TB, order, want string) {
	t.Helper()
	if got := m.Till.Order(t, order).State; got != want {
		t.Errorf("the order is %s, want %s", got, want)
	}
}

func (m *market) wantBalance(t testing.TB, a ledger.Account, want int64) {
	t.Helper()
	if got := m.Balance(t, a, "CNY"); got != want {
		t.Errorf("%s holds %d, want %d", a, got, want)
	}
}

// ask asks for a refund in a transaction of its own.
func (m *market) ask(a pay.RefundAsk) (ids []pay.RefundID, err error) {
	err = m.DB.Write(ctx, func(tx *db.Tx) (err error) {
		ids, err = m.Pay.Ask(tx, m.Clock.Now(), []pay.RefundAsk{a})
		return err
	})
	return ids, err
}

// begun sells something for ten yuan and begins to pay it.
func (m *market) begun(t testing.TB, wallet string) pay.Attempt {
	t.Helper()
	a, _ := m.Begin(t, m.Sell(t, tenY), wallet)
	return a
}

func is(t testing.TB, err error, code string) {
	t.Helper()
	if !fault.Is(err, code) {
		t.Errorf("got %v, want %s", err, code)
	}
}

func TestBeginRefuses(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		order := m.Sell(t, tenY)
		begin := func(cmd pay.Begin) error {
			_, _, err := m.Pay.Begin(ctx, cmd)
			return err
		}
		is(t, begin(pay.Begin{Order: order, Shopper: paytest.Shopper, Wallet: "cash"}), "pay.no_wallet")
		is(t, begin(pay.Begin{Order: order, Shopper: "shr_2", Wallet: "alpha"}), "pay.no_order")
		is(t, begin(pay.Begin{Order: order, Shopper: "", Wallet: "alpha"}), "pay.no_order")
		is(t, begin(pay.Begin{Order: "ord_x", Shopper: paytest.Shopper, Wallet: "alpha"}), "pay.no_order")
		m.Clock.Advance(15 * time.Minute) // the window is half-open
		is(t, begin(pay.Begin{Order: order, Shopper: paytest.Shopper, Wallet: "alpha"}), "pay.expired")
		m.Till.Change(t, order, func(o *paytest.Order) { o.State = "cancelled" })
		is(t, begin(pay.Begin{Order: order, Shopper: paytest.Shopper, Wallet: "alpha"}), "pay.not_payable")
		if n := m.alpha.Calls("begin"); n != 0 {
			t.Errorf("the wallet was called %d times", n)
		}
	})
}

// Pressing twice gives the same attempt; another wallet gives another one, up to a bound.
func TestBeginAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		order := m.Sell(t, tenY)
		first, how := m.Begin(t, order, "alpha")
		again, howAgain := m.Begin(t, order, "alpha")
		if again.ID != first.ID || how != howAgain || m.alpha.Calls("begin") != 1 {
			t.Errorf("again: %+v %+v after %d calls", again, howAgain, m.alpha.Calls("begin"))
		}
		other, _ := m.Begin(t, order, "beta")
		if other.ID == first.ID {
			t.Error("two wallets share an attempt")
		}
		m.alpha.On(func(context.Context, string, string) (bool, pay.Outcome, error) {
			return false, pay.REFUSED, errors.New("blocked")
		})
		var err error
		for range 30 {
			fresh := m.Sell(t, tenY)
			_, _, err = m.Pay.Begin(ctx, pay.Begin{Order: fresh, Shopper: paytest.Shopper, Wallet: "alpha"})
			is(t, err, "pay.wallet_refused")
		}
		crowded := m.Sell(t, tenY)
		for range 21 {
			_, _, err = m.Pay.Begin(ctx, pay.Begin{Order: crowded, Shopper: paytest.Shopper, Wallet: "alpha"})
		}
		is(t, err, "pay.too_many_attempts")
	})
}

// R7: cancelling and paying at the same instant end as paid, or as cancelled with the money on its way back.
func TestR7_CancelAgainstPay(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		for range 20 {
			a := m.begun(t, "alpha")
			f := m.alpha.Capture(a, "txn-"+string(a.ID))
			var wg sync.WaitGroup
			wg.Go(func() {
				m.Till.Change(t, a.Order, func(o *paytest.Order) {
					if o.State == "waiting" {
						o.State = "cancelled"
					}
				})
			})
			wg.Go(func() { m.apply(t, f) })
			wg.Wait()
			back := m.Refunds(t, a.Order)
			switch state := m.Till.Order(t, a.Order).State; {
			case state == "paid" && len(back) == 0, state == "cancelled" && len(back) == 1 && back[0].Amount == tenY:
			default:
				t.Fatalf("the order is %s and the refunds are %+v", state, back)
			}
		}
	})
}

// R8: a capture after the expiry takes stock again where there is some, else all of it goes back.
func TestR8_CaptureAfterExpiry(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		for _, restock := range []bool{true, false} {
			a := m.begun(t, "alpha")
			m.Clock.Advance(16 * time.Minute)
			m.Till.Change(t, a.Order, func(o *paytest.Order) { o.State, o.Restock = "cancelled", restock })
			f := m.alpha.Capture(a, "txn-"+string(a.ID))
			if restock {
				m.wantEffect(t, pay.Applied, f)
				m.wantOrder(t, a.Order, "paid")
				continue
			}
			m.wantEffect(t, pay.Returned, f)
			m.wantOrder(t, a.Order, "cancelled")
			m.wantBalance(t, ledger.Refunding("alpha"), 1000)
			m.Send(t)
			if back := m.Refunds(t, a.Order); len(back) != 1 || back[0].State != pay.RefundSucceeded ||
				back[0].Reason != "order.cancelled" || back[0].Txn != f.Txn {
				t.Errorf("refunds: %+v", back)
			}
		}
		m.wantBalance(t, ledger.Escrow, 1000)
		m.wantBalance(t, ledger.Refunding("alpha"), 0)
		m.wantBalance(t, ledger.Wallet("alpha"), -1000)
		m.CheckBooks(t, "CNY")
	})
}

// R9: the same notification again is answered the same and does nothing.
func TestR9_DuplicateNotification(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.begun(t, "alpha")
		h, body := m.alpha.Notice(m.alpha.Capture(a, "t1"))
		for range 5 {
			r, err := m.Pay.Notify(ctx, "alpha", h, body)
			if err != nil || r.Status != http.StatusOK || string(r.Body) != "ok" {
				t.Fatalf("%+v, %v", r, err)
			}
		}
		if now := m.Attempt(t, a); now.Captured != 1000 || now.State != pay.Succeeded {
			t.Errorf("%+v", now)
		}
		m.wantBalance(t, ledger.Escrow, 1000)
	})
}

// R10: one payment told of by two events, at once and by two ways, is one payment.
func TestR10_SamePaymentTwoEvents(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		for range 10 {
			a := m.begun(t, "alpha")
			f := m.alpha.Capture(a, "txn-"+string(a.ID))
			later := f
			later.At = f.At.Add(time.Second) // another event about the same transaction
			var wg sync.WaitGroup
			for _, f := range []pay.Fact{f, later, f, later} {
				h, body := m.alpha.Notice(f)
				wg.Go(func() { m.apply(t, f) })
				wg.Go(func() {
					if _, err := m.Pay.Notify(ctx, "alpha", h, body); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if now := m.Attempt(t, a); now.Captured != 1000 || now.Refunded != 0 {
				t.Errorf("%+v", now)
			}
		}
		m.wantBalance(t, ledger.Escrow, 10_000)
	})
}

// R11: a refund that is heard of before its capture ends as if it had come in order: the order is paid, and of money
// that the wallet took back by itself nothing is sent again.
func TestR11_RefundBeforeCapture(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		var ends []pay.Attempt
		for _, inOrder := range []bool{true, false} {
			a := m.begun(t, "alpha")
			capture := m.alpha.Capture(a, "in-"+string(a.ID))
			refund := capture
			refund.Kind, refund.Txn, refund.Refund = pay.KindRefund, "out-"+string(a.ID), "theirs"
			if inOrder {
				m.wantEffect(t, pay.Applied, capture)
				m.wantEffect(t, pay.Suspended, refund)
			} else {
				m.wantEffect(t, pay.Suspended, refund)
				m.wantEffect(t, pay.Applied, capture)
			}
			m.wantEffect(t, pay.Duplicated, refund)
			m.wantOrder(t, a.Order, "paid")
			_, err := m.ask(pay.RefundAsk{Order: a.Order, Case: "c", Amount: 1, Currency: "CNY"})
			if err != nil {
				t.Fatal(err)
			}
			m.Send(t)
			if back := m.alpha.PaidBack(); back != 0 {
				t.Errorf("%d paid back", back)
			}
			end := m.Attempt(t, a)
			end.ID, end.Order, end.Txn, end.Ref, end.LinesHash, end.Instruction = "", "", "", "", "", pay.Instruction{}
			ends = append(ends, end)
		}
		if ends[0] != ends[1] {
			t.Errorf("in order:     %+v\nout of order: %+v", ends[0], ends[1])
		}
	})
}

// R12: the wallet tells of the payment before its answer to Begin is here.
func TestR12_NotificationBeforeBeginReturns(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		order := m.Sell(t, tenY)
		m.alpha.On(func(_ context.Context, verb, id string) (bool, pay.Outcome, error) {
			if verb == "begin" {
				a := pay.Attempt{ID: pay.AttemptID(id), Amount: tenY, Created: m.Clock.Now()}
				h, body := m.alpha.Notice(m.alpha.Capture(a, "t1"))
				if r, err := m.Pay.Notify(ctx, "alpha", h, body); err != nil || r.Status != http.StatusOK {
					t.Errorf("%+v, %v", r, err)
				}
			}
			return true, pay.OK, nil
		})
		a, _ := m.Begin(t, order, "alpha")
		m.wantOrder(t, order, "paid")
		if now := m.Attempt(t, a); now.State != pay.Succeeded || now.Ref == "" {
			t.Errorf("%+v", now)
		}
	})
}

// R13: a payment of nothing we know is kept, answered with 202, and matched by the operator or sent back.
func TestR13_UnknownOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		stray := func(txn string) pay.Fact {
			f := m.alpha.Capture(pay.Attempt{ID: pay.AttemptID("att_" + txn), Amount: tenY, Created: m.Clock.Now()}, txn)
			h, body := m.alpha.Notice(f)
			if r, err := m.Pay.Notify(ctx, "alpha", h, body); err != nil || r.Status != http.StatusAccepted {
				t.Fatalf("%+v, %v", r, err)
			}
			return f
		}
		matched, sent, old := stray("t1"), stray("t2"), stray("t3")
		if _, suspended := m.Pay.Counters(); suspended != 3 {
			t.Errorf("%d counted", suspended)
		}
		m.wantBalance(t, ledger.Suspense, 3000)

		a := m.begun(t, "beta")
		_, err := m.Pay.MatchSuspense(ctx, matched.Key(), a.ID)
		is(t, err, "pay.no_match") // at another wallet
		a = m.begun(t, "alpha")
		if got, err := m.Pay.MatchSuspense(ctx, matched.Key(), a.ID); err != nil || got.Effect != pay.Applied {
			t.Errorf("%+v, %v", got, err)
		}
		_, err = m.Pay.MatchSuspense(ctx, matched.Key(), a.ID)
		is(t, err, "pay.no_suspense")
		m.wantOrder(t, a.Order, "paid")
		m.wantBalance(t, ledger.Escrow, 1000)

		if err := m.Pay.ReturnSuspense(ctx, sent.Key()); err != nil {
			t.Fatal(err)
		}
		is(t, m.Pay.ReturnSuspense(ctx, sent.Key()), "pay.no_suspense")
		m.wantRecord(t, "suspense.returned alpha t2", "suspense.matched alpha t1") // each word once, whoever was refused
		m.Clock.Advance(72 * time.Hour)
		if n, err := m.Pay.ReturnOld(ctx); n != 0 || err != nil {
			t.Errorf("after exactly three days: %d, %v", n, err)
		}
		m.Clock.Advance(time.Second)
		if n, err := m.Pay.ReturnOld(ctx); n != 1 || err != nil {
			t.Errorf("after three days: %d, %v", n, err)
		}
		m.Send(t)
		m.wantBalance(t, ledger.Suspense, 0)
		m.wantBalance(t, ledger.Refunding("alpha"), 0)
		if back := m.alpha.PaidBack(); back != 2000 {
			t.Errorf("%d was sent back", back)
		}
		m.wantEffect(t, pay.Duplicated, old)
		m.CheckBooks(t, "CNY")
	})
}

// R14: paying with two wallets gives one paid order and one automatic refund of the whole second payment.
func TestR14_TwoWallets(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		for range 10 {
			order := m.Sell(t, tenY)
			a, _ := m.Begin(t, order, "alpha")
			b, _ := m.Begin(t, order, "beta")
			fa, fb := m.alpha.Capture(a, "txn-"+string(a.ID)), m.beta.Capture(b, "txn-"+string(b.ID))
			var wg sync.WaitGroup
			for _, f := range []pay.Fact{fa, fb, fa, fb} {
				wg.Go(func() { m.apply(t, f) })
			}
			wg.Wait()
			m.wantOrder(t, order, "paid")
			m.Send(t)
			back := m.Refunds(t, order)
			if len(back) != 1 || back[0].Amount != tenY || back[0].State != pay.RefundSucceeded {
				t.Fatalf("refunds: %+v", back)
			}
			if paid := m.Till.Order(t, order).Attempt; back[0].Attempt == paid {
				t.Error("the payment that the order took was refunded")
			}
		}
		m.wantBalance(t, ledger.Escrow, 10_000)
		if sum := m.alpha.PaidBack() + m.beta.PaidBack(); sum != 10_000 {
			t.Errorf("%d was sent back", sum)
		}
		m.CheckBooks(t, "CNY")
	})
}

// R14, in one batch: the shopper's first payment wins by the wallets' clocks, whichever news is first.
func TestR14_TheEarlierPaymentWins(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		order := m.Sell(t, tenY)
		a, _ := m.Begin(t, order, "alpha")
		b, _ := m.Begin(t, order, "beta")
		fa, fb := m.alpha.Capture(a, "t1"), m.beta.Capture(b, "t2")
		fa.At = fa.At.Add(2 * time.Second)
		fb.At = fb.At.Add(time.Second)
		m.apply(t, fa, fb)
		if got := m.Till.Order(t, order).Attempt; got != b.ID {
			t.Errorf("%s won, %s was first", got, b.ID)
		}
	})
}

// One attempt captured twice under two numbers: the second goes back too.
func TestR14_OneAttemptCapturedTwice(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.begun(t, "alpha")
		m.wantEffect(t, pay.Applied, m.alpha.Capture(a, "t1"))
		m.wantEffect(t, pay.Returned, m.alpha.Capture(a, "t2"))
		m.Send(t)
		if now := m.Attempt(t, a); now.Captured != 2000 || now.Refunded != 1000 || now.Txn != "t1" {
			t.Errorf("%+v", now)
		}
		if back := m.Refunds(t, a.Order); len(back) != 1 || back[0].Txn != "t2" {
			t.Errorf("%+v", back)
		}
	})
}

// wantRecord compares what was recorded, newest first.
func (m *market) wantRecord(t *testing.T, want ...string) {
	t.Helper()
	all, err := audit.New(m.DB, m.Clock, m.IDs).Entries(ctx, audit.Query{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range all.Entries {
		got = append(got, e.What+" "+e.On)
	}
	if !slices.Equal(got, want) {
		t.Errorf("recorded %q, want %q", got, want)
	}
}
