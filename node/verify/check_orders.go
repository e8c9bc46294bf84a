package verify

// orders are the promises of trade/order: amounts add up, every order came to its state by legal steps, and nobody is
// forgotten.
func (a *audit) orders() []check {
	// What nobody pays in time is not asked here: it holds stock, so stock.holds_end asks it sooner.
	return append(orderAmounts, append(orderPaths, orderBills, orderRepriced, check{
		name: "order.stuck", rule: "I-O2", counts: "orders", columns: "order_id part state since_us",
		sql: `SELECT order_id, seq AS part, state, confirm_by_us AS since_us FROM suborders
				WHERE confirm_by_us > 0 AND confirm_by_us < $1
			UNION ALL SELECT order_id, seq, state, confirm_by_us FROM suborders
				WHERE (state IN ('shipped', 'delivered')) <> (confirm_by_us > 0)
			UNION ALL SELECT t.order_id, 0, 'attempt ' || t.id, t.created_us FROM attempts t
				WHERE t.state IN ('pending', 'unknown') AND t.next_poll_us = 0 AND (t.bill = '' OR t.bill = t.id)
				AND NOT EXISTS (SELECT 1 FROM payment_breaks b WHERE b.attempt_id = t.id)
			UNION ALL SELECT order_id, 0, 'refund ' || id, created_us FROM refunds
				WHERE (state = 'asked') <> (next_try_us > 0)`,
		args: []any{a.ago(a.JobGrace)},
	})...)
}

