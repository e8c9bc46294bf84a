package reference

import (
	"time"

	"hutong/goods/offer"
)

// Struck is the struck price of an offer's ordinary price as it was held against history when that price began: the
// reference price of then bears it for as long as the price stays, or does not.
type Struck struct {
	Offer              offer.ID
	Version            int64 // of the offer's price
	Shop, Product, SKU string
	Sale, Strike       int64
	Prior              Prior
	Code               string // why it is not shown, "" where it is
	From               time.Time
	claim              string
}

// Key is a struck price beside a price, as a shelf shows them.
type Key struct {
	Product      string
	Sale, Strike int64
}

// due are the offers whose struck price was not held against history yet.
func due(offers []offer.Offer, known map[offer.ID]int64) (some []offer.Offer) {
	for _, o := range offers {
		if o.State == offer.Listed && o.ListPrice > o.UnitPrice && known[o.ID] != o.Version {
			some = append(some, o)
		}
	}
	return some
}
