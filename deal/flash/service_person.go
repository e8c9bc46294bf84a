package flash

import (
	"time"

	"hutong/base/db"
	"hutong/deal/quota"
	"hutong/party/shopper"
)

// Person is what this room holds about a shopper: for a guest's login (login.Heir) and for the shopper's own vault
// (shopper.Part).
type Person struct{}

// Inherit gives a guest's appointments to the account. Where the account has one of its own the guest's place is free
// again: nobody draws two lots.
func (Person) Inherit(tx *db.Tx, _ time.Time, from, into shopper.ID) error {
	theirs, err := appointmentsOf(tx, string(from))
	if err != nil || len(theirs) == 0 {
		return err
	}
	mine, err := appointments(tx, string(into))
	if err != nil {
		return err
	}
	var twice, uses []string
	for _, a := range theirs {
		if _, both := mine[a.item]; both && !a.won {
			twice = append(twice, string(a.item))
			uses = append(uses, use(a.item, a.enteredAs))
		}
	}
	if err := drop(tx, string(from), twice); err != nil {
		return err
	}
	if err := quota.Release(tx, uses); err != nil {
		return err
	}
	return inherit(tx, string(from), string(into))
}

// Name is the part's member of an export.
func (Person) Name() string { return "appointments" }

// Export is the shopper's appointments.
func (Person) Export(tx *db.Tx, who shopper.ID) (any, error) {
	type line struct {
		Item string    `json:"item"`
		Won  bool      `json:"won"`
		At   time.Time `json:"at"`
	}
	out := []line{}
	rows, err := appointmentsOf(tx, string(who))
	for _, a := range rows {
		out = append(out, line{string(a.item), a.won, a.at})
	}
	return out, err
}

// Hold has nothing to wait for.
func (Person) Hold(*db.Tx, shopper.ID) error { return nil }

// Erase forgets the shopper's appointments; their places are free again.
func (Person) Erase(tx *db.Tx, _ time.Time, who shopper.ID) error {
	rows, err := appointmentsOf(tx, string(who))
	if err != nil || len(rows) == 0 {
		return err
	}
	uses := make([]string, len(rows))
	for i, a := range rows {
		uses[i] = use(a.item, a.enteredAs)
	}
	if err := quota.Release(tx, uses); err != nil {
		return err
	}
	return forget(tx, string(who))
}
