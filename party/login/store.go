package login

import (
	"errors"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
)

// insertLogin keeps a login. Codes: login.name_taken, login.shopper_taken.
func insertLogin(tx *db.Tx, l Login, hash string) error {
	n, err := tx.Exec(`INSERT INTO logins (id, role, name, password_hash, shopper_id, shop_id, created_us, staff_role)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name) DO NOTHING`,
		l.ID, l.Role, l.Name, hash, l.Shopper, l.Shop, clock.Micros(l.Created), l.Staff)
	if errors.Is(err, db.ErrUnique) {
		return fault.New(fault.Conflict, "login.shopper_taken").Because(err)
	}
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "login.name_taken", fault.P("name", l.Name)).At("name")
	}
	return err
}

const loginColumns = `l.id, l.role, l.name, l.password_hash, l.shopper_id, l.shop_id, l.staff_role, l.created_us,
	l.ended_us`

// kept is a login with what proves its password.
type kept struct {
	Login
	hash string
}

func scanLogin(r db.Row) (l kept, err error) {
	var created, ended int64
	err = r.Scan(&l.ID, &l.Role, &l.Name, &l.hash, &l.Shopper, &l.Shop, &l.Staff, &created, &ended)
	l.Created, l.Ended = clock.FromMicros(created), clock.FromMicros(ended)
	return l, err
}

// oneLogin is the first login of a query, which may still be one that was taken away.
func oneLogin(tx *db.Tx, q string, args ...any) (l kept, found bool, err error) {
	all, err := db.List(tx, scanLogin, q, args...)
	if err != nil || len(all) == 0 {
		return kept{}, false, err
	}
	return all[0], true, nil
}

// live drops a login that was taken away: it is as if it were not there.
func live(l kept, found bool, err error) (kept, bool, error) {
	if err != nil || !found || !l.Ended.IsZero() {
		return kept{}, false, err
	}
	return l, true, nil
}

func loginByName(tx *db.Tx, name string) (kept, bool, error) {
	return live(oneLogin(tx, `SELECT `+loginColumns+` FROM logins l WHERE l.name = $1`, name))
}

func loginByID(tx *db.Tx, id ID) (kept, bool, error) {
	return live(oneLogin(tx, `SELECT `+loginColumns+` FROM logins l WHERE l.id = $1`, id))
}

// hold reads a login and keeps it until the commit. Whoever adds or drops a way into it, or opens something in its
// name, does so before or after those who do the same or take the login away: a last way in stays, and nothing
// outlives the login. Codes: login.session for one that is gone.
func hold(tx *db.Tx, id ID) (kept, error) {
	l, found, err := live(oneLogin(tx, `SELECT `+loginColumns+` FROM logins l WHERE l.id = $1 {lock}`, id))
	if err == nil && !found {
		err = fault.New(fault.Unauthenticated, "login.session")
	}
	return l, err
}

func loginByAddress(tx *db.Tx, address string) (kept, bool, error) {
	return live(oneLogin(tx, `SELECT `+loginColumns+` FROM logins l, contacts c
		WHERE c.address = $1 AND l.id = c.login_id`, address))
}

func loginByShopper(tx *db.Tx, shopper string) (kept, bool, error) {
	return live(oneLogin(tx, `SELECT `+loginColumns+` FROM logins l
		WHERE l.shopper_id = $1 AND l.shopper_id <> ''`, shopper))
}

func setHash(tx *db.Tx, id ID, was, hash string) (changed bool, err error) {
	n, err := tx.Exec(`UPDATE logins SET password_hash = $3 WHERE id = $1 AND password_hash = $2`, id, was, hash)
	return n == 1, err
}

type session struct {
	id      string
	hash    string
	who     Principal
	way     Way
	device  string
	network string
	created time.Time
	expires time.Time
	seen    time.Time
}

var sessionInsert = []string{"id", "secret_hash", "login_id", "role", "shopper_id", "shop_id", "lang", "created_us",
	"expires_us", "way", "device", "network", "seen_us", "helper"}

func insertSession(tx *db.Tx, s session) error {
	return tx.Insert("sessions", sessionInsert, [][]any{{s.id, s.hash, s.who.Login, s.who.Role, s.who.Shopper,
		s.who.Shop, s.who.Lang, clock.Micros(s.created), clock.Micros(s.expires), s.way, s.device, s.network,
		clock.Micros(s.seen), s.who.Helper}})
}

