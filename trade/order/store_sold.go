package order

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/id"
	"hutong/goods/stock"
)

// SoldLine is a line that a shop sold from a pool, and where its suborder stands.
type SoldLine struct {
	Order    ID
	Line     int
	State    SubState
	ClosedAt time.Time // when its suborder ended: was received, or cancelled
}

// SoldFrom are the lines of a shop's orders placed since an instant that took from a pool, but for orders that ended
// whole: their parts may stand as they did when nobody paid. There is no index by pool, which every order would have to
// write: the shop's orders since then are looked through. Ask outside the writer.
func SoldFrom(tx *db.Tx, shop string, pool stock.PoolID, since time.Time) ([]SoldLine, error) {
	return db.List(tx, func(r db.Row) (l SoldLine, err error) {
		var closed int64
		err = r.Scan(&l.Order, &l.Line, &l.State, &closed)
		l.ClosedAt = clock.FromMicros(closed)
		return l, err
	}, `SELECT l.order_id, l.line_no, s.state, s.closed_us FROM suborders s
		JOIN orders o ON o.id = s.order_id AND o.state <> 'cancelled'
		JOIN order_lines l ON l.order_id = s.order_id AND l.seq = s.seq
		WHERE s.shop_id = $1 AND s.order_id >= $2 AND l.pool_id = $3 ORDER BY l.order_id, l.line_no`, shop,
		id.First("ord", since), pool)
}
