package pay_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/funds/ledger"
	"hutong/funds/pay"
	"hutong/funds/pay/paytest"
)

// X11: whatever goes wrong at the wallet, the attempt stays unknown, the other wallet is offered and works, and Poll
// finds out what really happened.
func TestX11_WalletDoesNotAnswer(t *testing.T) {
	troubles := map[string]func(ctx context.Context) (bool, pay.Outcome, error){
		"500":             func(context.Context) (bool, pay.Outcome, error) { return false, pay.UNKNOWN, errors.New("500") },
		"reset after all": func(context.Context) (bool, pay.Outcome, error) { return false, pay.UNKNOWN, errors.New("reset") },
		"half an answer":  func(context.Context) (bool, pay.Outcome, error) { return false, "", nil },
		"a defect":        func(context.Context) (bool, pay.Outcome, error) { panic("nil map") },
		"slow": func(ctx context.Context) (bool, pay.Outcome, error) {
			<-ctx.Done()
			return false, pay.UNKNOWN, ctx.Err()
		},
	}
	onBoth(t, func(t *testing.T, m *market) {
		for name, trouble := range troubles {
			order := m.Sell(t, tenY)
			var about atomic.Value
			m.alpha.On(func(ctx context.Context, _, id string) (bool, pay.Outcome, error) {
				about.Store(id)
				return trouble(ctx)
			})
			a, _, err := m.Pay.Begin(ctx, pay.Begin{Order: order, Shopper: paytest.Shopper, Wallet: "alpha"})
			is(t, err, "pay.wallet_silent")
			if fault.As(err).RetryAfter == 0 {
				t.Errorf("%s: the shopper is not told when to try again", name)
			}
			if now := m.Attempt(t, a); now.State != pay.Unknown || string(now.ID) != about.Load() {
				t.Errorf("%s: the attempt is %+v", name, now)
			}
			m.alpha.On(nil)
			m.alpha.Capture(a, "txn-"+string(a.ID)) // the bill was made, and the shopper pays it
			m.Clock.Advance(30 * time.Second)
			if _, err := m.Pay.Poll(ctx); err != nil {
				t.Fatal(err)
			}
			m.wantOrder(t, order, "paid")
			if now := m.Attempt(t, a); now.State != pay.Succeeded {
				t.Errorf("%s: after the poll %+v", name, now)
			}
		}
	})
}

// X11: while a wallet is down it is shown as such, the other one works, and it is tried again after a pause.
func TestX11_OtherWalletIsOffered(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		m.alpha.On(func(context.Context, string, string) (bool, pay.Outcome, error) {
			return false, pay.UNKNOWN, errors.New("down")
		})
		order := m.Sell(t, tenY)
		for range 8 {
			_, _, err := m.Pay.Begin(ctx, pay.Begin{Order: order, Shopper: paytest.Shopper, Wallet: "alpha"})
			is(t, err, "pay.wallet_silent")
		}
		if n := m.alpha.Calls("begin"); n != 5 {
			t.Errorf("a wallet that is down was called %d times", n)
		}
		if all, err := m.Pay.Attempts(ctx, order); len(all) != 1 || err != nil {
			t.Errorf("%d attempts, %v: pressing again makes new ones", len(all), err)
		}
		if got := fmt.Sprint(m.Pay.Wallets(ctx, tenY)); got != "[{alpha false} {beta true}]" {
			t.Errorf("offered: %s", got)
		}
		b, _ := m.Begin(t, order, "beta")
		m.wantEffect(t, pay.Applied, m.beta.Capture(b, "t1"))
		m.wantOrder(t, order, "paid")
		m.alpha.On(nil)
		m.Clock.Advance(30 * time.Second)
		if got := fmt.Sprint(m.Pay.Wallets(ctx, tenY)); got != "[{alpha true} {beta true}]" {
			t.Errorf("offered after the pause: %s", got)
		}
	})
}

