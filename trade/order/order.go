// Package order is what a shopper placed and pays once: an Order, one Suborder per seller, Lines, and the Steps that
// each took through its states.
//
// It decides every race about an order by one conditional update on its state: pay against expire against cancel. It
// never prices (checkout does) and never talks to a wallet or a carrier. Read this file first, then states.go.
package order

import (
	_ "embed"
	"slices"
	"time"

	"hutong/base/db"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/quota"
)

// ID names an order, "ord_...".
type ID string

// Order is what one shopper placed at once.
type Order struct {
	ID          ID
	Shopper     string
	State       State
	Currency    money.Currency
	Goods       int64 // minor units, what the lines cost
	Freight     int64 // minor units, what their carriage costs
	Total       int64 // minor units, what is paid
	Address     string
	Quote       string // "quo_...", the quote it was placed by: whoever places that again gets this order; "": by none
	RequestHash string // tells a repeated request from another one under the same token
	Lang        text.Lang
	Source      string
	Remark      string
	PlacedAt    time.Time
	ExpiresAt   time.Time // when an unpaid order lapses
	PaidAt      time.Time
	ClosedAt    time.Time
	TakenAt     time.Time    // when a wallet took money of it back by itself; zero: none did, or no more
	Reason      string       // why it was cancelled: "shopper", "expired", "refunded", WhyAccount
	Step        int64        // the number of its last Step
	Bill        ID           // the ordinary order of those that are paid together with this one; "": it is paid alone
	Parts       []Part       // of a new order, the balances that are paid with it; not read back here
	Earnest     int64        // of Total, what is paid first of an order that is paid in two parts; 0 for any other
	Presale     *Presale     // of such an order, where it is read with its parts
	Rules       int64        // the version of the market's promotions that it was priced under; 0 before there were any
	Needs       []quota.Need // what placing it takes beside stock; kept by deal/quota and not read back here
	Chosen      bool         // of a new order, its shopper named the vouchers that it uses; not read back here
	Basis       string       // of a new order whose refunds price its rest again: promo.Basis; not read back here
	Subs        []Sub
	Steps       []Step
}

// Sub is the part of one seller.
type Sub struct {
	Order           ID
	Seq             int64 // 1, 2, ... within the order
	Shop            string
	State           SubState
	Goods, Freight  int64
	Carrier, Pickup string
	ShippedAt       time.Time
	ConfirmBy       time.Time // when receipt confirms itself; zero before shipping
	ClosedAt        time.Time
	FreightRefunded int64
	Step            int64  // the number of its last Step
	Waits           string // what keeps it from its merchant: WaitsGroup, "" for nothing
	ShipHours       int64  // within so many hours of being paid it is sent; 0: nothing was promised, or it is a presale's
	Lines           []Line
}

// Line is one offer times a quantity.
type Line struct {
	Order            ID
	No               int64 // 1, 2, ... within the order
	Seq              int64
	Shop             string
	Offer            string
	Product, SKU     string
	Pool             string
	Title, Choice    string // as the shopper saw them
	Picture          string
	Quantity         int64
	UnitPrice        int64
	PriceVersion     int64 // of price_history
	Discount         int64
	Discounts        string // what took it off and who pays it: DecodeDiscounts
	Funded           int64  // of Discount, what others than the shop pay
	Paid             int64
	FeePPM           money.PPM
	FeeRule          string
	RefundedQuantity int64
	Refunded         int64
	FundedBack       int64 // of Funded, what went back to the funders
	Lowered          int64 // of Paid, what went back while the shopper keeps the pieces
	Topped           int64 // of Lowered, what others than the shop pay, less what went back to them
	// Of an order whose rest was priced again, see Repricing: what the pieces that are left cost above what their share of
	// the old price was, or below; what others than the shop get of that; and those pieces' discounts since.
	Kept, KeptFunded int64
	Standing         string
	piecesBefore     int64 // RefundedQuantity and Refunded when it was last lowered
	refundedBefore   int64
	Released         int64 // of RefundedQuantity, given back before they were sent
	Returned         int64 // of RefundedQuantity, come back after they were sent
}

// Step is one edge of the path through the states; Seq 0 is the order itself.
type Step struct {
	Order    ID
	Seq      int64
	No       int64 // 1, 2, ... per (order, seq)
	From, To string
	Actor    string
	Cause    string
	At       time.Time
}

// Amount is the total as money.
func (o Order) Amount() money.Money { return money.New(o.Total, o.Currency) }

// Undecided tells whether the operator has still to say what becomes of an order whose money was taken back: it waits
// to be paid whole, or something of it waits to be sent.
func (o Order) Undecided() bool {
	return !o.TakenAt.IsZero() && (o.State == AwaitingPayment || o.State == Paid &&
		slices.ContainsFunc(o.Subs, func(s Sub) bool { return s.State == SubOpen }))
}

// Lines are all lines in order of their numbers.
func (o Order) Lines() []Line {
	var all []Line
	for _, s := range o.Subs {
		all = append(all, s.Lines...)
	}
	return all
}

// Sent are the pieces of the line that left the shop, once its suborder has.
func (l Line) Sent() int64 { return l.Quantity - l.Released }

// Left are the pieces of the line that were not refunded.
func (l Line) Left() int64 { return l.Quantity - l.RefundedQuantity }

//go:embed schema.sql
var schemaSQL string

//go:embed schema2.sql
var discountsSQL string

//go:embed schema3.sql
var waitsSQL string

//go:embed schema_topped.sql
var toppedSQL string

//go:embed schema_presales.sql
var presalesSQL string

//go:embed schema_ships.sql
var shipsSQL string

//go:embed schema_pieces.sql
var piecesSQL string

//go:embed schema_bills.sql
var billsSQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "order", Steps: []string{schemaSQL, discountsSQL, waitsSQL, toppedSQL, presalesSQL,
	shipsSQL, piecesSQL, billsSQL, takenSQL, quotesSQL, hoursSQL,
	repricedSQL}}

//go:embed schema_taken.sql
var takenSQL string

//go:embed schema_quotes.sql
var quotesSQL string

//go:embed schema_hours.sql
var hoursSQL string

//go:embed schema_repriced.sql
var repricedSQL string

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)
