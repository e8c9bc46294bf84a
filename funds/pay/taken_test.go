package pay_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/money"
	"hutong/funds/ledger"
	"hutong/funds/pay"
)

// taken has alpha take back money of an attempt by itself.
func (m *market) taken(t testing.TB, a pay.Attempt, amount int64) pay.Fact {
	t.Helper()
	f := pay.Fact{Provider: "alpha", Txn: fmt.Sprintf("taken-%s-%d", a.ID, amount), Kind: pay.KindRefund, Attempt: a.ID,
		Amount: money.New(amount, "CNY"), Account: a.Account, At: m.Clock.Now()}
	m.wantEffect(t, pay.Suspended, f)
	return f
}

// refund asks for money of an order and brings it to the wallets.
func (m *market) refund(t testing.TB, a pay.Attempt, request string, amount int64) []pay.RefundID {
	t.Helper()
	ids, err := m.ask(pay.RefundAsk{Order: a.Order, Case: request, Amount: amount, Currency: "CNY"})
	if err != nil {
		t.Fatal(err)
	}
	m.Send(t)
	return ids
}

func (m *market) madeGood(t testing.TB, order string) (orders []string, amount int64) {
	t.Helper()
	err := m.DB.Write(ctx, func(tx *db.Tx) (err error) {
		orders, amount, err = m.Pay.MadeGood(tx, m.Clock.Now(), order)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	m.Send(t)
	return orders, amount
}

// R15: what a wallet took back by itself answers the refunds that are asked for afterwards, to the cent; what goes beyond
// it is sent, and asking again for the same case asks for nothing.
func TestR15_WhatTheWalletTookIsNotSentAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		for _, c := range []struct {
			taken, asks []int64
			sent        int64
			open        int // items that somebody has to look at
		}{
			{[]int64{1000}, []int64{1000}, 0, 0},
			{[]int64{1000}, []int64{300, 700}, 0, 0},
			{[]int64{600}, []int64{1000}, 400, 0},
			{[]int64{600}, []int64{400}, 0, 1},
			{[]int64{100, 200}, []int64{250, 750}, 700, 0},
			{[]int64{2000}, []int64{1000}, 0, 1}, // more than was paid: that is the wallet's to explain
			{nil, []int64{1000}, 1000, 0},
		} {
			a, before := m.paid(t), m.alpha.PaidBack()
			for _, n := range c.taken {
				m.taken(t, a, n)
			}
			for i, n := range c.asks {
				ids := m.refund(t, a, fmt.Sprint(i), n)
				if again := m.refund(t, a, fmt.Sprint(i), n); !slices.Equal(ids, again) {
					t.Errorf("%+v: asked twice: %v, %v", c, ids, again)
				}
			}
			items, err := m.Pay.Suspense(ctx)
			if err != nil {
				t.Fatal(err)
			}
			items = slices.DeleteFunc(items, func(s pay.Suspense) bool { return s.Attempt != a.ID })
			if sent := m.alpha.PaidBack() - before; sent != c.sent || len(items) != c.open {
				t.Errorf("%+v: sent %d, open %v", c, sent, items)
			}
			for _, one := range items {
				if one.Order != a.Order {
					t.Errorf("an item of order %q", one.Order)
				}
			}
			m.wantBalance(t, ledger.Refunding("alpha"), 0)
		}
		m.CheckBooks(t, "CNY")
	})
}

// R15: money that came back after all is the shopper's where refunds were met by it: they are sent then, once.
func TestR15_WhatWasMetIsSentOnceTheMoneyIsBack(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.paid(t)
		m.taken(t, a, 600)
		m.refund(t, a, "part", 100)
		m.refund(t, a, "more", 700) // 500 of it met, 200 sent
		if orders, amount := m.madeGood(t, a.Order); amount != 600 || !slices.Equal(orders, []string{a.Order}) {
			t.Errorf("%v, %d", orders, amount)
		}
		if sent := m.alpha.PaidBack(); sent != 800 {
			t.Errorf("%d sent", sent)
		}
		for _, r := range m.Refunds(t, a.Order) {
			if r.State != pay.RefundSucceeded {
				t.Errorf("%+v", r)
			}
		}
		if orders, amount := m.madeGood(t, a.Order); amount != 0 || orders != nil {
			t.Errorf("a second time: %v, %d", orders, amount)
		}
		if items, err := m.Pay.Suspense(ctx); err != nil || len(items) != 0 {
			t.Errorf("%v, %v", items, err)
		}
		m.refund(t, a, "rest", 200)
		if now := m.Attempt(t, a); now.ChargedBack != 0 || now.Met != 0 || now.Refunded != 1000 || m.alpha.PaidBack() != 1000 {
			t.Errorf("%+v, %d sent", now, m.alpha.PaidBack())
		}
		m.wantBalance(t, ledger.Wallet("alpha"), 0)
		m.CheckBooks(t, "CNY")
	})
}

