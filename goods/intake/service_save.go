package intake

import (
	"time"

	"hutong/base/db"
	"hutong/base/event"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/stock"
)

// saving is one batch on its way into the rooms, in one transaction.
type saving struct {
	r     *run
	tx    *db.Tx
	at    time.Time
	batch []*entry
	was   map[catalog.ID]*before // of the products that imports know
	saved []catalog.Saved
}

// save writes one batch into the rooms, in one transaction: after a crash the batch is there whole or not at all.
func (r *run) save(tx *db.Tx, at time.Time, batch []*entry) error {
	s := &saving{r: r, tx: tx, at: at, batch: batch}
	for _, step := range []func() error{s.look, s.describe, s.offer, s.count, s.note, s.keep} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// look reads the products as they are before the batch.
func (s *saving) look() error {
	var ids []catalog.ID
	for _, e := range s.batch {
		if !e.fresh {
			ids = append(ids, e.before.product)
		}
	}
	s.was = make(map[catalog.ID]*before, len(ids))
	if len(ids) == 0 {
		return nil
	}
	products, err := s.r.s.rooms.Catalog.ProductsIn(s.tx, ids)
	if err != nil {
		return err
	}
	plain := make([]string, len(products))
	for i, p := range products {
		plain[i] = string(p.ID)
		b := &before{Product: p, Offers: map[offer.ID]terms{}, Stock: map[catalog.SKUID]int64{},
			LeftTerms: map[offer.ID]terms{}, SKUs: map[catalog.SKUID]bool{}}
		for _, k := range p.SKUs {
			b.SKUs[k.ID] = true
		}
		s.was[p.ID] = b
	}
	offers, err := offer.ByProducts(s.tx, plain)
	if err != nil {
		return err
	}
	lies, err := links(s.tx, s.r.cmd.Shop, ids)
	for id, b := range s.was {
		for _, o := range offers[string(id)] {
			if o.Shop == s.r.cmd.Shop {
				b.Offers[o.ID] = termsOf(o)
			}
		}
		b.Links = keepLinks(lies[id])
	}
	return err
}

func (s *saving) describe() (err error) {
	products := make([]catalog.Product, len(s.batch))
	for i, e := range s.batch {
		products[i] = e.product(s.r.cmd.Shop)
	}
	s.saved, err = s.r.s.rooms.Catalog.Save(s.tx, s.at, products)
	return err
}

// offer puts the file's SKUs up for sale, with the stock of those that are new, and withdraws the offers of those that
// the file no longer has.
func (s *saving) offer() error {
	var receipts []stock.Receipt
	var listings []offer.Listing
	for i, e := range s.batch {
		receipts = append(receipts, e.receipts(s.r.cmd.Shop, s.saved[i].SKUs)...)
		listings = append(listings, e.listings(s.r.cmd, s.saved[i])...)
	}
	pools, err := s.r.s.rooms.Stock.Receive(s.tx, s.at, receipts)
	if err != nil {
		return err
	}
	for i := range listings {
		listings[i].Pool = pools[i]
	}
	offers, _, err := s.r.s.rooms.Offers.Of(string(s.r.kept.ID)).List(s.tx, s.at, listings)
	if err != nil {
		return err
	}
	listed := make(map[offer.ID]bool, len(offers))
	for i, o := range offers {
		listed[o.ID] = true
		if b := s.was[catalog.ID(o.Product)]; b != nil {
			b.LeftTerms[o.ID] = termsOf(o)
			if n := receipts[i].Quantity; n != 0 {
				b.Stock[catalog.SKUID(o.SKU)] += n
			}
		}
	}
	return s.withdraw(listed)
}

func (s *saving) withdraw(listed map[offer.ID]bool) error {
	var gone []offer.Terms
	for _, b := range s.was {
		for id, t := range b.Offers {
			if t.State == offer.Listed && !listed[id] {
				gone = append(gone, offer.Terms{Offer: id, UnitPrice: t.Unit, ListPrice: t.List, State: offer.Withdrawn})
			}
		}
	}
	changed, err := s.r.s.rooms.Offers.Set(s.tx, s.at, s.r.cmd.Shop, gone)
	for _, o := range changed {
		s.was[catalog.ID(o.Product)].LeftTerms[o.ID] = termsOf(o)
	}
	return err
}

// count sets the stock for which the file states another figure than the file before. Pieces that orders were promised
// exist: a figure below them means that nothing is left to sell (R18).
func (s *saving) count() error {
	var counts []stock.Count
	var of []catalog.ID
	for i, e := range s.batch {
		mine := e.counts(s.saved[i].SKUs)
		counts = append(counts, mine...)
		for range mine {
			of = append(of, s.saved[i].Product)
		}
	}
	done, err := s.r.s.rooms.Stock.Count(s.tx, s.at, s.r.cmd.Shop, counts)
	for i, c := range done {
		if b := s.was[of[i]]; b != nil && c.After != c.Before {
			b.Stock[catalog.SKUID(counts[i].SKU)] += c.After - c.Before
		}
	}
	return err
}

// note remembers the batch, and tells of products of which only the offer changed; the catalogue told of the others.
func (s *saving) note() error {
	var ids []catalog.ID
	var repriced []string
	var remote []link
	for i, e := range s.batch {
		saved := s.saved[i]
		e.after = memory{saved.Product, e.hash, e.figures(saved.SKUs)}
		ids = append(ids, saved.Product)
		remote = append(remote, e.links()...)
		if saved.Outcome == catalog.Unchanged {
			repriced = append(repriced, string(saved.Product))
		}
	}
	shop := s.r.cmd.Shop
	if err := note(s.tx, shop, s.at, s.batch); err != nil {
		return err
	}
	if err := relink(s.tx, shop, ids, remote); err != nil || len(repriced) == 0 {
		return err
	}
	return event.Emit(s.tx, s.r.s.ids, event.Event{Topic: offer.Changed, Subject: shop, Shop: shop, At: s.at,
		Body: event.Body(offer.ChangedBody{IDs: repriced})})
}

// keep writes down what the run did to each product, for an undo.
func (s *saving) keep() error {
	all := make([]change, len(s.batch))
	for i, e := range s.batch {
		c := change{product: s.saved[i].Product, kind: created}
		if b := s.was[c.product]; !e.fresh && b != nil {
			b.Hash, b.Figures = e.before.hash, e.before.figures
			b.Left, b.LeftState = s.saved[i].Hash, e.product(s.r.cmd.Shop).State
			c.kind, c.was = updated, b
		}
		all[i] = c
	}
	return insertChanges(s.tx, s.r.kept.ID, s.r.cmd.Shop, all)
}