var orderAmounts = []check{{
	name: "order.total", rule: "I-M5", counts: "orders",
	columns: "order_id goods freight total parts_goods parts_freight",
	sql: `SELECT o.id AS order_id, o.goods, o.freight, o.total, SUM(s.goods) AS parts_goods,
			SUM(s.freight) AS parts_freight
		FROM orders o LEFT JOIN suborders s ON s.order_id = o.id
		GROUP BY o.id, o.goods, o.freight, o.total
		HAVING COUNT(s.order_id) = 0 OR o.goods <> SUM(s.goods) OR o.freight <> SUM(s.freight)
			OR o.total <> o.goods + o.freight OR o.total < 0`,
}, {
	name: "order.parts", rule: "I-M5", counts: "suborders", columns: "order_id part shop goods lines_paid",
	sql: `SELECT s.order_id, s.seq AS part, s.shop_id AS shop, s.goods, SUM(l.paid) AS lines_paid
		FROM suborders s LEFT JOIN order_lines l ON l.order_id = s.order_id AND l.seq = s.seq
		GROUP BY s.order_id, s.seq, s.shop_id, s.goods
		HAVING COUNT(l.order_id) = 0 OR s.goods <> SUM(l.paid)`,
}, {
	// The pieces of a line that were refunded are worth paid * pieces / quantity, rounded down, in whatever steps; where
	// the price was lowered, that starts anew with the pieces and the price that were left.
	name: "order.lines", rule: "I-M5 I-M7", counts: "order_lines",
	columns: "order_id line_no quantity unit_price discount paid refunded_quantity refunded lowered",
	sql: `SELECT * FROM (SELECT order_id, line_no, quantity, unit_price, discount, paid, refunded_quantity, refunded,
			lowered, refunded_before, paid - lowered - refunded_before AS base, quantity - pieces_before AS pieces,
			refunded_quantity - pieces_before AS gone FROM order_lines) m
		WHERE quantity < 1 OR discount < 0 OR paid < 0 OR paid <> quantity * unit_price - discount
			OR refunded_quantity < 0 OR refunded_quantity > quantity
			OR pieces < 1 OR gone < 0 OR lowered < 0
			OR refunded <> refunded_before + base / NULLIF(pieces, 0) * gone
				+ base % NULLIF(pieces, 0) * gone / NULLIF(pieces, 0)`,
}, {
	// A price is lowered for a reason that is written down, and what that was went back to the shopper.
	name: "order.lowered", rule: "I-M7", counts: "order_lowerings",
	columns: "order_id line_no lowered written refunds",
	sql: `SELECT l.order_id, l.line_no, l.lowered, COALESCE(w.amount, 0) AS written, 0 AS refunds FROM order_lines l
			LEFT JOIN (SELECT order_id, line_no, SUM(amount) AS amount FROM order_lowerings
				GROUP BY order_id, line_no) w ON w.order_id = l.order_id AND w.line_no = l.line_no
			WHERE l.lowered <> COALESCE(w.amount, 0)
		UNION ALL SELECT w.order_id, 0, 0, SUM(w.amount), (SELECT COALESCE(SUM(r.amount), 0) FROM refunds r
				WHERE r.order_id = w.order_id AND r.case_id = w.ref)
			FROM order_lowerings w GROUP BY w.order_id, w.ref
			HAVING SUM(w.amount) <> (SELECT COALESCE(SUM(r.amount), 0) FROM refunds r
				WHERE r.order_id = w.order_id AND r.case_id = w.ref)`,
}, {
	name: "order.money", rule: "I-M7", counts: "orders",
	columns: "order_id state total kept lines_refunded freight_refunded",
	sql: `SELECT * FROM (SELECT order_id, MAX(state) AS state, SUM(total) AS total, MAX(paid_us) AS paid_us,
			SUM(of_earnest) AS of_earnest, SUM(kept) AS kept, SUM(lines) AS lines_refunded, SUM(freight) AS freight_refunded
		FROM (SELECT id AS order_id, state, total, paid_us, 0 AS of_earnest, 0 AS kept, 0 AS lines, 0 AS freight FROM orders
			UNION ALL SELECT order_id, '', 0, 0, CASE state WHEN 'earnest_paid' THEN earnest WHEN 'forfeited' THEN forfeit
				ELSE 0 END, 0, 0, 0 FROM presales
			UNION ALL SELECT order_id, '', 0, 0, 0, captured - refunded, 0, 0 FROM attempts WHERE captured > 0
			UNION ALL SELECT order_id, '', 0, 0, 0, 0, refunded + lowered - kept, 0 FROM order_lines
				WHERE refunded + lowered <> 0 OR kept <> 0
			UNION ALL SELECT order_id, '', 0, 0, 0, 0, 0, freight_refunded FROM suborders WHERE freight_refunded <> 0) u
		GROUP BY order_id) m
		WHERE state <> '' AND (kept <> CASE WHEN paid_us > 0 THEN total ELSE of_earnest END - lines_refunded
				- freight_refunded
			OR state = 'awaiting_payment' AND paid_us > 0 OR state IN ('paid', 'completed') AND paid_us = 0)`,
}}

// Orders that are paid together are paid in one moment by one capture, or none is: while the ordinary one waits, so do
// the balances, fixed with it; once it has ended unpaid it has none. What paid it was a bill of exactly these orders.
var orderBills = check{
	name: "order.bills", rule: "I-O1 I-M7", counts: "orders WHERE bill <> ''",
	columns: "order_id bill state lead_state paid_us lead_paid_us presale fixed_us parts paid_with",
	sql: `SELECT * FROM (SELECT o.id AS order_id, o.bill, o.state, l.state AS lead_state, o.paid_us,
				l.paid_us AS lead_paid_us,
				p.state AS presale, COALESCE(p.fixed_us, 0) AS fixed_us, o.earnest, l.bill AS lead_bill,
				CASE WHEN o.shopper_id = l.shopper_id AND o.currency = l.currency THEN 0 ELSE 1 END AS apart,
				(SELECT COUNT(*) FROM orders n WHERE n.bill = o.bill AND n.bill <> '') AS parts,
				(SELECT COUNT(*) FROM attempts t JOIN attempts b ON b.bill = t.bill AND b.bill <> ''
					WHERE t.order_id = o.id AND t.bill <> '' AND t.provider_txn <> ''
						AND b.order_id IN (SELECT n.id FROM orders n WHERE n.bill = o.bill AND n.bill <> '')) AS paid_with
			FROM orders o LEFT JOIN orders l ON l.id = o.bill LEFT JOIN presales p ON p.order_id = o.id
			WHERE o.bill <> '') m
		WHERE lead_state IS NULL OR lead_bill <> bill OR apart > 0 OR paid_us <> lead_paid_us
			OR (order_id = bill) <> (earnest = 0)
			OR CASE WHEN lead_paid_us > 0 THEN parts < 2 OR paid_with <> parts OR order_id <> bill AND presale <> 'balance_paid'
				WHEN lead_state = 'awaiting_payment' THEN parts < 2
					OR order_id <> bill AND (presale <> 'earnest_paid' OR fixed_us = 0 OR state <> 'awaiting_payment')
				ELSE parts > 1 END`,
}

