package checkout

import (
	"context"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/stock"
)

// Goods is what stands behind the lines of a basket, as a page has read it to show them.
type Goods struct {
	Offers map[offer.ID]offer.Offer
	Briefs map[catalog.SKUID]catalog.Brief
	Free   map[stock.PoolID]int64
}

// Shown prices a basket that a page shows, of goods that the page has read already: the same price as Quote's, and no
// promise. Codes: those of Quote.
func (s *Service) Shown(ctx context.Context, who string, b Basket, g Goods) (q Quote, err error) {
	b.Address = ""
	if err := s.check(b); err != nil {
		return Quote{}, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		r := reading{offers: g.Offers, briefs: g.Briefs, free: g.Free}
		if r.closed, err = closedOf(tx, g.Offers); err != nil {
			return err
		}
		q, err = s.price(tx, who, b, r, clock.Now(ctx, s.clock))
		return err
	})
	return q, err
}
