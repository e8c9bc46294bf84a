package offer

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
)

// PricesAt tells what each offer cost at an instant of its own, in minor units, in the caller's transaction. An offer
// that was not priced yet is left out.
func PricesAt(tx *db.Tx, at map[ID]time.Time) (map[ID]int64, error) {
	ids := make([]ID, 0, len(at))
	for o := range at {
		ids = append(ids, o)
	}
	prices := make(map[ID]int64, len(at))
	err := tx.EachKey(`SELECT offer_id, unit_price, from_us FROM price_history WHERE offer_id IN ({keys})
		ORDER BY offer_id, version`, distinct(ids), func(r db.Row) error {
		var o ID
		var unit, from int64
		if err := r.Scan(&o, &unit, &from); err != nil {
			return err
		}
		if from <= clock.Micros(at[o]) {
			prices[o] = unit
		}
		return nil
	})
	return prices, err
}

// Began tells since when the prices of offers hold, by offer; one that has a newer price meanwhile is left out.
func Began(tx *db.Tx, offers []Offer) (map[ID]time.Time, error) {
	ids, version := make([]ID, len(offers)), make(map[ID]int64, len(offers))
	for i, o := range offers {
		ids[i], version[o.ID] = o.ID, o.Version
	}
	all := make(map[ID]time.Time, len(offers))
	return all, tx.EachKey(`SELECT h.offer_id, h.version, h.from_us FROM price_history h
		JOIN offers o ON o.id = h.offer_id AND o.version = h.version WHERE o.id IN ({keys})`, distinct(ids),
		func(r db.Row) error {
			var id ID
			var n, from int64
			err := r.Scan(&id, &n, &from)
			if n == version[id] {
				all[id] = clock.FromMicros(from)
			}
			return err
		})
}
