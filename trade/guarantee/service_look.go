package guarantee

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/deal/guarantee"
	"hutong/funds/pay"
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
		err := s.DB.Write(ctx, func(tx *db.Tx) error { _, _, err := s.compare(tx, g, at, "time"); return err })
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
		Line: g.asked(o.UnitPrice, l.Quantity, brief.Category)})
	return p, true, err
}

// compare looks at one line under its order's lock and gives back what it has fallen by; ok is false where there is no
// price to compare with.
func (s *Service) compare(tx *db.Tx, g Line, at time.Time, actor string) (c Claim, ok bool, err error) {
	orders, err := order.Locked(tx, []order.ID{g.Order})
	if err != nil || len(orders) == 0 {
		return c, false, err
	}
	lines := orders[0].Lines()
	i := slices.IndexFunc(lines, func(l order.Line) bool { return l.No == g.No })
	if i < 0 {
		return c, false, nil
	}
	l := lines[i]
	// Read again under the lock: another node, or the shopper's press, may have come first.
	if g, ok, err = byLine(tx, g.Order, g.No); err != nil || !ok {
		return c, false, err
	}
	t, err := s.tags(tx, []Line{g}, at)
	if err != nil {
		return c, false, err
	}
	now, ok, err := t.price(g, l)
	if err != nil || !ok || t.offers[offer.ID(g.Offer)].Currency != orders[0].Currency {
		return c, false, err
	}
	held := g.held(l)
	a := s.set.Decide(held, now)
	c = Claim{Order: g.Order, Line: g.No, Step: g.steps + 1, Shop: g.Shop, Offer: g.Offer,
		PriceVersion: t.offers[offer.ID(g.Offer)].Version, Basis: t.basis, From: held.Public, Now: now.Public,
		Each: a.Each, Pieces: held.Pieces, Amount: a.Amount, Reason: a.Reason, Asked: actor == "shopper", At: at}
	if a.Amount == 0 && a.Reason == "" {
		return c, true, nil
	}
	return c, true, s.settle(tx, g, c, actor)
}

// settle writes a claim and gives its money back.
func (s *Service) settle(tx *db.Tx, g Line, c Claim, actor string) error {
	if c.Reason != "" {
		if known, err := said(tx, c); err != nil || known {
			return err
		}
	}
	g.steps = c.Step
	if c.Amount > 0 {
		if err := s.giveBack(tx, g, c, actor); err != nil {
			return err
		}
		g.Price, g.Claims, g.Given = g.Price.Less(c.Each), g.Claims+1, g.Given+c.Amount
	}
	if err := saveLine(tx, g); err != nil {
		return err
	}
	return insertClaim(tx, c)
}

// giveBack lowers the line in its order and asks for the money to be sent. The shop earns that much less: its fee, and
// what it was credited, are reckoned anew.
func (s *Service) giveBack(tx *db.Tx, g Line, c Claim, actor string) error {
	out, err := s.Orders.Lower(tx, order.Lower{Order: g.Order, Seq: g.Seq, Line: g.No, Amount: c.Amount, Ref: c.ref(),
		Cause: order.Cause{Actor: actor, Why: "guarantee.back", At: c.At}})
	if err != nil {
		return err
	}
	_, err = s.Pay.Ask(tx, c.At, []pay.RefundAsk{{Order: string(g.Order), Case: c.ref(), Amount: out.Total,
		Currency: out.Currency, Reason: "guarantee.back"}})
	return err
}
