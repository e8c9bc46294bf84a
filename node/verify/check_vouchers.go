package verify

// vouchers are the promises of deal/voucher beside its counts, which check_deals.go looks at: each voucher was taken of
// what was issued, under a version that is there, and each used code became a voucher of its own template, after it was
// drawn.
func (a *audit) vouchers() []check {
	return []check{{
		name: "voucher.issued", rule: "I-C4", counts: "vouchers",
		columns: "voucher template version uses released",
		sql: `SELECT v.id AS voucher, v.template_id AS template, v.version, COALESCE(u.uses, '') AS uses,
				COALESCE(u.released, FALSE) AS released
			FROM vouchers v LEFT JOIN quota_uses u ON u.order_id = v.id
			LEFT JOIN voucher_versions t ON t.template_id = v.template_id AND t.version = v.version
			WHERE u.order_id IS NULL OR u.released OR t.version IS NULL`,
	}, {
		name: "voucher.codes", rule: "I-C4", counts: "voucher_codes WHERE voucher_id <> ''",
		columns: "code template voucher voucher_template made_us claimed_us",
		sql: `SELECT c.hash AS code, c.template_id AS template, c.voucher_id AS voucher,
				COALESCE(v.template_id, '') AS voucher_template, c.made_us, COALESCE(v.claimed_us, 0) AS claimed_us
			FROM voucher_codes c LEFT JOIN vouchers v ON v.id = c.voucher_id
			WHERE c.voucher_id <> '' AND (v.id IS NULL OR v.template_id <> c.template_id OR v.claimed_us < c.made_us
				OR v.origin <> 'code')`,
	}}
}
