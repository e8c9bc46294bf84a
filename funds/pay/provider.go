package pay

import (
	"context"
	"net/http"

	"hutong/base/money"
	"hutong/base/outside"
)

// Outcome is how a call to a wallet ended.
type Outcome = outside.Outcome

// The outcomes of a call: a clear yes, a definite no, and all else.
const (
	OK      = outside.OK
	REFUSED = outside.REFUSED
	UNKNOWN = outside.UNKNOWN
)

// Provider is one wallet. Each lives in a folder of its own; README.md shows how to add one.
//
// Calls honour ctx, may be repeated with the same ids, and never touch our tables. An error goes with REFUSED
// or UNKNOWN and is logged only.
type Provider interface {
	// Name is the wallet's stable name, such as "redbean": lower-case letters, used in tables, URLs and text
	// keys.
	Name() string
	// Account is our account at the wallet. A fact about another account is not ours (FAULTS A8).
	Account() string
	// Takes tells whether the wallet takes this amount at all: its currency, its limits.
	Takes(amount money.Money) bool
	// Begin makes a bill for the attempt at the wallet. Beginning the same attempt again gives the same bill.
	Begin(ctx context.Context, a Attempt) (Begun, Outcome, error)
	// Verify reads a notification: only a genuine one, signed with the wallet's key not longer than 300 s
	// ago, gives facts. Anything else is refused with pay.signature (401) and changes nothing.
	Verify(ctx context.Context, headers http.Header, body []byte) ([]Fact, error)
	// Query asks what became of an attempt: OK with the facts so far (none: not paid yet), REFUSED when it
	// was closed or never existed and cannot be paid any more.
	Query(ctx context.Context, a Attempt) ([]Fact, Outcome, error)
	// Refund gives back r.Amount of the capture r.Txn. OK with the fact when it is done, OK without one when
	// it was accepted and will be done; the same r.ID never pays twice.
	Refund(ctx context.Context, r Refund) ([]Fact, Outcome, error)
	// Reply is what the wallet wants to read when a notification has arrived.
	Reply() (contentType string, body []byte)
}

// Giver is a Provider that can also send money of the market's own account to whoever paid r.Txn, as wallets'
// transfers to their users do: what goes back on top of a payment. It answers like Refund, and the fact it tells is
// a refund's. At a wallet without it the refund is refused and the operator sends the money by hand.
type Giver interface {
	Give(ctx context.Context, r Refund) ([]Fact, Outcome, error)
}

// Begun is the wallet's answer to Begin.
type Begun struct {
	Ref         string // the wallet's own name for the bill
	Instruction Instruction
}
