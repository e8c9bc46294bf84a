package order_test

import (
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/funds/pay"
	"hutong/goods/stock"
	"hutong/trade/order"
)

// TestLinesTakeOverWhatReservationsSaid: a market that was made when each paid line had a reservation keeps what went
// back of it before and after it was sent.
func TestLinesTakeOverWhatReservationsSaid(t *testing.T) {
	before := order.Schema
	before.Steps = before.Steps[:6]
	dbtest.Each(t, []db.Schema{stock.Schema, pay.Schema, before}, func(t *testing.T, d *db.DB) {
		write := func(fn func(tx *db.Tx) error) {
			t.Helper()
			if err := d.Write(t.Context(), fn); err != nil {
				t.Fatal(err)
			}
		}
		write(func(tx *db.Tx) error {
			line := func(no, refunded int64) []any {
				return []any{"ord_1", no, int64(1), "shp", "off", "prd", "sku", "pol", "Cup", "", "", int64(5), int64(100), int64(1),
					int64(0), int64(500), int64(6000), "", refunded, 100 * refunded}
			}
			err := tx.Insert("order_lines", []string{"order_id", "line_no", "seq", "shop_id", "offer_id", "product_id", "sku_id",
				"pool_id", "title", "choice", "picture", "quantity", "unit_price", "price_version", "discount", "paid", "fee_ppm",
				"fee_rule_id", "refunded_quantity", "refunded"}, [][]any{line(1, 4), line(2, 0)})
			if err != nil {
				return err
			}
			return tx.Insert("reservations",
				[]string{"order_id", "line_no", "pool_id", "quantity", "released", "returned", "state"},
				[][]any{{"ord_1", int64(1), "pol", int64(5), int64(1), int64(2), "shipped"}})
		})
		if err := d.Migrate(t.Context(), stock.Schema, pay.Schema, order.Schema); err != nil {
			t.Fatal(err)
		}
		write(func(tx *db.Tx) error {
			got := map[int64][2]int64{}
			err := tx.Each(`SELECT line_no, released, returned FROM order_lines`, func(r db.Row) error {
				var no int64
				var n [2]int64
				err := r.Scan(&no, &n[0], &n[1])
				got[no] = n
				return err
			})
			if got[1] != [2]int64{1, 2} || got[2] != [2]int64{} {
				t.Error(got)
			}
			return err
		})
		for _, q := range []string{`UPDATE order_lines SET returned = 4 WHERE line_no = 1`, `SELECT 1 FROM reservations`} {
			if err := d.Write(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(q); return err }); err == nil {
				t.Errorf("%s: no error", q)
			}
		}
	})
}
