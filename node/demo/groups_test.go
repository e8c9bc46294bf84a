package demo

import (
	"path/filepath"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/node"
	"hutong/trade/group"
	"hutong/trade/order"
)

// TestTheDemoSellsToGroups: goods are sold to groups, and the crowd opens and joins them.
func TestTheDemoSellsToGroups(t *testing.T) {
	at := clock.NewManual(time.Date(2026, 11, 11, 4, 20, 0, 0, time.UTC))
	m, err := node.Open(t.Context(), node.Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "market.db"), Dir: t.TempDir(),
		Clock: at})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}()
	var d *Market
	for range 2 {
		if d, err = Seed(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	all, err := m.Groups.Promotions(t.Context())
	if err != nil || len(all) < groupsOffered {
		t.Fatal(len(all), err)
	}
	crowd, err := d.Crowd(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	var placed []order.ID
	for range 30 {
		p, err := crowd.BuyTogether(t.Context())
		if err := crowd.note(err); err != nil {
			t.Fatal(err)
		}
		placed = append(placed, p.Order)
		at.Advance(time.Minute)
		run(t, m, "pay.poll")
		run(t, m, "event.dispatch")
	}
	states := map[group.State]int{}
	for _, id := range placed {
		if o, err := m.Orders.Any(t.Context(), id); err == nil {
			mine, err := m.Groups.OfOrder(t.Context(), o.Shopper, o.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, one := range mine {
				states[one.Group.State]++
			}
		}
	}
	if states[group.Forming] == 0 || states[group.Formed] == 0 {
		t.Errorf("groups %v of %d orders", states, len(placed))
	}
}

// run runs one of the market's jobs.
func run(t *testing.T, m *node.Market, name string) {
	t.Helper()
	for _, j := range m.Jobs() {
		if j.Name != name {
			continue
		}
		if _, err := j.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
