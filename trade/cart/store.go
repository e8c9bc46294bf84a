package cart

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/goods/offer"
)

// LinesIn are the lines of a cart in the order they came in, in the caller's transaction.
func LinesIn(tx *db.Tx, shopper string) ([]Line, error) {
	return db.List(tx, func(r db.Row) (l Line, err error) {
		var added int64
		err = r.Scan(&l.Offer, &l.Quantity, &added)
		l.Added = clock.FromMicros(added)
		return l, err
	}, `SELECT offer_id, quantity, added_us FROM cart_lines
		WHERE shopper_id = $1 ORDER BY added_us, offer_id LIMIT $2`, shopper, LinesMax)
}

// Clear takes lines out of carts, in the caller's transaction: what became part of an order. A line that is not there
// is none of its business. It is set-based: one call for a whole batch of orders.
func Clear(tx *db.Tx, taken []Taken) error {
	rows := make([][]any, len(taken))
	for i, t := range taken {
		rows[i] = []any{t.Shopper, t.Offer}
	}
	_, err := tx.Many(`DELETE FROM cart_lines WHERE shopper_id = $1 AND offer_id = $2`, rows)
	return err
}

func setQuantity(tx *db.Tx, shopper string, o offer.ID, quantity int64) (was bool, err error) {
	n, err := tx.Exec(`UPDATE cart_lines SET quantity = $3 WHERE shopper_id = $1 AND offer_id = $2`, shopper, o, quantity)
	return n == 1, err
}

func insert(tx *db.Tx, at time.Time, shopper string, lines []Line) error {
	rows := make([][]any, len(lines))
	for i, l := range lines {
		rows[i] = []any{shopper, l.Offer, l.Quantity, clock.Micros(at)}
	}
	return tx.Insert("cart_lines", []string{"shopper_id", "offer_id", "quantity", "added_us"}, rows)
}
