package verify

// referrals are the promises of trade/referral (I-C8): what was kept back and given never passes a programme's budget,
// and a reward was given for a friend's own order, after its time of return, as a voucher.
func (a *audit) referrals() []check {
	return []check{{
		name: "referral.budget", rule: "I-C8", counts: "referral_programmes",
		columns: "programme budget opened_us kept used",
		sql: `SELECT * FROM (SELECT p.id AS programme, p.budget, p.opened_us,
				COALESCE((SELECT SUM(r.amount) FROM referrals r WHERE r.programme_id = p.id), 0) AS kept,
				COALESCE((SELECT q.used FROM quotas q WHERE q.quota = 'bud:' || p.id), 0) AS used
			FROM referral_programmes p) m WHERE kept > budget OR kept <> used OR opened_us = 0 AND kept > 0`,
	}, {
		name: "referral.paid", rule: "I-C8", counts: "referrals WHERE order_id <> ''",
		columns: "referral inviter order_id state amount reward bound_us placed_us order_state ended_us closed_us",
		sql: `SELECT r.id AS referral, r.inviter_id AS inviter, r.order_id, r.state, r.amount, p.reward, r.bound_us,
				o.placed_us, COALESCE(o.state, '') AS order_state, o.closed_us AS ended_us, r.closed_us
			FROM referrals r LEFT JOIN orders o ON o.id = r.order_id LEFT JOIN referral_programmes p ON p.id = r.programme_id
			WHERE r.order_id <> '' AND (o.id IS NULL OR p.id IS NULL OR o.paid_us = 0
				OR r.state = 'refused' AND r.amount <> 0
				OR r.state IN ('pending', 'rewarded') AND (o.placed_us < r.bound_us
					OR r.amount <> p.reward - COALESCE((SELECT SUM(g.worth) FROM referral_gifts g
						WHERE g.referral_id = r.id AND g.state = 'void'), 0))
				OR r.state = 'rewarded' AND (o.state <> 'completed' OR r.closed_us < o.closed_us + p.return_us
					OR o.shopper_id = r.inviter_id OR r.invitee_id = r.inviter_id OR NOT EXISTS (SELECT 1 FROM vouchers v
					WHERE v.shopper_id = r.inviter_id AND v.given_by = r.programme_id AND v.claimed_us = r.closed_us)))`,
	}, {
		// What was given stands with its order: of one that went back whole nothing stays given, once its event was told,
		// and what was taken back cannot be used. What was unused is not lost, nor taken back what was used.
		name: "referral.returned", rule: "I-C8", counts: "referral_gifts",
		columns: "voucher referral gift state void_us used kept",
		sql: `SELECT * FROM (SELECT g.voucher_id AS voucher, g.referral_id AS referral, g.state AS gift,
				COALESCE(r.state, '') AS state, COALESCE(v.void_us, 0) AS void_us, COALESCE(v.id, '') AS known,
				COALESCE((SELECT q.used FROM quotas q WHERE q.quota = 'vch:' || g.voucher_id), 0) AS used,
				COALESCE((SELECT SUM(l.quantity - l.refunded_quantity) FROM order_lines l WHERE l.order_id = r.order_id), 0)
					AS kept,
				(SELECT COUNT(*) FROM outbox e WHERE e.topic = 'order.refunded')
					+ (SELECT COUNT(*) FROM outbox_failures e WHERE e.topic = 'order.refunded') AS untold
			FROM referral_gifts g LEFT JOIN referrals r ON r.id = g.referral_id LEFT JOIN vouchers v ON v.id = g.voucher_id) m
			WHERE known = '' OR state NOT IN ('rewarded', 'refused') OR state = 'refused' AND gift <> 'void'
				OR gift = 'given' AND kept = 0 AND untold = 0 OR gift <> 'given' AND void_us = 0 OR gift = 'void' AND used > 0`,
	}}
}
