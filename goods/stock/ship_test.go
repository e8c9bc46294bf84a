package stock_test

import (
	"testing"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/goods/stock"
)

// TestShippingAPartOfAnOrderLeavesTheRest: one order leaves whole, of the other one of two lines.
func TestShippingAPartOfAnOrderLeavesTheRest(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store) {
		a, b := s.receive("a", 10), s.receive("b", 10)
		write := func(fn func(tx *db.Tx) error) error { return s.db.Write(t.Context(), fn) }
		s.ok(write(func(tx *db.Tx) error {
			book, err := stock.LoadBook(tx, []stock.PoolID{a, b})
			if err != nil {
				return err
			}
			if err := book.Hold([]stock.Want{{Pool: a, Quantity: 5}, {Pool: b, Quantity: 4}}); err != nil {
				return err
			}
			if err := book.Save(tx); err != nil {
				return err
			}
			return stock.Commit(tx, []stock.Reservation{{Order: "ord_1", Line: 1, Pool: a, Quantity: 2},
				{Order: "ord_2", Line: 1, Pool: a, Quantity: 3}, {Order: "ord_2", Line: 2, Pool: b, Quantity: 4}})
		}))
		ship := func(lines ...stock.Units) error {
			return write(func(tx *db.Tx) error { return stock.Ship(tx, lines) })
		}
		s.ok(ship(stock.Units{Order: "ord_2", Line: 1}, stock.Units{Order: "ord_1", Line: 1}))
		pa, pb := s.pool("a"), s.pool("b")
		if pa.Shipped != 5 || pa.Sold != 0 || pb.Shipped != 0 || pb.Sold != 4 {
			t.Errorf("%+v, %+v", pa, pb)
		}
		for _, twice := range [][]stock.Units{{{Order: "ord_1", Line: 1}, {Order: "ord_2", Line: 2}},
			{{Order: "ord_2", Line: 3}}} {
			if err := ship(twice...); !fault.Is(err, "stock.units") {
				t.Errorf("%v: %v", twice, err)
			}
		}
		s.ok(write(func(tx *db.Tx) error {
			return stock.ReleaseUnits(tx, []stock.Units{{Order: "ord_2", Line: 2, Units: 1}})
		}))
		s.ok(ship(stock.Units{Order: "ord_2", Line: 2}))
		if pb = s.pool("b"); pb.Shipped != 3 || pb.Sold != 0 || pb.Free() != 7 {
			t.Errorf("%+v", pb)
		}
	})
}
