// Package courier is a carrier that brings parcels to the door: a rate table by zone and weight, and tracking events
// that are simulated. It stands where a real courier's interface would, and keeps nothing: numbers follow from the
// booking, and what happened to a parcel follows from its number and the time.
//
// Read this file first, then rates.go (what it costs), number.go and track.go.
package courier

import (
	"context"
	_ "embed"
	"errors"
	"time"

	"hutong/base/text"
	"hutong/trade/ship"
)

// Name is the carrier's name.
const Name = "courier"

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this carrier.
var Texts = text.MustParse(textJSON)

// Settings are what a node may set. DefaultSettings has what a market starts with.
type Settings struct {
	Rates Rates
	Day   time.Duration // how long a day of the road takes: 24 h, less in a demo where parcels should be seen moving
}

// DefaultSettings are the rate table of this package and real days.
func DefaultSettings() Settings { return Settings{Rates: DefaultRates(), Day: 24 * time.Hour} }

// Courier is the carrier.
type Courier struct {
	set   Settings
	zones zones
}

var _ ship.Carrier = (*Courier)(nil)

// New makes the carrier.
func New(set Settings) *Courier { return &Courier{set: set, zones: zonesOf(set.Rates)} }

// Name is the carrier's name.
func (c *Courier) Name() string { return Name }

// Pickup is false: parcels are brought to the door.
func (c *Courier) Pickup() bool { return false }

// The reasons for which a parcel is refused.
var (
	errCurrency = errors.New("courier: no rates in this currency")
	errWeight   = errors.New("courier: too heavy")
	errNumber   = errors.New("courier: no such number")
	errAddress  = errors.New("courier: no address")
)

// Freight is the rate of the parcel's zone: the first kilogram and each further one begun; nothing for goods above the
// zone's threshold.
func (c *Courier) Freight(p ship.Parcel) (ship.Rate, ship.Outcome, error) {
	zone := c.zones.of(end{p.From.Country, p.From.Division}, end{p.To.Country, p.To.Division})
	row, ok := c.set.Rates.Tables[p.Goods.Currency][zone]
	switch {
	case !ok:
		return ship.Rate{}, ship.REFUSED, errCurrency
	case p.WeightG > c.set.Rates.WeightMaxG:
		return ship.Rate{}, ship.REFUSED, errWeight
	}
	days := c.set.Rates.Days[zone]
	return ship.Rate{Freight: row.freight(p), DaysMin: days[0], DaysMax: days[1]}, ship.OK, nil
}

// Valid tells whether the number has the courier's form and its check character is right.
func (c *Courier) Valid(trackingNo string) bool {
	_, ok := readNumber(trackingNo)
	return ok
}

// Book makes the number that follows from the booking's Ref.
func (c *Courier) Book(_ context.Context, b ship.Booking) (ship.Waybill, ship.Outcome, error) {
	if b.To.Country == "" {
		return ship.Waybill{}, ship.REFUSED, errAddress
	}
	n := number{from: end{b.From.Country, b.From.Division}.province(), to: end{b.To.Country, b.To.Division}.province(),
		serial: serialOf(b.Ref)}
	return ship.Waybill{TrackingNo: n.String()}, ship.OK, nil
}

// Track tells what happened to the parcel before now.
func (c *Courier) Track(_ context.Context, trackingNo string, bookedAt, now time.Time) ([]ship.Event, ship.Outcome,
	error) {
	n, ok := readNumber(trackingNo)
	if !ok {
		return nil, ship.REFUSED, errNumber
	}
	var past []ship.Event
	for _, e := range c.journey(n, bookedAt) {
		if e.At.Before(now) {
			past = append(past, e)
		}
	}
	return past, ship.OK, nil
}

// Cancel takes a booking back.
func (c *Courier) Cancel(_ context.Context, trackingNo string) (ship.Outcome, error) {
	if _, ok := readNumber(trackingNo); !ok {
		return ship.REFUSED, errNumber
	}
	return ship.OK, nil
}
