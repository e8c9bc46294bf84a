package deposit

import (
	"strings"
	"time"
	"unicode/utf8"

	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/party/login"
)

// HoldID names a hold, "dph_...".
type HoldID string

// State is a hold's position.
type State string

// The states of a hold, with who acts next.
const (
	Frozen    State = "frozen"    // its case ends, or the operator releases it
	Announced State = "announced" // the shop may appeal; when its time is over, the job draws
	Appealed  State = "appealed"  // another one of the market's staff answers
	Drawn     State = "drawn"     // nobody; it is booked
	Released  State = "released"  // nobody
)

var transitions = map[State][]State{Frozen: {Released}, Announced: {Appealed, Drawn, Released},
	Appealed: {Drawn, Released}, Drawn: {}, Released: {}}

// Open tells whether a hold keeps its amount from being paid out.
func (s State) Open() bool { return len(transitions[s]) > 0 }

// Payee is who gets what is drawn.
type Payee string

// The payees.
const (
	ToMarket  Payee = "market"
	ToShopper Payee = "shopper" // of the order that the shop did harm in, on top of what they paid
)

// Hold is a part of a deposit that cannot be paid out.
type Hold struct {
	ID         HoldID
	Shop       string
	Currency   money.Currency
	Amount     int64
	State      State
	Payee      Payee  // "" of what is only frozen
	Case       string // with which it ends, "" for none
	Order      string // whose shopper is the payee
	Request    string // what two people agreed to, "" below the limit
	Why        string // the operator's reason, in words
	Appeal     string // the shop's words
	Answer     string // the operator's, to the appeal or for letting it go
	By         login.ID
	AnsweredBy login.ID
	At         time.Time
	Until      time.Time // for an appeal
	ClosedAt   time.Time
	Seq        int64 // of its transfer
	after      *HoldID
}

// Account is how a shop's deposit stands in a currency.
type Account struct {
	Balance  int64 // what the books have
	Held     int64 // of it, what is frozen or announced
	Required int64 // what the operator asks of the shop
}

// Free is what could be paid out, and what counts where a sale asks for a deposit.
func (a Account) Free() int64 { return a.Balance - a.Held }

// TopUp is what the shop still has to pay in (RULES 3.4); while it is above zero, the shop can join no sale.
func (a Account) TopUp() int64 { return max(a.Required+a.Held-a.Balance, 0) }

// The bounds of words and times.
const (
	WhyMax     = 200 // characters
	AppealMax  = 500
	AppealDays = 7
	RequireMax = 1_000_000_000_000
)

// The topics that this room tells; the subject is the hold, the shop its shop, the body a Told.
const (
	TopicFrozen    event.Topic = "deposit.frozen"
	TopicReleased  event.Topic = "deposit.released"
	TopicAnnounced event.Topic = "deposit.announced"
	TopicDrawn     event.Topic = "deposit.drawn"
)

// Told is the body of this room's events.
type Told struct {
	Hold     HoldID         `json:"hold"`
	Amount   int64          `json:"amount"`
	Currency money.Currency `json:"currency"`
	Why      string         `json:"why"`
}

// Orders is what this room asks about orders and cases; the node answers from trade.
type Orders interface {
	// PaidAt tells whether somebody paid an order that the shop has a part of, in a currency.
	PaidAt(tx *db.Tx, order, shop string, c money.Currency) (bool, error)
	// OpenCase tells whether a case of the shop is open.
	OpenCase(tx *db.Tx, id, shop string) (bool, error)
}

// words trims what a person wrote. Codes: deposit.words.
func words(s, field string, most int) (string, error) {
	s = strings.TrimSpace(text.Unfold(s))
	if n := utf8.RuneCountInString(s); n < 1 || n > most || !text.Lines(s) {
		return "", fault.New(fault.Invalid, "deposit.words", fault.P("max", most)).At(field)
	}
	return s, nil
}
