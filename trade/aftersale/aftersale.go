// Package aftersale is what happens when something of a purchase is to be given back: a Case per matter, with who asked
// for what, who decided, and the money that went back.
//
// A case gives back pieces of one suborder: at once while the goods have not left, by the merchant's word afterwards.
// Order, stock, settlement, ledger and the refund at the wallet move in one transaction with the case, and a request
// has a key, so that pressing twice is one refund. It never computes an amount: trade/order does, from what was paid.
// Read this file first, then states.go (who acts next) and service.go (the verbs).
package aftersale

import (
	_ "embed"
	"slices"
	"time"

	"hutong/base/db"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/party/merchant"
	"hutong/trade/order"
)

// ID names a case, "cas_...".
type ID string

// Reason says why a shopper gives something back.
type Reason string

// The reasons.
const (
	Unwanted     Reason = "unwanted"      // no reason needed, within the days that the law gives
	NotDescribed Reason = "not_described" // it is not what the shop said
	Damaged      Reason = "damaged"
	Missing      Reason = "missing" // pieces were not in the parcel
	NotArrived   Reason = "not_arrived"
	OutOfStock   Reason = "out_of_stock" // the shop cannot send it
	Other        Reason = "other"
	NoGroup      Reason = "no_group"   // the group that it was bought in did not form; the market's to say
	TakenBack    Reason = "taken_back" // a wallet took the money back by itself; the market's to say
)

// Reasons are those that people choose from, in the order in which they are offered.
func Reasons() []Reason {
	return []Reason{Unwanted, NotDescribed, Damaged, Missing, NotArrived, OutOfStock, Other}
}

// ReasonsFor are those that a shopper may mean, before the goods were sent or since.
func ReasonsFor(sent bool) []Reason {
	if !sent {
		return []Reason{Unwanted, OutOfStock, Other}
	}
	return []Reason{Unwanted, NotDescribed, Damaged, Missing, NotArrived, Other}
}

// Valid tells whether r is a reason.
func (r Reason) Valid() bool { return r.ours() || slices.Contains(Reasons(), r) }

// ours tells whether the reason is the market's to say.
func (r Reason) ours() bool { return r == NoGroup || r == TakenBack }

// Case is one matter.
type Case struct {
	ID       ID
	Order    order.ID
	Seq      int64 // the suborder
	Shop     string
	Shopper  string
	State    State
	Reason   Reason
	Currency money.Currency
	Amount   int64 // minor units, freight included: what went back, or what would as things stand
	Freight  int64 // of that
	Repriced bool  // what is left of its order was priced again
	Kept     int64 // what of the lines' amounts does not go back, since what is left costs more; below 0: goes back beside
	Restock  bool  // whether shipped pieces came back and can be sold again
	OpenedAt time.Time
	ClosedAt time.Time        // zero while somebody has to act
	AnswerBy time.Time        // until when the shop answers, or says where agreed goods go; zero when nobody waits
	BackBy   time.Time        // until when the goods arrive there; zero when nobody waits for that
	SendTo   merchant.Returns // where an agreed case's goods go; not Set while its shop has not said so
	Lines    []Line
	Steps    []Step

	key, hash string // the request that made it
	step      int64  // the number of its last Step
}

// Line is the pieces of one order line that a case is about.
type Line struct {
	Line, Units int64
	Amount      int64 // minor units
}

// Step is one edge of a case's way.
type Step struct {
	From, To State
	Actor    string // "shopper", "merchant" or "operator"; "market" where time decided
	Note     string // what they wrote
	At       time.Time
}

// Party is who asks or decides. A case is seen by its shopper, its shop and the operator; to everybody else there is no
// such case.
type Party struct {
	Shopper  string
	Shop     string
	Operator bool
}

// actor is the party's name in steps; "" for nobody.
func (p Party) actor() string {
	switch {
	case p.Operator:
		return "operator"
	case p.Shop != "":
		return "merchant"
	case p.Shopper != "":
		return "shopper"
	}
	return ""
}

//go:embed schema.sql
var schemaSQL string

//go:embed schema2.sql
var unansweredSQL string

//go:embed schema3.sql
var unsentSQL string

//go:embed schema_withdrawn.sql
var withdrawnSQL string

//go:embed schema_kept.sql
var keptSQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "aftersale", Steps: []string{schemaSQL, unansweredSQL, unsentSQL, withdrawnSQL, keptSQL}}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)
