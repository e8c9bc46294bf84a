package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/goods/catalog"
	"hutong/goods/offer"
)

// triesMax is how often a batch is written again when another import of the same products was faster.
const triesMax = 3

// write brings one batch into the market.
func (r *run) write(ctx context.Context, batch []*entry) error {
	if err := r.findPictures(ctx, batch); err != nil {
		return err
	}
	for _, e := range batch {
		if err := r.seal(e); err != nil {
			return err
		}
	}
	for try := 1; ; try++ {
		done, err := r.writeOnce(ctx, batch)
		raced := errors.Is(err, db.ErrUnique) || errors.Is(err, errRaced) || fault.Is(err, "product.raced") ||
			fault.Is(err, "offer.below_floor") || fault.Is(err, "offer.floor_promised") ||
			fault.Is(err, "product.pledged") // set while we looked
		if raced && try < triesMax {
			continue
		}
		if err == nil {
			r.count(done)
			r.pretend(done)
			err = r.beat(ctx)
		}
		return err
	}
}

// pretend remembers what a dry run would have written, so that a product that stands in two files is told of as by the
// real run.
func (r *run) pretend(done outcome) {
	if !r.cmd.DryRun {
		return
	}
	for _, all := range [][]*entry{done.created, done.updated} {
		for _, e := range all {
			r.pretended[idKey(e.item.Product.Source, e.item.Product.ExternalID)] = e.hash
		}
	}
}

// outcome is what a batch came to.
type outcome struct {
	created, updated, unchanged []*entry
	refused                     []*entry // for what the market knows of their offers, each with why
}

func (r *run) writeOnce(ctx context.Context, batch []*entry) (outcome, error) {
	var out outcome
	changed, err := r.compare(ctx, batch, &out)
	if err != nil || len(changed) == 0 {
		return out, err
	}
	changed, err = r.prepare(ctx, changed, &out)
	if err != nil {
		return out, err
	}
	for _, e := range changed {
		if e.fresh {
			out.created = append(out.created, e)
		} else {
			out.updated = append(out.updated, e)
		}
	}
	if r.cmd.DryRun || len(changed) == 0 {
		return out, nil
	}
	at := clock.Now(ctx, r.s.clock)
	return out, r.s.db.Write(ctx, func(tx *db.Tx) error { return r.save(tx, at, changed) })
}

// compare tells which entries differ from what the last import left.
func (r *run) compare(ctx context.Context, batch []*entry, out *outcome) (changed []*entry, err error) {
	keys := make([]string, len(batch))
	for i, e := range batch {
		keys[i] = e.item.Product.ExternalID
	}
	var known map[string]memory
	var stores map[catalog.ID][]link
	err = r.s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if known, err = remember(tx, r.cmd.Shop, batch[0].item.Product.Source, keys); err != nil {
			return err
		}
		products := make([]catalog.ID, 0, len(known))
		for _, m := range known {
			products = append(products, m.product)
		}
		stores, err = links(tx, r.cmd.Shop, products)
		return err
	})
	for _, e := range batch {
		var there bool
		e.before, there = known[e.item.Product.ExternalID]
		e.fresh = !there
		if hash, now := r.pretended[idKey(e.item.Product.Source, e.item.Product.ExternalID)]; now {
			e.fresh, there, e.before.hash = false, true, hash
		}
		if there && e.before.hash == e.hash {
			out.unchanged = append(out.unchanged, e)
			continue
		}
		e.reuse(stores[e.before.product])
		changed = append(changed, e)
	}
	return changed, err
}

