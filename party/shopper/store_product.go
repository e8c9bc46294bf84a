package shopper

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
)

// texts of the two lists, written out: SQL is never built from input.
var productTexts = map[list]struct{ put, trim, read, drop string }{
	favourites: {
		put: `INSERT INTO favourites (shopper_id, product_id, at_us) VALUES ($1, $2, $3)
			ON CONFLICT (shopper_id, product_id) DO NOTHING`,
		trim: `DELETE FROM favourites WHERE shopper_id = $1 AND product_id NOT IN (
			SELECT product_id FROM favourites WHERE shopper_id = $1 ORDER BY at_us DESC, product_id DESC LIMIT $2)`,
		read: `SELECT product_id FROM favourites WHERE shopper_id = $1 ORDER BY at_us DESC, product_id DESC LIMIT $2`,
		drop: `DELETE FROM favourites WHERE shopper_id = $1 AND product_id = $2`,
	},
	lately: {
		put: `INSERT INTO seen_products (shopper_id, product_id, at_us) VALUES ($1, $2, $3)
			ON CONFLICT (shopper_id, product_id) DO UPDATE SET at_us = excluded.at_us`,
		trim: `DELETE FROM seen_products WHERE shopper_id = $1 AND product_id NOT IN (
			SELECT product_id FROM seen_products WHERE shopper_id = $1 ORDER BY at_us DESC, product_id DESC LIMIT $2)`,
		read: `SELECT product_id FROM seen_products WHERE shopper_id = $1 ORDER BY at_us DESC, product_id DESC LIMIT $2`,
		drop: `DELETE FROM seen_products WHERE shopper_id = $1 AND product_id = $2`,
	},
}

func putProducts(tx *db.Tx, l list, who ID, all []string, at time.Time) error {
	rows := make([][]any, len(all))
	for i, p := range all {
		rows[i] = []any{who, p, clock.Micros(at)}
	}
	if _, err := tx.Many(productTexts[l].put, rows); err != nil {
		return err
	}
	return trimProducts(tx, l, who)
}

func trimProducts(tx *db.Tx, l list, who ID) error {
	_, err := tx.Exec(productTexts[l].trim, who, l.max)
	return err
}

func readProducts(tx *db.Tx, l list, who ID) ([]string, error) {
	return db.List(tx, func(r db.Row) (p string, err error) { return p, r.Scan(&p) }, productTexts[l].read, who, l.max)
}

func dropProducts(tx *db.Tx, l list, who ID, all []string) error {
	rows := make([][]any, len(all))
	for i, p := range all {
		rows[i] = []any{who, p}
	}
	_, err := tx.Many(productTexts[l].drop, rows)
	return err
}

// marked tells which of the products are favourites.
func marked(tx *db.Tx, who ID, all []string) (map[string]bool, error) {
	found := map[string]bool{}
	q := `SELECT product_id FROM favourites WHERE shopper_id = $1 AND product_id IN ({keys})`
	return found, tx.EachKey(q, all, func(r db.Row) error {
		var p string
		err := r.Scan(&p)
		found[p] = true
		return err
	}, who)
}

// eraseProducts empties both lists.
func eraseProducts(tx *db.Tx, who ID) error {
	if _, err := tx.Exec(`DELETE FROM favourites WHERE shopper_id = $1`, who); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM seen_products WHERE shopper_id = $1`, who)
	return err
}
