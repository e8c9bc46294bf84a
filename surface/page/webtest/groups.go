package webtest

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync/atomic"

	"hutong/base/event"
	rule "hutong/deal/guarantee"
	"hutong/deal/promo"
	"hutong/trade/checkout"
	"hutong/trade/group"
	"hutong/trade/guarantee"
)

// prices are the promotions of a Market: those of its groups.
type prices struct {
	checkout.NoDeals
	now atomic.Pointer[promo.Rules]
	n   atomic.Int64
}

// Rules are those that were set last.
func (p *prices) Rules() *promo.Rules { return p.now.Load() }

func (m *Market) groups() {
	m.Groups = group.New(group.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Rand: rand.Reader, Orders: m.Orders,
		Cases: m.Cases, Pay: m.Pay, Hub: m.Hub}, group.DefaultSettings())
	m.Checkout.PlugGroups(m.Groups)
	m.Guarantee = guarantee.New(guarantee.Deps{DB: m.DB, Clock: m.Clock, Catalog: m.Catalog, Orders: m.Orders,
		Pay: m.Pay, Rules: m.prices.Rules, IDs: m.IDs}, rule.DefaultSettings)
}

// Group sells goods to groups.
func (m *Market) Group(cmd group.SetUp) group.Offer {
	m.t.Helper()
	o, err := m.Groups.SetUp(context.Background(), cmd)
	m.Must(err)
	m.Promote()
	return o
}

// Promote puts the prices of groups into force.
func (m *Market) Promote() {
	m.t.Helper()
	all, err := m.Groups.Promotions(context.Background())
	m.Must(err)
	rules, err := promo.Compile(promo.Parallel, all)
	m.Must(err)
	m.prices.now.Store(rules.At(m.prices.n.Add(1)))
}

// Tell tells the groups what happened to orders.
func (m *Market) Tell() {
	m.t.Helper()
	bus := event.NewBus(m.DB, m.Clock, slog.New(slog.NewTextHandler(m.t.Output(), nil)))
	m.Orders.Listen(bus)
	m.Groups.Listen(bus)
	m.Guarantee.Listen(bus)
	m.Notices.Listen(bus)
	for {
		_, err := bus.Dispatch(context.Background())
		m.Must(err)
		n, err := bus.Waiting(context.Background())
		m.Must(err)
		if n == 0 {
			return
		}
	}
}
