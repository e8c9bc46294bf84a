package cart

import (
	"time"

	"hutong/base/db"
	"hutong/goods/offer"
	"hutong/party/shopper"
)

// Person is what this room holds about a shopper: for a guest's login (login.Heir) and for the shopper's own vault
// (shopper.Part).
type Person struct{}

// Inherit moves a guest's lines into the account's cart, in the transaction of the login. Of an offer in both the
// larger quantity stays; lines that may not come in are dropped with the guest.
func (Person) Inherit(tx *db.Tx, at time.Time, from, into shopper.ID) error {
	theirs, err := LinesIn(tx, string(from))
	if err != nil || len(theirs) == 0 {
		return err
	}
	mine, err := LinesIn(tx, string(into))
	if err != nil {
		return err
	}
	known, err := offer.Load(tx, append(offers(theirs), offers(mine)...))
	if err != nil {
		return err
	}
	m := merge(mine, theirs, known)
	for _, l := range m.raised {
		if _, err := setQuantity(tx, string(into), l.Offer, l.Quantity); err != nil {
			return err
		}
	}
	if err := insert(tx, at, string(into), m.fresh); err != nil {
		return err
	}
	return Clear(tx, taken(string(from), offers(theirs)))
}

// Name is the part's member of an export.
func (Person) Name() string { return "cart" }

// Export is the cart's lines.
func (Person) Export(tx *db.Tx, who shopper.ID) (any, error) {
	lines, err := LinesIn(tx, string(who))
	type line struct {
		Offer    offer.ID  `json:"offer"`
		Quantity int64     `json:"quantity"`
		Added    time.Time `json:"added"`
	}
	out := []line{}
	for _, l := range lines {
		out = append(out, line(l))
	}
	return out, err
}

// Hold has nothing to wait for.
func (Person) Hold(*db.Tx, shopper.ID) error { return nil }

// Erase empties the cart.
func (Person) Erase(tx *db.Tx, _ time.Time, who shopper.ID) error {
	lines, err := LinesIn(tx, string(who))
	if err != nil {
		return err
	}
	return Clear(tx, taken(string(who), offers(lines)))
}
