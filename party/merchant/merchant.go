// Package merchant holds the shops: who sells here, under which name and code, whether the shop is open, and where its
// money is paid out to.
//
// It knows no products or amounts; a shop's logins are in party/login. Read this file first, then payout.go.
package merchant

import (
	_ "embed"
	"regexp"
	"time"
	"unicode/utf8"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/party/shopper/division"
)

// ID names a shop, "shp_...".
type ID string

// State is a shop's position.
type State string

// The states of a shop.
const (
	Applied State = "applied" // the operator looks at its papers and opens it
	Open    State = "open"    // shoppers buy
	Closed  State = "closed"  // the merchant or the operator may reopen it; its orders go on
)

// Shop is a merchant's storefront.
type Shop struct {
	ID       ID
	Code     string // its own short name in addresses of pages
	Name     text.Entry
	Intro    text.Entry
	Logo     string // a picture id, "" if none
	Division string // six digits of the area that parcels leave from, "" outside China
	State    State
	Created  time.Time
}

// The topics told here.
const (
	ShopApplied = "shop.applied"
	ShopOpened  = "shop.opened" // opened or reopened
	ShopClosed  = "shop.closed"
)

// The bounds of a shop's texts, in characters (of the logo, in bytes).
const (
	NameMax  = 60
	IntroMax = 500
	LogoMax  = 200
)

var (
	//go:embed schema.sql
	schemaSQL string
	//go:embed schema2.sql
	schema2SQL string
	//go:embed schema3.sql
	schema3SQL string
	//go:embed schema_returns.sql
	returnsSQL string
)

// Schema is this room's tables.
var Schema = db.Schema{Room: "merchant", Steps: []string{schemaSQL, schema2SQL, schema3SQL, returnsSQL}}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)

var codeForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,38}[a-z0-9]$`)

// ValidCode tells whether code has the form of a shop's code.
func ValidCode(code string) bool { return codeForm.MatchString(code) }

// check refuses what no shop may be. A name given in one language only serves for both.
func (o *OpenShop) check() error {
	if !ValidCode(o.Code) {
		return fault.New(fault.Invalid, "merchant.code").At("code")
	}
	o.Name, o.Intro = both(o.Name), both(o.Intro)
	for _, t := range []struct {
		code, field, value string
		min, max           int
	}{
		{"merchant.name", "name_zh", o.Name.Zh, 1, NameMax},
		{"merchant.name", "name_en", o.Name.En, 1, NameMax},
		{"merchant.intro", "intro_zh", o.Intro.Zh, 0, IntroMax},
		{"merchant.intro", "intro_en", o.Intro.En, 0, IntroMax},
	} {
		plain := text.Lines(t.value)
		if t.code == "merchant.name" {
			plain = text.Line(t.value)
		}
		if n := utf8.RuneCountInString(t.value); n < t.min || n > t.max || !plain {
			return fault.New(fault.Invalid, t.code, fault.P("max", t.max)).At(t.field)
		}
	}
	if len(o.Logo) > LogoMax || !text.Line(o.Logo) {
		return fault.New(fault.Invalid, "merchant.logo", fault.P("max", LogoMax)).At("logo")
	}
	if d, known := division.Find(o.Division); o.Division != "" && (!known || len(d.Code) != 6) {
		return fault.New(fault.Invalid, "merchant.division").At("division")
	}
	return nil
}

func both(e text.Entry) text.Entry {
	if e.Zh == "" {
		e.Zh = e.En
	}
	if e.En == "" {
		e.En = e.Zh
	}
	return e
}
