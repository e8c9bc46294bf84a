package shopweb

import (
	"context"

	"hutong/base/db"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/trade/cart"
	"hutong/trade/order"
)

// goods is what pages say about some products, read on one snapshot.
type goods struct {
	products []catalog.Product
	offers   map[string]map[string]offer.Offer // by product, by SKU
	free     map[stock.PoolID]int64            // an absent pool is closed
}

// goods reads products in the order of ids, with their offers and what is free of them.
func (w *web) goods(ctx context.Context, ids []catalog.ID) (g goods, err error) {
	if len(ids) == 0 {
		return g, nil
	}
	err = w.DB.Read(ctx, func(tx *db.Tx) error {
		if g.products, err = w.Catalog.ProductsIn(tx, ids); err != nil {
			return err
		}
		return g.price(tx)
	})
	return g, err
}

func (g *goods) price(tx *db.Tx) error {
	keys := make([]string, len(g.products))
	for i, p := range g.products {
		keys[i] = string(p.ID)
	}
	all, err := offer.ByProducts(tx, keys)
	if err != nil {
		return err
	}
	g.offers = make(map[string]map[string]offer.Offer, len(all))
	var pools []stock.PoolID
	for product, offers := range all {
		bySKU := make(map[string]offer.Offer, len(offers))
		for _, o := range offers {
			if o.State == offer.Listed {
				bySKU[o.SKU] = o
				pools = append(pools, o.Pool)
			}
		}
		g.offers[product] = bySKU
	}
	g.free, err = stock.Free(tx, pools)
	return err
}

// basket is what a cart's lines say: the SKUs behind the offers.
type basket struct {
	offers map[offer.ID]offer.Offer
	briefs map[catalog.SKUID]catalog.Brief
	free   map[stock.PoolID]int64
}

// basket reads what is behind offers.
func (w *web) basket(ctx context.Context, ids []offer.ID) (b basket, err error) {
	if len(ids) == 0 {
		return b, nil
	}
	err = w.DB.Read(ctx, func(tx *db.Tx) error {
		if b.offers, err = offer.Load(tx, ids); err != nil {
			return err
		}
		var skus []catalog.SKUID
		var pools []stock.PoolID
		for _, o := range b.offers {
			skus, pools = append(skus, catalog.SKUID(o.SKU)), append(pools, o.Pool)
		}
		if b.briefs, err = w.Catalog.Briefs(tx, skus); err != nil {
			return err
		}
		b.free, err = stock.Free(tx, pools)
		return err
	})
	return b, err
}

// takeOut takes the lines of a placed order out of the cart that they came from.
func (w *web) takeOut(ctx context.Context, who string, id order.ID) error {
	o, err := w.Orders.Order(ctx, who, id)
	if err != nil {
		return err
	}
	var taken []cart.Taken
	for _, l := range o.Lines() {
		taken = append(taken, cart.Taken{Shopper: who, Offer: offer.ID(l.Offer)})
	}
	return w.DB.Write(ctx, func(tx *db.Tx) error { return cart.Clear(tx, taken) })
}
