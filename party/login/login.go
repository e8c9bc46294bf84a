// Package login tells who is calling: names and passwords, sessions and their tokens, and guests, who buy without a
// name. What a caller may do is decided at the gate (surface/gate) and in the rooms; this room only says who it is.
//
// It never keeps a password or a token, only what proves them; it does the same work for a name that exists and one
// that does not; it bounds attempts per name and per network in constant memory. Read this file first, then token.go.
package login

import (
	_ "embed"
	"log/slog"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/text"
	"hutong/party/audit"
)

// ID names a login, "lgn_...".
type ID string

// Role is what a principal acts as.
type Role string

// The roles.
const (
	Anonymous Role = "anonymous" // nobody is logged in
	Shopper   Role = "shopper"   // buys; a guest, if Login is empty
	Merchant  Role = "merchant"  // sells in one shop
	Operator  Role = "operator"  // runs the market
)

// Principal is who is calling. The zero Principal is nobody; its empty ids match nothing (FAULTS A3).
type Principal struct {
	Role    Role
	Login   ID     // "" for a guest and for nobody; the key's id for a shop's own program
	Shopper string // set for shoppers only
	Shop    string // set for merchants only
	Lang    text.Lang
	Staff   StaffRole   // set for merchants and operators, "" for a shop's own program
	May     Permissions // what staff and programs may do
	Helper  ID          // the operator who looks on with consent, "" otherwise; then nothing may be changed
	Proved  time.Time   // when the session's owner proved who they are; zero for guests, programs and helpers
}

// ProofFor is how long a proof is good for changing what leads into a login or where money goes (FAULTS A23).
const ProofFor = 10 * time.Minute

// ProvedBy tells whether the caller has proved who they are lately enough for such a change. Code: login.proof_old.
func (p Principal) ProvedBy(now time.Time) error {
	if p.Proved.IsZero() || now.Sub(p.Proved) > ProofFor {
		return fault.New(fault.Forbidden, "login.proof_old", fault.P("minutes", int(ProofFor/time.Minute)))
	}
	return nil
}

// Can tells whether the caller holds a permission.
func (p Principal) Can(needed Permission) bool { return p.May.Has(needed) }

// ReadOnly tells whether the caller may only look: an operator in somebody else's place.
func (p Principal) ReadOnly() bool { return p.Helper != "" }

// Person tells whether this is a person with a login of their own at the desk: not a guest, a program or a helper.
func (p Principal) Person() bool { return id.Valid(string(p.Login), "lgn") && p.Helper == "" }

// Audited is the caller as the record of privileged changes names them.
func (p Principal) Audited() audit.Person {
	if p.Helper != "" {
		return audit.Person{Who: string(p.Helper), For: p.subject()}
	}
	if p.Login == "" {
		return audit.Person{Who: p.Shopper}
	}
	return audit.Person{Who: string(p.Login)}
}

func (p Principal) subject() string {
	if p.Shopper != "" {
		return p.Shopper
	}
	return string(p.Login)
}

// Nobody is the principal of a call without a session.
var Nobody = Principal{Role: Anonymous}

// Key names the principal where something is kept per caller, such as an idempotency key: "" for nobody.
func (p Principal) Key() string {
	switch p.Role {
	case Shopper:
		return p.Shopper
	case Merchant, Operator:
		return string(p.Login)
	}
	return ""
}

// Login is one name that may log in.
type Login struct {
	ID      ID
	Role    Role
	Name    string
	Shopper string
	Shop    string
	Staff   StaffRole // set for merchants and operators
	Created time.Time
	Ended   time.Time // when it was taken away; zero while it may log in
}

func (l Login) principal(lang text.Lang) Principal {
	return Principal{Role: l.Role, Login: l.ID, Shopper: l.Shopper, Shop: l.Shop, Lang: lang, Staff: l.Staff,
		May: PermissionsOf(l.Staff)}
}

// Password is a password as typed. It prints as nothing (FAULTS A34).
type Password string

// LogValue shows that there was one, not which.
func (Password) LogValue() slog.Value { return slog.StringValue("[password]") }

// String is what LogValue shows, against printing it by mistake.
func (Password) String() string { return "[password]" }

// GoString is String.
func (Password) GoString() string { return "[password]" }

// The bounds of a name, in characters, and of a password, in bytes. They are checked before anything is hashed
// (FAULTS A28).
const (
	NameMin, NameMax         = 2, 64
	PasswordMin, PasswordMax = 8, 128
)

var (
	//go:embed schema.sql
	schemaSQL string
	//go:embed schema2.sql
	schema2SQL string
	//go:embed schema3.sql
	schema3SQL string
)

// Schema is this room's tables.
var Schema = db.Schema{Room: "login", Steps: []string{schemaSQL, schema2SQL, schema3SQL}}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)

// checkName is the name as it is kept: one form per name, however it was typed (half or full width, any case).
func checkName(name string) (string, error) {
	wrong := fault.New(fault.Invalid, "login.name", fault.P("min", NameMin), fault.P("max", NameMax)).At("name")
	if len(name) > 4*NameMax || !utf8.ValidString(name) {
		return "", wrong
	}
	name = strings.ToLower(norm.NFKC.String(strings.TrimSpace(name)))
	if n := utf8.RuneCountInString(name); n < NameMin || n > NameMax {
		return "", wrong
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-@+", r) {
			return "", wrong
		}
	}
	return name, nil
}

func checkPassword(p Password) error {
	if len(p) < PasswordMin || len(p) > PasswordMax {
		return fault.New(fault.Invalid, "login.password",
			fault.P("min", PasswordMin), fault.P("max", PasswordMax)).At("password")
	}
	return nil
}
