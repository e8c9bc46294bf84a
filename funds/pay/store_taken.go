package pay

import (
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
)

// chargeBack counts what a wallet took back without being asked, attempt by attempt.
func chargeBack(tx *db.Tx, rows [][]any) error {
	slices.SortFunc(rows, byFirst)
	_, err := tx.Many(`UPDATE attempts SET charged_back = charged_back + $2 WHERE id = $1`, rows)
	return err
}

// saveMet counts what was taken back of a payment as used by a refund; the table refuses to use more than that.
func saveMet(tx *db.Tx, m meeting) error {
	q, name := `UPDATE attempts SET met = met + $2 WHERE id = $1`, m.paid.ID
	if m.paid.Bill != "" {
		q, name = `UPDATE attempts SET met = met + $2 WHERE bill = $1 AND bill <> ''`, m.paid.Bill
	}
	_, err := tx.Exec(q, name, m.amount)
	return err
}

// closeTaken ends what wallets told that they took back of a payment.
func closeTaken(tx *db.Tx, paid Attempt, to SuspenseState, at time.Time) error {
	_, err := tx.Exec(`UPDATE suspense SET state = $1, closed_us = $2 WHERE kind = 'refund' AND attempt_id = $3
		AND provider = $4 AND account = $5 AND currency = $6 AND state <> $1 AND state <> 'refunded'`,
		to, clock.Micros(at), paid.ID.known(), paid.Wallet, paid.Account, paid.Amount.Currency)
	return err
}

// lockTaken reads the payments of an order that something was taken back of, with all parts of their bills, and holds
// their rows until the commit.
func lockTaken(tx *db.Tx, order string) ([]Attempt, error) {
	return db.List(tx, scanAttempt, selectAttempt+`WHERE charged_back > 0 AND (order_id = $1 OR bill <> '' AND bill IN
		(SELECT bill FROM attempts WHERE order_id = $1 AND charged_back > 0)) ORDER BY id {lock}`, order)
}

// lockMet reads the refunds of orders that were met by what wallets had taken back.
func lockMet(tx *db.Tx, orders []string) (all []Refund, err error) {
	err = tx.EachKey(selectRefund+`WHERE order_id IN ({keys}) AND state = 'taken' ORDER BY id {lock}`, orders,
		func(r db.Row) error {
			v, err := scanRefund(r)
			all = append(all, v)
			return err
		})
	return all, err
}

// clearTaken forgets what was taken back of payments.
func clearTaken(tx *db.Tx, all []Attempt) error {
	rows := make([][]any, len(all))
	for i, a := range all {
		rows[i] = []any{a.ID}
	}
	_, err := tx.Many(`UPDATE attempts SET charged_back = 0, met = 0 WHERE id = $1`, rows)
	return err
}

// sendMet has refunds sent that were met until now.
func sendMet(tx *db.Tx, all []Refund, at time.Time) error {
	rows := make([][]any, len(all))
	for i, r := range all {
		rows[i] = []any{r.ID, max(clock.Micros(at), 1)}
	}
	_, err := tx.Many(`UPDATE refunds SET state = 'asked', next_try_us = $2, done_us = 0 WHERE id = $1`, rows)
	return err
}

// stillTaken are those of some orders that a wallet took something back of.
func stillTaken(tx *db.Tx, orders []string) (map[string]bool, error) {
	found := map[string]bool{}
	err := tx.EachKey(`SELECT order_id FROM attempts WHERE order_id IN ({keys}) AND charged_back > 0`, orders,
		func(r db.Row) error {
			var id string
			err := r.Scan(&id)
			found[id] = true
			return err
		})
	return found, err
}
