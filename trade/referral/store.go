package referral

import (
	"fmt"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/trade/order"
)

const (
	forReading = ``
	forWriting = ` {lock}`
)

const selectReferrals = `SELECT id, programme_id, inviter_id, invitee_id, state, order_id, amount, why, bound_us,
	due_us, closed_us FROM referrals`

func scan(r db.Row) (x Referral, err error) {
	var bound, due, closed int64
	err = r.Scan(&x.ID, &x.Programme, &x.Inviter, &x.Invitee, &x.State, &x.Order, &x.Amount, &x.Why, &bound, &due, &closed)
	x.BoundAt, x.Due, x.ClosedAt = clock.FromMicros(bound), clock.FromMicros(due), clock.FromMicros(closed)
	return x, err
}

func insertReferral(tx *db.Tx, r Referral) error {
	return tx.Insert("referrals", []string{"id", "programme_id", "inviter_id", "invitee_id", "state", "order_id", "amount",
		"why", "bound_us", "due_us", "closed_us", "tries"}, [][]any{{r.ID, r.Programme, r.Inviter, r.Invitee, r.State,
		r.Order, r.Amount, r.Why, clock.Micros(r.BoundAt), clock.Micros(r.Due), clock.Micros(r.ClosedAt), int64(0)}})
}

func dropReferral(tx *db.Tx, id ID) error {
	_, err := tx.Exec(`DELETE FROM referrals WHERE id = $1 AND state = 'bound'`, id)
	return err
}

// saveReferrals writes referrals that leave a state; one that has left it already is a defect.
func saveReferrals(tx *db.Tx, from State, all []Referral) error {
	rows := make([][]any, len(all))
	for i, r := range all {
		rows[i] = []any{r.ID, from, r.State, r.Order, r.Amount, r.Why, clock.Micros(r.Due), clock.Micros(r.ClosedAt)}
	}
	changed, err := tx.Many(`UPDATE referrals SET state = $3, order_id = $4, amount = $5, why = $6, due_us = $7,
		closed_us = $8 WHERE id = $1 AND state = $2`, rows)
	for i, n := range changed {
		if err == nil && n != 1 {
			err = fmt.Errorf("referral: %s was not %s under its lock", all[i].ID, from)
		}
	}
	return err
}

// bound are the referrals of friends who have not bought yet, in order.
func bound(tx *db.Tx, invitees []string, purpose string) (all []Referral, err error) {
	return byInvitees(tx, invitees, ` AND state = 'bound'`, purpose)
}

// boundTo are the referrals of friends, whatever became of them.
func boundTo(tx *db.Tx, invitees []string, purpose string) ([]Referral, error) {
	return byInvitees(tx, invitees, ``, purpose)
}

func byInvitees(tx *db.Tx, invitees []string, where, purpose string) (all []Referral, err error) {
	err = tx.EachKey(selectReferrals+` WHERE invitee_id IN ({keys})`+where+` ORDER BY id`+purpose, invitees,
		func(r db.Row) error {
			one, err := scan(r)
			all = append(all, one)
			return err
		})
	return all, err
}

// due are the pending referrals to look at, those that wait longest first.
func due(tx *db.Tx, at time.Time, limit int) ([]ID, error) {
	return db.List(tx, func(r db.Row) (id ID, err error) { return id, r.Scan(&id) },
		`SELECT id FROM referrals WHERE state = 'pending' AND due_us <= $1 ORDER BY due_us, id LIMIT $2`,
		clock.Micros(at), limit)
}

// pendingBy is one pending referral, locked.
func pendingBy(tx *db.Tx, id ID) (Referral, bool, error) {
	all, err := db.List(tx, scan, selectReferrals+` WHERE id = $1 AND state = 'pending' {lock}`, id)
	if err != nil || len(all) == 0 {
		return Referral{}, false, err
	}
	return all[0], true, nil
}

func later(tx *db.Tx, id ID, at time.Time) error {
	_, err := tx.Exec(`UPDATE referrals SET due_us = $2 WHERE id = $1 AND state = 'pending'`, id, clock.Micros(at))
	return err
}

// stuck is later, of a reward that could not be given.
func stuck(tx *db.Tx, id ID, at time.Time) error {
	_, err := tx.Exec(`UPDATE referrals SET due_us = $2, tries = tries + $3 WHERE id = $1 AND state = 'pending'`, id,
		clock.Micros(at), int64(1))
	return err
}

func byInviter(tx *db.Tx, inviter string, before ID, limit int) ([]Referral, error) {
	return db.List(tx, scan, selectReferrals+` WHERE inviter_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, inviter,
		before, limit)
}

func sumOf(tx *db.Tx, inviter string) (sum Sum, err error) {
	counts := map[State]*int64{Bound: &sum.Bound, Pending: &sum.Pending, Rewarded: &sum.Rewarded, Refused: &sum.Refused}
	err = tx.Each(`SELECT state, COUNT(*) FROM referrals WHERE inviter_id = $1 GROUP BY state`, func(r db.Row) error {
		var state State
		var n int64
		err := r.Scan(&state, &n)
		if to := counts[state]; to != nil {
			*to = n
		}
		return err
	}, inviter)
	return sum, err
}

// codeOf is a shopper's code, "" if they have none.
func codeOf(tx *db.Tx, shopper string) (string, error) {
	code, _, err := db.Value[string](tx, `SELECT code FROM referral_codes WHERE shopper_id = $1`, shopper)
	return code, err
}

// insertCode gives a shopper a code, unless they have one.
func insertCode(tx *db.Tx, shopper, code string, at time.Time) error {
	_, err := tx.Exec(`INSERT INTO referral_codes (shopper_id, code, made_us) VALUES ($1, $2, $3)
		ON CONFLICT (shopper_id) DO NOTHING`, shopper, code, clock.Micros(at))
	return err
}

// inviterBy is whose code it is. Codes: referral.code.
func inviterBy(tx *db.Tx, typed string) (inviter string, err error) {
	found := false
	if code := tidyCode(typed); code != "" {
		inviter, found, err = db.Value[string](tx, `SELECT shopper_id FROM referral_codes WHERE code = $1`, code)
	}
	if err == nil && !found {
		err = fault.As(fault.New(fault.NotFound, "referral.code"))
	}
	return inviter, err
}

// caseOpen tells whether somebody wants something of an order back and has no answer yet.
func caseOpen(tx *db.Tx, o order.ID) (bool, error) {
	_, open, err := db.Value[string](tx, `SELECT id FROM cases WHERE order_id = $1 AND closed_us = 0 LIMIT 1`, o)
	return open, err
}
