// Package ship brings parcels to shoppers by any carrier, and tells where they are.
//
// A Carrier is one outside party in a folder of its own; everything it says is checked before it is believed. Options
// tells what may carry a parcel and for how much, Dispatch hands the parcel over and moves the order in one
// transaction, Track stores what carriers report. Where a parcel stands follows from the set of its events alone,
// whatever order they arrived in.
//
// It never decides about money and never calls a carrier inside a transaction.
// Read this file first, then carrier.go (what a carrier is) and event.go (where a parcel stands); README.md shows how
// to add a carrier.
package ship

import (
	_ "embed"
	"time"

	"hutong/base/db"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/party/shopper"
	"hutong/trade/order"
)

// Parcel is what is to be carried. Callers say the first four; From and Points are looked up for the shop.
type Parcel struct {
	Shop    string
	To      shopper.Address
	WeightG int64       // grams; 0 when nobody weighed the goods
	Goods   money.Money // what the goods cost; freight is in the same currency
	From    Origin
	Points  []Point // where the shop hands parcels out
}

// Origin is where a shop sends its parcels from.
type Origin struct {
	Country  string // ISO 3166-1, two letters
	Division string // in China the code of the area, city or province; elsewhere ""
}

// Point is a place where a shopper can fetch parcels of a shop.
type Point struct {
	Code    string `json:"code"` // unique within the shop
	Zh      string `json:"zh"`   // its name
	En      string `json:"en"`
	Address string `json:"address"`
}

// Option is one way for a parcel to reach the shopper.
type Option struct {
	Carrier          string
	Freight          int64 // minor units of the goods' currency
	DaysMin, DaysMax int
	Pickup           bool    // the shopper fetches it at one of Points
	Points           []Point // only with Pickup, at least one
}

// State is where a parcel stands.
type State string

// The states of a parcel, with who acts next.
const (
	Booked    State = "booked"     // the carrier collects it; at a pickup point: the shopper does
	InTransit State = "in_transit" // the carrier delivers it
	Delivered State = "delivered"  // nobody; the shopper has it
	Returned  State = "returned"   // the merchant: the parcel came back
)

// Shipment is a parcel handed to a carrier: one suborder's goods.
type Shipment struct {
	ID          string // "shm_..."
	Order       order.ID
	Seq         int64
	Shop        string
	Shopper     string
	Carrier     string
	TrackingNo  string
	Point       string // code of the pickup point, "" when it is delivered to the door
	PickupCode  string // what the shopper shows there; a secret between the shopper and the point
	State       State
	BookedAt    time.Time
	DeliveredAt time.Time // when the shopper first had it; zero before
	ChangedAt   time.Time // when there was news of it last
	Events      []Event   // oldest first, where the caller asked for them
}

//go:embed schema.sql
var schemaSQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "ship", Steps: []string{schemaSQL}}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)
