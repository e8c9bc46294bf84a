package node_test

import (
	"strings"
	"testing"
	"time"

	"hutong/base/money"
	"hutong/deal/campaign"
	"hutong/deal/promo"
	"hutong/deal/promo/direct"
)

// TestI_P2_AStruckPriceNeedsAPast goes over HTTP: a shop strikes a price that nobody paid, and no page and no answer
// says it; after somebody paid it, all do; and the shop reads why.
func TestI_P2_AStruckPriceNeedsAPast(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		goods, a := m.offers[0], m.guest("a")
		a.must(200, "PUT", "/api/v1/cart/lines/"+string(goods.ID), `{"quantity":1}`)
		desk := m.login("merchant-x")
		strike := func(unit, list int64) {
			t.Helper()
			m.ok(m.Offers.Reprice(t.Context(), goods.Shop, goods.ID, money.New(unit, "CNY"), money.New(list, "CNY")))
			m.settle()
			m.clock.Advance(time.Hour) // kept pages are made anew
		}
		shown := func(want bool, why string) {
			t.Helper()
			says := a.must(200, "GET", "/api/v1/products/"+goods.Product, "")
			sku := says.tree()["skus"].([]any)[0].(map[string]any)
			if _, said := sku["list_price"]; said != want {
				t.Errorf("the API says it: %v, want %v: %s", said, want, says.body)
			}
			if off, said := sku["percent_off"]; said != want || want && off != float64(20) { // 15.90 of 19.90: 20.1 %
				t.Errorf("the API says %v percent off: %s", off, says.body)
			}
			for _, path := range []string{"/p/" + goods.Product, "/search?q=celadon", "/cart"} {
				got := a.must(200, "GET", path, "")
				if !strings.Contains(string(got.body), "price-now") {
					t.Errorf("%s shows no price", path)
				}
				if said := strings.Contains(string(got.body), "price-was"); said != want {
					t.Errorf("%s says it: %v, want %v", path, said, want)
				}
				if said := strings.Contains(string(got.body), `"price-off">直降 20%<`); said != want {
					t.Errorf("%s says 20 %% off: %v, want %v", path, said, want)
				}
			}
			if got := desk.must(200, "GET", "/desk/strikes", ""); !strings.Contains(string(got.body), why) {
				t.Errorf("the desk does not say %s: %s", why, got.body)
			}
		}
		strike(1590, 1990)
		shown(false, "此前没有成交或报价记录")
		strike(1990, 0)
		a.payAt(a.begin(a.order(1, goods), "redbean"))
		m.settle()
		m.clock.Advance(time.Hour) // what is paid at the instant of a new price is not before it
		strike(1590, 1990)
		shown(true, "展示中")
		strike(1591, 2990)
		shown(false, "划线价高于参考价")
		m.audit()
		if n := len(m.login("operator").must(200, "GET", "/operator/price-claims", "").body); n == 0 {
			t.Error("the operator reads nothing")
		}
	})
}

// TestI_P2_ASessionsStruckPriceStandsInItsHallAndOnTheProduct: what an item was held against stands on both pages as long
// as its price does, and on no product's page beside a price that something else made lower still.
func TestI_P2_ASessionsStruckPriceStandsInItsHallAndOnTheProduct(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		o, a := m.offers[0], m.guest("a")
		a.payAt(a.begin(a.order(1, o), "redbean"))
		m.settle()
		_, from := m.session(o, campaign.Terms{Price: 990, Strike: 1990, Quantity: 20})
		product := "/p/" + o.Product
		says := func(path string, want bool) {
			t.Helper()
			page := a.read(path)
			if said := strings.Contains(page, "<s class=\"price-was\">"); said != want {
				t.Errorf("%s strikes a price: %v, want %v", path, said, want)
			}
			if said := strings.Contains(page, "¥19.90</s>"); said != want {
				t.Errorf("%s strikes what was paid before: %v, want %v", path, said, want)
			}
		}
		m.at(from.Add(-time.Minute))
		says(product, false)
		m.at(from)
		says("/sale", true)
		says(product, true)
		m.promote(promo.Promotion{Kind: direct.Name, Terms: &direct.Terms{Off: 100}, Scope: promo.Scope{SKUs: []string{o.SKU}}})
		m.at(from.Add(time.Minute))
		says(product, false)
		m.at(from.Add(time.Hour))
		says(product, false)
	})
}
