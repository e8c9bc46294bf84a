package verify

import "fmt"

// settlement are the promises of funds/settle: every completed sale is claimed once, to the order line and the minor
// unit, and every claim is in the books and in exactly one statement.
func (a *audit) settlement() []check {
	return append(claims, statements...)
}

// feeOf is the SQL of half-up ppm of a base that is not below zero, as rules say it. It splits the base so that no
// product leaves 64 bits.
func feeOf(base, ppm string) string {
	return fmt.Sprintf("(%[1]s / 1000000 * %[2]s + (%[1]s %% 1000000 * %[2]s + 500000) / 1000000)", base, ppm)
}

var claims = []check{{
	name: "claim.lines", rule: "I-M10", counts: "order_lines",
	columns: "order_id line_no part_state value back claims claimed first_claimed fee_ppm other_fee",
	sql: `SELECT l.order_id, l.line_no, 'completed' AS part_state, l.paid + l.funded AS value,
				l.refunded + l.funded_back + l.lowered - l.topped - l.kept + l.kept_funded AS back, COUNT(c.entry) AS claims,
				SUM(c.base) AS claimed, SUM(CASE WHEN c.entry = 0 THEN c.base + c.refunded ELSE 0 END) AS first_claimed,
				l.fee_ppm, COUNT(CASE WHEN c.fee_ppm <> l.fee_ppm OR c.fee_rule_id <> l.fee_rule_id THEN 1 END) AS other_fee
			FROM suborders s JOIN order_lines l ON l.order_id = s.order_id || '' AND l.seq = s.seq + 0
			LEFT JOIN claim_lines c ON c.order_id = l.order_id AND c.seq = l.seq AND c.line_no = l.line_no
			WHERE s.state = 'completed' GROUP BY s.order_id, s.seq, l.order_id, l.line_no
			HAVING COUNT(c.entry) = 0 OR SUM(c.base) <> l.paid + l.funded - l.refunded - l.funded_back - l.lowered + l.topped
					+ l.kept - l.kept_funded
				OR SUM(CASE WHEN c.entry = 0 THEN c.base + c.refunded ELSE 0 END) <> l.paid + l.funded AND l.standing = ''
				OR COUNT(CASE WHEN c.fee_ppm <> l.fee_ppm OR c.fee_rule_id <> l.fee_rule_id THEN 1 END) > 0
		UNION ALL SELECT s.order_id, c.line_no, s.state, 0, 0, 1, c.base, 0, c.fee_ppm, 0
			FROM suborders s JOIN claim_lines c ON c.order_id = s.order_id AND c.seq = s.seq
			WHERE s.state <> 'completed' AND c.line_no > 0 AND c.what = ''`,
}, {
	name: "claim.freight", rule: "I-M10", counts: "suborders WHERE freight > 0",
	columns: "order_id part part_state freight freight_refunded claimed fee",
	sql: `SELECT s.order_id, s.seq AS part, s.state AS part_state, s.freight, s.freight_refunded, SUM(c.base) AS claimed,
			SUM(c.fee) AS fee
		FROM suborders s
		LEFT JOIN claim_lines c ON c.order_id = s.order_id AND c.seq = s.seq AND c.line_no = 0
		GROUP BY s.order_id, s.seq
		HAVING COALESCE(SUM(c.base), 0) <> CASE WHEN s.state = 'completed' THEN s.freight - s.freight_refunded ELSE 0 END
			OR SUM(c.fee) <> 0`,
}, {
	// After the first claim and after all refunds the fee is what the line's own rate makes of what is left.
	name: "claim.fees", rule: "I-M11", counts: "claim_lines",
	columns: "order_id part line_no fee_ppm base fee right_fee first_base first_fee",
	sql: `SELECT order_id, part, line_no, fee_ppm, base, fee, ` + feeOf("base", "fee_ppm") + ` AS right_fee, first_base,
			first_fee
		FROM (SELECT order_id, seq AS part, line_no, MAX(CASE WHEN line_no > 0 THEN fee_ppm ELSE 0 END) AS fee_ppm,
				CAST(SUM(base) AS BIGINT) AS base, CAST(SUM(fee) AS BIGINT) AS fee,
				CAST(SUM(CASE WHEN entry = 0 THEN base ELSE 0 END) AS BIGINT) AS first_base,
				CAST(SUM(CASE WHEN entry = 0 THEN fee ELSE 0 END) AS BIGINT) AS first_fee, SUM(net) AS net
			FROM claim_lines WHERE what = '' GROUP BY order_id, seq, line_no) m
		WHERE base < 0 OR fee <> ` + feeOf("base", "fee_ppm") + ` OR net <> base - fee
			OR first_fee <> ` + feeOf("first_base", "fee_ppm"),
}, {
	// A shop's claim is made of its goods' lines, and of the freight when the shop delivers by itself.
	name: "claim.sums", rule: "I-M10", counts: "claims",
	columns: "order_id part entry party base lines_base refunded lines_refunded fee lines_fee freight lines_freight net",
	sql: `SELECT c.order_id, c.seq AS part, c.entry, c.party, c.base,
			SUM(CASE WHEN l.line_no > 0 THEN l.base END) AS lines_base, c.refunded,
			SUM(CASE WHEN l.line_no > 0 THEN l.refunded END) AS lines_refunded, c.fee, SUM(l.fee) AS lines_fee,
			c.freight, SUM(CASE WHEN l.line_no = 0 THEN l.base END) AS lines_freight, c.net
		FROM claims c LEFT JOIN claim_lines l ON l.order_id = c.order_id AND l.seq = c.seq AND l.entry = c.entry
			AND (l.line_no = 0 AND c.freight <> 0 OR l.line_no > 0 AND c.party = 'merchant:' || c.shop_id)
		GROUP BY c.order_id, c.seq, c.entry, c.party
		HAVING c.base <> COALESCE(SUM(CASE WHEN l.line_no > 0 THEN l.base END), 0)
			OR c.refunded <> COALESCE(SUM(CASE WHEN l.line_no > 0 THEN l.refunded END), 0)
			OR c.fee <> COALESCE(SUM(l.fee), 0) OR c.net <> c.base - c.fee + c.freight
			OR c.freight <> COALESCE(SUM(CASE WHEN l.line_no = 0 THEN l.base END), 0)`,
}, {
	name: "claim.orphans", rule: "I-M10", counts: "claims", columns: "order_id part entry party shop part_shop",
	sql: `SELECT c.order_id, c.seq AS part, c.entry, c.party, c.shop_id AS shop, s.shop_id AS part_shop
			FROM claims c LEFT JOIN suborders s ON s.order_id = c.order_id AND s.seq = c.seq
			WHERE (s.order_id IS NULL OR s.shop_id <> c.shop_id OR s.state <> 'completed'
				OR c.entry > 0 AND NOT EXISTS (SELECT 1 FROM claims b WHERE b.order_id = c.order_id AND b.seq = c.seq
					AND b.entry = c.entry - 1))
				AND NOT EXISTS (SELECT 1 FROM claim_lines e WHERE e.order_id = c.order_id AND e.what <> '')
		UNION ALL SELECT l.order_id, l.seq, l.entry, 'line ' || l.line_no, '', '' FROM claim_lines l
			WHERE l.entry = 0 AND l.line_no > 0 AND NOT EXISTS (SELECT 1 FROM order_lines x
				WHERE x.order_id = l.order_id AND x.line_no = l.line_no AND x.seq = l.seq)`,
}, {
	// What an order still holds in escrow is what came in from shopper and funders, less what went back, less what was
	// claimed: nothing at all once it has ended. For an order that ended it is the conservation of RULES C9.
	name: "order.escrow", rule: "I-M9 C9", counts: "orders", columns: "order_id state kept funded claimed held",
	sql: `SELECT order_id, state, kept, funded, claimed, kept + funded - claimed AS held
		FROM (SELECT order_id, MAX(state) AS state, SUM(kept) AS kept, SUM(funded) AS funded, SUM(claimed) AS claimed
			FROM (SELECT id AS order_id, state, 0 AS kept, 0 AS funded, 0 AS claimed FROM orders
				UNION ALL SELECT order_id, '', captured - refunded, 0, 0 FROM attempts WHERE captured > 0
				UNION ALL SELECT order_id, '', -amount, 0, 0 FROM refunds WHERE extra
				UNION ALL SELECT order_id, '', amount, 0, 0 FROM deposit_holds WHERE state = 'drawn' AND payee = 'shopper'
				UNION ALL SELECT order_id, '', 0, amount, 0 FROM (` + othersPay + `) f
				UNION ALL SELECT order_id, '', 0, 0, base + freight FROM claims) u GROUP BY order_id) m
		WHERE state <> '' AND (kept + funded < claimed
			OR kept + funded > claimed AND state IN ('completed', 'cancelled'))`,
}}

