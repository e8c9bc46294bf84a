package node_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/money"
	"hutong/deal/promo"
	"hutong/deal/promo/direct"
	"hutong/deal/promo/price"
	"hutong/deal/promo/rulebook"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/stock"
)

// more puts n products of random prices and categories on sale.
func (m *market) more(n int, chance *rand.Rand) {
	m.t.Helper()
	for i := range n {
		shop := string(m.shops[i%len(m.shops)].ID)
		m.ok(m.DB.Write(m.t.Context(), func(tx *db.Tx) error {
			saved, err := m.Catalog.Save(tx, m.clock.Now(), []catalog.Product{{Shop: shop, Source: "test",
				ExternalID: fmt.Sprint("more", i), State: catalog.Listed, Category: []string{"fb-1", "aa-1", "hg-1"}[i%3],
				Title: catalog.Words{Zh: fmt.Sprint("货", i), En: fmt.Sprint("goods ", i)},
				SKUs:  []catalog.SKU{{ExternalID: "only", WeightG: 300}}}})
			if err != nil {
				return err
			}
			sku := string(saved[0].SKUs[0])
			pools, err := m.Stock.Receive(tx, m.clock.Now(), []stock.Receipt{{Shop: shop, SKU: sku, Quantity: 100, Ref: "more"}})
			if err != nil {
				return err
			}
			offers, _, err := m.Offers.List(tx, m.clock.Now(), []offer.Listing{{Shop: shop, Product: string(saved[0].Product),
				SKU: sku, Pool: pools[0], Currency: "CNY", UnitPrice: 1000 + chance.Int64N(9000)}})
			m.offers = append(m.offers, offers...)
			return err
		}))
	}
	m.settle()
}

// promote publishes one of the market's promotions of single pieces.
func (m *market) promote(p promo.Promotion) {
	m.t.Helper()
	p.Title.Zh, p.Title.En, p.Budget = "优惠", "offer", 100_000
	p.Funding = []promo.Share{{Party: promo.Platform, PPM: money.Whole}}
	e, err := m.Promotions.SaveDraft(m.t.Context(), rulebook.SaveDraft{Promotion: p})
	m.ok(err)
	m.ok(m.Promotions.Publish(m.t.Context(), rulebook.Publish{ID: e.Promotion.ID, Version: e.Promotion.Version}))
}

var shownPrice = regexp.MustCompile(`<span class="price"><span class="hidden">¥([0-9,.]+)`)

// priceIn is the first price on a page after some text; "" where there is none.
func priceIn(page, after string) string {
	_, rest, found := strings.Cut(page, after)
	got := shownPrice.FindStringSubmatch(rest)
	if !found || got == nil {
		return ""
	}
	return strings.ReplaceAll(got[1], ",", "")
}

// read is a page.
func (c *caller) read(path string) string {
	c.m.t.Helper()
	return string(c.must(200, "GET", path, "").body)
}

// shownIn are the prices of an offer's piece wherever a shopper meets it; lists are the pages that show many.
func (c *caller) shownIn(lists map[string]string, o offer.Offer) map[string]string {
	c.m.t.Helper()
	all := map[string]string{"product": priceIn(c.read("/p/"+o.Product), `class="price-big"`)}
	for name, page := range lists {
		if got := priceIn(page, `href="/p/`+o.Product); got != "" || name != "home" { // the home page shows some
			all[name] = got
		}
	}
	var form struct {
		SKUs []struct {
			Price money.Money
			Shelf *money.Money `json:"shelf_price"`
		}
	}
	c.m.ok(json.Unmarshal(c.must(200, "GET", "/api/v1/products/"+o.Product, "").body, &form))
	all["api"] = form.SKUs[0].Price.Decimal()
	if s := form.SKUs[0].Shelf; s != nil {
		all["api"] = s.Decimal()
	}
	goods, _ := c.goods(1, o)
	all["quote"] = money.New(int64(goods), "CNY").Decimal()
	return all
}

