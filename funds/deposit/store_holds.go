package deposit

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/ledger"
)

// accountOf is how a shop's deposit stands.
func accountOf(tx *db.Tx, shop string, c money.Currency) (a Account, err error) {
	if _, err = tx.One(`SELECT required, held FROM deposit_shops WHERE shop_id = $1 AND currency = $2`,
		[]any{shop, string(c)}, &a.Required, &a.Held); err != nil {
		return a, err
	}
	a.Balance, err = ledger.Balance(tx, ledger.Deposit(shop), c)
	return a, err
}

// lock is accountOf for whoever changes it: of two at once, one waits.
func lock(tx *db.Tx, shop string, c money.Currency) (a Account, err error) {
	if _, err = tx.Exec(`INSERT INTO deposit_shops (shop_id, currency, required, held) VALUES ($1, $2, $3, $3)
		ON CONFLICT (shop_id, currency) DO NOTHING`, shop, string(c), int64(0)); err != nil {
		return a, err
	}
	if _, err = tx.One(`SELECT required, held FROM deposit_shops WHERE shop_id = $1 AND currency = $2 {lock}`,
		[]any{shop, string(c)}, &a.Required, &a.Held); err != nil {
		return a, err
	}
	a.Balance, err = ledger.Balance(tx, ledger.Deposit(shop), c)
	return a, err
}

func saveAccount(tx *db.Tx, shop string, c money.Currency, a Account) error {
	_, err := tx.Exec(`UPDATE deposit_shops SET required = $3, held = $4 WHERE shop_id = $1 AND currency = $2`, shop,
		string(c), a.Required, a.Held)
	return err
}

const selectHolds = `SELECT id, shop_id, currency, amount, state, payee, case_id, order_id, request_id, why, appeal,
	answer, by_login, answered_by, at_us, until_us, closed_us, ledger_seq FROM deposit_holds`

func scanHold(r db.Row) (h Hold, err error) {
	var at, until, closed int64
	err = r.Scan(&h.ID, &h.Shop, &h.Currency, &h.Amount, &h.State, &h.Payee, &h.Case, &h.Order, &h.Request, &h.Why,
		&h.Appeal, &h.Answer, &h.By, &h.AnsweredBy, &at, &until, &closed, &h.Seq)
	h.At, h.Until, h.ClosedAt = clock.FromMicros(at), clock.FromMicros(until), clock.FromMicros(closed)
	return h, err
}

func insertHold(tx *db.Tx, h Hold) error {
	return tx.Insert("deposit_holds", []string{"id", "shop_id", "currency", "amount", "state", "payee", "case_id",
		"order_id", "request_id", "why", "appeal", "answer", "by_login", "answered_by", "at_us", "until_us", "closed_us",
		"ledger_seq"}, [][]any{{h.ID, h.Shop, string(h.Currency), h.Amount, h.State, h.Payee, h.Case, h.Order, h.Request,
		h.Why, h.Appeal, h.Answer, h.By, h.AnsweredBy, clock.Micros(h.At), clock.Micros(h.Until),
		clock.Micros(h.ClosedAt), h.Seq}})
}

// saveHold writes what becomes of a hold.
func saveHold(tx *db.Tx, h Hold) error {
	_, err := tx.Exec(`UPDATE deposit_holds SET state = $2, appeal = $3, answer = $4, answered_by = $5, closed_us = $6,
		ledger_seq = $7 WHERE id = $1`, h.ID, h.State, h.Appeal, h.Answer, h.AnsweredBy, clock.Micros(h.ClosedAt), h.Seq)
	return err
}

// holdOf is one hold of a shop, locked. Codes: deposit.no_hold.
func holdOf(tx *db.Tx, shop string, id HoldID) (Hold, error) {
	all, err := db.List(tx, scanHold, selectHolds+` WHERE id = $1 AND shop_id = $2 {lock}`, id, shop)
	if err != nil || len(all) == 0 {
		if err == nil {
			err = fault.New(fault.NotFound, "deposit.no_hold")
		}
		return Hold{}, err
	}
	return all[0], nil
}

// holdsOf are a shop's, newest first.
func holdsOf(tx *db.Tx, shop string, c money.Currency, limit int) ([]Hold, error) {
	return db.List(tx, scanHold, selectHolds+` WHERE shop_id = $1 AND currency = $2 ORDER BY id DESC LIMIT $3`, shop,
		string(c), limit)
}

// frozenFor are the open freezes of a case.
func frozenFor(tx *db.Tx, caseID string) ([]Hold, error) {
	return db.List(tx, scanHold, selectHolds+` WHERE case_id = $1 AND case_id <> '' AND state = 'frozen' ORDER BY id`,
		caseID)
}

// appealed are those that wait for an answer, the oldest first.
func appealed(tx *db.Tx, limit int) ([]Hold, error) {
	return db.List(tx, scanHold, selectHolds+` WHERE state = 'appealed' ORDER BY id LIMIT $1`, limit)
}

// dueHolds are those whose time for an appeal is over.
func dueHolds(tx *db.Tx, at time.Time, limit int) ([]Hold, error) {
	return db.List(tx, scanHold, selectHolds+` WHERE state = 'announced' AND until_us <= $1
		ORDER BY until_us, id LIMIT $2`, clock.Micros(at), limit)
}
