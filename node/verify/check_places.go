package verify

import "time"

// places are the promises of deal/place: no place is sold twice, each is paid for once and given back when the
// market called it off, and only what has one is sold.
func (a *audit) places() []check {
	return []check{{
		name: "place.counts", rule: "RULES 3.2", counts: "place_openings", columns: "opening places taken bids",
		sql: `SELECT * FROM (SELECT o.id AS opening, o.places, o.taken, (SELECT COUNT(*) FROM place_bids b
					WHERE b.opening_id = o.id AND b.state IN ('paid', 'settled', 'forfeited')) AS bids FROM place_openings o) m
				WHERE taken > places OR taken <> bids
			UNION ALL SELECT b.opening_id, 0, 0, COUNT(*) FROM place_bids b WHERE NOT EXISTS (SELECT 1 FROM place_openings o
				WHERE o.id = b.opening_id) GROUP BY b.opening_id`,
	}, {
		name: "place.paid", rule: "RULES 3.2", counts: "place_bids WHERE paid_us > 0",
		columns: "bid state fee charged returned paid_us",
		sql: `SELECT * FROM (SELECT b.id AS bid, b.state, o.fee, COALESCE(c.amount, 0) AS charged,
					COALESCE(r.amount, 0) AS returned, b.paid_us
				FROM place_bids b JOIN place_openings o ON o.id = b.opening_id
				LEFT JOIN charges c ON c.id = b.id AND c.shop_id = b.shop_id AND c.currency = o.currency AND c.why = 'place.fee'
				LEFT JOIN charges_back r ON r.id = b.id) m
			WHERE charged <> CASE WHEN paid_us > 0 THEN fee ELSE 0 END
				OR returned <> CASE WHEN paid_us > 0 AND state = 'called_off' THEN fee ELSE 0 END
			UNION ALL SELECT c.id, '', 0, c.amount, 0, 0 FROM charges c WHERE c.why = 'place.fee'
				AND NOT EXISTS (SELECT 1 FROM place_bids b WHERE b.id = c.id)`,
	}, {
		// Where places are sold, only what has one is sold.
		name: "place.held", rule: "RULES 3.2", counts: "campaigns WHERE channel = 'juhuasuan'", columns: "enrolment state",
		sql: `SELECT e.id AS enrolment, e.state FROM campaigns c JOIN enrolments e ON e.campaign_id = c.id
			WHERE c.channel = 'juhuasuan' AND e.state = 'locked' AND NOT EXISTS (SELECT 1 FROM place_bids b
				JOIN place_openings o ON o.id = b.opening_id
				WHERE b.enrolment_id = e.id AND b.state = 'paid' AND o.campaign_id = c.id AND o.wave = e.wave)`,
	}}
}

