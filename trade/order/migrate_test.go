package order_test

import (
	"slices"
	"strings"
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

// TestOldTakingsAreTakenOver: a market in which wallets took money back before that was kept of orders has the same refunds
// and presales afterwards, by the same indexes, and its orders are marked: since when nothing of them was sent.
func TestOldTakingsAreTakenOver(t *testing.T) {
	money, before := pay.Schema, order.Schema
	money.Steps, before.Steps = money.Steps[:5], before.Steps[:8]
	dbtest.Each(t, []db.Schema{stock.Schema, money, before}, func(t *testing.T, d *db.DB) {
		write := func(q string) error {
			return d.Write(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(q); return err })
		}
		for _, q := range strings.Split(oldTakings, ";") {
			if err := write(q); err != nil {
				t.Fatalf("%s: %v", q, err)
			}
		}
		rows := func(q string) (all []string) {
			t.Helper()
			err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
				all, err = db.List(tx, func(r db.Row) (s string, err error) { err = r.Scan(&s); return s, err }, q)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return all
		}
		const refunds = `SELECT id || order_id || attempt_id || case_id || wallet || txn || CAST(amount AS TEXT) || currency ||
			reason || state || CAST(tries AS TEXT) || CAST(next_try_us AS TEXT) || CAST(created_us AS TEXT) ||
			CAST(done_us AS TEXT) || CASE WHEN extra THEN 'extra' ELSE '' END FROM refunds ORDER BY id`
		const presales = `SELECT order_id || item || state || CAST(earnest + worth + value + forfeit AS TEXT) || CAST(opens_us AS TEXT) ||
			CAST(due_us AS TEXT) || CAST(earnest_us + fixed_us + ended_us + told AS TEXT) || CAST(ship_by_us AS TEXT) ||
			CAST(ship_days AS TEXT) FROM presales ORDER BY order_id`
		was := append(rows(refunds), rows(presales)...)
		if err := d.Migrate(t.Context(), stock.Schema, pay.Schema, order.Schema); err != nil {
			t.Fatal(err)
		}
		if now := append(rows(refunds), rows(presales)...); len(now) != 5 || !slices.Equal(was, now) {
			t.Errorf("was %q\nnow %q", was, now)
		}
		marked := rows(`SELECT id || ' ' || CAST(taken_us AS TEXT) FROM orders WHERE taken_us > 0 ORDER BY id`)
		if want := []string{"ord_1 70", "ord_2 90", "ord_3 80"}; !slices.Equal(marked, want) {
			t.Errorf("marked %q, want %q", marked, want)
		}
		for _, q := range []string{ // each index is there already, or a rule of the tables
			`CREATE INDEX refunds_order ON refunds (txn)`, `CREATE INDEX refunds_due ON refunds (txn)`,
			`CREATE INDEX refunds_refused ON refunds (txn)`, `CREATE INDEX presales_to_tell ON presales (due_us)`,
			`UPDATE refunds SET case_id = 'c1' WHERE id = 'rfd_2'`, `UPDATE attempts SET met = charged_back + 1`,
			`UPDATE presales SET forfeit = value WHERE order_id = 'ord_3'`,
		} {
			if write(q) == nil {
				t.Errorf("%s: no error", q)
			}
		}
		if err := write(`UPDATE refunds SET case_id = 'c1', part = 1 WHERE id = 'rfd_2'`); err != nil {
			t.Error(err)
		}
	})
}

