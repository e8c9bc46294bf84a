// Package checkout turns a basket into an order: Quote prices it and seals the answer in a token; Place opens
// the token, takes the stock and writes the order, in batches, one commit for many shoppers.
//
// The price of an order is the price of its quote, for as long as that holds: the token carries it, so nothing a caller
// sends can change it, and placing asks nobody again. It never touches a payment.
// Read service_quote.go first (what a basket becomes), then service_place.go (how many become orders at once).
package checkout

import (
	_ "embed"
	"time"

	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/promo"
	"hutong/trade/order"
	"hutong/trade/ship"
)

// TokenMax bounds the length in bytes of a token for so many lines, all of them with the longest titles.
func TokenMax(lines int) int { return 4096 + 2048*lines + 4*(BasisMax(lines)+2)/3 }

// Settings are the market's limits and times. Each has a safe default in DefaultSettings.
type Settings struct {
	Currency     money.Currency
	LinesMax     int           // lines of one order
	QuantityMax  int64         // pieces of one line
	QuoteHolds   time.Duration // how long a token is good for
	PayWithin    time.Duration // how long an order waits for its payment
	RemarkMax    int           // characters of the shopper's note
	UnpaidMax    int64         // unpaid orders of one shopper that may hold pieces of a sale (FAULTS P11)
	LaneWorkers  int           // batches decided at once
	LaneQueueMax int           // orders that may wait
	LaneBatchMax int           // orders decided together
}

// DefaultSettings are those of a Chinese market.
func DefaultSettings() Settings {
	return Settings{Currency: "CNY", LinesMax: 100, QuantityMax: 9_999, QuoteHolds: 15 * time.Minute,
		PayWithin: 15 * time.Minute, RemarkMax: 200, UnpaidMax: 5, LaneWorkers: 1, LaneQueueMax: 4096, LaneBatchMax: 256}
}

// Basket is what a shopper wants to buy. It holds no price: those are the market's to say.
type Basket struct {
	Lines    []BasketLine
	Address  string                   // one of the shopper's addresses; "" quotes without carriage and without a token
	Carriers map[string]CarrierChoice // by shop; a shop without a choice gets its first carrier
	Claims   []string                 // the vouchers to use, of those that the shopper holds; nil: the best of all
	Group    string                   // the place in a group that is wanted, beside Claims; "" for none
	Presale  string                   // the campaign's item whose earnest is to be paid, alone in its basket; "" for none
	Balances []order.ID               // presales whose balance is open, to be paid together with the lines
	Lang     text.Lang

	choosing bool // what could be chosen instead is told, too
	invited  bool // Group was let in before: who has its token was told the code
}

// BasketLine is one offer times a quantity.
type BasketLine struct {
	Offer    string
	Quantity int64
}

// CarrierChoice is how one shop's part travels.
type CarrierChoice struct {
	Carrier string
	Pickup  string // the pickup point, for carriers that have them
}

// Quote is a priced basket. With a Token it is a promise until ExpiresAt, except that stock is not held.
type Quote struct {
	Order     order.Order // what would be placed, with its lines
	Currency  money.Currency
	Shops     []ShopQuote
	Balances  []BalanceLine // what is paid together with the order
	Problems  []Problem     // why it cannot be placed as it is; no token then
	Why       promo.Answer  // how the promotions came to the price; empty in a market without any
	Choices   []Choice      // the vouchers and red packets that can be used
	Strange   []string      // the claims that were named and are none that the shopper holds and can use
	Deals     time.Time     // when the first of the applied promotions ends; zero: none does
	Token     string
	ExpiresAt time.Time
}

// Reprices tells whether refunds of the order would price again what is left of it, which its shopper is to be told
// before placing it: what that costs by itself stays paid (RULES 1.6c).
func (q Quote) Reprices() bool { return q.Order.Basis != "" }

// Pay is what is paid, once, for the order and the balances with it.
func (q Quote) Pay() money.Money { return money.New(q.Order.Together(), q.Currency) }

// BalanceLine is the balance of a presale order as it is paid together with others: thresholds count what its goods
// cost beside theirs.
type BalanceLine struct {
	Order order.Order // as it was agreed
	Line  order.Line  // its line, as promotions of now leave it
	Off   int64       // minor units: what they take off
	Ask   int64       // minor units: what is left to pay
}

// ShopQuote says how one shop's part can travel, and how it will.
type ShopQuote struct {
	Shop    string
	Chosen  string // a carrier of Options; "" when none serves the address
	Options []ship.Option
}

// Problem is one line that cannot be bought as it is.
type Problem struct {
	Offer string
	Err   error
}

// Place asks for the order of a token.
type Place struct {
	Token   string
	Shopper string
	Remark  string // the shopper's note to the sellers
	Source  string // where the shopper came from
	Agreed  bool   // of a presale: to what becomes of the earnest when one side does not keep its word
}

// Placed is the order that a token became. It says the same however often the token is placed.
type Placed struct {
	Order     order.ID       `json:"order"`
	State     order.State    `json:"state"` // as it was placed
	Total     int64          `json:"total"` // minor units
	Currency  money.Currency `json:"currency"`
	ExpiresAt time.Time      `json:"expires_at"`
	Earnest   int64          `json:"earnest,omitempty"` // of the total, what is paid first
	Together  int64          `json:"together"`          // what one payment pays, with the balances placed with it
	Replayed  bool           `json:"-"`                 // the order was there already
}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)
