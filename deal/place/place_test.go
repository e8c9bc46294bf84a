package place_test

import (
	"errors"
	"testing"
	"time"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/campaign"
	"hutong/deal/place"
)

// TestWhatAPlaceComesTo: half up for each line; a guarantee takes only what goes beyond the fee, a fixed fee comes
// beside it.
func TestWhatAPlaceComesTo(t *testing.T) {
	for name, c := range map[string]struct {
		terms                     place.Terms
		fee                       int64
		rate                      money.PPM
		bases                     []int64
		sold, commission, charged int64
	}{
		"guarantee, not reached":      {place.Guarantee, 250_000, 50_000, []int64{1_000_000, 999}, 1_000_999, 50_050, 0},
		"guarantee, just reached":     {place.Guarantee, 250_000, 50_000, []int64{5_000_000}, 5_000_000, 250_000, 0},
		"guarantee, gone beyond":      {place.Guarantee, 250_000, 50_000, []int64{5_000_010, 10}, 5_000_020, 250_002, 2},
		"fixed":                       {place.Fixed, 250_000, 50_000, []int64{1_000_000, 999}, 1_000_999, 50_050, 50_050},
		"nothing was sold":            {place.Fixed, 250_000, 50_000, nil, 0, 0, 0},
		"half up for each line":       {place.Fixed, 1, 50_000, []int64{10, 10, 10}, 30, 3, 3},
		"no commission":               {place.Fixed, 1, 0, []int64{1_000}, 1_000, 0, 0},
		"what was refunded is nought": {place.Fixed, 1, 50_000, []int64{0, 1_000}, 1_000, 50, 50},
	} {
		o := place.Offer{Terms: c.terms, Fee: c.fee, Commission: c.rate}
		sold, commission, charged, err := o.Due(c.bases)
		if err != nil || sold != c.sold || commission != c.commission || charged != c.charged {
			t.Errorf("%s: %d %d %d %v", name, sold, commission, charged, err)
		}
	}
}

// TestTimeSaysWhereABidStands: nothing flips it.
func TestTimeSaysWhereABidStands(t *testing.T) {
	o := place.Opening{Offer: place.Offer{PayBy: day(5)}, State: place.Open}
	b := place.Bid{State: place.Shortlisted, Selling: campaign.Window{From: day(10), Until: day(12)}}
	tick := -time.Microsecond
	for _, c := range []struct {
		state place.State
		at    time.Time
		want  place.Stage
	}{
		{place.Applied, day(5).Add(tick), "applied"}, {place.Applied, day(5), place.Lapsed},
		{place.Shortlisted, day(5).Add(tick), "shortlisted"}, {place.Shortlisted, day(5), place.Lapsed},
		{place.Paid, day(10).Add(tick), "paid"}, {place.Paid, day(10), place.Live}, {place.Paid, day(12).Add(tick), place.Live},
		{place.Paid, day(12), place.Settling}, {place.Settled, day(20), "settled"}, {place.Forfeited, day(11), "forfeited"},
		{place.Refused, day(20), "refused"},
	} {
		b.State = c.state
		if got := b.Stage(o, c.at); got != c.want {
			t.Errorf("%s at %s: %s, want %s", c.state, c.at, got, c.want)
		}
	}
	if !o.Takes(day(5).Add(tick)) || o.Takes(day(5)) {
		t.Error("the time to pay is half-open")
	}
}

// TestWhatCannotBeOffered names the field.
func TestWhatCannotBeOffered(t *testing.T) {
	c := campaign.Campaign{State: campaign.Published, Plan: juhuasuan()}
	good := place.Offer{Wave: 1, Category: "aa-1", Places: 1, Currency: "CNY", Fee: 250_000, Terms: place.Guarantee,
		Commission: 50_000, PayBy: day(6), ShipHours: 24}
	if err := good.Check(c, day(0)); err != nil {
		t.Fatal(err)
	}
	for code, change := range map[string]func(*place.Offer, *campaign.Campaign){
		"place.channel":    func(_ *place.Offer, c *campaign.Campaign) { c.Channel = campaign.Brand },
		"place.wave":       func(o *place.Offer, _ *campaign.Campaign) { o.Wave = 2 },
		"place.category":   func(o *place.Offer, _ *campaign.Campaign) { o.Category = "zz-zz" },
		"place.places":     func(o *place.Offer, _ *campaign.Campaign) { o.Places = 0 },
		"place.fee":        func(o *place.Offer, _ *campaign.Campaign) { o.Fee = 0 },
		"place.terms":      func(o *place.Offer, _ *campaign.Campaign) { o.Terms = "" },
		"place.commission": func(o *place.Offer, _ *campaign.Campaign) { o.Commission = money.Whole + 1 },
		"place.pay_by":     func(o *place.Offer, _ *campaign.Campaign) { o.PayBy = day(6).Add(time.Microsecond) },
		"place.ship_hours": func(o *place.Offer, _ *campaign.Campaign) { o.ShipHours = 0 },
	} {
		o, other := good, c
		change(&o, &other)
		if err := o.Check(other, day(0)); !fault.Is(err, code) {
			t.Errorf("want %s, got %v", code, err)
		}
	}
	good.PayBy = day(0)
	if err := good.Check(c, day(0)); !fault.Is(err, "place.pay_by") {
		t.Errorf("it is over at once: %v", errors.Unwrap(err))
	}
	drafted := c
	drafted.State = campaign.Drafted
	good.PayBy = day(5)
	if err := good.Check(drafted, day(0)); !fault.Is(err, "place.channel") {
		t.Error(err)
	}
}
