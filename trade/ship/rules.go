package ship

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"hutong/base/fault"
)

// Settings are the market's limits and times. DefaultSettings has safe ones.
type Settings struct {
	Origin             Origin        // where shops send from that said nothing
	FreightMax         int64         // minor units; a higher freight is a defect of the carrier's adapter
	CallTimeout        time.Duration // how long a carrier may take to answer
	ConfirmAfter       time.Duration // after shipping, receipt confirms itself
	PickupConfirmAfter time.Duration // the same for parcels that wait at a pickup point
	ReturnedConfirm    time.Duration // the same for parcels that are on their way back, from when that was told
	PollEvery          time.Duration // how often a carrier is asked about a parcel; real ones lock who asks more often
	PollDelivered      time.Duration // the same once it is delivered: it may still come back
	WatchDelivered     time.Duration // for how long after that
	GiveUp             time.Duration // when there was no news of a parcel for so long, nobody asks any more
	GuessesMax         int64         // wrong pickup codes that a shop may enter
	GuessWindow        time.Duration // within this
}

// DefaultSettings are those of a Chinese market.
func DefaultSettings() Settings {
	const day = 24 * time.Hour
	return Settings{Origin: Origin{Country: "CN", Division: "33"}, FreightMax: 5_000_000, CallTimeout: 5 * time.Second,
		ConfirmAfter: 10 * day, PickupConfirmAfter: 2 * day, ReturnedConfirm: 30 * day,
		PollEvery: 30 * time.Minute, PollDelivered: day, WatchDelivered: 15 * day, GiveUp: 60 * day, GuessesMax: 10,
		GuessWindow: 15 * time.Minute}
}

// nextPoll is when the carrier is asked about a parcel again; zero for never.
func (set Settings) nextPoll(v Shipment, now time.Time) time.Time {
	switch {
	case v.Point != "", v.State == Returned:
		return time.Time{}
	case v.State == Delivered:
		if now.Sub(v.DeliveredAt) >= set.WatchDelivered {
			return time.Time{}
		}
		return now.Add(set.PollDelivered)
	case now.Sub(v.ChangedAt) >= set.GiveUp:
		return time.Time{}
	}
	return now.Add(set.PollEvery)
}

// daysMax bounds the days that a carrier may promise.
const daysMax = 365

// option is what a carrier's rate amounts to, once it is checked: an amount below zero, above the market's limit or in
// another currency is a defect of the adapter, never a price (FAULTS M19). Codes: ship.adapter.
func option(c Carrier, p Parcel, r Rate, freightMax int64) (Option, error) {
	switch {
	case r.Freight.Currency != p.Goods.Currency,
		r.Freight.Minor < 0, r.Freight.Minor > freightMax,
		r.DaysMin < 0, r.DaysMax < r.DaysMin, r.DaysMax > daysMax:
		return Option{}, fault.New(fault.Refused, "ship.adapter", fault.P("carrier", c.Name()))
	}
	o := Option{Carrier: c.Name(), Freight: r.Freight.Minor, DaysMin: r.DaysMin, DaysMax: r.DaysMax, Pickup: c.Pickup()}
	if o.Pickup {
		o.Points = p.Points
	}
	return o, nil
}

// rank sorts options as they are offered: to the door before pickup, because who chooses nothing wants it brought;
// then the cheapest, the fastest, and by name so that the order never changes by itself.
func rank(all []Option) {
	slices.SortFunc(all, func(a, b Option) int {
		if a.Pickup != b.Pickup {
			if b.Pickup {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.Freight, b.Freight), cmp.Compare(a.DaysMax, b.DaysMax),
			cmp.Compare(a.Carrier, b.Carrier))
	})
}

var (
	trackingForm = regexp.MustCompile(`^[A-Za-z0-9_-]{4,40}$`)
	codeForm     = regexp.MustCompile(`^[0-9]{8,16}$`)
	pointForm    = regexp.MustCompile(`^[a-z0-9-]{1,20}$`)
)

// sound tells whether a waybill can be kept: its number printable and short, and a code exactly for a pickup.
func (w Waybill) sound(pickup bool) bool {
	return trackingForm.MatchString(w.TrackingNo) && codeForm.MatchString(w.PickupCode) == pickup &&
		(pickup || w.PickupCode == "")
}

// TidyNumber is a tracking number that a person typed or copied, as carriers print it.
func TidyNumber(s string) string { return strings.ToUpper(without(s, " \t\u3000")) }

// tidyCode is a pickup code as people read it out, in groups, in the form in which it is kept.
func tidyCode(s string) string { return without(s, " \t\u3000-") }

func without(s, dropped string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(dropped, r) {
			return -1
		}
		return r
	}, s)
}
