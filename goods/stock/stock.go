// Package stock counts goods and never sells the same piece twice.
//
// A Pool is one count. What an order takes of it are the order's lines, counted in Held while it is unpaid, in
// Sold once it is paid, in Shipped when it has left: no row of this room says so again. Every change of a count
// is written in the transaction that records why, guarded by the row itself (the table refuses to be oversold),
// and hot verbs change counts through a Book: loaded for a whole batch, decided in memory in order, saved set-
// based.
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

// Reservation is what one line of an order takes of a pool, or some pieces of that. How far they are, and that they
// move on once, is the order's to know: its line says how many were given back before and after they were sent.
type Reservation struct {
	Order    string
	Pool     PoolID
	Quantity int64
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

//go:embed schema_counts.sql
var schemaCountsSQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "stock", Steps: []string{schemaSQL, schema2SQL, schemaCountsSQL}}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)
