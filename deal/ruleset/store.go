package ruleset

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
)

// number gives the number of a set, a new one where it was never in force before.
func number(tx *db.Tx, s set, at time.Time) (int64, error) {
	version, found, err := db.Value[int64](tx, `SELECT version FROM rule_sets WHERE hash = $1`, s.hash)
	if err != nil || found {
		return version, err
	}
	last, _, err := db.Value[int64](tx, `SELECT COALESCE(MAX(version), 0) FROM rule_sets`)
	if err != nil {
		return 0, err
	}
	return last + 1, tx.Insert("rule_sets", []string{"version", "hash", "mode", "body", "at_us"},
		[][]any{{last + 1, s.hash, string(s.mode), s.body, clock.Micros(at)}})
}

// known tells the number of a set that was in force before.
func known(tx *db.Tx, hash string) (version int64, found bool, err error) {
	return db.Value[int64](tx, `SELECT version FROM rule_sets WHERE hash = $1`, hash)
}
