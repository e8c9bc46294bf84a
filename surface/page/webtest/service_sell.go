package webtest

import (
	"context"

	"hutong/base/db"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/stock"
)

// Goods are one product to sell, with one SKU per price.
type Goods struct {
	Shop, Category, Zh, En string
	Options                []catalog.Option
	Choices                [][]int // one per SKU; nil for a product without options
	Prices                 []int64 // minor units, one per SKU
	Pieces                 int64   // of each
}

// Sell lists a product, and makes the index find it. The offers come in the order of the prices.
func (m *Market) Sell(g Goods) (catalog.ID, []offer.Offer) {
	m.t.Helper()
	p := catalog.Product{Shop: g.Shop, Category: g.Category, Title: catalog.Words{Zh: g.Zh, En: g.En}, Options: g.Options,
		Description: catalog.Words{Zh: "<p>好东西</p>", En: "<p>good</p>"}, State: catalog.Listed, Source: "test",
		ExternalID: g.En, Pictures: []catalog.PictureID{m.Picture(g.En)}}
	for i := range g.Prices {
		k := catalog.SKU{ExternalID: string(rune('a' + i)), WeightG: 500}
		if g.Choices != nil {
			k.Choice = g.Choices[i]
		}
		p.SKUs = append(p.SKUs, k)
	}
	var product catalog.ID
	var offers []offer.Offer
	m.Must(m.DB.Write(context.Background(), func(tx *db.Tx) error {
		saved, err := m.Catalog.Save(tx, m.Clock.Now(), []catalog.Product{p})
		if err != nil {
			return err
		}
		product = saved[0].Product
		offers, err = m.list(tx, g, saved[0])
		return err
	}))
	m.Must(m.Search.Build(context.Background()))
	return product, offers
}

func (m *Market) list(tx *db.Tx, g Goods, saved catalog.Saved) ([]offer.Offer, error) {
	receipts := make([]stock.Receipt, len(saved.SKUs))
	for i, k := range saved.SKUs {
		receipts[i] = stock.Receipt{Shop: g.Shop, SKU: string(k), Quantity: g.Pieces, Ref: "first"}
	}
	pools, err := m.Stock.Receive(tx, m.Clock.Now(), receipts)
	if err != nil {
		return nil, err
	}
	listings := make([]offer.Listing, len(saved.SKUs))
	for i, k := range saved.SKUs {
		listings[i] = offer.Listing{Shop: g.Shop, Product: string(saved.Product), SKU: string(k), Pool: pools[i],
			Currency: "CNY", UnitPrice: g.Prices[i]}
	}
	offers, _, err := m.Offers.List(tx, m.Clock.Now(), listings)
	return offers, err
}
