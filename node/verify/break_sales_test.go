package verify

import (
	"fmt"
	"strings"

	"hutong/base/db"
	"hutong/funds/ledger"
)

// sell has a shop in a sale with pieces of its own, a lottery for them, and a struck price that a paid order bears.
func (f *filler) sell() {
	f.t.Helper()
	const enrolment = `INSERT INTO enrolments (id, version, campaign_id, wave, session_us, shop_id, product_id, sku_id, offer_id,
		currency, price, quantity, per_shopper, presale, spot, earnest, worth, appointments, lottery, strike, state, reasons, cap,
		lowest, lowest_source, note, decided_by, pool_id, penalty, lock_us, from_us, until_us, applied_us, decided_us) `
	f.write(func(tx *db.Tx) error {
		for _, q := range []string{
			`INSERT INTO pools (id, no, shop_id, sku_id, place)
				SELECT 'pol_sale', 1000000, shop_id, sku_id, 'enr_1' FROM pools WHERE id = (SELECT MAX(id) FROM pools)`,
			`INSERT INTO pool_counts (no, open, received, returned, written_off, held, sold, shipped)
				VALUES (1000000, TRUE, 10, 0, 0, 0, 0, 0)`,
			`UPDATE pool_counts SET written_off = written_off + 10 WHERE no = (SELECT no FROM pools WHERE id = (SELECT MAX(id)
				FROM pools WHERE place = 'main' AND sku_id = (SELECT sku_id FROM pools WHERE id = 'pol_sale')))`,
			`INSERT INTO stock_moves (id, pool_id, kind, quantity, ref, at_us)
				SELECT 'mov_sale_1', 'pol_sale', 'receive', 10, 'move:enr_1', 1
				UNION ALL SELECT 'mov_sale_2', MAX(id), 'write_off', 10, 'move:enr_1', 1 FROM pools WHERE place = 'main'
					AND sku_id = (SELECT sku_id FROM pools WHERE id = 'pol_sale')`,
			enrolment + `SELECT 'enr_1', 1, 'cmp_1', 1, 0, p.shop_id, 'prd', p.sku_id, 'off', 'CNY', 90, 10, 1, FALSE, TRUE, 0, 0, 5,
				TRUE, 0, 'locked', 'null', 90, 100, 'ord_x', '', '', 'pol_sale', 0, 1, 2, 3, 1, 1 FROM pools p WHERE p.id = 'pol_sale'`,
			pricedEntries,
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
			`INSERT INTO quotas (quota, cap, used, open) VALUES ('brd:cmp_1.1.shp', 500, 1, TRUE),
				('brd:cmp_1.1.shp:shr_1', 3, 1, TRUE)`,
			`UPDATE quota_uses SET uses = REPLACE(uses, '[["lim:enr_1:shr_1",1],',
				'[["brd:cmp_1.1.shp",1],["brd:cmp_1.1.shp:shr_1",1],["lim:enr_1:shr_1",1],')
				WHERE uses LIKE '%pay:enr_1:m%'`,
			`UPDATE offers SET list_price = unit_price + 50 WHERE id = (SELECT MAX(id) FROM offers)`,
			`UPDATE price_history SET list_price = unit_price + 50 WHERE version = 2 AND offer_id = (SELECT MAX(id) FROM offers)`,
			struck + `SELECT o.id, o.version, o.shop_id, o.product_id, o.sku_id, o.unit_price, o.list_price, 0, '', '',
				'reference.none', 'pcl_2', h.from_us, 1 FROM offers o JOIN price_history h ON h.offer_id = o.id AND h.version = 2
				WHERE o.list_price > 0`,
			`INSERT INTO price_claims (id, shop_id, offer_id, sku_id, regime, sale, strike, off_ppm, prior, basis, source, code,
				from_us, until_us, at_us) SELECT 'pcl_2', shop_id, offer_id, sku_id, 'cn', sale, strike, 0, 0, '', '',
				'reference.none', from_us, from_us + 1, 1 FROM price_labels`,
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
	f.warrant()
}

// warrant has a shop leave a deposit and owe a charge; some of the deposit is frozen, some was drawn for the
// market, and some for the shopper of a completed order.
func (f *filler) warrant() {
	f.t.Helper()
	f.write(func(tx *db.Tx) error {
		var shop, order, attempt, wallet string
		_, err := tx.One(`SELECT s.shop_id, a.order_id, a.id, a.wallet FROM attempts a
			JOIN suborders s ON s.order_id = a.order_id AND s.seq = 1 JOIN orders o ON o.id = a.order_id
			WHERE o.source = 'completed' AND a.captured > 0 ORDER BY a.id LIMIT 1`, nil, &shop, &order, &attempt, &wallet)
		if err != nil {
			return err
		}
		post := func(kind ledger.Kind, from, to ledger.Account, amount int64, ref string) ledger.Transfer {
			return ledger.Transfer{Kind: kind, Debit: from, Credit: to, Amount: amount, Currency: "CNY", Shop: shop, Ref: ref}
		}
		ts := []ledger.Transfer{post(ledger.DepositIn, ledger.Bank(shop), ledger.Deposit(shop), 1000, "bank-1"),
			post(ledger.DepositDrawn, ledger.Deposit(shop), ledger.Fees, 100, "dph_1"),
			post(ledger.Redress, ledger.Deposit(shop), ledger.Escrow, 50, "dph_2"),
			post(ledger.RefundAsked, ledger.Escrow, ledger.Refunding(wallet), 50, "rfd_redress"),
			post(ledger.Charged, ledger.Merchant(shop), ledger.Fees, 7, "chg_real"),
			post(ledger.RefundByHand, ledger.Refunding(wallet), ledger.OwnBank, 50, "rfd_redress"),
			post(ledger.Charged, ledger.Deposit(shop), ledger.Fees, 9, "chg_back"),
			post(ledger.ChargeBack, ledger.Fees, ledger.Deposit(shop), 9, "chg_back")}
		ts[2].Order, ts[3].Order, ts[3].Shop, ts[5].Order, ts[5].Shop = order, order, "", order, ""
		if err := ledger.Post(tx, f.clock.Now(), ts); err != nil {
			return err
		}
		for _, q := range []string{
			`INSERT INTO deposit_moves (id, shop_id, currency, amount, ref, by_login, at_us, ledger_seq)
				VALUES ('dpm_real', $1, 'CNY', 1000, 'bank-1', 'lgn_o', 1, $3)`,
			`INSERT INTO deposit_shops (shop_id, currency, required, held) VALUES ($1, 'CNY', 0, 30)`,
			`INSERT INTO deposit_holds (id, shop_id, currency, amount, state, payee, case_id, order_id, request_id, why,
				appeal, answer, by_login, answered_by, at_us, until_us, closed_us, ledger_seq) VALUES
				('dph_0', $1, 'CNY', 30, 'frozen', '', '', '', '', 'w', '', '', 'lgn_o', '', 1, 0, 0, 0),
				('dph_1', $1, 'CNY', 100, 'drawn', 'market', '', '', '', 'w', '', '', 'lgn_o', '', 1, 2, 3, $4),
				('dph_2', $1, 'CNY', 50, 'drawn', 'shopper', '', $2, 'apr_4', 'w', '', '', 'lgn_o', '', 1, 2, 3, $5)`,
			`INSERT INTO approvals (id, kind, shop_id, subject, payload, state, asked_by, decided_by, note, asked_us, expires_us,
				decided_us) VALUES ('apr_4', 'deposit_draw', '', $1, '{}', 'approved', 'lgn_o', 'lgn_p', '', 1, 9, 1),
				('apr_5', 'refund_by_hand', '', 'rfd_redress', '{}', 'approved', 'lgn_o', 'lgn_p', '', 1, 9, 5)`,
			recorded(`'apr_4', 'approval.approved' UNION ALL SELECT 'apr_5', 'approval.approved'
				UNION ALL SELECT 'rfd_redress', 'refund.by_hand'`),
			`INSERT INTO refunds (id, order_id, attempt_id, case_id, wallet, txn, amount, currency, reason, extra, state,
				tries, next_try_us, created_us, done_us)
				SELECT 'rfd_redress', $2, id, 'dph_2', wallet, provider_txn, 50, 'CNY', '', TRUE, 'by_hand', 1, 0,
				created_us, 5 FROM attempts WHERE id = $6`,
			`INSERT INTO refunds_by_hand (refund_id, ref, why, by_login, confirmed_by, request_id, at_us, ledger_seq)
				VALUES ('rfd_redress', 'bank-2', 'w', 'lgn_o', 'lgn_p', 'apr_5', 5, $8)`,
			`INSERT INTO charges (id, shop_id, currency, amount, why, at_us, ledger_seq)
				VALUES ('chg_real', $1, 'CNY', 7, 'rule', 1, $7)`,
			`INSERT INTO charges (id, shop_id, currency, amount, source, why, at_us, ledger_seq)
				SELECT 'chg_back', $1, 'CNY', 9, 'deposit', 'rule', 1, seq FROM transfers
				WHERE ref = 'chg_back' AND kind = 'charge'`,
			`INSERT INTO charges_back (id, shop_id, currency, amount, source, why, at_us, ledger_seq)
				SELECT 'chg_back', $1, 'CNY', 9, 'deposit', 'rule', 1, seq FROM transfers
				WHERE ref = 'chg_back' AND kind = 'charge_back'`} {
			all := []any{shop, order, ts[0].Seq, ts[1].Seq, ts[2].Seq, attempt, ts[4].Seq, ts[5].Seq}
			if _, err := tx.Exec(numbered(q, &all), all...); err != nil {
				return err
			}
		}
		return nil
	})
}

// numbered leaves a statement the arguments that it names, numbered anew.
func numbered(q string, all *[]any) string {
	var used []any
	for i, v := range *all {
		old := fmt.Sprint("$", i+1)
		if strings.Contains(q, old) {
			used = append(used, v)
			q = strings.ReplaceAll(q, old, fmt.Sprint("#", len(used)))
		}
	}
	*all = used
	return strings.ReplaceAll(q, "#", "$")
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
		do: []string{`UPDATE enrolments SET quantity = 3 WHERE pool_id = $1`, countedAs(`held = 4`)}},
	{check: "sale.capped", key: `SELECT 'enr_1'`, also: "record.kept",
		do: []string{`UPDATE enrolments SET price = 91 WHERE id = $1`}},
	{check: "lottery.drawn", key: `SELECT 'enr_1'`, do: []string{`UPDATE appointments SET won = TRUE WHERE item_id = $1`}},
	{check: "deposit.booked", key: `SELECT MIN(id) FROM shops`, also: "ledger.explained", do: []string{`INSERT INTO deposit_moves
		(id, shop_id, currency, amount, ref, by_login, at_us, ledger_seq) VALUES ('dpm_1', $1, 'CNY', 5, 'bank', '', 1, 9000000000)`}},
	{check: "charge.booked", key: `SELECT 'enr_1'`, do: []string{`UPDATE enrolments SET penalty = 5 WHERE id = $1`}},
	{check: "charge.booked", key: `SELECT MIN(id) FROM shops`, also: "ledger.explained", do: []string{`INSERT INTO charges
		(id, shop_id, currency, amount, why, at_us, ledger_seq) VALUES ('chg_1', $1, 'CNY', 5, 'sale.penalty', 1, 9000000000)`}},
	{check: "pay.by_hand", key: `SELECT 'rfd_redress'`, do: []string{`DELETE FROM refunds_by_hand WHERE refund_id = $1`}},
	{check: "pay.by_hand", key: `SELECT 'rfd_redress'`,
		do: []string{`UPDATE refunds_by_hand SET ledger_seq = ledger_seq - 1 WHERE refund_id = $1`}},
	{check: "pay.by_hand", key: `SELECT 'rfd_redress'`,
		do: []string{`UPDATE refunds_by_hand SET by_login = 'lgn_q' WHERE refund_id = $1`}},
	{check: "pay.by_hand", key: `SELECT 'rfd_redress'`, also: "ledger.explained ledger.orders",
		do: []string{`UPDATE refunds SET state = 'refused' WHERE id = $1`}},
	{check: "ledger.explained", key: `SELECT 'own_bank'`, also: "ledger.balances",
		do: []string{`UPDATE ledger_accounts SET credits = credits + 1 WHERE account = $1`}},
	{check: "deposit.booked", key: `SELECT 'dpm_real'`, also: "ledger.explained", // the bank brought less
		do: []string{`UPDATE deposit_moves SET amount = 1001 WHERE id = $1`}},
	{check: "deposit.booked", key: `SELECT shop_id FROM deposit_moves`, also: "ledger.explained", // nobody wrote it down
		do: []string{`DELETE FROM deposit_moves WHERE shop_id = $1`}},
	{check: "deposit.held", key: `SELECT shop_id FROM deposit_shops`,
		do: []string{`UPDATE deposit_shops SET held = 31 WHERE shop_id = $1`}},
	{check: "deposit.held", key: `SELECT shop_id FROM deposit_shops`, // more than there is
		do: []string{`UPDATE deposit_shops SET held = 851 WHERE shop_id = $1`,
			`UPDATE deposit_holds SET amount = 851 WHERE id = 'dph_0'`}},
	{check: "deposit.held", key: `SELECT shop_id FROM deposit_shops`,
		do: []string{`DELETE FROM deposit_shops WHERE shop_id = $1`}},
	{check: "deposit.drawn", key: `SELECT 'dph_1'`, // before the time for an appeal was over
		do: []string{`UPDATE deposit_holds SET closed_us = 1 WHERE id = $1`}},
	{check: "deposit.drawn", key: `SELECT 'dph_1'`, // who announced it answered the appeal
		do: []string{`UPDATE deposit_holds SET answered_by = by_login WHERE id = $1`}},
	{check: "deposit.drawn", key: `SELECT 'dph_2'`, also: "approval.done", // one person agreed to it
		do: []string{`UPDATE approvals SET decided_by = asked_by WHERE id = 'apr_4' AND $1 <> ''`}},
	{check: "deposit.drawn", key: `SELECT 'dph_2'`, also: "presale.ended", // it was not brought to the shopper
		do: []string{`UPDATE refunds SET case_id = 'other' WHERE case_id = $1`}},
	{check: "deposit.drawn", key: `SELECT 'dph_1'`, also: "ledger.explained",
		do: []string{`UPDATE deposit_holds SET amount = 99 WHERE id = $1`}},
	{check: "charge.booked", key: `SELECT 'chg_real'`, also: "ledger.explained", // it was charged more
		do: []string{`UPDATE charges SET amount = 8 WHERE id = $1`}},
	{check: "charge.booked", key: `SELECT 'chg_real'`, also: "ledger.explained", // it was charged, and nobody says why
		do: []string{`DELETE FROM charges WHERE id = $1`}},
	{check: "charge.returned", key: `SELECT 'chg_back'`, also: "ledger.explained", // it is still kept
		do: []string{`DELETE FROM charges_back WHERE id = $1`}},
	{check: "charge.returned", key: `SELECT 'chg_back'`, also: "ledger.explained", // a part of it went back
		do: []string{`UPDATE charges_back SET amount = 8 WHERE id = $1`}},
	{check: "charge.returned", key: `SELECT 'chg_back'`, also: "ledger.explained", // to another account
		do: []string{`UPDATE charges_back SET source = 'owed' WHERE id = $1`}},
	{check: "statement.sums", key: `SELECT MIN(id) FROM statements WHERE carried = 0`, also: "statement.payouts",
		do: []string{`UPDATE statements SET returned = 1, carried = carried + 1, due = due + 1 WHERE id = $1`}},
	{check: "statement.sums", key: `SELECT MIN(id) FROM statements WHERE carried = 0`, do: []string{`UPDATE statements
		SET charged = 1, carried = carried - 1, due = due - 1 WHERE id = $1`}, also: "statement.payouts"},
	{check: "price.labels", key: `SELECT MIN(id) FROM offers`, do: []string{struck + `SELECT id, version, shop_id, product_id, sku_id,
		unit_price, list_price, 0, '', '', 'reference.none', 'pcl_none', 1, 1 FROM offers WHERE id = $1`}},
	{check: "price.labels", key: `SELECT offer_id FROM price_labels`, // history refused it, and it is shown
		do: []string{`UPDATE price_labels SET code = '' WHERE offer_id = $1`}},
	{check: "price.labels", key: `SELECT offer_id FROM price_labels`, // it is not the price that was judged
		do: []string{`UPDATE price_labels SET strike = strike + 1 WHERE offer_id = $1`}},
	{check: "quota.counts", key: `SELECT 'brd:cmp_1.1.shp'`, // a brand's session sold more than it counts
		do: []string{`UPDATE quotas SET used = 0 WHERE quota = $1`}},
	{check: "quota.counts", key: `SELECT 'brd:cmp_1.1.shp:shr_1'`, // a shopper has more than the session gives
		do: []string{`UPDATE quotas SET cap = 0 WHERE quota = $1`}},
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
