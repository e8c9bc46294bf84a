package edit

import (
	"context"
	"fmt"
	"hash/fnv"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/stock"
)

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Deps are the rooms that editing stands on.
type Deps struct {
	DB      *db.DB
	Clock   clock.Clock
	IDs     IDs
	Catalog *catalog.Service
	Offers  *offer.Service
	Stock   *stock.Service
}

// Service holds the verbs of editing.
type Service struct {
	Deps
	shelves shelves
}

// New makes the Service.
func New(d Deps) *Service { return &Service{Deps: d} }

// Open reads a product of a shop for its editor. Codes: product.not_found.
func (s *Service) Open(ctx context.Context, shop string, id catalog.ID) (Sheet, error) {
	out := Sheet{Offers: map[catalog.SKUID]offer.Offer{}, OnHand: map[catalog.SKUID]int64{},
		Held: map[catalog.SKUID]int64{}}
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		out.Product, out.Hash, err = s.mine(tx, shop, id)
		if err != nil {
			return err
		}
		offers, err := offer.ByProducts(tx, []string{string(id)})
		if err != nil {
			return err
		}
		out.Hash = seen(out.Hash, shop, offers[string(id)])
		var pools []stock.PoolID
		for _, o := range offers[string(id)] {
			if o.Shop == shop {
				out.Offers[catalog.SKUID(o.SKU)] = o
				pools = append(pools, o.Pool)
			}
		}
		all, err := stock.Pools(tx, pools)
		for _, p := range all {
			out.OnHand[catalog.SKUID(p.SKU)], out.Held[catalog.SKUID(p.SKU)] = p.OnHand(), p.Held+p.Sold
		}
		return err
	})
	return out, err
}

// seen is the content's hash with the versions of the prices and the floors: it is another one when any has changed.
// Versions only rise, so their sum tells.
func seen(hash, shop string, offers []offer.Offer) string {
	sum, floors := int64(0), fnv.New64a()
	for _, o := range offers {
		if o.Shop == shop {
			sum += o.Version
			fmt.Fprintf(floors, "%s %d\n", o.ID, o.FloorPrice)
		}
	}
	return fmt.Sprintf("%s.%d.%x", hash, sum, floors.Sum64())
}

// mine reads a product and the hash of its content.
func (s *Service) mine(tx *db.Tx, shop string, id catalog.ID) (catalog.Product, string, error) {
	all, err := s.Catalog.ProductsIn(tx, []catalog.ID{id})
	if err == nil && (len(all) == 0 || all[0].Shop != shop) {
		err = fault.New(fault.NotFound, "product.not_found")
	}
	if err != nil {
		return catalog.Product{}, "", err
	}
	hashes, err := s.Catalog.HashesIn(tx, []catalog.ID{id})
	return all[0], hashes[id], err
}

// List reads a page of a shop's products; the ids are in the order asked for. more tells whether there is a next page.
// In a large shop an order by price or stock may be some seconds old.
func (s *Service) List(ctx context.Context, q Query) (ids []catalog.ID, more bool, err error) {
	q.Limit = min(max(q.Limit, 1), ListMax)
	q.Page = min(max(q.Page, 0), pagesMax)
	if !q.Sort.Valid() {
		q.Sort = ""
	}
	if !q.Stock.Valid() {
		q.Stock = ""
	}
	if q.factual() {
		ids, err = s.listFacts(ctx, q)
	} else {
		err = s.DB.Read(ctx, func(tx *db.Tx) error { ids, err = list(tx, q); return err })
	}
	if more = len(ids) > q.Limit; more {
		ids = ids[:q.Limit]
	}
	return ids, more, err
}

func (s *Service) listFacts(ctx context.Context, q Query) ([]catalog.ID, error) {
	now, plain := clock.Now(ctx, s.Clock), pattern(q.Text) == ""
	var facts []fact
	if plain {
		facts = s.shelves.get(q.Shop, now)
	}
	if facts == nil {
		err := s.DB.Read(ctx, func(tx *db.Tx) (err error) { facts, err = factsOf(tx, q.Shop, q.Text); return err })
		if err != nil {
			return nil, err
		}
		if plain {
			s.shelves.put(q.Shop, facts, now)
		}
	}
	return choose(facts, q), nil
}
