package group_test

import (
	"testing"

	"hutong/funds/pay"
	"hutong/trade/group"
	"hutong/trade/order"
)

// taken has the wallet take back all that an order was paid with.
func (b *bench) taken(p placed) {
	b.t.Helper()
	all, err := b.Pay.Attempts(ctx, string(p.Order))
	b.Must(err)
	a := all[0]
	_, err = b.Pay.ApplyFacts(ctx, []pay.Fact{{Provider: a.Wallet, Txn: "taken-" + string(a.ID), Kind: pay.KindRefund,
		Attempt: a.ID, Amount: a.Amount, Account: a.Account, At: b.Clock.Now()}})
	b.Must(err)
}

// TestR15_AFailedGroupSettlesWhoseMoneyWasTakenBack: of two members of a group that fails one had their bank take the
// money back. Both are settled by themselves, the pieces are free, and nothing goes to the wallet for that one.
func TestR15_AFailedGroupSettlesWhoseMoneyWasTakenBack(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		goods := b.goods(5)
		o := b.open(goods, group.SetUp{Steps: []group.Step{{Size: 3, Price: 2990}}})
		lead := b.paid(o, group.ClaimOpen(o.ID, false))
		g := b.mine(lead).Group
		other := b.paid(o, join(g))
		b.taken(lead)
		b.Clock.Set(g.Deadline)
		b.tick()
		if n, err := b.Groups.Settle(ctx); n != 0 || err != nil {
			t.Errorf("%d are settled again, %v", n, err)
		}
		for _, p := range []placed{lead, other} {
			if m := b.mine(p); m.State != group.Refunded || b.order(p).State != order.Cancelled || b.back(p) != p.Total {
				t.Errorf("%+v, %d back", m, b.back(p))
			}
		}
		for {
			n, err := b.Pay.SendRefunds(ctx)
			b.Must(err)
			if n == 0 {
				break
			}
		}
		if sent := b.Wallet.PaidBack(); sent != other.Total || b.Pool(goods.Pool).Free() != 5 {
			t.Errorf("%d sent, %+v", sent, b.Pool(goods.Pool))
		}
	})
}
