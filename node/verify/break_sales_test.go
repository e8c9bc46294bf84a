package verify

import "hutong/base/db"

// sell has a shop in a sale with pieces of its own, a lottery for them, and a struck price that a paid order bears.
func (f *filler) sell() {
	f.t.Helper()
	const enrolment = `INSERT INTO enrolments (id, version, campaign_id, wave, session_us, shop_id, product_id, sku_id, offer_id,
		currency, price, quantity, per_shopper, presale, spot, earnest, worth, appointments, lottery, strike, state, reasons, cap,
		lowest, lowest_source, note, decided_by, pool_id, penalty, lock_us, from_us, until_us, applied_us, decided_us) `
	f.write(func(tx *db.Tx) error {
		for _, q := range []string{
			`INSERT INTO pools (id, shop_id, sku_id, place, open, received, returned, written_off, held, sold, shipped)
				SELECT 'pol_sale', shop_id, sku_id, 'enr_1', TRUE, 10, 0, 0, 0, 0, 0 FROM pools WHERE id = (SELECT MAX(id) FROM pools)`,
			`UPDATE pools SET written_off = written_off + 10 WHERE id = (SELECT MAX(id) FROM pools WHERE place = 'main'
				AND sku_id = (SELECT sku_id FROM pools WHERE id = 'pol_sale'))`,
			`INSERT INTO stock_moves (id, pool_id, kind, quantity, ref, at_us)
				SELECT 'mov_sale_1', 'pol_sale', 'receive', 10, 'move:enr_1', 1
				UNION ALL SELECT 'mov_sale_2', MAX(id), 'write_off', 10, 'move:enr_1', 1 FROM pools WHERE place = 'main'
					AND sku_id = (SELECT sku_id FROM pools WHERE id = 'pol_sale')`,
			enrolment + `SELECT 'enr_1', 1, 'cmp_1', 1, 0, p.shop_id, 'prd', p.sku_id, 'off', 'CNY', 90, 10, 1, FALSE, TRUE, 0, 0, 5,
				TRUE, 0, 'locked', 'null', 90, 100, 'ord_x', '', '', 'pol_sale', 0, 1, 2, 3, 1, 1 FROM pools p WHERE p.id = 'pol_sale'`,
			`INSERT INTO lotteries (item_id, commitment, lots, closes_us, drawn_us, seed, entrants, last_rank)
				VALUES ('enr_1', 'c', 1, 1, 2, 's', 2, 'r')`,
			`INSERT INTO appointments (item_id, entered_as, shopper_id, won, at_us)
				VALUES ('enr_1', 'shr_1', 'shr_1', TRUE, 1), ('enr_1', 'shr_2', 'shr_2', FALSE, 1)`,
			`INSERT INTO quotas (quota, cap, used, open) VALUES ('apt:enr_1', 5, 2, TRUE)`,
			`INSERT INTO quota_uses (order_id, uses, released) VALUES ('apt:enr_1:shr_1', '[["apt:enr_1",1]]', FALSE),
				('apt:enr_1:shr_2', '[["apt:enr_1",1]]', FALSE)`,
			`INSERT INTO quotas (quota, cap, used, open) VALUES ('lim:enr_1:shr_1', 5, 1, TRUE), ('pay:enr_1:m', 5, 1, TRUE)`,
			`UPDATE quota_uses SET uses = REPLACE(uses, '[[', '[["lim:enr_1:shr_1",1],["pay:enr_1:m",1],[')
				WHERE order_id = (SELECT MIN(o.id) FROM orders o JOIN quota_uses u ON u.order_id = o.id
					WHERE o.paid_us > 0 AND NOT u.released)`,
			`UPDATE payment_facts SET payer = 'm' WHERE kind = 'capture' AND txn = (SELECT MIN(a.provider_txn) FROM attempts a
				JOIN quota_uses u ON u.order_id = a.order_id WHERE u.uses LIKE '%pay:enr_1:m%' AND a.provider_txn <> '')`,
			`INSERT INTO price_claims (id, shop_id, offer_id, sku_id, regime, sale, strike, off_ppm, prior, basis, source, code,
				from_us, until_us, at_us) SELECT 'pcl_1', 'shp', 'off', 'sku', 'cn', 80, 100, 0, 100, 'lowest_deal', MIN(id), '',
				9000000000000000, 9000000000000001, 1 FROM orders WHERE paid_us > 0`,
		} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	})
}

