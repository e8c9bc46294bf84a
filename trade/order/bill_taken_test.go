package order_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"hutong/base/db"
	"hutong/base/money"
	"hutong/deal/promo"
	"hutong/deal/quota"
	"hutong/funds/ledger"
	"hutong/funds/pay"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/tradetest"
)

// refundIn gives an order back, and counts how often the database had it begin anew.
func (m *merged) refundIn(p checkout.Placed, runs *atomic.Int64) error {
	return m.DB.Write(ctx, func(tx *db.Tx) error {
		runs.Add(1)
		out, err := m.Orders.Refund(tx, order.Refund{Order: p.Order, Seq: 1,
			Cause: order.Cause{Actor: "shopper", Why: "refunded", At: m.Clock.Now()}})
		if err != nil {
			return err
		}
		_, err = m.Pay.Ask(tx, m.Clock.Now(), []pay.RefundAsk{{Order: string(p.Order), Case: "cas", Amount: out.Total,
			Currency: "CNY", Reason: "r"}})
		return err
	})
}

// refundBoth gives two orders back in the same moment, and tells how many runs that took.
func (m *merged) refundBoth(a, b checkout.Placed) int64 {
	m.t.Helper()
	var runs atomic.Int64
	var both sync.WaitGroup
	for _, p := range []checkout.Placed{a, b} {
		both.Go(func() {
			if err := m.refundIn(p, &runs); err != nil {
				m.t.Error(err)
			}
		})
	}
	both.Wait()
	return runs.Load()
}

