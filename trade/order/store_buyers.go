package order

import "hutong/base/db"

// Buyers tells which of these shoppers ever paid for an order, in the caller's transaction: for vouchers that are for
// new ones.
func Buyers(tx *db.Tx, shoppers []string) (map[string]bool, error) {
	bought := map[string]bool{}
	err := tx.EachKey(`SELECT DISTINCT s.shopper_id FROM shopper_orders s JOIN orders o ON o.id = s.order_id
		WHERE o.paid_us > 0 AND s.shopper_id IN ({keys})`, shoppers, func(r db.Row) error {
		var who string
		err := r.Scan(&who)
		bought[who] = true
		return err
	})
	return bought, err
}
