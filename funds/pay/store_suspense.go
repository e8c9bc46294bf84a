package pay

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
)

// suspended is a fact with the reason why it matched nothing.
type suspended struct {
	*incoming
	reason string
}

// insertSuspense keeps facts that matched nothing.
func insertSuspense(tx *db.Tx, all []suspended) error {
	cols := []string{"provider", "txn", "kind", "attempt_id", "amount", "currency", "account", "reason", "state",
		"refund_id", "at_us", "closed_us"}
	rows := make([][]any, len(all))
	for i, s := range all {
		f := s.fact
		rows[i] = []any{f.Provider, f.Txn, f.Kind, f.Attempt, f.Amount.Minor, f.Amount.Currency, f.Account, s.reason, Open,
			f.Refund, clock.Micros(s.at), 0}
	}
	return tx.Insert("suspense", cols, rows)
}

const selectSuspense = `SELECT provider, txn, kind, attempt_id, amount, currency, account, reason, state, refund_id,
	at_us, closed_us FROM suspense `

func scanSuspense(r db.Row) (s Suspense, err error) {
	var at, closed int64
	err = r.Scan(&s.Provider, &s.Txn, &s.Kind, &s.Attempt, &s.Amount.Minor, &s.Amount.Currency, &s.Account,
		&s.Reason, &s.State, &s.Sent, &at, &closed)
	s.Since, s.Closed = clock.FromMicros(at), clock.FromMicros(closed)
	s.At = s.Since
	return s, err
}

// lockSuspense reads one item and holds its row until the commit.
func lockSuspense(tx *db.Tx, k FactKey) (s Suspense, found bool, err error) {
	err = tx.Each(selectSuspense+`WHERE provider = $1 AND txn = $2 AND kind = $3 {lock}`, func(r db.Row) error {
		found = true
		s, err = scanSuspense(r)
		return err
	}, k.Provider, k.Txn, k.Kind)
	return s, found, err
}

// paidBy is when a fact happened by its wallet's clock, and the mark of the account that paid.
func paidBy(tx *db.Tx, k FactKey) (at time.Time, payer string, err error) {
	var us int64
	_, err = tx.One(`SELECT paid_us, payer FROM payment_facts WHERE provider = $1 AND txn = $2 AND kind = $3`,
		[]any{k.Provider, k.Txn, k.Kind}, &us, &payer)
	return clock.FromMicros(us), payer, err
}

// openSuspense are the open items that have waited since before a time, oldest first.
func openSuspense(tx *db.Tx, before time.Time, limit int64) ([]Suspense, error) {
	return db.List(tx, scanSuspense, selectSuspense+
		`WHERE state = 'open' AND at_us < $1 ORDER BY at_us, provider, txn LIMIT $2`, clock.Micros(before), limit)
}

// openCaptures is openSuspense of money only.
func openCaptures(tx *db.Tx, before time.Time, limit int64) ([]Suspense, error) {
	return db.List(tx, scanSuspense, selectSuspense+
		`WHERE state = 'open' AND kind = 'capture' AND at_us < $1 ORDER BY at_us, provider, txn LIMIT $2`,
		clock.Micros(before), limit)
}

// closeSuspense settles an open item and tells whether it was open.
func closeSuspense(tx *db.Tx, s Suspense, to SuspenseState, at time.Time) (bool, error) {
	n, err := tx.Exec(`UPDATE suspense SET state = $4, refund_id = $5, closed_us = $6
		WHERE provider = $1 AND txn = $2 AND kind = $3 AND state = 'open'`,
		s.Provider, s.Txn, s.Kind, to, s.Sent, clock.Micros(at))
	return n == 1, err
}
