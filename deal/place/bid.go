package place

import (
	"time"

	"hutong/base/event"
	"hutong/base/money"
	"hutong/deal/campaign"
)

// BidID names a bid, "plb_...".
type BidID string

// State is what was decided about a bid; see Stage for where time has it.
type State string

// The states of a bid, with who acts next.
const (
	Applied     State = "applied"     // the operator chooses
	Shortlisted State = "shortlisted" // the shop pays; the first who do have the places
	Refused     State = "refused"     // the shop may bid elsewhere
	Withdrawn   State = "withdrawn"   // the shop took it back before it paid
	Paid        State = "paid"        // time sells; then the job settles
	Settled     State = "settled"     // nobody; its commission is charged
	Returned    State = "called_off"  // nobody; the market called it off, and what was paid went back
	Forfeited   State = "forfeited"   // nobody; the shop left after it paid, and the fee is kept
)

// moves are the ways from state to state.
var moves = map[State][]State{
	Applied:     {Shortlisted, Refused, Withdrawn, Returned},
	Shortlisted: {Refused, Withdrawn, Paid, Returned},
	Paid:        {Settled, Returned, Forfeited},
}

// Open tells whether anybody still acts.
func (s State) Open() bool { return len(moves[s]) > 0 }

// Stage is where a bid stands in time.
type Stage string

// The stages that follow from time; any other is the state itself.
const (
	Lapsed   Stage = "lapsed"   // it was not paid in time
	Live     Stage = "live"     // it sells
	Settling Stage = "settling" // its selling is over; its last orders end
)

// Bid is a shop's bid for a place.
type Bid struct {
	ID         BidID
	Version    int64
	Opening    OpeningID
	Enrolment  campaign.EnrolmentID
	Shop       string
	State      State
	Note       string          // the operator's
	Selling    campaign.Window // of its enrolment
	AppliedAt  time.Time
	PaidAt     time.Time
	EndedAt    time.Time
	Sold       int64 // what was sold from the place, net of refunds
	Commission int64 // of it
	Charged    int64 // of the commission, what was charged beside the fee
	SettledSeq int64 // how far the books were
}

// Stage tells where the bid stands at an instant. It depends on nothing else: no job flips anything.
func (b Bid) Stage(o Opening, at time.Time) Stage {
	switch {
	case (b.State == Applied || b.State == Shortlisted) && !at.Before(o.PayBy):
		return Lapsed
	case b.State == Paid && b.Selling.Holds(at):
		return Live
	case b.State == Paid && !at.Before(b.Selling.Until):
		return Settling
	}
	return Stage(b.State)
}

// commissionOf names the charge of a bid's commission; that of its fee has the bid's own name.
func commissionOf(id BidID) string { return string(id) + ".commission" }

// The topics told here; the subject is the bid, the body a Told.
const (
	TopicShortlisted event.Topic = "place.shortlisted"
	TopicRefused     event.Topic = "place.refused"
	TopicPaid        event.Topic = "place.paid"
	TopicReturned    event.Topic = "place.returned"  // the fee went back
	TopicForfeited   event.Topic = "place.forfeited" // it is kept
	TopicSettled     event.Topic = "place.settled"
)

// Told is the body of this room's events.
type Told struct {
	Campaign  campaign.ID          `json:"campaign"`
	Enrolment campaign.EnrolmentID `json:"enrolment"`
	SKU       string               `json:"sku"`
	Amount    int64                `json:"amount"`
	Currency  money.Currency       `json:"currency"`
	PayBy     time.Time            `json:"pay_by,omitzero"`
}
