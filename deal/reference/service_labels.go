package reference

import (
	"context"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/job"
	"hutong/goods/catalog"
	"hutong/goods/offer"
)

// shownFor is how long a struck price is said to be shown where its price has no end.
const shownFor = 365 * 24 * time.Hour

// labelBatch is how many products Relabel reads at once.
const labelBatch = 200

// Listen holds struck prices against history when prices change. An import or a desk that writes new words and a new
// price in one go tells of the product alone (catalog.Changed).
func (s *Service) Listen(bus *event.Bus) {
	for _, topic := range []event.Topic{offer.Changed, catalog.Changed} {
		bus.OnBatch(topic, "reference.labels", func(ctx context.Context, events []event.Event) error {
			var products []string
			for _, e := range events {
				var b offer.ChangedBody // of the same shape as catalog.ChangedBody
				if err := e.Read(&b); err != nil {
					return err
				}
				products = append(products, b.IDs...)
			}
			return s.label(ctx, products)
		})
	}
}

// Relabel finds offers whose struck price was never held against history, and holds it, such as those of a market
// that was there before labels were. It is a job's Run and safe to repeat.
func (s *Service) Relabel(ctx context.Context) (done int, err error) {
	next := func(limit int) (products []string, err error) {
		err = s.DB.Read(ctx, func(tx *db.Tx) (err error) { products, err = unlabelled(tx, limit); return err })
		return products, err
	}
	return job.Walk(ctx, labelBatch, job.Self, next, func(products []string) (int, error) {
		return job.Halves(ctx, products, func(some []string) (int, error) { return len(some), s.label(ctx, some) })
	})
}

// label holds the struck prices of products against what was paid and offered before their prices began. History is
// read outside the writer: orders are many. It is safe to repeat: a version is judged once.
func (s *Service) label(ctx context.Context, products []string) error {
	now := clock.Now(ctx, s.Clock)
	var all []Struck
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) { all, err = s.judged(tx, products); return err })
	if err != nil || len(all) == 0 {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		for i := range all {
			v := &all[i]
			r, refusal, err := s.PublishIn(tx, now, Claim{Shop: v.Shop, Offer: string(v.Offer), SKU: v.SKU, Sale: v.Sale,
				Strike: v.Strike, From: v.From, Until: v.From.Add(shownFor)}, v.Prior)
			if err != nil {
				return err
			}
			v.Code, v.claim = "", r.ID
			if refusal != nil {
				v.Code = r.Code
			}
		}
		return putLabels(tx, all, now)
	})
}

// judged are the struck prices to be held, each with its reference price.
func (s *Service) judged(tx *db.Tx, products []string) (all []Struck, err error) {
	byProduct, err := offer.ByProducts(tx, products)
	if err != nil {
		return nil, err
	}
	var offers []offer.Offer
	var ids []offer.ID
	for _, some := range byProduct {
		for _, o := range some {
			offers, ids = append(offers, o), append(ids, o.ID)
		}
	}
	known, err := versions(tx, ids)
	if err != nil {
		return nil, err
	}
	if offers = due(offers, known); len(offers) == 0 {
		return nil, nil
	}
	began, err := offer.Began(tx, offers)
	if err != nil {
		return nil, err
	}
	for _, o := range offers {
		from, found := began[o.ID]
		if !found {
			continue // a newer price has come: its event follows
		}
		prior, err := s.Prior(tx, o.Shop, o.SKU, from)
		if err != nil {
			return nil, err
		}
		all = append(all, Struck{Offer: o.ID, Version: o.Version, Shop: o.Shop, Product: o.Product, SKU: o.SKU,
			Sale: o.UnitPrice, Strike: o.ListPrice, Prior: prior, From: from})
	}
	return all, nil
}

// Bear takes from offers the struck prices that history does not bear, or that were not held against it yet. It reads
// nothing where none has one.
func Bear(tx *db.Tx, offers []*offer.Offer) error {
	var ids []offer.ID
	for _, o := range offers {
		if o.ListPrice > 0 {
			ids = append(ids, o.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	borne, err := borneVersions(tx, ids)
	for _, o := range offers {
		if err != nil || borne[o.ID] != o.Version {
			o.ListPrice = 0
		}
	}
	return err
}

// Bear is the same in a read of its own, for offers by product.
func (s *Service) Bear(ctx context.Context, byProduct map[string][]offer.Offer) error {
	var all []*offer.Offer
	for _, some := range byProduct {
		for i := range some {
			all = append(all, &some[i])
		}
	}
	return s.DB.Read(ctx, func(tx *db.Tx) error { return Bear(tx, all) })
}

// Borne are the struck prices of products that history bears, each beside its price.
func Borne(tx *db.Tx, products []string) (map[Key]bool, error) { return borne(tx, products) }

// StruckBy are a shop's struck prices with what became of them, those of the newest prices first, from a position on.
func (s *Service) StruckBy(ctx context.Context, shop string, skip, limit int) (all []Struck, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = labelsOf(tx, shop, skip, min(max(limit, 1), PageMax))
		return err
	})
	return all, err
}
