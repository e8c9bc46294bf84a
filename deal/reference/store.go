package reference

import (
	"hutong/base/clock"
	"hutong/base/db"
)

var columns = []string{"id", "shop_id", "offer_id", "sku_id", "regime", "sale", "strike", "off_ppm", "prior", "basis",
	"source", "code", "from_us", "until_us", "at_us"}

const selectClaims = `SELECT id, shop_id, offer_id, sku_id, regime, sale, strike, off_ppm, prior, basis, source, code,
	from_us, until_us, at_us FROM price_claims `

func insert(tx *db.Tx, r Record) error {
	return tx.Insert("price_claims", columns, [][]any{{r.ID, r.Shop, r.Offer, r.SKU, string(r.Regime), r.Sale, r.Strike,
		int64(r.OffPPM), r.Prior.Amount, string(r.Prior.Basis), r.Prior.Source, r.Code, clock.Micros(r.From),
		clock.Micros(r.Until), clock.Micros(r.At)}})
}

func scan(row db.Row) (r Record, err error) {
	var from, until, at int64
	err = row.Scan(&r.ID, &r.Shop, &r.Offer, &r.SKU, &r.Regime, &r.Sale, &r.Strike, &r.OffPPM, &r.Prior.Amount,
		&r.Prior.Basis, &r.Prior.Source, &r.Code, &from, &until, &at)
	r.From, r.Until, r.At = clock.FromMicros(from), clock.FromMicros(until), clock.FromMicros(at)
	return r, err
}

// newest is above every id.
const newest = "~"

func refused(tx *db.Tx, before string, limit int) ([]Record, error) {
	if before == "" {
		before = newest
	}
	return db.List(tx, scan, selectClaims+`WHERE code <> '' AND id < $1 ORDER BY id DESC LIMIT $2`, before, limit)
}

func byShop(tx *db.Tx, shop, before string, limit int) ([]Record, error) {
	if before == "" {
		before = newest
	}
	return db.List(tx, scan, selectClaims+`WHERE shop_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, shop, before,
		limit)
}
