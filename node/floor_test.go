package node_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hutong/deal/campaign"
	"hutong/deal/promo/rulebook"
	"hutong/deal/promo/standard"
	"hutong/goods/offer"
	"hutong/goods/search"
	"hutong/trade/group"
	"hutong/trade/order"
)

// cuts publishes a shop's own cut of a share of the price of an offer.
func (m *market) cuts(o offer.Offer, ppm int64) {
	m.t.Helper()
	p, err := standard.Kinds().Decode([]byte(fmt.Sprintf(`{"id":"new","kind":"direct","rate_ppm":%d,"shop":%q,"skus":[%q],
		"title":{"zh":"直降","en":"Cut"},"budget":100000}`, ppm, o.Shop, o.SKU)))
	m.ok(err)
	p.ID = ""
	e, err := m.Promotions.SaveDraft(m.t.Context(), rulebook.SaveDraft{Shop: o.Shop, Promotion: p})
	m.ok(err)
	m.ok(m.Promotions.Publish(m.t.Context(), rulebook.Publish{Shop: o.Shop, ID: e.Promotion.ID, Version: e.Promotion.Version}))
	m.settle()
	m.ok(m.Rules.Refresh(m.t.Context()))
}

// shows fails unless everybody who asks is told that a piece costs so much now: the product's page and resource, a
// search by price, the cart and a quote.
func (m *market) shows(o offer.Offer, c *caller, minor int64) {
	m.t.Helper()
	m.settle()
	_, err := m.Search.RefreshShelf(m.t.Context())
	m.ok(err)
	shown := fmt.Sprintf("¥%d.%02d", minor/100, minor%100)
	if p := c.must(200, "GET", "/p/"+o.Product, ""); !strings.Contains(string(p.body), shown) {
		m.t.Errorf("the page does not say %s", shown)
	}
	api := c.must(200, "GET", "/api/v1/products/"+o.Product, "")
	k := api.tree()["skus"].([]any)[0].(map[string]any)
	if shelf, _ := k["shelf_price"].(map[string]any); shelf["minor"] != float64(minor) {
		m.t.Errorf("its resource says %s, want %d", api.body, minor)
	}
	for most, found := range map[int64]int{minor - 1: 0, minor: 1} {
		hits, err := m.Search.Search(m.t.Context(), search.Query{Text: "celadon", Currency: "CNY", PriceMax: most, Limit: 5})
		if m.ok(err); len(hits.Hits) != found {
			m.t.Errorf("a search up to %d finds %v", most, hits.Hits)
		}
	}
	if goods, _ := c.goods(2, o); goods != float64(2*minor) {
		m.t.Errorf("two are quoted at %v, want %d", goods, 2*minor)
	}
}

// TestP14_AFloorHoldsEverywhere: over HTTP, from the merchant who sets it to every place that tells a price; a floor
// that sinks gives the difference back to whoever is protected, and takes nothing from an order.
func TestP14_AFloorHoldsEverywhere(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		o, c, desk := m.offers[0], m.guest("a"), m.login("merchant-x")
		floor := func(minor int64) {
			desk.must(200, "PUT", "/api/v1/merchant/offers/"+string(o.ID)+"/price", fmt.Sprintf(
				`{"price":{"minor":1990,"currency":"CNY"},"floor_price":{"minor":%d,"currency":"CNY"}}`, minor))
		}
		floor(1700)
		m.cuts(o, 300_000) // to 13.93
		m.shows(o, c, 1700)
		q := c.must(200, "POST", "/api/v1/quotes", fmt.Sprintf(`{"lines":[{"offer":%q,"quantity":1}]}`, o.ID))
		if strings.Contains(string(q.body), "floor_price") {
			t.Errorf("a shopper is told %s", q.body)
		}
		id := m.cameTo(c, o)
		m.ok(m.Orders.Receive(t.Context(), m.shopperOf(string(id)), id, 1))
		line := func() order.Line {
			all, err := m.Orders.Any(t.Context(), id)
			m.ok(err)
			return all.Lines()[0]
		}
		if l := line(); l.Paid != 1700 || l.Discount != 290 {
			t.Errorf("%+v", l)
		}
		m.audit()
		m.clock.Advance(time.Hour)
		floor(1500)
		m.shows(o, c, 1500)
		for _, job := range m.Guarantee.Jobs() {
			_, err := job.Run(t.Context())
			m.ok(err)
		}
		if l := line(); l.Paid != 1700 || l.Lowered != 200 {
			t.Errorf("after the floor sank: %+v", l)
		}
		floor(1990)
		if l := line(); l.Paid != 1700 || l.Lowered != 200 {
			t.Errorf("after the floor rose: %+v", l)
		}
		m.audit()
	})
}

// TestP14_AFloorTakesNoPromiseBack: what a shop enrolled in a sale, and what it sells to groups, keeps its price.
func TestP14_AFloorTakesNoPromiseBack(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		m.session(m.offers[0], campaign.Terms{Price: 990, Quantity: 20})
		_, err := m.Groups.SetUp(t.Context(), group.SetUp{Shop: m.offers[1].Shop, Goods: string(m.offers[1].ID),
			Steps: []group.Step{{Size: 2, Price: 3000}}})
		m.ok(err)
		for i, promised := range []int64{990, 3000} {
			o, desk := m.offers[i], m.login([]string{"merchant-x", "merchant-y"}[i])
			body := func(floor int64) string {
				return fmt.Sprintf(`{"price":{"minor":%d,"currency":"CNY"},"floor_price":{"minor":%d,"currency":"CNY"}}`, o.UnitPrice, floor)
			}
			path := "/api/v1/merchant/offers/" + string(o.ID) + "/price"
			desk.must(200, "PUT", path, body(promised))
			desk.refused(409, "offer.floor_promised", "PUT", path, body(promised+1))
		}
	})
}
