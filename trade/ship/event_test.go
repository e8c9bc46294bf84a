package ship

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var t0 = time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)

func at(code Code, hours int) Event {
	return Event{Code: code, At: t0.Add(time.Duration(hours) * time.Hour), PlaceZh: "某地", PlaceEn: "somewhere"}
}

func TestWhereAParcelStands(t *testing.T) {
	for name, c := range map[string]struct {
		events    []Event
		want      State
		delivered int // hours, -1: never
	}{
		"nothing yet":                {nil, Booked, -1},
		"only booked":                {[]Event{at(Awaiting, 0)}, Booked, -1},
		"nobody knows":               {[]Event{at(Unclear, 5)}, Booked, -1},
		"collected":                  {[]Event{at(Awaiting, 0), at(Collected, 1)}, InTransit, -1},
		"in a locker":                {[]Event{at(Collected, 1), at(InLocker, 2)}, InTransit, -1},
		"out of the locker":          {[]Event{at(InLocker, 2), at(FromLocker, 3)}, Delivered, 3},
		"signed":                     {[]Event{at(Signed, 4)}, Delivered, 4},
		"signed twice":               {[]Event{at(Signed, 6), at(Signed, 4)}, Delivered, 4},
		"moving after it was signed": {[]Event{at(Signed, 4), at(Moving, 9), at(Abnormal, 10)}, Delivered, 4},
		"sent back":                  {[]Event{at(Collected, 1), at(SentBack, 4)}, Returned, -1},
		"back after it was signed":   {[]Event{at(Signed, 4), at(SentBack, 9)}, Returned, 4},
		"back in the same instant":   {[]Event{at(Signed, 4), at(SentBack, 4)}, Returned, 4},
		"tried again, and signed":    {[]Event{at(SentBack, 4), at(Moving, 5), at(Signed, 9)}, Delivered, 9},
	} {
		t.Run(name, func(t *testing.T) {
			st := Stand(c.events)
			if st.State != c.want {
				t.Errorf("it stands %s, want %s", st.State, c.want)
			}
			if c.delivered < 0 != st.DeliveredAt.IsZero() ||
				c.delivered >= 0 && !st.DeliveredAt.Equal(t0.Add(time.Duration(c.delivered)*time.Hour)) {
				t.Errorf("delivered %s, want hour %d", st.DeliveredAt, c.delivered)
			}
		})
	}
}

// anyEvents draws events whose times often coincide.
func anyEvents(rt *rapid.T) []Event {
	return rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) Event {
		code := rapid.SampledFrom([]Code{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 99}).Draw(rt, "code")
		return at(code, rapid.IntRange(0, 6).Draw(rt, "hour"))
	}), 0, 12).Draw(rt, "events")
}

func TestAnyOrderOfEventsIsTheSameStanding(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := anyEvents(rt)
		want := Stand(events)
		seed := rapid.Uint64().Draw(rt, "seed")
		shuffled := append(append([]Event(nil), events...), events...) // each told twice
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(shuffled), func(i, j int) {
			shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
		})
		if got := Stand(shuffled); got != want {
			rt.Fatalf("%+v, and in another order %+v", want, got)
		}
		// Once delivered, never less, however much more is told.
		for n := range shuffled {
			part := Stand(shuffled[:n])
			if part.State == Delivered && want.State != Delivered && want.State != Returned {
				rt.Fatalf("delivered, then %s", want.State)
			}
		}
	})
}

func TestEventsThatCannotBeBelieved(t *testing.T) {
	booked, now := t0, t0.Add(100*time.Hour)
	for name, c := range map[string]struct {
		e    Event
		want bool
	}{
		"now":                         {at(Moving, 100), true},
		"the carrier's clock runs on": {Event{Code: Moving, At: now.Add(10 * time.Minute)}, true},
		"the future":                  {Event{Code: Moving, At: now.Add(11 * time.Minute)}, false},
		"collected before we heard":   {at(Collected, -72), true},
		"another parcel's":            {at(Collected, -73), false},
		"signed before it was sent":   {at(Signed, -1), false},
		"back before it was sent":     {at(SentBack, -1), false},
		"signed at once":              {at(Signed, 0), true},
		"no such code":                {at(10, 1), false},
		"no such code either":         {at(-1, 1), false},
		"no time":                     {Event{Code: Signed}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.e.believable(booked, now); got != c.want {
				t.Errorf("believed: %v", got)
			}
		})
	}
}

func TestEventsAreTidied(t *testing.T) {
	e := Event{At: t0.Add(1500 * time.Nanosecond).In(time.FixedZone("x", 3600)), PlaceZh: " 杭\x00州\u202e\n",
		PlaceEn: strings.Repeat("é", 100) + "\xff"}.tidy()
	if e.At != t0.Add(time.Microsecond) || e.PlaceZh != "杭州" || e.PlaceEn != strings.Repeat("é", 80) {
		t.Errorf("%+v", e)
	}
}

func TestEveryCodeCanBeRead(t *testing.T) {
	for c := Code(-1); c < 101; c++ {
		if e := Texts[c.TextKey()]; c.Valid() != (e.Zh != "") {
			t.Errorf("code %d: %q", c, e.Zh)
		}
	}
	for _, s := range []State{Booked, InTransit, Delivered, Returned} {
		if Texts["ship.state."+string(s)].Zh == "" {
			t.Errorf("state %s cannot be read", s)
		}
	}
}

func TestWhenACarrierIsAskedAgain(t *testing.T) {
	set := DefaultSettings()
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		v    Shipment
		now  time.Duration
		want time.Duration // 0: never
	}{
		"on its way":          {Shipment{State: InTransit, ChangedAt: t0}, day, 30 * time.Minute},
		"long without news":   {Shipment{State: InTransit, ChangedAt: t0}, 60*day - 1, 30 * time.Minute},
		"lost":                {Shipment{State: InTransit, ChangedAt: t0}, 60 * day, 0},
		"just delivered":      {Shipment{State: Delivered, DeliveredAt: t0}, 0, day},
		"delivered for weeks": {Shipment{State: Delivered, DeliveredAt: t0}, 15 * day, 0},
		"returned":            {Shipment{State: Returned, ChangedAt: t0}, 0, 0},
		"at a pickup point":   {Shipment{State: Booked, Point: "front", ChangedAt: t0}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			now := t0.Add(c.now)
			got := set.nextPoll(c.v, now)
			if c.want == 0 != got.IsZero() || c.want > 0 && !got.Equal(now.Add(c.want)) {
				t.Errorf("asked again at %s", got)
			}
		})
	}
}
