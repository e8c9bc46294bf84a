package node_test

import (
	"context"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/money"
	"hutong/funds/deposit"
	"hutong/trade/aftersale"
	"hutong/trade/order"
)

// hasty are the orders of a market where a case ends as soon as somebody has seen that it is open.
type hasty struct{ ends func() }

func (hasty) PaidAt(*db.Tx, string, string, money.Currency) (bool, error) { return false, nil }

func (h hasty) OpenCase(tx *db.Tx, id, shop string) (bool, error) {
	open, err := aftersale.OpenAt(tx, shop, aftersale.ID(id))
	h.ends()
	return open, err
}

// TestAFreezeEndsWithItsCaseHoweverSoon: a case that ends while a deposit is frozen for it does not leave it frozen.
func TestAFreezeEndsWithItsCaseHoweverSoon(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		ctx, shop := t.Context(), string(m.shops[0].ID)
		m.ok(m.Deposits.PayIn(ctx, deposit.Move{Shop: shop, Currency: "CNY", Amount: 1_000, Ref: "bank-7"}))
		buyer := m.guest("buyer")
		id := order.ID(buyer.order(1, m.offers[0]))
		buyer.payAt(buyer.begin(string(id), "redbean"))
		m.settle()
		m.receive(string(id))
		c, err := m.Aftersale.Open(ctx, aftersale.Open{Shopper: m.shopperOf(string(id)), Order: id, Seq: 1,
			Reason: aftersale.Damaged, Key: "one"})
		m.ok(err)
		ended := make(chan error, 1)
		m.Deposits.Plug(hasty{func() {
			go func() {
				_, err := m.Aftersale.Refuse(context.WithoutCancel(ctx), shop, c.ID, "no")
				if err == nil {
					_, err = m.Bus.Dispatch(context.WithoutCancel(ctx))
				}
				ended <- err
			}()
			select { // it waits for the freeze, as it should, or is over
			case err := <-ended:
				ended <- err
			case <-time.After(300 * time.Millisecond):
			}
		}}, m.Pay, nil)
		_, err = m.Deposits.Freeze(ctx, deposit.Freeze{By: "lgn_a", Shop: shop, Currency: "CNY", Amount: 100,
			Case: string(c.ID), Why: "so"})
		m.ok(err)
		m.ok(<-ended)
		m.settle()
		a, all, err := m.Deposits.Holds(ctx, shop, "CNY")
		if m.ok(err); a.Held != 0 || len(all) != 1 || all[0].State != deposit.Released {
			t.Errorf("%d is held: %+v", a.Held, all)
		}
	})
}
