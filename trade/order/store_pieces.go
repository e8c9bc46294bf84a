package order

import (
	"hutong/base/db"
	"hutong/goods/stock"
)

// piecesLeft are the pieces of orders that did not go back, by suborder.
func piecesLeft(tx *db.Tx, ids []ID) (map[SubKey][]stock.Reservation, error) {
	all := make(map[SubKey][]stock.Reservation, len(ids))
	err := tx.EachKey(`SELECT order_id, seq, pool_id, quantity, refunded_quantity FROM order_lines
		WHERE order_id IN ({keys}) AND refunded_quantity < quantity ORDER BY order_id, line_no`, keys(ids),
		func(r db.Row) error {
			var k SubKey
			var p stock.Reservation
			var refunded int64
			err := r.Scan(&k.Order, &k.Seq, &p.Pool, &p.Quantity, &refunded)
			p.Order = string(k.Order)
			p.Quantity -= refunded
			all[k] = append(all[k], p)
			return err
		})
	return all, err
}

// piecesOf reads what the lines of orders take of their pools: what an unpaid order holds. Its head is locked.
func piecesOf(tx *db.Tx, ids []ID) (all []stock.Reservation, err error) {
	err = tx.EachKey(`SELECT order_id, pool_id, quantity FROM order_lines WHERE order_id IN ({keys})
		ORDER BY order_id, line_no`, keys(ids), func(r db.Row) error {
		var p stock.Reservation
		err := r.Scan(&p.Order, &p.Pool, &p.Quantity)
		all = append(all, p)
		return err
	})
	return all, err
}

// Sent are the lines of an order that left their shop, in part at least; read under the order's lock, so that nothing
// is sent meanwhile.
func Sent(tx *db.Tx, id ID) (map[int64]bool, error) {
	if _, err := Headers(tx, []ID{id}); err != nil {
		return nil, err
	}
	all := map[int64]bool{}
	err := tx.Each(`SELECT l.line_no
		FROM suborders s JOIN order_lines l ON l.order_id = s.order_id AND l.seq = s.seq
		WHERE s.order_id = $1 AND l.released < l.quantity
		AND s.state IN ('shipped', 'delivered', 'completed')`,
		func(r db.Row) error {
			var line int64
			err := r.Scan(&line)
			all[line] = true
			return err
		}, id)
	return all, err
}
