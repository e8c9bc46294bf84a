package login

import (
	"encoding/json"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/setting"
)

const ssoSetting = "login.sso"

func loadSSO(tx *db.Tx) (s SSO, err error) {
	value, found, err := setting.Get(tx, ssoSetting)
	if err != nil || !found {
		return SSO{}, err
	}
	return s, json.Unmarshal([]byte(value), &s)
}

func putSSO(tx *db.Tx, s SSO) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return setting.Put(tx, ssoSetting, string(b))
}

// invitedIssuer stands for the issuer of an address that an invitation named and that nobody has signed on with yet.
const invitedIssuer = "invited"

func loginBySSO(tx *db.Tx, issuer, subject string) (kept, bool, error) {
	return live(oneLogin(tx, `SELECT `+loginColumns+` FROM logins l, sso_people p
		WHERE p.issuer = $1 AND p.subject = $2 AND l.id = p.login_id`, issuer, subject))
}

// bindSSO says which login a person of an issuer is; one who is bound stays bound.
func bindSSO(tx *db.Tx, issuer, subject string, login ID, now time.Time) error {
	_, err := tx.Exec(`INSERT INTO sso_people (issuer, subject, login_id, bound_us) VALUES ($1, $2, $3, $4)
		ON CONFLICT (issuer, subject) DO NOTHING`, issuer, subject, login, clock.Micros(now))
	return err
}

// unbindInvited drops the note that an address was invited, once it has signed on.
func unbindInvited(tx *db.Tx, email string) error {
	_, err := tx.Exec(`DELETE FROM sso_people WHERE issuer = $1 AND subject = $2`, invitedIssuer, email)
	return err
}
