package node_test

import (
	"strings"
	"testing"
	"time"

	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/deal/promo"
	"hutong/deal/promo/direct"
	"hutong/deal/promo/rulebook"
	"hutong/deal/reference"
)

// TestI_P2_APublicCutIsAPriceThatWasAsked: in a market under the law of the EU a shop takes 20 % off all that it sells
// for two days. A sale of the next week may not strike the full price: everybody was asked 20 % less, and the shop reads
// so. Thirty days after the cut it may.
func TestI_P2_APublicCutIsAPriceThatWasAsked(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		ctx, days := t.Context(), func(n int) time.Time { return start.AddDate(0, 0, n) }
		m.Reference.Regime = reference.EU
		o := m.offers[0]
		cut := promo.Promotion{Kind: direct.Name, Title: text.Entry{Zh: "立减", En: "Cut"}, Scope: promo.Scope{Shop: o.Shop},
			Terms: &direct.Terms{Rate: 200_000}, From: days(1), Until: days(3)}
		draft, err := m.Promotions.SaveDraft(ctx, rulebook.SaveDraft{Shop: o.Shop, Promotion: cut})
		m.ok(err)
		m.ok(m.Promotions.Publish(ctx, rulebook.Publish{ID: draft.Promotion.ID, Version: 1, Shop: o.Shop}))
		enrol := func(from time.Time, price int64) campaign.Enrolment {
			t.Helper()
			c, err := m.Campaigns.Save(ctx, "", 0, campaign.Plan{Title: text.Entry{Zh: "大促", En: "Sale"}, Channel: campaign.Sale,
				Recruit: campaign.Window{From: days(-1), Until: from.Add(-time.Hour)},
				Lock:    campaign.Window{From: from.Add(-time.Hour), Until: from.AddDate(0, 0, 5)},
				Waves: []campaign.Wave{{Title: text.Entry{Zh: "一", En: "One"}, Phases: []campaign.Phase{
					{Stage: campaign.Spot, Window: campaign.Window{From: from, Until: from.AddDate(0, 0, 1)}}}}}})
			m.ok(err)
			c, err = m.Campaigns.Publish(ctx, c.ID, c.Version)
			m.ok(err)
			e, err := m.Campaigns.Enrol(ctx, campaign.Enrol{Shop: o.Shop, Campaign: c.ID, Slot: campaign.Slot{Wave: 1}, Offer: o.ID,
				Terms: campaign.Terms{Price: price, Quantity: 5, Part: campaign.Part{Spot: true}, Strike: o.UnitPrice}})
			m.ok(err)
			return e
		}
		was := money.New(o.UnitPrice*8/10, o.Currency)
		e := enrol(days(7), o.UnitPrice*7/10)
		if len(e.Reasons) != 1 || e.Reasons[0].Code != "reference.strike" || e.Reasons[0].Params["source"] != draft.Promotion.ID {
			t.Errorf("the full price, struck beside the sale's: %+v", e.Reasons)
		}
		desk := string(m.login("merchant-x").must(200, "GET", "/desk/sales", "").body)
		if !strings.Contains(desk, was.Format("zh-CN")) || !strings.Contains(desk, "当时的立减价") {
			t.Errorf("the shop does not read of %s and the cut", was.Format("zh-CN"))
		}
		if e := enrol(days(33), o.UnitPrice*7/10); len(e.Reasons) != 0 {
			t.Errorf("thirty days later: %+v", e.Reasons)
		}
		m.Reference.Regime = reference.CN
		if e := enrol(days(7), o.UnitPrice*7/10); len(e.Reasons) != 1 || e.Reasons[0].Code != "reference.none" {
			t.Errorf("where deals count, nothing was sold yet: %+v", e.Reasons)
		}
		m.audit()
	})
}