// byPrice are the prices of a search in the order in which it shows them, and how many it finds below a price.
func (c *caller) byPrice(below int64) (shown []int64, found int) {
	c.m.t.Helper()
	page := string(c.must(200, "GET", "/search?sort=price_up", "").body)
	_, list, _ := strings.Cut(page, "<main")
	for _, got := range shownPrice.FindAllStringSubmatch(list, -1) {
		n, err := money.ParseMinor(strings.ReplaceAll(got[1], ",", ""), "CNY")
		c.m.ok(err)
		shown = append(shown, n)
	}
	var out struct{ Total int }
	c.m.ok(json.Unmarshal(c.must(200, "GET", fmt.Sprint("/api/v1/products?price_max=", below-1), "").body, &out))
	return shown, out.Total
}

// TestI_P3_OnePriceEverywhere: over random goods with promotions of SKUs, shops, categories and the whole market, home
// card, search card, product page, cart and quote say the same price of a piece, before, at and after each beginning and
// end; and a search sorts and filters by that price.
func TestI_P3_OnePriceEverywhere(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		chance := rand.New(rand.NewPCG(3, 3))
		m.more(7, chance)
		at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
		unit := m.offers[0].UnitPrice / 2
		m.promote(promo.Promotion{Kind: price.Name, Terms: &price.Terms{UnitPrice: &unit},
			Scope: promo.Scope{SKUs: []string{m.offers[0].SKU}}, From: at(10), Until: at(40)})
		m.promote(promo.Promotion{Kind: direct.Name, Terms: &direct.Terms{Rate: 150_000},
			Scope: promo.Scope{Shop: string(m.shops[1].ID)}, From: at(20), Until: at(50)})
		m.promote(promo.Promotion{Kind: direct.Name, Terms: &direct.Terms{Off: 333},
			Scope: promo.Scope{Category: "fb-1"}, From: at(30), Until: at(60)})
		m.ok(m.Rules.Refresh(t.Context()))
		c := m.guest("c")
		for _, o := range m.offers {
			if got := c.form("/cart", url.Values{"offer": {string(o.ID)}, "quantity": {"1"}}); got.status != 303 {
				t.Fatalf("cart: %d %s", got.status, got.body)
			}
		}
		before := map[offer.ID]string{}
		moves, home := 0, 0
		for minute := 10; minute <= 60; minute += 10 {
			for _, d := range []time.Duration{-time.Millisecond, 0, time.Millisecond} {
				m.clock.Set(at(minute).Add(d))
				lists := map[string]string{"search": c.read("/search"), "cart": c.read("/cart"), "home": c.read("/")}
				var lowest []int64
				for _, o := range m.offers {
					all := c.shownIn(lists, o)
					home += len(all) - 5
					for where, got := range all {
						if got != all["quote"] {
							t.Fatalf("minute %d%+v: the %s of %s says %q, the quote %q; %v", minute, d, where, o.Product, got,
								all["quote"], all)
						}
					}
					if was := before[o.ID]; was != "" && was != all["quote"] {
						if moves++; d != 0 {
							t.Errorf("minute %d%+v: %s moved from %s to %s", minute, d, o.Product, was, all["quote"])
						}
					}
					before[o.ID] = all["quote"]
					n, err := money.ParseMinor(all["quote"], "CNY")
					m.ok(err)
					lowest = append(lowest, n)
				}
				slices.Sort(lowest)
				below := lowest[len(lowest)/2]
				shown, found := c.byPrice(below)
				want, _ := slices.BinarySearch(lowest, below)
				if !slices.Equal(shown, lowest) || found != want {
					t.Fatalf("minute %d%+v: sorted %v, want %v; %d below %d, want %d", minute, d, shown, lowest, found, below, want)
				}
			}
		}
		if moves < 10 || home < 10 {
			t.Fatalf("only %d prices moved, %d were on the home page", moves, home)
		}
	})
}
