package checkup

import (
	"hutong/base/clock"
	"hutong/base/db"
)

const columns = `id, asked_by, state, began_us, ended_us, ok, checks, counted, broken`

// begin writes the row of a run, unless another one has been under way since after the given instant.
func begin(tx *db.Tx, r Run, since int64) (begun bool, err error) {
	n, err := tx.Exec(`INSERT INTO checkups (id, asked_by, state, began_us, ended_us, ok, checks, counted, broken, body)
		SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), 'running', CAST($3 AS BIGINT), 0, FALSE, 0, 0, 0, ''
		WHERE NOT EXISTS (SELECT 1 FROM checkups WHERE state = 'running' AND began_us > $4)`,
		r.ID, r.By, clock.Micros(r.Began), since)
	return n == 1, err
}

// end writes what a run found. Rows that their nodes left behind are closed, and the oldest runs forgotten.
func end(tx *db.Tx, r Run, since int64) error {
	_, err := tx.Exec(`UPDATE checkups SET state = $2, ended_us = $3, ok = $4, checks = $5, counted = $6, broken = $7,
		body = $8 WHERE id = $1 AND state = 'running'`, r.ID, string(r.State), clock.Micros(r.Ended), r.OK, r.Checks,
		r.Counted, r.Broken, r.body)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE checkups SET state = 'failed', ended_us = $1
		WHERE state = 'running' AND began_us <= $2`, clock.Micros(r.Ended), since); err != nil {
		return err
	}
	_, err = tx.Exec(`DELETE FROM checkups WHERE id NOT IN
		(SELECT id FROM checkups ORDER BY id DESC LIMIT $1)`, KeptMax)
	return err
}

func scan(r db.Row) (run Run, err error) { return scanMore(r) }

func scanMore(r db.Row, more ...any) (run Run, err error) {
	var began, ended int64
	err = r.Scan(append([]any{&run.ID, &run.By, &run.State, &began, &ended, &run.OK, &run.Checks, &run.Counted,
		&run.Broken}, more...)...)
	run.Began = clock.FromMicros(began)
	if ended != 0 {
		run.Ended = clock.FromMicros(ended)
	}
	return run, err
}

func recent(tx *db.Tx, limit int) ([]Run, error) {
	return db.List(tx, scan, `SELECT `+columns+` FROM checkups ORDER BY id DESC LIMIT $1`, limit)
}

// load reads one run with its checks; none is found for an id that is not there.
func load(tx *db.Tx, id string) ([]Run, error) {
	return one(tx, `SELECT `+columns+`, body FROM checkups WHERE id = $1`, id)
}

// newest reads the newest run that came to an end with a word.
func newest(tx *db.Tx) ([]Run, error) {
	return one(tx, `SELECT `+columns+`, body FROM checkups WHERE state = 'done' ORDER BY id DESC LIMIT 1`)
}

func one(tx *db.Tx, q string, args ...any) ([]Run, error) {
	return db.List(tx, func(r db.Row) (Run, error) {
		body := ""
		run, err := scanMore(r, &body)
		run.body = body
		return run, err
	}, q, args...)
}
