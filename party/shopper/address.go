// Package shopper holds who buys and where their parcels go. It is the vault of personal data: everything that names a
// person stands in its addresses, in rows that can be erased while orders and ledger go on with ids alone.
//
// It never logs or prints what it holds: an Address shows only its id, country and division to a log.
// Read this file first.
package shopper

import (
	_ "embed"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/party/shopper/division"
)

// ID names a shopper, "shr_...".
type ID string

// AddressID names an address, "adr_...".
type AddressID string

// China is the country whose addresses are given by division code.
const China = "CN"

// The bounds of an address, in characters, and of a shopper's addresses.
const (
	RecipientMax = 60
	StreetMax    = 200
	RegionMax    = 120
	PhoneMax     = 40
	PostcodeMax  = 12
	AddressesMax = 50 // not counting forgotten ones
)

// Address is where a parcel goes. In China Division holds the six digits of the area and Region its name; elsewhere
// Division is empty and Region holds state and city as the shopper wrote them.
type Address struct {
	ID        AddressID
	Shopper   ID
	Country   string // ISO 3166-1, two letters
	Division  string
	Region    string
	Recipient string
	Phone     string // E.164, such as +8613800138000
	Street    string
	Postcode  string // may be empty
	Created   time.Time
	Forgotten bool // no longer offered; orders that name it still read it
	Erased    bool // all that is personal is gone
}

// LogValue shows what a log may hold of an address (FAULTS A34).
func (a Address) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", string(a.ID)), slog.String("country", a.Country),
		slog.String("division", a.Division))
}

// String is what LogValue shows, so that printing an address by mistake tells nothing personal either.
func (a Address) String() string { return fmt.Sprintf("address %s %s %s", a.ID, a.Country, a.Division) }

// GoString is String.
func (a Address) GoString() string { return a.String() }

// Whole is the address as it stands on a parcel's label, in the order of its country.
func (a Address) Whole() string {
	if a.Country == China {
		return joined(" ", a.Region, a.Street, a.Postcode)
	}
	country, _ := division.FindCountry(a.Country)
	return joined(", ", a.Street, a.Region, a.Postcode, country.En)
}

func joined(sep string, parts ...string) string {
	var full []string
	for _, p := range parts {
		if p != "" {
			full = append(full, p)
		}
	}
	return strings.Join(full, sep)
}

var (
	//go:embed schema.sql
	schemaSQL string
	//go:embed schema2.sql
	schema2SQL string
	//go:embed schema3.sql
	schema3SQL string
)

// Schema is this room's tables.
var Schema = db.Schema{Room: "shopper", Steps: []string{schemaSQL, schema2SQL, schema3SQL}}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)

// Checked is the address as it will be kept: trimmed, the phone number in E.164, the region's name looked up.
//
// Codes, each at its field: shopper.country, shopper.division, shopper.region, shopper.recipient, shopper.phone,
// shopper.street, shopper.postcode.
func (a Address) Checked() (Address, error) {
	for _, p := range []*string{&a.Country, &a.Division, &a.Region, &a.Recipient, &a.Phone, &a.Street, &a.Postcode} {
		*p = strings.TrimSpace(*p)
	}
	if _, known := division.FindCountry(a.Country); !known {
		return a, fault.New(fault.Invalid, "shopper.country").At("country")
	}
	if err := a.checkRegion(); err != nil {
		return a, err
	}
	if !line(a.Recipient, 1, RecipientMax) {
		return a, fault.New(fault.Invalid, "shopper.recipient", fault.P("max", RecipientMax)).At("recipient")
	}
	if !line(a.Street, 1, StreetMax) {
		return a, fault.New(fault.Invalid, "shopper.street", fault.P("max", StreetMax)).At("street")
	}
	if !postcode(a.Country, a.Postcode) {
		return a, fault.New(fault.Invalid, "shopper.postcode").At("postcode")
	}
	phone, ok := phoneNumber(a.Phone, a.phoneRegion())
	if !ok {
		return a, fault.New(fault.Invalid, "shopper.phone").At("phone")
	}
	a.Phone = phone
	return a, nil
}

func (a *Address) checkRegion() error {
	if a.Country != China {
		a.Division = ""
		if !line(a.Region, 1, RegionMax) {
			return fault.New(fault.Invalid, "shopper.region", fault.P("max", RegionMax)).At("region")
		}
		return nil
	}
	d := a.Division
	if len(d) != 6 || !division.Valid(d[:2], d[:4], d) {
		return fault.New(fault.Invalid, "shopper.division").At("division")
	}
	a.Region = division.Name(d)
	return nil
}

// line tells whether s is one line of text with that many characters.
func line(s string, atLeast, atMost int) bool {
	n := utf8.RuneCountInString(s)
	return n >= atLeast && n <= atMost && text.Line(s)
}

func postcode(country, code string) bool {
	if len(code) > PostcodeMax || (country == China && code != "" && len(code) != 6) {
		return false
	}
	for _, c := range []byte(code) {
		digit := c >= '0' && c <= '9'
		letter := c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == ' ' || c == '-'
		if !digit && (country == China || !letter) {
			return false
		}
	}
	return true
}
