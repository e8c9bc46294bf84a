package verify

// payments are the promises of funds/pay: what a wallet told is counted once, and no more goes back than came in.
func (a *audit) payments() []check {
	return []check{payAttempts, payFacts, payRefunds, payBills, payTaken, payByHand, {
		name: "pay.suspense", rule: "I-M8", counts: "suspense",
		columns: "provider txn kind state amount fact_outcome refund at_us",
		sql: `SELECT s.provider, s.txn, s.kind, s.state, s.amount, f.outcome AS fact_outcome, r.id AS refund, s.at_us
			FROM suspense s
			LEFT JOIN payment_facts f ON f.provider = s.provider AND f.txn = s.txn AND f.kind = s.kind
			LEFT JOIN refunds r ON r.id = s.refund_id
			WHERE f.provider IS NULL OR f.amount <> s.amount OR f.currency <> s.currency
				OR (f.outcome = 'suspense') <> (s.state <> 'matched' OR s.kind = 'refund')
				OR s.kind = 'capture' AND (s.state = 'refunded') <> (r.id IS NOT NULL)
				OR s.kind = 'capture' AND s.state = 'refunded' AND (r.amount <> s.amount OR r.currency <> s.currency
					OR r.wallet <> s.provider)
				OR s.kind = 'capture' AND s.state = 'open' AND s.at_us < $1
				OR s.kind = 'refund' AND s.state = 'open' AND EXISTS (SELECT 1 FROM attempts t WHERE t.id = s.attempt_id
					AND t.wallet = s.provider AND t.account = s.account AND t.currency = s.currency
					AND t.met = t.charged_back AND t.met > 0)`,
		args: []any{a.ago(a.SuspenseMax)},
	}, {
		// One key of a refund has one effect: at most one refund is sent for it, and one is met by what was taken back.
		name: "pay.once", rule: "I-O3", counts: "refunds WHERE case_id <> ''", columns: "order_id case_id attempt refunds",
		sql: `SELECT order_id, case_id, attempt_id AS attempt, COUNT(*) AS refunds FROM refunds WHERE case_id <> ''
			GROUP BY order_id, case_id, attempt_id, part HAVING COUNT(*) > 1`,
	}}
}

// Money matched out of suspense is known by its transfer: its fact still names what the wallet said.
var payAttempts = check{
	name: "pay.attempts", rule: "I-M7", counts: "attempts",
	columns: "attempt order_id state amount total captured facts_captured refunded refunds charged_back facts_charged",
	sql: `SELECT t.id AS attempt, t.order_id, t.state, t.amount, o.total, t.captured,
			COALESCE(f.captured / NULLIF(f.whole, 0) * t.amount, f.captured, 0) + COALESCE(m.captured, 0) AS facts_captured,
			t.refunded,
			COALESCE(r.refunded, 0) AS refunds, t.charged_back, COALESCE(b.charged, 0) AS facts_charged
		FROM attempts t
		LEFT JOIN orders o ON o.id = t.order_id
		LEFT JOIN (SELECT x.attempt_id, CAST(SUM(x.amount) AS BIGINT) AS captured, MAX(w.whole) AS whole FROM payment_facts x
			LEFT JOIN attempts w ON w.id = x.attempt_id
			WHERE x.kind = 'capture' AND x.outcome <> 'suspense' AND NOT EXISTS (SELECT 1 FROM suspense u
				WHERE u.provider = x.provider AND u.txn = x.txn AND u.kind = x.kind)
			GROUP BY x.attempt_id) f ON f.attempt_id = CASE WHEN t.bill = '' THEN t.id ELSE t.bill END
		LEFT JOIN (SELECT y.id, SUM(x.amount) AS charged FROM payment_facts x
			JOIN attempts y ON y.id = x.attempt_id AND y.wallet = x.provider AND y.account = x.account
				AND y.currency = x.currency
			WHERE x.kind = 'refund' AND x.outcome = 'suspense' AND NOT EXISTS (SELECT 1 FROM suspense u
				WHERE u.provider = x.provider AND u.txn = x.txn AND u.kind = x.kind AND u.state = 'refunded') GROUP BY y.id) b
				ON b.id = CASE WHEN t.bill = '' THEN t.id ELSE t.bill END
		LEFT JOIN (SELECT ref, SUM(amount) AS captured FROM transfers WHERE kind = 'suspense_matched'
			AND EXISTS (SELECT 1 FROM suspense WHERE state = 'matched' AND kind = 'capture')
			GROUP BY ref) m ON m.ref = t.id
		LEFT JOIN (SELECT attempt_id, SUM(amount) AS refunded FROM refunds WHERE attempt_id <> '' AND NOT extra
			GROUP BY attempt_id) r ON r.attempt_id = t.id
		WHERE o.id IS NULL OR o.currency <> t.currency OR o.total <> t.amount AND o.earnest = 0
			OR t.captured <> COALESCE(f.captured / NULLIF(f.whole, 0) * t.amount, f.captured, 0) + COALESCE(m.captured, 0)
			OR t.refunded <> COALESCE(r.refunded, 0) OR t.refunded > t.captured
			OR t.charged_back <> COALESCE(b.charged, 0) OR (t.state = 'succeeded') <> (t.captured > 0)`,
}

