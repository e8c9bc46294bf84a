package node

import (
	"slices"

	"hutong/base/db"
	"hutong/deal/place"
	"hutong/trade/aftersale"
	"hutong/trade/order"
)

// placeSales answers deal/place from trade.
type placeSales struct{ cases aftersale.Settings }

// Sold are the lines that were sold from a pool. They may still change while an order is under way, or a shopper
// has a case or may open one.
func (p placeSales) Sold(tx *db.Tx, w place.Wanted) (lines []place.Line, open bool, err error) {
	sold, err := order.SoldFrom(tx, w.Shop, w.Pool, w.Since)
	if err != nil {
		return nil, false, err
	}
	var orders []string
	for _, l := range sold {
		switch l.State {
		case order.SubCancelled:
			continue
		case order.SubCompleted:
			open = open || w.At.Before(p.cases.Last(l.ClosedAt))
		default:
			open = true
		}
		lines = append(lines, place.Line{Order: string(l.Order), Line: l.Line})
		orders = append(orders, string(l.Order))
	}
	if open || len(orders) == 0 {
		return lines, open, nil
	}
	open, err = aftersale.AnyOpen(tx, w.Shop, slices.Compact(orders))
	return lines, open, err
}
