package verify

// presales are the promises about orders that are paid in two parts: what is owed of earnests is in the books, both
// payments are there, and nobody lost more than the law allows.
func (a *audit) presales() []check {
	return []check{{
		// The earnest of each presale whose balance is open stands in its account, and of no other; all together are what
		// the account holds, says ledger.explained.
		name: "presale.liability", rule: "I-C7", counts: "presales", columns: "order_id state earnest held freed",
		sql: `SELECT * FROM (SELECT p.order_id, p.state, p.earnest,
				(SELECT COALESCE(SUM(amount), 0) FROM transfers t WHERE t.order_id = p.order_id
					AND t.kind = 'earnest_held') AS held,
				(SELECT COALESCE(SUM(amount), 0) FROM transfers t WHERE t.order_id = p.order_id
					AND t.kind = 'earnest_freed') AS freed FROM presales p) m
			WHERE held <> CASE WHEN state IN ('earnest_due', 'lapsed') THEN 0 ELSE earnest END
				OR freed <> CASE WHEN state IN ('earnest_due', 'lapsed', 'earnest_paid') THEN 0 ELSE earnest END`,
	}, {
		name: "presale.orders", rule: "I-C7 I-O1", counts: "presales",
		columns: "order_id state order_state reason earnest order_earnest total value forfeit lines",
		sql: `SELECT * FROM (SELECT p.order_id, p.state, o.state AS order_state, o.reason, p.earnest,
					o.earnest AS order_earnest, o.total, p.value, p.forfeit, o.paid_us, p.opens_us, p.due_us, p.earnest_us,
					(SELECT COUNT(*) FROM order_lines l WHERE l.order_id = p.order_id) AS lines
				FROM presales p LEFT JOIN orders o ON o.id = p.order_id) m
			WHERE order_state IS NULL OR earnest <> order_earnest OR lines <> 1 OR forfeit * 5 > value OR forfeit > earnest
				OR earnest > total OR opens_us >= due_us OR paid_us > 0 AND (state <> 'balance_paid' OR paid_us < earnest_us)
				OR CASE state WHEN 'balance_paid' THEN paid_us = 0
					WHEN 'forfeited' THEN order_state <> 'cancelled' OR reason <> 'forfeited'
					WHEN 'returned' THEN order_state <> 'cancelled' OR reason <> 'seller_default'
					WHEN 'taken_back' THEN order_state <> 'cancelled' OR reason <> 'taken_back'
					WHEN 'lapsed' THEN order_state <> 'cancelled' ELSE order_state <> 'awaiting_payment' END
			UNION ALL SELECT id, '', state, reason, 0, earnest, total, 0, 0, 0, 0, 0, 0, 0 FROM orders o
				WHERE earnest > 0 AND NOT EXISTS (SELECT 1 FROM presales p WHERE p.order_id = o.id)`,
	}, {
		// What is to be sent within some days of the balance is due those days after it came; and by a day, by that day.
		name: "presale.ships", rule: "I-O1", counts: "presales", columns: "order_id state ship_by_us ship_days ended_us",
		sql: `SELECT order_id, state, ship_by_us, ship_days, ended_us FROM presales WHERE ship_days > 0 AND
			ship_by_us <> CASE WHEN state = 'balance_paid' THEN ended_us + ship_days * 86400000000 ELSE 0 END
			OR ship_days = 0 AND ship_by_us > 0 AND ship_by_us <= opens_us`,
	}, {
		// Each payment is there: what is kept is the earnest, and then the whole. What came in again went back.
		name: "presale.payments", rule: "I-M7", counts: "presales",
		columns: "order_id state earnest total earnests balances",
		sql: `SELECT * FROM (SELECT p.order_id, p.state, p.earnest, o.total,
					(SELECT COUNT(*) FROM transfers t JOIN attempts x ON x.id = t.ref AND x.order_id = t.order_id
						WHERE t.order_id = p.order_id AND t.kind = 'earnest_held'
							AND x.amount = p.earnest AND x.captured >= x.amount) AS earnests,
					(SELECT COUNT(*) FROM transfers t JOIN attempts x ON x.id = t.ref AND x.order_id = t.order_id
						WHERE t.order_id = p.order_id AND t.kind = 'earnest_freed'
							AND x.amount = o.total - p.earnest AND x.captured >= x.amount) AS balances
				FROM presales p JOIN orders o ON o.id = p.order_id) m
			WHERE earnests <> CASE WHEN state IN ('earnest_due', 'lapsed') THEN 0 ELSE 1 END
				OR balances <> CASE WHEN state = 'balance_paid' AND total > earnest THEN 1 ELSE 0 END`,
	}, {
		// What a side loses that does not keep its word is one claim of the shop's, and what goes on top to the shopper is
		// as much.
		name: "presale.ended", rule: "I-C7", counts: "presales",
		columns: "order_id state earnest forfeit forfeited defaulted on_top",
		sql: `SELECT * FROM (SELECT p.order_id, p.state, p.earnest, p.forfeit,
					(SELECT COALESCE(SUM(base), 0) FROM claim_lines c WHERE c.order_id = p.order_id
						AND c.what = 'forfeit') AS forfeited,
					(SELECT COALESCE(-SUM(base), 0) FROM claim_lines c WHERE c.order_id = p.order_id
						AND c.what = 'default') AS defaulted,
					(SELECT COALESCE(SUM(amount), 0) FROM refunds r WHERE r.order_id = p.order_id AND r.extra
						AND r.case_id NOT LIKE 'dph!_%' ESCAPE '!') AS on_top
				FROM presales p) m
			WHERE forfeited <> CASE state WHEN 'forfeited' THEN forfeit ELSE 0 END
				OR defaulted <> CASE state WHEN 'returned' THEN forfeit ELSE 0 END OR on_top <> defaulted
			UNION ALL SELECT c.order_id, c.what, 0, 0, 0, 0, c.base FROM claim_lines c
				WHERE c.what <> '' AND NOT EXISTS (SELECT 1 FROM presales p WHERE p.order_id = c.order_id)
			UNION ALL SELECT r.order_id, 'refund ' || r.id, 0, 0, 0, 0, r.amount FROM refunds r
				WHERE r.extra AND r.case_id NOT LIKE 'dph!_%' ESCAPE '!'
					AND NOT EXISTS (SELECT 1 FROM presales p WHERE p.order_id = r.order_id)`,
	}}
}
