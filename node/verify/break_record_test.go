package verify

import "hutong/base/db"

// decree has people given roles, keys and vouchers, and promotions published, alone and by two.
func (f *filler) decree() {
	f.t.Helper()
	const login = `INSERT INTO logins (id, role, name, password_hash, shopper_id, shop_id, created_us, staff_role, ended_us) `
	f.write(func(tx *db.Tx) error {
		for _, q := range []string{
			login + `SELECT 'lgn_owner', 'merchant', 'owner', 'h', '', MIN(id), 1, 'owner', 0 FROM shops`,
			login + `SELECT 'lgn_clerk', 'merchant', 'clerk', 'h', '', MIN(id), 1, 'manager', 0 FROM shops`,
			login + `SELECT 'lgn_gone', 'merchant', 'gone', 'h', '', MIN(id), 1, 'clerk', 9 FROM shops`,
			login + `SELECT 'lgn_buyer', 'shopper', 'buyer', 'h', MIN(id), '', 1, '', 0 FROM shoppers`,
			`INSERT INTO invites (id, secret_hash, role, shop_id, staff_role, email, invited_by, created_us, expires_us)
				SELECT 'inv_1', 'h', 'merchant', MIN(id), 'clerk', '', 'lgn_owner', 1, 9 FROM shops`,
			`INSERT INTO api_keys (id, shop_id, name, secret_hash, scopes, made_by, created_us, expires_us, used_us, revoked_us)
				SELECT 'key_1', MIN(id), 'erp', 'h', '', 'lgn_owner', 1, 9, 0, 5 FROM shops`,
			`INSERT INTO promotions (id, version, shop_id, kind, body, state, from_us, until_us, budget, drafted_by, drafted_us,
				published_us, ended_us, worst, alone) VALUES
				('prm_a', 1, '', 'direct', '{}', 'replaced', 0, 0, 5, 'lgn_o', 1, 2, 7, 5, 5),
				('prm_a', 2, '', 'direct', '{}', 'withdrawn', 0, 0, 9, 'lgn_o', 3, 7, 8, 9, 5),
				('prm_b', 1, 'shp_b', 'direct', '{}', 'published', 0, 0, 0, 'lgn_b', 1, 2, 0, -1, 5),
				('prm_b', 2, 'shp_b', 'direct', '{}', 'draft', 0, 0, 0, 'lgn_b', 1, 0, 0, 0, 0)`,
			`INSERT INTO voucher_templates (id, shop_id, state, version, newest, minute_us, minute_claims, made_us)
				VALUES ('vtp_two', '', 'paused', 2, 2, 0, 0, 1)`,
			`INSERT INTO voucher_versions (template_id, version, body, made_by, made_us, published_us, worst, alone) VALUES
				('vtp_two', 1, '{}', 'lgn_o', 1, 2, 5, 5), ('vtp_two', 2, '{}', 'lgn_o', 1, 7, 9, 5)`,
			`INSERT INTO vouchers (id, template_id, version, shopper_id, nth, from_us, until_us, claimed_us, amount, origin,
				given_by, void_us) VALUES ('vch_gift', 'vtp_two', 2, 'shr_gift', 1, 1, 9, 7, 0, 'grant', 'lgn_o', 0)`,
			`INSERT INTO quotas (quota, cap, used, open) VALUES ('iss:vtp_two', 5, 1, FALSE)`,
			`INSERT INTO quota_uses (order_id, uses, released) VALUES ('vch_gift', '[["iss:vtp_two",1]]', FALSE)`,
			`INSERT INTO approvals (id, kind, shop_id, subject, payload, state, asked_by, decided_by, note, asked_us, expires_us,
				decided_us) VALUES
				('apr_prm', 'promotion_publish', '', 'prm_a', '{"version":2}', 'approved', 'lgn_o', 'lgn_p', '', 1, 9, 7),
				('apr_vtp', 'voucher_publish', '', 'vtp_two', '{"version":2}', 'approved', 'lgn_o', 'lgn_p', '', 1, 9, 7),
				('apr_vch', 'voucher_grant', '', 'vtp_two', '{"shoppers":["shr_gift"]}', 'approved', 'lgn_o', 'lgn_p', '', 1, 9, 7),
				('apr_rfp', 'referral_open', '', 'rfp_1', '{}', 'approved', 'lgn_1', 'lgn_p', '', 0, 9, 1)`,
			recorded(`id, 'approval.asked' FROM approvals
				UNION ALL SELECT id, 'approval.approved' FROM approvals WHERE id IN ('apr_prm', 'apr_vtp', 'apr_vch', 'apr_rfp')
				UNION ALL SELECT 'key_1', 'key.made' UNION ALL SELECT 'key_1', 'key.revoked'
				UNION ALL SELECT 'lgn_gone', 'staff.removed' UNION ALL SELECT 'rfp_1', 'referral.drafted'
				UNION ALL SELECT 'rfp_1', 'referral.opened'`),
		} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	})
	f.told("lgn_owner", "staff.made", `{"role":"owner"}`)
	f.told("lgn_clerk", "staff.joined", `{"invite":"inv_0","invited_by":"lgn_owner","role":"clerk"}`)
	f.told("lgn_clerk", "staff.role_changed", `{"role":"manager"}`)
	f.told("lgn_gone", "staff.joined", `{"invite":"inv_0","invited_by":"lgn_owner","role":"clerk"}`)
	f.told("inv_1", "staff.invited", `{"role":"clerk"}`)
	for _, of := range []string{"prm_a", "prm_b"} {
		f.told(of, "promotion.drafted", `{"state":"draft","version":"1"}`)
		f.told(of, "promotion.drafted", `{"state":"draft","version":"2"}`)
		f.told(of, "promotion.published", `{"state":"published","version":"1"}`)
	}
	f.told("prm_a", "promotion.published", `{"state":"published","version":"2"}`)
	f.told("prm_a", "promotion.withdrawn", `{"state":"withdrawn","version":"2"}`)
	f.told("vtp_two", "voucher.drafted", `{"version":"1"}`)
	f.told("vtp_two", "voucher.drafted", `{"version":"2"}`)
	f.told("vtp_two", "voucher.published", `{"state":"open","version":"1","was":"draft"}`)
	f.told("vtp_two", "voucher.published", `{"state":"open","version":"2","was":"open"}`)
	f.told("vtp_two", "voucher.turned", `{"reason":"","state":"paused","was":"open"}`)
	f.told("vtp_two", "voucher.turned", `{"reason":"\"state\":\"paused\"","state":"open","was":"paused"}`)
	f.told("vtp_two", "voucher.turned", `{"reason":"","state":"paused","was":"open"}`)
	f.flush()
	f.write(func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE audit_entries SET facts_before = '{"role":"clerk"}' WHERE what = 'staff.role_changed'`)
		return err
	})
}

// recorded are entries of the audit log: subjects and what was done to each.
func recorded(which string) string {
	return `INSERT INTO audit_entries (id, at_us, who, acted_for, shop_id, what, subject, facts_before, facts_after, request_id,
		network) SELECT 'aud_' || subject || what, 1, 'lgn_o', '', '', what, subject, '{}', '{}', '', ''
		FROM (SELECT '' AS subject, '' AS what WHERE FALSE UNION ALL SELECT ` + which + `) r`
}

// pricedEntries are those of enrolments and of offers to groups that have none.
const pricedEntries = `INSERT INTO audit_entries (id, at_us, who, acted_for, shop_id, what, subject, facts_before, facts_after,
	request_id, network) SELECT 'aud_' || d.id, 1, 'lgn_o', '', '', d.what, d.id, '{}', d.told, '', '' FROM (
		SELECT id, 'enrolment.priced' AS what, '{"price":"' || CAST(price AS TEXT) || '"}' AS told FROM enrolments
		UNION ALL SELECT id, 'group_offer.priced', '{}' FROM group_offers) d
	WHERE NOT EXISTS (SELECT 1 FROM audit_entries e WHERE e.subject = d.id AND e.what = d.what)`

// unentered is a deed without its entry.
func unentered(key, deed, also string) damage {
	return damage{check: "record.kept", key: `SELECT '` + key + `'`, also: also,
		do: []string{`DELETE FROM audit_entries WHERE subject = $1 AND what = '` + deed + `'`}}
}

// firstPrice is an offer of the shop that imports.
const firstPrice = `SELECT MIN(id) FROM offers`

// undecreed is what can be wrong with what people decided.
var undecreed = []damage{
	{check: "record.kept", key: `SELECT 'apr_1'`, do: []string{`DELETE FROM audit_entries WHERE subject = $1`}},
	{check: "record.kept", key: `SELECT 'apr_2'`, do: []string{`UPDATE audit_entries SET what = 'x.y' WHERE subject = $1`}},
	{check: "approval.done", key: `SELECT 'pac_1'`,
		do: []string{`UPDATE approvals SET payload = '{}' WHERE kind = 'payout_account' AND $1 <> ''`}},
	{check: "approval.done", key: `SELECT 'fee_two'`, do: []string{`UPDATE fee_rules SET announced_us = 4 WHERE id = $1`}},
	{check: "approval.done", key: `SELECT 'apr_2'`, do: []string{`UPDATE approvals SET decided_by = asked_by WHERE id = $1`}},
	{check: "approval.done", key: `SELECT 'apr_1'`, do: []string{`UPDATE approvals SET decided_us = 10 WHERE id = $1`}},
	unentered("apr_3", "approval.asked", ""),
	unentered("whe_1", "webhook.made", ""),
	unentered("key_1", "key.made", ""),
	unentered("key_1", "key.revoked", ""),
	unentered("inv_1", "staff.invited", ""),
	unentered("lgn_gone", "staff.removed", ""),
	unentered("lgn_owner", "staff.made", ""),
	unentered("lgn_clerk", "staff.joined", ""),
	unentered("lgn_clerk", "staff.role_changed", ""),
	unentered("prm_b", "promotion.drafted", ""),
	unentered("prm_b", "promotion.published", ""),
	unentered("prm_a", "promotion.withdrawn", ""),
	unentered("vtp_two", "voucher.drafted", ""),
	unentered("vtp_two", "voucher.published", ""),
	unentered("vtp_two", "voucher.turned", ""),
	unentered("vtp_1", "voucher.drawn", ""),
	unentered("enr_1", "enrolment.priced", ""),
	{check: "record.kept", key: `SELECT 'gof_x'`, do: []string{`INSERT INTO group_offers (id, shop_id, offer_id, product_id,
		sku_id, currency, steps, places, window_us, per_shopper, stacks, from_us, until_us, state, created_us)
		SELECT $1, MIN(id), 'off_x', 'prd_x', 'sku_x', 'CNY', '[]', 2, 1, 0, FALSE, 0, 0, 'stopped', 1 FROM shops`}},
	unentered("rfp_1", "referral.drafted", ""),
	unentered("rfp_1", "referral.opened", ""),
	{check: "record.kept", key: `SELECT 'lgn_clerk'`, do: []string{`UPDATE logins SET staff_role = 'owner' WHERE id = $1`}},
	{check: "record.kept", key: `SELECT 'lgn_gone'`, do: []string{`UPDATE logins SET ended_us = 0 WHERE id = $1`}},
	{check: "record.kept", key: `SELECT 'inv_1'`, do: []string{`UPDATE invites SET staff_role = 'owner' WHERE id = $1`}},
	{check: "record.kept", key: `SELECT 'lgn_x'`, do: []string{`INSERT INTO logins (id, role, name, password_hash, shopper_id,
		shop_id, created_us, staff_role, ended_us) VALUES ($1, 'operator', 'x', 'h', '', '', 1, 'admin', 0)`}},
	{check: "record.kept", key: `SELECT 'vtp_two'`,
		do: []string{`UPDATE voucher_templates SET state = 'open' WHERE id = $1`}},
	{check: "record.kept", key: `SELECT 'vtp_two'`,
		do: []string{`UPDATE voucher_templates SET state = 'draft' WHERE id = $1`}},
	{check: "record.kept", key: `SELECT 'vtp_two'`, do: []string{`UPDATE audit_entries SET facts_after = '{"version":"1"}'
		WHERE subject = $1 AND what = 'voucher.drafted' AND facts_after = '{"version":"2"}'`}},
	{check: "record.kept", key: `SELECT 'vtp_1'`, do: []string{`INSERT INTO voucher_codes (hash, template_id, voucher_id,
		made_us) SELECT 'hash_x', $1, '', 1 WHERE $1 <> ''`}},
	{check: "record.kept", key: `SELECT 'prm_b'`, do: []string{`UPDATE promotions SET state = 'replaced', ended_us = 3
		WHERE id = $1 AND version = 1`, `UPDATE promotions SET state = 'published', published_us = 3 WHERE id = $1 AND version = 2`}},
	{check: "record.kept", key: `SELECT 'prm_x'`, do: []string{`INSERT INTO promotions (id, version, shop_id, kind, body,
		state, from_us, until_us, budget, drafted_by, drafted_us, published_us, ended_us)
		VALUES ($1, 1, '', 'direct', '{}', 'draft', 0, 0, 0, 'lgn_o', 1, 0, 0)`}},
	{check: "record.kept", key: `SELECT 'rfp_1'`,
		do: []string{`UPDATE referral_programmes SET state = 'stopped', stopped_us = 2 WHERE id = $1`}},
	{check: "record.kept", key: `SELECT 'run_undone'`, also: "price.recorded", // prices that it brought, and other shops'
		do: []string{`UPDATE price_history SET cause = $1 WHERE version = 2`}},
	{check: "price.recorded", key: firstPrice, do: []string{`UPDATE price_history SET cause = '' WHERE offer_id = $1`}},
	{check: "price.recorded", key: firstPrice,
		do: []string{`UPDATE price_history SET cause = 'aud_gone' WHERE offer_id = $1 AND version = 2`}},
	{check: "price.recorded", key: firstPrice, do: []string{ // older than causes were kept, it says, and comes after one
		`UPDATE price_history SET cause = CASE WHEN version = 1 THEN 'aud_shelf' ELSE 'before' END WHERE offer_id = $1`}},
	{check: "price.recorded", key: firstPrice, do: []string{ // of another product's import
		`UPDATE price_history SET cause = 'run_done' WHERE offer_id = $1 AND version = 2`,
		`UPDATE offers SET product_id = 'prd_x' WHERE id = $1`}, also: "tenant.goods"},
	{check: "price.recorded", key: `SELECT MAX(offer_id) FROM price_history`, // of another shop's import
		do: []string{`UPDATE price_history SET cause = 'run_done' WHERE offer_id = $1 AND version = 2`}},
	{check: "price.recorded", key: firstPrice, do: []string{`UPDATE floor_history SET cause = 'run_x' WHERE offer_id = $1`}},
	{check: "price.recorded", key: `SELECT 'aud_shelf'`,
		do: []string{`UPDATE audit_entries SET what = 'offer.seen' WHERE id = $1`}},
	{check: "approval.done", key: `SELECT 'prm_a'`,
		do: []string{`UPDATE approvals SET payload = '{"version":12}' WHERE subject = $1`}},
	{check: "approval.done", key: `SELECT 'prm_a'`, do: []string{`UPDATE promotions SET alone = 4 WHERE id = $1`}},
	{check: "approval.done", key: `SELECT 'prm_a'`,
		do: []string{`UPDATE promotions SET drafted_by = 'lgn_p' WHERE id = $1 AND version = 2`}},
	{check: "approval.done", key: `SELECT 'prm_b'`,
		do: []string{`UPDATE promotions SET shop_id = '' WHERE id = $1`}}, // nothing bounds what the market would pay
	{check: "approval.done", key: `SELECT 'vtp_two'`,
		do: []string{`UPDATE voucher_versions SET published_us = 6 WHERE template_id = $1 AND version = 2`}},
	{check: "approval.done", key: `SELECT 'vtp_two'`,
		do: []string{`UPDATE voucher_versions SET made_by = 'lgn_p' WHERE template_id = $1 AND version = 2`}},
	{check: "approval.done", key: `SELECT 'vch_gift'`,
		do: []string{`UPDATE approvals SET payload = '{"shoppers":["shr_other"]}' WHERE id = 'apr_vch' AND $1 <> ''`}},
	{check: "approval.done", key: `SELECT 'vch_gift'`, do: []string{`UPDATE vouchers SET given_by = 'lgn_x' WHERE id = $1`}},
	{check: "approval.done", key: `SELECT 'rfp_1'`,
		do: []string{`UPDATE approvals SET decided_by = asked_by, asked_by = decided_by WHERE subject = $1`}},
}
