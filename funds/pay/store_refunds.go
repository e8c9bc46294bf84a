package pay

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
)

const selectRefund = `SELECT id, order_id, attempt_id, case_id, wallet, txn, amount, currency, reason, extra, state,
	tries, created_us, done_us, part FROM refunds `

func scanRefund(r db.Row) (v Refund, err error) {
	var created, done int64
	err = r.Scan(&v.ID, &v.Order, &v.Attempt, &v.Case, &v.Wallet, &v.Txn, &v.Amount.Minor, &v.Amount.Currency,
		&v.Reason, &v.Extra, &v.State, &v.Tries, &created, &done, &v.part)
	v.Created, v.Done = clock.FromMicros(created), clock.FromMicros(done)
	return v, err
}

// lockRefunds reads refunds by id and holds their rows until the commit.
func lockRefunds(tx *db.Tx, ids []string) (map[RefundID]Refund, error) {
	found := make(map[RefundID]Refund, len(ids))
	const q = selectRefund + `WHERE id IN ({keys}) ORDER BY id {lock}`
	err := tx.EachKey(q, sortedUnique(ids), func(r db.Row) error {
		v, err := scanRefund(r)
		found[v.ID] = v
		return err
	})
	return found, err
}

// lockCaptured reads the attempts of orders that took money, newest first, and holds their rows until the
// commit: what is given back of an order is decided by one transaction at a time.
func lockCaptured(tx *db.Tx, orders []string) (map[string][]Attempt, error) {
	found := map[string][]Attempt{}
	const q = selectAttempt + `WHERE captured > 0 AND order_id IN ({keys}) ORDER BY order_id, id DESC {lock}`
	err := tx.EachKey(q, sortedUnique(orders), func(r db.Row) error {
		a, err := scanAttempt(r)
		found[a.Order] = append(found[a.Order], a)
		return err
	})
	return found, err
}

// askedBefore are the refunds that a case of these orders has asked for.
func askedBefore(tx *db.Tx, orders []string) (map[caseKey][]Refund, error) {
	found := map[caseKey][]Refund{}
	const q = selectRefund + `WHERE case_id <> '' AND order_id IN ({keys}) ORDER BY id`
	err := tx.EachKey(q, sortedUnique(orders), func(r db.Row) error {
		v, err := scanRefund(r)
		k := caseKey{v.Order, v.Case}
		found[k] = append(found[k], v)
		return err
	})
	return found, err
}

// takeBack counts money as asked back, if the attempt has that much left: the guard of FAULTS M22 is this
// statement, not what was read before. It tells for each whether it was counted.
func takeBack(tx *db.Tx, all []Refund) ([]int64, error) {
	const q = `UPDATE attempts SET refunded = refunded + $2
		WHERE id = $1 AND currency = $3 AND captured - refunded >= $2`
	rows := make([][]any, len(all))
	for i, r := range all {
		rows[i] = []any{r.Attempt, r.Amount.Minor, r.Amount.Currency}
	}
	return tx.Many(q, rows)
}

func insertRefunds(tx *db.Tx, all []Refund) error {
	cols := []string{"id", "order_id", "attempt_id", "case_id", "wallet", "txn", "amount", "currency", "reason", "extra",
		"state", "tries", "next_try_us", "created_us", "done_us", "part"}
	rows := make([][]any, len(all))
	for i, r := range all {
		at := clock.Micros(r.Created)
		try, done := max(at, 1), int64(0)
		if r.State == RefundTaken {
			try, done = 0, at
		}
		rows[i] = []any{r.ID, r.Order, r.Attempt, r.Case, r.Wallet, r.Txn, r.Amount.Minor, r.Amount.Currency, r.Reason,
			r.Extra, r.State, 0, try, at, done, r.part}
	}
	return tx.Insert("refunds", cols, rows)
}

// finishRefunds marks refunds as done.
func finishRefunds(tx *db.Tx, ids []string, at []time.Time) error {
	const q = `UPDATE refunds SET state = 'succeeded', next_try_us = 0, done_us = $2 WHERE id = $1`
	rows := make([][]any, len(ids))
	for i, id := range ids {
		rows[i] = []any{id, clock.Micros(at[i])}
	}
	_, err := tx.Many(q, rows)
	return err
}

// claimRefunds takes the refunds that are to be sent and moves their next time on, so that no other node
// sends too. Sending one twice would be harmless, the wallet knows its id, but is not polite.
func claimRefunds(tx *db.Tx, now time.Time, limit int64) ([]Refund, error) {
	type dueAt struct {
		Refund
		next int64
	}
	const find = `SELECT id, tries, next_try_us FROM refunds
		WHERE next_try_us > 0 AND next_try_us <= $1 ORDER BY next_try_us LIMIT $2`
	found, err := db.List(tx, func(r db.Row) (d dueAt, err error) {
		err = r.Scan(&d.ID, &d.Tries, &d.next)
		return d, err
	}, find, clock.Micros(now), limit)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	const take = `UPDATE refunds SET tries = $3, next_try_us = $4 WHERE id = $1 AND next_try_us = $2`
	rows := make([][]any, len(found))
	for i, d := range found {
		rows[i] = []any{d.ID, d.next, d.Tries + 1, clock.Micros(now.Add(refundPause(d.Tries + 1)))}
	}
	changed, err := tx.Many(take, rows)
	if err != nil {
		return nil, err
	}
	var ids []string
	for i, d := range found {
		if changed[i] == 1 {
			ids = append(ids, string(d.ID))
		}
	}
	byID, err := lockRefunds(tx, ids)
	claimed := make([]Refund, 0, len(ids))
	for _, id := range ids {
		claimed = append(claimed, byID[RefundID(id)])
	}
	return claimed, err
}

// refuseRefund marks a refund that the wallet will not pay; one that is done meanwhile stays done.
func refuseRefund(tx *db.Tx, id RefundID) error {
	_, err := tx.Exec(`UPDATE refunds SET state = 'refused', next_try_us = 0 WHERE id = $1 AND state = 'asked'`, id)
	return err
}

// reopenRefund has a refused refund sent again and tells whether it was refused.
func reopenRefund(tx *db.Tx, id RefundID, now time.Time) (bool, error) {
	n, err := tx.Exec(`UPDATE refunds SET state = 'asked', tries = 0, next_try_us = $2
		WHERE id = $1 AND state = 'refused'`, id, max(clock.Micros(now), 1))
	return n == 1, err
}

func refundsOf(tx *db.Tx, order string) ([]Refund, error) {
	return db.List(tx, scanRefund, selectRefund+`WHERE order_id = $1 AND order_id <> '' ORDER BY id`, order)
}

func refusedRefunds(tx *db.Tx, after RefundID, limit int) ([]Refund, error) {
	since, _, err := db.Value[int64](tx, `SELECT created_us FROM refunds WHERE id = $1`, after)
	if err != nil {
		return nil, err
	}
	return db.List(tx, scanRefund, selectRefund+`WHERE state = 'refused'
		AND (created_us > $1 OR created_us = $1 AND id > $2) ORDER BY created_us, id LIMIT $3`, since, after, limit)
}