// An item that the operator closes as seen changes nothing else: what was taken still meets refunds.
func TestAClosedItemStillMeetsRefunds(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.paid(t)
		if err := m.Pay.ReturnSuspense(ctx, m.taken(t, a, 1000).Key()); err != nil {
			t.Fatal(err)
		}
		m.refund(t, a, "all", 1000)
		if m.alpha.PaidBack() != 0 {
			t.Error("sent again")
		}
	})
}

// R15: what was asked for before the wallet took the money back, and did not leave, is met by that: it was never tried, or
// the wallet refused it. What is under way is the wallet's to pay or to refuse.
func TestR15_TakenBackWhileARefundWaits(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		for name, c := range map[string]struct {
			before pay.Outcome // what the wallet says to the refund before it takes the money; "": it is not asked
			after  pay.Outcome // and afterwards
			taken  int64
			want   pay.RefundState
			sent   int64
			open   int
		}{
			"never tried":        {taken: 1000, want: pay.RefundTaken},
			"refused":            {before: pay.REFUSED, taken: 1000, want: pay.RefundTaken},
			"refused since":      {before: pay.UNKNOWN, after: pay.REFUSED, taken: 1000, want: pay.RefundTaken},
			"paid since":         {before: pay.UNKNOWN, after: pay.OK, taken: 1000, want: pay.RefundSucceeded, sent: 1000, open: 1},
			"under way, of more": {before: pay.UNKNOWN, taken: 600, want: pay.Asked, open: 1},
		} {
			t.Run(name, func(t *testing.T) {
				a, sent := m.paid(t), m.alpha.PaidBack()
				if _, err := m.ask(pay.RefundAsk{Order: a.Order, Case: "c", Amount: 1000, Currency: "CNY"}); err != nil {
					t.Fatal(err)
				}
				say := func(o pay.Outcome) {
					if o == "" {
						return
					}
					m.alpha.On(func(context.Context, string, string) (bool, pay.Outcome, error) {
						return o == pay.OK, o, errors.New("no")
					})
					defer m.alpha.On(nil)
					m.Clock.Advance(time.Hour)
					if _, err := m.Pay.SendRefunds(ctx); err != nil {
						t.Fatal(err)
					}
				}
				say(c.before)
				m.taken(t, a, c.taken)
				say(c.after)
				m.Clock.Advance(time.Hour)
				if c.want == pay.RefundTaken {
					m.Send(t)
				}
				got := m.Refunds(t, a.Order)
				items, err := m.Pay.Suspense(ctx)
				if err != nil {
					t.Fatal(err)
				}
				items = slices.DeleteFunc(items, func(s pay.Suspense) bool { return s.Attempt != a.ID })
				if len(got) != 1 || got[0].State != c.want || m.alpha.PaidBack()-sent != c.sent || len(items) != c.open {
					t.Errorf("%+v, %d sent, open %v", got, m.alpha.PaidBack()-sent, items)
				}
				if now := m.Attempt(t, a); now.Refunded != 1000 || now.Met > now.ChargedBack || (now.Met == 1000) != (c.want == pay.RefundTaken) {
					t.Errorf("%+v", now)
				}
				m.Clock.Advance(time.Hour) // what is under way is paid before the next
				m.Send(t)
			})
		}
		m.CheckBooks(t, "CNY")
	})
}

