// Package shiptest tells whether a carrier keeps what ship.Carrier asks of it, and sets up a small market in which
// shipping and what comes after it can be tested. It is for tests only.
//
// Read this file first: Run is the list of what a carrier must keep.
package shiptest

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"hutong/base/money"
	"hutong/base/text"
	"hutong/party/shopper"
	"hutong/trade/ship"
)

// Subject is a carrier to be tested.
type Subject struct {
	New     func() ship.Carrier
	Texts   text.Bundle   // with the carrier's name under "carrier.<name>"
	Serves  []ship.Parcel // parcels that it must carry; DoorParcel and PickupParcel make ordinary ones
	Refuses []ship.Parcel // parcels that it must not carry
}

// Address is an address in China, or elsewhere when a country is given with it.
func Address(division string, country ...string) shopper.Address {
	a := shopper.Address{ID: "adr_test", Shopper: "shr_test", Country: shopper.China, Division: division,
		Region: "somewhere", Recipient: "Li Lei", Phone: "+8613800138000", Street: "1 Long Lane"}
	if len(country) > 0 {
		a.Country, a.Division = country[0], ""
	}
	return a
}

// DoorParcel is an ordinary parcel from Hangzhou.
func DoorParcel(to shopper.Address, weightG int64, goods money.Money) ship.Parcel {
	return ship.Parcel{Shop: "shp_test", To: to, WeightG: weightG, Goods: goods,
		From: ship.Origin{Country: shopper.China, Division: "330106"}}
}

// PickupParcel is the same from a shop with a pickup point.
func PickupParcel(to shopper.Address, weightG int64, goods money.Money) ship.Parcel {
	p := DoorParcel(to, weightG, goods)
	p.Points = []ship.Point{{Code: "front", Zh: "前台", En: "Front desk", Address: "1 Long Lane"}}
	return p
}

var nameForm = regexp.MustCompile(`^[a-z]{3,20}$`)

// Run tests a carrier.
func Run(t *testing.T, s Subject) {
	t.Helper()
	if len(s.Serves) == 0 {
		t.Fatal("Serves: name at least one parcel that the carrier carries")
	}
	for name, test := range map[string]func(*testing.T, Subject){
		"it has a name that people can read": hasAName,
		"its freight is sound":               freightIsSound,
		"booking again is one booking":       bookingIsKeyed,
		"tracking only adds":                 trackingAdds,
		"what it does not know it refuses":   unknownIsRefused,
		"it is safe for concurrent use":      concurrent,
	} {
		t.Run(name, func(t *testing.T) { test(t, s) })
	}
}

func hasAName(t *testing.T, s Subject) {
	c := s.New()
	if !nameForm.MatchString(c.Name()) {
		t.Errorf("Name() = %q, want lower-case letters", c.Name())
	}
	if e := s.Texts["carrier."+c.Name()]; e.Zh == "" || e.En == "" {
		t.Errorf("its texts lack carrier.%s in both languages", c.Name())
	}
}

func freightIsSound(t *testing.T, s Subject) {
	c := s.New()
	for i, p := range s.Serves {
		last := int64(0)
		for _, grams := range []int64{0, 1, 500, 1000, 1001, 2500, 9999} {
			p.WeightG = grams
			rate, outcome, err := c.Freight(p)
			if outcome == ship.REFUSED && grams > s.Serves[i].WeightG {
				break // it may well be too heavy
			}
			if outcome != ship.OK || err != nil {
				t.Fatalf("parcel %d of %d g: %s %v", i, grams, outcome, err)
			}
			switch f := rate.Freight; {
			case f.Currency != p.Goods.Currency || f.Minor < 0:
				t.Errorf("parcel %d: freight %+v for goods in %s", i, f, p.Goods.Currency)
			case f.Minor < last:
				t.Errorf("parcel %d: %d g costs %d, less than a lighter one (%d)", i, grams, f.Minor, last)
			}
			if rate.DaysMin < 0 || rate.DaysMax < rate.DaysMin || rate.DaysMax > 365 {
				t.Errorf("parcel %d: takes %d to %d days", i, rate.DaysMin, rate.DaysMax)
			}
			if again, _, _ := c.Freight(p); again != rate {
				t.Errorf("parcel %d: asked twice, %+v and %+v", i, rate, again)
			}
			last = rate.Freight.Minor
		}
		p.WeightG = math.MaxInt64
		if rate, outcome, _ := c.Freight(p); outcome == ship.OK && rate.Freight.Minor < last {
			t.Errorf("parcel %d: the heaviest thing there is costs %d", i, rate.Freight.Minor)
		}
	}
	for i, p := range s.Refuses {
		if _, outcome, _ := c.Freight(p); outcome != ship.REFUSED {
			t.Errorf("refused parcel %d: %s", i, outcome)
		}
	}
}

// booking is what the service would book for a parcel.
func booking(p ship.Parcel, ref string) ship.Booking {
	b := ship.Booking{Ref: ref, Shop: p.Shop, From: p.From, To: p.To, Pieces: 1, Goods: p.Goods, At: bookedAt}
	if len(p.Points) > 0 {
		b.Point = p.Points[0]
	}
	return b
}

var bookedAt = time.Date(2026, 11, 11, 2, 3, 4, 5000, time.UTC)

var (
	numberForm = regexp.MustCompile(`^[A-Z0-9-]{4,40}$`)
	codeForm   = regexp.MustCompile(`^[0-9]{8,16}$`)
)

