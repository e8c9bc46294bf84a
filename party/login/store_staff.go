package login

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
)

// staffOf lists who is staff on the side and shop of somebody, locked in one order so that of two changes at once the
// second sees the first: a shop is never left without an owner.
func staffOf(tx *db.Tx, by Principal, lock bool) ([]kept, error) {
	q := `SELECT ` + loginColumns + ` FROM logins l
		WHERE l.shop_id = $1 AND l.role = $2 AND l.role <> 'shopper' AND l.ended_us = 0 ORDER BY l.id LIMIT $3`
	if lock {
		q += ` {lock}`
	}
	return db.List(tx, scanLogin, q, by.Shop, by.Role, StaffMax+1)
}

// memberOf is one of the staff beside somebody. Codes: login.staff_not_found, also for another shop's.
func memberOf(tx *db.Tx, by Principal, login ID) (l kept, all []kept, err error) {
	all, err = staffOf(tx, by, true)
	if err != nil {
		return kept{}, nil, err
	}
	for _, m := range all {
		if m.ID == login {
			return m, all, nil
		}
	}
	return kept{}, nil, fault.New(fault.NotFound, "login.staff_not_found")
}

func setStaffRole(tx *db.Tx, login ID, role StaffRole) error {
	_, err := tx.Exec(`UPDATE logins SET staff_role = $2 WHERE id = $1 AND role <> 'shopper'`, login, role)
	return err
}

// endLogin takes a login away: its name is free again, its ways in are gone.
func endLogin(tx *db.Tx, login ID, now time.Time) error {
	if _, err := tx.Exec(`UPDATE logins SET ended_us = $2, name = $3, password_hash = $4 WHERE id = $1`,
		login, clock.Micros(now), unnamed(login), noPassword); err != nil {
		return err
	}
	return dropWays(tx, login)
}

// dropWays deletes every way into a login, and all that names the person.
func dropWays(tx *db.Tx, login ID) error {
	for _, q := range []string{
		`DELETE FROM contacts WHERE login_id = $1`,
		`DELETE FROM passkeys WHERE login_id = $1`,
		`DELETE FROM sso_people WHERE login_id = $1`,
		`DELETE FROM consents WHERE login_id = $1`,
		`DELETE FROM codes WHERE login_id = $1 AND login_id <> ''`,
		`DELETE FROM ceremonies WHERE login_id = $1 AND login_id <> ''`,
	} {
		if _, err := tx.Exec(q, login); err != nil {
			return err
		}
	}
	return nil
}

const inviteColumns = `id, secret_hash, role, shop_id, staff_role, email, invited_by, created_us, expires_us
	FROM invites`

// invite is an invitation with what proves its link.
type invite struct {
	Invitation
	hash string
}

func scanInvite(r db.Row) (i invite, err error) {
	var created, expires int64
	err = r.Scan(&i.ID, &i.hash, &i.Side, &i.Shop, &i.Role, &i.Email, &i.By, &created, &expires)
	i.Created, i.Expires = clock.FromMicros(created), clock.FromMicros(expires)
	return i, err
}

func insertInvite(tx *db.Tx, i invite) error {
	cols := []string{"id", "secret_hash", "role", "shop_id", "staff_role", "email", "invited_by", "created_us",
		"expires_us"}
	return tx.Insert("invites", cols, [][]any{{i.ID, i.hash, i.Side, i.Shop, i.Role, i.Email, i.By,
		clock.Micros(i.Created), clock.Micros(i.Expires)}})
}

func invitesOf(tx *db.Tx, by Principal, now time.Time) ([]invite, error) {
	return db.List(tx, scanInvite, `SELECT `+inviteColumns+`
		WHERE shop_id = $1 AND role = $2 AND expires_us > $3 ORDER BY id DESC LIMIT $4`,
		by.Shop, by.Role, clock.Micros(now), InvitesMax+1)
}

func inviteByID(tx *db.Tx, name string) (i invite, found bool, err error) {
	all, err := db.List(tx, scanInvite, `SELECT `+inviteColumns+` WHERE id = $1`, name)
	if err != nil || len(all) == 0 {
		return invite{}, false, err
	}
	return all[0], true, nil
}

// inviteByEmail is the newest good invitation of a verified e-mail address. The market's own go before a shop's: a
// merchant who invites an operator's address does not draw them into their shop.
func inviteByEmail(tx *db.Tx, email string, now time.Time) (i invite, found bool, err error) {
	all, err := db.List(tx, scanInvite, `SELECT `+inviteColumns+`
		WHERE email = $1 AND email <> '' AND expires_us > $2 ORDER BY role DESC, id DESC LIMIT 1`, email, clock.Micros(now))
	if err != nil || len(all) == 0 {
		return invite{}, false, err
	}
	return all[0], true, nil
}

// takeInvite uses an invitation up; of two who take it at once, one is told false.
func takeInvite(tx *db.Tx, name string) (taken bool, err error) {
	n, err := tx.Exec(`DELETE FROM invites WHERE id = $1`, name)
	return n == 1, err
}

func dropInvite(tx *db.Tx, by Principal, name string) (bool, error) {
	n, err := tx.Exec(`DELETE FROM invites WHERE id = $1 AND shop_id = $2 AND role = $3`, name, by.Shop, by.Role)
	return n == 1, err
}

// dropInvitesBy deletes what somebody invited: links of a removed member must not bring them back.
func dropInvitesBy(tx *db.Tx, login ID) error {
	_, err := tx.Exec(`DELETE FROM invites WHERE invited_by = $1`, login)
	return err
}