// prepare refuses the entries that are offered in another currency, for their orders and prices would change their
// meaning, those of which a price is below a floor that the shop has set, or a floor takes a promise back, and those
// that would take goods off sale which are pledged to a sale.
func (r *run) prepare(ctx context.Context, changed []*entry, out *outcome) ([]*entry, error) {
	var known []string
	var products []catalog.ID
	for _, e := range changed {
		if !e.fresh {
			known, products = append(known, string(e.before.product)), append(products, e.before.product)
		}
	}
	var offers map[string][]offer.Offer
	var refused map[offer.ID]error
	var pledged map[catalog.SKUID]catalog.ID
	err := r.s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if offers, err = offer.ByProducts(tx, known); err != nil {
			return err
		}
		var was []offer.Offer
		var listings []offer.Listing
		for _, e := range changed {
			e.match(offers[string(e.before.product)], func(o offer.Offer, p Price) {
				was = append(was, o)
				listings = append(listings, offer.Listing{Shop: o.Shop, Product: o.Product, SKU: o.SKU, Pool: o.Pool,
					Currency: r.cmd.Currency, UnitPrice: p.Unit, ListPrice: p.List, FloorPrice: p.Floor})
			})
		}
		at := clock.Now(ctx, r.s.clock)
		if refused, err = r.s.rooms.Offers.Refused(tx, at, was, listings); err == nil {
			pledged, err = r.s.rooms.Catalog.Pledged(tx, at, products)
		}
		return err
	})
	kept := changed[:0]
	for _, e := range changed {
		e.why = nil
		mine := offers[string(e.before.product)]
		if len(mine) > 0 && mine[0].Currency != r.cmd.Currency {
			e.why = fault.New(fault.Conflict, "intake.other_currency").At("currency")
		}
		e.match(mine, func(o offer.Offer, _ Price) {
			if why := refused[o.ID]; why != nil && e.why == nil {
				e.why = plain(why)
			}
		})
		if e.why == nil && !e.fresh {
			e.why = e.leaves(pledged)
		}
		if e.why != nil {
			out.refused = append(out.refused, e)
			continue
		}
		kept = append(kept, e)
	}
	return kept, err
}

// leaves is the refusal of an entry that would take pledged SKUs off sale, or nil.
func (e *entry) leaves(pledged map[catalog.SKUID]catalog.ID) *fault.Error {
	there := map[catalog.SKUID]bool{}
	if e.item.Product.Published {
		for _, s := range e.item.Product.SKUs {
			there[e.before.figures[s.ExternalID].SKU] = true
		}
	}
	for k, product := range pledged {
		if product == e.before.product && !there[k] {
			return catalog.Leaving(words(e.item.Product.Title))
		}
	}
	return nil
}

// plain is a refusal whose amounts and names are texts, as reports keep them.
func plain(why error) *fault.Error {
	f := fault.As(why)
	params := make([]fault.Param, len(f.Params))
	for i, p := range f.Params {
		switch v := p.Value.(type) {
		case money.Money:
			p.Value = v.Decimal()
		case text.Entry:
			p.Value = v.Pick(text.Zh)
		}
		params[i] = p
	}
	return fault.New(f.Kind, f.Code, params...).At(f.Field)
}

// findPictures looks for the pictures of a batch in the folder.
func (r *run) findPictures(ctx context.Context, batch []*entry) error {
	if r.folder == nil {
		return nil
	}
	var refs []string
	for _, e := range batch {
		refs = append(refs, e.item.Product.Pictures...)
	}
	return r.folder.learn(ctx, distinct(refs))
}

// seal gives the entry its pictures and the hash of all that it brings.
func (r *run) seal(e *entry) error {
	e.stored = map[string]catalog.PictureID{}
	for _, ref := range e.item.Product.Pictures {
		var what found
		if r.folder != nil {
			what, _ = r.folder.get(ref)
		}
		switch {
		case what.id != "":
			e.stored[ref] = what.id
		case what.refused != nil:
			e.broken++
		case isLink(ref):
		default:
			e.missing++
		}
	}
	content, err := e.item.Hash(r.cmd.Currency)
	if err != nil {
		return err
	}
	e.arrange()
	local := make([]string, len(e.pictures))
	for i, id := range e.pictures {
		local[i] = string(id)
	}
	digest := sha256.Sum256([]byte(content + strings.Join(local, ",")))
	e.hash = hex.EncodeToString(digest[:])
	return nil
}

// count adds a batch to the report.
func (r *run) count(o outcome) {
	for _, e := range o.refused {
		r.rejectFault(e.item.Product.Line, e.why)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	rep := &r.report
	rep.Created += int64(len(o.created))
	rep.Updated += int64(len(o.updated))
	rep.Unchanged += int64(len(o.unchanged))
	for _, all := range [][]*entry{o.created, o.updated, o.unchanged} {
		for _, e := range all {
			rep.Products++
			rep.SKUs += int64(len(e.item.Prices))
			rep.Pictures.Kept += int64(len(e.stored))
			rep.Pictures.Recorded += int64(e.remote())
			rep.Pictures.Missing += int64(e.missing)
			rep.Pictures.Refused += int64(e.broken)
		}
	}
}
