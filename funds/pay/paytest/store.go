package paytest

import (
	"errors"
	"slices"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/pay"
)

// Till sells one thing per order, in a table of its own: the smallest pay.Purchases that keeps its promises.
type Till struct {
	db  *db.DB
	ids interface{ New(prefix string) string }
}

// Order is one order of a Till.
type Order struct {
	ID      string
	Amount  money.Money
	State   string        // "waiting", "paid" or "cancelled"
	Restock bool          // a late payment finds stock again
	Poison  bool          // whoever asks about it gets an error
	Attempt pay.AttemptID // that paid it
	Expires time.Time
}

var errPoison = errors.New("paytest: this order is poison")

const selectOrder = `SELECT id, amount, currency, state, restock, poison, attempt_id, expires_us FROM till_orders `

func scanOrder(r db.Row) (o Order, err error) {
	var expires int64
	err = r.Scan(&o.ID, &o.Amount.Minor, &o.Amount.Currency, &o.State, &o.Restock, &o.Poison, &o.Attempt, &expires)
	o.Expires = clock.FromMicros(expires)
	return o, err
}

// Due implements pay.Purchases.
func (l *Till) Due(tx *db.Tx, order string) (pay.Due, error) {
	all, err := db.List(tx, scanOrder, selectOrder+`WHERE id = $1`, order)
	if err != nil || len(all) == 0 {
		return pay.Due{}, errors.Join(err, fault.New(fault.NotFound, "pay.no_order"))
	}
	o := all[0]
	return pay.Due{Order: o.ID, Shopper: Shopper, Amount: o.Amount, Payable: o.State == "waiting",
		LinesHash: "lines of " + o.ID, ExpiresAt: o.Expires}, nil
}

// Captured implements pay.Purchases.
func (l *Till) Captured(tx *db.Tx, _ time.Time, captures []pay.Capture) ([]pay.Verdict, error) {
	keys := make([]string, len(captures))
	for i, c := range captures {
		keys[i] = c.Order
	}
	orders := map[string]Order{}
	err := tx.EachKey(selectOrder+`WHERE id IN ({keys}) ORDER BY id {lock}`, keys, func(r db.Row) error {
		o, err := scanOrder(r)
		orders[o.ID] = o
		return err
	})
	if err != nil {
		return nil, err
	}
	verdicts := make([]pay.Verdict, len(captures))
	var rows [][]any
	for i, c := range captures {
		o := orders[c.Order]
		if o.Poison {
			return nil, errPoison
		}
		if verdicts[i] = o.take(c); verdicts[i].Taken {
			rows = append(rows, []any{o.ID, c.Attempt})
		}
		orders[c.Order] = o
	}
	_, err = tx.Many(`UPDATE till_orders SET state = 'paid', attempt_id = $2 WHERE id = $1`, rows)
	return verdicts, err
}

// HoldOrders implements pay.Purchases.
func (l *Till) HoldOrders(tx *db.Tx, orders []string) error {
	slices.Sort(orders)
	return tx.EachKey(`SELECT id FROM till_orders WHERE id IN ({keys}) ORDER BY id {lock}`, slices.Compact(orders),
		func(r db.Row) error { var id string; return r.Scan(&id) })
}

// TakenBack implements pay.Purchases: a till has nothing to keep back.
func (l *Till) TakenBack(tx *db.Tx, _ time.Time, orders []string) error {
	return l.HoldOrders(tx, orders)
}

// TakenMet implements pay.Purchases.
func (l *Till) TakenMet(tx *db.Tx, _ time.Time, orders []string) error {
	return l.HoldOrders(tx, orders)
}

// take decides on one capture.
func (o *Order) take(c pay.Capture) pay.Verdict {
	switch {
	case o.ID == "":
		panic("paytest: a capture for an order that was never sold")
	case o.Amount != money.New(c.Amount, c.Currency):
		panic("paytest: a capture of another amount reached the order")
	case o.State == "paid":
		return pay.Return("order.already_paid")
	case o.State == "cancelled" && !o.Restock:
		return pay.Return("order.cancelled")
	}
	o.State, o.Attempt = "paid", c.Attempt
	return pay.Take()
}

func insertOrder(tx *db.Tx, o Order) error {
	cols := []string{"id", "amount", "currency", "state", "restock", "poison", "attempt_id", "expires_us"}
	return tx.Insert("till_orders", cols, [][]any{{o.ID, o.Amount.Minor, o.Amount.Currency, o.State, o.Restock,
		o.Poison, "", clock.Micros(o.Expires)}})
}

func updateOrder(tx *db.Tx, o Order) error {
	_, err := tx.Exec(`UPDATE till_orders SET state = $2, restock = $3, poison = $4 WHERE id = $1`,
		o.ID, o.State, o.Restock, o.Poison)
	return err
}

// readOrder reads an order; lock is "{lock}" to hold it until the commit.
func readOrder(tx *db.Tx, id, lock string) (Order, error) {
	all, err := db.List(tx, scanOrder, selectOrder+`WHERE id = $1 `+lock, id)
	if err == nil && len(all) == 0 {
		err = fault.New(fault.NotFound, "pay.no_order")
	}
	if err != nil {
		return Order{}, err
	}
	return all[0], nil
}
