package node

import (
	rule "hutong/deal/guarantee"
	"hutong/trade/guarantee"
)

// buildGuarantee makes the price guarantee, on the rules in force, and has what else looks at past orders listen.
func (m *Market) buildGuarantee() {
	m.Guarantee = guarantee.New(guarantee.Deps{DB: m.DB, Clock: m.Clock, Zone: zone, Catalog: m.Catalog, Orders: m.Orders,
		Pay: m.Pay, Rules: m.Rules.Rules, Empty: m.Rules.Empty, IDs: m.IDs, Log: m.Log}, m.guaranteeSettings)
	m.Guarantee.Listen(m.Bus)
	m.Referrals.Listen(m.Bus)
	m.buildSegments()
	m.plugDeposits()
}

// guaranteeSettings are what the operator has set, as it is now.
func (m *Market) guaranteeSettings() rule.Settings {
	budget := m.Tune.Count("guarantee.budget")
	for range m.Config.Checkout.Currency.Exponent() {
		budget *= 10
	}
	return rule.Settings{Days: int(m.Tune.Count("guarantee.days")), Claims: m.Tune.Count("guarantee.claims"),
		Budget: budget}
}
