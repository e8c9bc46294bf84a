package shopper

import (
	"encoding/json"
	"time"

	"hutong/base/db"
)

// Part is a room that holds something about a person: it says what, for the export that a shopper may ask for, and
// forgets it when they ask for that (PIPL 45 and 47, GDPR 15, 17 and 20). The node plugs the parts into the Vault.
//
// All of it happens in one transaction over all parts.
type Part interface {
	// Name is the part's member of the export: "orders".
	Name() string
	// Export is what the room holds about the shopper, as it is to be written as JSON; nil for nothing.
	Export(tx *db.Tx, who ID) (any, error)
	// Hold refuses an erasure for now, with a fault that tells the shopper what must end first: an order under way, a
	// refund that is owed to them.
	Hold(tx *db.Tx, who ID) error
	// Erase forgets what is personal. What the law has kept, such as amounts and dates of orders, stays with ids alone.
	Erase(tx *db.Tx, at time.Time, who ID) error
}

// ShopperErased is told when a shopper was erased: subject is the shopper. It is for rooms that are no Part and keep
// copies; they need not follow at once.
const ShopperErased = "shopper.erased"

// Export is what the market holds about a shopper.
type Export struct {
	Format  string         `json:"format"`
	Shopper ID             `json:"shopper"`
	At      time.Time      `json:"at"`
	Parts   map[string]any `json:"parts"`
}

// exportFormat names the shape of an export.
const exportFormat = "hutong.shopper.1"

func (e Export) encode() ([]byte, error) { return json.MarshalIndent(e, "", "  ") }

// own is this room's own part: addresses, favourites and what was seen lately.
type own struct{}

// Name is the part's member of the export.
func (own) Name() string { return "profile" }

// Export is what this room holds.
func (own) Export(tx *db.Tx, who ID) (any, error) {
	addresses, err := everyAddress(tx, who)
	if err != nil {
		return nil, err
	}
	kept, err := readProducts(tx, favourites, who)
	if err != nil {
		return nil, err
	}
	seen, err := readProducts(tx, lately, who)
	if err != nil {
		return nil, err
	}
	out := profile{Addresses: []addressForm{}, Favourites: kept, Lately: seen}
	for _, a := range addresses {
		out.Addresses = append(out.Addresses, addressForm{a.ID, a.Country, a.Division, a.Region, a.Recipient, a.Phone,
			a.Street, a.Postcode, a.Created, a.Forgotten})
	}
	return out, nil
}

// Hold has nothing to wait for.
func (own) Hold(*db.Tx, ID) error { return nil }

// Erase empties the vault of the shopper.
func (own) Erase(tx *db.Tx, at time.Time, who ID) error {
	if _, err := erase(tx, who); err != nil {
		return err
	}
	if err := eraseProducts(tx, who); err != nil {
		return err
	}
	return markErased(tx, who, at)
}

type profile struct {
	Addresses  []addressForm `json:"addresses"`
	Favourites []string      `json:"favourites"`
	Lately     []string      `json:"seen_lately"`
}

type addressForm struct {
	ID        AddressID `json:"id"`
	Country   string    `json:"country"`
	Division  string    `json:"division,omitempty"`
	Region    string    `json:"region"`
	Recipient string    `json:"recipient"`
	Phone     string    `json:"phone"`
	Street    string    `json:"street"`
	Postcode  string    `json:"postcode,omitempty"`
	Created   time.Time `json:"created"`
	Forgotten bool      `json:"forgotten"`
}
