package node_test

import (
	"testing"
	"time"

	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/deal/promo"
	"hutong/deal/promo/crossshop"
	"hutong/deal/promo/rulebook"
)

// TestWhatIsOverKeepsItsName: an order names a promotion after it has left the rules in force.
func TestWhatIsOverKeepsItsName(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		item, from := m.session(m.offers[0], campaign.Terms{Price: 990, Quantity: 20, PerShopper: 2})
		e, err := m.Promotions.SaveDraft(t.Context(), rulebook.SaveDraft{Promotion: promo.Promotion{Kind: crossshop.Name,
			Title: text.Entry{Zh: "满减", En: "Spend and save"}, From: start, Until: from.Add(time.Hour), Budget: 10_000,
			Funding: []promo.Share{{Party: promo.Platform, PPM: 1_000_000}}, Terms: &crossshop.Terms{Every: 30_000, Off: 5_000}}})
		m.ok(err)
		m.ok(m.Promotions.Publish(t.Context(), rulebook.Publish{ID: e.Promotion.ID, Version: e.Promotion.Version}))
		for _, at := range []time.Time{from, from.Add(30 * 24 * time.Hour)} {
			m.at(at)
			if at != from {
				m.ok(m.Promotions.Withdraw(t.Context(), rulebook.Withdraw{ID: e.Promotion.ID}))
			}
			m.ok(m.Rules.Refresh(t.Context()))
			for id, want := range map[string]string{string(item): "On the hour", string(item) + "/earnest": "On the hour",
				e.Promotion.ID: "Spend and save", "prm_unknown": "", "enr_unknown": "", "": ""} {
				if title, err := m.Rules.Title(t.Context(), id); err != nil || title.En != want {
					t.Errorf("%v: %q is called %q, %v; want %q", at, id, title.En, err, want)
				}
			}
		}
		for _, id := range []string{string(item), e.Promotion.ID} {
			if _, found := m.Rules.Rules().Find(id); found {
				t.Errorf("%s is not over: this test looks at nothing", id)
			}
		}
	})
}
