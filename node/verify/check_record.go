package verify

// record are the promises of the audit log: whoever changes what only some may change stands there, and the dearest
// changes took two people.
func (a *audit) record() []check {
	return []check{{
		name: "record.kept", rule: "I-S2", counts: "audit_entries", columns: "subject deed",
		sql: `SELECT d.subject, d.deed FROM (` + privileged + `) d
			WHERE NOT EXISTS (SELECT 1 FROM audit_entries e WHERE e.subject = d.subject AND e.subject <> ''
				AND e.what = d.deed AND e.facts_after LIKE d.told)
			UNION ALL ` + positions,
	}, {
		name: "approval.done", rule: "I-S2", counts: "approvals",
		columns: "subject shop asked_by decided_by state",
		sql: `SELECT id AS subject, shop_id AS shop, asked_by, decided_by, state FROM approvals
				WHERE state IN ('approved', 'refused') AND (decided_by = asked_by OR decided_by = '' OR decided_us > expires_us)
			` + byTwo,
	}, {
		// A price that is older than its causes were kept stands before all others of its offer.
		name: "price.recorded", rule: "I-S2", counts: "price_history", columns: "offer shop cause from_us",
		sql: `SELECT v.offer_id AS offer, o.shop_id AS shop, v.cause, v.from_us
			FROM (SELECT h.offer_id, h.cause, h.from_us, EXISTS (SELECT 1 FROM price_history p WHERE h.cause = 'before'
					AND p.offer_id = h.offer_id AND p.version < h.version AND p.cause <> 'before') AS late
				FROM price_history h
				UNION ALL SELECT h.offer_id, h.cause, h.from_us, EXISTS (SELECT 1 FROM floor_history p
					WHERE h.cause = 'before' AND p.offer_id = h.offer_id AND p.from_us < h.from_us AND p.cause <> 'before')
				FROM floor_history h) v
			LEFT JOIN offers o ON o.id = v.offer_id LEFT JOIN audit_entries e ON e.id = v.cause
			LEFT JOIN import_runs r ON r.id = v.cause
			WHERE CASE WHEN v.cause = 'before' THEN v.late
				WHEN e.id IS NOT NULL THEN e.what <> 'offer.priced' OR e.shop_id <> '' AND e.shop_id <> o.shop_id
				WHEN r.id IS NOT NULL THEN r.who = '' OR r.shop_id <> o.shop_id
					OR NOT EXISTS (SELECT 1 FROM import_changes c WHERE c.run_id = r.id AND c.product_id = o.product_id)
				ELSE TRUE END`,
	}}
}

// privileged is what was changed and can be seen in the tables, by subject and deed, with what the entry must tell.
const privileged = `SELECT id AS subject, 'key.made' AS deed, '%' AS told FROM api_keys
	UNION ALL SELECT id, 'key.revoked', '%' FROM api_keys WHERE revoked_us > 0
	UNION ALL SELECT id, 'webhook.made', '%' FROM webhook_endpoints
	UNION ALL SELECT id, 'staff.invited', '%"role":"' || staff_role || '"%' FROM invites
	UNION ALL SELECT id, 'staff.removed', '%' FROM logins WHERE role <> 'shopper' AND ended_us > 0
	UNION ALL SELECT id, 'approval.asked', '%' FROM approvals
	UNION ALL SELECT id, 'approval.' || state, '%' FROM approvals WHERE state IN ('approved', 'refused', 'withdrawn')
	UNION ALL SELECT id, 'statement.paid_out', '%' FROM statements WHERE paid_out_us > 0
	UNION ALL SELECT refund_id, 'refund.by_hand', '%' FROM refunds_by_hand
	UNION ALL SELECT id, 'promotion.drafted', '%"version":"' || CAST(version AS TEXT) || '"%' FROM promotions
	UNION ALL SELECT id, 'promotion.published', '%"version":"' || CAST(version AS TEXT) || '"%' FROM promotions
		WHERE published_us > 0
	UNION ALL SELECT id, 'promotion.withdrawn', '%"version":"' || CAST(version AS TEXT) || '"%' FROM promotions
		WHERE state = 'withdrawn'
	UNION ALL SELECT template_id, 'voucher.drafted', '%"version":"' || CAST(version AS TEXT) || '"%' FROM voucher_versions
	UNION ALL SELECT template_id, 'voucher.published', '%"version":"' || CAST(version AS TEXT) || '"%'
		FROM voucher_versions WHERE published_us > 0
	UNION ALL SELECT id, 'voucher.published', '%"version":"' || CAST(version AS TEXT) || '"%' FROM voucher_templates
		WHERE version > 0
	UNION ALL SELECT DISTINCT r.id, 'import.undone', '%' FROM price_history h JOIN import_runs r ON r.id = h.cause
		WHERE r.state IN ('undoing', 'undone')
	UNION ALL SELECT id, 'enrolment.priced', '%"price":"' || CAST(price AS TEXT) || '"%' FROM enrolments
	UNION ALL SELECT id, 'group_offer.priced', '%' FROM group_offers
	UNION ALL SELECT id, 'referral.drafted', '%' FROM referral_programmes
	UNION ALL SELECT id, 'referral.opened', '%' FROM referral_programmes WHERE opened_us > 0
	UNION ALL SELECT id, 'referral.stopped', '%' FROM referral_programmes WHERE stopped_us > 0`

