package order_test

import (
	"errors"
	"testing"

	"hutong/base/db"
	"hutong/funds/pay"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/tradetest"
)

// TestPresaleSurvivesACrash: a node that dies between a payment's decision and its commit leaves nothing of it, and what
// the wallet tells again is taken then: for the earnest and for the balance with what it needs.
func TestPresaleSurvivesACrash(t *testing.T) {
	eachPresale(t, 20000, 1000, 3000, func(t *testing.T, m *presold) {
		p := m.order()
		crash := errors.New("the power is cut")
		dies := func(a pay.Attempt, lines string) {
			err := m.DB.Write(ctx, func(tx *db.Tx) error {
				v, err := m.Orders.Captured(tx, m.Clock.Now(), []pay.Capture{{Order: string(p.Order), Attempt: a.ID,
					Wallet: a.Wallet, Amount: a.Amount.Minor, Currency: "CNY", Lines: lines, At: m.Clock.Now(),
					PaidAt: m.Clock.Now()}})
				if err != nil || !v[0].Taken {
					t.Errorf("%+v, %v", v, err)
				}
				return crash
			})
			if !errors.Is(err, crash) {
				t.Error(err)
			}
		}
		earnest, err := m.begin(p, red)
		m.Must(err)
		dies(earnest, earnest.LinesHash)
		m.stands(p, order.AwaitingPayment, order.EarnestDue, "")
		m.tell(red.Captured(earnest, m.Clock.Now()))
		m.Clock.Set(m.item.Opens)
		m.Publish(`{"id":"cross","kind":"crossshop","every":9000,"off":1000,"budget":2500,
			"funding":[{"party":"platform","ppm":1000000}]}`)
		err = m.DB.Write(ctx, func(tx *db.Tx) error {
			if d, err := m.Orders.Due(tx, string(p.Order)); err != nil || d.Amount.Minor != 15000+tradetest.Freight {
				t.Errorf("%+v, %v", d, err)
			}
			return crash
		})
		if o := state(m.Market, p.Order); !errors.Is(err, crash) || !o.Presale.FixedAt.IsZero() || used(m, "bud:cross")[0] != 0 {
			t.Errorf("%v left %+v", err, o.Presale)
		}
		balance, err := m.begin(p, blue)
		m.Must(err)
		dies(balance, balance.LinesHash)
		m.stands(p, order.AwaitingPayment, order.EarnestPaid, "")
		m.tell(blue.Captured(balance, m.Clock.Now()))
		o := m.stands(p, order.Paid, order.BalancePaid, "")
		m.books("paid once", o.Total, 0, 0, 0, 0)
	})
}

// TestR6_AnAccountPaysEarnestsUpToTheLimit: what is limited to a person counts for the account that pays the earnest; one
// that has bought its share gets the money back, and the order lapses.
func TestR6_AnAccountPaysEarnestsUpToTheLimit(t *testing.T) {
	eachPresale(t, 20000, 1000, 3000, func(t *testing.T, m *presold) {
		by := func(p checkout.Placed) pay.Result {
			a, err := m.begin(p, red)
			m.Must(err)
			f := red.Captured(a, m.Clock.Now())
			f.Payer = "account-1"
			return m.tell(f)
		}
		if r := by(m.Preorder(m.who, m.home, m.item, 9)); r.Effect != pay.Applied {
			t.Fatalf("the first: %+v", r)
		}
		m.who, m.home = m.Shopper()
		p := m.order()
		if r := by(p); r.Effect != pay.Returned || r.Reason != "order.account_limit" {
			t.Errorf("beyond the limit: %+v", r)
		}
		m.stands(p, order.Cancelled, order.Lapsed, order.WhyAccount)
		m.books("one account", 0, 9000, 0, 1000, 0)
	})
}
