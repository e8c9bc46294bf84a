package verify

import "hutong/base/db"

// work has a shop import twice and undo one of it, be told by webhook, and change an account and a fee with two people.
func (f *filler) work() {
	f.t.Helper()
	const run = `INSERT INTO import_runs (id, shop_id, state, file, size, format, mapping, currency, who, read_bytes,
		products, skus, created, updated, unchanged, rejected, withdrawn, restored, kept, reason, at_us, beat_us, ended_us,
		busy_key) SELECT `
	f.write(func(tx *db.Tx) error {
		for _, q := range []string{
			run + `'run_done', MIN(id), 'done', 'a.csv', 9, 'mapped', '', 'CNY', 'lgn_m', 9, 3, 3, 1, 1, 1, 1, 0, 0, 0, '', 1, 1, 1,
				'run_done' FROM shops`,
			run + `'run_undone', MIN(id), 'undone', 'b.csv', 9, 'mapped', '', 'CNY', 'lgn_m', 9, 1, 1, 0, 1, 0, 0, 0, 1, 0, '', 1,
				1, 1, 'run_undone' FROM shops`,
			`INSERT INTO import_changes (run_id, product_id, shop_id, kind, was, undone)
				SELECT 'run_done', MIN(id), shop_id, 'created', '', FALSE FROM products
					WHERE shop_id = (SELECT MIN(id) FROM shops) GROUP BY shop_id
				UNION ALL SELECT 'run_done', MAX(id), shop_id, 'updated', '{}', FALSE FROM products
					WHERE shop_id = (SELECT MIN(id) FROM shops) GROUP BY shop_id
				UNION ALL SELECT 'run_undone', MAX(id), shop_id, 'updated', '{}', TRUE FROM products
					WHERE shop_id = (SELECT MIN(id) FROM shops) GROUP BY shop_id`,
			`INSERT INTO import_rejects (run_id, seq, shop_id, file, line, code, field, params)
				SELECT 'run_done', 1, MIN(id), 'a.csv', 3, 'intake.price', 'price', '{}' FROM shops`,
			`INSERT INTO webhook_endpoints (id, shop_id, url, topics, switched_on, reason, failing_us, secret, old_secret,
				old_until_us, created_us) SELECT 'whe_1', MIN(id), 'https://erp.example', 'order.paid', TRUE, '', 0, 's', '', 0, 1
				FROM shops`,
			`INSERT INTO webhook_deliveries (id, endpoint_id, shop_id, event_id, topic, subject, body, state, tries, next_us,
				status, reason, excerpt, took_ms, replays, created_us, done_us)
				SELECT 'whd_1', 'whe_1', shop_id, 'evt_1', 'order.paid', 'ord_1', '{}', 'delivered', 1, 0, 204, '', '', 9, 0, 1, 2
					FROM webhook_endpoints
				UNION ALL SELECT 'whd_2', 'whe_1', shop_id, 'evt_2', 'order.paid', 'ord_2', '{}', 'queued', 0, 5, 0, '', '', 0, 0,
					1, 0 FROM webhook_endpoints`,
			`INSERT INTO payout_accounts (id, shop_id, bank, holder_masked, number_tail, sealed, state, created_us, current_us)
				SELECT 'pac_1', MIN(id), 'bank', 'L*', '1234', 's', 'current', 1, 3 FROM shops`,
			`INSERT INTO fee_rules (id, scope, scope_id, ppm, from_us, announced_us, opening)
				VALUES ('fee_two', 'category', 'zz-9', 9000, 900000000000, 3, FALSE)`,
			`INSERT INTO approvals (id, kind, shop_id, subject, payload, state, asked_by, decided_by, note, asked_us, expires_us,
				decided_us) SELECT 'apr_1', 'payout_account', MIN(id), 'payout', '{"account":"pac_1"}', 'approved', 'lgn_a', 'lgn_b',
					'', 1, 9, 3 FROM shops
				UNION ALL SELECT 'apr_2', 'fee', '', 'fee:category:zz-9', '{}', 'approved', 'lgn_o', 'lgn_p', '', 1, 9, 3
				UNION ALL SELECT 'apr_3', 'fee', '', 'fee:market:', '{}', 'asked', 'lgn_o', '', '', 1, 9, 0`,
			recorded("'apr_1', 'approval.approved' UNION ALL SELECT 'apr_2', 'approval.approved' UNION ALL SELECT 'whe_1', " +
				"'webhook.made'"),
		} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	})
}

// undesked is what can be wrong with all that.
var undesked = []damage{
	{check: "import.runs", key: `SELECT 'run_done'`, do: []string{`UPDATE import_runs SET created = 2 WHERE id = $1`}},
	{check: "import.runs", key: `SELECT 'run_done'`,
		do: []string{`DELETE FROM import_changes WHERE run_id = $1 AND kind = 'created'`}},
	{check: "import.runs", key: `SELECT 'run_done'`, do: []string{`UPDATE import_runs SET rejected = 0 WHERE id = $1`}},
	{check: "import.runs", key: `SELECT 'run_undone'`,
		do: []string{`UPDATE import_changes SET undone = FALSE WHERE run_id = $1`}},
	{check: "import.goods", key: `SELECT 'run_undone'`,
		do: []string{`UPDATE import_changes SET shop_id = 'shp_x' WHERE run_id = $1`}},
	{check: "import.goods", key: `SELECT 'run_done'`,
		do: []string{`UPDATE import_changes SET product_id = 'prd_x' WHERE run_id = $1 AND kind = 'updated'`}},
	{check: "import.goods", key: `SELECT 'run_done'`,
		do: []string{`UPDATE import_rejects SET shop_id = 'shp_x' WHERE run_id = $1`}},
	{check: "tenant.goods", key: `SELECT MIN(id) FROM products`,
		do: []string{`INSERT INTO picture_words (product_id, picture, shop_id, zh, en) VALUES ($1, 'pic_1', 'shp_x', 'a', '')`}},
	{check: "webhook.messages", key: `SELECT 'whd_2'`,
		do: []string{`UPDATE webhook_deliveries SET shop_id = 'shp_x' WHERE id = $1`}},
	{check: "webhook.messages", key: `SELECT 'whd_1'`, do: []string{`UPDATE webhook_deliveries SET status = 500 WHERE id = $1`}},
	{check: "webhook.messages", key: `SELECT 'whe_1'`, do: []string{`DELETE FROM webhook_endpoints WHERE id = $1`}},
}
