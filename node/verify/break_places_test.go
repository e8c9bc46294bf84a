package verify

import (
	"hutong/base/db"
	"hutong/funds/ledger"
)

// sellPlaces has a Juhuasuan sale with three places: one sells, one is settled with a commission of what it never
// sold, and one was left; a fourth bid was paid, and the market called it off.
func (f *filler) sellPlaces() {
	f.t.Helper()
	f.write(func(tx *db.Tx) error {
		var shop string
		if _, err := tx.One(`SELECT shop_id FROM deposit_moves`, nil, &shop); err != nil {
			return err
		}
		var ts []ledger.Transfer
		for _, bid := range []string{"plb_1", "plb_2", "plb_3", "plb_4"} {
			ts = append(ts, ledger.Transfer{Kind: ledger.Charged, Debit: ledger.Deposit(shop), Credit: ledger.Fees, Amount: 20,
				Currency: "CNY", Shop: shop, Ref: bid})
		}
		ts = append(ts, ledger.Transfer{Kind: ledger.ChargeBack, Debit: ledger.Fees, Credit: ledger.Deposit(shop), Amount: 20,
			Currency: "CNY", Shop: shop, Ref: "plb_4"})
		if err := ledger.Post(tx, f.clock.Now(), ts); err != nil {
			return err
		}
		const enrolment = `INSERT INTO enrolments (id, version, campaign_id, wave, session_us, shop_id, product_id, sku_id,
			offer_id, currency, price, quantity, per_shopper, presale, spot, earnest, worth, appointments, lottery, strike, state,
			reasons, cap, lowest, lowest_source, note, decided_by, pool_id, penalty, lock_us, from_us, until_us, applied_us,
			decided_us) SELECT 'enr_' || p.place, 1, 'cmp_j', 1, 0, p.shop_id, 'prd', p.sku_id, 'off', 'CNY', 90, 10, 1, FALSE,
			TRUE, 0, 0, 0, FALSE, 0, `
		const bid = `INSERT INTO place_bids (id, version, opening_id, enrolment_id, shop_id, state, note, from_us, until_us,
			applied_us, paid_us, ended_us, look_us, sold, commission, charged, settled_seq) VALUES `
		for _, q := range []string{
			`INSERT INTO campaigns (id, version, state, channel, plan, created_us) VALUES ('cmp_j', 1, 'published', 'juhuasuan',
				'{}', 1)`,
			`INSERT INTO pools (id, no, shop_id, sku_id, place) SELECT 'pol_' || w.place, w.no, p.shop_id, p.sku_id, w.place
				FROM pools p CROSS JOIN (SELECT 'live' AS place, 1000001 AS no UNION ALL SELECT 'over', 1000002) w
				WHERE p.id = 'pol_sale'`,
			`INSERT INTO pool_counts (no, open, received, returned, written_off, held, sold, shipped)
				VALUES (1000001, FALSE, 0, 0, 0, 0, 0, 0), (1000002, FALSE, 0, 0, 0, 0, 0, 0)`,
			enrolment + `'locked', 'null', 0, 0, '', '', '', p.id, 0, 1, 2, 3, 1, 1 FROM pools p WHERE p.id = 'pol_live'`,
			enrolment + `'ended', 'null', 0, 0, '', '', '', p.id, 0, 1, 2, 3, 1, 1 FROM pools p WHERE p.id = 'pol_over'`,
			pricedEntries,
			`UPDATE pools SET place = 'enr_' || place WHERE id IN ('pol_live', 'pol_over')`,
			`INSERT INTO place_openings (id, version, campaign_id, wave, category, places, taken, currency, fee, terms,
				commission_ppm, pay_by_us, ship_hours, state, created_by, created_us) VALUES ('plo_1', 1, 'cmp_j', 1, '', 3, 3, 'CNY',
				20, 'fixed', 50000, 1, 24, 'open', 'lgn_o', 1)`,
			bid + `('plb_1', 1, 'plo_1', 'enr_live', $1, 'paid', '', 2, 4102444800000000, 1, 1, 0, 3, 0, 0, 0, 0)`,
			bid + `('plb_2', 1, 'plo_1', 'enr_over', $1, 'settled', '', 2, 3, 1, 1, 4, 3, 0, 0, 0, 9000000000)`,
			bid + `('plb_3', 1, 'plo_1', 'enr_x', $1, 'forfeited', '', 2, 3, 1, 1, 2, 3, 0, 0, 0, 0)`,
			bid + `('plb_4', 1, 'plo_1', 'enr_y', $1, 'called_off', '', 2, 3, 1, 1, 2, 3, 0, 0, 0, 0)`,
		} {
			all := []any{shop}
			if _, err := tx.Exec(numbered(q, &all), all...); err != nil {
				return err
			}
		}
		for i, at := range []string{"plb_1", "plb_2", "plb_3", "plb_4"} {
			if _, err := tx.Exec(`INSERT INTO charges (id, shop_id, currency, amount, source, why, at_us, ledger_seq)
				VALUES ($1, $2, 'CNY', 20, 'deposit', 'place.fee', 1, $3)`, at, shop, ts[i].Seq); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`INSERT INTO charges_back (id, shop_id, currency, amount, source, why, at_us, ledger_seq)
			VALUES ('plb_4', $1, 'CNY', 20, 'deposit', 'place.fee_back', 1, $2)`, shop, ts[4].Seq)
		return err
	})
}

