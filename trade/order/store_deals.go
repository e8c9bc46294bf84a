package order

import (
	"fmt"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/money"
	"hutong/deal/reference"
	"hutong/funds/settle"
)

// Deals are what pieces were sold for (reference.Deals): per piece, what the merchant was to receive before discounts
// that others pay, rounded down. What was refunded or cancelled is no deal, nor is a sample of at most 1.00.
//
// There is no index by SKU, which every order would have to write: the shop's orders are looked through. Ask outside
// the writer.
type Deals struct {
	// NewOnly tells whether a version of a promotion is for new shoppers alone; nil: none is.
	NewOnly func(tx *db.Tx, promotion string, version int64) (bool, error)
}

// Only pieces that were not taken back count; where a group's ladder or a guarantee lowered a price, the lower one
// does, which is that of the pieces that were kept; what others pay of a lowering was received all the same.
const selectDeals = `SELECT d.amount, d.order_id, d.paid_us, d.discounts FROM (
		SELECT CASE WHEN l.lowered = 0 AND l.standing = '' THEN (l.paid + l.funded) / l.quantity
			ELSE (l.paid - l.refunded - l.lowered + l.funded - l.funded_back + l.topped + l.kept - l.kept_funded)
				/ NULLIF(l.quantity - l.refunded_quantity, 0) END AS amount,
			o.id AS order_id, o.paid_us AS paid_us, l.discounts AS discounts, l.line_no AS line_no
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

// LowestAlone is Lowest without what was bought in a group, and unless newToo without what a discount for new shoppers
// made cheaper for its shop: what others paid of it was received all the same.
func (s Deals) LowestAlone(tx *db.Tx, sku string, from, until time.Time, newToo bool) (d reference.Deal, found bool,
	err error) {
	if newToo || s.NewOnly == nil {
		return oneDeal(tx, selectDeals+boughtAlone+`ORDER BY d.amount, d.paid_us, d.order_id LIMIT 1`, sku, from, until)
	}
	args, err := dealArgs(tx, sku, from, until)
	known := map[string]bool{}
	for at := 0; err == nil && !found; at += dealsPage {
		var some []lookedAt
		some, err = db.List(tx, scanDeal, selectDeals+boughtAlone+
			`ORDER BY d.amount, d.paid_us, d.order_id, d.line_no LIMIT $5 OFFSET $6`, append(args, dealsPage, at)...)
		for i := 0; i < len(some) && err == nil && !found; i++ {
			var only bool
			only, err = s.forNew(tx, some[i].discounts, known)
			d, found = some[i].Deal, !only
		}
		if len(some) < dealsPage {
			break
		}
	}
	return d, found && err == nil, err
}

// dealsPage is how many deals are looked through at once.
const dealsPage = 100

// lookedAt is a deal with what was taken off its line.
type lookedAt struct {
	reference.Deal
	discounts string
}

func scanDeal(r db.Row) (d lookedAt, err error) {
	var at int64
	err = r.Scan(&d.Amount, &d.Order, &at, &d.discounts)
	d.At = clock.FromMicros(at)
	return d, err
}

// forNew tells whether a line's shop pays a discount that is for new shoppers alone; known is what was asked before.
func (s Deals) forNew(tx *db.Tx, discounts string, known map[string]bool) (bool, error) {
	all, err := DecodeDiscounts(discounts)
	for _, d := range all {
		name := fmt.Sprint(d.Promotion, "@", d.Version)
		if d.Claim == "" || !slices.ContainsFunc(d.Funding, func(s settle.Share) bool { return s.Party == Merchant }) {
			continue
		}
		if _, asked := known[name]; !asked {
			if known[name], err = s.NewOnly(tx, d.Promotion, d.Version); err != nil {
				return false, err
			}
		}
		if known[name] {
			return true, nil
		}
	}
	return false, err
}

// Last is the newest deal of a SKU before an instant; of those paid at once the lowest.
func (Deals) Last(tx *db.Tx, sku string, before time.Time) (reference.Deal, bool, error) {
	return oneDeal(tx, selectDeals+`ORDER BY d.paid_us DESC, d.amount, d.order_id LIMIT 1`, sku, time.UnixMicro(1), before)
}

// dealArgs are the parameters of selectDeals.
func dealArgs(tx *db.Tx, sku string, from, until time.Time) ([]any, error) {
	sold, _, err := db.Value[money.Currency](tx, `SELECT currency FROM offers WHERE sku_id = $1 LIMIT 1`, sku)
	return []any{sku, clock.Micros(from), clock.Micros(until), sold.Whole()}, err
}

func oneDeal(tx *db.Tx, q, sku string, from, until time.Time) (d reference.Deal, found bool, err error) {
	args, err := dealArgs(tx, sku, from, until)
	if err != nil {
		return d, false, err
	}
	all, err := db.List(tx, scanDeal, q, args...)
	if err != nil || len(all) == 0 {
		return d, false, err
	}
	return all[0].Deal, true, nil
}
