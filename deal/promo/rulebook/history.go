package rulebook

import (
	"slices"
	"time"

	"hutong/base/db"
	"hutong/deal/promo"
	"hutong/deal/reference"
	"hutong/goods/offer"
)

var _ reference.Cuts = (*Service)(nil)

// CutsOf are the spans of [from, until) in which promotions of the rule book lowered what everybody was asked for a
// piece of a SKU: prices and direct cuts, of its shop or of the market. What others pay beside the shop (subsidies) is
// no lower price of the shop's, and what takes more than one piece, a voucher or points is not asked of everybody.
func (s *Service) CutsOf(tx *db.Tx, shop, sku string, from, until time.Time) ([]reference.Cut, error) {
	rows, err := held(tx, shop, from, until)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	entries, err := s.entries(rows)
	if err != nil {
		return nil, err
	}
	line := promo.Line{ID: sku, Shop: shop, SKU: sku, Quantity: 1}
	if s.Category != nil {
		category, err := s.Category(tx, sku)
		if err != nil {
			return nil, err
		}
		line.Categories = promo.Path(category)
	}
	entries = slices.DeleteFunc(entries, func(e Entry) bool {
		lane := e.Promotion.Terms.Lane(e.Promotion.Scope)
		return lane != promo.LaneItemPrice && lane != promo.LaneDirect || !e.Promotion.Scope.Covers(&line)
	})
	floors, err := offer.FloorsOf(tx, shop, sku, until)
	if err != nil {
		return nil, err
	}
	return s.spans(entries, line, floors, reference.Window{From: from, Until: until})
}

// held is when a version was in force.
func (e *Entry) held(in reference.Window) reference.Window {
	w := in
	for _, from := range []time.Time{e.Published, e.Promotion.From} {
		if from.After(w.From) {
			w.From = from
		}
	}
	for _, until := range []time.Time{e.Ended, e.Promotion.Until} {
		if !until.IsZero() && until.Before(w.Until) {
			w.Until = until
		}
	}
	return w
}

// spans cuts a window where any of the versions began or ended, or the shop's floor changed.
func (s *Service) spans(entries []Entry, line promo.Line, floors []offer.Floor, in reference.Window) (
	all []reference.Cut, err error) {
	var edges []time.Time
	for _, f := range floors {
		if f.From.After(in.From) { // and before its end
			edges = append(edges, f.From)
		}
	}
	for i := range entries {
		if w := entries[i].held(in); w.From.Before(w.Until) {
			edges = append(edges, w.From, w.Until)
		}
	}
	slices.SortFunc(edges, time.Time.Compare)
	edges = slices.CompactFunc(edges, time.Time.Equal)
	for i := range max(len(edges)-1, 0) {
		span := reference.Window{From: edges[i], Until: edges[i+1]}
		line.Floor = 0
		for _, f := range floors {
			if !f.From.After(span.From) {
				line.Floor = f.Price
			}
		}
		var some []promo.Promotion
		for n := range entries {
			if w := entries[n].held(in); !w.From.After(span.From) && w.Until.After(span.From) {
				some = append(some, entries[n].Promotion)
			}
		}
		if len(some) == 0 {
			continue
		}
		rules, err := promo.Compile(promo.Parallel, some)
		if err != nil {
			return nil, err
		}
		all = append(all, reference.Cut{Window: span, Unit: s.unit(rules, line)})
	}
	return all, nil
}

// unit prices a piece under the rules of a span.
func (s *Service) unit(rules *promo.Rules, line promo.Line) func(int64) (int64, string, error) {
	return func(price int64) (unit int64, promotion string, err error) {
		line.UnitPrice = price
		a, err := rules.Price(promo.Basket{Currency: s.Settings.Currency, Lines: []promo.Line{line}, Stages: 2})
		if err != nil || len(a.Applied) == 0 {
			return price, "", err
		}
		return a.Total, a.Applied[len(a.Applied)-1].Promotion, nil
	}
}
