// Package stock counts goods and never sells the same piece twice.
//
// A Pool is one count. What an order that is not paid holds of it are the order's lines, counted in Held: no row of its
// own says so again. Once it is paid, a Reservation keeps pieces for each line until the merchant ships. Every change
// of a count is written in the transaction that records why, guarded by the row itself (the table refuses to be
// oversold), and hot verbs change counts through a Book: loaded for a whole batch, decided in memory in order, saved
// set-based.
//
// It never knows prices or orders beyond their ids. Read this file first, then book.go.
package stock

import (
	_ "embed"

	"hutong/base/db"
	"hutong/base/text"
)

// PoolID names a pool, "pol_...".
type PoolID string

// MainPlace is the place of a shop's ordinary pool.
const MainPlace = "main"

// Pool is one count of one SKU at one place and purpose, in pieces.
type Pool struct {
	ID         PoolID
	Shop, SKU  string
	Place      string
	Open       bool  // whether orders may take from it
	Received   int64 // ever received
	Returned   int64 // came back from shoppers
	WrittenOff int64 // lost, broken, counted away
	Held       int64 // reserved, not yet paid
	Sold       int64 // paid, not yet shipped
	Shipped    int64 // on their way or delivered
}

// Free is what can be sold now.
func (p Pool) Free() int64 { return p.OnHand() - p.Held - p.Sold }

// OnHand is what lies in the pool, whether promised or not.
func (p Pool) OnHand() int64 { return p.Received + p.Returned - p.WrittenOff - p.Shipped }

// State is a reservation's position.
type State string

// The states of a reservation, with who acts next.
const (
	Committed State = "committed" // the merchant ships
	Shipped   State = "shipped"   // nobody; the pieces have left
	Released  State = "released"  // nobody; the pieces are free again
)

// Reservation is the stock of one order line: what it holds, and once it is paid the row of that name.
type Reservation struct {
	Order    string
	Line     int64
	Pool     PoolID
	Quantity int64 // pieces of the line
	Released int64 // of those, given back before shipping
	Returned int64 // of those, come back after shipping
	State    State // of a row
}

// Units are pieces of one order line.
type Units struct {
	Order string
	Line  int64
	Units int64
}

// Receipt is goods that arrived. The pool is found, or made, by shop and SKU.
type Receipt struct {
	Shop, SKU string
	Quantity  int64 // pieces, 0 makes an empty pool
	Ref       string
}

//go:embed schema.sql
var schemaSQL string

//go:embed schema2.sql
var schema2SQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "stock", Steps: []string{schemaSQL, schema2SQL}}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)
