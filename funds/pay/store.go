package pay

import (
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
)

// insertFacts stores the facts that are new and tells which were. The primary key is the judge: of two nodes
// that are told the same fact at once, one waits for the other's commit and then sees it as known.
func insertFacts(tx *db.Tx, all []*incoming) (fresh []bool, err error) {
	const q = `INSERT INTO payment_facts (provider, txn, kind, attempt_id, refund_id, amount, currency, account,
		outcome, paid_us, at_us, payer) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'applied', $9, $10, $11)
		ON CONFLICT (provider, txn, kind) DO NOTHING`
	rows := make([][]any, len(all))
	for i, in := range all {
		f := in.fact
		rows[i] = []any{f.Provider, f.Txn, f.Kind, f.Attempt, f.Refund, f.Amount.Minor, f.Amount.Currency, f.Account,
			clock.Micros(f.At), clock.Micros(in.at), f.Payer}
	}
	changed, err := tx.Many(q, rows)
	fresh = make([]bool, len(all))
	for i, n := range changed {
		fresh[i] = n == 1
	}
	return fresh, err
}

const setOutcome = `UPDATE payment_facts SET outcome = $4 WHERE provider = $1 AND txn = $2 AND kind = $3`

// saveOutcome stores what became of a fact after all.
func saveOutcome(tx *db.Tx, k FactKey, e Effect) error {
	_, err := tx.Exec(setOutcome, k.Provider, k.Txn, k.Kind, e)
	return err
}

// saveOutcomes stores what became of the facts that were not simply applied.
func saveOutcomes(tx *db.Tx, all []*incoming, effects []Effect) error {
	var rows [][]any
	for i, in := range all {
		if effects[i] == Returned || effects[i] == Suspended {
			rows = append(rows, []any{in.fact.Provider, in.fact.Txn, in.fact.Kind, effects[i]})
		}
	}
	_, err := tx.Many(setOutcome, rows)
	return err
}

const selectAttempt = `SELECT id, order_id, wallet, account, amount, currency, state, provider_ref, provider_txn,
	qr, url, lines_hash, captured, refunded, charged_back, met, created_us, expires_us, bill, whole FROM attempts `

func scanAttempt(r db.Row) (a Attempt, err error) {
	var created, expires int64
	err = r.Scan(&a.ID, &a.Order, &a.Wallet, &a.Account, &a.Amount.Minor, &a.Amount.Currency, &a.State, &a.Ref, &a.Txn,
		&a.Instruction.QR, &a.Instruction.URL, &a.LinesHash, &a.Captured, &a.Refunded, &a.ChargedBack, &a.Met,
		&created, &expires, &a.Bill, &a.Whole)
	a.Created, a.Expires = clock.FromMicros(created), clock.FromMicros(expires)
	return a, err
}

// loadAttempts reads attempts by id. Without a lock: what is decided from them - order, wallet, account,
// amount - is never changed, and the counters are changed by guarded statements only.
func loadAttempts(tx *db.Tx, ids []string) (map[AttemptID]Attempt, error) {
	found := make(map[AttemptID]Attempt, len(ids))
	err := tx.EachKey(selectAttempt+`WHERE id IN ({keys})`, sortedUnique(ids), func(r db.Row) error {
		a, err := scanAttempt(r)
		found[a.ID] = a
		return err
	})
	return found, err
}

// attemptsOf are an order's attempts, newest first.
func attemptsOf(tx *db.Tx, order string) ([]Attempt, error) {
	return db.List(tx, scanAttempt, selectAttempt+`WHERE order_id = $1 ORDER BY id DESC`, order)
}

// partsOf are the parts of the bills that some attempts lead, in order of their names, the first one first. Nothing is
// read where there is none.
func partsOf(tx *db.Tx, attempts map[AttemptID]Attempt) (map[AttemptID][]Attempt, error) {
	var bills []string
	for _, a := range attempts {
		if a.Bill == a.ID {
			bills = append(bills, string(a.Bill))
		}
	}
	if len(bills) == 0 {
		return nil, nil
	}
	parts := make(map[AttemptID][]Attempt, len(bills))
	err := tx.EachKey(selectAttempt+`WHERE bill IN ({keys}) AND bill <> '' ORDER BY id`, sortedUnique(bills),
		func(r db.Row) error {
			a, err := scanAttempt(r)
			parts[a.Bill] = append(parts[a.Bill], a)
			return err
		})
	return parts, err
}

// insertAttempts writes an attempt, or the parts of a bill; the first is asked about.
func insertAttempts(tx *db.Tx, all []Attempt, nextPoll time.Time) error {
	cols := []string{"id", "order_id", "wallet", "account", "amount", "currency", "state", "provider_ref",
		"provider_txn", "qr", "url", "lines_hash", "captured", "refunded", "charged_back", "polls", "next_poll_us",
		"created_us", "expires_us", "bill", "whole"}
	rows := make([][]any, len(all))
	for i, a := range all {
		poll := clock.Micros(nextPoll)
		if !a.leads() {
			poll = 0
		}
		rows[i] = []any{a.ID, a.Order, a.Wallet, a.Account, a.Amount.Minor, a.Amount.Currency, a.State, "", "", "", "",
			a.LinesHash, 0, 0, 0, 0, poll, clock.Micros(a.Created), clock.Micros(a.Expires), a.Bill, a.Whole}
	}
	return tx.Insert("attempts", cols, rows)
}

