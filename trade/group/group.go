// Package group is buying together: an Offer says what a piece costs when so many buy it, a Group is shoppers who
// want that, and a Member is one paid order line of theirs.
//
// A group opens when its leader's payment arrives, and places are given in the order of payments, beside the hot path:
// one conditional update decides the last place and the race with the deadline. A group that formed is its merchant's
// to ship, one that did not is paid back by itself, and every way ends in one outcome. It never prices a basket: its
// offers are promotions of the kind "price" that a basket claims.
//
// Read this file first, then rules.go (the terms), service_join.go (a payment arrives), service_close.go (time does).
package group

import (
	_ "embed"
	"slices"
	"time"

	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/trade/order"
)

// OfferID names an offer to groups, "gof_..."; it is the id of its promotion too.
type OfferID string

// ID names a group, "grp_...".
type ID string

// OfferState is an offer's position.
type OfferState string

// The states of an offer.
const (
	Open      OfferState = "open"      // shoppers open and join groups
	Stopped   OfferState = "stopped"   // groups that are forming can be joined; nobody opens another
	Withdrawn OfferState = "withdrawn" // nobody; what was forming has failed
)

var offerTransitions = map[OfferState][]OfferState{
	Open:      {Stopped, Withdrawn},
	Stopped:   {Open, Withdrawn},
	Withdrawn: {},
}

// Valid tells whether s is a state.
func (s OfferState) Valid() bool { _, ok := offerTransitions[s]; return ok }

func (s OfferState) can(next OfferState) bool { return slices.Contains(offerTransitions[s], next) }

// Step is a price that holds from so many members on.
type Step struct {
	Size  int64 `json:"size"`
	Price int64 `json:"price"` // minor units a piece
}

// Offer is what a merchant gives to groups. Its terms never change, so that everybody in a group bought under the same;
// other terms are another offer. The solo price beside it is the goods' own.
type Offer struct {
	ID           OfferID
	Shop         string
	Goods        string // the goods/offer that is sold
	Product, SKU string
	Currency     money.Currency
	Steps        []Step        // what everybody pays is the first; further ones are a ladder
	Places       int64         // members at most; without a ladder the size of the first step
	Window       time.Duration // how long a group may form
	PerShopper   int64         // pieces for each shopper; 0: no limit
	Stacks       bool          // vouchers, red packets and the like may come off the group's price
	From, Until  time.Time     // zero: always was, no end
	State        OfferState
	CreatedAt    time.Time
}

// State is a group's position.
type State string

// The states of a group, with who acts next.
const (
	Forming   State = "forming"   // shoppers join; at the deadline time decides
	Formed    State = "formed"    // the merchant ships to its members
	Failed    State = "failed"    // nobody: its members are paid back by themselves
	Dissolved State = "dissolved" // nobody: it formed, but too many gave their goods back before they were shipped
)

var transitions = map[State][]State{Forming: {Formed, Failed}, Formed: {Dissolved}, Failed: {}, Dissolved: {}}

// Valid tells whether s is a state.
func (s State) Valid() bool { _, ok := transitions[s]; return ok }

// The reasons for which a group ended without forming, or fell apart. Each has its sentence as group.why.<reason>.
const (
	WhyDeadline  = "deadline"
	WhyWithdrawn = "withdrawn"
	WhySoldOut   = "sold_out"
	WhyLeft      = "left"     // nobody is in it any more
	WhyReturns   = "returned" // too few kept what they bought
)

// Group is shoppers who buy an offer together.
type Group struct {
	ID       ID
	Offer    OfferID
	Shop     string
	Code     string // what its link ends in
	Private  bool   // only who has the link can join
	Leader   string // a shopper
	Size     int64  // members it takes
	Places   int64  // members it may have
	Paid     int64  // members that count: paid, and nothing given back before it formed
	Kept     int64  // of a formed one, members that did not give their goods back
	Price    int64  // minor units a piece, once it has formed
	State    State
	Why      string // "" while all is well
	OpenedAt time.Time
	Deadline time.Time
	ClosedAt time.Time
}

// Need is how many members are missing.
func (g *Group) Need() int64 { return max(g.Size-g.Paid, 0) }

// Takes tells whether another payment at that instant finds a place.
func (g *Group) Takes(at time.Time) bool {
	return g.State == Forming && g.Paid < g.Places && at.Before(g.Deadline)
}

// MemberState is a member's position.
type MemberState string

// The states of a member, with who acts next.
const (
	Waiting   MemberState = "waiting"   // it counts; other shoppers join, or time decides
	Lowering  MemberState = "lowering"  // formed; Settle gives the difference of the ladder back and releases the goods
	In        MemberState = "in"        // nobody here: the order takes its way
	Refunding MemberState = "refunding" // Settle pays back
	Refunded  MemberState = "refunded"  // nobody; it was paid back
	Left      MemberState = "left"      // nobody; the shopper gave everything back
)

// The reasons for which one payment is paid back though its group may do well.
const (
	WhyTwice = "twice" // the shopper was in the group already
	WhyLate  = "late"  // the group had ended
)

// Member is one paid order line in a group.
type Member struct {
	Group    ID // "" where no group could be opened
	Order    order.ID
	Line     int64
	Seq      int64 // of the suborder
	Offer    OfferID
	Shopper  string
	No       int64 // 1, 2, ... in the order of payments, 0 for who never had a place
	Quantity int64
	State    MemberState
	Why      string // why it is paid back
	After    bool   // it left after the group had formed
	PaidAt   time.Time
	LeftAt   time.Time
}

// The topics that this room tells; the subject is the group, the body a Told.
const (
	TopicOpened    event.Topic = "group.opened"
	TopicFormed    event.Topic = "group.formed"
	TopicFailed    event.Topic = "group.failed"
	TopicDissolved event.Topic = "group.dissolved"
)

// Changed is told when an offer to groups was set up, stopped or withdrawn: what prices are made of may be other now.
const Changed event.Topic = "group_offer.changed"

// Told is the body of a group's events.
type Told struct {
	Group    ID         `json:"group"`
	Offer    OfferID    `json:"offer"`
	State    State      `json:"state"`
	Why      string     `json:"why,omitempty"`
	Members  []string   `json:"members"` // shoppers
	Orders   []order.ID `json:"orders"`
	Deadline time.Time  `json:"deadline"`

	// Full is the group that the leader of an opened one had wanted, which was full when they paid. Who did not mean to
	// lead is told how to share it.
	Full ID     `json:"full,omitempty"`
	Code string `json:"code,omitempty"`
	Need int64  `json:"need,omitempty"`
}

//go:embed schema.sql
var schemaSQL string

//go:embed schema_priced.sql
var pricedSQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "group", Steps: []string{schemaSQL, pricedSQL}}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)
