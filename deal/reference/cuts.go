package reference

import (
	"time"

	"hutong/base/db"
)

// Cuts are where promotions stand that lower what everybody is asked for a piece, without any condition: deal/promo's
// rule book.
type Cuts interface {
	// CutsOf are the spans of [from, until) in which some of them held for a SKU of a shop; no two share an instant.
	CutsOf(tx *db.Tx, shop, sku string, from, until time.Time) ([]Cut, error)
}

// Cut is a span in which the same promotions held.
type Cut struct {
	Window
	// Unit is what a piece of a price costs everybody then, and the promotion that lowered it last.
	Unit func(price int64) (unit int64, promotion string, err error)
}

// PlugCuts says where public cuts stand. It is called while the node is built.
func (s *Service) PlugCuts(c Cuts) { s.cuts = c }

// lowestAsked is the lowest price that everybody was asked in a window: as it was offered, less public cuts. What only
// some are asked (who claims a voucher, buys more, or is new here) is none.
func (s *Service) lowestAsked(tx *db.Tx, shop string, skus []string, w Window) (Prior, error) {
	p, err := s.lowestOffered(tx, shop, skus, w)
	if err != nil || s.cuts == nil {
		return p, err
	}
	for _, sku := range skus {
		cuts, err := s.cuts.CutsOf(tx, shop, sku, w.From, w.Until)
		if err != nil {
			return Prior{}, err
		}
		for _, c := range cuts {
			offered, err := s.lowestOffered(tx, shop, []string{sku}, c.Window)
			if err != nil {
				return Prior{}, err
			}
			if !offered.Found() {
				continue
			}
			unit, promotion, err := c.Unit(offered.Amount)
			if err != nil {
				return Prior{}, err
			}
			if promotion != "" && unit < p.Amount {
				p = Prior{Price{unit, promotion, c.From}, LowestOffered}
			}
		}
	}
	return p, nil
}
