package referral

import (
	"hutong/base/clock"
	"hutong/base/db"
	"hutong/trade/order"
)

func insertGifts(tx *db.Tx, id ID, all []gift) error {
	rows := make([][]any, len(all))
	for i, g := range all {
		rows[i] = []any{g.voucher, id, g.worth, g.state, clock.Micros(g.closed)}
	}
	return tx.Insert("referral_gifts", []string{"voucher_id", "referral_id", "worth", "state", "closed_us"}, rows)
}

// givenFor are what was given for a referral and not taken back.
func givenFor(tx *db.Tx, id ID) ([]gift, error) {
	return db.List(tx, func(r db.Row) (g gift, err error) {
		g.state = giftGiven
		err = r.Scan(&g.voucher, &g.worth)
		return g, err
	}, `SELECT voucher_id, worth FROM referral_gifts WHERE referral_id = $1 AND state = 'given'
		ORDER BY voucher_id {lock}`, id)
}

func closeGifts(tx *db.Tx, all []gift) error {
	rows := make([][]any, len(all))
	for i, g := range all {
		rows[i] = []any{g.voucher, g.state, clock.Micros(g.closed)}
	}
	_, err := tx.Many(`UPDATE referral_gifts SET state = $2, closed_us = $3 WHERE voucher_id = $1 AND state = 'given'`,
		rows)
	return err
}

// rewardedFor are the referrals that were rewarded for some orders.
func rewardedFor(tx *db.Tx, orders []order.ID) (ids []ID, err error) {
	keys := make([]string, len(orders))
	for i, o := range orders {
		keys[i] = string(o)
	}
	err = tx.EachKey(`SELECT id FROM referrals WHERE order_id IN ({keys}) AND order_id <> '' AND state = 'rewarded'`, keys,
		func(r db.Row) error {
			var id ID
			err := r.Scan(&id)
			ids = append(ids, id)
			return err
		})
	return ids, err
}

// rewardedBy is one rewarded referral, locked.
func rewardedBy(tx *db.Tx, id ID) (Referral, bool, error) {
	all, err := db.List(tx, scan, selectReferrals+` WHERE id = $1 AND state = 'rewarded' {lock}`, id)
	if err != nil || len(all) == 0 {
		return Referral{}, false, err
	}
	return all[0], true, nil
}

// backOf is what of a programme's rewards was taken back, and what was lost to used ones.
func backOf(tx *db.Tx, id ProgrammeID) (back, lost int64, err error) {
	err = tx.Each(`SELECT g.state, CAST(SUM(g.worth) AS BIGINT) FROM referral_gifts g
		JOIN referrals r ON r.id = g.referral_id WHERE r.programme_id = $1 GROUP BY g.state`, func(r db.Row) error {
		var state string
		var sum int64
		err := r.Scan(&state, &sum)
		switch state {
		case giftVoid:
			back = sum
		case giftLost:
			lost = sum
		}
		return err
	}, id)
	return back, lost, err
}
