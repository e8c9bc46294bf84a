package order

import (
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/money"
	"hutong/deal/reference"
)

// Deals are what pieces were sold for (reference.Deals): per piece, what the merchant was to receive before discounts
// that others pay, rounded down. What was refunded or cancelled is no deal, nor is a sample of at most 1.00.
//
// There is no index by SKU, which every order would have to write: the shop's orders are looked through. Ask outside
// the writer.
type Deals struct{}

// Only pieces that were not taken back count; where a group's ladder or a guarantee lowered a price, the lower one
// does, which is that of the pieces that were kept; what others pay of a lowering was received all the same.
const selectDeals = `SELECT d.amount, d.order_id, d.paid_us FROM (
		SELECT CASE WHEN l.lowered = 0 THEN (l.paid + l.funded) / l.quantity
			ELSE (l.paid - l.refunded - l.lowered + l.funded - l.funded_back + l.topped)
				/ NULLIF(l.quantity - l.refunded_quantity, 0) END AS amount,
			o.id AS order_id, o.paid_us AS paid_us, l.discounts AS discounts
		FROM skus k JOIN suborders s ON s.shop_id = k.shop_id JOIN orders o ON o.id = s.order_id
		JOIN order_lines l ON l.order_id = s.order_id AND l.seq = s.seq
		WHERE k.id = $1 AND l.sku_id = $1 AND s.state <> 'cancelled' AND l.refunded_quantity < l.quantity
		AND o.paid_us >= $2 AND o.paid_us < $3) d
	WHERE d.amount > $4 `

// boughtAlone leaves out lines that were bought in a group, whose price needs others to buy as well.
const boughtAlone = `AND d.discounts NOT LIKE '[["` + GroupPrice + `%' `

// Lowest is the lowest deal of a SKU paid for in [from, until); of equals the earliest.
func (Deals) Lowest(tx *db.Tx, sku string, from, until time.Time) (reference.Deal, bool, error) {
	return oneDeal(tx, selectDeals+`ORDER BY d.amount, d.paid_us, d.order_id LIMIT 1`, sku, from, until)
}

// LowestAlone is Lowest without what was bought in a group.
func (Deals) LowestAlone(tx *db.Tx, sku string, from, until time.Time) (reference.Deal, bool, error) {
	return oneDeal(tx, selectDeals+boughtAlone+`ORDER BY d.amount, d.paid_us, d.order_id LIMIT 1`, sku, from, until)
}

// Last is the newest deal of a SKU before an instant; of those paid at once the lowest.
func (Deals) Last(tx *db.Tx, sku string, before time.Time) (reference.Deal, bool, error) {
	return oneDeal(tx, selectDeals+`ORDER BY d.paid_us DESC, d.amount, d.order_id LIMIT 1`, sku, time.UnixMicro(1), before)
}

func oneDeal(tx *db.Tx, q, sku string, from, until time.Time) (d reference.Deal, found bool, err error) {
	sold, _, err := db.Value[money.Currency](tx, `SELECT currency FROM offers WHERE sku_id = $1 LIMIT 1`, sku)
	if err != nil {
		return d, false, err
	}
	var at int64
	found, err = tx.One(q, []any{sku, clock.Micros(from), clock.Micros(until), sold.Whole()}, &d.Amount, &d.Order, &at)
	d.At = clock.FromMicros(at)
	return d, found, err
}
