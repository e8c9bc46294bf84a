package verify

import (
	"hutong/base/db"
)

// speak has shoppers say something of what they have, a merchant bring one review from elsewhere, and the operator hide
// one of them.
func (f *filler) speak() {
	f.t.Helper()
	const insert = `INSERT INTO reviews (id, product_id, sku_id, choice, shop_id, shopper_id, order_id, line_no, source,
		external_id, author, anonymous, stars, body, pictures, pictured, returned, follow_body, follow_pictures, answer,
		state, reports, step, written_us, followed_us, answered_us) `
	f.write(func(tx *db.Tx) error {
		for _, q := range []string{
			insert + `SELECT 'rev_' || o.id, l.product_id, l.sku_id, '', l.shop_id, o.shopper_id, o.id, 1, '', '', '', FALSE,
				3, 'good', '', FALSE, FALSE, '', '', '', 'shown', 0, 0, 1, 0, 0
				FROM orders o JOIN order_lines l ON l.order_id = o.id AND l.line_no = 1 WHERE o.source IN ('completed',
				'delivered')`,
			insert + `SELECT 'rev_imported', MIN(product_id), '', '', MIN(shop_id), '', '', 0, 'elsewhere', '1', '', FALSE, 4,
				'fine', '', FALSE, FALSE, '', '', '', 'shown', 0, 0, 1, 0, 0 FROM offers
				WHERE product_id = (SELECT MIN(product_id) FROM reviews)`,
			`INSERT INTO review_reports (review_id, shopper_id, reason, note, at_us, undecided)
				VALUES ('rev_imported', 'shr_x', 'fake', '', 1, TRUE), ('rev_imported', 'shr_y', 'fake', '', 1, TRUE)`,
			`UPDATE reviews SET reports = 2 WHERE id = 'rev_imported'`,
			`INSERT INTO review_steps (review_id, step, from_state, to_state, reason, note, actor, at_us)
				SELECT MAX(id), 1, 'shown', 'hidden', 'spam', '', 'lgn_o', 1 FROM reviews WHERE source = ''`,
			`UPDATE reviews SET state = 'hidden', step = 1 WHERE id IN (SELECT review_id FROM review_steps)`,
			`INSERT INTO review_totals (product_id, verified, star1, star2, star3, star4, star5, total, tenths)
				SELECT product_id, TRUE, 0, 0, COUNT(*), 0, 0, COUNT(*), 30 FROM reviews WHERE source = '' AND state = 'shown'
				GROUP BY product_id`,
			`INSERT INTO review_totals (product_id, verified, star1, star2, star3, star4, star5, total, tenths)
				SELECT product_id, FALSE, 0, 0, 0, 1, 0, 1, 40 FROM reviews WHERE source <> ''`,
		} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	})
}

// unsaid is what can be wrong with reviews.
var unsaid = []damage{
	{check: "review.purchases", key: `SELECT MIN(id) FROM reviews WHERE source = ''`,
		do: []string{`UPDATE reviews SET shopper_id = 'shr_other' WHERE id = $1`}},
	{check: "review.purchases", key: `SELECT MIN(id) FROM reviews WHERE source = ''`,
		do: []string{`UPDATE reviews SET line_no = 99 WHERE id = $1`}},
	{check: "review.purchases", key: `SELECT MIN(id) FROM reviews WHERE source = ''`,
		do: []string{`UPDATE reviews SET order_id = (SELECT MIN(id) FROM orders WHERE source = 'shipped'),
			shopper_id = (SELECT MIN(shopper_id) FROM orders WHERE id = (SELECT MIN(id) FROM orders WHERE source = 'shipped'))
			WHERE id = $1`}},
	{check: "review.purchases", key: `SELECT 'rev_imported'`,
		do: []string{`UPDATE reviews SET shop_id = 'shp_other' WHERE id = $1`}},
	{check: "review.totals", key: `SELECT MIN(product_id) FROM review_totals WHERE verified`,
		do: []string{`UPDATE review_totals SET star3 = star3 + 1, total = total + 1 WHERE product_id = $1 AND verified`}},
	{check: "review.totals", key: `SELECT MIN(product_id) FROM review_totals WHERE verified`,
		do: []string{`UPDATE review_totals SET tenths = 31 WHERE product_id = $1 AND verified`}},
	{check: "review.totals", key: `SELECT MIN(product_id) FROM review_totals WHERE verified`,
		do: []string{`DELETE FROM review_totals WHERE product_id = $1 AND verified`}},
	{check: "review.totals", key: `SELECT product_id FROM reviews WHERE source <> ''`, // as if it were verified
		do: []string{`DELETE FROM review_totals WHERE product_id = $1 AND NOT verified`,
			`UPDATE review_totals SET star4 = star4 + 1, total = total + 1 WHERE product_id = $1 AND verified`}},
	{check: "review.path", key: `SELECT review_id FROM review_steps`,
		do: []string{`UPDATE review_steps SET from_state = 'hidden' WHERE review_id = $1`}},
	{check: "review.path", key: `SELECT review_id FROM review_steps`,
		do: []string{`DELETE FROM review_steps WHERE review_id = $1`}},
	{check: "review.path", key: `SELECT 'rev_imported'`, also: "review.totals",
		do: []string{`UPDATE reviews SET state = 'hidden' WHERE id = $1`}},
	{check: "review.reports", key: `SELECT 'rev_imported'`,
		do: []string{`UPDATE reviews SET reports = 1 WHERE id = $1`}},
	{check: "review.reports", key: `SELECT 'rev_nobody'`,
		do: []string{`INSERT INTO review_reports (review_id, shopper_id, reason, note, at_us, undecided)
			VALUES ($1, 'shr_x', 'fake', '', 1, FALSE)`}},
}