// R15: a waiting refund of more than the wallet took back is met by that, and the rest is sent once, under a name that the
// wallet has not heard; money that comes back after all is sent too. A second dispute meets what waits then.
func TestR15_AWaitingRefundIsMetInPart(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		refuse := func(context.Context, string, string) (bool, pay.Outcome, error) {
			return false, pay.REFUSED, errors.New("no")
		}
		for name, c := range map[string]struct {
			early   int64 // taken back before the refund of 700 is asked for
			refused bool  // the wallet refuses what it is asked until it took the rest back
			taken   int64
			sent    int64
			rows    int
		}{
			"never tried":         {taken: 300, sent: 400, rows: 2},
			"refused":             {refused: true, taken: 300, sent: 400, rows: 2},
			"met in part already": {early: 100, refused: true, taken: 250, sent: 350, rows: 3},
			"met whole at last":   {early: 100, refused: true, taken: 600, rows: 2},
		} {
			t.Run(name, func(t *testing.T) {
				a, sent := m.paid(t), m.alpha.PaidBack()
				if c.early > 0 {
					m.taken(t, a, c.early)
				}
				ask := pay.RefundAsk{Order: a.Order, Case: "c", Amount: 700, Currency: "CNY"}
				before, err := m.ask(ask)
				if err != nil {
					t.Fatal(err)
				}
				if c.refused {
					m.alpha.On(refuse)
					m.Send(t)
					m.alpha.On(nil)
				}
				m.taken(t, a, c.taken)
				m.Clock.Advance(time.Hour)
				m.Send(t)
				after, err := m.ask(ask)
				if err != nil || len(after) != c.rows {
					t.Errorf("asked again: %v, %v after %v", after, err, before)
				}
				got := map[pay.RefundState]int64{}
				for _, r := range m.Refunds(t, a.Order) {
					got[r.State] += r.Amount.Minor
					if r.State == pay.RefundSucceeded && slices.Contains(before, r.ID) {
						t.Errorf("%s was sent with another amount than before", r.ID)
					}
				}
				if got[pay.RefundTaken] != 700-c.sent || got[pay.RefundSucceeded] != c.sent || m.alpha.PaidBack()-sent != c.sent {
					t.Errorf("%v, %d sent", got, m.alpha.PaidBack()-sent)
				}
				if now := m.Attempt(t, a); now.Refunded != 700 || now.Met != 700-c.sent {
					t.Errorf("%+v", now)
				}
				m.madeGood(t, a.Order)
				if back := m.alpha.PaidBack() - sent; back != 700 {
					t.Errorf("once the money is back: %d sent", back)
				}
				m.wantBalance(t, ledger.Refunding("alpha"), 0)
			})
		}
		m.CheckBooks(t, "CNY")
	})
}

// R15: what was met is sent once the money came back. A further dispute meets what is still refused of that case, also
// where the part that was met before is paid by now; what goes beyond it is sent, and the shopper has it all, once.
func TestR15_ASecondDisputeOfOneCase(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		for name, c := range map[string]struct {
			first int64 // what is taken at first, and met
			paid  bool  // whether the wallet pays the part that had been met
		}{"all refused": {first: 100}, "the first part is paid": {first: 100, paid: true},
			"it was met whole": {first: 700}} {
			t.Run(name, func(t *testing.T) {
				a, sent := m.paid(t), m.alpha.PaidBack()
				m.taken(t, a, c.first)
				refuse := func(context.Context, string, string) (bool, pay.Outcome, error) {
					return false, pay.REFUSED, errors.New("no")
				}
				m.alpha.On(refuse)
				m.refund(t, a, "c", 700) // the first of it met, the rest refused
				if c.paid {
					m.alpha.On(nil)
				}
				m.madeGood(t, a.Order)
				m.alpha.On(refuse)
				m.taken(t, a, 350)
				got := map[pay.RefundState]int64{}
				for _, r := range m.Refunds(t, a.Order) {
					got[r.State] += r.Amount.Minor
				}
				if got[pay.RefundTaken] != 350 {
					t.Errorf("%v", got)
				}
				if now := m.Attempt(t, a); now.Met != 350 || now.Refunded != 700 {
					t.Errorf("%+v", now)
				}
				m.alpha.On(nil)
				m.again(t)
				if got := m.alpha.PaidBack() - sent; got != 350 {
					t.Errorf("%d sent beside the 350 that the wallet took", got)
				}
			})
		}
		m.CheckBooks(t, "CNY")
	})
}

