package pay

import (
	"slices"

	"hutong/base/db"
)

// PayersOf are the marks of the accounts that paid orders, or whose money was sent back from them.
func PayersOf(tx *db.Tx, orders []string) ([]string, error) {
	var all []string
	read := func(r db.Row) error {
		var payer string
		err := r.Scan(&payer)
		all = append(all, payer)
		return err
	}
	of := sortedUnique(orders)
	err := tx.EachKey(`SELECT f.payer FROM attempts a JOIN payment_facts f
		ON f.provider = a.wallet AND f.txn = a.provider_txn AND f.kind = 'capture'
		WHERE a.order_id IN ({keys}) AND f.payer <> ''`, of, read)
	if err != nil {
		return nil, err
	}
	err = tx.EachKey(`SELECT f.payer FROM refunds r JOIN payment_facts f
		ON f.provider = r.wallet AND f.txn = r.txn AND f.kind = 'capture'
		WHERE r.order_id IN ({keys}) AND f.payer <> ''`, of, read)
	slices.Sort(all)
	return slices.Compact(all), err
}

// ForgetPayers takes the marks of accounts out of the payments of orders: their shopper is forgotten.
func ForgetPayers(tx *db.Tx, orders []string) error {
	_, err := tx.ExecKeys(`UPDATE payment_facts SET payer = '' WHERE payer <> '' AND attempt_id IN
		(SELECT id FROM attempts WHERE order_id IN ({keys}))`, sortedUnique(orders))
	return err
}