var payFacts = check{
	name: "pay.facts", rule: "I-M8", counts: "payment_facts",
	columns: "provider txn kind outcome amount attempt attempt_amount refund refund_amount suspense",
	sql: `SELECT f.provider, f.txn, f.kind, f.outcome, f.amount, f.attempt_id AS attempt, t.amount AS attempt_amount,
			f.refund_id AS refund, r.amount AS refund_amount, s.state AS suspense
		FROM payment_facts f
		LEFT JOIN attempts t ON t.id = f.attempt_id
		LEFT JOIN refunds r ON r.id = f.refund_id AND f.kind = 'refund'
		LEFT JOIN suspense s ON s.provider = f.provider AND s.txn = f.txn AND s.kind = f.kind
		WHERE CASE WHEN f.outcome = 'suspense' THEN s.provider IS NULL
			WHEN f.kind = 'refund' THEN s.provider IS NOT NULL OR r.id IS NULL OR r.state <> 'succeeded'
				OR r.amount <> f.amount OR r.currency <> f.currency OR r.wallet <> f.provider
			WHEN s.state = 'matched' THEN 1 = 0
			ELSE s.provider IS NOT NULL OR t.id IS NULL OR t.wallet <> f.provider OR t.account <> f.account
				OR t.currency <> f.currency OR CASE WHEN t.bill = '' THEN t.amount ELSE t.whole END <> f.amount END`,
}

// What wallets took back by themselves: each refund that it met is counted once and no more than was taken, an order is
// marked while not all of it is met and only then, and nothing was sent since of an order that is marked.
var payTaken = check{
	name: "pay.taken", rule: "I-M7 I-M8", counts: "attempts WHERE charged_back > 0",
	columns: "attempt order_id charged_back met refunds taken_us sent_us",
	sql: `SELECT t.id AS attempt, t.order_id, t.charged_back, t.met, COALESCE(r.amount, 0) AS refunds, o.taken_us,
			0 AS sent_us
		FROM attempts t LEFT JOIN orders o ON o.id = t.order_id
		LEFT JOIN (SELECT CASE WHEN a.bill = '' THEN a.id ELSE a.bill END AS paid, SUM(f.amount) AS amount FROM refunds f
			JOIN attempts a ON a.id = f.attempt_id WHERE f.state = 'taken'
			GROUP BY CASE WHEN a.bill = '' THEN a.id ELSE a.bill END) r
				ON r.paid = CASE WHEN t.bill = '' THEN t.id ELSE t.bill END
		WHERE t.charged_back > t.met AND EXISTS (SELECT 1 FROM refunds f WHERE f.order_id = t.order_id
				AND f.attempt_id = t.id AND f.state = 'refused' AND NOT f.extra)
			OR t.met <> COALESCE(r.amount, 0) OR t.met > t.charged_back
			OR t.charged_back > t.met AND COALESCE(o.taken_us, 0) = 0
		UNION ALL SELECT '', o.id, 0, 0, 0, o.taken_us, COALESCE(MAX(s.shipped_us), 0) FROM orders o
			LEFT JOIN suborders s ON s.order_id = o.id WHERE o.taken_us > 0 GROUP BY o.id, o.taken_us
			HAVING MAX(s.shipped_us) > o.taken_us OR NOT EXISTS (SELECT 1 FROM attempts t
				WHERE t.order_id = o.id AND t.charged_back > t.met)`,
}

