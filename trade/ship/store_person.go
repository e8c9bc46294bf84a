package ship

import (
	"time"

	"hutong/base/db"
	"hutong/party/shopper"
	"hutong/trade/order"
)

// Person lets the parcels of a guest follow into an account (login.Heir). It comes after the orders' own heir.
type Person struct{}

// Inherit makes a guest's parcels the account's, in the transaction of the login.
func (Person) Inherit(tx *db.Tx, _ time.Time, from, into shopper.ID) error {
	ids, err := order.OfPerson(tx, into)
	rows := make([][]any, len(ids))
	for i, id := range ids {
		rows[i] = []any{id, from, into}
	}
	if err == nil {
		_, err = tx.Many(`UPDATE shipments SET shopper_id = $3 WHERE order_id = $1 AND shopper_id = $2`, rows)
	}
	return err
}
