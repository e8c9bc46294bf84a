package node_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/deal/flash"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/stock"
	torder "hutong/trade/order"
)

// another lists 100 pieces of one more product in the shop of an offer.
func (m *market) another(o offer.Offer, name string, price int64) (sold offer.Offer) {
	m.t.Helper()
	m.ok(m.DB.Write(m.t.Context(), func(tx *db.Tx) error {
		at := m.clock.Now()
		saved, err := m.Catalog.Save(tx, at, []catalog.Product{{Shop: o.Shop, Source: "test", ExternalID: name,
			State: catalog.Listed, Title: catalog.Words{Zh: name, En: name},
			SKUs: []catalog.SKU{{ExternalID: "only", WeightG: 300}}}})
		if err != nil {
			return err
		}
		sku := string(saved[0].SKUs[0])
		pools, err := m.Stock.Receive(tx, at, []stock.Receipt{{Shop: o.Shop, SKU: sku, Quantity: 100, Ref: "test"}})
		if err != nil {
			return err
		}
		offers, _, err := m.Offers.List(tx, at, []offer.Listing{{Shop: o.Shop, Product: string(saved[0].Product), SKU: sku,
			Pool: pools[0], Currency: "CNY", UnitPrice: price}})
		if err == nil {
			sold = offers[0]
		}
		return err
	}))
	return sold
}

// brand has offers of one shop in a brand's session an hour after the start, of which so many pieces are sold together.
func (m *market) brand(pieces, each int64, offers ...offer.Offer) (from time.Time) {
	m.t.Helper()
	ctx := m.t.Context()
	from = start.Add(time.Hour)
	c, err := m.Campaigns.Save(ctx, "", 0, campaign.Plan{Title: text.Entry{Zh: "品牌闪购", En: "Brand flash"},
		Channel: campaign.Brand, Recruit: campaign.Window{From: start, Until: start.Add(30 * time.Minute)},
		Lock: campaign.Window{From: start.Add(30 * time.Minute), Until: start.Add(48 * time.Hour)},
		Waves: []campaign.Wave{{Title: text.Entry{Zh: "品牌日", En: "Brand day"}, Pieces: pieces, PerShopper: each,
			Phases: []campaign.Phase{{Stage: campaign.Spot, Window: campaign.Window{From: from, Until: from.Add(time.Hour)}}}}}})
	m.ok(err)
	c, err = m.Campaigns.Publish(ctx, c.ID, c.Version)
	m.ok(err)
	for _, o := range offers {
		e, err := m.Campaigns.Enrol(ctx, campaign.Enrol{Shop: o.Shop, Campaign: c.ID, Slot: campaign.Slot{Wave: 1},
			Offer: o.ID, Terms: campaign.Terms{Price: 990, Quantity: 20, Part: campaign.Part{Spot: true}}})
		m.ok(err)
		_, err = m.Campaigns.Decide(ctx, campaign.Decide{By: "lgn_op", ID: e.ID, Version: e.Version, Accept: true})
		m.ok(err)
	}
	m.at(start.Add(45 * time.Minute))
	m.at(from)
	return from
}

// TestR6_ABrandsItemsCountTogether: a session sells three pieces of a brand's two items together, two to one shopper;
// the hall says what is left of both, and what is not paid in time can be bought again.
func TestR6_ABrandsItemsCountTogether(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		tea := m.offers[0]
		cup := m.another(tea, "cup", 2990)
		from := m.brand(3, 2, tea, cup)
		a := m.guest("a")
		if got, _ := a.basket(tea, 2, cup, 1); got != 2*990+2990 && got != 2*1990+990 {
			t.Fatalf("three pieces for one shopper who may have two: %v", got)
		}
		m.shelf(flash.OnSale, 3)
		const shoppers = 12
		var wg sync.WaitGroup
		var mu sync.Mutex
		placed := 0
		var callers [shoppers]*caller
		var tokens [shoppers]string
		for i := range callers {
			callers[i] = m.guest(fmt.Sprint("brand", i))
			var got float64
			if got, tokens[i] = callers[i].goods(1, []offer.Offer{tea, cup}[i%2]); got != 990 {
				t.Fatalf("shopper %d is asked %v", i, got)
			}
		}
		for i, c := range callers {
			wg.Go(func() {
				r := c.call("POST", "/api/v1/orders", fmt.Sprintf(`{"token":%q}`, tokens[i]))
				mu.Lock()
				defer mu.Unlock()
				if r.status == 201 {
					placed++
				} else {
					r.problem(t, 409, "promo.exhausted")
				}
			})
		}
		wg.Wait()
		m.at(from.Add(2 * time.Second))
		m.shelf(flash.Paying, 0)
		if got, _ := a.goods(1, cup); placed != 3 || got != 2990 {
			t.Fatalf("%d placed, the next is asked %v", placed, got)
		}
		m.at(from.Add(20 * time.Minute))
		m.shelf(flash.OnSale, 3)
		order := a.order(1, cup)
		m.shelfLater(from.Add(21*time.Minute), flash.OnSale, 2)
		a.payAt(a.begin(order, "redbean"))
		m.settle()
		m.shelfLater(from.Add(22*time.Minute), flash.OnSale, 2)
		m.audit()
		m.ok(m.DB.Write(t.Context(), func(tx *db.Tx) error { // what is refunded before shipping counts no more
			_, err := m.Orders.Refund(tx, torder.Refund{Order: torder.ID(order), Seq: 1,
				Cause: torder.Cause{Actor: "shopper", Why: "refunded", At: m.clock.Now()}})
			return err
		}))
		m.shelfLater(from.Add(23*time.Minute), flash.OnSale, 3)
	})
}

func (m *market) shelfLater(at time.Time, state flash.State, left int64) {
	m.t.Helper()
	m.at(at)
	m.shelf(state, left)
}

// shelf holds what the hall says of every item of the brand.
func (m *market) shelf(state flash.State, left int64) {
	m.t.Helper()
	hall, err := m.Flash.Hall(m.t.Context())
	m.ok(err)
	if len(hall) != 1 || len(hall[0].Items) != 2 {
		m.t.Fatalf("%d sittings", len(hall))
	}
	for _, i := range hall[0].Items {
		if i.View.State != state || !i.Shares || i.Shared != left {
			m.t.Errorf("the hall says %+v, want %s with %d left", i.View, state, left)
		}
	}
}

// basket is what a quote asks for two lines.
func (c *caller) basket(a offer.Offer, n int, b offer.Offer, m int) (minor float64, token string) {
	c.m.t.Helper()
	q := c.must(200, "POST", "/api/v1/quotes", fmt.Sprintf(
		`{"lines":[{"offer":%q,"quantity":%d},{"offer":%q,"quantity":%d}]}`, a.ID, n, b.ID, m))
	return q.tree()["goods"].(map[string]any)["minor"].(float64), q.text("token")
}
