// Package guarantee gives the difference back when the public price of received goods falls: by itself, once a day and
// when a price changes, or when the shopper asks.
//
// The rule itself is deal/guarantee's and knows no orders; this room stands in trade since it reads them and gives
// their money back: through trade/order's Lower, as a group's ladder does, so that books, fees and the ceiling of every
// later refund follow. Goods are protected from when they were received; only their shopper's, never gifts, and never
// more than is still paid. It never charges a shop for a price that others pay for: those pay, as far
// as the market's budget of the month goes. Read this file first, then service_look.go and service_settle.go.
package guarantee

import (
	_ "embed"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/guarantee"
	"hutong/deal/promo"
	"hutong/deal/promo/points"
	"hutong/deal/promo/redpacket"
	"hutong/goods/offer"
	"hutong/trade/order"
)

// Line is a protected order line.
type Line struct {
	Order              order.ID
	No, Seq            int64
	Shop, Product, SKU string
	Offer              string
	Price              guarantee.Price // what a piece is protected at
	Claims             int64           // how often something was given back
	Given              int64           // minor units, what that was in all
	Until              time.Time
	steps              int64     // the number of its last Claim
	due                time.Time // when it is looked at next; zero: it is over
}

// Claim is one fall of a line's price, with what it brought. The numbers are its evidence: a price of the offer's
// history, the promotions that took something off, and both prices of a piece.
type Claim struct {
	Order        order.ID
	Line, Step   int64
	Shop, Offer  string
	PriceVersion int64
	Basis        guarantee.Basis
	From, Now    int64 // minor units, of a piece: what it was protected at, and what it costs
	Each         int64
	Pieces       int64
	Amount       int64
	Others       []guarantee.Share // of Amount, what others than the shop gave back
	Reason       string            // why nothing was given back, a code of this room; "" where something was
	Asked        bool              // by the shopper
	At           time.Time
	ownEach      int64 // of Each, the shop's
}

// Own is what the shop gave back.
func (c Claim) Own() int64 {
	own := c.Amount
	for _, o := range c.Others {
		own -= o.Amount
	}
	return own
}

// ref names a claim for the order and for the wallet: it lowers its line once and is paid out once.
func (c Claim) ref() string {
	return "guarantee." + strconv.FormatInt(c.Line, 10) + "." + strconv.FormatInt(c.Step, 10)
}

// cited is the stored form of the promotions: [[id, version], ...].
func (c Claim) cited() (string, error) {
	all := make([][2]any, len(c.Basis.Promotions))
	for i, p := range c.Basis.Promotions {
		all[i] = [2]any{p.Promotion, p.Version}
	}
	b, err := json.Marshal(all)
	return string(b), err
}

// personal are the kinds of promotions that are a shopper's own though nothing was claimed.
var personal = map[string]bool{redpacket.Name: true, points.Name: true}

// bought is what a piece of a line was sold for to everybody, as the order keeps it (RULES C7), rounded down. A group's
// price was everybody's who bought so, and counts: who bought cheaper than alone is owed nothing before that falls.
// What others than its shop paid of the line is told beside it.
func bought(l order.Line) (p guarantee.Price, others []guarantee.Share, err error) {
	all, err := order.DecodeDiscounts(l.Discounts)
	if err != nil {
		return p, nil, err
	}
	public := l.Paid + l.Discount
	own := public
	for _, d := range all {
		if personal[d.Kind] || d.Claim != "" && !strings.HasPrefix(d.Promotion, order.GroupPrice) {
			continue
		}
		public -= d.Amount
		for _, s := range d.Funding {
			if s.Party == order.Merchant || s.Party == l.Shop {
				own -= s.Amount
			} else {
				others = guarantee.With(others, s.Party, s.Amount)
			}
		}
	}
	return guarantee.Price{Public: public / l.Quantity, Own: own / l.Quantity}, others, nil
}

// whyBack is why a line's price is lowered here.
const whyBack = "guarantee.back"

// held is the line as it stands against its order. What else was given back of the price while the pieces stay, as by
// a group's ladder, was given back already.
func (g Line) held(tx *db.Tx, l order.Line) (h guarantee.Held, err error) {
	h = guarantee.Held{Price: g.Price, Pieces: l.Left(), Most: l.Lowerable(), Claims: g.Claims}
	if l.Lowered > g.Given {
		var each int64
		each, err = order.LoweredEach(tx, l, whyBack)
		h.Price = h.Less(each, each)
	}
	return h, err
}

// protect makes the protection of a received line; ok is false for a gift.
func protect(l order.Line, until, due time.Time) (g Line, ok bool, err error) {
	if l.Paid == 0 {
		return g, false, nil
	}
	p, _, err := bought(l)
	return Line{Order: l.Order, No: l.No, Seq: l.Seq, Shop: l.Shop, Product: l.Product, SKU: l.SKU, Offer: l.Offer,
		Price: p, Until: until, due: due}, true, err
}

// open refuses a line whose time is over. Codes: guarantee.window_closed.
func (g Line) open(at time.Time, zone *time.Location) error {
	if at.Before(g.Until) {
		return nil
	}
	return fault.New(fault.Expired, "guarantee.window_closed", fault.P("until", g.Until.In(zone).Format(time.DateTime)))
}

// asked is a line as the engine reads it.
func (g Line) asked(o offer.Offer, quantity int64, category string) promo.Line {
	return promo.Line{ID: g.Offer, Shop: g.Shop, SKU: g.SKU, Categories: promo.Path(category), UnitPrice: o.UnitPrice,
		Quantity: quantity, Floor: o.FloorPrice}
}

// TopicBack tells that something was given back; its body is Told.
const TopicBack event.Topic = "guarantee.back"

// Told is the body of TopicBack.
type Told struct {
	Order    order.ID       `json:"order"`
	Line     int64          `json:"line"`
	Step     int64          `json:"step"`
	Shopper  string         `json:"shopper"`
	Shop     string         `json:"shop"`
	Currency money.Currency `json:"currency"`
	Amount   int64          `json:"amount"`
	Own      int64          `json:"own"` // of Amount, what the shop gave back
}

var (
	//go:embed schema.sql
	schemaSQL string
	//go:embed schema_funding.sql
	fundingSQL string
)

// Schema is this room's tables.
var Schema = db.Schema{Room: "guarantee", Steps: []string{schemaSQL, fundingSQL}}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)
