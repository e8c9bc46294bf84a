package rollout

import (
	"encoding/json"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
)

func scan(r db.Row) (s Switch, err error) {
	var name, body string
	var version, updated int64
	if err := r.Scan(&name, &body, &version, &updated); err != nil {
		return s, err
	}
	err = json.Unmarshal([]byte(body), &s)
	s.Name, s.Version, s.Updated = name, version, clock.FromMicros(updated)
	return s, err
}

func all(tx *db.Tx) ([]Switch, error) {
	return db.List(tx, scan, `SELECT name, body, version, updated_us FROM switches ORDER BY name`)
}

func one(tx *db.Tx, name string) (s Switch, found bool, err error) {
	rows, err := db.List(tx, scan, `SELECT name, body, version, updated_us FROM switches WHERE name = $1`, name)
	if err != nil || len(rows) == 0 {
		return Switch{}, false, err
	}
	return rows[0], true, nil
}

// put writes a switch over the version that the caller has read; 0 makes a new one. kept is false when another change
// was first.
func put(tx *db.Tx, s Switch, was int64, at time.Time) (kept bool, err error) {
	body, err := json.Marshal(s)
	if err != nil {
		return false, err
	}
	if was == 0 {
		n, err := tx.Exec(`INSERT INTO switches (name, body, version, updated_us) VALUES ($1, $2, 1, $3)
			ON CONFLICT (name) DO NOTHING`, s.Name, string(body), clock.Micros(at))
		return n == 1, err
	}
	n, err := tx.Exec(`UPDATE switches SET body = $2, version = version + 1, updated_us = $3
		WHERE name = $1 AND version = $4`, s.Name, string(body), clock.Micros(at), was)
	return n == 1, err
}

func drop(tx *db.Tx, name string) error {
	_, err := tx.Exec(`DELETE FROM switches WHERE name = $1`, name)
	return err
}