const struck = `INSERT INTO price_labels (offer_id, version, shop_id, product_id, sku_id, sale, strike, prior, basis, source,
	code, claim_id, from_us, at_us) `

// unsold is what can be wrong with all that.
var unsold = []damage{
	{check: "stock.moved", key: `SELECT 'move:enr_1'`, also: "stock.conservation",
		do: []string{`UPDATE stock_moves SET quantity = 9 WHERE ref = $1 AND kind = 'receive'`}},
	{check: "sale.pledged", key: `SELECT 'enr_1'`, do: []string{`UPDATE enrolments SET sku_id = 'sku_x' WHERE id = $1`}},
	{check: "sale.pledged", key: `SELECT 'enr_1'`, do: []string{`UPDATE enrolments SET state = 'ended' WHERE id = $1`}},
	{check: "sale.pledged", key: `SELECT 'pol_sale'`, also: "stock.promised",
		do: []string{`UPDATE enrolments SET quantity = 3 WHERE pool_id = $1`, `UPDATE pools SET held = 4 WHERE id = $1`}},
	{check: "sale.capped", key: `SELECT 'enr_1'`, do: []string{`UPDATE enrolments SET price = 91 WHERE id = $1`}},
	{check: "lottery.drawn", key: `SELECT 'enr_1'`, do: []string{`UPDATE appointments SET won = TRUE WHERE item_id = $1`}},
	{check: "deposit.booked", key: `SELECT MIN(id) FROM shops`, also: "ledger.explained", do: []string{`INSERT INTO deposit_moves
		(id, shop_id, currency, amount, ref, by_login, at_us, ledger_seq) VALUES ('dpm_1', $1, 'CNY', 5, 'bank', '', 1, 9000000000)`}},
	{check: "charge.booked", key: `SELECT 'enr_1'`, do: []string{`UPDATE enrolments SET penalty = 5 WHERE id = $1`}},
	{check: "charge.booked", key: `SELECT MIN(id) FROM shops`, also: "ledger.explained", do: []string{`INSERT INTO charges
		(id, shop_id, currency, amount, why, at_us, ledger_seq) VALUES ('chg_1', $1, 'CNY', 5, 'sale.penalty', 1, 9000000000)`}},
	{check: "statement.sums", key: `SELECT MIN(id) FROM statements WHERE carried = 0`, do: []string{`UPDATE statements
		SET charged = 1, carried = carried - 1, due = due - 1 WHERE id = $1`}, also: "statement.payouts ledger.explained"},
	{check: "price.labels", key: `SELECT MIN(id) FROM offers`, do: []string{struck + `SELECT id, version, shop_id, product_id, sku_id,
		unit_price, list_price, 0, '', '', 'reference.none', 'pcl_none', 1, 1 FROM offers WHERE id = $1`}},
	{check: "price.struck", key: of(completed), also: "price.labels", do: []string{struck + `SELECT l.offer_id, l.price_version,
		l.shop_id, l.product_id, l.sku_id, 1, (l.paid + l.funded) / l.quantity + 1, 9000000, 'lowest_deal', 'ord', '', 'pcl_1',
		o.paid_us + 3600000000, 1 FROM order_lines l JOIN orders o ON o.id = l.order_id
		WHERE l.order_id = $1 AND l.refunded_quantity < l.quantity AND l.paid > 200 * l.quantity LIMIT 1`}},
	{check: "price.claims", key: `SELECT 'pcl_1'`, do: []string{`UPDATE price_claims SET source = 'ord_x' WHERE id = $1`}},
	{check: "price.claims", key: `SELECT 'pcl_1'`, do: []string{`UPDATE price_claims SET from_us = 1 WHERE id = $1`}},
	{check: "quota.accounts", key: `SELECT order_id FROM quota_uses WHERE uses LIKE '%pay:enr_1:m%'`,
		do:   []string{`UPDATE quota_uses SET uses = REPLACE(uses, '["pay:enr_1:m",1],', '') WHERE order_id = $1`},
		also: "quota.counts"},
	{check: "quota.counts", key: `SELECT 'apt:enr_1'`, do: []string{`UPDATE quotas SET used = 3 WHERE quota = $1`}},
}
