package verify

// cases are the promises of trade/aftersale: whatever was given back has a case that says why, and each case paid once.
func (a *audit) cases() []check {
	return []check{{
		name: "case.amounts", rule: "I-M7 I-O3 I-S1", counts: "cases",
		columns: "case_id order_id part state amount freight kept lines_amount refunds shop part_shop shopper order_shopper",
		sql: `SELECT * FROM (SELECT c.id AS case_id, c.order_id, c.seq AS part, c.state, c.amount, c.freight, c.kept,
					c.closed_us,
					c.shop_id AS shop, s.shop_id AS part_shop, c.shopper_id AS shopper, o.shopper_id AS order_shopper,
					c.currency, o.currency AS order_currency,
					(SELECT COALESCE(SUM(amount), 0) FROM case_lines l WHERE l.case_id = c.id) AS lines_amount,
					(SELECT COALESCE(SUM(amount), 0) FROM refunds r WHERE r.order_id = c.order_id AND r.case_id = c.id)
						AS refunds
				FROM cases c LEFT JOIN orders o ON o.id = c.order_id
				LEFT JOIN suborders s ON s.order_id = c.order_id AND s.seq = c.seq) m
			WHERE order_shopper IS NULL OR part_shop IS NULL OR order_shopper <> shopper OR part_shop <> shop
				OR currency <> order_currency OR amount <> lines_amount + freight - kept
				OR refunds <> CASE WHEN state = 'refunded' THEN amount ELSE 0 END
				OR (closed_us > 0) <> (state IN ('refunded', 'refused', 'withdrawn'))`,
	}, {
		name: "case.lines", rule: "I-M7", counts: "order_lines WHERE refunded_quantity > 0",
		columns: "order_id line_no refunded_quantity case_units refunded case_amount",
		sql: `SELECT c.order_id, c.line_no, l.refunded_quantity, c.units AS case_units, l.refunded, c.amount AS case_amount
				FROM (SELECT k.order_id, x.line_no, SUM(x.units) AS units, SUM(x.amount) AS amount
					FROM cases k JOIN case_lines x ON x.case_id = k.id WHERE k.state = 'refunded'
					GROUP BY k.order_id, x.line_no) c
				LEFT JOIN order_lines l ON l.order_id = c.order_id AND l.line_no = c.line_no
				WHERE l.order_id IS NULL OR l.refunded_quantity <> c.units OR l.refunded <> c.amount
			UNION ALL SELECT l.order_id, l.line_no, l.refunded_quantity, 0, l.refunded, 0 FROM order_lines l
				WHERE (l.refunded_quantity > 0 OR l.refunded > 0) AND NOT EXISTS (SELECT 1 FROM cases k
					JOIN case_lines x ON x.case_id = k.id AND x.line_no = l.line_no
					WHERE k.order_id = l.order_id AND k.state = 'refunded')`,
	}, {
		name: "case.path", rule: "I-O1", counts: "case_steps",
		columns: "case_id step came_from from_state to_state actor case_state case_step",
		sql: `SELECT s.case_id, s.step, p.to_state AS came_from, s.from_state, s.to_state, s.actor, c.state AS case_state,
				c.step AS case_step
			FROM case_steps s LEFT JOIN cases c ON c.id = s.case_id
			LEFT JOIN case_steps p ON p.case_id = s.case_id AND p.step = s.step - 1
			WHERE c.id IS NULL OR s.actor = '' OR s.step > c.step OR s.step = c.step AND s.to_state <> c.state
				OR s.from_state <> CASE WHEN s.step = 1 THEN '' ELSE COALESCE(p.to_state, 'nowhere') END
				OR s.from_state || '>' || s.to_state NOT IN ('>opened', '>refunded', 'opened>agreed', 'opened>refunded',
					'opened>refused', 'opened>withdrawn', 'agreed>refunded', 'agreed>refused')
				OR (s.to_state = 'withdrawn') <> (s.from_state = 'opened' AND s.actor = 'shopper')
			UNION ALL SELECT c.id, c.step, '', '', '', '', c.state, c.step FROM cases c WHERE NOT EXISTS (
				SELECT 1 FROM case_steps s WHERE s.case_id = c.id AND s.step = c.step)`,
	}}
}
