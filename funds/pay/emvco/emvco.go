// Package emvco writes and reads the text of a payment QR code as EMV's Merchant-Presented Mode defines it, the form
// that wallets of many makers can scan, and draws the code.
//
// It knows one kind of payment: an exact amount of one currency, asked for by one merchant. It never decides what is
// owed, and a payload that it reads is a claim of a stranger until a wallet has found the bill.
// Read this file first, then tlv.go (the encoding) and qr.go (the drawing).
package emvco

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/bojanz/currency"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
)

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this package.
var Texts = text.MustParse(textJSON)

// Payload is what a QR code says.
type Payload struct {
	Dynamic  bool       // made for one payment only; a static one hangs at a counter
	Accounts []Template // where the money goes: "26" to "51", at least one when built
	MCC      string     // the merchant's category, four digits
	Amount   money.Money
	Country  string  // of the merchant, ISO 3166 alpha-2
	Name     string  // of the merchant, in ASCII
	City     string  // in ASCII
	Bill     string  // the merchant's invoice number, "" if none
	Ref      string  // the merchant's order reference, "" if none
	Local    Local   // name and city again in the merchant's own script
	Other    []Field // what else stood there when it was read; written back as it was
}

// Local is the merchant's name and city in another script than ASCII. The zero value is none.
type Local struct {
	Lang string // ISO 639, two letters
	Name string
	City string
}

// Template is a nested account: a globally unique name that says whose it is, and that party's own fields.
type Template struct {
	ID     string // "26" to "51"
	GUID   string
	Fields []Field
}

// Get is the value of the template's own field, "" when it has none.
func (t Template) Get(id string) string { return get(t.Fields, id) }

// Account finds the template of the party with that GUID.
func (p Payload) Account(guid string) (Template, bool) {
	i := slices.IndexFunc(p.Accounts, func(t Template) bool { return t.GUID == guid })
	if i < 0 {
		return Template{}, false
	}
	return p.Accounts[i], true
}

// The limits of the form, in characters.
const (
	NameMax   = 25
	CityMax   = 15
	RefMax    = 25
	AmountMax = 13
)

var (
	mccForm     = regexp.MustCompile(`^[0-9]{4}$`)
	countryForm = regexp.MustCompile(`^[A-Z]{2}$`)
	langForm    = regexp.MustCompile(`^[A-Za-z]{2}$`)
	amountForm  = regexp.MustCompile(`^[0-9]+(\.[0-9]*)?$`)
)

func refuse(field string) error {
	return fault.New(fault.Invalid, "emvco.malformed", fault.P("field", field)).At(field)
}

// Build writes the payload with its checksum.
//
// Code: emvco.malformed, at the field that does not fit the form.
func Build(p Payload) (string, error) {
	if err := p.check(); err != nil {
		return "", err
	}
	initiation := "11"
	if p.Dynamic {
		initiation = "12"
	}
	numeric, _ := currency.GetNumericCode(string(p.Amount.Currency))
	fields := []Field{{"00", "01"}, {"01", initiation}}
	for _, t := range p.Accounts {
		fields = append(fields, Field{t.ID, join(append([]Field{{"00", t.GUID}}, t.Fields...))})
	}
	fields = append(fields, Field{"52", p.MCC}, Field{"53", numeric}, Field{"54", p.Amount.Decimal()},
		Field{"58", p.Country}, Field{"59", p.Name}, Field{"60", p.City})
	fields = append(fields, p.additional()...)
	fields = append(fields, p.Other...)
	slices.SortStableFunc(fields, func(a, b Field) int { return strings.Compare(a.ID, b.ID) })
	for _, f := range fields {
		if !f.fits() {
			return "", refuse(f.ID)
		}
	}
	return seal(join(fields)), nil
}

// additional are the templates that only some payloads have: 62 and 64.
func (p Payload) additional() []Field {
	var fields, data []Field
	if p.Bill != "" {
		data = append(data, Field{"01", p.Bill})
	}
	if p.Ref != "" {
		data = append(data, Field{"05", p.Ref})
	}
	if len(data) > 0 {
		fields = append(fields, Field{"62", join(data)})
	}
	if p.Local == (Local{}) {
		return fields
	}
	local := []Field{{"00", p.Local.Lang}, {"01", p.Local.Name}}
	if p.Local.City != "" {
		local = append(local, Field{"02", p.Local.City})
	}
	return append(fields, Field{"64", join(local)})
}

