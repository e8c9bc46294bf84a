package offer

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
)

// Version is one price of an offer and since when it held.
type Version struct {
	Offer     ID
	Version   int64
	UnitPrice int64
	From      time.Time
}

// LowestOffered is the lowest price at which a shop offered a SKU at any instant of [from, until), in the caller's
// transaction: of the price that held when the span began and of those that came within it. Found is false where the
// SKU had no price by then.
func LowestOffered(tx *db.Tx, shop, sku string, from, until time.Time) (low Version, found bool, err error) {
	const q = `SELECT h.offer_id, h.version, h.unit_price, h.from_us
		FROM offers o JOIN price_history h ON h.offer_id = o.id
		WHERE o.sku_id = $1 AND o.shop_id = $2 AND h.from_us < $4 AND (h.from_us >= $3 OR h.version = (
			SELECT MAX(b.version) FROM price_history b WHERE b.offer_id = o.id AND b.from_us <= $3))
		ORDER BY h.unit_price, h.version LIMIT 1`
	var at int64
	found, err = tx.One(q, []any{sku, shop, clock.Micros(from), clock.Micros(until)}, &low.Offer, &low.Version,
		&low.UnitPrice, &at)
	low.From = clock.FromMicros(at)
	return low, found, err
}
