package offer

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
)

// Hold is Load for whoever goes on from what the offers say: they stay so until the commit.
func Hold(tx *db.Tx, ids []ID) (map[ID]Offer, error) {
	all := make(map[ID]Offer, len(ids))
	err := tx.EachKey(`SELECT `+columns+` FROM offers WHERE id IN ({keys}) ORDER BY id {lock}`, distinct(ids),
		func(r db.Row) error {
			o, err := scan(r)
			all[o.ID] = o
			return err
		})
	return all, err
}

// recordFloors writes down floors that hold from now on. Of two at one instant the later stays.
func recordFloors(tx *db.Tx, at time.Time, all []raise, cause string) error {
	var rows [][]any
	for _, r := range all {
		if r.FloorPrice != r.was {
			rows = append(rows, []any{string(r.ID), clock.Micros(at), r.FloorPrice, cause})
		}
	}
	_, err := tx.Many(`INSERT INTO floor_history (offer_id, from_us, floor_price, cause) VALUES ($1, $2, $3, $4)
		ON CONFLICT (offer_id, from_us) DO UPDATE SET floor_price = excluded.floor_price, cause = excluded.cause`, rows)
	return err
}

// Floor is what a piece could be sold for at least, in minor units, since an instant.
type Floor struct {
	From  time.Time
	Price int64
}

// FloorsOf are the floors that a shop set for a SKU before an instant, in their order, in the caller's transaction.
// Before the first there was none.
func FloorsOf(tx *db.Tx, shop, sku string, until time.Time) ([]Floor, error) {
	return db.List(tx, func(r db.Row) (f Floor, err error) {
		var from int64
		err = r.Scan(&from, &f.Price)
		f.From = clock.FromMicros(from)
		return f, err
	}, `SELECT h.from_us, h.floor_price FROM offers o JOIN floor_history h ON h.offer_id = o.id
		WHERE o.sku_id = $1 AND o.shop_id = $2 AND h.from_us < $3 ORDER BY h.from_us`, sku, shop, clock.Micros(until))
}
