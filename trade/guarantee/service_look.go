package guarantee

import (
	"context"
	"log/slog"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/deal/guarantee"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/trade/order"
)

const (
	pageMax = 256            // lines that are looked at together: four statements
	every   = 24 * time.Hour // how often a line is looked at when nothing happens
)

// Look compares the lines that are due with their prices now and gives back what has fallen, a bounded number of pages
// of them. Lines whose price did not fall cost no transaction of their own. It is a job, safe to repeat and on several
// nodes; a line that cannot be settled is looked at again the next day and does not keep the others waiting.
func (s *Service) Look(ctx context.Context) (done int, err error) {
	const pages = 16
	for range pages {
		n, err := s.page(ctx)
		done += n
		if err != nil || n < pageMax {
			return done, err
		}
	}
	return done, nil
}

func (s *Service) page(ctx context.Context) (n int, err error) {
	at := clock.Now(ctx, s.Clock)
	var all, fallen []Line
	err = s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if all, err = due(tx, at, pageMax); err != nil {
			return err
		}
		fallen, err = s.fallen(tx, all, at)
		return err
	})
	if err != nil || len(all) == 0 {
		return 0, err
	}
	for _, g := range fallen {
		err := s.write(ctx, func(tx *db.Tx) error { _, _, err := s.compare(tx, g, at, "time"); return err })
		if err != nil {
			s.Log.ErrorContext(ctx, "a guaranteed price is not given back", slog.String("order", string(g.Order)),
				slog.Int64("line", g.No), slog.Any("err", err))
		}
	}
	was := make([]time.Time, len(all))
	for i := range all {
		was[i], all[i].due = all[i].due, at.Add(every)
		if !all[i].due.Before(all[i].Until) { // once more in its last day, and never after it
			all[i].due = all[i].Until.Add(-time.Second)
		}
		if !at.Before(all[i].Until.Add(-time.Second)) {
			all[i].due = time.Time{}
		}
	}
	return len(all), s.DB.Write(ctx, func(tx *db.Tx) error { return next(tx, all, was) })
}

// fallen are the lines whose price may have fallen, by the prices of their own quantities.
func (s *Service) fallen(tx *db.Tx, all []Line, at time.Time) (some []Line, err error) {
	t, err := s.tags(tx, all, at)
	if err != nil {
		return nil, err
	}
	orders := make([]order.ID, len(all))
	for i, g := range all {
		orders[i] = g.Order
	}
	lines, err := linesOf(tx, orders)
	if err != nil {
		return nil, err
	}
	for _, g := range all {
		if !at.Before(g.Until) {
			continue
		}
		now, ok, err := t.price(g, lines[lineKey{g.Order, g.No}])
		if err != nil {
			return nil, err
		}
		if ok && now.Public < g.Price.Public {
			some = append(some, g)
		}
	}
	return some, nil
}

// tags are what the offers of some lines cost now.
type tags struct {
	s      *Service
	at     time.Time
	offers map[offer.ID]offer.Offer
	briefs map[catalog.SKUID]catalog.Brief
	basis  guarantee.Basis // of the last price
}

func (s *Service) tags(tx *db.Tx, all []Line, at time.Time) (t tags, err error) {
	offers, skus := make([]offer.ID, len(all)), make([]catalog.SKUID, len(all))
	for i, g := range all {
		offers[i], skus[i] = offer.ID(g.Offer), catalog.SKUID(g.SKU)
	}
	t = tags{s: s, at: at}
	if t.offers, err = offer.Load(tx, offers); err != nil {
		return t, err
	}
	t.briefs, err = s.Catalog.Briefs(tx, skus)
	return t, err
}

// price is what a piece of a line costs everybody now; ok is false where it is not on sale.
func (t *tags) price(g Line, l order.Line) (p guarantee.Price, ok bool, err error) {
	o, brief := t.offers[offer.ID(g.Offer)], t.briefs[catalog.SKUID(g.SKU)]
	if o.State != offer.Listed || brief.State != catalog.Listed || l.Quantity < 1 {
		return p, false, nil
	}
	p, t.basis, err = guarantee.Public(t.s.Rules(), guarantee.Ask{Currency: o.Currency, At: t.at, Barred: t.s.Empty,
		Line: g.asked(o, l.Quantity, brief.Category)})
	return p, true, err
}
