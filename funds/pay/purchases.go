package pay

import (
	"time"

	"hutong/base/db"
	"hutong/base/money"
	"hutong/funds/ledger"
)

// Purchases is what pay must know of and tell to whoever sells: trade/order implements it.
type Purchases interface {
	// Due tells what is to be paid for an order. An order that does not exist is a not_found refusal.
	Due(tx *db.Tx, order string) (Due, error)
	// Captured tells of money that came in, oldest first, in the transaction that books it, and is answered
	// with one Verdict each, in the same order. Two captures may be for the same order, and an order may be
	// long cancelled: then stock is taken again, or the money returned. An error rejects the whole call, so
	// an order that merely cannot take the money is a Return, not an error. It may be run again for the same
	// captures when the transaction was rolled back. Of a bill all captures are taken or none.
	Captured(tx *db.Tx, at time.Time, captures []Capture) ([]Verdict, error)
	// HoldOrders holds orders until the commit. Who changes what was taken back of their payments, or what is refunded of
	// them, holds the orders first and the payments after them, so that nobody waits for each other.
	HoldOrders(tx *db.Tx, orders []string) error
	// TakenBack tells, in the transaction that books it, of orders of whose money a wallet took back something by itself:
	// nothing should leave the shops for it until somebody has decided. It may be told again of the same order.
	TakenBack(tx *db.Tx, at time.Time, orders []string) error
	// TakenMet tells, in the transaction that books it, of orders of whose payments all that was taken back is given back
	// by now, by refunds that were met by it: what is left of them is paid.
	TakenMet(tx *db.Tx, at time.Time, orders []string) error
}

// Due is what an order has to have paid.
type Due struct {
	Order     string
	Shopper   string
	Amount    money.Money
	Payable   bool      // whether it waits for its payment at all
	LinesHash string    // changes when anything changes that the amount was made of
	ExpiresAt time.Time // until when it waits
	OpensAt   time.Time // before which it is not taken: the balance of a presale; the zero time for any other
	// Parts are the orders that one payment pays together, Order first; Amount is their sum. Nil for an order that is
	// paid alone.
	Parts []DuePart
}

// DuePart is one of the orders that are paid together.
type DuePart struct {
	Order     string
	Amount    int64 // minor units
	LinesHash string
}

// Capture is money that came in for an order: always exactly what its attempt was for.
type Capture struct {
	Order    string
	Attempt  AttemptID
	Wallet   string
	Amount   int64
	Currency money.Currency
	Lines    string    // what its attempt was made for: Due.LinesHash of then
	At       time.Time // when the market learnt of it
	PaidAt   time.Time // when it happened by the wallet's clock
	Payer    string    // the mark of the account that paid; "" when it is not known
	// Parts, of the first capture of a bill, is how many there are of it, one after the other: one payment, which is taken
	// for all of their orders or for none. 0 for any other.
	Parts int
}

// Verdict is what an order does with a capture.
type Verdict struct {
	Taken  bool              // the order is paid with it; otherwise all of it goes back
	Reason string            // why it goes back, as a code of the order's texts: "order.already_paid"
	Then   []ledger.Transfer // where taken money goes on to from the order's escrow, posted with the capture
}

// Take is the verdict that the order is paid with the capture.
func Take() Verdict { return Verdict{Taken: true} }

// Return is the verdict that the whole capture goes back to the shopper.
func Return(reason string) Verdict { return Verdict{Reason: reason} }
