package stock_test

import (
	"testing"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/goods/stock"
)

// TestR18_CountsTogether: many counts at once, set or moved, all or none, and never below what orders were promised.
func TestR18_CountsTogether(t *testing.T) {
	onBoth(t, func(t *testing.T, w *store) {
		w.receive("sku_b", 4)
		w.ok(w.hold("ord_1", w.receive("sku_a", 10), 6))
		count := func(all ...stock.Count) (out []stock.Counted, err error) {
			err = w.db.Write(t.Context(), func(tx *db.Tx) (err error) {
				out, err = w.Count(tx, start, "shp", all)
				return err
			})
			return out, err
		}
		done, err := count(stock.Count{SKU: "sku_a", Pieces: -2, By: true}, stock.Count{SKU: "sku_b", Pieces: 9},
			stock.Count{SKU: "sku_a", Pieces: 7})
		if err != nil || done[0] != (stock.Counted{Before: 10, After: 8}) || done[1] != (stock.Counted{Before: 4, After: 9}) ||
			done[2] != (stock.Counted{Before: 8, After: 7}) {
			t.Fatalf("%+v, %v", done, err)
		}
		for code, c := range map[string]stock.Count{
			"stock.below_promised": {SKU: "sku_a", Pieces: 5},
			"stock.no_pool":        {SKU: "sku_none", Pieces: 5},
			"stock.quantity":       {SKU: "sku_b", Pieces: -10, By: true},
		} {
			if _, err := count(stock.Count{SKU: "sku_b", Pieces: 1}, c); !fault.Is(err, code) {
				t.Errorf("%+v: %v, want %s", c, err, code)
			}
		}
		if done, err = count(stock.Count{SKU: "sku_a", Pieces: -7, By: true, Floor: true}); err != nil || done[0].After != 6 {
			t.Fatalf("%+v, %v", done, err)
		}
		if got := w.pool("sku_b").OnHand(); got != 9 {
			t.Errorf("a refused count left %d", got)
		}
	})
}
