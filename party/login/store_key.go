package login

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
)

const keyColumns = `id, shop_id, name, secret_hash, scopes, made_by, created_us, expires_us, used_us, revoked_us
	FROM api_keys`

// apiKey is a key with what proves it.
type apiKey struct {
	APIKey
	hash string
}

func scanKey(r db.Row) (k apiKey, err error) {
	var scopes string
	var created, expires, used, revoked int64
	err = r.Scan(&k.ID, &k.Shop, &k.Name, &k.hash, &scopes, &k.MadeBy, &created, &expires, &used, &revoked)
	if err != nil {
		return k, err
	}
	k.Scopes, k.Prefix = parsePermissions(scopes)&keyScopes, keyPrefix(k.ID)
	k.Created, k.Expires = clock.FromMicros(created), clock.FromMicros(expires)
	k.Used, k.Revoked = clock.FromMicros(used), clock.FromMicros(revoked)
	return k, nil
}

func insertKey(tx *db.Tx, k apiKey) error {
	cols := []string{"id", "shop_id", "name", "secret_hash", "scopes", "made_by", "created_us", "expires_us", "used_us",
		"revoked_us"}
	return tx.Insert("api_keys", cols, [][]any{{k.ID, k.Shop, k.Name, k.hash, k.Scopes.String(), k.MadeBy,
		clock.Micros(k.Created), clock.Micros(k.Expires), int64(0), int64(0)}})
}

func keysOf(tx *db.Tx, shop string) ([]apiKey, error) {
	return db.List(tx, scanKey, `SELECT `+keyColumns+` WHERE shop_id = $1 ORDER BY id DESC LIMIT 200`, shop)
}

// keysMadeBy are the keys of a shop that somebody made and that are still good.
func keysMadeBy(tx *db.Tx, shop string, maker ID, now time.Time) ([]apiKey, error) {
	return db.List(tx, scanKey, `SELECT `+keyColumns+` WHERE shop_id = $1 AND made_by = $2 AND revoked_us = 0
		AND expires_us > $3 ORDER BY id`, shop, maker, clock.Micros(now))
}

// goodKeys counts the keys that a shop can use.
func goodKeys(tx *db.Tx, shop string, now time.Time) (n int64, err error) {
	n, _, err = db.Value[int64](tx, `SELECT COUNT(*) FROM api_keys
		WHERE shop_id = $1 AND revoked_us = 0 AND expires_us > $2`, shop, clock.Micros(now))
	return n, err
}

func keyByID(tx *db.Tx, name string) (k apiKey, found bool, err error) {
	all, err := db.List(tx, scanKey, `SELECT `+keyColumns+` WHERE id = $1 AND revoked_us = 0`, name)
	if err != nil || len(all) == 0 {
		return apiKey{}, false, err
	}
	return all[0], true, nil
}

// revokeKey ends a shop's key; revoked is false when it was ended before or is another's.
func revokeKey(tx *db.Tx, shop string, name ID, now time.Time) (revoked bool, err error) {
	n, err := tx.Exec(`UPDATE api_keys SET revoked_us = $3 WHERE id = $1 AND shop_id = $2 AND revoked_us = 0`,
		name, shop, clock.Micros(now))
	return n == 1, err
}
