package verify

// desk are the promises of what people do beside selling: imports that can be told and undone, and messages to a shop's
// programs.
func (a *audit) desk() []check {
	return []check{{
		name: "import.runs", rule: "I-E2", counts: "import_runs",
		columns: "run state shop created kept_created updated kept_updated left_over rejects rejected",
		sql: `SELECT * FROM (SELECT r.id AS run, r.state, r.shop_id AS shop, r.created,
				(SELECT COUNT(*) FROM import_changes c WHERE c.run_id = r.id AND c.kind = 'created') AS kept_created,
				r.updated, (SELECT COUNT(*) FROM import_changes c WHERE c.run_id = r.id AND c.kind = 'updated') AS kept_updated,
				(SELECT COUNT(*) FROM import_changes c WHERE c.run_id = r.id AND NOT c.undone) AS left_over,
				(SELECT COUNT(*) FROM import_rejects x WHERE x.run_id = r.id) AS rejects, r.rejected
				FROM import_runs r) m
			WHERE state IN ('importing', 'done', 'undoing', 'undone')
					AND (kept_created <> created OR kept_updated > updated OR rejects > rejected)
				OR state = 'undone' AND left_over > 0`,
	}, {
		name: "import.goods", rule: "I-S1", counts: "import_changes",
		columns: "run product shop run_shop product_shop",
		sql: `SELECT c.run_id AS run, c.product_id AS product, c.shop_id AS shop, r.shop_id AS run_shop,
				p.shop_id AS product_shop
			FROM import_changes c LEFT JOIN import_runs r ON r.id = c.run_id LEFT JOIN products p ON p.id = c.product_id
			WHERE r.id IS NULL OR p.id IS NULL OR r.shop_id <> c.shop_id OR p.shop_id <> c.shop_id
			UNION ALL SELECT x.run_id, '', x.shop_id, r.shop_id, '' FROM import_rejects x
				LEFT JOIN import_runs r ON r.id = x.run_id WHERE r.id IS NULL OR r.shop_id <> x.shop_id
			UNION ALL SELECT r.id, '', r.shop_id, '', '' FROM import_runs r
				LEFT JOIN shops h ON h.id = r.shop_id WHERE h.id IS NULL`,
	}, {
		name: "webhook.messages", rule: "I-S1", counts: "webhook_deliveries",
		columns: "message endpoint shop endpoint_shop state status",
		sql: `SELECT d.id AS message, d.endpoint_id AS endpoint, d.shop_id AS shop, e.shop_id AS endpoint_shop, d.state,
				d.status
			FROM webhook_deliveries d LEFT JOIN webhook_endpoints e ON e.id = d.endpoint_id
			WHERE e.id IS NULL OR e.shop_id <> d.shop_id OR d.state <> 'queued' AND d.tries = 0
				OR d.state = 'delivered' AND (d.status < 200 OR d.status > 299)
			UNION ALL SELECT '', e.id, e.shop_id, '', '', 0 FROM webhook_endpoints e
				LEFT JOIN shops h ON h.id = e.shop_id WHERE h.id IS NULL`,
	}}
}
