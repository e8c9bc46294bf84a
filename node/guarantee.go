package node

import (
	rule "hutong/deal/guarantee"
	"hutong/trade/guarantee"
)

// buildGuarantee makes the price guarantee, on the rules in force.
func (m *Market) buildGuarantee() {
	m.Guarantee = guarantee.New(guarantee.Deps{DB: m.DB, Clock: m.Clock, Zone: zone, Catalog: m.Catalog, Orders: m.Orders,
		Pay: m.Pay, Rules: m.Rules.Rules, Empty: m.Rules.Empty, Log: m.Log}, rule.DefaultSettings())
	m.Guarantee.Listen(m.Bus)
}
