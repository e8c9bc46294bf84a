package reference

import (
	"strconv"
	"time"

	"hutong/base/db"
	"hutong/goods/offer"
)

// Offers is the history of the offers' own prices; where it stands is written "offer@version".
type Offers struct{}

// LowestOffered is the lowest price of a SKU's offer at any instant of [from, until).
func (Offers) LowestOffered(tx *db.Tx, shop, sku string, from, until time.Time) (Price, bool, error) {
	low, found, err := offer.LowestOffered(tx, shop, sku, from, until)
	source := string(low.Offer) + "@" + strconv.FormatInt(low.Version, 10)
	return Price{low.UnitPrice, source, low.From}, found, err
}
