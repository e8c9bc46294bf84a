package login

import (
	"errors"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/text"
)

// insertLogin keeps a login. Codes: login.name_taken, login.shopper_taken.
func insertLogin(tx *db.Tx, l Login, hash string) error {
	n, err := tx.Exec(`INSERT INTO logins (id, role, name, password_hash, shopper_id, shop_id, created_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO NOTHING`,
		l.ID, l.Role, l.Name, hash, l.Shopper, l.Shop, clock.Micros(l.Created))
	if errors.Is(err, db.ErrUnique) {
		return fault.New(fault.Conflict, "login.shopper_taken").Because(err)
	}
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "login.name_taken", fault.P("name", l.Name)).At("name")
	}
	return err
}

func loginByName(tx *db.Tx, name string) (l Login, hash string, found bool, err error) {
	var created int64
	found, err = tx.One(`SELECT id, role, name, password_hash, shopper_id, shop_id, created_us
		FROM logins WHERE name = $1`, []any{name}, &l.ID, &l.Role, &l.Name, &hash, &l.Shopper, &l.Shop, &created)
	l.Created = clock.FromMicros(created)
	return l, hash, found, err
}

func setHash(tx *db.Tx, id ID, was, hash string) (changed bool, err error) {
	n, err := tx.Exec(`UPDATE logins SET password_hash = $3 WHERE id = $1 AND password_hash = $2`, id, was, hash)
	return n == 1, err
}

type session struct {
	id      string
	hash    string
	who     Principal
	created time.Time
	expires time.Time
}

func insertSession(tx *db.Tx, s session) error {
	cols := []string{"id", "secret_hash", "login_id", "role", "shopper_id", "shop_id", "lang", "created_us", "expires_us"}
	return tx.Insert("sessions", cols, [][]any{{s.id, s.hash, s.who.Login, s.who.Role, s.who.Shopper, s.who.Shop,
		s.who.Lang, clock.Micros(s.created), clock.Micros(s.expires)}})
}

func sessionByID(tx *db.Tx, id string) (s session, found bool, err error) {
	var lang string
	var created, expires int64
	found, err = tx.One(`SELECT id, secret_hash, login_id, role, shopper_id, shop_id, lang, created_us, expires_us
		FROM sessions WHERE id = $1`, []any{id},
		&s.id, &s.hash, &s.who.Login, &s.who.Role, &s.who.Shopper, &s.who.Shop, &lang, &created, &expires)
	s.who.Lang, s.created, s.expires = text.Lang(lang), clock.FromMicros(created), clock.FromMicros(expires)
	return s, found, err
}

func deleteSession(tx *db.Tx, id string) error {
	_, err := tx.Exec(`DELETE FROM sessions WHERE id = $1`, id)
	return err
}

func sessionsOf(tx *db.Tx, id ID) ([]string, error) {
	q := `SELECT id FROM sessions WHERE login_id = $1 AND login_id <> ''`
	return db.List(tx, func(r db.Row) (s string, err error) { return s, r.Scan(&s) }, q, id)
}

func deleteSessionsOf(tx *db.Tx, id ID) error {
	_, err := tx.Exec(`DELETE FROM sessions WHERE login_id = $1 AND login_id <> ''`, id)
	return err
}

// deleteExpired looks at the oldest sessions and deletes those that have expired. Ids rise with time, so the expired
// ones are at the front of the table and no index is needed to find them.
func deleteExpired(tx *db.Tx, now time.Time, look int) (int64, error) {
	return tx.Exec(`DELETE FROM sessions WHERE expires_us <= $1 AND id IN (
		SELECT id FROM sessions ORDER BY id LIMIT $2)`, clock.Micros(now), look)
}