// positions are those that no entries lead to: of all that tell of one thing, as many come to where it stands as leave
// it, and one more. What one node wrote later than another does not matter then. Codes that were drawn in one moment
// are of one draw.
const positions = `SELECT l.id, 'staff.role' FROM logins l WHERE l.role <> 'shopper' AND l.ended_us = 0
		AND 1 <> (SELECT COALESCE(SUM(CASE WHEN e.facts_after LIKE '%"role":"' || l.staff_role || '"%' THEN 1 ELSE 0 END
			- CASE WHEN e.facts_before LIKE '%"role":"' || l.staff_role || '"%' THEN 1 ELSE 0 END), 0)
			FROM audit_entries e WHERE e.subject = l.id AND e.subject <> ''
				AND e.what IN ('staff.made', 'staff.joined', 'staff.role_changed'))
	UNION ALL SELECT l.id, 'staff.removed' FROM logins l WHERE l.role <> 'shopper' AND l.ended_us = 0
		AND EXISTS (SELECT 1 FROM audit_entries e WHERE e.subject = l.id AND e.subject <> '' AND e.what = 'staff.removed')
	UNION ALL SELECT l.id, 'staff.made' FROM logins l WHERE l.role <> 'shopper'
		AND 1 <> (SELECT COUNT(*) FROM audit_entries e WHERE e.subject = l.id AND e.subject <> ''
			AND e.what IN ('staff.made', 'staff.joined'))
	UNION ALL SELECT t.id, 'voucher.turned' FROM voucher_templates t
		WHERE CASE WHEN t.state = 'draft' THEN 0 ELSE 1 END <> (
			SELECT COALESCE(SUM(CASE WHEN e.facts_after LIKE '%"state":"' || t.state || '"%' THEN 1 ELSE 0 END
				- CASE WHEN e.facts_after LIKE '%"was":"' || t.state || '"%' THEN 1 ELSE 0 END), 0)
			FROM audit_entries e WHERE e.subject = t.id AND e.subject <> ''
				AND e.what IN ('voucher.published', 'voucher.turned'))
	UNION ALL SELECT c.template_id, 'voucher.drawn' FROM (SELECT template_id, COUNT(DISTINCT made_us) AS draws
			FROM voucher_codes GROUP BY template_id) c
		WHERE c.draws > (SELECT COUNT(*) FROM audit_entries e WHERE e.subject = c.template_id AND e.subject <> ''
			AND e.what = 'voucher.drawn')`

// byTwo is what one person asked for and another decided, in the moment in which it came into force: a payout account,
// a fee, what promotions and vouchers may cost above the limit of one person, vouchers that were given away, and
// invitations. What the node itself gave is of demo markets and benches; rewards are the invitations' own.
const byTwo = `UNION ALL SELECT p.id, p.shop_id, '', '', p.state FROM payout_accounts p
		WHERE p.state <> 'draft' AND NOT EXISTS (SELECT 1 FROM approvals a WHERE a.kind = 'payout_account'
			AND a.shop_id = p.shop_id AND a.state = 'approved' AND a.payload LIKE '%' || p.id || '%')
	UNION ALL SELECT f.id, f.scope_id, '', '', f.scope FROM fee_rules f
		WHERE NOT f.opening AND NOT EXISTS (SELECT 1 FROM approvals a WHERE a.kind = 'fee'
			AND a.subject = 'fee:' || f.scope || ':' || f.scope_id AND a.state = 'approved'
			AND a.decided_us = f.announced_us)
	UNION ALL SELECT p.id, p.shop_id, p.drafted_by, '', p.state FROM promotions p
		WHERE p.published_us > 0 AND (p.worst > p.alone OR p.worst < 0 AND p.shop_id = '')
			AND NOT EXISTS (SELECT 1 FROM approvals a WHERE a.kind = 'promotion_publish' AND a.subject = p.id
				AND a.shop_id = p.shop_id AND a.state = 'approved' AND a.decided_us = p.published_us
				AND a.payload LIKE '%"version":' || CAST(p.version AS TEXT) || '}' AND a.decided_by <> p.drafted_by)
	UNION ALL SELECT t.id, t.shop_id, v.made_by, '', t.state
		FROM voucher_versions v JOIN voucher_templates t ON t.id = v.template_id
		WHERE v.published_us > 0 AND v.worst > v.alone
			AND NOT EXISTS (SELECT 1 FROM approvals a WHERE a.kind = 'voucher_publish' AND a.subject = t.id
				AND a.shop_id = t.shop_id AND a.state = 'approved' AND a.decided_us = v.published_us
				AND a.payload LIKE '%"version":' || CAST(v.version AS TEXT) || '}' AND a.decided_by <> v.made_by)
	UNION ALL SELECT v.id, t.shop_id, v.given_by, '', v.origin
		FROM vouchers v JOIN voucher_templates t ON t.id = v.template_id
		WHERE v.origin = 'grant' AND v.given_by <> 'system'
			AND NOT EXISTS (SELECT 1 FROM referral_gifts g WHERE g.voucher_id = v.id)
			AND NOT EXISTS (SELECT 1 FROM approvals a WHERE a.kind = 'voucher_grant' AND a.subject = v.template_id
				AND a.shop_id = t.shop_id AND a.state = 'approved' AND a.asked_by = v.given_by
				AND a.decided_us = v.claimed_us AND a.payload LIKE '%"' || v.shopper_id || '"%')
	UNION ALL SELECT p.id, '', p.made_by, '', p.state FROM referral_programmes p
		WHERE p.opened_us > 0 AND p.made_by <> 'system'
			AND NOT EXISTS (SELECT 1 FROM approvals a WHERE a.kind = 'referral_open' AND a.subject = p.id
				AND a.state = 'approved' AND a.decided_us = p.opened_us AND a.decided_by <> p.made_by)`
