// Package pay takes the money for orders through any wallet, and gives it back.
//
// What a wallet tells us - by notification, by answering a query, by its daily bill - are facts, and all of
// them go through one verb, ApplyFacts, that does not care in which order, how late or how often they come.
// An attempt is written before its wallet is called, the way from an attempt to its order is kept here and
// never read from a message, the first capture that the order takes wins, every further one is returned by
// itself, and what matches nothing waits in suspense. Nothing here decides about orders or stock: the room
// above does, through Purchases.
//
// Read this file first, then provider.go (what a wallet is), facts.go (the rules) and service.go (the verbs).
package pay

import (
	_ "embed"
	"time"

	"hutong/base/db"
	"hutong/base/money"
	"hutong/base/text"
)

//go:embed schema.sql
var schemaSQL string

//go:embed schema2.sql
var payersSQL string

//go:embed schema3.sql
var extraSQL string

//go:embed schema4.sql
var refusedSQL string

//go:embed schema5.sql
var billSQL string

//go:embed schema_taken.sql
var takenSQL string

//go:embed schema_hand.sql
var handSQL string

//go:embed text.json
var textJSON []byte

// Schema is this room's tables.
var Schema = db.Schema{Room: "pay", Steps: []string{schemaSQL, payersSQL, extraSQL, refusedSQL, billSQL,
	takenSQL, handSQL}}

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)

// AttemptID names one attempt, "att_...". The wallet knows the attempt by it (its out_trade_no).
type AttemptID string

// RefundID names one refund, "rfd_...". The wallet knows the refund by it (its out_refund_no), so that asking
// again can never pay twice.
type RefundID string

// State is where an attempt stands.
type State string

// The states of an attempt.
const (
	Pending   State = "pending"   // the shopper acts: pays or not
	Succeeded State = "succeeded" // nobody; the wallet took the money
	Failed    State = "failed"    // nobody; the wallet refused or closed the bill
	Cancelled State = "cancelled" // nobody; it was not paid in time
	Unknown   State = "unknown"   // Poll acts: the wallet has not answered
)

// transitions are the allowed moves. A capture always wins: money that was taken is never denied, however
// late the news; and nothing leaves Succeeded (FAULTS X12).
var transitions = map[State][]State{
	Pending:   {Succeeded, Failed, Cancelled, Unknown},
	Unknown:   {Succeeded, Failed, Cancelled, Pending},
	Failed:    {Succeeded},
	Cancelled: {Succeeded},
	Succeeded: {},
}

// Valid tells whether s is a state.
func (s State) Valid() bool { _, ok := transitions[s]; return ok }

// Attempt is one try to pay one order with one wallet.
type Attempt struct {
	ID          AttemptID
	Order       string
	Wallet      string      // the provider's name
	Account     string      // our account at the wallet, as it was when the attempt was made
	Amount      money.Money // what is to be captured for the order, exactly
	Bill        AttemptID   // the first part of the bill that it is a part of, "" when the order is paid alone
	Whole       int64       // what the bill comes to, in minor units; 0 without one
	State       State
	Ref         string      // the wallet's own name for the bill, "" until it answered
	Txn         string      // the wallet's transaction that the order took, "" until then
	LinesHash   string      // the order as it was when the attempt was made: it is frozen from here on
	Captured    int64       // captured so far, in minor units
	Refunded    int64       // of that, asked back or given back; never more than Captured
	ChargedBack int64       // taken back by the wallet without our asking; of a bill, of its one payment
	Met         int64       // of that, what answered refunds that were asked for afterwards
	Instruction Instruction // how to pay, empty until the wallet answered
	Created     time.Time
	Expires     time.Time
}

// Instruction is what the shopper needs to pay: a QR payload (EMVCo merchant-presented), a link to jump to,
// or both.
type Instruction struct {
	QR  string
	URL string
}

// Kind tells which way the money of a fact went.
type Kind string

// The kinds of fact.
const (
	KindCapture Kind = "capture" // the shopper's money came in
	KindRefund  Kind = "refund"  // it went back to the shopper
)

// Fact is one movement of money as a wallet tells it. (Provider, Txn, Kind) names it: the same fact told
// twice, by whatever way, is one fact.
type Fact struct {
	Provider string
	Txn      string // the wallet's own number of the movement
	Kind     Kind
	Attempt  AttemptID // which attempt it says it is about
	Refund   RefundID  // for a refund: which refund it says it is
	Amount   money.Money
	Account  string    // which of the wallet's merchants it is about
	At       time.Time // when it happened, by the wallet's clock
	// Payer is the account at the wallet that paid, as the wallet names it; "" when it does not say. It is not kept:
	// its mark is (Options.Mark).
	Payer string
}

// FactKey names a fact.
type FactKey struct {
	Provider string
	Txn      string
	Kind     Kind
}

// Key is the fact's name.
func (f Fact) Key() FactKey { return FactKey{f.Provider, f.Txn, f.Kind} }

// Effect is what became of a fact.
type Effect string

// The effects of a fact. The first three are stored with it.
const (
	Applied    Effect = "applied"   // the order took the capture, or the refund is done
	Returned   Effect = "refunded"  // the order did not take the capture; all of it is on its way back
	Suspended  Effect = "suspense"  // it matched nothing; an operator, or time, decides
	Duplicated Effect = "duplicate" // it was known already; nothing changed
)

// RefundState is where a refund stands.
type RefundState string

// The states of a refund.
const (
	Asked           RefundState = "asked"     // SendRefunds acts: it goes to the wallet until that has answered
	RefundSucceeded RefundState = "succeeded" // nobody; the shopper has the money
	RefundRefused   RefundState = "refused"   // the operator acts: the wallet would not
	RefundByHand    RefundState = "by_hand"   // nobody; the operator sent it from a bank, since the wallet would not
	RefundTaken     RefundState = "taken"     // nobody; the wallet had taken it back by itself, so it is not sent
)

// Refund is one sum on its way back to the shopper, out of one capture.
type Refund struct {
	ID      RefundID
	Order   string // "" for money that never found its order
	Attempt AttemptID
	Case    string // what asked for it, "" when it was returned by itself
	Wallet  string
	Txn     string // the capture that it gives back
	Amount  money.Money
	Reason  string
	Extra   bool // not out of the capture, but on top of it: to whoever paid that
	State   RefundState
	Tries   int64
	Created time.Time
	Done    time.Time
	part    int64 // of several of one case and payment, its number
}

// RefundAsk asks for money of an order back. Case names the request: asking again with the same Case gives
// the same refunds (FAULTS R15). Without a Case every ask is a new one.
type RefundAsk struct {
	Order    string
	Case     string
	Amount   int64
	Currency money.Currency
	Reason   string
	Extra    bool // on top of what was captured; needs a Case
}

// SuspenseState is where money in suspense stands.
type SuspenseState string

// The states of money in suspense.
const (
	Open     SuspenseState = "open"     // the operator acts; after three days the money goes back by itself
	Matched  SuspenseState = "matched"  // nobody; it was found to pay for an order, or was a refund's
	SentBack SuspenseState = "refunded" // nobody; it is on its way back, or has come back to us
)

// Suspense is one fact that matched nothing (FAULTS R13, A8). A capture holds money in the ledger's suspense
// account. A refund that we did not ask for holds none: it is an open break that an operator clears with the
// wallet, and that refunds of the same money are met by.
type Suspense struct {
	Fact
	Order  string // of a refund, whose payment it names
	Reason string // a code of this room's texts: "pay.suspense." + Reason
	State  SuspenseState
	Sent   RefundID // the refund that sends it back
	Since  time.Time
	Closed time.Time
}
