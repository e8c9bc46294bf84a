package edit

import (
	"context"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/stock"
)

// Effect is what a bulk change does to one SKU: its price, its floor or its stock before and after.
type Effect struct {
	Product       catalog.ID
	SKU           catalog.SKUID
	Before, After int64
}

// Bulk does one thing to many products of a shop, all or none, and tells how many SKUs, or products for Publish and
// Withdraw, it changed. Codes: edit.none, edit.too_many, edit.kind, edit.by, edit.rate, edit.price_range,
// edit.below_floor, edit.floor_rate, edit.floor_range, offer.floor_promised, product.not_found, product.pledged,
// stock.below_promised, stock.quantity.
func (s *Service) Bulk(ctx context.Context, shop string, ids []catalog.ID, c Change) (changed int, err error) {
	if err := checkBulk(ids, c); err != nil {
		return 0, err
	}
	at := clock.Now(ctx, s.Clock)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		b := &bulk{s, s.Offers.By(ctx), tx, at, shop, c, offer.Held}
		if err = catalog.Hold(tx, ids); err == nil {
			changed, err = b.run(ids)
		}
		return err
	})
	s.shelves.forget(shop)
	return changed, err
}

// Preview tells what Bulk would do to prices and stock, and refuses what it would refuse. Publish and Withdraw have no
// effects to show.
func (s *Service) Preview(ctx context.Context, shop string, ids []catalog.ID, c Change) (all []Effect, err error) {
	if err := checkBulk(ids, c); err != nil {
		return nil, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		b := &bulk{s, s.Offers, tx, clock.Now(ctx, s.Clock), shop, c, offer.ByProducts}
		offers, err := b.offers(ids)
		if err != nil {
			return err
		}
		switch c.Kind {
		case Withdraw:
			err = s.Catalog.Stay(tx, b.at, ids)
		case PriceRate, PriceAmount, FloorRate, FloorAmount:
			var terms []offer.Terms
			if terms, all, err = b.prices(offers); err == nil {
				err = b.refused(b.at, offers, terms)
			}
		case StockSet, StockAdd:
			all, err = b.stock(offers)
		}
		return err
	})
	return all, err
}

func checkBulk(ids []catalog.ID, c Change) error {
	switch {
	case len(ids) == 0:
		return fault.New(fault.Invalid, "edit.none").At("product")
	case len(ids) > BulkMax:
		return fault.New(fault.Invalid, "edit.too_many", fault.P("max", BulkMax)).At("product")
	}
	return c.valid()
}

// bulk is one change in one transaction.
type bulk struct {
	s    *Service
	by   *offer.Service // as whoever asked for it
	tx   *db.Tx
	at   time.Time
	shop string
	c    Change
	read func(tx *db.Tx, products []string) (map[string][]offer.Offer, error) // of what is changed, or only shown
}

func (b *bulk) run(ids []catalog.ID) (int, error) {
	offers, err := b.offers(ids)
	if err != nil {
		return 0, err
	}
	switch b.c.Kind {
	case Publish:
		return b.publish(ids, offers)
	case Withdraw:
		done, err := b.s.Catalog.SetStateIn(b.tx, b.at, b.shop, ids, catalog.Withdrawn)
		return len(done), err
	case PriceRate, PriceAmount, FloorRate, FloorAmount:
		terms, _, err := b.prices(offers)
		if err != nil {
			return 0, err
		}
		done, err := b.by.Set(b.tx, b.at, b.shop, terms)
		return len(done), err
	}
	return b.count(offers)
}

// offers reads the offers of the products' listed SKUs, which must all be the shop's.
func (b *bulk) offers(ids []catalog.ID) ([]offer.Offer, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	products, err := b.s.Catalog.ProductsIn(b.tx, ids)
	if err != nil {
		return nil, err
	}
	missing := fault.New(fault.NotFound, "product.not_found").At("product")
	if len(products) != len(ids) {
		return nil, missing
	}
	plain, listed := make([]string, len(ids)), map[string]bool{}
	for i, p := range products {
		if p.Shop != b.shop {
			return nil, missing
		}
		plain[i] = string(p.ID)
		for _, k := range p.SKUs {
			listed[string(k.ID)] = true
		}
	}
	all, err := b.read(b.tx, plain)
	var mine []offer.Offer
	for _, id := range plain {
		for _, o := range all[id] {
			if o.Shop == b.shop && listed[o.SKU] {
				mine = append(mine, o)
			}
		}
	}
	return mine, err
}

