package shopweb

import (
	"context"
	"slices"

	"hutong/base/clock"
	"hutong/base/money"
	"hutong/deal/campaign"
	"hutong/deal/reference"
	"hutong/goods/catalog"
	"hutong/goods/catalog/taxonomy"
	"hutong/goods/search"
	"hutong/surface/page"
)

// fewMax is the number of pieces from which on a product's page says how many are left.
const fewMax = 9

// found searches and sets what it finds as cards.
func (w *web) found(ctx context.Context, t page.Tongue, q search.Query) (search.Result, []page.Card, error) {
	r, err := w.Search.Search(ctx, q)
	if err != nil {
		return r, nil, err
	}
	cards, err := w.cards(ctx, t, r.Hits)
	return r, cards, err
}

// cards sets products as cards, in the order of ids.
func (w *web) cards(ctx context.Context, t page.Tongue, ids []catalog.ID) ([]page.Card, error) {
	all, err := w.Search.Cards(ctx, ids)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = string(id)
	}
	onSale, err := w.salePrices(ctx, t, names)
	if err != nil {
		return nil, err
	}
	var struck []string
	for _, c := range all {
		if c.ListPrice > c.Price {
			struck = append(struck, string(c.Product))
		}
	}
	borne, err := w.borne(ctx, struck)
	if err != nil {
		return nil, err
	}
	cards := make([]page.Card, len(all))
	for i, c := range all {
		now, was := money.New(c.Price, money.Currency(c.Currency)), money.New(c.ListPrice, money.Currency(c.Currency))
		if !borne[reference.Key{Product: string(c.Product), Sale: c.Price, Strike: c.ListPrice}] {
			was.Minor = 0
		}
		cards[i] = page.Card{Href: "/p/" + string(c.Product), Title: c.Title.In(t.Lang), Shop: c.ShopName.In(t.Lang),
			Picture: pictureURL(string(c.Picture), medium), Tint: page.TintOf(string(c.Product)),
			SoldOut: !c.InStock && !w.inSale(ctx, c.Product),
			Price:   t.PriceOf(now, was, c.PriceTop > c.Price)}
		if p, known := onSale[string(c.Product)]; known && p.lower {
			cards[i].Price = p.Price
		} else if known { // a promotion may have brought the others down to it
			cards[i].Price.From = p.From
		}
	}
	return cards, nil
}

// inSale tells whether a sale has pieces of its own of a product, whose shop may have kept no others.
func (w *web) inSale(ctx context.Context, product catalog.ID) (is bool) {
	w.live().Sells(string(product), clock.Now(ctx, w.Clock), func(i *campaign.Item) bool {
		is = w.Deals != nil && !w.Deals.Empty(i.PriceID())
		return !is
	})
	return is
}

// moreMax is how many other products a product's page shows.
const moreMax = 6

// moreLike are other products of the same category, then of wider ones, then of the same shop.
func (w *web) moreLike(ctx context.Context, t page.Tongue, p catalog.Product) ([]page.Card, error) {
	var asks []search.Query
	for _, n := range taxonomy.Path(p.Category) {
		asks = slices.Insert(asks, 0, search.Query{Category: n.ID})
	}
	others, seen := make([]catalog.ID, 0, moreMax), map[catalog.ID]bool{p.ID: true}
	for _, q := range append(asks, search.Query{Shop: p.Shop}) {
		if len(others) == moreMax {
			break
		}
		q.InStock, q.Limit = true, 2*moreMax
		r, err := w.Search.Search(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, id := range r.Hits {
			if !seen[id] && len(others) < moreMax {
				others, seen[id] = append(others, id), true
			}
		}
	}
	return w.cards(ctx, t, others)
}
