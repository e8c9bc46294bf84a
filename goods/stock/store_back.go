package stock

import "hutong/base/db"

// TakeBack gives the pieces of lapsed orders back that were retaken in this transaction, before anything else saw it:
// who sends the money back after all may not keep them. The orders stand as if nobody had paid.
func TakeBack(tx *db.Tx, retaken []Reservation) error {
	rows := make([][]any, len(retaken))
	for i, r := range retaken {
		rows[i] = []any{r.Order, r.Line}
	}
	if _, err := tx.Many(`DELETE FROM reservations WHERE order_id = $1 AND line_no = $2`, rows); err != nil {
		return err
	}
	return change(tx, `UPDATE pools SET sold = sold - $2 WHERE id = $1`, sumOf(retaken))
}
