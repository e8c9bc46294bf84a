package verify

// Orders whose refunds price again what is left of them (RULES 1.6c): each such refund begins with what the one before
// left, gives back what was paid above what the rest costs, never less than nothing, and by the shop's fault the
// pieces' share at least; its case gave back exactly that; and what the last one left is what the lines cost. No other
// order has one, and no refund of such an order goes without.
var orderRepriced = check{
	name: "order.repriced", rule: "I-M7 C9", counts: "order_repricings",
	columns: "order_id no ref before expected rest back case_goods lines_cost",
	sql: `SELECT order_id, no, ref, before, expected, rest, back, case_goods, 0 AS lines_cost FROM (
			SELECT r.order_id, r.no, r.ref, r.before, r.rest, r.share, r.back, r.fair, m.order_id AS mode,
				CASE WHEN r.no = 1 THEN o.goods - r.lowered ELSE p.before - p.back - r.lowered + p.lowered END AS expected,
				CASE WHEN c.order_id = r.order_id AND c.state = 'refunded' AND c.repriced THEN c.amount - c.freight END
					AS case_goods
			FROM order_repricings r LEFT JOIN orders o ON o.id = r.order_id LEFT JOIN order_modes m ON m.order_id = r.order_id
			LEFT JOIN order_repricings p ON p.order_id = r.order_id AND p.no = r.no - 1 LEFT JOIN cases c ON c.id = r.ref) x
		WHERE mode IS NULL OR expected IS NULL OR before <> expected OR case_goods IS NULL OR case_goods <> back
			OR back <> CASE WHEN fair AND share > before - rest THEN share WHEN before > rest THEN before - rest ELSE 0 END
		UNION ALL SELECT order_id, no, ref, before, cost AS expected, rest, back, 0, lines_cost FROM (
			SELECT r.order_id, r.no, r.ref, r.before, r.rest, r.back, r.before - r.back - l.lowered + r.lowered AS cost,
				l.cost AS lines_cost
			FROM (SELECT order_id, MAX(no) AS no FROM order_repricings GROUP BY order_id) t
			JOIN order_repricings r ON r.order_id = t.order_id AND r.no = t.no
			JOIN (SELECT order_id, SUM(paid - refunded - lowered + kept) AS cost, SUM(lowered) AS lowered FROM order_lines
				GROUP BY order_id) l ON l.order_id = t.order_id) y
			WHERE cost <> lines_cost
		UNION ALL SELECT l.order_id, l.line_no, l.standing, 0, 0, 0, l.refunded, 0, l.kept FROM order_lines l
			WHERE (l.standing <> '' OR l.kept <> 0 OR l.kept_funded <> 0) AND NOT EXISTS (SELECT 1 FROM order_repricings r
				WHERE r.order_id = l.order_id)
		UNION ALL SELECT c.order_id, c.seq, c.id, 0, 0, 0, c.amount, c.amount - c.freight, 0 FROM cases c
			JOIN order_modes m ON m.order_id = c.order_id WHERE c.state = 'refunded' AND NOT EXISTS (
				SELECT 1 FROM order_repricings r WHERE r.order_id = c.order_id AND r.ref = c.id)
		UNION ALL SELECT c.order_id, c.seq, c.id, 0, 0, 0, c.amount, c.kept, 0 FROM cases c
			WHERE c.repriced AND NOT EXISTS (SELECT 1 FROM order_modes m WHERE m.order_id = c.order_id)`,
}
