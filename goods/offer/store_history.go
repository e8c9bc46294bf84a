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
