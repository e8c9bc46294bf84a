// Package reference computes what a struck price and a percentage may be compared with: the reference price that the
// law asks for, from what was really paid or really offered before. A claim that this history does not bear is refused
// and kept for the operator to see (FAULTS P7, I-P2).
//
// It never takes a merchant's word for an earlier price, and never prices a basket. Read this file first.
package reference

import (
	_ "embed"
	"fmt"
	"math/bits"
	"strings"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
)

// Regime is the law of a market on reference prices.
type Regime string

// The regimes.
const (
	// CN: the lowest deal price of the 7 days before the promotion; without a deal in them the last deal before.
	CN Regime = "cn"
	// EU: the lowest price that everybody was asked in the 30 days before, public cuts taken off.
	EU Regime = "eu"
)

// Valid tells whether r is one of the regimes.
func (r Regime) Valid() bool { return r == CN || r == EU }

// Days is how far back the regime looks.
func (r Regime) Days() int {
	if r == EU {
		return 30
	}
	return 7
}

// Basis says what a reference price is.
type Basis string

// The bases.
const (
	LowestDeal    Basis = "lowest_deal"
	LastDeal      Basis = "last_deal"
	LowestOffered Basis = "lowest_offered"
)

// Deal is a price at which a piece was sold: what the merchant was to receive per piece before discounts that the
// platform pays. What was refunded or cancelled is none.
type Deal struct {
	Amount int64 // minor units
	Order  string
	At     time.Time
}

// Deals is where deal prices come from: trade/order.
type Deals interface {
	// Lowest is the lowest deal of a SKU in [from, until); of equals the earliest.
	Lowest(tx *db.Tx, sku string, from, until time.Time) (Deal, bool, error)
	// LowestAlone is Lowest without what was bought in a group, a price that nobody has alone, and unless newToo without
	// what a discount for new shoppers made cheaper for its shop.
	LowestAlone(tx *db.Tx, sku string, from, until time.Time, newToo bool) (Deal, bool, error)
	// Last is the newest deal of a SKU before an instant.
	Last(tx *db.Tx, sku string, before time.Time) (Deal, bool, error)
}

// Offered is where offered prices come from: goods/offer, and the sales that undercut it.
type Offered interface {
	// LowestOffered is the lowest price at which a SKU of a shop was offered at any instant of [from, until).
	LowestOffered(tx *db.Tx, shop, sku string, from, until time.Time) (Price, bool, error)
}

// Price is an amount and where it stands written: an order, a version of an offer's price, an item of a sale, or a
// promotion.
type Price struct {
	Amount int64 // minor units
	Source string
	At     time.Time
}

// Prior is the reference price of a SKU at an instant. The zero Prior: there is none, and nothing may be claimed.
type Prior struct {
	Price
	Basis Basis
}

// Found tells whether there is a reference price.
func (p Prior) Found() bool { return p.Amount > 0 }

// Off is the share by which now lies below prior, rounded down: never more than is true. It is 0 where now is no lower.
func Off(now, prior int64) money.PPM {
	if prior <= 0 || now < 0 || now >= prior {
		return 0
	}
	hi, lo := bits.Mul64(uint64(prior-now), uint64(money.Whole))
	q, _ := bits.Div64(hi, lo, uint64(prior)) // below Whole, as prior-now <= prior
	return money.PPM(q)
}

// Percent is a share in whole percent, rounded down, as a label shows it.
func Percent(off money.PPM) int64 { return int64(off) / 10_000 }

// PercentOff is what may be said beside a struck price: how far now lies below it, in whole percent and rounded down,
// so that nobody is told more than is true. Below one percent it is 0: nothing is said.
func PercentOff(now, struck int64) int64 { return Percent(Off(now, struck)) }

// Claim is what a merchant or the market wants to say about a price.
type Claim struct {
	Shop, Offer, SKU string
	Sale             int64     // the price it is said of
	Strike           int64     // the struck price, 0: none
	OffPPM           money.PPM // the share off, 0: none said
	From, Until      time.Time // when it is to be shown
}

// tenth is the precision in which percentages are said: 0.1 %.
const tenth = 1_000

// Bears refuses a claim that the reference price does not bear. A percentage is held against the exact one in the
// precision that people write, tenths of a percent: 85 of 89 is "4.5 %".
//
// Codes: reference.none, reference.no_reduction, reference.strike, reference.percent (each with the price and where it
// stands).
func (p Prior) Bears(c Claim) error {
	evidence := []fault.Param{fault.P("prior", p.Amount), fault.P("source", p.Source)}
	tenths := (int64(Off(c.Sale, p.Amount)) + tenth/2) / tenth
	switch {
	case c.Strike == 0 && c.OffPPM == 0:
		return nil
	case !p.Found():
		return fault.New(fault.Unprocessable, "reference.none").At("strike")
	case p.Amount <= c.Sale:
		return fault.New(fault.Unprocessable, "reference.no_reduction", evidence...).At("strike")
	case c.Strike > p.Amount:
		return fault.New(fault.Unprocessable, "reference.strike", evidence...).At("strike")
	case int64(c.OffPPM) > tenths*tenth:
		percent := strings.TrimSuffix(fmt.Sprintf("%d.%d", tenths/10, tenths%10), ".0")
		return fault.New(fault.Unprocessable, "reference.percent", append(evidence,
			fault.P("percent", percent))...).At("off_ppm")
	}
	return nil
}

// Label is what may be shown beside a price: the reference price and whole percent. The zero Label shows nothing.
type Label struct {
	Prior   int64
	Percent int64
	Basis   Basis
}

// LabelOf is the label of a price with that reference price; a reduction below one percent is none.
func LabelOf(sale int64, p Prior) Label {
	percent := Percent(Off(sale, p.Amount))
	if percent == 0 {
		return Label{}
	}
	return Label{p.Amount, percent, p.Basis}
}

var (
	//go:embed schema.sql
	schemaSQL string
	//go:embed schema_labels.sql
	labelsSQL string
	//go:embed text.json
	textJSON []byte
)

// Schema is this room's tables.
var Schema = db.Schema{Room: "reference", Steps: []string{schemaSQL, labelsSQL}}

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)
