// Package deposit keeps the security deposits of shops: what a shop has left with the operator as a warrant for its
// promises (RULES 3.4). Paid in and out are bookings of the ledger, whose account never falls below zero.
//
// One of the market's staff records what the bank shows as paid in; paying out takes two. What is held (hold.go) cannot
// be paid out: frozen while a matter is open, or announced to be drawn for the market or for a shopper whom the shop
// did harm, against which the shop may appeal. It never decides what a sale asks for: deal/campaign reads how the
// deposit stands. Read this file first, then hold.go.
package deposit

import (
	_ "embed"
	"time"

	"hutong/base/db"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/party/login"
)

// Move is one change of a shop's deposit.
type Move struct {
	ID       string // "dpm_..."
	Shop     string
	Currency money.Currency
	Amount   int64  // above 0 paid in, below 0 paid out
	Ref      string // the bank's name for it, or the request that two people agreed to
	By       login.ID
	At       time.Time
}

// RefMax bounds a bank's reference, in characters.
const RefMax = 60

// PayOutRequest is the kind of request by which a deposit is paid out: two people must agree.
const PayOutRequest = "deposit_out"

// PayOutAsked is the payload of such a request; its subject is the shop.
type PayOutAsked struct {
	Currency string `json:"currency"`
	Amount   int64  `json:"amount"`
}

var (
	//go:embed schema.sql
	schemaSQL string
	//go:embed schema_holds.sql
	holdsSQL string
)

// Schema is this room's tables.
var Schema = db.Schema{Room: "deposit", Steps: []string{schemaSQL, holdsSQL}}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)