// Poll asks less and less often, finds a payment whose notification was lost, and ends.
func TestPollFindsLostNotificationsAndEnds(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		lost, never, closed := m.begun(t, "alpha"), m.begun(t, "alpha"), m.begun(t, "alpha")
		m.alpha.On(func(_ context.Context, verb, id string) (bool, pay.Outcome, error) {
			return id != string(closed.ID) || verb != "query", pay.REFUSED, errors.New("closed")
		})
		m.alpha.Capture(lost, "t1")
		if n, err := m.Pay.Poll(ctx); n != 0 || err != nil {
			t.Errorf("asked %d at once, %v", n, err)
		}
		asked := 0
		for range 5 * 60 { // five hours
			m.Clock.Advance(time.Minute)
			n, err := m.Pay.Poll(ctx)
			if err != nil {
				t.Fatal(err)
			}
			asked += n
		}
		if asked < 10 || asked > 40 {
			t.Errorf("asked %d times in five hours", asked)
		}
		m.wantOrder(t, lost.Order, "paid")
		for a, want := range map[pay.AttemptID]pay.State{lost.ID: pay.Succeeded, never.ID: pay.Cancelled, closed.ID: pay.Failed} {
			if got := m.Attempt(t, pay.Attempt{ID: a, Order: map[pay.AttemptID]string{lost.ID: lost.Order,
				never.ID: never.Order, closed.ID: closed.Order}[a]}).State; got != want {
				t.Errorf("%s is %s, want %s", a, got, want)
			}
		}
		m.wantEffect(t, pay.Applied, m.alpha.Capture(never, "t2")) // the order still takes it: money is never denied
		if now := m.Attempt(t, never); now.State != pay.Succeeded {
			t.Errorf("%+v", now)
		}
	})
}

// X12: a wallet that took the money and then does not know of it changes nothing; the contradiction is noted.
func TestX12_SuccessThenNotFound(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.begun(t, "alpha")
		m.alpha.On(func(_ context.Context, verb, _ string) (bool, pay.Outcome, error) {
			if verb == "query" { // the notification overtakes the answer
				m.apply(t, m.alpha.Capture(a, "t1"))
			}
			return verb != "query", pay.REFUSED, errors.New("not found")
		})
		m.Clock.Advance(time.Minute)
		if n, err := m.Pay.Poll(ctx); n != 1 || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		m.wantOrder(t, a.Order, "paid")
		if now := m.Attempt(t, a); now.State != pay.Succeeded || now.Captured != 1000 {
			t.Errorf("%+v", now)
		}
		err := m.DB.Read(ctx, func(tx *db.Tx) error {
			n, _, err := db.Value[int64](tx, `SELECT COUNT(*) FROM payment_breaks WHERE attempt_id = $1
				AND reason = 'captured_then_refused'`, a.ID)
			if n != 1 {
				t.Errorf("%d breaks", n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// A7 and A8 in one: a genuine notification of one wallet about another wallet's attempt pays nothing, and neither does
// one that only looks like it.
func TestA8_GenuineForSomethingElse(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.begun(t, "alpha")
		f := m.beta.Capture(a, "t1")
		f.Account, f.Provider = a.Account, "alpha" // it even claims to be alpha
		h, body := m.beta.Notice(f)
		if r, err := m.Pay.Notify(ctx, "beta", h, body); err != nil || r.Status != 202 {
			t.Errorf("%+v, %v", r, err)
		}
		m.wantOrder(t, a.Order, "waiting")
		m.wantBalance(t, ledger.Suspense, 1000)
		m.wantBalance(t, ledger.Wallet("beta"), -1000) // it is beta that holds the money
	})
}

// A8: a genuine notification of alpha about alpha's attempt, but with another amount, currency or merchant.
func TestA8_WrongAmountCurrencyAccount(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.begun(t, "alpha")
		right := m.alpha.Capture(a, "t1")
		for reason, spoil := range map[string]func(*pay.Fact){
			"amount":   func(f *pay.Fact) { f.Amount.Minor = 1 },
			"currency": func(f *pay.Fact) { f.Amount.Currency = "JPY" },
			"account":  func(f *pay.Fact) { f.Account = "another" },
		} {
			f := right
			f.Txn = reason
			spoil(&f)
			if got := m.apply(t, f)[0]; got.Effect != pay.Suspended || got.Reason != reason {
				t.Errorf("%s: %+v", reason, got)
			}
		}
		m.wantOrder(t, a.Order, "waiting")
		m.wantEffect(t, pay.Applied, right)
	})
}

// A7: a notification under another wallet's key, or none, is refused, counted, and leaves no trace.
func TestA7_ForgedNotification(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.begun(t, "alpha")
		h, body := m.beta.Notice(m.alpha.Capture(a, "t1"))
		_, err := m.Pay.Notify(ctx, "alpha", h, body)
		is(t, err, "pay.signature")
		_, err = m.Pay.Notify(ctx, "alpha", nil, body)
		is(t, err, "pay.signature")
		_, err = m.Pay.Notify(ctx, "gamma", h, body)
		is(t, err, "pay.no_wallet")
		if forged, _ := m.Pay.Counters(); forged != 2 {
			t.Errorf("%d counted", forged)
		}
		m.wantOrder(t, a.Order, "waiting")
		m.wantBalance(t, ledger.Escrow, 0)
	})
}

