package node_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/deal/promo/rulebook"
	"hutong/deal/promo/standard"
	"hutong/goods/offer"
	"hutong/reach/notice"
	"hutong/trade/aftersale"
	"hutong/trade/order"
)

// subsidize has the market pay for a lower price of an offer.
func (m *market) subsidize(o offer.Offer, unit int64) {
	m.t.Helper()
	p, err := standard.Kinds().Decode([]byte(fmt.Sprintf(`{"id":"new","kind":"price","unit_price":%d,"skus":[%q],
		"title":{"zh":"补贴","en":"subsidy"},"budget":100000,"funding":[{"party":"platform","ppm":1000000}]}`, unit, o.SKU)))
	m.ok(err)
	p.ID = ""
	e, err := m.Promotions.SaveDraft(m.t.Context(), rulebook.SaveDraft{Promotion: p})
	m.ok(err)
	m.ok(m.Promotions.Publish(m.t.Context(), rulebook.Publish{ID: e.Promotion.ID, Version: e.Promotion.Version}))
	m.settle()
	m.ok(m.Rules.Refresh(m.t.Context()))
}

// toldOfTheFalls counts the notices of a topic in an inbox.
func (m *market) toldOfTheFalls(to notice.To, topic notice.Topic, want int) {
	m.t.Helper()
	all, err := m.Notices.Inbox(m.t.Context(), to, "", 100)
	m.ok(err)
	n := 0
	for _, one := range all {
		if one.Topic == topic {
			n++
			if w := one.Words("en"); strings.Contains(w.Body, "{") || !strings.Contains(w.Body, "CN") {
				m.t.Errorf("it reads %q", w.Body)
			}
		}
	}
	if n != want {
		m.t.Errorf("%d notices of %s, want %d", n, topic, want)
	}
}

// TestI_C6_AFallenPriceIsGivenBack goes from a purchase over HTTP to a difference that the jobs give back, before and
// after the order's money was settled, and has the whole market audited.
func TestI_C6_AFallenPriceIsGivenBack(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		goods, c := m.offers[0], m.guest("a")
		address := c.must(201, "POST", "/api/v1/addresses", addressBody).text("address")
		q := c.must(200, "POST", "/api/v1/quotes", fmt.Sprintf(
			`{"lines":[{"offer":%q,"quantity":2}],"address":%q}`, goods.ID, address))
		id := order.ID(c.must(201, "POST", "/api/v1/orders", fmt.Sprintf(`{"token":%q}`, q.text("token"))).text("order"))
		c.payAt(c.begin(string(id), "redbean"))
		m.settle()
		key := order.SubKey{Order: id, Seq: 1}
		m.send(goods.Shop, id)
		m.ok(m.DB.Write(t.Context(), func(tx *db.Tx) error {
			return m.Orders.Delivered(tx, m.clock.Now(), []order.SubKey{key})
		}))
		m.settle()
		fall := func(to int64) {
			m.ok(m.Offers.Reprice(t.Context(), goods.Shop, goods.ID, money.New(to, goods.Currency), money.New(0, goods.Currency)))
			m.settle()
			for _, job := range m.Guarantee.Jobs() {
				_, err := job.Run(t.Context())
				m.ok(err)
			}
			m.settle()
		}
		fall(goods.UnitPrice - 100)
		m.ok(m.Orders.Receive(t.Context(), m.shopperOf(string(id)), id, 1))
		fall(goods.UnitPrice - 150)
		o, err := m.Orders.Any(t.Context(), id)
		m.ok(err)
		if l := o.Lines()[0]; l.Lowered != 300 {
			t.Errorf("lowered by %d", l.Lowered)
		}
		m.audit()
		m.subsidize(goods, goods.UnitPrice-250)
		fall(goods.UnitPrice - 150)
		if o, err = m.Orders.Any(t.Context(), id); err != nil || o.Lines()[0].Topped != 200 {
			t.Errorf("%v, the market pays %+v", err, o.Lines()[0])
		}
		m.audit()
		all := c.must(200, "GET", "/api/v1/orders/"+string(id)+"/price-claims", "")
		if l := all.items(); len(l) != 1 || len(l[0]["claims"].([]any)) != 3 {
			t.Errorf("the API says %s", all.body)
		}
		again := c.must(200, "POST", "/api/v1/orders/"+string(id)+"/price-claims", `{"line":1}`)
		if again.tree()["amount"].(map[string]any)["minor"] != float64(0) {
			t.Errorf("a second claim brings %s", again.body)
		}
		m.guest("b").refused(404, "order.not_found", "GET", "/api/v1/orders/"+string(id)+"/price-claims", "")
		m.toldOfTheFalls(notice.To{Kind: notice.Shopper, ID: m.shopperOf(string(id))}, notice.PriceBack, 3)
		m.toldOfTheFalls(notice.To{Kind: notice.Shop, ID: goods.Shop}, notice.ShopPriceBack, 2)
		_, err = m.Aftersale.Refund(t.Context(), aftersale.Refund{By: aftersale.Party{Operator: true}, Order: id, Seq: 1,
			Lines: []order.Units{{Line: 1, Units: 1}}, Reason: aftersale.Other, Key: "one"})
		m.ok(err)
		if o, err = m.Orders.Any(t.Context(), id); err != nil || o.Lines()[0].Topped != 100 {
			t.Errorf("%v, after a piece went back the market pays %+v", err, o.Lines()[0])
		}
		m.audit()
	})
}

