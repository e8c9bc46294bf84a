package bench

import (
	"context"

	"hutong/base/db"
)

// check looks up every acknowledged order, and every pool, after the load.
func check(ctx context.Context, d *db.DB, placed []string, r *Result) error {
	return d.Read(ctx, func(tx *db.Tx) error {
		found := map[string]bool{}
		err := tx.EachKey(`SELECT o.id FROM orders o JOIN order_lines l ON l.order_id = o.id
			WHERE o.state IN ('awaiting_payment', 'paid', 'completed') AND o.id IN ({keys})`, placed, func(row db.Row) error {
			var id string
			err := row.Scan(&id)
			found[id] = true
			return err
		})
		if err != nil {
			return err
		}
		seen := map[string]bool{}
		for _, id := range placed {
			if !found[id] || seen[id] { // gone, or one order acknowledged for two tokens
				r.Lost++
			}
			seen[id] = true
		}
		over, _, err := db.Value[int](tx, `SELECT COUNT(*) FROM pools p JOIN pool_counts c ON c.no = p.no LEFT JOIN (
				SELECT l.pool_id, CAST(SUM(l.quantity) AS BIGINT) AS taken
				FROM orders o JOIN order_lines l ON l.order_id = o.id
				WHERE o.state IN ('awaiting_payment', 'paid', 'completed') GROUP BY l.pool_id) v ON v.pool_id = p.id
			WHERE COALESCE(v.taken, 0) > c.received OR COALESCE(v.taken, 0) <> c.held + c.sold + c.shipped`)
		if err != nil {
			return err
		}
		r.Oversold = over
		if d.Engine() == db.Postgres {
			mode, _, err := db.Value[string](tx, `SELECT current_setting('synchronous_commit')`)
			r.FullSync = mode == "on"
			return err
		}
		return nil
	})
}
