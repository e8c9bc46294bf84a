// Package offer says what is for sale at which price: an Offer is a SKU, its seller, the pool it comes from and a price
// in minor units. A price is never overwritten without its history: orders cite the version they were placed at.
//
// It never discounts (deal does) and never counts (stock does). Read this file first.
package offer

import (
	_ "embed"

	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/goods/stock"
)

// ID names an offer, "off_...".
type ID string

// State is an offer's position.
type State string

// The states of an offer.
const (
	Listed    State = "listed"    // shoppers buy
	Withdrawn State = "withdrawn" // the merchant may list it again
)

// Offer is a SKU for sale.
type Offer struct {
	ID           ID
	Shop         string
	Product, SKU string
	Pool         stock.PoolID
	Currency     money.Currency
	UnitPrice    int64 // minor units, what a piece costs now
	ListPrice    int64 // minor units, the struck price; 0: none
	FloorPrice   int64 // minor units, what a piece is never sold for less than; 0: none. The shop's own secret
	Version      int64 // of the price; price_history holds each
	State        State
}

// Price is the unit price as money.
func (o Offer) Price() money.Money { return money.New(o.UnitPrice, o.Currency) }

// Listing asks for a SKU to be for sale at a price.
type Listing struct {
	Shop, Product, SKU string
	Pool               stock.PoolID
	Currency           money.Currency
	UnitPrice          int64
	ListPrice          int64
	FloorPrice         *int64 // nil leaves what the offer has
}

// PriceMax bounds one unit price, in minor units: with line and order limits no sum can overflow.
const PriceMax = 10_000_000_000

// Changed is the topic of the event that names the products of one shop whose offers changed. Its subject is the shop;
// its body is a ChangedBody.
const Changed event.Topic = "offer.changed"

// ChangedBody is the body of a Changed event.
type ChangedBody struct {
	IDs []string `json:"ids"` // products
}

//go:embed schema.sql
var schemaSQL string

//go:embed schema_floor.sql
var floorSQL string

//go:embed schema_cause.sql
var causeSQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "offer", Steps: []string{schemaSQL, floorSQL, causeSQL}}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)
