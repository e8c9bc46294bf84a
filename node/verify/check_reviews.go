package verify

// reviews are the promises of trade/review: who speaks has the goods, the totals are what a recount gives, and nothing
// is hidden without a word.
func (a *audit) reviews() []check {
	return []check{{
		name: "review.purchases", rule: "I-S1", counts: "reviews",
		columns: "review_id order_id line_no shopper order_shopper shop line_shop product line_product part_state " +
			"quantity released",
		sql: `SELECT r.id AS review_id, r.order_id, r.line_no, r.shopper_id AS shopper, o.shopper_id AS order_shopper,
				r.shop_id AS shop, l.shop_id AS line_shop, r.product_id AS product, l.product_id AS line_product,
				s.state AS part_state, l.quantity, l.released
			FROM reviews r LEFT JOIN orders o ON o.id = r.order_id
			LEFT JOIN order_lines l ON l.order_id = r.order_id AND l.line_no = r.line_no
			LEFT JOIN suborders s ON s.order_id = r.order_id AND s.seq = l.seq
			WHERE r.source = '' AND (o.id IS NULL OR l.order_id IS NULL OR s.order_id IS NULL
				OR o.shopper_id <> r.shopper_id OR l.shop_id <> r.shop_id OR l.product_id <> r.product_id
				OR s.state NOT IN ('delivered', 'completed') OR l.released >= l.quantity)
			UNION ALL SELECT r.id, r.source, 0, '', '', r.shop_id, p.shop_id, r.product_id, p.id, '', 0, 0
				FROM reviews r LEFT JOIN products p ON p.id = r.product_id
				WHERE r.source <> '' AND (p.id IS NULL OR p.shop_id <> r.shop_id)`,
	}, {
		name: "review.totals", rule: "I-S1", counts: "review_totals",
		columns: "product verified total tenths counted counted_stars",
		sql: `SELECT t.product_id AS product, t.verified, t.total, t.tenths, n.counted, n.stars AS counted_stars
				FROM review_totals t LEFT JOIN (` + recount + `) n
					ON n.product_id = t.product_id AND n.verified = t.verified
				WHERE n.counted IS NULL AND (t.total <> 0 OR t.tenths <> 0) OR t.star1 <> n.s1 OR t.star2 <> n.s2
					OR t.star3 <> n.s3 OR t.star4 <> n.s4 OR t.star5 <> n.s5 OR t.total <> n.counted
					OR t.tenths <> (20 * n.stars + n.counted) / (2 * n.counted)
			UNION ALL SELECT n.product_id, n.verified, 0, 0, n.counted, n.stars FROM (` + recount + `) n
				WHERE NOT EXISTS (SELECT 1 FROM review_totals t
					WHERE t.product_id = n.product_id AND t.verified = n.verified)`,
	}, {
		name: "review.path", rule: "I-O1", counts: "review_steps",
		columns: "review_id step came_from from_state to_state actor review_state review_step",
		sql: `SELECT s.review_id, s.step, p.to_state AS came_from, s.from_state, s.to_state, s.actor,
				r.state AS review_state, r.step AS review_step
			FROM review_steps s LEFT JOIN reviews r ON r.id = s.review_id
			LEFT JOIN review_steps p ON p.review_id = s.review_id AND p.step = s.step - 1
			WHERE r.id IS NULL OR s.actor = '' OR s.step > r.step OR s.step = r.step AND s.to_state <> r.state
				OR s.from_state <> CASE WHEN s.step = 1 THEN 'shown' ELSE COALESCE(p.to_state, 'nowhere') END
			UNION ALL SELECT r.id, r.step, '', '', '', '', r.state, r.step FROM reviews r
				WHERE r.step = 0 AND r.state <> 'shown' OR r.step > 0 AND NOT EXISTS (
					SELECT 1 FROM review_steps s WHERE s.review_id = r.id AND s.step = r.step)`,
	}, {
		name: "review.reports", rule: "I-E2", counts: "review_reports",
		columns: "review_id reports undecided",
		sql: `SELECT * FROM (SELECT r.id AS review_id, r.reports, (SELECT COUNT(*) FROM review_reports c
					WHERE c.review_id = r.id AND c.undecided) AS undecided FROM reviews r) m WHERE reports <> undecided
			UNION ALL SELECT c.review_id, 0, COUNT(*) FROM review_reports c LEFT JOIN reviews r ON r.id = c.review_id
				WHERE r.id IS NULL GROUP BY c.review_id`,
	}}
}

// recount is what the totals of reviews must be.
const recount = `SELECT product_id, source = '' AS verified, COUNT(*) AS counted, CAST(SUM(stars) AS BIGINT) AS stars,
	SUM(CASE WHEN stars = 1 THEN 1 ELSE 0 END) AS s1, SUM(CASE WHEN stars = 2 THEN 1 ELSE 0 END) AS s2,
	SUM(CASE WHEN stars = 3 THEN 1 ELSE 0 END) AS s3, SUM(CASE WHEN stars = 4 THEN 1 ELSE 0 END) AS s4,
	SUM(CASE WHEN stars = 5 THEN 1 ELSE 0 END) AS s5
	FROM reviews WHERE state = 'shown' GROUP BY product_id, source = ''`
