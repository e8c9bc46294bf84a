package verify

import "time"

// prices are the promises of goods/offer and of the fee schedule: whatever was charged was announced, and can be shown.
func (a *audit) prices() []check {
	holds := a.QuoteHolds.Microseconds()
	return append(a.floors(), []check{{
		// A quote may be placed a while after a newer price came; not later, and never before its own. The range reads
		// its own version and those after it at one place; price.current says that none is missing.
		name: "price.charged", rule: "I-P1", counts: "order_lines",
		columns: "order_id line_no offer price_version unit_price history_version history_price from_us placed_us",
		sql: `SELECT l.order_id, l.line_no, l.offer_id AS offer, l.price_version, l.unit_price,
				h.version AS history_version, h.unit_price AS history_price, h.from_us, o.placed_us
			FROM order_lines l JOIN orders o ON o.id = l.order_id
			LEFT JOIN price_history h ON h.offer_id = l.offer_id AND h.version >= l.price_version
			WHERE h.offer_id IS NULL OR CASE WHEN h.version = l.price_version
				THEN h.unit_price <> l.unit_price OR h.from_us > o.placed_us ELSE h.from_us < o.placed_us - $1 END`,
		args: []any{holds},
	}, {
		name: "price.current", rule: "I-P1", counts: "offers",
		columns: "offer shop unit_price version history_price newest_version",
		sql: `SELECT f.id AS offer, f.shop_id AS shop, f.unit_price, f.version, h.unit_price AS history_price,
				n.version AS newest_version
			FROM offers f LEFT JOIN price_history h ON h.offer_id = f.id AND h.version = f.version
			LEFT JOIN (SELECT offer_id, MAX(version) AS version, COUNT(*) AS versions FROM price_history
				GROUP BY offer_id) n ON n.offer_id = f.id
			WHERE h.offer_id IS NULL OR h.unit_price <> f.unit_price OR h.list_price <> f.list_price
				OR n.version <> f.version OR n.versions <> f.version`,
	}, {
		// The fee of a line is that of the rule it names, which held when the order was placed and was the nearest: the
		// shop's before the deepest category's before the market's, and of each the newest.
		name: "fee.charged", rule: "I-M11", counts: "order_lines",
		columns: "order_id line_no shop fee_rule fee_ppm rule_scope rule_ppm rule_from_us",
		sql: `SELECT l.order_id, l.line_no, l.shop_id AS shop, l.fee_rule_id AS fee_rule, l.fee_ppm,
				f.scope AS rule_scope, f.ppm AS rule_ppm, f.from_us AS rule_from_us
			FROM order_lines l LEFT JOIN fee_rules f ON f.id = l.fee_rule_id
			WHERE CASE WHEN f.id IS NULL THEN l.fee_rule_id <> 'fee_default' OR l.fee_ppm <> $1
				ELSE l.fee_ppm <> f.ppm OR f.scope = 'shop' AND f.scope_id <> l.shop_id
					OR f.from_us > (SELECT o.placed_us FROM orders o WHERE o.id = l.order_id)
					OR f.scope = 'category' AND NOT EXISTS (SELECT 1 FROM products p WHERE p.id = l.product_id
						AND p.category_id || '-' LIKE f.scope_id || '-%') END
			OR EXISTS (SELECT 1 FROM fee_rules r WHERE r.scope = 'market'
				AND (f.id IS NULL OR f.scope = 'market' AND r.from_us > f.from_us)
				AND r.from_us < (SELECT o.placed_us FROM orders o WHERE o.id = l.order_id) - $2)
			OR EXISTS (SELECT 1 FROM fee_rules r WHERE r.scope = 'shop' AND r.scope_id = l.shop_id
				AND (COALESCE(f.scope, '') <> 'shop' OR r.from_us > f.from_us)
				AND r.from_us < (SELECT o.placed_us FROM orders o WHERE o.id = l.order_id) - $2)
			OR COALESCE(f.scope, '') <> 'shop' AND EXISTS (SELECT 1 FROM fee_rules r
				WHERE r.scope = 'category' AND (COALESCE(f.scope, '') <> 'category'
					OR LENGTH(r.scope_id) > LENGTH(f.scope_id) OR r.scope_id = f.scope_id AND r.from_us > f.from_us)
				AND r.from_us < (SELECT o.placed_us FROM orders o WHERE o.id = l.order_id) - $2
				AND EXISTS (SELECT 1 FROM products p WHERE p.id = l.product_id
					AND p.category_id || '-' LIKE r.scope_id || '-%'))`,
		args: []any{a.DefaultPPM, holds},
	}, {
		name: "fee.notice", rule: "I-P5", counts: "fee_rules", columns: "fee_rule scope scope_id ppm announced_us from_us",
		sql: `SELECT id AS fee_rule, scope, scope_id, ppm, announced_us, from_us FROM fee_rules
			WHERE ppm < 0 OR ppm > 1000000 OR NOT opening AND from_us - announced_us < $1`,
		args: []any{(7 * 24 * time.Hour).Microseconds()},
	}}...)
}

// floors are what shops were promised of the prices below which nothing of theirs is sold.
func (a *audit) floors() []check {
	return []check{{
		name: "price.floors", rule: "I-P6", counts: "offers", columns: "offer shop unit_price floor_price history_floor",
		sql: `SELECT f.id AS offer, f.shop_id AS shop, f.unit_price, f.floor_price, h.floor_price AS history_floor
			FROM offers f LEFT JOIN floor_history h ON h.offer_id = f.id
				AND h.from_us = (SELECT MAX(n.from_us) FROM floor_history n WHERE n.offer_id = f.id)
			WHERE f.floor_price > f.unit_price OR f.floor_price <> COALESCE(h.floor_price, 0)`,
	}, {
		// A quote keeps its price for a while: of the floors of that while the lowest counts. What a presale agreed is
		// older, and its balance is paid later.
		name: "price.above_floor", rule: "I-P6", counts: "order_lines",
		columns: "order_id line_no offer quantity paid floor_price from_us placed_us",
		sql: `SELECT l.order_id, l.line_no, l.offer_id AS offer, l.quantity, l.paid, h.floor_price, h.from_us, o.placed_us
			FROM order_lines l JOIN orders o ON o.id = l.order_id
			JOIN floor_history h ON h.offer_id = l.offer_id AND h.from_us = (SELECT MAX(b.from_us) FROM floor_history b
				WHERE b.offer_id = l.offer_id AND b.from_us <= o.placed_us - $1)
			WHERE l.paid < h.floor_price * l.quantity
			AND NOT EXISTS (SELECT 1 FROM floor_history b WHERE b.offer_id = l.offer_id AND b.from_us > o.placed_us - $1
				AND b.from_us <= o.placed_us AND b.floor_price * l.quantity <= l.paid)
			AND NOT EXISTS (SELECT 1 FROM presales p WHERE p.order_id = l.order_id)`,
		args: []any{a.QuoteHolds.Microseconds()},
	}}
}
