package search_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/id"
	"hutong/base/text"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/search"
	"hutong/goods/stock"
	"hutong/party/audit"
	"hutong/party/merchant"
)

var schemas = []db.Schema{event.Schema, audit.Schema, merchant.Schema, catalog.Schema, stock.Schema, offer.Schema}

var noon = time.Date(2026, 11, 11, 12, 0, 0, 0, time.UTC)

// world is a market with what search stands on.
type world struct {
	t        testing.TB
	db       *db.DB
	now      *clock.Manual
	merchant *merchant.Service
	catalog  *catalog.Service
	stock    *stock.Service
	offer    *offer.Service
	search   *search.Service
	bus      *event.Bus
}

func newWorld(t testing.TB, d *db.DB) *world {
	t.Helper()
	c := clock.NewManual(noon)
	ids := id.NewMaker(c, rand.Reader)
	s, err := search.New(d, c)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t, d, c, merchant.New(d, c, ids), catalog.New(d, c, ids), stock.New(d, c, ids),
		offer.New(d, c, ids), s, event.NewBus(d, c, slog.New(slog.DiscardHandler))}
	s.Listen(w.bus)
	return w
}

func each(t *testing.T, test func(w *world)) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) { test(newWorld(t, d)) })
}

func (w *world) shop(code string) string {
	w.t.Helper()
	shop, err := w.merchant.OpenShop(context.Background(),
		merchant.OpenShop{Code: code, Name: text.Entry{Zh: code + "店", En: code}})
	if err != nil {
		w.t.Fatal(err)
	}
	return string(shop.ID)
}

// goods is a product with the price and stock of its SKUs.
type goods struct {
	catalog.Product
	price, stock int64
}

// sell saves products and puts their SKUs on sale.
func (w *world) sell(all ...goods) []catalog.Saved {
	w.t.Helper()
	var saved []catalog.Saved
	err := w.db.Write(context.Background(), func(tx *db.Tx) (err error) {
		products := make([]catalog.Product, len(all))
		for i, g := range all {
			products[i] = g.Product
		}
		if saved, err = w.catalog.Save(tx, w.now.Now(), products); err != nil {
			return err
		}
		var receipts []stock.Receipt
		var listings []offer.Listing
		for i, g := range all {
			for _, sku := range saved[i].SKUs {
				receipts = append(receipts, stock.Receipt{Shop: g.Shop, SKU: string(sku), Quantity: g.stock})
				listings = append(listings, offer.Listing{Shop: g.Shop, Product: string(saved[i].Product),
					SKU: string(sku), Currency: "USD", UnitPrice: g.price})
			}
		}
		pools, err := w.stock.Receive(tx, w.now.Now(), receipts)
		if err != nil {
			return err
		}
		for i, p := range pools {
			listings[i].Pool = p
		}
		_, _, err = w.offer.List(tx, w.now.Now(), listings)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return saved
}

// settle dispatches all events.
func (w *world) settle() {
	w.t.Helper()
	for {
		n, err := w.bus.Dispatch(context.Background())
		if err != nil {
			w.t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

func (w *world) build() {
	w.t.Helper()
	if err := w.search.Build(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) find(q search.Query) search.Result {
	w.t.Helper()
	if q.Limit == 0 {
		q.Limit = 20
	}
	r, err := w.search.Search(context.Background(), q)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}