// again sends all that is refused again.
func (m *market) again(t testing.TB) {
	t.Helper()
	all, err := m.Pay.Refused(ctx)
	for _, r := range all {
		err = errors.Join(err, m.Pay.RetryRefund(ctx, r.ID))
	}
	if err != nil {
		t.Fatal(err)
	}
	m.Send(t)
}

// R11, R15: of money that an order cannot take any more, and whose wallet had taken it back before it told that it came,
// nothing is sent.
func TestR15_TakenBackBeforeItCouldNotBeTaken(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		order := m.Sell(t, tenY)
		first, _ := m.Begin(t, order, "beta")
		second, _ := m.Begin(t, order, "alpha")
		m.taken(t, second, 1000)
		m.wantEffect(t, pay.Applied, m.beta.Capture(first, "in"))
		m.wantEffect(t, pay.Returned, m.alpha.Capture(second, "late"))
		m.Send(t)
		back := m.Refunds(t, order)
		if len(back) != 1 || back[0].State != pay.RefundTaken || m.alpha.PaidBack() != 0 {
			t.Errorf("%+v, %d sent", back, m.alpha.PaidBack())
		}
		m.CheckBooks(t, "CNY")
	})
}

// R15: who changes what was taken back of a payment holds the order before the payment, so that nobody who does that
// waits for each other: while another holds the order, its payment and its refunds are free.
func TestR15_OrdersAreHeldBeforeTheirPayments(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		if m.DB.Engine() != db.Postgres {
			t.Skip("one writer at a time")
		}
		for name, c := range map[string]struct {
			begin func(a pay.Attempt) pay.Fact // before the order is held
			word  func(f pay.Fact)             // while it is
		}{
			"a refusal": {begin: func(a pay.Attempt) pay.Fact {
				if _, err := m.ask(pay.RefundAsk{Order: a.Order, Case: "c", Amount: 700, Currency: "CNY"}); err != nil {
					t.Fatal(err)
				}
				said := pay.UNKNOWN
				m.alpha.On(func(context.Context, string, string) (bool, pay.Outcome, error) { return false, said, errors.New("no") })
				m.Send(t)
				m.taken(t, a, 700)
				said = pay.REFUSED
				m.Clock.Advance(time.Minute)
				return pay.Fact{}
			}, word: func(pay.Fact) { m.Send(t) }},
			"a second payment": {begin: func(a pay.Attempt) pay.Fact {
				id := m.refused(t, a, "c", 700)
				if err := m.Pay.SendByHand(ctx, byHand(id, "B-1")); err != nil {
					t.Fatal(err)
				}
				return m.late(a, id, 700)
			}, word: func(f pay.Fact) { m.apply(t, f) }},
		} {
			t.Run(name, func(t *testing.T) {
				a := m.paid(t)
				f := c.begin(a)
				var done sync.WaitGroup
				err := m.DB.Write(ctx, func(tx *db.Tx) error {
					if err := m.Till.HoldOrders(tx, []string{a.Order}); err != nil {
						return err
					}
					done.Go(func() { c.word(f) })
					return freeWhenAnotherWaits(tx, a)
				})
				if err != nil {
					t.Error(err)
				}
				done.Wait()
				m.alpha.On(nil)
			})
		}
	})
}

// freeWhenAnotherWaits waits until somebody waits for what this transaction holds, and then takes an order's payments and
// refunds, or says that they are held.
func freeWhenAnotherWaits(tx *db.Tx, a pay.Attempt) error {
	for waits := int64(0); waits == 0; time.Sleep(time.Millisecond) {
		if _, err := tx.Exec(`SELECT pg_stat_clear_snapshot()`); err != nil {
			return err
		}
		if _, err := tx.One(`SELECT COUNT(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
			WHERE NOT l.granted AND a.datname = current_database()`, nil, &waits); err != nil {
			return err
		}
	}
	var id string
	for _, table := range []string{"attempts", "refunds"} {
		_, err := tx.One(`SELECT id FROM `+table+` WHERE order_id = $1 FOR UPDATE NOWAIT`, []any{a.Order}, &id)
		if err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	return nil
}
