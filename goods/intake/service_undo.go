package intake

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
	"hutong/party/audit"
)

// undoOnce is how many products one transaction of an undo puts back.
const undoOnce = 50

// Undo takes back what a run brought: products that it created are withdrawn; those that it changed get their content
// and prices back, a price as a new version of its history; stock moves back by as much as the run moved it, as far as
// it is not promised to orders (R18). What somebody changed by hand since stays as they left it: a content or a price
// that is no longer the run's, and a count is moved, never set. So no sale, return or count in between is lost. What
// has been pledged to a sale since stays on sale.
//
// It is refused when a later run changed the same products and was not undone: undo that one first. It works in
// batches, each whole or not at all, and is safe to repeat. Codes: intake.no_run, intake.not_undoable,
// intake.later_run, intake.busy.
func (s *Service) Undo(ctx context.Context, shop string, id RunID) (Run, error) {
	if v, err := s.BeginUndo(ctx, shop, id); err != nil {
		return v, err
	}
	return s.FinishUndo(ctx, shop, id)
}

// BeginUndo is the first half of Undo: it decides whether the run can be undone, and takes the shop's turn.
func (s *Service) BeginUndo(ctx context.Context, shop string, id RunID) (v Run, err error) {
	at := clock.Now(ctx, s.clock)
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if v, err = lockRun(tx, shop, id); err != nil {
			return err
		}
		from := v.State
		if !from.May(Undoing) {
			return fault.New(fault.Conflict, "intake.not_undoable")
		}
		later, err := laterRuns(tx, shop, id, 1)
		if err != nil {
			return err
		}
		if len(later) > 0 {
			return fault.New(fault.Unprocessable, "intake.later_run", fault.P("file", later[0].File),
				fault.P("at", later[0].At), fault.P("run", string(later[0].ID)))
		}
		v.State, v.BeatAt, v.EndedAt, v.Reason, v.desk = Undoing, at, time.Time{}, "", true
		if err := updateRun(tx, v, from); err != nil {
			return err
		}
		return audit.Note(ctx, tx, s.ids, audit.Entry{At: at, Shop: shop, What: "import.undone", On: string(id)})
	})
	return v, err
}

// FinishUndo is the second half of Undo: it puts back batch after batch.
func (s *Service) FinishUndo(ctx context.Context, shop string, id RunID) (v Run, err error) {
	for more := true; more; {
		at := clock.Now(ctx, s.clock)
		err = s.db.Write(ctx, func(tx *db.Tx) error {
			if v, err = lockRun(tx, shop, id); err != nil {
				return err
			}
			if v.State != Undoing {
				return fault.New(fault.Conflict, "intake.not_undoable")
			}
			all, err := changesOf(tx, shop, id, undoOnce)
			if err != nil {
				return err
			}
			more, v.BeatAt = len(all) == undoOnce, at
			u := &undoing{s: s, tx: tx, at: at, run: &v, all: all}
			if err := u.batch(); err != nil {
				return err
			}
			if !more {
				v.State, v.EndedAt, v.desk = Undone, at, false
			}
			return updateRun(tx, v, Undoing)
		})
		if err != nil {
			return s.giveUp(context.WithoutCancel(ctx), v, err)
		}
	}
	return v, nil
}

// giveUp lets the shop's turn go when an undo cannot go on; it can be asked for again.
func (s *Service) giveUp(ctx context.Context, was Run, cause error) (v Run, err error) {
	if fault.Is(cause, "intake.not_undoable") || fault.Is(cause, "intake.no_run") {
		return was, cause
	}
	at := clock.Now(ctx, s.clock)
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if v, err = lockRun(tx, was.Shop, was.ID); err != nil {
			return err
		}
		v.State, v.Reason, v.EndedAt, v.BeatAt, v.desk = Failed, fault.As(cause).Code, at, at, false
		return updateRun(tx, v, Undoing)
	})
	if err == nil {
		err = cause
	}
	return v, err
}

// undoing is one batch of an undo, in one transaction.
type undoing struct {
	s   *Service
	tx  *db.Tx
	at  time.Time
	run *Run
	all []change

	products map[catalog.ID]catalog.Product
	hashes   map[catalog.ID]string
	offers   map[string][]offer.Offer
	pledged  map[catalog.SKUID]catalog.ID

	save    []catalog.Product
	terms   []offer.Terms
	counts  []stock.Count
	made    []catalog.Product // that the run created
	changed []catalog.Product
	was     map[catalog.ID]*before
}

func (u *undoing) batch() error {
	if len(u.all) == 0 {
		return nil
	}
	if err := u.read(); err != nil {
		return err
	}
	for _, c := range u.all {
		p, there := u.products[c.product]
		switch {
		case !there:
		case c.was != nil:
			u.update(p, c.was)
		case u.pledges(p.ID, nil):
			u.run.Kept++
		default:
			u.create(p)
		}
	}
	if err := u.unmake(); err != nil {
		return err
	}
	return u.write()
}