func book(t *testing.T, c ship.Carrier, p ship.Parcel, ref string) ship.Waybill {
	t.Helper()
	w, outcome, err := c.Book(t.Context(), booking(p, ref))
	if outcome != ship.OK || err != nil {
		t.Fatalf("Book(%s): %s %v", ref, outcome, err)
	}
	return w
}

func bookingIsKeyed(t *testing.T, s Subject) {
	for i, p := range s.Serves {
		c := s.New()
		w := book(t, c, p, fmt.Sprintf("ord_a%d-1", i))
		if !numberForm.MatchString(w.TrackingNo) || !c.Valid(w.TrackingNo) {
			t.Errorf("tracking number %q: malformed, or not Valid", w.TrackingNo)
		}
		if codeForm.MatchString(w.PickupCode) != c.Pickup() {
			t.Errorf("pickup code %q of a carrier with Pickup() %v", w.PickupCode, c.Pickup())
		}
		if again := book(t, c, p, fmt.Sprintf("ord_a%d-1", i)); again.TrackingNo != w.TrackingNo {
			t.Errorf("the same booking has the numbers %s and %s", w.TrackingNo, again.TrackingNo)
		}
		other := book(t, c, p, fmt.Sprintf("ord_a%d-2", i))
		if other.TrackingNo == w.TrackingNo || c.Pickup() && other.PickupCode == w.PickupCode {
			t.Errorf("two bookings are both %+v", w)
		}
		for range 2 {
			if outcome, err := c.Cancel(t.Context(), other.TrackingNo); outcome != ship.OK || err != nil {
				t.Errorf("Cancel: %s %v", outcome, err)
			}
		}
	}
}

func trackingAdds(t *testing.T, s Subject) {
	for i, p := range s.Serves {
		c := s.New()
		w := book(t, c, p, fmt.Sprintf("ord_t%d-1", i))
		var before []ship.Event
		for _, d := range []time.Duration{0, time.Minute, time.Hour, 24 * time.Hour, 72 * time.Hour, 30 * 24 * time.Hour,
			365 * 24 * time.Hour} {
			now := bookedAt.Add(d)
			events := track(t, c, w.TrackingNo, now)
			if i := slices.IndexFunc(before, func(e ship.Event) bool { return !slices.Contains(events, e) }); i >= 0 {
				t.Errorf("%+v was told before and is gone after %s", before[i], d)
			}
			for _, e := range events {
				checkEvent(t, e, now)
			}
			if again := track(t, c, w.TrackingNo, now); !slices.Equal(again, events) {
				t.Errorf("parcel %d: asked twice at the same time, %v and %v", i, events, again)
			}
			before = events
		}
		if st := ship.Stand(before); !c.Pickup() && st.State != ship.Delivered && st.State != ship.Returned {
			t.Errorf("parcel %d: after a year it is %s", i, st.State)
		}
	}
}

func track(t *testing.T, c ship.Carrier, no string, now time.Time) []ship.Event {
	t.Helper()
	events, outcome, err := c.Track(t.Context(), no, bookedAt, now)
	if outcome != ship.OK || err != nil {
		t.Fatalf("Track: %s %v", outcome, err)
	}
	return events
}

func checkEvent(t *testing.T, e ship.Event, now time.Time) {
	t.Helper()
	switch {
	case !e.Code.Valid():
		t.Errorf("event %+v: no code of ship's", e)
	case e.At.Before(bookedAt) || !e.At.Before(now):
		t.Errorf("event %+v: not between the booking and %s", e, now)
	case !e.At.Equal(e.At.Truncate(time.Microsecond)):
		t.Errorf("event %+v: finer than a microsecond, it would be news each time", e)
	case e.PlaceZh == "" || e.PlaceEn == "":
		t.Errorf("event %+v: lacks a language", e)
	}
}

func unknownIsRefused(t *testing.T, s Subject) {
	c := s.New()
	for _, no := range []string{"", "?", "HT", "NOT-A-NUMBER", "ＨＴ３３０１"} {
		if c.Valid(no) {
			t.Errorf("Valid(%q)", no)
		}
		if _, outcome, _ := c.Track(t.Context(), no, bookedAt, bookedAt.Add(time.Hour)); outcome == ship.OK {
			t.Errorf("Track(%q): OK", no)
		}
		if outcome, _ := c.Cancel(t.Context(), no); outcome == ship.OK {
			t.Errorf("Cancel(%q): OK", no)
		}
	}
}

func concurrent(t *testing.T, s Subject) {
	c, p := s.New(), s.Serves[0]
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			ctx := context.Background()
			w, outcome, err := c.Book(ctx, booking(p, fmt.Sprintf("ord_c%d-1", i)))
			if outcome != ship.OK || err != nil {
				t.Errorf("Book: %s %v", outcome, err)
			}
			if _, outcome, err := c.Track(ctx, w.TrackingNo, bookedAt, bookedAt.Add(time.Hour)); outcome != ship.OK {
				t.Errorf("Track: %s %v", outcome, err)
			}
			if _, outcome, err := c.Freight(p); outcome != ship.OK {
				t.Errorf("Freight: %s %v", outcome, err)
			}
			if outcome, err := c.Cancel(ctx, w.TrackingNo); outcome != ship.OK {
				t.Errorf("Cancel: %s %v", outcome, err)
			}
		})
	}
	wg.Wait()
}
