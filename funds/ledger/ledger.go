// Package ledger is the market's double-entry books: every movement of money is one transfer from one account to
// another, appended to the chain of its currency and never changed. A mistake is corrected by the opposite transfer.
//
// It refuses to give away what is not there: the escrow of an order never falls below zero, so no defect above it can
// refund or settle more than was captured. It never decides who is owed what; funds/pay and funds/settle do.
//
// Read this file first (accounts, kinds, transfers), then rules.go (the guards) and chain.go (the hash chain).
package ledger

import (
	"strings"
	"time"

	"hutong/base/money"
)

// Account is one place where money is: made by the functions below, never by hand.
type Account string

// The accounts that exist once.
const (
	Escrow   Account = "escrow"        // captured money whose order is not settled; owed to shoppers and shops
	Suspense Account = "suspense"      // captured money that matches no order; owed to whoever sent it
	Earnest  Account = "earnest"       // earnest money of presales whose balance is open; owed to one side or the other
	Fees     Account = "platform:fees" // what the operator earned
	OwnBank  Account = "own_bank"      // what the operator's bank gave shoppers, and wallets still hold
)

// Wallet is the money that a payment provider holds for the market. Its balance is below zero when there is some.
func Wallet(name string) Account { return Account("wallet:" + name) }

// Refunding is the money on its way back through a payment provider.
func Refunding(name string) Account { return Account("refunding:" + name) }

// Merchant is what the market owes a shop. It may fall below zero: a refund can come after the payout.
func Merchant(shop string) Account { return Account("merchant:" + shop) }

// Carrier is what the market owes a carrier for freight.
func Carrier(name string) Account { return Account("carrier:" + name) }

// Funder is who pays part of a price in the shopper's place: "platform", a wallet, a brand. What it paid so far, or
// owes the market, is its balance below zero. A shop that lowers its own price pays nobody and has none.
func Funder(name string) Account { return Account("funder:" + name) }

// Payout is the money sent to a shop's bank.
func Payout(shop string) Account { return Account("payout:" + shop) }

// Deposit is the security deposit that a shop has left with the operator.
func Deposit(shop string) Account { return Account("deposit:" + shop) }

// Bank is the shop's own bank, as far as a deposit came from there: below zero by what the market keeps of it.
func Bank(shop string) Account { return Account("bank:" + shop) }

// Class is the account's first word: "wallet", "escrow", "refunding", "merchant", "platform", "carrier", "funder",
// "suspense", "earnest", "own_bank", "payout", "deposit" or "bank".
func (a Account) Class() string {
	class, _, _ := strings.Cut(string(a), ":")
	return class
}

// Valid tells whether the functions above make such an account.
func (a Account) Valid() bool {
	switch class, owner, split := strings.Cut(string(a), ":"); class {
	case "wallet", "refunding", "merchant", "carrier", "funder", "payout", "deposit", "bank":
		return owner != ""
	case "escrow", "suspense", "earnest", "own_bank":
		return !split
	default:
		return a == Fees
	}
}

// Owner is what follows the first word: the shop, wallet or carrier; "" for an account that exists once.
func (a Account) Owner() string {
	_, owner, _ := strings.Cut(string(a), ":")
	return owner
}

// ShopOf is the shop whose Merchant account this is; ok is false for any other account.
func ShopOf(a Account) (shop string, ok bool) { return strings.CutPrefix(string(a), "merchant:") }

// MustCover tells whether the account may never fall below zero.
func (a Account) MustCover() bool {
	return a == Escrow || a == Suspense || a == Earnest || strings.HasPrefix(string(a), "refunding:") ||
		strings.HasPrefix(string(a), "deposit:")
}

// Kind says why money moved.
type Kind string

// The kinds of transfer, with the accounts they lead from (debit) and to (credit).
const (
	Capture         Kind = "capture"          // wallet -> escrow: a shopper paid
	RefundAsked     Kind = "refund_asked"     // escrow -> refunding: a refund was decided
	RefundDone      Kind = "refund_done"      // refunding -> wallet: the provider paid it out
	RefundByHand    Kind = "refund_by_hand"   // refunding -> own_bank: the operator sent it, for the provider would not
	RefundAgain     Kind = "refund_again"     // wallet -> refunding: what had been taken back is here again, and sent now
	RefundRefused   Kind = "refund_refused"   // refunding -> escrow: the provider will never pay it out
	Goods           Kind = "goods"            // escrow -> merchant: the shop's part of a completed suborder
	Fee             Kind = "fee"              // escrow -> platform: the operator's part of it
	Freight         Kind = "freight"          // escrow -> carrier, or merchant for own delivery
	GoodsBack       Kind = "goods_back"       // merchant -> escrow: taken back because of a refund
	FeeBack         Kind = "fee_back"         // platform -> escrow
	FreightBack     Kind = "freight_back"     // carrier or merchant -> escrow
	Funding         Kind = "funding"          // funder -> escrow: its part of the price of a completed suborder
	FundingBack     Kind = "funding_back"     // escrow -> funder: taken back because of a refund
	PaidOut         Kind = "payout"           // merchant -> payout: a statement was paid
	PayoutBack      Kind = "payout_back"      // payout -> merchant: the bank sent it back
	Charged         Kind = "charge"           // merchant or deposit -> platform: a shop agreed to owe it
	ChargeBack      Kind = "charge_back"      // platform -> merchant or deposit: the market called off what it was for
	DepositIn       Kind = "deposit_in"       // bank -> deposit: a shop left it with the operator
	DepositOut      Kind = "deposit_out"      // deposit -> bank
	DepositDrawn    Kind = "deposit_drawn"    // deposit -> platform: the operator drew on it
	Redress         Kind = "redress"          // deposit -> escrow: for the shopper of an order, on top of what they paid
	SuspenseIn      Kind = "suspense_in"      // wallet -> suspense: money that matches nothing
	SuspenseOut     Kind = "suspense_out"     // suspense -> refunding: sent back
	SuspenseMatched Kind = "suspense_matched" // suspense -> escrow: it belonged to an order after all
	EarnestHeld     Kind = "earnest_held"     // escrow -> earnest: it is paid, the balance is not
	EarnestFreed    Kind = "earnest_freed"    // earnest -> escrow: the balance is paid, or one side did not keep its word
	Forfeit         Kind = "forfeit"          // escrow -> merchant: the shopper did not pay the balance
	ForfeitBack     Kind = "forfeit_back"     // merchant -> escrow: the shop did not deliver, and gives as much of its own
)

// Transfer is one movement of money: Amount leaves Debit and arrives at Credit.
type Transfer struct {
	Debit, Credit Account
	Amount        int64 // minor units, above zero
	Currency      money.Currency
	Kind          Kind
	Order         string // the order it belongs to; required when escrow is touched
	Line          int    // the order line, 0 when it is about more than one
	Shop          string // the shop it is about, "" if none
	Ref           string // what caused it: an attempt, refund, case or statement

	// Set by Post.
	ID   string // "trf_...", made from the hash
	Seq  int64  // position in the chain of its currency, from 1 without gaps
	At   time.Time
	Hash string // the link, see chain.go
}

// Standing is an account's two counters in one currency.
type Standing struct {
	Account  Account
	Currency money.Currency
	Debits   int64 // all that ever left
	Credits  int64 // all that ever arrived
}

// Net is what the account holds: credits minus debits.
func (s Standing) Net() int64 { return s.Credits - s.Debits }
