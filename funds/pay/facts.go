package pay

import (
	"cmp"
	"slices"
	"time"

	"hutong/base/fault"
)

// Limits of what a wallet may tell.
const (
	TextMax  = 64  // bytes of a txn, an account or an id in a fact
	FactsMax = 100 // facts in one notification or answer
	minorMax = 1_000_000_000_000_000
)

// Why a fact is in suspense. Stored; pages look them up as "pay.suspense.<reason>".
const (
	reasonAttempt  = "unknown_attempt"
	reasonWallet   = "wallet"   // the attempt is at another wallet
	reasonAccount  = "account"  // another merchant's money (FAULTS A8)
	reasonCurrency = "currency" // the wrong currency
	reasonAmount   = "amount"   // the wrong amount
	reasonRefund   = "unknown_refund"
	reasonTwice    = "refund_twice" // the wallet says that it paid one refund out a second time
	reasonByHand   = "by_hand"      // it says that it paid one out that the operator sent from a bank
)

// Check refuses a fact that cannot be stored: pay.malformed at its field. Adapters need not repeat it.
func (f Fact) Check() error {
	field := ""
	switch {
	case f.Provider == "" || len(f.Provider) > TextMax:
		field = "provider"
	case f.Txn == "" || len(f.Txn) > TextMax || !printable(f.Txn):
		field = "txn"
	case f.Kind != KindCapture && f.Kind != KindRefund:
		field = "kind"
	case len(f.Attempt) > TextMax || !printable(string(f.Attempt)):
		field = "attempt"
	case len(f.Refund) > TextMax || !printable(string(f.Refund)):
		field = "refund"
	case len(f.Account) > TextMax || !printable(f.Account):
		field = "account"
	case len(f.Payer) > TextMax || !printable(f.Payer):
		field = "payer"
	case f.Amount.Minor <= 0 || f.Amount.Minor > minorMax:
		field = "amount"
	case !f.Amount.Currency.Valid():
		field = "currency"
	default:
		return nil
	}
	return fault.New(fault.Invalid, "pay.malformed", fault.P("field", field)).At(field)
}

// printable tells whether s is ASCII without spaces and control characters: an outsider's ids go into logs
// and pages.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// incoming is one fact on its way through a batch.
type incoming struct {
	fact Fact      // its Payer is a mark already
	at   time.Time // when the market learnt of it
}

// key is what names a fact.
func (in *incoming) key() [3]string {
	return [3]string{in.fact.Provider, in.fact.Txn, string(in.fact.Kind)}
}

// byKey is the order in which facts are stored, so that two nodes never wait for each other.
func byKey(a, b *incoming) int {
	ka, kb := a.key(), b.key()
	return slices.Compare(ka[:], kb[:])
}

// byTime is the order in which captures compete: the shopper's first payment wins, whichever news came first.
func byTime(a, b *incoming) int {
	return cmp.Or(a.fact.At.Compare(b.fact.At), byKey(a, b))
}

// unlike tells how a fact differs from the attempt that it names, or "" when it is its exact payment. The
// order that is paid by it is the attempt's, which we stored; a message cannot name another (FAULTS A8).
func unlike(f Fact, a Attempt, known bool) string {
	switch {
	case !known || !a.leads(): // a wallet knows a bill by its first part
		return reasonAttempt
	case a.Wallet != f.Provider:
		return reasonWallet
	case a.Account != f.Account:
		return reasonAccount
	case a.Amount.Currency != f.Amount.Currency:
		return reasonCurrency
	case f.Kind == KindCapture && a.Asked().Minor != f.Amount.Minor:
		return reasonAmount
	}
	return ""
}

// unlikeRefund tells how a refund fact differs from the refund that it names, or "" when it is exactly that.
func unlikeRefund(f Fact, r Refund, known bool) string {
	switch {
	case !known || r.Attempt != "" && r.Attempt.known() != f.Attempt:
		return reasonRefund
	case r.Wallet != f.Provider:
		return reasonWallet
	case r.Amount.Currency != f.Amount.Currency:
		return reasonCurrency
	case r.Amount.Minor != f.Amount.Minor:
		return reasonAmount
	case r.State == RefundSucceeded, r.State == RefundTaken:
		return reasonTwice
	case r.State == RefundByHand:
		return reasonByHand
	}
	return ""
}
