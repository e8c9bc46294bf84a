package verify

// left are the states of suborders whose goods have left their shop.
const left = `'shipped', 'delivered', 'completed'`

// stock are the promises of goods/stock: nothing is sold that is not there, nothing is held for ever.
func (a *audit) stock() []check {
	return []check{{
		// The checks below look at both: a pool without its counts would hide from them.
		name: "stock.counted", rule: "I-K1", counts: "pools", columns: "pool number counts",
		sql: `SELECT p.id AS pool, p.no AS number, COALESCE(c.no, 0) AS counts FROM pools p
				LEFT JOIN pool_counts c ON c.no = p.no WHERE c.no IS NULL
			UNION ALL SELECT '', c.no, c.no FROM pool_counts c LEFT JOIN pools p ON p.no = c.no WHERE p.no IS NULL`,
	}, {
		name: "stock.conservation", rule: "I-K1", counts: "pools",
		columns: "pool received moved_in returned moved_back written_off moved_out",
		sql: `SELECT p.id AS pool, c.received, COALESCE(m.received, 0) AS moved_in, c.returned,
				COALESCE(m.returned, 0) AS moved_back, c.written_off, COALESCE(m.written_off, 0) AS moved_out
			FROM pools p JOIN pool_counts c ON c.no = p.no LEFT JOIN (
				SELECT pool_id, SUM(CASE WHEN kind = 'receive' THEN quantity ELSE 0 END) AS received,
					SUM(CASE WHEN kind = 'return' THEN quantity ELSE 0 END) AS returned,
					SUM(CASE WHEN kind = 'write_off' THEN quantity ELSE 0 END) AS written_off
				FROM stock_moves GROUP BY pool_id) m ON m.pool_id = p.id
			WHERE c.received <> COALESCE(m.received, 0) OR c.returned <> COALESCE(m.returned, 0)
				OR c.written_off <> COALESCE(m.written_off, 0)`,
	}, {
		name: "stock.never_negative", rule: "I-K2", counts: "pools",
		columns: "pool received returned written_off held sold shipped free",
		sql: `SELECT p.id AS pool, received, returned, written_off, held, sold, shipped,
				received + returned - written_off - held - sold - shipped AS free
			FROM pools p JOIN pool_counts c ON c.no = p.no
			WHERE received < 0 OR returned < 0 OR written_off < 0 OR held < 0 OR sold < 0 OR shipped < 0
				OR received + returned - written_off - held - sold - shipped < 0`,
	}, {
		// What orders take of a pool are their lines, held, sold or shipped as far as the orders are.
		name: "stock.promised", rule: "I-K3", counts: "pools",
		columns: "pool held held_by_orders sold sold_by_orders shipped shipped_by_orders returned returned_by_orders",
		sql: `SELECT p.id AS pool, c.held, COALESCE(l.held, 0) AS held_by_orders, c.sold,
				COALESCE(l.sold, 0) AS sold_by_orders, c.shipped, COALESCE(l.shipped, 0) AS shipped_by_orders,
				c.returned, COALESCE(l.returned, 0) AS returned_by_orders
			FROM pools p JOIN pool_counts c ON c.no = p.no LEFT JOIN (
				SELECT l.pool_id, SUM(CASE WHEN o.state = 'awaiting_payment' THEN l.quantity ELSE 0 END) AS held,
					SUM(CASE WHEN o.paid_us > 0 AND s.state NOT IN (` + left + `) THEN l.quantity - l.released
						ELSE 0 END) AS sold,
					SUM(CASE WHEN s.state IN (` + left + `) THEN l.quantity - l.released ELSE 0 END) AS shipped,
					SUM(l.returned) AS returned
				FROM orders o JOIN suborders s ON s.order_id = o.id
					JOIN order_lines l ON l.order_id = s.order_id AND l.seq = s.seq
				GROUP BY l.pool_id) l ON l.pool_id = p.id
			WHERE c.held <> COALESCE(l.held, 0) OR c.sold <> COALESCE(l.sold, 0)
				OR c.shipped <> COALESCE(l.shipped, 0) OR c.returned <> COALESCE(l.returned, 0)`,
	}, {
		// What was given back of an order that was not sent is free again. What came back of one that was, the table
		// keeps within what was refunded.
		name: "stock.reserved", rule: "I-K5", counts: "order_lines",
		columns: "order_id line_no part_state quantity refunded_quantity released returned",
		sql: `SELECT l.order_id, l.line_no, s.state AS part_state, l.quantity, l.refunded_quantity, l.released, l.returned
			FROM suborders s JOIN order_lines l ON l.order_id = s.order_id AND l.seq = s.seq
			WHERE s.state NOT IN (` + left + `) AND (l.released <> l.refunded_quantity OR l.returned <> 0)`,
	}, {
		name: "stock.holds_end", rule: "I-K6", counts: "orders WHERE state = 'awaiting_payment'",
		columns: "order_id total expires_us",
		sql: `SELECT id AS order_id, total, expires_us FROM orders
			WHERE state = 'awaiting_payment' AND expires_us < $1`,
		args: []any{a.ago(a.HoldGrace)},
	}}
}
