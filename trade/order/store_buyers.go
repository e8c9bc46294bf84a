package order

import (
	"cmp"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/text"
)

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

// Spoken is the language of each shopper's newest order; who has none is left out.
func Spoken(tx *db.Tx, shoppers []string) (map[string]text.Lang, error) {
	spoken := map[string]text.Lang{}
	err := tx.EachKey(`SELECT s.shopper_id, o.lang FROM shopper_orders s JOIN orders o ON o.id = s.order_id
		WHERE s.shopper_id IN ({keys}) AND NOT EXISTS (SELECT 1 FROM shopper_orders n
			WHERE n.shopper_id = s.shopper_id AND n.order_id > s.order_id)`, shoppers, func(r db.Row) error {
		var who string
		var l text.Lang
		err := r.Scan(&who, &l)
		spoken[who] = l
		return err
	})
	return spoken, err
}

// Whole reads whole orders, in order of id, and locks nothing: for who decides something about orders that have gone
// through.
func Whole(tx *db.Tx, ids []ID) ([]Order, error) { return load(tx, ids, false) }

// Bought is a paid order of a shopper.
type Bought struct {
	Order   ID
	Shopper string
	PaidAt  time.Time
}

// Purchases are the paid orders that shoppers have on their lists or that are among ids, with whose they are now; each
// shopper's in the order in which they were paid. What was placed a moment ago may not be listed yet.
func Purchases(tx *db.Tx, shoppers []string, ids []ID) (all []Bought, err error) {
	scan := func(r db.Row) error {
		var b Bought
		var paid int64
		err := r.Scan(&b.Order, &b.Shopper, &paid)
		b.PaidAt = clock.FromMicros(paid)
		all = append(all, b)
		return err
	}
	err = tx.EachKey(`SELECT o.id, o.shopper_id, o.paid_us FROM shopper_orders s JOIN orders o ON o.id = s.order_id
		WHERE o.paid_us > 0 AND s.shopper_id IN ({keys})`, shoppers, scan)
	if err == nil {
		err = tx.EachKey(`SELECT id, shopper_id, paid_us FROM orders WHERE paid_us > 0 AND id IN ({keys})`, keys(ids), scan)
	}
	slices.SortFunc(all, func(x, y Bought) int {
		return cmp.Or(cmp.Compare(x.Shopper, y.Shopper), x.PaidAt.Compare(y.PaidAt), cmp.Compare(x.Order, y.Order))
	})
	return slices.Compact(all), err
}
