package campaign

import (
	"strings"
	"time"

	"hutong/base/event"
	"hutong/base/money"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/party/login"
)

// EnrolmentID names an enrolment, "enr_...".
type EnrolmentID string

// IsItem tells whether a promotion is an item of a campaign, by its name.
func IsItem(promotion string) bool { return strings.HasPrefix(promotion, enrolmentPrefix+"_") }

// IsLimited tells whether a limit is that of an item of a campaign, or of items together (Item.Together), by what it is
// of: such a limit counts for payment accounts too.
func IsLimited(of string) bool { return IsItem(of) || strings.HasPrefix(of, campaignPrefix+"_") }

const (
	enrolmentPrefix = "enr"
	campaignPrefix  = "cmp"
)

// EnrolmentState is an enrolment's position.
type EnrolmentState string

// The states of an enrolment, with who acts next.
const (
	Applied   EnrolmentState = "applied"   // the operator reviews
	Accepted  EnrolmentState = "accepted"  // time locks it, or the shop withdraws
	Refused   EnrolmentState = "refused"   // the shop reads why and may enrol anew
	Pledged   EnrolmentState = "locked"    // time sells it: price fixed, stock in a pool of its own
	Ended     EnrolmentState = "ended"     // nobody; what was not sold went back
	Withdrawn EnrolmentState = "withdrawn" // nobody; what was pledged went back
)

// moves are the ways from state to state, by person or by time.
var moves = map[EnrolmentState][]EnrolmentState{
	Applied:  {Applied, Accepted, Refused, Withdrawn, Ended},
	Accepted: {Applied, Accepted, Pledged, Withdrawn, Ended},
	Pledged:  {Pledged, Ended, Withdrawn},
}

// Open tells whether an enrolment in that state still takes part.
func (s EnrolmentState) Open() bool { return len(moves[s]) > 0 }

// Slot is where in a campaign: a wave, counted from 1, or a session of a timetable by its start.
type Slot struct {
	Wave    int64
	Session time.Time
}

// Terms are what a shop offers.
type Terms struct {
	Price        int64 // of a piece, in minor units
	Quantity     int64 // pieces pledged
	PerShopper   int64 // pieces a shopper may buy, 0: no limit
	Part               // presale, spot
	Earnest      int64 // of a presale: paid first
	Worth        int64 // of a presale: what the earnest counts for
	Appointments int64 // how many shoppers may make an appointment, and only they buy; 0: anybody buys
	Lottery      bool  // those who made an appointment draw lots for the pieces
	Strike       int64 // the struck price to be shown, 0: none

	ShipBy   time.Time // of a presale: it is sent before then,
	ShipDays int64     // or so many days after its balance is paid; one of the two
}

// Fair are the terms with a limit for each shopper where lots are drawn for the pieces: one where the shop set none.
// Who won could find that another one who won took all of them.
func (t Terms) Fair() Terms {
	if t.Lottery && t.PerShopper == 0 {
		t.PerShopper = 1
	}
	return t
}

// Least is what a piece costs at least under the terms alone: in a presale the earnest counts for more than it is.
func (t Terms) Least() int64 {
	if t.Presale {
		return t.Price - (t.Worth - t.Earnest)
	}
	return t.Price
}

// Enrolment is a shop's offer in a campaign.
type Enrolment struct {
	ID           EnrolmentID
	Version      int64
	Campaign     ID
	Slot         Slot
	Shop         string
	Product, SKU string
	Offer        offer.ID
	Currency     money.Currency
	Terms
	State     EnrolmentState
	Reasons   []Reason // why it was refused, or cannot be locked yet
	Cap       int64    // the price allowed, 0: no rule of price
	Lowest    int64    // what the cap was computed from,
	Source    string   // and where that stands: an order, or a version of the offer's price
	Note      string   // the reviewer's
	DecidedBy login.ID
	Pool      stock.PoolID // of the pledged pieces, "" until the lock
	FellFrom  int64        // the price at the lock, where it fell since; 0: it did not
	Penalty   int64        // owed for leaving after the lock
	LockAt    time.Time
	Selling   Window // from the first to the last instant of any payment for it
	Applied   time.Time
	Decided   time.Time
}

// Reason is one thing that keeps an offer from taking part.
type Reason struct {
	Code   string            `json:"code"`
	Params map[string]string `json:"params,omitempty"`
}

// The topics told here; the subject is the enrolment.
const (
	EnrolmentAccepted event.Topic = "enrolment.accepted"
	EnrolmentRefused  event.Topic = "enrolment.refused"
	EnrolmentLocked   event.Topic = "enrolment.locked"
	EnrolmentShort    event.Topic = "enrolment.short" // less stock is free than was pledged; nothing was cancelled
	EnrolmentRemoved  event.Topic = "enrolment.removed"
	EnrolmentEnded    event.Topic = "enrolment.ended"
	EnrolmentPenalty  event.Topic = "enrolment.penalty" // the shop left after the lock and owes for it
)

// The bounds of an enrolment.
const (
	NoteMax = 300 // characters
	PageMax = 101 // of the API's largest page, and one to know that there is more

	ShipDaysMax      = 180 // after the balance
	ShipDaysOrdinary = 7   // of a presale whose shop says nothing
)

// WaveOf is the wave, or the session as a wave, that an enrolment is in.
func (c Campaign) WaveOf(s Slot, zone *time.Location) (Wave, bool) {
	if c.Channel.Timed() {
		if c.Timetable == nil || s.Wave != 0 {
			return Wave{}, false
		}
		session, ok := c.Timetable.At(s.Session, zone)
		return session.Wave(), ok
	}
	if s.Wave < 1 || s.Wave > int64(len(c.Waves)) || !s.Session.IsZero() {
		return Wave{}, false
	}
	return c.Waves[s.Wave-1], true
}

// sellingOf is when an item of the wave is paid for, in whatever way it takes part.
func sellingOf(c Campaign, w Wave, item Part) Window {
	return reach(c, Wave{Phases: only(w.Phases, Earnest, Balance, Spot, Encore)}, item)
}
