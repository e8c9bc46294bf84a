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

// billedWith are the orders of the bills that an order's attempts are parts of.
func billedWith(tx *db.Tx, order string) ([]string, error) {
	return db.List(tx, func(r db.Row) (id string, err error) { err = r.Scan(&id); return id, err },
		`SELECT order_id FROM attempts WHERE bill <> '' AND bill IN (SELECT bill FROM attempts WHERE order_id = $1)`, order)
}

// lockTakenBills holds all parts of the bills of some orders that something was taken back of: a refund of one part
// changes them all, and those of two parts at once take them in the same order.
func lockTakenBills(tx *db.Tx, orders []string) error {
	return tx.EachKey(`SELECT id FROM attempts WHERE bill <> '' AND bill IN (SELECT bill FROM attempts
		WHERE charged_back > 0 AND order_id IN ({keys})) ORDER BY id {lock}`, sortedUnique(orders),
		func(r db.Row) error { var id string; return r.Scan(&id) })
}

// lockUnmet holds the rows of some attempts and of the other parts of their bills until the commit, and gives those of
// which something was taken back that no refund was met by yet. The others are held, too: it may be taken back now.
func lockUnmet(tx *db.Tx, ids []AttemptID) (all []Attempt, err error) {
	var known []string
	for _, id := range ids {
		known = append(known, string(id.known()))
	}
	known = sortedUnique(known)
	var named []string
	err = tx.EachKey(`SELECT id FROM attempts WHERE bill <> '' AND bill IN ({keys})`, known, func(r db.Row) error {
		var id string
		err := r.Scan(&id)
		named = append(named, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = tx.EachKey(selectAttempt+`WHERE id IN ({keys}) ORDER BY id {lock}`, sortedUnique(append(named, known...)),
		func(r db.Row) error {
			a, err := scanAttempt(r)
			if unmet(a) > 0 {
				all = append(all, a)
			}
			return err
		})
	return all, err
}

// lockWaiting reads the refunds of orders that did not leave, the oldest first, and holds their rows until the commit.
func lockWaiting(tx *db.Tx, orders []string) (all []Refund, err error) {
	err = tx.EachKey(selectRefund+`WHERE order_id IN ({keys}) AND NOT extra AND (state = 'refused' OR state = 'asked'
		AND tries = 0) ORDER BY id {lock}`, sortedUnique(orders), func(r db.Row) error {
		v, err := scanRefund(r)
		all = append(all, v)
		return err
	})
	return all, err
}

// meetRefund marks a refund as met by what its wallet took back by itself.
func meetRefund(tx *db.Tx, id RefundID, at time.Time) error {
	_, err := tx.Exec(`UPDATE refunds SET state = 'taken', next_try_us = 0, done_us = $2 WHERE id = $1`, id,
		clock.Micros(at))
	return err
}

// lessening takes a part off a waiting refund and has the rest sent under another name.
type lessening struct {
	id, to RefundID
	by     int64
}

func lessenRefund(tx *db.Tx, l lessening, at time.Time) error {
	_, err := tx.Exec(`UPDATE refunds SET id = $2, amount = amount - $3, state = 'asked', tries = 0,
		next_try_us = $4 WHERE id = $1`, l.id, l.to, l.by, max(clock.Micros(at), 1))
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
	_, err := tx.Many(`UPDATE refunds SET state = 'asked', tries = 0, next_try_us = $2, done_us = 0 WHERE id = $1`, rows)
	return err
}

// stillTaken are those of some orders that have an attempt of which this is true.
func stillTaken(tx *db.Tx, orders []string, is string) (map[string]bool, error) {
	found := map[string]bool{}
	err := tx.EachKey(`SELECT order_id FROM attempts WHERE order_id IN ({keys}) AND `+is, orders,
		func(r db.Row) error {
			var id string
			err := r.Scan(&id)
			found[id] = true
			return err
		})
	return found, err
}
