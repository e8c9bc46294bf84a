package login

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
)

// putConsent keeps a login's consent, in place of one that it gave before.
func putConsent(tx *db.Tx, hash string, login ID, now, until time.Time) error {
	if err := dropConsents(tx, login); err != nil {
		return err
	}
	return tx.Insert("consents", []string{"code_hash", "login_id", "created_us", "expires_us"},
		[][]any{{hash, login, clock.Micros(now), clock.Micros(until)}})
}

func dropConsents(tx *db.Tx, login ID) error {
	_, err := tx.Exec(`DELETE FROM consents WHERE login_id = $1`, login)
	return err
}

// takeConsent uses a consent up; of two operators who take it at once, one is told false.
func takeConsent(tx *db.Tx, hash string, now time.Time) (login ID, taken bool, err error) {
	login, found, err := db.Value[ID](tx, `SELECT login_id FROM consents
		WHERE code_hash = $1 AND expires_us > $2 {lock}`, hash, clock.Micros(now))
	if err != nil || !found {
		return "", false, err
	}
	n, err := tx.Exec(`DELETE FROM consents WHERE code_hash = $1`, hash)
	return login, n == 1, err
}

// helpSessions are the sessions in which operators look on at a login.
func helpSessions(tx *db.Tx, login ID) ([]string, error) {
	q := `SELECT id FROM sessions WHERE login_id = $1 AND login_id <> '' AND helper <> ''`
	return db.List(tx, func(r db.Row) (s string, err error) { return s, r.Scan(&s) }, q, login)
}