var orderPaths = []check{{
	name: "order.path", rule: "I-O1", counts: "order_steps",
	columns: "order_id part step came_from from_state to_state actor cause",
	sql: `SELECT s.order_id, s.seq AS part, s.step, p.to_state AS came_from, s.from_state, s.to_state, s.actor, s.cause
		FROM order_steps s
		LEFT JOIN order_steps p ON p.order_id = s.order_id AND p.seq = s.seq AND p.step = s.step - 1
		WHERE s.actor = '' OR s.cause = ''
			OR s.from_state <> CASE WHEN s.step > 1 THEN COALESCE(p.to_state, 'nowhere')
				WHEN s.step < 1 THEN 'nowhere' WHEN s.seq > 0 THEN 'open' ELSE 'awaiting_payment' END
			OR CASE WHEN s.seq = 0 THEN s.from_state || '>' || s.to_state NOT IN ('awaiting_payment>paid',
					 'awaiting_payment>cancelled', 'cancelled>paid', 'paid>completed',
					'paid>cancelled')
				ELSE s.from_state || '>' || s.to_state NOT IN ('open>shipped', 'open>cancelled', 'shipped>delivered',
					'shipped>completed', 'delivered>completed') END`,
}, {
	name: "order.state", rule: "I-O1", counts: "orders", columns: "order_id part state step last_step last_state",
	sql: `SELECT o.id AS order_id, 0 AS part, o.state, o.step, t.step AS last_step, t.to_state AS last_state FROM orders o
			LEFT JOIN order_steps t ON t.order_id = o.id AND t.seq = 0 AND t.step >= o.step
			WHERE t.step > o.step
				OR COALESCE(t.to_state, CASE WHEN o.step = 0 THEN 'awaiting_payment' ELSE 'nowhere' END) <> o.state
		UNION ALL SELECT s.order_id, s.seq, s.state, s.step, t.step, t.to_state FROM suborders s
			LEFT JOIN order_steps t ON t.order_id = s.order_id AND t.seq = s.seq AND t.step >= s.step
			WHERE t.step > s.step
				OR COALESCE(t.to_state, CASE WHEN s.step = 0 THEN 'open' ELSE 'nowhere' END) <> s.state`,
}, {
	// A part stands still until its order is paid; an order ends when its last part does, and no sooner.
	name: "order.together", rule: "I-O1", counts: "orders",
	columns: "order_id state paid_us parts parts_ended parts_completed",
	sql: `SELECT * FROM (SELECT o.id AS order_id, o.state, o.paid_us, COUNT(s.seq) AS parts,
				COUNT(CASE WHEN s.state = 'open' THEN 1 END) AS parts_open,
				COUNT(CASE WHEN s.state IN ('completed', 'cancelled') THEN 1 END) AS parts_ended,
				COUNT(CASE WHEN s.state = 'completed' THEN 1 END) AS parts_completed
			FROM orders o LEFT JOIN suborders s ON s.order_id = o.id GROUP BY o.id, o.state, o.paid_us) m
		WHERE CASE WHEN paid_us = 0 THEN parts_open <> parts
			WHEN state = 'completed' THEN parts_ended <> parts OR parts_completed = 0
			WHEN state = 'cancelled' THEN parts_ended <> parts OR parts_completed > 0
			ELSE parts_ended = parts END`,
}}