func (u *undoing) read() error {
	ids, plain := make([]catalog.ID, len(u.all)), make([]string, len(u.all))
	for i, c := range u.all {
		ids[i], plain[i] = c.product, string(c.product)
	}
	if err := catalog.Hold(u.tx, ids); err != nil {
		return err
	}
	products, err := u.s.rooms.Catalog.ProductsIn(u.tx, ids)
	if err != nil {
		return err
	}
	u.products, u.was = map[catalog.ID]catalog.Product{}, map[catalog.ID]*before{}
	for _, p := range products {
		if p.Shop == u.run.Shop {
			u.products[p.ID] = p
		}
	}
	if u.hashes, err = u.s.rooms.Catalog.HashesIn(u.tx, ids); err != nil {
		return err
	}
	if u.offers, err = offer.ByProducts(u.tx, plain); err != nil {
		return err
	}
	u.pledged, err = u.s.rooms.Catalog.Pledged(u.tx, u.at, ids)
	return err
}

// pledges tells whether something of a product is pledged to a sale, so that it stays on sale, but for these SKUs.
func (u *undoing) pledges(product catalog.ID, but []catalog.SKU) bool {
	for k, of := range u.pledged {
		if of == product && !slices.ContainsFunc(but, func(b catalog.SKU) bool { return b.ID == k }) {
			return true
		}
	}
	return false
}

// create takes a product that the run created off sale.
func (u *undoing) create(p catalog.Product) {
	p.State = catalog.Withdrawn
	if len(p.SKUs) > 0 {
		u.save = append(u.save, p)
	}
	for _, o := range u.offers[string(p.ID)] {
		if o.Shop == u.run.Shop && o.State == offer.Listed {
			u.terms = append(u.terms,
				offer.Terms{Offer: o.ID, UnitPrice: o.UnitPrice, ListPrice: o.ListPrice, State: offer.Withdrawn})
		}
	}
	u.made = append(u.made, p)
	u.run.Withdrawn++
}

// update puts a product back that the run changed.
func (u *undoing) update(p catalog.Product, b *before) {
	back, content := b.undoContent(p, u.hashes[p.ID])
	if stays := back.SKUs; content {
		if back.State == catalog.Withdrawn {
			stays = nil
		}
		content = !u.pledges(p.ID, stays)
	}
	if content {
		u.save = append(u.save, back)
		u.run.Restored++
	} else {
		u.run.Kept++
	}
	for _, o := range u.offers[string(p.ID)] {
		if o.Shop == u.run.Shop {
			to := b.undoOffer(o, content)
			if _, pledged := u.pledged[catalog.SKUID(o.SKU)]; pledged {
				to.State = o.State
			}
			u.terms = append(u.terms, to)
		}
	}
	for sku, by := range b.Stock {
		if content || b.SKUs[sku] {
			u.counts = append(u.counts, stock.Count{SKU: string(sku), Pieces: -by, By: true, Floor: true, Ref: "undo"})
		}
	}
	u.changed = append(u.changed, p)
	u.was[p.ID] = b
}

// unmake takes back the stock that files stated for what the run created.
func (u *undoing) unmake() error {
	bySource := map[string][]string{}
	for _, p := range u.made {
		bySource[p.Source] = append(bySource[p.Source], p.ExternalID)
	}
	for source, ids := range bySource {
		known, err := remember(u.tx, u.run.Shop, source, ids)
		if err != nil {
			return err
		}
		for _, m := range known {
			u.counts = append(u.counts, m.stated()...)
		}
	}
	return nil
}

// stated are counts that take the stock away that files stated for a product.
func (m memory) stated() (all []stock.Count) {
	for _, f := range m.figures {
		if f.Stock != nil && *f.Stock > 0 {
			all = append(all, stock.Count{SKU: string(f.SKU), Pieces: -*f.Stock, By: true, Floor: true, Ref: "undo"})
		}
	}
	return all
}

// promised leaves the floors as they are that would take a promise back which the shop has given since.
func (u *undoing) promised() error {
	now := map[offer.ID]offer.Offer{}
	for _, all := range u.offers {
		for _, o := range all {
			now[o.ID] = o
		}
	}
	was, listings := make([]offer.Offer, len(u.terms)), make([]offer.Listing, len(u.terms))
	for i, t := range u.terms {
		was[i] = now[t.Offer]
		listings[i] = offer.Listing{Currency: was[i].Currency, UnitPrice: t.UnitPrice, ListPrice: t.ListPrice,
			FloorPrice: t.FloorPrice}
	}
	refused, err := u.s.rooms.Offers.Refused(u.tx, u.at, was, listings)
	for i, t := range u.terms {
		if fault.Is(refused[t.Offer], "offer.floor_promised") {
			u.terms[i].FloorPrice = nil
		}
	}
	return err
}

func (u *undoing) write() error {
	rooms, shop := u.s.rooms, u.run.Shop
	if _, err := rooms.Catalog.Save(u.tx, u.at, u.save); err != nil {
		return err
	}
	if _, err := rooms.Stock.Count(u.tx, u.at, shop, u.counts); err != nil {
		return err
	}
	if err := u.promised(); err != nil {
		return err
	}
	if _, err := rooms.Offers.Of(string(u.run.ID)).Set(u.tx, u.at, shop, u.terms); err != nil {
		return err
	}
	if err := forget(u.tx, shop, u.made); err != nil {
		return err
	}
	if err := recall(u.tx, shop, u.changed, u.was); err != nil {
		return err
	}
	var ids []catalog.ID
	var lie []link
	for _, p := range u.made {
		ids = append(ids, p.ID)
	}
	for _, p := range u.changed {
		ids = append(ids, p.ID)
		lie = append(lie, u.was[p.ID].links(p.ID)...)
	}
	if err := relink(u.tx, shop, ids, lie); err != nil {
		return err
	}
	return markUndone(u.tx, u.run.ID, u.all)
}
