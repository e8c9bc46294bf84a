package order

import (
	"hutong/base/clock"
	"hutong/base/db"
)

// insertModes writes what the prices of new orders came from, of those whose refunds price the rest again.
func insertModes(tx *db.Tx, orders []*Order) error {
	var rows [][]any
	for _, o := range orders {
		if o.Basis != "" {
			rows = append(rows, []any{string(o.ID), o.Basis})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return tx.Insert("order_modes", []string{"order_id", "basis"}, rows)
}

// basisOf is what an order's price came from, "" where refunds do not price its rest again.
func basisOf(tx *db.Tx, id ID) (string, error) {
	stored, _, err := db.Value[string](tx, `SELECT basis FROM order_modes WHERE order_id = $1`, id)
	return stored, err
}

// insertRepricing keeps what a refund came to; the caller holds the order.
func insertRepricing(tx *db.Tx, r Refund, p Repricing, lowered int64) error {
	last, _, err := db.Value[int64](tx, `SELECT COALESCE(MAX(no), 0) FROM order_repricings WHERE order_id = $1`, r.Order)
	if err != nil {
		return err
	}
	return tx.Insert("order_repricings", []string{"order_id", "no", "ref", "fair", "before", "rest", "share", "back",
		"lowered", "at_us"}, [][]any{{string(r.Order), last + 1, r.Ref, r.Fair, p.Before, p.Rest, p.Share, p.Back, lowered,
		clock.Micros(r.Cause.At)}})
}