// sessionColumns come with what the login may do today, not when it logged in.
const sessionColumns = `s.id, s.secret_hash, s.login_id, s.role, s.shopper_id, s.shop_id, s.lang, s.created_us,
	s.expires_us, s.way, s.device, s.network, s.seen_us, s.helper, l.staff_role
	FROM sessions s LEFT JOIN logins l ON l.id = s.login_id`

func scanSession(r db.Row) (s session, err error) {
	var created, expires, seen int64
	err = r.Scan(&s.id, &s.hash, &s.who.Login, &s.who.Role, &s.who.Shopper, &s.who.Shop, &s.who.Lang, &created,
		&expires, &s.way, &s.device, &s.network, &seen, &s.who.Helper, &s.who.Staff)
	s.created, s.expires, s.seen = clock.FromMicros(created), clock.FromMicros(expires), clock.FromMicros(seen)
	s.who.May, s.who.Proved = PermissionsOf(s.who.Staff), proved(s.who, s.created)
	return s, err
}

// proved is when a session's owner proved who they are: it was opened with a proof.
func proved(who Principal, opened time.Time) time.Time {
	if !who.Person() {
		return time.Time{}
	}
	return clock.FromMicros(clock.Micros(opened))
}

func sessionByID(tx *db.Tx, id string) (s session, found bool, err error) {
	// One that was opened at the very instant at which its login was taken away stands for nobody.
	err = tx.Each(`SELECT `+sessionColumns+` WHERE s.id = $1 AND COALESCE(l.ended_us, 0) = 0`, func(r db.Row) error {
		found = true
		s, err = scanSession(r)
		return err
	}, id)
	return s, found, err
}

func sessionList(tx *db.Tx, id ID, now time.Time, limit int) ([]session, error) {
	return db.List(tx, scanSession, `SELECT `+sessionColumns+`
		WHERE s.login_id = $1 AND s.login_id <> '' AND s.expires_us > $2 ORDER BY s.id DESC LIMIT $3`,
		id, clock.Micros(now), limit)
}

// deleteOwn ends a session of that login; another's is not found.
func deleteOwn(tx *db.Tx, id ID, name string) (bool, error) {
	n, err := tx.Exec(`DELETE FROM sessions WHERE id = $1 AND login_id = $2 AND login_id <> ''`, name, id)
	return n == 1, err
}

// markSeen notes when sessions and keys were last used: rows of time and id.
func markSeen(tx *db.Tx, sessions, keys [][]any) error {
	if _, err := tx.Many(`UPDATE sessions SET seen_us = $1 WHERE id = $2`, sessions); err != nil {
		return err
	}
	_, err := tx.Many(`UPDATE api_keys SET used_us = $1 WHERE id = $2`, keys)
	return err
}

func deleteSession(tx *db.Tx, id string) error {
	_, err := tx.Exec(`DELETE FROM sessions WHERE id = $1`, id)
	return err
}

// sessionsOf are a login's sessions, and those in which it looks on at others.
func sessionsOf(tx *db.Tx, id ID) ([]string, error) {
	q := `SELECT id FROM sessions WHERE login_id = $1 AND login_id <> ''
		UNION SELECT id FROM sessions WHERE helper = $1 AND helper <> ''`
	return db.List(tx, func(r db.Row) (s string, err error) { return s, r.Scan(&s) }, q, id)
}

func deleteSessionsOf(tx *db.Tx, id ID, but string) error {
	for _, q := range []string{
		`DELETE FROM sessions WHERE login_id = $1 AND login_id <> '' AND id <> $2`,
		`DELETE FROM sessions WHERE helper = $1 AND helper <> '' AND id <> $2`,
	} {
		if _, err := tx.Exec(q, id, but); err != nil {
			return err
		}
	}
	return nil
}

// deleteExpired looks at the oldest sessions, codes and ceremonies and deletes those that have expired. Ids rise with
// time, so the expired ones are at the front of a table and no index is needed to find them. Consents are few.
func deleteExpired(tx *db.Tx, now time.Time, look int) (sum int64, err error) {
	for _, q := range []string{
		`DELETE FROM sessions WHERE expires_us <= $1 AND id IN (SELECT id FROM sessions ORDER BY id LIMIT $2)`,
		`DELETE FROM codes WHERE expires_us <= $1 AND id IN (SELECT id FROM codes ORDER BY id LIMIT $2)`,
		`DELETE FROM ceremonies WHERE expires_us <= $1 AND id IN (SELECT id FROM ceremonies ORDER BY id LIMIT $2)`,
		`DELETE FROM consents WHERE expires_us <= $1 AND code_hash IN (SELECT code_hash FROM consents
			ORDER BY expires_us LIMIT $2)`,
	} {
		n, err := tx.Exec(q, clock.Micros(now), look)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}
