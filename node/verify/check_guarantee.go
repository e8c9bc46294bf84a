package verify

// guarantee are the promises of trade/guarantee: what a line gave back is on record and in its order, and each record
// cites what was in force.
func (a *audit) guarantee() []check {
	return []check{{
		name: "guarantee.given", rule: "I-C6", counts: "guarantees",
		columns: "order_id line_no given claims steps written paid refunded lowered",
		sql: `SELECT * FROM (SELECT g.order_id, g.line_no, g.given, g.claims, g.steps, l.paid, l.refunded,
				(SELECT COALESCE(SUM(w.amount), 0) FROM order_lowerings w WHERE w.order_id = g.order_id
					AND w.line_no = g.line_no AND w.why = 'guarantee.back') AS lowered,
				(SELECT COALESCE(SUM(c.amount), 0) FROM guarantee_claims c WHERE c.order_id = g.order_id
					AND c.line_no = g.line_no) AS written,
				(SELECT COUNT(*) FROM guarantee_claims c WHERE c.order_id = g.order_id AND c.line_no = g.line_no
					AND c.amount > 0) AS paying,
				(SELECT COUNT(*) FROM guarantee_claims c WHERE c.order_id = g.order_id
					AND c.line_no = g.line_no) AS records
			FROM guarantees g LEFT JOIN order_lines l ON l.order_id = g.order_id AND l.line_no = g.line_no) m
			WHERE paid IS NULL OR given <> written OR given <> lowered OR claims <> paying OR steps <> records
				OR given > paid - refunded`,
	}, {
		name: "guarantee.evidence", rule: "I-C6", counts: "guarantee_claims",
		columns: "order_id line_no step offer_id price_version rules",
		sql: `SELECT c.order_id, c.line_no, c.step, c.offer_id, c.price_version, c.rules FROM guarantee_claims c
			WHERE NOT EXISTS (SELECT 1 FROM price_history h WHERE h.offer_id = c.offer_id AND h.version = c.price_version
					AND h.from_us <= c.at_us)
				OR c.rules > 0 AND NOT EXISTS (SELECT 1 FROM rule_sets r WHERE r.version = c.rules)
				OR NOT EXISTS (SELECT 1 FROM guarantees g WHERE g.order_id = c.order_id AND g.line_no = c.line_no)`,
	}}
}
