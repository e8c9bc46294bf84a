// Package approval makes the dearest changes take two people: one asks, another one decides, and the change happens in
// the transaction of the decision. A request is decided once, in time, and never by whoever asked.
//
// What can be asked for is a Kind: it says who may ask and decide, what a good payload is, and what happens. The node
// plugs the kinds in. A payload holds ids and numbers, never personal data or secrets: those stay in their rooms.
// Read this file first.
package approval

import (
	"context"
	_ "embed"
	"encoding/json"
	"time"

	"hutong/base/db"
	"hutong/base/text"
	"hutong/party/login"
)

// ID names a request, "apr_...".
type ID string

// State is a request's position.
type State string

// The states of a request.
const (
	Asked     State = "asked"     // another person decides
	Approved  State = "approved"  // done
	Refused   State = "refused"   // decided against
	Withdrawn State = "withdrawn" // whoever asked took it back
	Expired   State = "expired"   // nobody decided in time
)

// Request is one change that was asked for.
type Request struct {
	ID        ID
	Kind      string
	Shop      string // whose change it is, "" for the market's
	Subject   string // what is to be changed; one request at a time is open for it
	Payload   json.RawMessage
	State     State
	AskedBy   login.ID
	DecidedBy login.ID // "" while nobody decided
	Note      string   // the decision's reason
	Asked     time.Time
	Expires   time.Time
	Decided   time.Time
}

// Into reads the payload.
func (r Request) Into(v any) error { return json.Unmarshal(r.Payload, v) }

// Kind is a sort of change that takes two people.
type Kind struct {
	Name   string
	Ask    []login.Permission // any of them allows to ask
	Decide []login.Permission // any of them allows to decide; a shop's staff decide on their own shop's only
	Lasts  time.Duration      // how long a request waits
	Fresh  bool               // who asks or decides must have proved lately who they are (login.ProofFor)
	// Check refuses a request that could not be carried out, when it is asked for and again when it is decided.
	Check func(tx *db.Tx, r Request) error
	// Execute carries it out, in the transaction of the decision.
	Execute func(ctx context.Context, tx *db.Tx, at time.Time, r Request) error
}

// The bounds of a request.
const (
	PayloadMax = 4096 // bytes
	NoteMax    = 500  // characters
	PageMax    = 100
)

//go:embed schema.sql
var schemaSQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "approval", Steps: []string{schemaSQL}}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)

// allows tells whether somebody holds one of these permissions, as a person of their own.
func allows(who login.Principal, any []login.Permission) bool {
	if !who.Person() {
		return false
	}
	for _, p := range any {
		if who.Can(p) {
			return true
		}
	}
	return false
}

// sees tells whether a request is there for somebody: a shop's staff see their shop's, the market's staff those that
// they may ask for or decide.
func (k Kind) sees(who login.Principal, r Request) bool {
	if who.Role == login.Merchant {
		return who.Shop != "" && who.Shop == r.Shop && (allows(who, k.Ask) || allows(who, k.Decide))
	}
	return who.Role == login.Operator && (allows(who, k.Ask) || allows(who, k.Decide))
}
