package login

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
)

// ticket is a one-time code that was asked for.
type ticket struct {
	id, hash, address string
	login             ID // whom the address is to be added to, "" when it logs in
	expires           time.Time
}

func insertTicket(tx *db.Tx, t ticket, now time.Time) error {
	cols := []string{"id", "code_hash", "address", "login_id", "tries", "created_us", "expires_us"}
	return tx.Insert("codes", cols, [][]any{{t.id, t.hash, t.address, t.login, int64(0), clock.Micros(now),
		clock.Micros(t.expires)}})
}

// tryTicket spends one try of a ticket and reads it; found is false when it is unknown, expired or has no try left.
func tryTicket(tx *db.Tx, name string, now time.Time) (t ticket, found bool, err error) {
	n, err := tx.Exec(`UPDATE codes SET tries = tries + 1 WHERE id = $1 AND tries < $2 AND expires_us > $3`,
		name, CodeTries, clock.Micros(now))
	if err != nil || n == 0 {
		return ticket{}, false, err
	}
	var expires int64
	found, err = tx.One(`SELECT id, code_hash, address, login_id, expires_us FROM codes WHERE id = $1`, []any{name},
		&t.id, &t.hash, &t.address, &t.login, &expires)
	t.expires = clock.FromMicros(expires)
	return t, found, err
}

// takeTicket uses a ticket up; of two that use it at once, one is told false.
func takeTicket(tx *db.Tx, name string) (taken bool, err error) {
	n, err := tx.Exec(`DELETE FROM codes WHERE id = $1`, name)
	return n == 1, err
}

// insertContact keeps a verified address of a login. Codes: login.address_taken.
func insertContact(tx *db.Tx, address string, login ID, now time.Time) error {
	n, err := tx.Exec(`INSERT INTO contacts (address, login_id, verified_us) VALUES ($1, $2, $3)
		ON CONFLICT (address) DO NOTHING`, address, login, clock.Micros(now))
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "login.address_taken").At("address")
	}
	return err
}

func contactsOf(tx *db.Tx, login ID) ([]string, error) {
	q := `SELECT address FROM contacts WHERE login_id = $1 ORDER BY address`
	return db.List(tx, func(r db.Row) (s string, err error) { return s, r.Scan(&s) }, q, login)
}

func deleteContact(tx *db.Tx, login ID, address string) (bool, error) {
	n, err := tx.Exec(`DELETE FROM contacts WHERE address = $1 AND login_id = $2`, address, login)
	return n == 1, err
}
