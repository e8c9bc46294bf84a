package node

import (
	"context"
	"slices"

	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/money"
	"hutong/trade/aftersale"
	"hutong/trade/order"
)

// plugDeposits gives security deposits what is above them: orders, wallets, the operator's setting; and has what was
// frozen for a case end with it.
func (m *Market) plugDeposits() {
	m.Deposits.Plug(depositOrders{}, m.Pay, func() int64 {
		alone := m.Tune.Count("deposit.alone")
		for range m.Config.Checkout.Currency.Exponent() {
			alone *= 10
		}
		return alone
	})
	for _, topic := range []event.Topic{aftersale.TopicRefunded, aftersale.TopicRefused,
		aftersale.TopicWithdrawn} {
		m.Bus.On(topic, "deposit."+string(topic), func(ctx context.Context, e event.Event) error {
			return m.Deposits.CaseClosed(ctx, e.Subject)
		})
	}
}

// depositOrders answers funds/deposit from trade.
type depositOrders struct{}

// PaidAt tells whether an order of the shop was paid in a currency; one that cost nothing was paid by nobody.
func (depositOrders) PaidAt(tx *db.Tx, id, shop string, c money.Currency) (bool, error) {
	all, err := order.WithParts(tx, []order.ID{order.ID(id)})
	if err != nil {
		return false, err
	}
	for _, o := range all {
		paid := o.Total > 0 && (o.State == order.Paid || o.State == order.Completed)
		if paid && o.Currency == c && slices.ContainsFunc(o.Subs, func(s order.Sub) bool { return s.Shop == shop }) {
			return true, nil
		}
	}
	return false, nil
}

// OpenCase tells whether a case of the shop is open.
func (depositOrders) OpenCase(tx *db.Tx, id, shop string) (bool, error) {
	return aftersale.OpenAt(tx, shop, aftersale.ID(id))
}
