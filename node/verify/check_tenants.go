package verify

// tenants are the promises between rooms: no row leads to what belongs to somebody else, or to nothing.
func (a *audit) tenants() []check {
	return []check{{
		name: "tenant.lines", rule: "I-S1", counts: "order_lines",
		columns: "order_id line_no shop part_shop offer offer_shop sku offer_sku pool offer_pool",
		sql: `SELECT l.order_id, l.line_no, l.shop_id AS shop, s.shop_id AS part_shop, l.offer_id AS offer,
				f.shop_id AS offer_shop, l.sku_id AS sku, f.sku_id AS offer_sku, l.pool_id AS pool,
				f.pool_id AS offer_pool
			FROM order_lines l
			LEFT JOIN suborders s ON s.order_id = l.order_id AND s.seq = l.seq
			LEFT JOIN offers f ON f.id = l.offer_id
			WHERE s.order_id IS NULL OR f.id IS NULL OR s.shop_id <> l.shop_id OR f.shop_id <> l.shop_id
				OR f.sku_id <> l.sku_id OR f.product_id <> l.product_id
				OR f.pool_id <> l.pool_id AND NOT EXISTS (SELECT 1 FROM pools q WHERE q.id = l.pool_id
					AND q.shop_id = l.shop_id AND q.sku_id = l.sku_id AND q.place <> 'main')`,
	}, {
		name: "tenant.goods", rule: "I-S1", counts: "offers",
		columns: "row_id shop sku_shop product_shop pool_shop",
		sql: `SELECT f.id AS row_id, f.shop_id AS shop, k.shop_id AS sku_shop, p.shop_id AS product_shop,
				q.shop_id AS pool_shop
			FROM offers f LEFT JOIN skus k ON k.id = f.sku_id LEFT JOIN products p ON p.id = f.product_id
			LEFT JOIN pools q ON q.id = f.pool_id LEFT JOIN shops h ON h.id = f.shop_id
			WHERE h.id IS NULL OR k.id IS NULL OR k.shop_id <> f.shop_id OR k.product_id <> f.product_id
				OR p.id IS NULL OR p.shop_id <> f.shop_id OR q.id IS NULL OR q.shop_id <> f.shop_id OR q.sku_id <> f.sku_id
			UNION ALL SELECT k.id, k.shop_id, k.shop_id, p.shop_id, '' FROM skus k
				LEFT JOIN products p ON p.id = k.product_id WHERE p.id IS NULL OR p.shop_id <> k.shop_id
			UNION ALL SELECT q.id, q.shop_id, k.shop_id, '', q.shop_id FROM pools q
				LEFT JOIN skus k ON k.id = q.sku_id WHERE k.id IS NULL OR k.shop_id <> q.shop_id
			UNION ALL SELECT w.product_id, w.shop_id, '', p.shop_id, '' FROM picture_words w
				LEFT JOIN products p ON p.id = w.product_id WHERE p.id IS NULL OR p.shop_id <> w.shop_id`,
	}, {
		name: "tenant.addresses", rule: "I-S1", counts: "orders", columns: "order_id shopper address known_shopper",
		sql: `SELECT o.id AS order_id, o.shopper_id AS shopper, o.address_id AS address, s.id AS known_shopper
			FROM orders o LEFT JOIN shoppers s ON s.id = o.shopper_id
			LEFT JOIN addresses d ON d.shopper_id = o.shopper_id AND d.id = o.address_id
			WHERE s.id IS NULL OR d.id IS NULL`,
	}, {
		name: "tenant.parcels", rule: "I-S1", counts: "shipments",
		columns: "order_id part shop part_shop shopper order_shopper part_state",
		sql: `SELECT m.order_id, m.seq AS part, m.shop_id AS shop, s.shop_id AS part_shop, m.shopper_id AS shopper,
				o.shopper_id AS order_shopper, s.state AS part_state
			FROM shipments m LEFT JOIN orders o ON o.id = m.order_id
			LEFT JOIN suborders s ON s.order_id = m.order_id AND s.seq = m.seq
			WHERE o.id IS NULL OR s.order_id IS NULL OR s.shop_id <> m.shop_id OR o.shopper_id <> m.shopper_id
				OR s.state IN ('open', 'cancelled') OR s.carrier <> m.carrier`,
	}, {
		// The other way round: what was sent has its parcel.
		name: "order.parcels", rule: "I-O1", counts: "suborders", columns: "order_id part shop state",
		sql: `SELECT s.order_id, s.seq AS part, s.shop_id AS shop, s.state FROM suborders s
			LEFT JOIN shipments m ON m.order_id = s.order_id AND m.seq = s.seq
			WHERE s.state IN (` + left + `) AND m.order_id IS NULL`,
	}, {
		name: "tenant.people", rule: "I-S1", counts: "logins", columns: "row_id shopper shop",
		sql: `SELECT l.id AS row_id, l.shopper_id AS shopper, l.shop_id AS shop FROM logins l
			LEFT JOIN shoppers s ON s.id = l.shopper_id LEFT JOIN shops h ON h.id = l.shop_id
			WHERE l.shopper_id <> '' AND s.id IS NULL OR l.shop_id <> '' AND h.id IS NULL
			UNION ALL SELECT 'cart ' || c.offer_id, c.shopper_id, f.shop_id FROM cart_lines c
				LEFT JOIN shoppers s ON s.id = c.shopper_id LEFT JOIN offers f ON f.id = c.offer_id
				WHERE s.id IS NULL OR f.id IS NULL`,
	}}
}
