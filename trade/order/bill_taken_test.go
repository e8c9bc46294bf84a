package order_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"hutong/base/db"
	"hutong/base/money"
	"hutong/funds/ledger"
	"hutong/funds/pay"
	"hutong/trade/checkout"
	"hutong/trade/order"
)

// refundIn gives an order back in a transaction that somebody else's may cross: held is called once it holds the order.
func (m *merged) refundIn(p checkout.Placed, held func()) error {
	return m.DB.Write(ctx, func(tx *db.Tx) error {
		out, err := m.Orders.Refund(tx, order.Refund{Order: p.Order, Seq: 1,
			Cause: order.Cause{Actor: "shopper", Why: "refunded", At: m.Clock.Now()}})
		if err != nil {
			return err
		}
		held()
		_, err = m.Pay.Ask(tx, m.Clock.Now(), []pay.RefundAsk{{Order: string(p.Order), Case: "cas", Amount: out.Total,
			Currency: "CNY", Reason: "r"}})
		return err
	})
}

// R15: two orders that were paid together and of whose payment something was taken back are refunded in the same moment,
// each by somebody who holds the one and comes to need the other. The database has one of the two begin anew, and each
// ends as it would alone: what was taken is met once, the rest is sent once, and no order stays marked.
func TestR15_TwoPartsOfABillAreRefundedAtOnce(t *testing.T) {
	const taken = 500
	eachMerged(t, 1, func(t *testing.T, m *merged) {
		m.Publish() // no budget that they would queue for before they meet
		lead := m.place(m.owed[0])
		a, err := m.begin(lead, blue)
		m.Must(err)
		m.tell(blue.Captured(a, m.Clock.Now()))
		r := m.tell(pay.Fact{Provider: string(blue), Txn: "taken", Kind: pay.KindRefund, Attempt: a.ID,
			Amount: money.New(taken, "CNY"), Account: a.Account, At: m.Clock.Now()})
		if r.Effect != pay.Suspended || state(m.Market, lead.Order).TakenAt.IsZero() ||
			state(m.Market, m.owed[0].Order).TakenAt.IsZero() {
			t.Fatalf("%+v, or an order is not marked", r)
		}
		var runs atomic.Int64
		var both, ended sync.WaitGroup
		both.Add(2)
		for _, p := range []checkout.Placed{lead, m.owed[0]} {
			first := true
			held := func() {
				runs.Add(1)
				if first && m.DB.Engine() == db.Postgres { // SQLite has one writer
					first = false
					both.Done()
					both.Wait()
				}
			}
			ended.Go(func() {
				if err := m.refundIn(p, held); err != nil {
					t.Error(err)
				}
			})
		}
		ended.Wait()
		if n := runs.Load(); m.DB.Engine() == db.Postgres && n < 3 {
			t.Errorf("%d runs: they did not cross", n)
		}
		m.metOnce(a, taken, lead, m.owed[0])
	})
}

// metOnce tells that two orders of one bill were given back whole, so much of it by what was taken.
func (m *merged) metOnce(a pay.Attempt, taken int64, all ...checkout.Placed) {
	m.t.Helper()
	met, sent := int64(0), int64(0)
	for _, p := range all {
		if o := state(m.Market, p.Order); o.State != order.Cancelled || !o.TakenAt.IsZero() {
			m.t.Errorf("it is %s, taken back at %v", o.State, o.TakenAt)
		}
		back, err := m.Pay.Refunds(ctx, string(p.Order))
		m.Must(err)
		for _, r := range back {
			if r.State == pay.RefundTaken {
				met += r.Amount.Minor
			} else {
				sent += r.Amount.Minor
			}
		}
		parts, err := m.Pay.Attempts(ctx, string(p.Order))
		m.Must(err)
		if part := parts[0]; part.Met != taken || part.ChargedBack != taken || part.Refunded != part.Captured {
			m.t.Errorf("%+v", part)
		}
	}
	if met != taken || sent != a.Asked().Minor+1000-taken { // with the earnest
		m.t.Errorf("%d met, %d sent of %d", met, sent, a.Asked().Minor)
	}
	m.books("both refunded", 0, 0, 0, 1000, a.Asked().Minor-taken)
	if got := m.holds(ledger.Earnest); got[0] != 0 {
		m.t.Errorf("the earnest account holds %d", got[0])
	}
}
