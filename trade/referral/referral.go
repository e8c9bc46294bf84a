// Package referral is shoppers who bring shoppers: a Programme says what that brings, a link leads a friend
// here, and a Referral is one friend who came by it, from the click to the reward or to the reason why there is
// none.
//
// The friend's first paid order after the click is the one that counts. It must complete, outlast its time of
// return and still be worth the minimum; then both are held against what is known of who stands behind accounts
// (Marks), and only then vouchers of deal/voucher are given. What a reward may cost is kept back from the
// budget when the order is paid, so that who is told "pending" is not told "used up" later. All of it runs
// beside orders, from their events: nothing here is on the way of placing or paying. It never makes money of a
// reward, and knows one level only.
//
// Read this file first, then rules.go (what is decided), service_attribute.go (an order counts),
// service_judge.go (time has passed), service_return.go (the order went back after all).
package referral

import (
	_ "embed"
	"slices"
	"time"

	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/text"
	"hutong/deal/voucher"
	"hutong/trade/order"
)

// ProgrammeID names a programme, "rfp_...".
type ProgrammeID string

// ID names a referral, "rfl_...".
type ID string

// ProgrammeState is a programme's position.
type ProgrammeState string

// The states of a programme, with who acts next.
const (
	Draft   ProgrammeState = "draft"   // a second person opens it
	Open    ProgrammeState = "open"    // shoppers invite; an operator can stop it
	Stopped ProgrammeState = "stopped" // nobody; what is pending is still decided
)

// Terms are what a programme promises. They never change: other terms are another programme.
type Terms struct {
	Title      text.Entry         `json:"title"`
	Inviter    voucher.TemplateID `json:"inviter"`           // what who invited is given
	Invitee    voucher.TemplateID `json:"invitee,omitempty"` // what the friend is given; "" nothing
	Budget     int64              `json:"budget"`            // minor units, what all rewards may be worth together
	PerInviter int64              `json:"per_inviter"`       // how many rewards one shopper can earn
	Minimum    int64              `json:"minimum"`           // minor units, of the goods of the friend's order
	ReturnDays int64              `json:"return_days"`
	FromUS     int64              `json:"from_us"` // orders paid in this time count
	UntilUS    int64              `json:"until_us"`
}

// Programme is what inviting brings.
type Programme struct {
	ID      ProgrammeID
	State   ProgrammeState
	Terms   Terms
	Reward  int64 // minor units, what one invitation brings to both, at most
	MadeBy  string
	Made    time.Time
	Opened  time.Time
	Stopped time.Time
}

// State is a referral's position.
type State string

// The states of a referral, with who acts next.
const (
	Bound    State = "bound"    // the friend buys
	Pending  State = "pending"  // time passes; Judge decides
	Rewarded State = "rewarded" // nobody, unless the order goes back after all
	Refused  State = "refused"  // nobody
)

var transitions = map[State][]State{Bound: {Pending, Refused}, Pending: {Rewarded, Refused}, Rewarded: {Refused},
	Refused: {}}

// Valid tells whether s is a state.
func (s State) Valid() bool { _, ok := transitions[s]; return ok }

func (s State) can(next State) bool { return slices.Contains(transitions[s], next) }

// Why is the reason for which there is no reward. Each has its sentence as referral.why.<reason>, which says
// nothing of what the other one did or owns.
type Why string

// The reasons.
const (
	WhyPerson  Why = "person"  // the accounts may belong to one person, or the friend was invited before under another
	WhyUnknown Why = "unknown" // nothing is known by which the friend could be told from others
	WhyNotNew  Why = "not_new" // the friend had bought before
	WhyOrder   Why = "order"   // the order did not stand, or was worth less than the minimum
	WhyOver    Why = "over"    // the programme had ended when the order was paid
	WhyBudget  Why = "budget"  // the budget was used up
	WhyLimit   Why = "limit"   // the inviter has earned as often as they may
	WhyGone    Why = "gone"    // one of the two accounts is no more

	WhyReturned Why = "returned" // the order went back after the reward, which was taken back unused
)

// Referral is one friend who was invited.
type Referral struct {
	ID        ID
	Programme ProgrammeID
	Inviter   string
	Invitee   string
	State     State
	Order     order.ID // the one that counts, "" before there is one
	Amount    int64    // minor units, what is kept back of the budget, or was given
	Why       Why
	BoundAt   time.Time
	Due       time.Time // of a pending one: when it is looked at next
	ClosedAt  time.Time
}

// The topics that this room tells; the subject is the referral, the shopper its inviter, the body a Told.
const (
	TopicCounted  event.Topic = "referral.counted" // the friend's order counts; Due is when the reward can come
	TopicRewarded event.Topic = "referral.rewarded"
	TopicReturned event.Topic = "referral.returned" // the order went back after the reward: what is unused was taken back
	TopicRefused  event.Topic = "referral.refused"
)

// Told is the body of this room's events.
type Told struct {
	Referral ID     `json:"referral"`
	Inviter  string `json:"inviter"`
	Friend   string `json:"friend,omitempty"` // who else held part of a reward that was taken back
	Why      Why    `json:"why,omitempty"`
}

var (
	//go:embed schema.sql
	schemaSQL string
	//go:embed schema_gifts.sql
	giftsSQL string
)

// Schema is this room's tables.
var Schema = db.Schema{Room: "referral", Steps: []string{schemaSQL, giftsSQL}}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)
