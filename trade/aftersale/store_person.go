package aftersale

import (
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/party/shopper"
)

// Person is what this room holds about a shopper: for a guest's login (login.Heir) and for the shopper's own vault
// (shopper.Part).
type Person struct{}

// Inherit makes a guest's cases the account's, in the transaction of the login.
func (Person) Inherit(tx *db.Tx, _ time.Time, from, into shopper.ID) error {
	_, err := tx.Exec(`UPDATE cases SET shopper_id = $2 WHERE shopper_id = $1`, from, into)
	return err
}

// Name is the part's member of an export.
func (Person) Name() string { return "cases" }

type personCase struct {
	ID     string `json:"id"`
	Order  string `json:"order"`
	State  State  `json:"state"`
	Reason string `json:"reason"`
	Amount int64  `json:"amount"`
}

// Export is the shopper's cases.
func (Person) Export(tx *db.Tx, who shopper.ID) (any, error) {
	all, err := db.List(tx, func(r db.Row) (c personCase, err error) {
		return c, r.Scan(&c.ID, &c.Order, &c.State, &c.Reason, &c.Amount)
	}, `SELECT id, order_id, state, reason, amount FROM cases WHERE shopper_id = $1 AND shopper_id <> '' ORDER BY id`, who)
	if all == nil {
		all = []personCase{}
	}
	return all, err
}

// Hold refuses an erasure while a case is not closed: a refund may be owed. Codes: aftersale.person_open.
func (Person) Hold(tx *db.Tx, who shopper.ID) error {
	open, found, err := db.Value[string](tx, `SELECT id FROM cases
		WHERE shopper_id = $1 AND shopper_id <> '' AND state IN ('opened', 'agreed')`, who)
	if err == nil && found {
		err = fault.New(fault.Conflict, "aftersale.person_open", fault.P("case", open))
	}
	return err
}

// Erase takes the shopper's own words from their cases. What was decided, and when, stays.
func (Person) Erase(tx *db.Tx, _ time.Time, who shopper.ID) error {
	_, err := tx.Exec(`UPDATE case_steps SET note = '' WHERE actor = 'shopper' AND case_id IN (
		SELECT id FROM cases WHERE shopper_id = $1 AND shopper_id <> '')`, who)
	return err
}
