// Package place sells the places of a Juhuasuan sale (聚划算 坑位): few offers take part in a wave, and each pays for it.
//
// The operator publishes openings: how many places a category has in a wave, the fee, the commission of what is
// sold, until when the fee is paid and how soon orders are sent. Shops bid with what they enrolled (deal/campaign,
// whose rules hold as anywhere); the operator shortlists as many as it likes; whoever pays first has the place. The
// fee is booked in the transaction that takes the place, so none is sold twice and no loser pays. It goes back when
// the market calls the place off, whatever the way; a shop that leaves by itself forfeits it.
//
// It never sells goods, and never decides who may enrol. Read this file first, then bid.go and service_pay.go.
package place

import (
	_ "embed"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/goods/catalog/taxonomy"
	"hutong/party/login"
)

// OpeningID names an opening, "plo_...".
type OpeningID string

// Terms say how fee and commission go together.
type Terms string

// The terms.
const (
	Guarantee Terms = "guarantee" // 保底: the commission counts against the fee, and only what goes beyond it is charged
	Fixed     Terms = "fixed"     // 固定: the fee, and the commission
)

// OpeningState is what the operator decided about an opening; whether bids are still taken follows from time.
type OpeningState string

// The states of an opening.
const (
	Open      OpeningState = "open"       // shops bid and pay until PayBy
	CalledOff OpeningState = "called_off" // nobody; every fee went back
)

// Offer is what the operator publishes of an opening.
type Offer struct {
	Campaign   campaign.ID
	Wave       int64 // the day, counted from 1
	Category   string
	Places     int64
	Currency   money.Currency
	Fee        int64
	Terms      Terms
	Commission money.PPM // of each line sold from the place, net of refunds
	PayBy      time.Time
	ShipHours  int64 // an order is sent within so many hours after it is paid
}

// Opening is a number of places that are sold.
type Opening struct {
	ID      OpeningID
	Version int64
	Offer
	Taken   int64
	State   OpeningState
	By      login.ID
	Created time.Time
}

// Takes tells whether bids are taken and paid at an instant.
func (o Opening) Takes(at time.Time) bool { return o.State == Open && at.Before(o.PayBy) }

// Left is how many places nobody has.
func (o Opening) Left() int64 { return o.Places - o.Taken }

// The bounds of an opening.
const (
	PlacesMax    = 1_000
	FeeMax       = 1_000_000_000_000
	ShipHoursMax = 30 * 24
	NoteMax      = 300 // characters
	OpeningsMax  = 200 // that a list shows
	PageMax      = 101 // of the API's largest page, and one to know that there is more
)

// Check refuses what cannot be offered in a campaign. Codes: place.channel, place.wave, place.category, place.places,
// place.fee, place.terms, place.commission, place.pay_by, place.ship_hours.
func (o Offer) Check(c campaign.Campaign, now time.Time) error {
	bad := func(code, field string, params ...fault.Param) error {
		return fault.New(fault.Invalid, "place."+code, params...).At(field)
	}
	_, known := taxonomy.Find(o.Category)
	switch {
	case c.Channel != campaign.Juhuasuan || c.State != campaign.Published:
		return fault.New(fault.Unprocessable, "place.channel")
	case o.Wave < 1 || o.Wave > int64(len(c.Waves)):
		return bad("wave", "wave")
	case o.Category != "" && !known:
		return bad("category", "category")
	case o.Places < 1 || o.Places > PlacesMax:
		return bad("places", "places", fault.P("max", PlacesMax))
	case o.Fee < 1 || o.Fee > FeeMax:
		return bad("fee", "fee")
	case o.Terms != Guarantee && o.Terms != Fixed:
		return bad("terms", "terms")
	case o.Commission < 0 || o.Commission > money.Whole:
		return bad("commission", "commission")
	case !now.Before(o.PayBy) || o.PayBy.After(c.Lock.From):
		return bad("pay_by", "pay_by", fault.P("lock", c.Lock.From))
	case o.ShipHours < 1 || o.ShipHours > ShipHoursMax:
		return bad("ship_hours", "ship_hours", fault.P("max", ShipHoursMax))
	}
	return nil
}

// Due is the commission of what was sold, rounded half up for each line, and what of it is charged beside the fee.
func (o Offer) Due(bases []int64) (sold, commission, charged int64, err error) {
	for _, base := range bases {
		part, err := money.Rate(base, o.Commission, money.RoundHalfUp)
		if err != nil {
			return 0, 0, 0, err
		}
		sold, commission = sold+base, commission+part
	}
	charged = commission
	if o.Terms == Guarantee {
		charged = max(commission-o.Fee, 0)
	}
	return sold, commission, charged, nil
}

var (
	//go:embed schema.sql
	schemaSQL string
	//go:embed text.json
	textJSON []byte
)

// Schema is this room's tables.
var Schema = db.Schema{Room: "place", Steps: []string{schemaSQL}}

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)
