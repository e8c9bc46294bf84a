package node_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/text"
	"hutong/deal/promo"
	"hutong/deal/promo/crossshop"
	"hutong/deal/promo/rulebook"
	"hutong/deal/promo/spend"
	"hutong/deal/voucher"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/trade/aftersale"
	"hutong/trade/order"
)

// reference puts up basket E1 of the rules: its goods, and what takes off them; the caller holds its red packet.
func (m *market) reference() (goods []offer.Offer, packet voucher.TemplateID) {
	m.t.Helper()
	first := len(m.offers)
	m.stockUp("ea", "甲", "A1", 19900)
	a := m.shops[len(m.shops)-1]
	m.list(a, "ea2", catalog.Words{Zh: "乙", En: "A2"}, 8990)
	m.stockUp("eb", "丙", "B1", 25900)
	title := text.Entry{Zh: "满减", En: "Spend and save"}
	shared := []promo.Share{{Party: promo.Platform, PPM: 500_000}, {Party: promo.Merchant, PPM: 500_000}}
	for _, p := range []promo.Promotion{
		{Kind: spend.Name, Title: title, Scope: promo.Scope{Shop: string(a.ID)},
			Terms: &spend.Terms{Tiers: []spend.Tier{{Threshold: 30_000, Off: 4_000}}}},
		{Kind: crossshop.Name, Title: title, Budget: 100_000, Funding: shared,
			Terms: &crossshop.Terms{Every: 30_000, Off: 5_000}},
	} {
		p.From, p.Until = start, start.Add(240*time.Hour)
		e, err := m.Promotions.SaveDraft(m.t.Context(), rulebook.SaveDraft{Shop: p.Scope.Shop, Promotion: p})
		m.ok(err)
		m.ok(m.Promotions.Publish(m.t.Context(), rulebook.Publish{ID: e.Promotion.ID, Version: e.Promotion.Version,
			Shop: p.Scope.Shop}))
	}
	terms := half(m)
	terms.Kind, terms.Threshold, terms.Off, terms.Budget = voucher.KindRedPacket, 0, 0, 0
	terms.Total, terms.Funding = terms.Issue*1_000, []promo.Share{{Party: promo.Platform, PPM: 1_000_000}}
	return m.offers[first:], m.publish(terms)
}

// TestThresholdsAsTheOperatorSetThem: the reference basket costs 487.80 where thresholds are parallel and 537.80 where
// they are progressive, in cart, checkout and order; what was placed before a change stands, also when some of it comes
// back, and the auditor finds nothing.
func TestThresholdsAsTheOperatorSetThem(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		goods, packet := m.reference()
		desk := m.login("operator")
		var placed []string
		var versions []int64
		for i, mode := range []struct {
			progressive string
			want        float64
			shown       string
		}{{"no", 48780, "487.80"}, {"yes", 53780, "537.80"}, {"no", 48780, "487.80"}} {
			if got := desk.form("/operator/settings", url.Values{"deal.progressive": {mode.progressive}}); got.status != 303 {
				t.Fatalf("the setting: %d %.300s", got.status, got.body)
			}
			m.ok(m.Rules.Refresh(t.Context()))
			versions = append(versions, m.Rules.Rules().Version())
			a := m.guest(fmt.Sprint("buyer", i))
			m.claim(a, packet)
			lines := make([]string, len(goods))
			for j, o := range goods {
				n := 1 + j%2 // one of A1, two of A2, one of B1
				a.must(200, "PUT", "/api/v1/cart/lines/"+string(o.ID), fmt.Sprintf(`{"quantity":%d}`, n))
				lines[j] = fmt.Sprintf(`{"offer":%q,"quantity":%d}`, o.ID, n)
			}
			home := a.must(201, "POST", "/api/v1/addresses", addressBody).text("address")
			for _, page := range []string{"/cart", "/checkout"} {
				if body := string(a.must(200, "GET", page, "").body); !strings.Contains(body, mode.shown) {
					t.Errorf("%s does not say %s", page, mode.shown)
				}
			}
			q := a.must(200, "POST", "/api/v1/quotes", fmt.Sprintf(`{"lines":[%s],"address":%q}`, strings.Join(lines, ","), home))
			if got := q.tree()["goods"].(map[string]any)["minor"]; got != mode.want {
				t.Errorf("progressive %s: %v, want %v", mode.progressive, got, mode.want)
			}
			id := a.must(201, "POST", "/api/v1/orders", fmt.Sprintf(`{"token":%q}`, q.text("token"))).text("order")
			a.payAt(a.begin(id, "redbean"))
			m.settle()
			placed = append(placed, id)
		}
		if versions[0] != versions[2] || versions[0] == versions[1] {
			t.Errorf("the sets in force were %v", versions)
		}
		for i, want := range []int64{48780, 53780} { // under today's mode, which is the first one's
			m.sentBack(placed[i], want)
		}
		m.audit()
		var mode string
		m.ok(m.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
			mode, _, err = db.Value[string](tx, `SELECT r.mode FROM rule_sets r JOIN orders o ON o.rules = r.version
				WHERE o.id = $1`, placed[1])
			return err
		}))
		if mode != string(promo.Progressive) {
			t.Errorf("the order's rules are %q", mode)
		}
	})
}

// sentBack has shop B give its only piece back unsent: what was paid for it goes back, by the rules it was bought under.
func (m *market) sentBack(id string, goods int64) {
	m.t.Helper()
	o, err := m.Orders.Any(m.t.Context(), order.ID(id))
	m.ok(err)
	if o.Goods != goods {
		m.t.Errorf("order %s cost %d, want %d", id, o.Goods, goods)
	}
	for _, part := range o.Subs {
		if len(part.Lines) > 1 {
			continue
		}
		c, err := m.Aftersale.Refund(m.t.Context(), aftersale.Refund{By: aftersale.Party{Shop: part.Shop}, Order: o.ID,
			Seq: part.Seq, Reason: aftersale.OutOfStock, Key: "out"})
		if m.ok(err); c.Amount-c.Freight != part.Lines[0].Paid {
			m.t.Errorf("%d went back of %d", c.Amount-c.Freight, part.Lines[0].Paid)
		}
	}
}
