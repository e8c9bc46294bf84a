package referral

import (
	"hutong/base/clock"
	"hutong/base/db"
)

const selectProgrammes = `SELECT id, state, body, reward, made_by, made_us, opened_us, stopped_us
	FROM referral_programmes`

func scanProgramme(r db.Row) (p Programme, err error) {
	var made, opened, stopped int64
	var body string
	if err = r.Scan(&p.ID, &p.State, &body, &p.Reward, &p.MadeBy, &made, &opened, &stopped); err != nil {
		return p, err
	}
	p.Made, p.Opened, p.Stopped = clock.FromMicros(made), clock.FromMicros(opened), clock.FromMicros(stopped)
	p.Terms, err = decodeTerms(body)
	return p, err
}

func insertProgramme(tx *db.Tx, p Programme) error {
	body, err := p.Terms.encode()
	if err != nil {
		return err
	}
	return tx.Insert("referral_programmes", []string{"id", "state", "body", "budget", "reward", "return_us", "made_by",
		"made_us", "opened_us", "stopped_us"}, [][]any{{p.ID, p.State, body, p.Terms.Budget, p.Reward,
		p.Terms.wait().Microseconds(), p.MadeBy, clock.Micros(p.Made), clock.Micros(p.Opened), clock.Micros(p.Stopped)}})
}

func saveProgramme(tx *db.Tx, p Programme) error {
	_, err := tx.Exec(`UPDATE referral_programmes SET state = $2, opened_us = $3, stopped_us = $4 WHERE id = $1`, p.ID,
		p.State, clock.Micros(p.Opened), clock.Micros(p.Stopped))
	return err
}

// one is a programme. Codes: referral.not_found.
func one(tx *db.Tx, id ProgrammeID, purpose string) (Programme, error) {
	all, err := db.List(tx, scanProgramme, selectProgrammes+` WHERE id = $1`+purpose, id)
	if err != nil {
		return Programme{}, err
	}
	if len(all) == 0 {
		return Programme{}, notFound()
	}
	return all[0], nil
}

// inForce is the one that is open.
func inForce(tx *db.Tx, purpose string) (Programme, bool, error) {
	all, err := db.List(tx, scanProgramme, selectProgrammes+` WHERE state = 'open'`+purpose)
	if err != nil || len(all) == 0 {
		return Programme{}, false, err
	}
	return all[0], true, nil
}

// programmesOf are those of some referrals.
func programmesOf(tx *db.Tx, of []Referral) (map[ProgrammeID]Programme, error) {
	all, ids := map[ProgrammeID]Programme{}, make([]string, len(of))
	for i, r := range of {
		ids[i] = string(r.Programme)
	}
	err := tx.EachKey(selectProgrammes+` WHERE id IN ({keys})`, ids, func(r db.Row) error {
		p, err := scanProgramme(r)
		all[p.ID] = p
		return err
	})
	return all, err
}

// programmes is a page, newest first.
func programmes(tx *db.Tx, before string, limit int) ([]Programme, error) {
	return db.List(tx, scanProgramme, selectProgrammes+` WHERE id < $1 ORDER BY id DESC LIMIT $2`, before, limit)
}

func countsOf(tx *db.Tx, id ProgrammeID) (c Counts, err error) {
	counts := map[State]*int64{Bound: &c.Bound, Pending: &c.Pending, Rewarded: &c.Rewarded, Refused: &c.Refused}
	err = tx.Each(`SELECT state, COUNT(*), CAST(SUM(amount) AS BIGINT), CAST(SUM(CASE WHEN tries > 0 THEN 1 ELSE 0 END)
		AS BIGINT) FROM referrals WHERE programme_id = $1 GROUP BY state`, func(r db.Row) error {
		var state State
		var n, amount, tried int64
		err := r.Scan(&state, &n, &amount, &tried)
		if to := counts[state]; to != nil {
			*to = n
		}
		c.Kept += amount
		switch state {
		case Rewarded:
			c.Given = amount
		case Pending:
			c.Stuck = tried
		}
		return err
	}, id)
	return c, err
}