// publish lists products, and the offers of their SKUs.
func (b *bulk) publish(ids []catalog.ID, offers []offer.Offer) (int, error) {
	done, err := b.s.Catalog.SetStateIn(b.tx, b.at, b.shop, ids, catalog.Listed)
	if err != nil {
		return 0, err
	}
	terms := make([]offer.Terms, len(offers))
	for i, o := range offers {
		terms[i] = offer.Terms{Offer: o.ID, UnitPrice: o.UnitPrice, ListPrice: o.ListPrice, State: offer.Listed}
	}
	_, err = b.by.Set(b.tx, b.at, b.shop, terms)
	return len(done), err
}

func (b *bulk) prices(offers []offer.Offer) (terms []offer.Terms, all []Effect, err error) {
	for _, o := range offers {
		if b.c.Kind.floors() {
			floor, err := b.c.Floor(o)
			if err != nil {
				return nil, nil, err
			}
			terms = append(terms, offer.Terms{Offer: o.ID, UnitPrice: o.UnitPrice, ListPrice: o.ListPrice,
				FloorPrice: &floor, State: o.State})
			all = append(all, Effect{catalog.ID(o.Product), catalog.SKUID(o.SKU), o.FloorPrice, floor})
			continue
		}
		unit, list, err := b.c.Price(o)
		if err != nil {
			return nil, nil, err
		}
		terms = append(terms, offer.Terms{Offer: o.ID, UnitPrice: unit, ListPrice: list, State: o.State})
		all = append(all, Effect{catalog.ID(o.Product), catalog.SKUID(o.SKU), o.UnitPrice, unit})
	}
	return terms, all, nil
}

// refused is why the offers would not be set so.
func (b *bulk) refused(at time.Time, offers []offer.Offer, terms []offer.Terms) error {
	listings := make([]offer.Listing, len(terms))
	for i, t := range terms {
		listings[i] = offer.Listing{Currency: offers[i].Currency, UnitPrice: t.UnitPrice, ListPrice: t.ListPrice,
			FloorPrice: t.FloorPrice}
	}
	refused, err := b.s.Offers.Refused(b.tx, at, offers, listings)
	for _, o := range offers {
		if err == nil {
			err = refused[o.ID]
		}
	}
	return err
}

func (b *bulk) counts(offers []offer.Offer) []stock.Count {
	counts := make([]stock.Count, len(offers))
	for i, o := range offers {
		counts[i] = stock.Count{SKU: o.SKU, Pieces: b.c.Pieces, By: b.c.Kind == StockAdd, Ref: "desk"}
	}
	return counts
}

func (b *bulk) count(offers []offer.Offer) (changed int, err error) {
	done, err := b.s.Stock.Count(b.tx, b.at, b.shop, b.counts(offers))
	for _, c := range done {
		if c.Before != c.After {
			changed++
		}
	}
	return changed, err
}

// stock tells what a count would do.
func (b *bulk) stock(offers []offer.Offer) ([]Effect, error) {
	ids := make([]stock.PoolID, len(offers))
	for i, o := range offers {
		ids[i] = o.Pool
	}
	pools, err := stock.Pools(b.tx, ids)
	if err != nil {
		return nil, err
	}
	var all []Effect
	for _, o := range offers {
		p := pools[o.Pool]
		to := b.c.Pieces
		if b.c.Kind == StockAdd {
			to += p.OnHand()
		}
		if promised := p.Held + p.Sold; to < promised {
			return nil, fault.New(fault.Unprocessable, "stock.below_promised", fault.P("promised", promised)).At("by")
		}
		all = append(all, Effect{catalog.ID(o.Product), catalog.SKUID(o.SKU), p.OnHand(), to})
	}
	return all, nil
}
