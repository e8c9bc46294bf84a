// Package flash is what is special about flash sales: the hall of their sessions with the truth about stock, waiting
// with terms that may change, appointments with a cap, and lotteries that anybody can check.
//
// What is sold when and at which price stands in deal/campaign, the pieces in goods/stock, the caps in deal/quota. It
// never takes stock and never prices. Read this file first, then lottery.go.
package flash

import (
	_ "embed"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/goods/stock"
)

// State is where an item stands for shoppers.
type State string

// The states of an item, with who acts next.
const (
	Warming State = "warming"  // the shopper makes an appointment, or waits
	OnSale  State = "on_sale"  // the shopper buys
	Paying  State = "paying"   // nothing is free, but others have not paid yet: the shopper may wait for what they leave
	SoldOut State = "sold_out" // nobody; every piece is paid
	Over    State = "over"     // nobody; the session is over
)

// LowStock is from how many pieces down their number is told. It is always the true one.
const LowStock = 10

// View is what shoppers are told about an item.
type View struct {
	State  State
	Left   int64 // pieces that can be bought now; only when Low
	Low    bool  // few are left
	Unpaid int64 // pieces that others hold and have not paid
	Taken  int64 // of a hundred pieces, how many are held or sold; rounded down
	Shares bool  // it counts together with other items
	Shared int64 // pieces that are left for all of them
}

// together lowers a view to what is left for the items that an item counts together with; held is what others have not
// paid of all of those.
func (v View) together(left, held int64) View {
	v.Shares, v.Shared = true, max(left, 0)
	switch {
	case v.State != OnSale:
	case v.Shared == 0 && held > 0:
		v.State, v.Left, v.Low, v.Unpaid = Paying, 0, false, held
	case v.Shared == 0:
		v.State, v.Left, v.Low = SoldOut, 0, false
	case v.Shared <= LowStock && (!v.Low || v.Left > v.Shared):
		v.Low, v.Left = true, v.Shared
	}
	return v
}

// ViewOf is what is true of an item whose pool stands so.
func ViewOf(i *campaign.Item, p stock.Pool, at time.Time) View {
	free, held := max(p.Free(), 0), p.Held
	if !p.Open {
		free = 0
	}
	v := View{State: OnSale, Unpaid: held, Low: free <= LowStock && free > 0}
	if v.Low {
		v.Left = free
	}
	if all := p.OnHand() + p.Shipped; all > 0 {
		v.Taken = (held + p.Sold + p.Shipped) * 100 / all
	}
	switch {
	case at.Before(i.From):
		v.State = Warming
	case !at.Before(i.Until):
		v.State = Over
	case free == 0 && held > 0 && p.Open:
		v.State = Paying
	case free == 0:
		v.State = SoldOut
	}
	return v
}

// Ticket is the terms that a shopper saw and waits with. It goes into what the node seals for them.
type Ticket struct {
	Item    campaign.EnrolmentID `json:"item"`
	Version int64                `json:"version"`
	Price   int64                `json:"price"` // of a piece, in minor units
}

// TicketOf is a ticket for an item as it is now.
func TicketOf(i *campaign.Item) Ticket { return Ticket{i.ID, i.Version, i.Price} }

// Redeem holds a ticket against the item as it is now (nil: it is in no sale any more) and the offer's ordinary price.
// Where the terms are other ones it is refused, and the fresh ticket with the terms of now is for the shopper's
// consent: whoever comes back with that one has agreed (FAULTS R22). A price that fell asks too: nobody pays more than
// what the page says.
// Codes: flash.withdrawn, flash.terms_changed (each with the price before and now).
func (t Ticket) Redeem(now *campaign.Item, ordinary int64, at time.Time) (fresh Ticket, err error) {
	if now == nil || !now.InForce(at) {
		fresh = Ticket{Price: ordinary}
	} else {
		fresh = TicketOf(now)
	}
	prices := []fault.Param{fault.P("was", t.Price), fault.P("now", fresh.Price)}
	switch {
	case t.Item == fresh.Item && t.Price == fresh.Price:
		return fresh, nil // another version with the same terms is the same promise
	case fresh.Item == "":
		return fresh, fault.New(fault.Conflict, "flash.withdrawn", prices...)
	}
	return fresh, fault.New(fault.Conflict, "flash.terms_changed", prices...)
}

var (
	//go:embed schema.sql
	schemaSQL string
	//go:embed schema_tell.sql
	tellSQL string
	//go:embed text.json
	textJSON []byte
)

// Schema is this room's tables.
var Schema = db.Schema{Room: "flash", Steps: []string{schemaSQL, tellSQL}}

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)
