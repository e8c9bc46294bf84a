// Package segment is sets of shoppers that the market speaks to: those who bought something of a category lately, who
// spent so much, who have not come for a while, or who were named one by one.
//
// A set is rules over what the market sold, all of which must hold; who is in it is found out when it is asked, for a
// batch of shoppers at once, so it is never stale and nothing is kept of anybody but of those who were named. It is
// published in what uses it, such as a voucher's audience, and never changes what anything costs by itself. Read this
// file first, then rules.go.
package segment

import (
	_ "embed"
	"time"

	"hutong/base/db"
	"hutong/base/text"
)

// ID names a set, "seg_...".
type ID string

// Kind is a sort of rule.
type Kind string

// The sorts of rules.
const (
	Bought    Kind = "bought"     // something of Category, in the last Days
	NotBought Kind = "not_bought" // nothing of Category, in the last Days
	Spent     Kind = "spent"      // at least Least minor units, likewise
	Orders    Kind = "orders"     // at least Least orders, likewise
	Idle      Kind = "idle"       // the last order is older than Days
)

// Rule is one condition. What was given back whole was not bought.
type Rule struct {
	Kind     Kind   `json:"kind"`
	Category string `json:"category,omitempty"` // with everything below it; "" for all
	Days     int64  `json:"days,omitempty"`     // 0: ever
	Least    int64  `json:"least,omitempty"`
}

// Terms are what makes a set. They never change: other terms are another set.
type Terms struct {
	Title text.Entry `json:"title"`
	Rules []Rule     `json:"rules,omitempty"` // all must hold; none with People: only who is named is in it
}

// Segment is a set of shoppers.
type Segment struct {
	ID      ID
	Terms   Terms
	Open    bool // a closed one has no members
	Named   int64
	MadeBy  string
	Made    time.Time
	Members int64     // when they were last counted
	Counted time.Time // zero: not yet
}

//go:embed schema.sql
var schemaSQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "segment", Steps: []string{schemaSQL}}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)