// What was sent by hand is booked as that, once, and not more than one person asked for and another confirmed.
var payByHand = check{
	name: "pay.by_hand", rule: "I-M7 I-M10", counts: "refunds_by_hand",
	columns: "refund state amount booked kind request asked_by confirmed_by",
	sql: `SELECT h.refund_id AS refund, r.state, r.amount, x.amount AS booked, x.kind, h.request_id AS request,
			h.by_login AS asked_by, h.confirmed_by
		FROM refunds_by_hand h LEFT JOIN refunds r ON r.id = h.refund_id
		LEFT JOIN transfers x ON x.chain = r.currency AND x.seq = h.ledger_seq
		LEFT JOIN approvals a ON a.id = h.request_id
		WHERE r.id IS NULL OR r.state <> 'by_hand' OR r.done_us <> h.at_us OR x.seq IS NULL OR x.kind <> 'refund_by_hand'
			OR x.ref <> r.id OR x.order_id <> r.order_id OR x.amount <> r.amount OR x.debit <> 'refunding:' || r.wallet
			OR h.request_id <> '' AND (a.id IS NULL OR a.kind <> 'refund_by_hand' OR a.state <> 'approved'
				OR a.subject <> r.id OR a.asked_by <> h.by_login OR a.decided_by <> h.confirmed_by OR a.decided_us <> h.at_us)
		UNION ALL SELECT r.id, r.state, r.amount, 0, '', '', '', '' FROM refunds r WHERE r.state = 'by_hand'
			AND NOT EXISTS (SELECT 1 FROM refunds_by_hand h WHERE h.refund_id = r.id)`,
}

// Of a bill, the parts are of as many orders, add up to what the wallet was asked for, and have all of each capture or
// nothing: what one has of its amount, all have of theirs.
var payBills = check{
	name: "pay.bills", rule: "I-M7 I-M5", counts: "attempts WHERE bill <> ''",
	columns: "bill parts orders whole amounts times_captured states",
	sql: `SELECT bill, COUNT(*) AS parts, COUNT(DISTINCT order_id) AS orders, MAX(whole) AS whole,
			SUM(amount) AS amounts, MAX(captured / amount) AS times_captured, COUNT(DISTINCT state) AS states
		FROM attempts WHERE bill <> '' GROUP BY bill
		HAVING COUNT(*) < 2 OR COUNT(DISTINCT order_id) <> COUNT(*) OR SUM(amount) <> MAX(whole)
			OR MIN(whole) <> MAX(whole) OR COUNT(CASE WHEN id = bill THEN 1 END) <> 1
			OR MIN(captured / amount) <> MAX(captured / amount) OR MAX(captured % amount) > 0
			OR COUNT(DISTINCT state) > 1 OR COUNT(DISTINCT currency) > 1 OR COUNT(DISTINCT wallet) > 1
			OR COUNT(DISTINCT account) > 1 OR COUNT(DISTINCT provider_txn) > 1 OR MIN(charged_back) <> MAX(charged_back)
			OR MIN(met) <> MAX(met)
			OR COUNT(CASE WHEN id NOT LIKE bill || '%' THEN 1 END) > 0`,
}

var payRefunds = check{
	name: "pay.refunds", rule: "I-M7 I-M8", counts: "refunds",
	columns: "refund order_id attempt attempt_order state amount facts facts_amount",
	sql: `SELECT r.id AS refund, r.order_id, r.attempt_id AS attempt, t.order_id AS attempt_order, r.state, r.amount,
			COALESCE(f.facts, 0) AS facts, f.amount AS facts_amount
		FROM refunds r
		LEFT JOIN attempts t ON t.id = r.attempt_id
		LEFT JOIN (SELECT refund_id, COUNT(*) AS facts, SUM(amount) AS amount FROM payment_facts
			WHERE kind = 'refund' AND outcome = 'applied' GROUP BY refund_id) f ON f.refund_id = r.id
		WHERE r.amount < 1 OR COALESCE(f.facts, 0) <> CASE WHEN r.state = 'succeeded' THEN 1 ELSE 0 END
			OR f.amount <> r.amount
			OR CASE WHEN r.order_id = '' THEN r.attempt_id <> ''
				ELSE t.id IS NULL OR t.order_id <> r.order_id OR t.currency <> r.currency OR t.wallet <> r.wallet END`,
}
