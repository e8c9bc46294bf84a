package order

import (
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/funds/pay"
	"hutong/party/shopper"
)

// Person is what this room holds about a shopper: for a guest's login (login.Heir) and for the shopper's own vault
// (shopper.Part).
type Person struct{}

// personMax bounds the orders of one shopper that are read at once.
const personMax = 1 << 20

// OfPerson are all orders of a shopper, newest first, in the caller's transaction.
func OfPerson(tx *db.Tx, who shopper.ID) ([]ID, error) {
	if who == "" {
		return nil, nil
	}
	return shopperIDs(tx, string(who), maxID, personMax)
}

// Inherit makes a guest's orders the account's, in the transaction of the login.
func (Person) Inherit(tx *db.Tx, _ time.Time, from, into shopper.ID) error {
	ids, err := OfPerson(tx, from)
	if err != nil || len(ids) == 0 {
		return err
	}
	rows := make([][]any, len(ids))
	moved := make([]MovedOrder, len(ids))
	for i, id := range ids {
		rows[i] = []any{id, from, into}
		moved[i] = MovedOrder{Order: id, Shopper: string(into)}
	}
	if _, err := tx.Many(`UPDATE orders SET shopper_id = $3 WHERE id = $1 AND shopper_id = $2`, rows); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM shopper_orders WHERE shopper_id = $1`, from); err != nil {
		return err
	}
	return listOrders(tx, moved)
}

// Name is the part's member of an export.
func (Person) Name() string { return "orders" }

type personOrder struct {
	ID       ID           `json:"id"`
	State    State        `json:"state"`
	Currency string       `json:"currency"`
	Goods    int64        `json:"goods"`
	Freight  int64        `json:"freight"`
	Total    int64        `json:"total"`
	Address  string       `json:"address"`
	Remark   string       `json:"remark,omitempty"`
	Source   string       `json:"source,omitempty"`
	Placed   time.Time    `json:"placed"`
	Lines    []personLine `json:"lines"`

	Bill    ID             `json:"paid_together_at,omitempty"`
	Presale *personPresale `json:"presale,omitempty"`
}

type personLine struct {
	Title    string `json:"title"`
	Choice   string `json:"choice,omitempty"`
	Quantity int64  `json:"quantity"`
	Paid     int64  `json:"paid"`
	Refunded int64  `json:"refunded"`
}

// Export is the shopper's orders with what was bought.
func (Person) Export(tx *db.Tx, who shopper.ID) (any, error) {
	all, err := ordersOf(tx, who)
	out := []personOrder{}
	for _, o := range all {
		p := personOrder{o.ID, o.State, string(o.Currency), o.Goods, o.Freight, o.Total, o.Address, o.Remark, o.Source,
			o.PlacedAt, []personLine{}, o.Bill, o.Presale.person()}
		for _, s := range o.Subs {
			for _, l := range s.Lines {
				p.Lines = append(p.Lines, personLine{l.Title, l.Choice, l.Quantity, l.Paid, l.Refunded})
			}
		}
		out = append(out, p)
	}
	return out, err
}

func ordersOf(tx *db.Tx, who shopper.ID) ([]Order, error) {
	ids, err := OfPerson(tx, who)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return load(tx, ids, false)
}

// Hold refuses an erasure while an order is under way: its parcel needs the address, its refund the buyer.
// Codes: order.person_open.
func (Person) Hold(tx *db.Tx, who shopper.ID) error {
	all, err := ordersOf(tx, who)
	for _, o := range all {
		if o.State != Completed && o.State != Cancelled {
			return fault.New(fault.Conflict, "order.person_open", fault.P("order", string(o.ID)))
		}
	}
	return err
}

// Erase takes the shopper's own words from their orders. Amounts, goods and dates stay, with ids alone.
func (Person) Erase(tx *db.Tx, _ time.Time, who shopper.ID) error {
	ids, err := OfPerson(tx, who)
	rows := make([][]any, len(ids))
	for i, id := range ids {
		rows[i] = []any{id, who}
	}
	if err == nil {
		_, err = tx.Many(`UPDATE orders SET remark = '', source = '' WHERE id = $1 AND shopper_id = $2`, rows)
	}
	if err != nil {
		return err
	}
	return pay.ForgetPayers(tx, keys(ids))
}
