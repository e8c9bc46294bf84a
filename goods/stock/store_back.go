package stock

import "hutong/base/db"

// Uncommit takes back what was committed or retaken in this transaction, before anything else saw it: the pieces are
// held again, for the order to release.
func Uncommit(tx *db.Tx, committed []Reservation) error {
	rows := make([][]any, len(committed))
	for i, r := range committed {
		rows[i] = []any{r.Order, r.Line}
	}
	if _, err := tx.Many(`DELETE FROM reservations WHERE order_id = $1 AND line_no = $2`, rows); err != nil {
		return err
	}
	return change(tx, `UPDATE pools SET sold = sold - $2, held = held + $2 WHERE id = $1`, sumOf(committed))
}