// cameTo has a shopper buy a piece, which is there at once.
func (m *market) cameTo(a *caller, o offer.Offer) order.ID {
	m.t.Helper()
	_, token := a.goods(1, o)
	id := order.ID(a.must(201, "POST", "/api/v1/orders", fmt.Sprintf(`{"token":%q}`, token)).text("order"))
	a.payAt(a.begin(string(id), "redbean"))
	m.settle()
	m.send(o.Shop, id)
	m.ok(m.DB.Write(m.t.Context(), func(tx *db.Tx) error {
		return m.Orders.Delivered(tx, m.clock.Now(), []order.SubKey{{Order: id, Seq: 1}})
	}))
	m.settle()
	return id
}

// TestT1_8_ASaleGuaranteesItsPricesToItsEnd: a sale's prices are guaranteed for 30 days. What was bought in it is
// protected until then, not for the market's 15 days alone, also what was sold in it at the ordinary price: a fall on day 20
// comes back, at the end none does. What was bought beside it has the 15 days.
func TestT1_8_ASaleGuaranteesItsPricesToItsEnd(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		ctx, days := t.Context(), func(n int) time.Time { return start.AddDate(0, 0, n) }
		m.stockUp("same", "同价", "Same", 5000)
		in, beside, same := m.offers[0], m.offers[1], m.offers[len(m.offers)-1]
		c, err := m.Campaigns.Save(ctx, "", 0, campaign.Plan{Title: text.Entry{Zh: "大促", En: "Sale"}, Channel: campaign.Sale,
			Recruit: campaign.Window{From: days(-1), Until: start.Add(time.Minute)},
			Lock:    campaign.Window{From: start.Add(time.Minute), Until: days(30)},
			Waves: []campaign.Wave{{Title: text.Entry{Zh: "一", En: "One"}, Phases: []campaign.Phase{
				{Stage: campaign.Spot, Window: campaign.Window{From: start.Add(time.Hour), Until: days(2)}}}}}})
		m.ok(err)
		c, err = m.Campaigns.Publish(ctx, c.ID, c.Version)
		m.ok(err)
		for o, price := range map[offer.Offer]int64{in: in.UnitPrice - 100, same: same.UnitPrice} {
			e, err := m.Campaigns.Enrol(ctx, campaign.Enrol{Shop: o.Shop, Campaign: c.ID, Slot: campaign.Slot{Wave: 1}, Offer: o.ID,
				Terms: campaign.Terms{Price: price, Quantity: 20, Part: campaign.Part{Spot: true}}})
			m.ok(err)
			_, err = m.Campaigns.Decide(ctx, campaign.Decide{By: "lgn_op", ID: e.ID, Version: e.Version, Accept: true})
			m.ok(err)
		}
		m.at(start.Add(time.Hour))
		a := m.guest("a")
		until := func(id order.ID, want time.Time) {
			t.Helper()
			all, err := m.Guarantee.OfOrder(ctx, m.shopperOf(string(id)), id)
			m.ok(err)
			if len(all) != 1 || !all[0].Until.Equal(want) {
				t.Errorf("protected %+v, want until %s", all, want)
			}
		}
		sold, other, atOrdinary := m.cameTo(a, in), m.cameTo(a, beside), m.cameTo(a, same)
		until(sold, days(30))
		until(atOrdinary, days(30))
		until(other, start.Add(time.Hour).AddDate(0, 0, 15))
		m.at(days(20))
		for _, o := range []offer.Offer{in, beside, same} {
			m.ok(m.Offers.Reprice(ctx, o.Shop, o.ID, money.New(o.UnitPrice-150, o.Currency), money.New(0, o.Currency)))
		}
		m.settle()
		for _, job := range m.Guarantee.Jobs() {
			_, err := job.Run(ctx)
			m.ok(err)
		}
		for id, want := range map[order.ID]int64{sold: 50, other: 0, atOrdinary: 150} {
			o, err := m.Orders.Any(ctx, id)
			m.ok(err)
			if l := o.Lines()[0]; l.Lowered != want {
				t.Errorf("%s is lowered by %d, want %d", id, l.Lowered, want)
			}
		}
		m.clock.Set(days(30))
		if _, err := m.Guarantee.Claim(ctx, m.shopperOf(string(sold)), sold, 1); !fault.Is(err, "guarantee.window_closed") {
			t.Error(err)
		}
	})
}
