// Package sandbox is the back room of the market's simulated wallets: an outside company that keeps bills, takes
// shoppers' play money, gives it back, and tells the merchant about it - late, twice or never, if a test asks for that.
//
// It knows nothing of the market: it keeps tables of its own, and reaches the market only through the transport that
// it was given, with bytes that each wallet signs in its own way (a Dialect). It moves no real money.
// Read this file first, then service.go.
package sandbox

import (
	_ "embed"
	"net/http"
	"time"

	"hutong/base/db"
	"hutong/base/money"
	"hutong/base/text"
)

//go:embed schema.sql
var schemaSQL string

//go:embed schema2.sql
var payerSQL string

//go:embed text.json
var textJSON []byte

// Schema is the simulated company's tables.
var Schema = db.Schema{Room: "sandbox", Steps: []string{schemaSQL, payerSQL}}

// Texts are its sentences.
var Texts = text.MustParse(textJSON)

// State is where a bill stands.
type State string

// The states of a bill.
const (
	Unpaid State = "unpaid" // the shopper acts
	Paid   State = "paid"   // nobody
	Closed State = "closed" // nobody; the shopper refused
)

// Bill is what a merchant asks a shopper for.
type Bill struct {
	Wallet   string
	No       string // the wallet's number
	Trade    string // the merchant's number, one bill each
	Order    string // what the merchant says it is for
	Amount   money.Money
	Payee    string
	Account  string // the merchant's account at the wallet
	State    State
	Txn      string // the number of the payment, "" until it is paid
	Payer    string // the shopper's account at the wallet that paid, "" until then or when nobody said
	Refunded int64  // given back so far, in minor units
	Created  time.Time
	Expires  time.Time
	Paid     time.Time
}

// Life is how long a bill can be paid.
const Life = 2 * time.Hour

// Refund is money given back of a paid bill.
type Refund struct {
	Wallet string
	No     string // the merchant's number: the same number never pays twice
	Bill   string
	Txn    string
	Amount money.Money
	Done   time.Time
}

// Behaviour is how a wallet tells the merchant of a payment. The zero value is once and at once.
type Behaviour struct {
	Late  time.Duration // tells that much later
	Times int           // tells that often; 0 is once
	Drop  bool          // never tells; the merchant has to ask
	Payer string        // the shopper's account at the wallet, "" of none in particular
}

// PayerMax bounds Behaviour.Payer, in characters.
const PayerMax = 32

// TimesMax bounds Behaviour.Times, and LateMax its delay.
const (
	TimesMax = 20
	LateMax  = 24 * time.Hour
)

// Notice is what a wallet tells a merchant: that a bill was paid, or that money was given back.
type Notice struct {
	Txn      string // of the payment or of the refund
	Refunded bool
	Trade    string
	Refund   string // the merchant's number of the refund, "" for a payment
	Account  string
	Amount   money.Money
	At       time.Time
	Payer    string // the account that paid, "" in a refund
}

// Dialect is how one wallet writes and signs its notices.
type Dialect interface {
	// Name is the wallet's name.
	Name() string
	// Write makes the bytes of a notice, signed as of now.
	Write(n Notice, now time.Time) (http.Header, []byte, error)
	// Heard tells whether the merchant's answer means that it need not be told again.
	Heard(status int, body []byte) bool
}
