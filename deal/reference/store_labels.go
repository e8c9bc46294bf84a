package reference

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/goods/offer"
)

func keysOf(ids []offer.ID) []string {
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = string(id)
	}
	return keys
}

// versions are the versions of prices that were held against history, by offer.
func versions(tx *db.Tx, ids []offer.ID) (map[offer.ID]int64, error) {
	return versionsWhere(tx, ids, ``)
}

// borneVersions are those of them that history bears.
func borneVersions(tx *db.Tx, ids []offer.ID) (map[offer.ID]int64, error) {
	return versionsWhere(tx, ids, ` AND code = ''`)
}

func versionsWhere(tx *db.Tx, ids []offer.ID, and string) (map[offer.ID]int64, error) {
	all := map[offer.ID]int64{}
	return all, tx.EachKey(`SELECT offer_id, version FROM price_labels WHERE offer_id IN ({keys})`+and, keysOf(ids),
		func(r db.Row) error {
			var id offer.ID
			var version int64
			err := r.Scan(&id, &version)
			all[id] = version
			return err
		})
}

func borne(tx *db.Tx, products []string) (map[Key]bool, error) {
	all := map[Key]bool{}
	return all, tx.EachKey(`SELECT l.product_id, l.sale, l.strike FROM price_labels l
		JOIN offers o ON o.id = l.offer_id AND o.version = l.version
		WHERE l.product_id IN ({keys}) AND l.code = ''`, products, func(r db.Row) error {
		var k Key
		err := r.Scan(&k.Product, &k.Sale, &k.Strike)
		all[k] = true
		return err
	})
}

// unlabelled are products with a struck price that was not held against history yet.
func unlabelled(tx *db.Tx, limit int) ([]string, error) {
	return db.List(tx, func(r db.Row) (id string, err error) { err = r.Scan(&id); return id, err },
		`SELECT o.product_id FROM offers o LEFT JOIN price_labels l ON l.offer_id = o.id AND l.version = o.version
		WHERE o.list_price > o.unit_price AND o.state = 'listed' AND l.offer_id IS NULL LIMIT $1`, limit)
}

// putLabels writes what was judged, over what was known of older versions only: of two nodes the one with the newer
// price wins.
func putLabels(tx *db.Tx, all []Struck, at time.Time) error {
	rows := make([][]any, len(all))
	for i, v := range all {
		rows[i] = []any{string(v.Offer), v.Version, v.Shop, v.Product, v.SKU, v.Sale, v.Strike, v.Prior.Amount,
			string(v.Prior.Basis), v.Prior.Source, v.Code, v.claim, clock.Micros(v.From), clock.Micros(at)}
	}
	_, err := tx.Many(`INSERT INTO price_labels (offer_id, version, shop_id, product_id, sku_id, sale, strike, prior,
			basis, source, code, claim_id, from_us, at_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		ON CONFLICT (offer_id) DO UPDATE SET version = excluded.version, sale = excluded.sale, strike = excluded.strike,
			prior = excluded.prior, basis = excluded.basis, source = excluded.source, code = excluded.code,
			claim_id = excluded.claim_id, from_us = excluded.from_us, at_us = excluded.at_us
		WHERE price_labels.version < excluded.version`, rows)
	return err
}

func labelsOf(tx *db.Tx, shop string, skip, limit int) ([]Struck, error) {
	return db.List(tx, func(r db.Row) (v Struck, err error) {
		var from int64
		err = r.Scan(&v.Offer, &v.Version, &v.Shop, &v.Product, &v.SKU, &v.Sale, &v.Strike, &v.Prior.Amount,
			&v.Prior.Basis, &v.Prior.Source, &v.Code, &from)
		v.From = clock.FromMicros(from)
		return v, err
	}, `SELECT l.offer_id, l.version, l.shop_id, l.product_id, l.sku_id, l.sale, l.strike, l.prior, l.basis, l.source,
			l.code, l.from_us FROM price_labels l JOIN offers o ON o.id = l.offer_id AND o.version = l.version
		WHERE l.shop_id = $1 AND o.state = 'listed' ORDER BY l.from_us DESC, l.offer_id LIMIT $2 OFFSET $3`,
		shop, limit, skip)
}