// oldTakings are three orders whose wallet took money back: of ord_2 a part was sent since, and ord_3 is paid with it.
const oldTakings = `
INSERT INTO orders (id, shopper_id, state, currency, goods, freight, total, address_id, request_hash, lang, source, remark,
	placed_us, expires_us, paid_us, closed_us, reason, step, rules, earnest, bill) VALUES
	('ord_0', 'shr', 'paid', 'CNY', 900, 0, 900, 'adr', 'h', 'zh', '', '', 1, 9, 2, 0, '', 1, 0, 0, ''),
	('ord_1', 'shr', 'paid', 'CNY', 900, 0, 900, 'adr', 'h', 'zh', '', '', 1, 9, 2, 0, '', 1, 0, 0, ''),
	('ord_2', 'shr', 'paid', 'CNY', 900, 0, 900, 'adr', 'h', 'zh', '', '', 1, 9, 2, 0, '', 1, 0, 0, ''),
	('ord_3', 'shr', 'paid', 'CNY', 900, 0, 900, 'adr', 'h', 'zh', '', '', 1, 9, 2, 0, '', 1, 0, 100, 'ord_2');
INSERT INTO suborders (order_id, seq, shop_id, state, goods, freight, carrier, pickup, shipped_us, confirm_by_us, closed_us,
	freight_refunded, step) VALUES
	('ord_1', 1, 'shp', 'shipped', 900, 0, '', '', 60, 0, 0, 0, 1), ('ord_2', 1, 'shp', 'shipped', 900, 0, '', '', 90, 0, 0, 0, 1),
	('ord_2', 2, 'shp', 'open', 0, 0, '', '', 0, 0, 0, 0, 1), ('ord_3', 1, 'shp', 'open', 900, 0, '', '', 0, 0, 0, 0, 1);
INSERT INTO attempts (id, order_id, wallet, account, amount, currency, state, provider_ref, provider_txn, qr, url, lines_hash,
	captured, refunded, charged_back, polls, next_poll_us, created_us, expires_us, bill, whole) VALUES
	('att_0', 'ord_0', 'w', 'a', 900, 'CNY', 'succeeded', '', 't0', '', '', 'h', 900, 0, 0, 0, 0, 1, 9, '', 0),
	('att_1', 'ord_1', 'w', 'a', 900, 'CNY', 'succeeded', '', 't1', '', '', 'h', 900, 0, 900, 0, 0, 1, 9, '', 0),
	('att_2', 'ord_2', 'w', 'a', 900, 'CNY', 'succeeded', '', 't2', '', '', 'h', 900, 500, 5, 0, 0, 1, 9, 'att_2', 1800),
	('att_2.2', 'ord_3', 'w', 'a', 900, 'CNY', 'succeeded', '', 't2', '', '', 'h', 900, 0, 5, 0, 0, 1, 9, 'att_2', 1800);
INSERT INTO payment_facts (provider, txn, kind, attempt_id, refund_id, amount, currency, account, outcome, paid_us, at_us) VALUES
	('w', 'x1', 'refund', 'att_1', '', 900, 'CNY', 'a', 'suspense', 50, 70), ('w', 'x2', 'refund', 'att_2', '', 5, 'CNY', 'a', 'suspense', 50, 80);
INSERT INTO refunds (id, order_id, attempt_id, case_id, wallet, txn, amount, currency, reason, state, tries, next_try_us, created_us,
	done_us, extra) VALUES
	('rfd_1', 'ord_2', 'att_2', 'c1', 'w', 't2', 300, 'CNY', 'why', 'refused', 2, 0, 30, 0, FALSE),
	('rfd_2', 'ord_2', 'att_2', 'c2', 'w', 't2', 200, 'CNY', 'why', 'succeeded', 1, 0, 31, 40, FALSE),
	('rfd_3', 'ord_2', 'att_2', 'c3', 'w', 't2', 100, 'CNY', 'why', 'asked', 1, 55, 31, 0, TRUE);
INSERT INTO presales (order_id, item, state, earnest, worth, value, forfeit, opens_us, due_us, earnest_us, fixed_us, ended_us, told,
	ship_by_us, ship_days) VALUES
	('ord_3', 'itm', 'balance_paid', 100, 200, 900, 100, 3, 8, 2, 4, 5, 2, 77, 0),
	('ord_4', 'itm', 'earnest_paid', 100, 200, 900, 100, 3, 8, 2, 0, 0, 1, 0, 6)`