// chargesOf is the SQL of what a statement s took up of charges, or of charges given back.
func chargesOf(table string) string {
	return `(SELECT COALESCE(SUM(h.amount), 0) FROM ` + table + ` h WHERE h.shop_id = s.shop_id AND h.source = 'owed'
		AND h.currency = s.currency AND h.ledger_seq > s.from_seq AND h.ledger_seq <= s.cut_seq)`
}

var statements = []check{{
	name: "statement.sums", rule: "I-M10", counts: "statements",
	columns: "statement shop claims real_claims gross real_gross refunded fees real_fees freight net real_net charged " +
		"real_charged returned real_returned due",
	sql: `SELECT * FROM (SELECT s.id AS statement, s.shop_id AS shop, s.claims, COUNT(c.entry) AS real_claims, s.gross,
				COALESCE(SUM(c.base + c.refunded), 0) AS real_gross, s.refunded, COALESCE(SUM(c.refunded), 0) AS real_refunded,
				s.fees, COALESCE(SUM(c.fee), 0) AS real_fees, s.freight, COALESCE(SUM(c.freight), 0) AS real_freight, s.net,
				COALESCE(SUM(c.net), 0) AS real_net, s.charged, ` + chargesOf("charges") + ` AS real_charged, s.returned,
				` + chargesOf("charges_back") + ` AS real_returned, s.carried, s.due
			FROM statements s LEFT JOIN claims c ON c.party = 'merchant:' || s.shop_id AND c.currency = s.currency
				AND c.ledger_seq > s.from_seq AND c.ledger_seq <= s.cut_seq
			GROUP BY s.id, s.shop_id, s.claims, s.gross, s.refunded, s.fees, s.freight, s.net, s.due, s.carried,
				s.charged, s.returned, s.currency, s.from_seq, s.cut_seq) m
		WHERE claims <> real_claims OR gross <> real_gross OR refunded <> real_refunded OR fees <> real_fees
			OR freight <> real_freight OR net <> real_net OR net <> gross - refunded - fees + freight
			OR due <> net + carried OR charged <> real_charged OR returned <> real_returned`,
}, {
	// The cuts leave no gap and never overlap, so every claim is in exactly one statement, or in none yet.
	name: "statement.cuts", rule: "I-M10", counts: "statements",
	columns: "statement shop from_seq cut_seq before_cut carried before_due before_paid",
	sql: `SELECT s.id AS statement, s.shop_id AS shop, s.from_seq, s.cut_seq, b.cut_seq AS before_cut, s.carried,
			b.due AS before_due, b.paid_out_us AS before_paid
		FROM statements s
		LEFT JOIN statements b ON b.shop_id = s.shop_id AND b.currency = s.currency AND b.cut_seq = s.from_seq
		WHERE s.cut_seq <= s.from_seq OR (s.from_seq > 0) <> (b.id IS NOT NULL)
			OR s.carried + s.charged - s.returned <> CASE WHEN b.due < 0 THEN b.due ELSE 0 END
			OR EXISTS (SELECT 1 FROM statements x WHERE x.shop_id = s.shop_id AND x.currency = s.currency
				AND x.id <> s.id AND x.from_seq < s.cut_seq AND x.cut_seq > s.from_seq)`,
}, {
	// Each change of a deposit is one transfer, and what was paid out is what two people agreed to.
	name: "deposit.booked", rule: "I-M13", counts: "deposit_moves", columns: "move shop amount booked ref decided",
	sql: `SELECT m.id AS move, m.shop_id AS shop, m.amount, t.amount AS booked, m.ref, a.state AS decided
			FROM deposit_moves m
			LEFT JOIN transfers t ON t.chain = m.currency AND t.seq = m.ledger_seq AND t.ref = m.ref AND t.shop_id = m.shop_id
				AND t.kind = CASE WHEN m.amount > 0 THEN 'deposit_in' ELSE 'deposit_out' END
			LEFT JOIN approvals a ON a.id = m.ref AND a.kind = 'deposit_out' AND a.subject = m.shop_id
			WHERE t.seq IS NULL OR t.amount <> ABS(m.amount)
				OR m.amount < 0 AND (a.id IS NULL OR a.state <> 'approved' OR a.asked_by = a.decided_by)
		UNION ALL SELECT t.id, t.shop_id, 0, t.amount, t.ref, '' FROM transfers t
			WHERE t.kind IN ('deposit_in', 'deposit_out') AND NOT EXISTS (SELECT 1 FROM deposit_moves m
				WHERE m.ledger_seq = t.seq AND m.currency = t.chain)`,
}, {
	// What is held of a deposit is there, and counted; nothing was paid out of it.
	name: "deposit.held", rule: "I-M13", counts: "deposit_shops", columns: "shop currency held counted balance",
	sql: `SELECT * FROM (SELECT d.shop_id AS shop, d.currency, d.held, COALESCE((SELECT SUM(h.amount) FROM deposit_holds h
				WHERE h.shop_id = d.shop_id AND h.currency = d.currency AND h.state IN ('frozen', 'announced', 'appealed')), 0)
				AS counted, COALESCE((SELECT l.credits - l.debits FROM ledger_accounts l
				WHERE l.account = 'deposit:' || d.shop_id AND l.chain = d.currency), 0) AS balance FROM deposit_shops d) m
			WHERE held <> counted OR held > balance
		UNION ALL SELECT h.shop_id, h.currency, 0, h.amount, 0 FROM deposit_holds h
			WHERE h.state IN ('frozen', 'announced', 'appealed') AND NOT EXISTS (SELECT 1 FROM deposit_shops d
				WHERE d.shop_id = h.shop_id AND d.currency = h.currency)`,
}, {
	// What was drawn is one transfer of as much: to the market, or to the shopper of an order that its refund names. It
	// was announced in time or answered by another person, and what two people had to agree to they agreed to.
	name: "deposit.drawn", rule: "I-M13", counts: "deposit_holds WHERE state = 'drawn'",
	columns: "hold shop amount booked payee refunded decided",
	sql: `SELECT h.id AS hold, h.shop_id AS shop, h.amount, t.amount AS booked, h.payee,
				COALESCE((SELECT SUM(r.amount) FROM refunds r WHERE r.case_id = h.id AND r.extra AND r.order_id = h.order_id), 0)
				AS refunded, COALESCE(a.state, '') AS decided
			FROM deposit_holds h
			LEFT JOIN transfers t ON t.chain = h.currency AND t.seq = h.ledger_seq AND t.ref = h.id AND t.shop_id = h.shop_id
				AND t.order_id = h.order_id AND t.kind = CASE h.payee WHEN 'market' THEN 'deposit_drawn' ELSE 'redress' END
			LEFT JOIN approvals a ON a.id = h.request_id AND a.kind = 'deposit_draw' AND a.subject = h.shop_id
			WHERE h.state = 'drawn' AND (t.seq IS NULL OR t.amount <> h.amount
				OR h.answered_by = '' AND h.closed_us < h.until_us OR h.answered_by = h.by_login
				OR h.request_id <> '' AND (a.id IS NULL OR a.state <> 'approved' OR a.asked_by = a.decided_by)
				OR h.payee = 'shopper' AND h.amount <> COALESCE((SELECT SUM(r.amount) FROM refunds r
					WHERE r.case_id = h.id AND r.extra AND r.order_id = h.order_id), 0))
		UNION ALL SELECT t.ref, t.shop_id, 0, t.amount, '', 0, '' FROM transfers t
			WHERE t.kind IN ('deposit_drawn', 'redress') AND NOT EXISTS (SELECT 1 FROM deposit_holds h
				WHERE h.ledger_seq = t.seq AND h.currency = t.chain AND h.state = 'drawn')`,
}, {
	// What a shop was charged is one transfer, and what the sale's rule made of its leaving.
	name: "charge.booked", rule: "I-M10", counts: "charges", columns: "charge shop amount booked penalty",
	sql: `SELECT c.id AS charge, c.shop_id AS shop, c.amount, t.amount AS booked, e.penalty FROM charges c
			LEFT JOIN transfers t ON t.chain = c.currency AND t.seq = c.ledger_seq AND t.kind = 'charge' AND t.ref = c.id
				AND t.debit = CASE c.source WHEN 'deposit' THEN 'deposit:' ELSE 'merchant:' END || c.shop_id
			LEFT JOIN enrolments e ON e.id = c.id
			WHERE t.seq IS NULL OR t.amount <> c.amount OR c.why = 'sale.penalty' AND COALESCE(e.penalty, 0) <> c.amount
		UNION ALL SELECT e.id, e.shop_id, 0, 0, e.penalty FROM enrolments e
			WHERE e.penalty > 0 AND NOT EXISTS (SELECT 1 FROM charges c WHERE c.id = e.id)
		UNION ALL SELECT t.ref, t.shop_id, 0, t.amount, 0 FROM transfers t
			WHERE t.kind = 'charge' AND NOT EXISTS (SELECT 1 FROM charges c WHERE c.id = t.ref)`,
}, {
	// What was given back of a charge is all of it, to where it was taken from, in one transfer.
	name: "charge.returned", rule: "I-M10", counts: "charges_back", columns: "charge shop amount charged booked",
	sql: `SELECT b.id AS charge, b.shop_id AS shop, b.amount, c.amount AS charged, t.amount AS booked FROM charges_back b
			LEFT JOIN charges c ON c.id = b.id
			LEFT JOIN transfers t ON t.chain = b.currency AND t.seq = b.ledger_seq AND t.kind = 'charge_back' AND t.ref = b.id
				AND t.credit = CASE b.source WHEN 'deposit' THEN 'deposit:' ELSE 'merchant:' END || b.shop_id
			WHERE c.id IS NULL OR t.seq IS NULL OR t.amount <> b.amount OR c.amount <> b.amount OR c.source <> b.source
				OR c.shop_id <> b.shop_id OR c.currency <> b.currency OR b.ledger_seq <= c.ledger_seq
		UNION ALL SELECT t.ref, t.shop_id, 0, 0, t.amount FROM transfers t
			WHERE t.kind = 'charge_back' AND NOT EXISTS (SELECT 1 FROM charges_back b
				WHERE b.id = t.ref AND b.ledger_seq = t.seq AND b.currency = t.chain)`,
}, {
	// What was sent of a statement is in the books; it is paid out once that is all of it.
	name: "statement.payouts", rule: "I-M10", counts: "statements WHERE sent > 0",
	columns: "statement shop due sent paid_out_us payouts booked",
	sql: `SELECT COALESCE(s.id, t.ref) AS statement, COALESCE(s.shop_id, t.shop_id) AS shop, s.due, s.sent, s.paid_out_us,
			t.payouts, t.booked
		FROM (SELECT ref, MAX(shop_id) AS shop_id, COUNT(*) AS payouts,
				SUM(CASE kind WHEN 'payout' THEN amount ELSE -amount END) AS booked
			FROM transfers WHERE kind IN ('payout', 'payout_back') GROUP BY ref) t
		LEFT JOIN statements s ON s.id = t.ref
		WHERE s.id IS NULL OR s.shop_id <> t.shop_id OR t.booked <> s.sent
			OR (s.paid_out_us > 0) <> (s.sent = s.due)
		UNION ALL SELECT s.id, s.shop_id, s.due, s.sent, s.paid_out_us, 0, 0 FROM statements s
			WHERE (s.sent > 0 OR s.paid_out_us > 0)
			AND NOT EXISTS (SELECT 1 FROM transfers t WHERE t.kind = 'payout' AND t.ref = s.id)`,
}}