// A9: a signed notification replayed, at once or by many, answers the same and does nothing. That it dies after 300 s
// is proven for each wallet by paytest.Run.
func TestA9_ReplayedNotification(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.begun(t, "alpha")
		h, body := m.alpha.Notice(m.alpha.Capture(a, "t1"))
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if r, err := m.Pay.Notify(ctx, "alpha", h, body); err != nil || r.Status != 200 {
					t.Errorf("%+v, %v", r, err)
				}
			})
		}
		wg.Wait()
		m.wantBalance(t, ledger.Escrow, 1000)
	})
}

// One poisonous fact in a full batch fails alone; the others are paid.
func TestPoisonFailsAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		var attempts []pay.Attempt
		var told []pay.Fact
		for range 40 {
			a := m.begun(t, "alpha")
			attempts = append(attempts, a)
			told = append(told, m.alpha.Capture(a, "txn-"+string(a.ID)))
		}
		m.Till.Change(t, attempts[17].Order, func(o *paytest.Order) { o.Poison = true })
		results, err := m.Pay.ApplyFacts(ctx, told)
		if err == nil {
			t.Error("nobody hears of the poison")
		}
		for i, a := range attempts {
			state := m.Till.Order(t, a.Order).State
			if poisoned := i == 17; poisoned == (state == "paid") || poisoned == (results[i].Effect == pay.Applied) {
				t.Errorf("order %d is %s, %+v", i, state, results[i])
			}
		}
		m.wantBalance(t, ledger.Escrow, 39_000)
		m.Till.Change(t, attempts[17].Order, func(o *paytest.Order) { o.Poison = false })
		m.wantEffect(t, pay.Applied, told[17]) // the wallet tells it again
		m.CheckBooks(t, "CNY")
	})
}

func TestApplyFactsRefuses(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.begun(t, "alpha")
		good := m.alpha.Capture(a, "t1")
		bad := good
		bad.Amount.Minor = -1
		_, err := m.Pay.ApplyFacts(ctx, []pay.Fact{good, bad})
		is(t, err, "pay.malformed")
		m.wantOrder(t, a.Order, "waiting")
		_, err = m.Pay.ApplyFacts(ctx, make([]pay.Fact, pay.FactsMax+1))
		is(t, err, "pay.malformed")
		if got, err := m.Pay.ApplyFacts(ctx, nil); got != nil || err != nil {
			t.Errorf("%v, %v", got, err)
		}
	})
}
