package merchant

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/id"
)

const payoutColumns = `id, shop_id, bank, holder_masked, number_tail, sealed, state, created_us, current_us
	FROM payout_accounts`

// sealedPayout is a payout account with its sealed text.
type sealedPayout struct {
	Payout
	tail, sealed string
}

func scanPayout(r db.Row) (p sealedPayout, err error) {
	var created, since int64
	err = r.Scan(&p.ID, &p.Shop, &p.Bank, &p.Holder, &p.tail, &p.sealed, &p.State, &created, &since)
	p.Number = "•••• " + p.tail
	p.Created, p.Since = clock.FromMicros(created), clock.FromMicros(since)
	return p, err
}

func insertPayout(tx *db.Tx, p sealedPayout) error {
	cols := []string{"id", "shop_id", "bank", "holder_masked", "number_tail", "sealed", "state", "created_us",
		"current_us"}
	return tx.Insert("payout_accounts", cols, [][]any{{p.ID, p.Shop, p.Bank, p.Holder, p.tail, p.sealed, p.State,
		clock.Micros(p.Created), int64(0)}})
}

func payoutByID(tx *db.Tx, shop ID, name PayoutID) (sealedPayout, error) {
	missing := fault.New(fault.NotFound, "merchant.payout_not_found")
	if !id.Valid(string(name), "pac") || shop == "" {
		return sealedPayout{}, missing
	}
	all, err := db.List(tx, scanPayout, `SELECT `+payoutColumns+` WHERE id = $1 AND shop_id = $2`, name, shop)
	if err == nil && len(all) == 0 {
		err = missing
	}
	if err != nil {
		return sealedPayout{}, err
	}
	return all[0], nil
}

func currentPayout(tx *db.Tx, shop ID) (p sealedPayout, found bool, err error) {
	all, err := db.List(tx, scanPayout, `SELECT `+payoutColumns+` WHERE shop_id = $1 AND state = 'current'`, shop)
	if err != nil || len(all) == 0 {
		return sealedPayout{}, false, err
	}
	return all[0], true, nil
}

// adopt makes a draft the shop's current account; adopted is false when it is no draft any more.
func adopt(tx *db.Tx, shop ID, name PayoutID, at time.Time) (adopted bool, err error) {
	if _, err := tx.Exec(`UPDATE payout_accounts SET state = 'replaced'
		WHERE shop_id = $1 AND state = 'current'`, shop); err != nil {
		return false, err
	}
	n, err := tx.Exec(`UPDATE payout_accounts SET state = 'current', current_us = $3
		WHERE id = $1 AND shop_id = $2 AND state = 'draft'`, name, shop, clock.Micros(at))
	return n == 1, err
}