// saveBegun stores how to pay. An attempt that a faster notification has settled already keeps its state
// (FAULTS R12).
func saveBegun(tx *db.Tx, a Attempt, b Begun) error {
	const q = `UPDATE attempts SET provider_ref = $2, qr = $3, url = $4,
		state = CASE WHEN state = 'unknown' THEN 'pending' ELSE state END WHERE id = $1`
	_, err := tx.Exec(q, a.ID, b.Ref, b.Instruction.QR, b.Instruction.URL)
	if err == nil && a.Bill != "" {
		_, err = tx.Exec(`UPDATE attempts SET state = 'pending' WHERE bill = $1 AND bill <> '' AND state = 'unknown'`, a.Bill)
	}
	return err
}

// setOpen moves an attempt that is still open, with all of its bill, to another state and tells whether it was. A
// capture may have won.
func setOpen(tx *db.Tx, a Attempt, to State) (bool, error) {
	const set = `UPDATE attempts SET state = $2,
		next_poll_us = CASE WHEN $3 THEN next_poll_us ELSE 0 END WHERE state IN ('pending', 'unknown') AND `
	open := to == Pending || to == Unknown
	if a.Bill != "" {
		n, err := tx.Exec(set+`bill = $1 AND bill <> ''`, a.Bill, to, open)
		return n > 0, err
	}
	n, err := tx.Exec(set+`id = $1`, a.ID, to, open)
	return n == 1, err
}

// credited is a capture as its attempt keeps it.
type credited struct {
	attempt AttemptID
	txn     string
	amount  int64
	taken   bool
}

// creditAttempts counts captures. What the order did not take is counted as refunded at once.
func creditAttempts(tx *db.Tx, all []credited) error {
	const q = `UPDATE attempts SET state = 'succeeded', captured = captured + $2, refunded = refunded + $3,
		provider_txn = CASE WHEN $4 THEN $5 ELSE provider_txn END, next_poll_us = 0 WHERE id = $1`
	rows := make([][]any, len(all))
	for i, c := range all {
		back := c.amount
		if c.taken {
			back = 0
		}
		rows[i] = []any{c.attempt, c.amount, back, c.taken, c.txn}
	}
	slices.SortFunc(rows, byFirst)
	_, err := tx.Many(q, rows)
	return err
}

// byFirst orders rows by their first value, an attempt's id, so that two nodes lock rows in the same order.
func byFirst(a, b []any) int {
	x, y := a[0].(AttemptID), b[0].(AttemptID)
	if x < y {
		return -1
	}
	if x > y {
		return 1
	}
	return 0
}

func sortedUnique(keys []string) []string {
	all := slices.Clone(keys)
	slices.Sort(all)
	return slices.Compact(all)
}

// due is an attempt whose wallet is to be asked.
type duePoll struct {
	Attempt
	polls int64
}

// claimPolls takes the attempts whose time has come and moves their next time on, so that no other node asks
// too.
func claimPolls(tx *db.Tx, now time.Time, limit int64) ([]duePoll, error) {
	const find = `SELECT id, polls, next_poll_us FROM attempts
		WHERE next_poll_us > 0 AND next_poll_us <= $1 ORDER BY next_poll_us LIMIT $2`
	type claim struct {
		id          string
		polls, next int64
	}
	found, err := db.List(tx, func(r db.Row) (c claim, err error) {
		err = r.Scan(&c.id, &c.polls, &c.next)
		return c, err
	}, find, clock.Micros(now), limit)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	const take = `UPDATE attempts SET polls = $3, next_poll_us = $4 WHERE id = $1 AND next_poll_us = $2`
	rows, ids := make([][]any, len(found)), make([]string, 0, len(found))
	for i, c := range found {
		rows[i] = []any{c.id, c.next, c.polls + 1, clock.Micros(now.Add(pollPause(c.polls + 1)))}
	}
	changed, err := tx.Many(take, rows)
	if err != nil {
		return nil, err
	}
	polls := map[AttemptID]int64{}
	for i, c := range found {
		if changed[i] == 1 {
			ids = append(ids, c.id)
			polls[AttemptID(c.id)] = c.polls + 1
		}
	}
	attempts, err := loadAttempts(tx, ids)
	claimed := make([]duePoll, 0, len(ids))
	for _, id := range ids {
		claimed = append(claimed, duePoll{attempts[AttemptID(id)], polls[AttemptID(id)]})
	}
	return claimed, err
}

// stopPolls ends the asking about an attempt without saying anything of its state.
func stopPolls(tx *db.Tx, id AttemptID) error {
	_, err := tx.Exec(`UPDATE attempts SET next_poll_us = 0 WHERE id = $1`, id)
	return err
}

// captured tells whether an attempt has taken money.
func captured(tx *db.Tx, id AttemptID) (bool, error) {
	n, _, err := db.Value[int64](tx, `SELECT captured FROM attempts WHERE id = $1`, id)
	return n > 0, err
}

// insertBreak notes a contradiction for the operator, once.
func insertBreak(tx *db.Tx, a Attempt, reason string, at time.Time) error {
	_, err := tx.Exec(`INSERT INTO payment_breaks (provider, attempt_id, reason, at_us) VALUES ($1, $2, $3, $4)
		ON CONFLICT (provider, attempt_id, reason) DO NOTHING`, a.Wallet, a.ID, reason, clock.Micros(at))
	return err
}