// check tells the first field that does not fit the form.
func (p Payload) check() error {
	amount := p.Amount.Decimal()
	bad := ""
	switch {
	case len(p.Accounts) == 0 || slices.ContainsFunc(p.Accounts, func(t Template) bool { return !t.valid() }):
		bad = "accounts"
	case !mccForm.MatchString(p.MCC):
		bad = "mcc"
	case !p.Amount.Currency.Valid():
		bad = "currency"
	case p.Amount.Minor <= 0 || len(amount) > AmountMax:
		bad = "amount"
	case !countryForm.MatchString(p.Country):
		bad = "country"
	case !ascii(p.Name, NameMax) || p.Name == "":
		bad = "name"
	case !ascii(p.City, CityMax) || p.City == "":
		bad = "city"
	case !ascii(p.Bill, RefMax):
		bad = "bill"
	case !ascii(p.Ref, RefMax):
		bad = "ref"
	case p.Local != (Local{}) && !p.Local.valid():
		bad = "local"
	case slices.ContainsFunc(p.Other, func(f Field) bool { return ours(f.ID) }):
		bad = "other"
	default:
		return nil
	}
	return refuse(bad)
}

func (t Template) valid() bool {
	return t.ID >= "26" && t.ID <= "51" && len(t.ID) == 2 && t.GUID != "" && ascii(t.GUID, 32) &&
		distinct(append([]Field{{"00", t.GUID}}, t.Fields...))
}

func (l Local) valid() bool {
	return langForm.MatchString(l.Lang) && l.Name != "" && short(l.Name, NameMax) && short(l.City, CityMax)
}

// ours tells whether Build writes the field itself.
func ours(id string) bool {
	switch id {
	case "00", "01", "52", "53", "54", "58", "59", "60", "62", "63", "64":
		return true
	}
	return false
}

// Parse reads a payload. Anything that does not follow the form or whose checksum differs is refused whole.
//
// Codes: emvco.malformed at the field, emvco.checksum.
func Parse(s string) (Payload, error) {
	fields, err := open(s)
	if err != nil {
		return Payload{}, err
	}
	p := Payload{MCC: get(fields, "52"), Country: get(fields, "58"), Name: get(fields, "59"), City: get(fields, "60")}
	if p.Amount, err = amount(get(fields, "53"), get(fields, "54")); err != nil {
		return Payload{}, err
	}
	switch get(fields, "01") {
	case "12":
		p.Dynamic = true
	case "11", "":
	default:
		return Payload{}, refuse("01")
	}
	for _, f := range fields {
		if err := p.take(f); err != nil {
			return Payload{}, err
		}
	}
	if !mccForm.MatchString(p.MCC) || !countryForm.MatchString(p.Country) || p.Name == "" || p.City == "" ||
		!short(p.Name, NameMax) || !short(p.City, CityMax) {
		return Payload{}, refuse("merchant")
	}
	return p, nil
}

// take reads one field that has fields of its own, or keeps what this package does not know.
func (p *Payload) take(f Field) error {
	switch {
	case f.ID >= "26" && f.ID <= "51":
		inner, err := split(f.Value)
		if err != nil || len(inner) == 0 || inner[0].ID != "00" {
			return refuse(f.ID)
		}
		p.Accounts = append(p.Accounts, Template{ID: f.ID, GUID: inner[0].Value, Fields: slices.Clip(inner[1:])})
	case f.ID == "62":
		return p.takeData(f)
	case f.ID == "64":
		inner, err := split(f.Value)
		p.Local = Local{get(inner, "00"), get(inner, "01"), get(inner, "02")}
		if err != nil || !p.Local.valid() {
			return refuse(f.ID)
		}
	case !ours(f.ID):
		p.Other = append(p.Other, f)
	}
	return nil
}

func (p *Payload) takeData(f Field) error {
	inner, err := split(f.Value)
	p.Bill, p.Ref = get(inner, "01"), get(inner, "05")
	if err != nil || !short(p.Bill, RefMax) || !short(p.Ref, RefMax) {
		return refuse(f.ID)
	}
	return nil
}

// amount reads currency and amount. A payload without an amount, where the shopper types it in, is not taken: this
// market never leaves the amount open.
func amount(numeric, decimal string) (money.Money, error) {
	code, ok := alphas()[numeric]
	if !ok {
		return money.Money{}, refuse("currency")
	}
	if !amountForm.MatchString(decimal) || len(decimal) > AmountMax {
		return money.Money{}, refuse("amount")
	}
	minor, err := money.ParseMinor(strings.TrimSuffix(decimal, "."), code)
	if err != nil || minor <= 0 {
		return money.Money{}, refuse("amount")
	}
	return money.New(minor, code), nil
}

// alphas leads from the numeric code of a currency to the alphabetic one.
var alphas = sync.OnceValue(func() map[string]money.Currency {
	m := map[string]money.Currency{}
	for _, code := range currency.GetCurrencyCodes() {
		if n, ok := currency.GetNumericCode(code); ok {
			m[n] = money.Currency(code)
		}
	}
	return m
})
