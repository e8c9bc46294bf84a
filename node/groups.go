package node

import (
	"context"

	"hutong/base/event"
	"hutong/deal/promo"
	"hutong/deal/ruleset"
	"hutong/trade/group"
)

// buildGroups makes buying together, which pays back through after-sales.
func (m *Market) buildGroups() {
	m.Groups = group.New(group.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Rand: m.Rand, Orders: m.Orders,
		Cases: m.Aftersale, Pay: m.Pay, Hub: m.Hub, Log: m.Log}, group.DefaultSettings())
	m.Offers.Plug(m.Campaigns, m.Groups) // who promises prices
	m.Bus.On(group.Changed, "ruleset", func(ctx context.Context, _ event.Event) error { return m.Rules.Refresh(ctx) })
}

// groupPrices are the prices of groups.
func (m *Market) groupPrices() ruleset.Source {
	return ruleset.Source{Name: "group", List: func(ctx context.Context) ([]promo.Promotion, any, error) {
		all, err := m.Groups.Promotions(ctx)
		return all, nil, err
	}}
}
