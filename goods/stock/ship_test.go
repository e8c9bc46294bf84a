package stock_test

import (
	"errors"
	"testing"

	"hutong/base/db"
	"hutong/goods/stock"
)

// TestAPoolRefusesWhatItDoesNotHave: who commits, ships or gives back twice is the order's to know, but no pool ever
// goes below zero for it.
func TestAPoolRefusesWhatItDoesNotHave(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store) {
		a, b := s.receive("a", 10), s.receive("b", 10)
		s.ok(s.hold("ord_1", a, 2))
		s.ok(s.hold("ord_2", b, 4))
		both := append(of("ord_1", a, 2), of("ord_2", b, 4)...)
		write := func(fn func(tx *db.Tx, lines []stock.Reservation) error, lines ...stock.Reservation) error {
			return s.db.Write(t.Context(), func(tx *db.Tx) error { return fn(tx, lines) })
		}
		for _, verb := range []func(*db.Tx, []stock.Reservation) error{stock.Commit, stock.Ship} {
			s.ok(write(verb, both...))
			if err := write(verb, of("ord_1", a, 1)...); !errors.Is(err, db.ErrCheck) {
				t.Errorf("more than was there: %v", err)
			}
		}
		for _, verb := range []func(*db.Tx, []stock.Reservation) error{stock.Unsell, stock.Uncommit, stock.Release} {
			if err := write(verb, both...); !errors.Is(err, db.ErrCheck) {
				t.Errorf("what has been shipped was given back: %v", err)
			}
		}
		if pa, pb := s.pool("a"), s.pool("b"); pa.Shipped != 2 || pb.Shipped != 4 || pa.Free() != 8 || pb.Free() != 6 {
			t.Errorf("%+v, %+v", pa, pb)
		}
	})
}