// R15: two orders that were paid together and of whose payment something was taken back are refunded in the same moment,
// where each comes to need the other. One waits for the other, neither begins anew, and each ends as it would alone: what
// was taken is met once, the rest is sent once, and no order stays marked.
func TestR15_TwoPartsOfABillAreRefundedAtOnce(t *testing.T) {
	const rounds, taken = 3, 500
	eachMerged(t, rounds, func(t *testing.T, m *merged) {
		m.Publish() // no budget that they would queue for before they meet
		sent, earnests := int64(0), int64(0)
		for n, owed := range m.owed {
			lead := m.place(owed)
			a, err := m.begin(lead, blue)
			m.Must(err)
			m.tell(blue.Captured(a, m.Clock.Now()))
			r := m.tell(pay.Fact{Provider: string(blue), Txn: fmt.Sprint("taken-", n), Kind: pay.KindRefund, Attempt: a.ID,
				Amount: money.New(taken, "CNY"), Account: a.Account, At: m.Clock.Now()})
			if r.Effect != pay.Suspended || state(m.Market, lead.Order).TakenAt.IsZero() ||
				state(m.Market, owed.Order).TakenAt.IsZero() {
				t.Fatalf("%+v, or an order is not marked", r)
			}
			first, second := lead, owed
			if n%2 == 1 {
				first, second = owed, lead
			}
			if runs := m.refundBoth(first, second); runs != 2 {
				t.Errorf("%d runs: they crossed", runs)
			}
			m.metOnce(a, taken, lead, owed)
			sent, earnests = sent+a.Asked().Minor-taken, earnests+1000
		}
		m.books("all refunded", 0, 0, 0, earnests, sent)
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
}

// TestABillsRefundsAtOnceFreeWhatItUsed: a voucher and a limit that several orders of one bill needed are the shopper's
// again once all of them are refunded, also where they are refunded in the same moment and neither sees the other end.
func TestABillsRefundsAtOnceFreeWhatItUsed(t *testing.T) {
	const rounds = 4
	eachMerged(t, rounds, func(t *testing.T, m *merged) {
		cup := m.Sell(m.other, "bowl", 15000, 50)
		m.line = checkout.BasketLine{Offer: string(cup.ID), Quantity: 3}
		m.Publish(`{"id":"all","kind":"voucher","off":6000,"claim":true,"funding":[{"party":"platform","ppm":1000000}]}`,
			fmt.Sprintf(`{"id":"few","kind":"price","skus":[%q],"unit_price":14000,"per_shopper":5}`, cup.SKU))
		for n, owed := range m.owed {
			claim := fmt.Sprint("vch_", n)
			m.Deals.Held = map[string][]promo.Claimed{m.who: {{Promotion: "all", Claim: claim}}}
			lead := m.place(owed)
			m.pays(lead, blue)
			counts := func() []int64 { return used(m.presold, "vch:"+claim, quota.Limit("few", m.who)) }
			if got := counts(); got[0] != 1 || got[1] != 3 {
				t.Fatalf("%v are used", got)
			}
			m.refundBoth(lead, owed)
			if got := counts(); got[0] != 0 || got[1] != 0 {
				t.Errorf("round %d: %v are still used", n, got)
			}
		}
	})
}

// TestR6_ABalancesAccountIsNotItsGoods: a presale and goods of one item are paid together, by another account than the
// earnest. What is refunded of the balance is free for the account that paid the earnest; the goods still count for the
// one that paid the bill.
func TestR6_ABalancesAccountIsNotItsGoods(t *testing.T) {
	eachPresale(t, 20000, 1000, 3000, func(t *testing.T, p *presold) {
		m := &merged{presold: p}
		by := func(p checkout.Placed, w tradetest.Purse, account string) {
			a, err := m.begin(p, w)
			m.Must(err)
			f := w.Captured(a, m.Clock.Now())
			f.Payer = account
			if r := m.tell(f); r.Effect != pay.Applied {
				t.Fatalf("%s: %+v", account, r)
			}
		}
		owed := m.order()
		by(owed, red, "account-1")
		m.Clock.Set(m.item.Opens)
		m.line = checkout.BasketLine{Offer: m.item.Offer, Quantity: 2}
		m.Publish(fmt.Sprintf(`{"id":"enr_1/spot","kind":"price","skus":[%q],"unit_price":20500,"per_shopper":9}`,
			state(m.Market, owed.Order).Lines()[0].SKU))
		lead := m.place(owed)
		by(lead, blue, "account-2")
		counts := func() (all map[string]int64) {
			all = map[string]int64{}
			m.Must(m.DB.Read(ctx, func(tx *db.Tx) error {
				uses, err := quota.UsesOf(tx, []string{string(lead.Order), string(owed.Order)})
				for order, some := range uses {
					for _, u := range some {
						if quota.CountsPieces(u.Quota) {
							all[order] += u.Amount
						}
					}
				}
				return err
			}))
			return all
		}
		if got := counts(); got[string(lead.Order)] != 4 || got[string(owed.Order)] != 2 { // for the shopper and the account
			t.Fatalf("%v", got)
		}
		if m.refund(owed); counts()[string(lead.Order)] != 4 || counts()[string(owed.Order)] != 0 {
			t.Errorf("with the balance refunded: %v", counts())
		}
		if m.refund(lead); len(counts()) != 0 {
			t.Errorf("with all refunded: %v", counts())
		}
	})
}

// R15: of a balance's earnest something was taken back and given back here; then its bill is taken back, and is the
// market's again. All orders of the bill go on: what the earnest's wallet took is settled, and no more of it is sent.
func TestR15_ABillGoesOnBesideAnEarnestThatWasMet(t *testing.T) {
	for name, which := range map[string]int{"said of the lead": 0, "said of the balance": 1} {
		t.Run(name, func(t *testing.T) { billGoesOn(t, which) })
	}
}

func billGoesOn(t *testing.T, which int) {
	eachMerged(t, 1, func(t *testing.T, m *merged) {
		m.Publish()
		owed := m.owed[0]
		earnest, err := m.Pay.Attempts(ctx, string(owed.Order))
		m.Must(err)
		lead := m.place(owed)
		a, err := m.begin(lead, blue)
		m.Must(err)
		m.tell(blue.Captured(a, m.Clock.Now()))
		taken := func(w tradetest.Purse, of pay.Attempt, amount int64) {
			m.tell(pay.Fact{Provider: string(w), Txn: "taken-" + string(of.ID), Kind: pay.KindRefund, Attempt: of.ID,
				Amount: money.New(amount, "CNY"), Account: of.Account, At: m.Clock.Now()})
		}
		marks := func(what string, want ...bool) {
			for i, p := range []checkout.Placed{lead, owed} {
				if got := !state(m.Market, p.Order).TakenAt.IsZero(); got != want[i] {
					t.Errorf("%s: order %d is marked: %v", what, i, got)
				}
			}
		}
		taken(red, earnest[0], 19)
		marks("some of the earnest is taken", false, true)
		m.Must(m.DB.Write(ctx, func(tx *db.Tx) error {
			_, err := m.Pay.Ask(tx, m.Clock.Now(), []pay.RefundAsk{{Order: string(owed.Order), Case: "fall", Amount: 19,
				Currency: "CNY", Reason: "r"}})
			return err
		}))
		marks("as much is given back", false, false)
		taken(blue, a, a.Asked().Minor)
		marks("the bill is taken", true, true)
		m.Must(m.Orders.GoOn(ctx, []order.ID{lead.Order, owed.Order}[which]))
		marks("the bill is there again", false, false)
		if got := m.holds(ledger.Refunding("red"), ledger.Refunding("blue")); got[0] != 0 || got[1] != 0 {
			t.Errorf("%v are sent", got)
		}
	})
}
