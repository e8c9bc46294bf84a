package approval

import (
	"encoding/json"
	"errors"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/party/login"
)

const columns = `id, kind, shop_id, subject, payload, state, asked_by, decided_by, note, asked_us, expires_us,
	decided_us FROM approvals`

func scan(r db.Row) (q Request, err error) {
	var payload string
	var asked, expires, decided int64
	err = r.Scan(&q.ID, &q.Kind, &q.Shop, &q.Subject, &payload, &q.State, &q.AskedBy, &q.DecidedBy, &q.Note, &asked,
		&expires, &decided)
	q.Payload = json.RawMessage(payload)
	q.Asked, q.Expires, q.Decided = clock.FromMicros(asked), clock.FromMicros(expires), clock.FromMicros(decided)
	return q, err
}

// insert keeps a request. Codes: approval.open.
func insert(tx *db.Tx, r Request) error {
	_, err := tx.Exec(`INSERT INTO approvals (id, kind, shop_id, subject, payload, state, asked_by, decided_by, note,
		asked_us, expires_us, decided_us) VALUES ($1, $2, $3, $4, $5, 'asked', $6, '', '', $7, $8, 0)`,
		r.ID, r.Kind, r.Shop, r.Subject, string(r.Payload), r.AskedBy, clock.Micros(r.Asked), clock.Micros(r.Expires))
	if errors.Is(err, db.ErrUnique) {
		return fault.New(fault.Conflict, "approval.open").Because(err)
	}
	return err
}

func byID(tx *db.Tx, id ID) (r Request, found bool, err error) {
	all, err := db.List(tx, scan, `SELECT `+columns+` WHERE id = $1`, id)
	if err != nil || len(all) == 0 {
		return Request{}, false, err
	}
	return all[0], true, nil
}

// settle decides a request: of two decisions at once, one is told false. The condition holds whatever was read before.
func settle(tx *db.Tx, r Request) (settled bool, err error) {
	n, err := tx.Exec(`UPDATE approvals SET state = $2, decided_by = $3, note = $4, decided_us = $5
		WHERE id = $1 AND state = 'asked' AND asked_by <> $3 AND expires_us > $5`, r.ID, r.State, r.DecidedBy, r.Note,
		clock.Micros(r.Decided))
	return n == 1, err
}

func withdraw(tx *db.Tx, id ID, by login.ID, at time.Time) (withdrawn bool, err error) {
	n, err := tx.Exec(`UPDATE approvals SET state = 'withdrawn', decided_us = $3
		WHERE id = $1 AND state = 'asked' AND asked_by = $2`, id, by, clock.Micros(at))
	return n == 1, err
}

// expire closes what nobody decided in time.
func expire(tx *db.Tx, at time.Time) (int64, error) {
	return tx.Exec(`UPDATE approvals SET state = 'expired', decided_us = $1
		WHERE state = 'asked' AND expires_us <= $1`, clock.Micros(at))
}

// expireOpen closes an open request of the same subject that is over, so that it does not stand in a new one's way.
func expireOpen(tx *db.Tx, r Request) error {
	_, err := tx.Exec(`UPDATE approvals SET state = 'expired', decided_us = $4
		WHERE kind = $1 AND shop_id = $2 AND subject = $3 AND state = 'asked' AND expires_us <= $4`,
		r.Kind, r.Shop, r.Subject, clock.Micros(r.Asked))
	return err
}

func byShop(tx *db.Tx, shop, before string, limit int) ([]Request, error) {
	return db.List(tx, scan, `SELECT `+columns+` WHERE shop_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`,
		shop, before, limit)
}

func everywhere(tx *db.Tx, before string, limit int) ([]Request, error) {
	return db.List(tx, scan, `SELECT `+columns+` WHERE id < $1 ORDER BY id DESC LIMIT $2`, before, limit)
}
