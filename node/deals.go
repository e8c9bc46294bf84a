package node

import (
	"context"
	"time"

	"hutong/base/db"
	"hutong/base/event"
	"hutong/deal/promo"
	"hutong/deal/ruleset"
	"hutong/deal/voucher"
	"hutong/trade/checkout"
)

// deals is what checkout asks of the deal district: the rules in force, and what a shopper holds.
type deals struct {
	*ruleset.Service
	vouchers *voucher.Service
}

// Claims are the vouchers and red packets that the shopper may use at that instant.
func (d deals) Claims(tx *db.Tx, shopper string, at time.Time) ([]promo.Claimed, error) {
	held, err := d.vouchers.Usable(tx, shopper, at)
	claims := make([]promo.Claimed, len(held))
	for i := range held {
		claims[i] = held[i].InBasket()
	}
	return claims, err
}

// buildDeals makes the rules in force, from all that is promoted: what a shop or the market gives to everybody first.
func (m *Market) buildDeals(ctx context.Context) (err error) {
	m.Rules, err = ruleset.New(ctx, ruleset.Deps{DB: m.DB, Clock: m.Clock, Log: m.Log, Sources: []ruleset.Source{
		{Name: "voucher", List: m.Vouchers.Promotions},
	}})
	if err != nil {
		return err
	}
	for _, topic := range []event.Topic{voucher.Changed} {
		m.Bus.On(topic, "ruleset", func(ctx context.Context, _ event.Event) error { return m.Rules.Refresh(ctx) })
	}
	return nil
}

// checkoutDeals are the market's own, or those that it was configured with.
func (m *Market) checkoutDeals() checkout.Deals {
	if m.Config.Deals != nil {
		return m.Config.Deals
	}
	return deals{m.Rules, m.Vouchers}
}
