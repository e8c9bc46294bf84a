package voucher

import (
	"time"

	"hutong/base/db"
	"hutong/party/shopper"
)

// Person is what this room holds about a shopper: for a guest's login (login.Heir) and for the shopper's own vault
// (shopper.Part).
type Person struct{}

// Inherit makes a guest's vouchers the account's, in the transaction of the login.
func (Person) Inherit(tx *db.Tx, _ time.Time, from, into shopper.ID) error {
	return handOver(tx, string(from), string(into))
}

// Name is the part's member of an export.
func (Person) Name() string { return "vouchers" }

type personVoucher struct {
	ID       ID         `json:"id"`
	Template TemplateID `json:"template"`
	Claimed  time.Time  `json:"claimed"`
	Until    time.Time  `json:"until"`
	Amount   int64      `json:"amount,omitempty"`
}

// Export is every voucher that the shopper ever had.
func (Person) Export(tx *db.Tx, who shopper.ID) (any, error) {
	all, err := ofShopper(tx, Held{Shopper: string(who), Limit: everyVoucher}, time.Unix(0, 0), lastFirst)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	out := make([]personVoucher, len(all))
	for i, v := range all {
		out[i] = personVoucher{v.ID, v.Template, v.Claimed, v.Until, v.Amount}
	}
	return out, nil
}

// Hold has nothing to wait for.
func (Person) Hold(*db.Tx, shopper.ID) error { return nil }

// Erase leaves the rows, which hold ids alone, and voids what could still be used: nobody is there to use it.
func (Person) Erase(tx *db.Tx, at time.Time, who shopper.ID) error {
	return voidAll(tx, string(who), at)
}
