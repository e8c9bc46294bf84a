package setting

import (
	"fmt"

	"hutong/base/db"
)

// Get tells the value of key, and whether there is one.
func Get(tx *db.Tx, key string) (value string, found bool, err error) {
	return db.Value[string](tx, `SELECT value FROM settings WHERE key = $1`, key)
}

// Put sets the value of key. It is safe to repeat. Codes: setting.key, setting.value.
func Put(tx *db.Tx, key, value string) error {
	if err := check(key, value); err != nil {
		return err
	}
	_, err := tx.Exec(`INSERT INTO settings (key, value) VALUES ($1, $2)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value)
	return err
}

// Once sets the value of key only if it has none, and tells the value that holds: of several nodes that start together
// on one database, all go on with the same one. Codes: setting.key, setting.value.
func Once(tx *db.Tx, key, value string) (held string, err error) {
	if err := check(key, value); err != nil {
		return "", err
	}
	q := `INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING`
	if _, err := tx.Exec(q, key, value); err != nil {
		return "", err
	}
	held, found, err := Get(tx, key)
	if err == nil && !found {
		err = fmt.Errorf("setting: %s vanished", key)
	}
	return held, err
}

// Drop removes key. It is safe to repeat.
func Drop(tx *db.Tx, key string) error {
	_, err := tx.Exec(`DELETE FROM settings WHERE key = $1`, key)
	return err
}