// firstSold is an order, and soldFrom has its first line sold from a place.
const firstSold = `SELECT MIN(order_id) FROM suborders WHERE state = 'open'`

func soldFrom(pool string) string {
	return `UPDATE order_lines SET pool_id = '` + pool + `', shop_id = (SELECT shop_id FROM enrolments WHERE pool_id = '` +
		pool + `') WHERE order_id = $1 AND line_no = 1`
}

// unplaced is what can be wrong with all that.
var unplaced = []damage{
	{check: "place.counts", key: `SELECT 'plo_1'`, do: []string{`UPDATE place_openings SET places = 2 WHERE id = $1`}},
	{check: "place.counts", key: `SELECT 'plo_1'`, // one is sold once more
		do: []string{`UPDATE place_openings SET taken = 2 WHERE id = $1`}},
	{check: "place.paid", key: `SELECT 'plb_1'`, also: "charge.booked ledger.explained", // it was never charged
		do: []string{`DELETE FROM charges WHERE id = $1`}},
	{check: "place.paid", key: `SELECT 'plb_4'`, also: "charge.returned ledger.explained", // and the fee is kept
		do: []string{`DELETE FROM charges_back WHERE id = $1`}},
	{check: "place.paid", key: `SELECT 'plb_1'`, also: "charge.returned", // its fee went back, and it sells
		do: []string{`UPDATE charges_back SET id = $1 WHERE id = 'plb_4'`}},
	{check: "place.paid", key: `SELECT 'plb_3'`, // less than its opening asks
		do: []string{`UPDATE place_openings SET fee = 19 WHERE id = 'plo_1' AND $1 <> ''`}},
	{check: "place.held", key: `SELECT 'enr_live'`, also: "place.counts",
		do: []string{`UPDATE place_bids SET state = 'shortlisted' WHERE enrolment_id = $1 AND state = 'paid'`}},
	{check: "place.settled", key: `SELECT 'plb_1'`, // its selling is long over, it sold nothing, and nobody settled it
		do: []string{`UPDATE place_bids SET until_us = 3 WHERE id = $1`}},
	{check: "place.settled", key: `SELECT 'plb_1'`, // what it sold was received long ago
		do: []string{`UPDATE place_bids SET until_us = 3 WHERE id = $1`,
			`UPDATE order_lines SET pool_id = 'pol_live', shop_id = (SELECT shop_id FROM enrolments WHERE id = 'enr_live')
				WHERE $1 <> '' AND line_no = 1 AND order_id = (SELECT MIN(order_id) FROM suborders WHERE state = 'completed')`,
			`UPDATE suborders SET closed_us = 1 WHERE $1 <> '' AND order_id = (SELECT MIN(order_id) FROM suborders
				WHERE state = 'completed')`},
		also: "review.purchases stock.promised tenant.lines"},
	{check: "place.ships", key: `SELECT MIN(order_id) FROM suborders`, // it was sold from no place
		do: []string{`UPDATE suborders SET ship_hours = 24 WHERE order_id = $1 AND seq = 1`}},
	{check: "place.ships", key: firstSold, also: "stock.promised tenant.lines", // its place says 24
		do: []string{soldFrom("pol_live"), `UPDATE suborders SET ship_hours = 25 WHERE order_id = $1 AND seq = 1`}},
	{check: "place.ships", key: firstSold, also: "stock.promised tenant.lines", // the promise is lost
		do: []string{soldFrom("pol_live"), `UPDATE suborders SET ship_hours = 0 WHERE order_id = $1 AND seq = 1`}},
	{check: "place.commission", key: `SELECT 'plb_2'`, // something was sold that the books do not know
		do: []string{`UPDATE place_bids SET sold = 100 WHERE id = $1`}},
	{check: "place.commission", key: `SELECT 'plb_2'`, // it was charged nothing for what it sold
		do: []string{`UPDATE order_lines SET pool_id = 'pol_over', shop_id = (SELECT shop_id FROM enrolments WHERE id = 'enr_over')
			WHERE $1 <> '' AND line_no = 1 AND order_id = (SELECT MIN(order_id) FROM suborders WHERE state = 'completed')`},
		also: "review.purchases stock.promised tenant.lines"},
	{check: "place.commission", key: `SELECT 'plb_2'`, also: "charge.booked", // it was charged more
		do: []string{`UPDATE charges SET id = $1 || '.commission', why = 'place.commission' WHERE id = 'chg_real'`}},
}
