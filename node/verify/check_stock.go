package verify

// stock are the promises of goods/stock: nothing is sold that is not there, nothing is held for ever.
func (a *audit) stock() []check {
	return []check{{
		name: "stock.conservation", rule: "I-K1", counts: "pools",
		columns: "pool received moved_in returned moved_back written_off moved_out",
		sql: `SELECT p.id AS pool, p.received, COALESCE(m.received, 0) AS moved_in, p.returned,
				COALESCE(m.returned, 0) AS moved_back, p.written_off, COALESCE(m.written_off, 0) AS moved_out
			FROM pools p LEFT JOIN (
				SELECT pool_id, SUM(CASE WHEN kind = 'receive' THEN quantity ELSE 0 END) AS received,
					SUM(CASE WHEN kind = 'return' THEN quantity ELSE 0 END) AS returned,
					SUM(CASE WHEN kind = 'write_off' THEN quantity ELSE 0 END) AS written_off
				FROM stock_moves GROUP BY pool_id) m ON m.pool_id = p.id
			WHERE p.received <> COALESCE(m.received, 0) OR p.returned <> COALESCE(m.returned, 0)
				OR p.written_off <> COALESCE(m.written_off, 0)`,
	}, {
		name: "stock.never_negative", rule: "I-K2", counts: "pools",
		columns: "pool received returned written_off held sold shipped free",
		sql: `SELECT id AS pool, received, returned, written_off, held, sold, shipped,
				received + returned - written_off - held - sold - shipped AS free
			FROM pools WHERE received < 0 OR returned < 0 OR written_off < 0 OR held < 0 OR sold < 0 OR shipped < 0
				OR received + returned - written_off - held - sold - shipped < 0`,
	}, {
		// What unpaid orders hold are their lines; what paid ones took has a reservation.
		name: "stock.promised", rule: "I-K3", counts: "pools",
		columns: "pool held held_by_orders sold sold_by_orders shipped shipped_by_orders returned returned_by_orders",
		sql: `SELECT p.id AS pool, p.held, COALESCE(h.held, 0) AS held_by_orders, p.sold,
				COALESCE(r.sold, 0) AS sold_by_orders, p.shipped, COALESCE(r.shipped, 0) AS shipped_by_orders,
				p.returned, COALESCE(r.returned, 0) AS returned_by_orders
			FROM pools p LEFT JOIN (
				SELECT l.pool_id, SUM(l.quantity) AS held FROM orders o JOIN order_lines l ON l.order_id = o.id
				WHERE o.state = 'awaiting_payment' GROUP BY l.pool_id) h ON h.pool_id = p.id
			LEFT JOIN (
				SELECT pool_id, SUM(CASE WHEN state = 'committed' THEN quantity - released ELSE 0 END) AS sold,
					SUM(CASE WHEN state = 'shipped' THEN quantity - released ELSE 0 END) AS shipped,
					SUM(returned) AS returned
				FROM reservations GROUP BY pool_id) r ON r.pool_id = p.id
			WHERE p.held <> COALESCE(h.held, 0) OR p.sold <> COALESCE(r.sold, 0)
				OR p.shipped <> COALESCE(r.shipped, 0) OR p.returned <> COALESCE(r.returned, 0)`,
	}, {
		name: "stock.reserved", rule: "I-K5", counts: "order_lines",
		columns: "order_id line_no order_state part_state quantity pool reserved reserved_in reservation released returned",
		sql: `SELECT l.order_id, l.line_no, o.state AS order_state, s.state AS part_state, l.quantity, l.pool_id AS pool,
				r.quantity AS reserved, r.pool_id AS reserved_in, r.state AS reservation, r.released, r.returned
			FROM suborders s JOIN orders o ON o.id = s.order_id
			JOIN order_lines l ON l.order_id = s.order_id AND l.seq = s.seq
			LEFT JOIN reservations r ON r.order_id = l.order_id AND r.line_no = l.line_no
			WHERE (r.order_id IS NULL) <> (o.paid_us = 0) OR r.quantity <> l.quantity OR r.pool_id <> l.pool_id
				OR r.state <> CASE WHEN r.released = r.quantity THEN 'released'
					WHEN s.state IN ('shipped', 'delivered', 'completed') THEN 'shipped' ELSE 'committed' END
				OR CASE WHEN s.state IN ('open', 'cancelled') THEN r.released <> l.refunded_quantity OR r.returned <> 0
					ELSE r.released + r.returned > l.refunded_quantity END`,
	}, {
		// A paid line has exactly one reservation, says the check above, so one too many shows in the counts.
		name: "stock.orphans", rule: "I-K5", counts: "reservations", columns: "order_id line_no pool state quantity",
		sql: `SELECT r.order_id, r.line_no, r.pool_id AS pool, r.state, r.quantity FROM reservations r
			WHERE NOT EXISTS (SELECT 1 FROM order_lines l WHERE l.order_id = r.order_id AND l.line_no = r.line_no)`,
	}, {
		name: "stock.holds_end", rule: "I-K6", counts: "orders WHERE state = 'awaiting_payment'",
		columns: "order_id total expires_us",
		sql: `SELECT id AS order_id, total, expires_us FROM orders
			WHERE state = 'awaiting_payment' AND expires_us < $1`,
		args: []any{a.ago(a.HoldGrace)},
	}}
}
