package stock

import "hutong/base/db"

// TakeBack gives the pieces of orders back that were sold in this transaction, before anything else saw it: what took
// the money after all may not keep it. The reservations are released, as if the order had never been paid.
func TakeBack(tx *db.Tx, orders []string) error {
	all, err := Reservations(tx, orders)
	if err != nil {
		return err
	}
	sums := map[PoolID]int64{}
	var rows [][]any
	for _, r := range all {
		if r.State == Committed && r.Released == 0 {
			sums[r.Pool] += r.Quantity
			rows = append(rows, []any{r.Order, r.Line, string(Released)})
		}
	}
	_, err = tx.Many(`UPDATE reservations SET state = $3 WHERE order_id = $1 AND line_no = $2`, rows)
	if err != nil {
		return err
	}
	return change(tx, `UPDATE pools SET sold = sold - $2 WHERE id = $1`, sums)
}
