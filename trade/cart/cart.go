// Package cart is the basket that a shopper keeps for later: offers and quantities, nothing else. It promises neither
// stock nor price; a quote tells both when it is asked for.
//
// A line is set, never added to, so that every verb is safe to repeat. Read this file first.
package cart

import (
	_ "embed"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/goods/offer"
)

// The bounds of a cart.
const (
	LinesMax    = 100
	QuantityMax = 9_999 // per line; the schema says the same
)

// Line is one offer in a cart.
type Line struct {
	Offer    offer.ID
	Quantity int64
	Added    time.Time // when the offer came in; a changed quantity keeps it
}

// Taken names a line that became part of an order.
type Taken struct {
	Shopper string
	Offer   offer.ID
}

//go:embed schema.sql
var schemaSQL string

// Schema is this room's tables.
var Schema = db.Schema{Room: "cart", Steps: []string{schemaSQL}}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)

// admit tells whether a fresh line for o may come into a cart that has these lines, whose offers are known.
func admit(o offer.Offer, lines []Line, known map[offer.ID]offer.Offer) error {
	if o.State != offer.Listed {
		return fault.New(fault.NotFound, "cart.offer_not_found").At("offer")
	}
	if len(lines) >= LinesMax {
		return fault.New(fault.Unprocessable, "cart.lines_many", fault.P("max", LinesMax))
	}
	for _, l := range lines {
		k, ok := known[l.Offer]
		if ok && k.Currency != o.Currency {
			return fault.New(fault.Unprocessable, "cart.currency",
				fault.P("cart", k.Currency), fault.P("offer", o.Currency)).At("offer")
		}
	}
	return nil
}
