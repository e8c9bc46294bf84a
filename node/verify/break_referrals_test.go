package verify

import "hutong/base/db"

// refer has a friend brought, whose order has outlasted its time of return, and another who was brought in vain.
func (f *filler) refer() {
	f.t.Helper()
	f.write(func(tx *db.Tx) error {
		for _, q := range []string{
			`INSERT INTO segments (id, body, open, made_by, made_us, members, counted_us, counting, next)
				VALUES ('seg_1', '{}', TRUE, '', 1, 1, 1, 0, '')`,
			`INSERT INTO segment_people (segment_id, shopper_id) SELECT 'seg_1', MIN(id) FROM shoppers`,
			`INSERT INTO referral_programmes (id, state, body, budget, reward, return_us, made_by, made_us, opened_us, stopped_us)
				VALUES ('rfp_1', 'open', '{}', 100, 60, 1000, 'lgn_1', 1, 1, 0)`,
			`INSERT INTO referrals (id, programme_id, inviter_id, invitee_id, state, order_id, amount, why, bound_us, due_us,
				closed_us, tries) SELECT 'rfl_1', 'rfp_1', 'shr_inviter', shopper_id, 'rewarded', id, 60, '', placed_us - 1, 0,
				closed_us + 1000, 0 FROM orders WHERE id = (SELECT MAX(id) FROM orders WHERE source = 'completed')`,
			`INSERT INTO referrals (id, programme_id, inviter_id, invitee_id, state, order_id, amount, why, bound_us, due_us,
				closed_us, tries) VALUES ('rfl_2', 'rfp_1', 'shr_inviter', 'shr_friend', 'refused', '', 0, 'gone', 1, 0, 2, 0)`,
			`INSERT INTO vouchers (id, template_id, version, shopper_id, nth, from_us, until_us, claimed_us, amount, origin,
				given_by, void_us) SELECT 'vch_friend', 'vtp_1', 1, 'shr_inviter', 1, 1, 2, closed_us, 0, 'grant', 'rfp_1', 0
				FROM referrals WHERE id = 'rfl_1'`,
			`INSERT INTO referral_gifts (voucher_id, referral_id, worth, state, closed_us)
				VALUES ('vch_friend', 'rfl_1', 60, 'given', 0)`,
			`INSERT INTO quotas (quota, cap, used, open) VALUES ('bud:rfp_1', 100, 60, TRUE),
				('clm:rfp_1:shr_inviter', 5, 1, TRUE)`,
			`UPDATE quotas SET used = used + 1, cap = cap + 1 WHERE quota = 'iss:vtp_1'`,
			`INSERT INTO quota_uses (order_id, uses, released) VALUES
				('rfl_1', '[["bud:rfp_1",60],["clm:rfp_1:shr_inviter",1]]', FALSE),
				('rfl_2', '[["bud:rfp_1",60],["clm:rfp_1:shr_inviter",1]]', TRUE),
				('vch_friend', '[["iss:vtp_1",1]]', FALSE)`,
		} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	})
}

// unreferred are damages to referrals, and to sets of shoppers.
var unreferred = []damage{
	{check: "referral.budget", key: `SELECT 'rfp_1'`,
		do: []string{`UPDATE referral_programmes SET budget = 59 WHERE id = $1`}},
	{check: "referral.budget", key: `SELECT 'rfp_1'`,
		do: []string{`UPDATE referral_programmes SET opened_us = 0 WHERE id = $1`}},
	{check: "referral.budget", key: `SELECT 'rfp_1'`, also: "referral.paid", do: []string{
		`UPDATE referrals SET amount = 50 WHERE id = 'rfl_1' AND programme_id = $1`}},
	{check: "referral.paid", key: `SELECT 'rfl_1'`,
		do: []string{`UPDATE referrals SET closed_us = closed_us - 1 WHERE id = $1`,
			`UPDATE vouchers SET claimed_us = claimed_us - 1 WHERE id = 'vch_friend'`}},
	{check: "referral.paid", key: `SELECT 'rfl_1'`, do: []string{
		`UPDATE referrals SET order_id = (SELECT MIN(id) FROM orders WHERE source = 'delivered') WHERE id = $1`}},
	{check: "referral.paid", key: `SELECT 'rfl_1'`, do: []string{`UPDATE referrals SET bound_us = bound_us + 2 WHERE id = $1`}},
	{check: "referral.paid", key: `SELECT 'rfl_1'`, do: []string{
		`UPDATE vouchers SET given_by = 'x' WHERE id = 'vch_friend' AND $1 <> ''`}},
	{check: "referral.paid", key: `SELECT 'rfl_1'`, do: []string{`UPDATE referrals SET inviter_id = invitee_id WHERE id = $1`,
		`UPDATE vouchers SET shopper_id = (SELECT invitee_id FROM referrals WHERE id = 'rfl_1') WHERE id = 'vch_friend'`}},
	{check: "referral.returned", key: `SELECT 'vch_friend'`,
		do: []string{`UPDATE referral_gifts SET state = 'lost', closed_us = 1 WHERE voucher_id = $1`}}, // and can be used
	{check: "referral.returned", key: `SELECT 'vch_friend'`, also: "referral.paid quota.counts",
		do: []string{`UPDATE referral_gifts SET state = 'void', closed_us = 1 WHERE voucher_id = $1`,
			`UPDATE vouchers SET void_us = 1 WHERE id = $1`,
			`INSERT INTO quotas (quota, cap, used, open) VALUES ('vch:vch_friend', 1, 1, TRUE)`}},
	{check: "referral.paid", key: `SELECT 'rfl_1'`, // taken back, and the budget keeps it
		do: []string{`UPDATE referral_gifts SET state = 'void', closed_us = 1 WHERE referral_id = $1`,
			`UPDATE vouchers SET void_us = 1 WHERE id = 'vch_friend'`}},
	{check: "referral.returned", key: `SELECT 'rfl_1'`, also: "approval.done", do: []string{
		`UPDATE referral_gifts SET voucher_id = 'vch_nobody' WHERE referral_id = $1`}},
	{check: "segment.people", key: `SELECT 'shr_nobody'`,
		do: []string{`INSERT INTO segment_people (segment_id, shopper_id) VALUES ('seg_1', $1)`}},
	{check: "segment.people", key: `SELECT 'seg_nothing'`,
		do: []string{`INSERT INTO segment_people (segment_id, shopper_id) SELECT $1, MIN(id) FROM shoppers`}},
	{check: "quota.orders", key: `SELECT 'rfl_2'`, also: "quota.counts",
		do: []string{`UPDATE quota_uses SET released = FALSE WHERE order_id = $1`}},
}
