package verify

// books are the promises of funds/ledger that tie it to the rooms: every sum in it is explained by a row elsewhere.
func (a *audit) books() []check { return ledgerTies }

// othersPay lists what others than the shops pay of lines, by order: of completed parts, and of prices that were
// lowered since. What a part is joined by is not its index's own columns, so that SQLite looks up the lines of
// completed parts and not the part of each line.
const othersPay = `SELECT s.order_id, l.funded - l.funded_back - l.kept_funded AS amount FROM suborders s
			JOIN order_lines l ON l.order_id = s.order_id || '' AND l.seq = s.seq + 0
			WHERE s.state = 'completed' AND (l.funded > 0 OR l.kept_funded <> 0)
		UNION ALL SELECT order_id, topped FROM order_lines WHERE topped > 0`

var ledgerTies = []check{{
	// The transfers of an order come to what its attempts, refunds and claims say; each seller's part of them to the
	// seller's claims. The text read is not the index's own column, so that SQLite reads the books once and sorts,
	// which is far faster than looking up each order's entries.
	name: "ledger.orders", rule: "I-M8 I-M9 I-M10", counts: "transfers",
	columns: "order_id shop currency captured booked_in asked_back booked_back sent_back booked_out claimed " +
		"booked_claims fee booked_fee funded booked_funding",
	sql: `SELECT * FROM (SELECT b.*,
				CASE WHEN b.shop = '' THEN (SELECT COALESCE(SUM(captured), 0) FROM attempts t
					WHERE t.order_id = b.order_id AND t.currency = b.currency) ELSE 0 END AS captured,
				CASE WHEN b.shop = '' THEN (SELECT COALESCE(SUM(amount), 0) FROM refunds r
					WHERE r.order_id = b.order_id AND r.currency = b.currency) ELSE 0 END AS asked_back,
				CASE WHEN b.booked_back <> 0 OR b.booked_out <> 0 THEN (SELECT COALESCE(SUM(amount), 0) FROM refunds r
					WHERE r.order_id = b.order_id AND r.state IN ('succeeded', 'taken', 'by_hand')) ELSE 0 END AS sent_back,
				CASE WHEN b.shop <> '' THEN (SELECT COALESCE(SUM(base + freight), 0) FROM claims c
					WHERE c.order_id = b.order_id AND c.shop_id = b.shop AND c.currency = b.currency) ELSE 0 END AS claimed,
				CASE WHEN b.shop <> '' THEN (SELECT COALESCE(SUM(fee), 0) FROM claims c
					WHERE c.order_id = b.order_id AND c.shop_id = b.shop) ELSE 0 END AS fee,
				CASE WHEN b.shop <> '' AND b.booked_claims <> 0 OR b.booked_funding <> 0 THEN (
					SELECT COALESCE(SUM(CASE WHEN s.state = 'completed' THEN l.funded - l.funded_back - l.kept_funded ELSE 0 END
						+ l.topped), 0)
					FROM order_lines l JOIN suborders s ON s.order_id = l.order_id AND s.seq = l.seq
					WHERE l.order_id = b.order_id AND l.shop_id = b.shop) ELSE 0 END AS funded
			FROM (SELECT order_id, shop_id AS shop, chain AS currency,
					SUM(CASE WHEN kind IN ('capture', 'suspense_matched') THEN amount ELSE 0 END) AS booked_in,
					SUM(CASE kind WHEN 'refund_asked' THEN amount WHEN 'refund_refused' THEN -amount ELSE 0 END)
						AS booked_back,
					SUM(CASE WHEN kind IN ('refund_done', 'refund_by_hand') THEN amount WHEN kind = 'refund_again' THEN -amount
						ELSE 0 END) AS booked_out,
					SUM(CASE WHEN kind IN ('goods', 'fee', 'freight', 'forfeit') THEN amount
						WHEN kind IN ('goods_back', 'fee_back', 'freight_back', 'forfeit_back') THEN -amount ELSE 0 END) AS booked_claims,
					SUM(CASE kind WHEN 'fee' THEN amount WHEN 'fee_back' THEN -amount ELSE 0 END) AS booked_fee,
					SUM(CASE kind WHEN 'funding' THEN amount WHEN 'funding_back' THEN -amount ELSE 0 END) AS booked_funding
				FROM transfers WHERE order_id || '' <> '' GROUP BY order_id, shop_id, chain) b) m
		WHERE captured <> booked_in OR asked_back <> booked_back OR sent_back <> booked_out OR claimed <> booked_claims
			OR fee <> booked_fee OR funded <> booked_funding`,
}, {
	// Whatever moved money has its transfer: a claim names the last one of its posting.
	name: "ledger.complete", rule: "I-M10", counts: "claims", columns: "row_id order_id part shop amount ledger_seq",
	sql: `SELECT t.id AS row_id, t.order_id, 0 AS part, '' AS shop, t.captured AS amount, 0 AS ledger_seq FROM attempts t
			WHERE t.captured > 0 AND NOT EXISTS (SELECT 1 FROM transfers x
				WHERE x.order_id = t.order_id AND x.order_id <> '')
		UNION ALL SELECT c.party, c.order_id, c.seq, c.shop_id, c.net, c.ledger_seq FROM claims c
			LEFT JOIN transfers x ON x.chain = c.currency AND x.seq = c.ledger_seq
			WHERE (c.net <> 0 OR c.fee <> 0) AND (x.seq IS NULL OR x.order_id <> c.order_id OR x.shop_id <> c.shop_id)`,
}, {
	// What each account holds follows from what wallets told, what was claimed and what was paid out: the daily bill of
	// a wallet is the facts that it told.
	name: "ledger.explained", rule: "I-M2 I-M10 I-M12", counts: "ledger_accounts",
	columns: "account currency booked explained",
	sql: `WITH c AS (SELECT party, currency, SUM(base + freight) AS taken, SUM(fee) AS fee, SUM(net) AS net
				FROM (SELECT party || '' AS party, currency, base, freight, fee, net FROM claims) x GROUP BY party, currency),
			f AS (SELECT o.currency, SUM(x.amount) AS amount FROM (` + othersPay + `) x
				JOIN orders o ON o.id = x.order_id GROUP BY o.currency)
		SELECT account, currency, SUM(booked) AS booked, SUM(explained) AS explained FROM (
			SELECT CASE WHEN account LIKE 'funder:%' THEN 'funder:' ELSE account END AS account, chain AS currency,
				credits - debits AS booked, 0 AS explained FROM ledger_accounts
			UNION ALL SELECT 'wallet:' || provider, currency, 0, SUM(CASE WHEN kind = 'capture' THEN -amount
				WHEN outcome = 'applied' THEN amount ELSE 0 END) FROM payment_facts GROUP BY provider, currency
			UNION ALL SELECT 'suspense', currency, 0, amount FROM suspense WHERE kind = 'capture' AND state = 'open'
			UNION ALL SELECT 'wallet:' || wallet, currency, 0, amount FROM refunds WHERE state = 'taken'
			UNION ALL SELECT 'refunding:' || wallet, currency, 0, amount FROM refunds
				WHERE state NOT IN ('succeeded', 'taken', 'by_hand')
			UNION ALL SELECT 'own_bank', currency, 0, amount FROM refunds WHERE state = 'by_hand'
			UNION ALL SELECT 'escrow', currency, 0, SUM(captured - refunded) FROM attempts GROUP BY currency
			UNION ALL SELECT 'escrow', currency, 0, -taken FROM c
			UNION ALL SELECT 'escrow', currency, 0, amount FROM f
			UNION ALL SELECT 'funder:', currency, 0, -amount FROM f
			UNION ALL SELECT 'escrow', currency, 0, -SUM(amount) FROM refunds WHERE extra GROUP BY currency
			UNION ALL SELECT a.account, o.currency, 0, SUM(a.sign * p.earnest) FROM presales p
				JOIN orders o ON o.id = p.order_id
				CROSS JOIN (SELECT 'earnest' AS account, 1 AS sign UNION ALL SELECT 'escrow', -1) a
				WHERE p.state = 'earnest_paid' GROUP BY a.account, o.currency
			UNION ALL SELECT party, currency, 0, net FROM c
			UNION ALL SELECT 'platform:fees', currency, 0, fee FROM c
			UNION ALL SELECT 'platform:fees', currency, 0, amount FROM charges
			UNION ALL SELECT 'platform:fees', currency, 0, -amount FROM charges_back
			UNION ALL SELECT CASE source WHEN 'deposit' THEN 'deposit:' ELSE 'merchant:' END || shop_id, currency, 0, amount
				FROM charges_back
			UNION ALL SELECT 'deposit:' || shop_id, currency, 0, amount FROM deposit_moves
			UNION ALL SELECT 'bank:' || shop_id, currency, 0, -amount FROM deposit_moves
			UNION ALL SELECT 'deposit:' || shop_id, currency, 0, -amount FROM deposit_holds WHERE state = 'drawn'
			UNION ALL SELECT CASE payee WHEN 'market' THEN 'platform:fees' ELSE 'escrow' END, currency, 0, amount
				FROM deposit_holds WHERE state = 'drawn'
			UNION ALL SELECT CASE source WHEN 'deposit' THEN 'deposit:' ELSE 'merchant:' END || shop_id, currency, 0, -amount
				FROM charges
			UNION ALL SELECT 'merchant:' || shop_id, currency, 0, -sent FROM statements
			UNION ALL SELECT 'payout:' || shop_id, currency, 0, sent FROM statements) m
		GROUP BY account, currency HAVING SUM(booked) <> SUM(explained)`,
}}
