package login

import (
	"encoding/json"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
)

// ceremony is what was begun with somebody and must be taken up once.
type ceremony struct {
	id, hash string
	kind     string
	login    ID
	body     string
	expires  time.Time
}

// The kinds of ceremonies.
const (
	addPasskey = "passkey_add"
	usePasskey = "passkey_login"
	signOn     = "sso"
)

func insertCeremony(tx *db.Tx, c ceremony) error {
	cols := []string{"id", "secret_hash", "kind", "login_id", "body", "expires_us"}
	return tx.Insert("ceremonies", cols, [][]any{{c.id, c.hash, c.kind, c.login, c.body, clock.Micros(c.expires)}})
}

// takeCeremony takes one up: of two that try, one is told false. An expired one is gone too.
func takeCeremony(tx *db.Tx, name, kind string, now time.Time) (c ceremony, taken bool, err error) {
	var expires int64
	found, err := tx.One(`SELECT id, secret_hash, kind, login_id, body, expires_us FROM ceremonies
		WHERE id = $1 AND kind = $2 {lock}`, []any{name, kind}, &c.id, &c.hash, &c.kind, &c.login, &c.body, &expires)
	if err != nil || !found {
		return ceremony{}, false, err
	}
	c.expires = clock.FromMicros(expires)
	n, err := tx.Exec(`DELETE FROM ceremonies WHERE id = $1`, name)
	return c, n == 1 && now.Before(c.expires), err
}

func passkeysOf(tx *db.Tx, login ID) ([]key, error) {
	return db.List(tx, func(r db.Row) (k key, err error) {
		var body string
		var count, made, used int64
		if err := r.Scan(&k.id, &k.login, &k.name, &body, &count, &made, &used); err != nil {
			return k, err
		}
		k.made, k.used = clock.FromMicros(made), clock.FromMicros(used)
		err = json.Unmarshal([]byte(body), &k.cred)
		k.cred.Authenticator.SignCount = uint32(count)
		return k, err
	}, `SELECT id, login_id, name, credential, sign_count, created_us, used_us FROM passkeys
		WHERE login_id = $1 ORDER BY created_us, id LIMIT $2`, login, PasskeysMax+1)
}

// insertPasskey keeps a passkey; fresh is false when its id is taken, by whomever.
func insertPasskey(tx *db.Tx, k key) (fresh bool, err error) {
	body, err := json.Marshal(k.cred)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(`INSERT INTO passkeys (id, login_id, name, credential, sign_count, created_us, used_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING`, k.id, k.login, k.name, string(body),
		int64(k.cred.Authenticator.SignCount), clock.Micros(k.made), clock.Micros(k.used))
	return n == 1, err
}

// countPasskey notes a use. It holds only if the count still is what the check was made with: a copy of the key that is
// used at the same time is one too many.
func countPasskey(tx *db.Tx, k key, was uint32, now time.Time) (held bool, err error) {
	body, err := json.Marshal(k.cred)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(`UPDATE passkeys SET sign_count = $4, credential = $5, used_us = $6
		WHERE id = $1 AND login_id = $2 AND sign_count = $3`, k.id, k.login, int64(was),
		int64(k.cred.Authenticator.SignCount), string(body), clock.Micros(now))
	return n == 1, err
}

func deletePasskey(tx *db.Tx, login ID, name string) (bool, error) {
	n, err := tx.Exec(`DELETE FROM passkeys WHERE id = $1 AND login_id = $2`, name, login)
	return n == 1, err
}

func renamePasskey(tx *db.Tx, login ID, passkey, name string) (bool, error) {
	n, err := tx.Exec(`UPDATE passkeys SET name = $3 WHERE id = $1 AND login_id = $2`, passkey, login, name)
	return n == 1, err
}

// waysInto counts the ways into a login.
func waysInto(tx *db.Tx, login ID) (ways int64, err error) {
	for _, q := range []string{
		`SELECT COUNT(*) FROM logins WHERE id = $1 AND password_hash <> '!'`,
		`SELECT COUNT(*) FROM contacts WHERE login_id = $1`,
		`SELECT COUNT(*) FROM passkeys WHERE login_id = $1`,
		`SELECT COUNT(*) FROM sso_people WHERE login_id = $1 AND issuer <> 'invited'`,
	} {
		n, _, err := db.Value[int64](tx, q, login)
		if err != nil {
			return 0, err
		}
		ways += n
	}
	return ways, nil
}
