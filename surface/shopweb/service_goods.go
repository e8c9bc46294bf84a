package shopweb

import (
	"context"
	"maps"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/money"
	"hutong/deal/campaign"
	"hutong/deal/flash"
	"hutong/deal/reference"
	"hutong/deal/ruleset"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/surface/page"
	"hutong/trade/cart"
	"hutong/trade/order"
	"hutong/trade/ship"
)

// goods is what pages say about some products, read on one snapshot.
type goods struct {
	products []catalog.Product
	offers   map[string]map[string]offer.Offer // by product, by SKU
	free     map[stock.PoolID]int64            // what can be had, by ordinary pool; an absent one is closed
	now      map[offer.ID]ruleset.Shelf        // what promotions make of the offers' prices; only those that they lower
}

// costs is what one piece of an offer costs anybody now.
func (g goods) costs(o offer.Offer) money.Money {
	if s, lower := g.now[o.ID]; lower {
		return money.New(s.Price, o.Currency)
	}
	return o.Price()
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
		return w.price(ctx, tx, &g)
	})
	return g, err
}

func (w *web) price(ctx context.Context, tx *db.Tx, g *goods) error {
	keys := make([]string, len(g.products))
	for i, p := range g.products {
		keys[i] = string(p.ID)
	}
	all, err := offer.ByProducts(tx, keys)
	if err == nil {
		err = bear(tx, all)
	}
	if err != nil {
		return err
	}
	g.offers = make(map[string]map[string]offer.Offer, len(all))
	var listed []offer.Offer
	for product, offers := range all {
		bySKU := make(map[string]offer.Offer, len(offers))
		for _, o := range offers {
			if o.State == offer.Listed {
				bySKU[o.SKU] = o
				listed = append(listed, o)
			}
		}
		g.offers[product] = bySKU
	}
	g.free, err = w.live().Free(tx, clock.Now(ctx, w.Clock), listed, nil)
	return err
}

// live are the items of campaigns, nil where there are none.
func (w *web) live() *campaign.Live {
	if w.Flash == nil {
		return nil
	}
	return w.Flash.Campaigns.Live()
}

// bear leaves offers the struck prices that history bears (I-P2).
func bear(tx *db.Tx, byProduct map[string][]offer.Offer) error {
	var all []*offer.Offer
	for _, offers := range byProduct {
		for i := range offers {
			all = append(all, &offers[i])
		}
	}
	return reference.Bear(tx, all)
}

func bearEach(tx *db.Tx, offers map[offer.ID]offer.Offer) error {
	all := make([]*offer.Offer, 0, len(offers))
	for _, o := range offers {
		all = append(all, &o)
	}
	err := reference.Bear(tx, all)
	for _, o := range all {
		offers[o.ID] = *o
	}
	return err
}

// borne are the struck prices that cards may show.
func (w *web) borne(ctx context.Context, products []string) (all map[reference.Key]bool, err error) {
	if len(products) == 0 {
		return nil, nil
	}
	err = w.DB.Read(ctx, func(tx *db.Tx) error { all, err = reference.Borne(tx, products); return err })
	return all, err
}

// basket is what a cart's lines say: the SKUs behind the offers.
type basket struct {
	offers map[offer.ID]offer.Offer
	briefs map[catalog.SKUID]catalog.Brief
	free   map[stock.PoolID]int64
	was    map[offer.ID]int64 // what an offer cost when it came into the cart, in minor units
}

// basket reads what is behind the lines of a cart.
func (w *web) basket(ctx context.Context, lines []cart.Line) (b basket, err error) {
	if len(lines) == 0 {
		return b, nil
	}
	ids, added := make([]offer.ID, len(lines)), make(map[offer.ID]time.Time, len(lines))
	for i, l := range lines {
		ids[i], added[l.Offer] = l.Offer, l.Added
	}
	err = w.DB.Read(ctx, func(tx *db.Tx) error {
		if b.offers, err = offer.Load(tx, ids); err != nil {
			return err
		}
		if err := bearEach(tx, b.offers); err != nil {
			return err
		}
		var skus []catalog.SKUID
		for _, o := range b.offers {
			skus = append(skus, catalog.SKUID(o.SKU))
		}
		if b.briefs, err = w.Catalog.Briefs(tx, skus); err != nil {
			return err
		}
		offers := slices.Collect(maps.Values(b.offers))
		if b.free, err = w.live().Free(tx, clock.Now(ctx, w.Clock), offers, mayBuy(ctx)); err != nil {
			return err
		}
		b.was, err = offer.PricesAt(tx, added)
		return err
	})
	return b, err
}

// mayBuy tells what of sales by appointment is not for who looks at a cart of their own.
func mayBuy(ctx context.Context) campaign.May {
	return func(tx *db.Tx, items []*campaign.Item) (map[campaign.EnrolmentID]error, error) {
		return flash.MayBuy(tx, shopperOf(ctx), items)
	}
}

// carriersFor are the ways in which a parcel can travel.
func (w *web) carriersFor(ctx context.Context, p ship.Parcel) (options []ship.Option, err error) {
	err = w.DB.Read(ctx, func(tx *db.Tx) error {
		options, err = w.Ship.Options(tx, p)
		return err
	})
	return options, err
}

// takeOut takes what was ordered out of the cart that it came from. A line that grew meanwhile keeps the rest: two
// carts may have become one while this order was being placed (FAULTS R16).
func (w *web) takeOut(ctx context.Context, who string, id order.ID) error {
	o, err := w.Orders.Order(ctx, who, id)
	if err != nil {
		return err
	}
	lines, err := w.Carts.Lines(ctx, who)
	if err != nil {
		return err
	}
	in := make(map[offer.ID]int64, len(lines))
	for _, l := range lines {
		in[l.Offer] = l.Quantity
	}
	var taken []cart.Taken
	for _, l := range o.Lines() {
		switch left := in[offer.ID(l.Offer)] - l.Quantity; {
		case left <= 0:
			taken = append(taken, cart.Taken{Shopper: who, Offer: offer.ID(l.Offer)})
		default:
			if err := w.Carts.Put(ctx, who, offer.ID(l.Offer), left); err != nil {
				return err
			}
		}
	}
	return w.DB.Write(ctx, func(tx *db.Tx) error { return cart.Clear(tx, taken) })
}

// least is the lowest price among a product's offers now; lower tells that a promotion made it.
type least struct {
	page.Price
	lower bool
}

// salePrices are the lowest prices of products under the promotions in force.
func (w *web) salePrices(ctx context.Context, t page.Tongue, products []string) (map[string]least, error) {
	if w.Deals == nil || w.Deals.Rules().Len() == 0 || len(products) == 0 {
		return nil, nil
	}
	var all map[string][]offer.Offer
	var briefs map[catalog.SKUID]catalog.Brief
	err := w.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if all, err = offer.ByProducts(tx, products); err != nil {
			return err
		}
		var skus []catalog.SKUID
		for _, offers := range all {
			for _, o := range offers {
				skus = append(skus, catalog.SKUID(o.SKU))
			}
		}
		briefs, err = w.Catalog.Briefs(tx, skus)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := map[string]least{}
	for product, offers := range all {
		offers = slices.DeleteFunc(offers, func(o offer.Offer) bool { return o.State != offer.Listed })
		p, lower, err := w.lowest(t, offers, briefs)
		if err != nil {
			return nil, err
		}
		if len(offers) > 0 {
			out[product] = least{p, lower}
		}
	}
	return out, nil
}