// placesSold are the promises about what was sold from places: the commission is what the books make of it, charged
// once nobody can ask for anything back any more, and it is sent within the hours of its place.
func (a *audit) placesSold() []check {
	return []check{{
		// As the books were when the place was settled, line by line.
		name: "place.commission", rule: "RULES 3.2", counts: "place_bids WHERE state = 'settled'",
		columns: "bid sold real_sold commission real_commission charged booked due",
		sql: `SELECT bid, sold, real_sold, commission, real_commission, charged, booked, due FROM (
			SELECT m.*, CASE WHEN terms = 'fixed' THEN real_commission WHEN real_commission > fee THEN real_commission - fee
				ELSE 0 END AS due FROM (
				SELECT b.id AS bid, b.sold, b.commission, b.charged, o.terms, o.fee, COALESCE(SUM(l.base), 0) AS real_sold,
					COALESCE(SUM(` + feeOf("l.base", "o.commission_ppm") + `), 0) AS real_commission,
					COALESCE((SELECT c.amount FROM charges c WHERE c.id = b.id || '.commission' AND c.shop_id = b.shop_id
						AND c.why = 'place.commission'), 0) AS booked
				FROM place_bids b JOIN place_openings o ON o.id = b.opening_id
				LEFT JOIN (SELECT e.id AS enrolment, x.order_id, x.line_no, CAST(SUM(c.base) AS BIGINT) AS base
					FROM place_bids d JOIN enrolments e ON e.id = d.enrolment_id
					JOIN order_lines x ON x.pool_id = e.pool_id AND x.shop_id = e.shop_id
					JOIN claim_lines c ON c.order_id = x.order_id AND c.seq = x.seq AND c.line_no = x.line_no AND c.what = ''
					JOIN claims k ON k.order_id = c.order_id AND k.seq = c.seq AND k.entry = c.entry
						AND k.party = 'merchant:' || k.shop_id
					WHERE d.state = 'settled' AND k.ledger_seq <= d.settled_seq GROUP BY e.id, x.order_id, x.line_no) l
					ON l.enrolment = b.enrolment_id
				WHERE b.state = 'settled'
				GROUP BY b.id, b.sold, b.commission, b.charged, b.shop_id, b.settled_seq, o.terms, o.fee, o.commission_ppm) m) n
			WHERE sold <> real_sold OR commission <> real_commission OR charged <> due OR booked <> charged
			UNION ALL SELECT c.id, 0, 0, 0, 0, 0, c.amount, 0 FROM charges c WHERE c.why = 'place.commission'
				AND NOT EXISTS (SELECT 1 FROM place_bids b WHERE b.id || '.commission' = c.id AND b.state = 'settled')`,
	}, {
		// A place whose orders ended so long ago that nobody can ask for anything back any more is settled within the week:
		// its commission would never be charged. 30 days are the least in which shoppers may; the market may give more.
		name: "place.settled", rule: "RULES 3.2", counts: "place_bids WHERE state = 'paid'", columns: "bid until_us",
		sql: `SELECT b.id AS bid, b.until_us FROM place_bids b WHERE b.state = 'paid' AND b.until_us < $1 AND b.id NOT IN (
			SELECT d.id FROM place_bids d JOIN enrolments e ON e.id = d.enrolment_id
			JOIN order_lines l ON l.pool_id = e.pool_id AND l.shop_id = e.shop_id
			JOIN suborders s ON s.order_id = l.order_id AND s.seq = l.seq AND s.state <> 'cancelled'
			JOIN orders o ON o.id = l.order_id AND o.state <> 'cancelled'
			WHERE d.state = 'paid' AND (s.state <> 'completed' OR s.closed_us + (SELECT MAX(days) FROM (SELECT 31 AS days
					UNION ALL SELECT CAST(value AS BIGINT) + 1 FROM settings
						WHERE key IN ('tune.aftersale.claim_days', 'tune.aftersale.return_days')) t) * 86400000000 >= $2
				OR EXISTS (SELECT 1 FROM cases c WHERE c.order_id = s.order_id AND c.shop_id = s.shop_id AND c.closed_us = 0)))`,
		args: []any{a.ago(settleGrace), a.ago(settleGrace)},
	}, {
		// What was sold from a place is promised within the hours that its opening says, the shortest of a part's; nothing
		// else is. Orders from before this was kept have -1.
		name: "place.ships", rule: "RULES 3.2", counts: "suborders WHERE ship_hours > 0",
		columns: "order_id seq ship_hours promised",
		sql: `SELECT s.order_id, s.seq, s.ship_hours, MIN(o.ship_hours) AS promised FROM place_bids b
				JOIN place_openings o ON o.id = b.opening_id JOIN enrolments e ON e.id = b.enrolment_id
				JOIN order_lines l ON l.pool_id = e.pool_id AND l.shop_id = e.shop_id
				JOIN suborders s ON s.order_id = l.order_id AND s.seq = l.seq AND s.ship_hours >= 0
				WHERE b.paid_us > 0 GROUP BY s.order_id, s.seq, s.ship_hours HAVING s.ship_hours <> MIN(o.ship_hours)
			UNION ALL SELECT s.order_id, s.seq, s.ship_hours, 0 FROM suborders s WHERE s.ship_hours > 0
				AND NOT EXISTS (SELECT 1 FROM place_bids b JOIN enrolments e ON e.id = b.enrolment_id
					JOIN order_lines l ON l.pool_id = e.pool_id AND l.order_id = s.order_id AND l.seq = s.seq
					WHERE b.shop_id = s.shop_id AND b.paid_us > 0)`,
	}}
}

// settleGrace is how long after a place could be settled it may not be.
const settleGrace = 7 * 24 * time.Hour
