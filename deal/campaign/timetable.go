package campaign

import (
	"slices"
	"time"

	"hutong/base/fault"
)

// Timetable says when the sessions of a day are, for each day of a span.
type Timetable struct {
	Days    Window  `json:"days"`    // sessions that start in it are held
	Starts  []int64 `json:"starts"`  // minutes after midnight in the market's zone, rising
	Minutes int64   `json:"minutes"` // how long a session is
	Warmup  int64   `json:"warmup"`  // how many minutes before its start a session is shown and appointments are taken
}

// The bounds of a timetable.
const (
	dayMinutes = 24 * 60
	StartsMax  = 48
	WarmupMax  = 7 * dayMinutes // minutes
	// SessionsMax bounds one list of sessions: a month of the fullest timetable.
	SessionsMax = 31 * StartsMax
)

// Session is one sitting of a flash sale.
type Session struct {
	Window
	Warmup time.Time // from when on it is shown
}

// Wave is the session as a wave of one warm-up and one spot phase, so that one rule of stages holds for both.
func (s Session) Wave() Wave {
	phases := []Phase{{Spot, s.Window}}
	if s.Warmup.Before(s.From) {
		phases = []Phase{{Warmup, Window{s.Warmup, s.From}}, {Spot, s.Window}}
	}
	return Wave{Phases: phases}
}

// Sessions lists the sessions of the timetable that hold any instant of a span, in order, at most SessionsMax. A
// session of a day starts at its own time of day in the zone, also where clocks are changed.
func (t Timetable) Sessions(span Window, zone *time.Location) (all []Session) {
	if span.Empty() {
		return nil
	}
	first := max(span.From.Add(-time.Duration(t.Minutes)*time.Minute).Unix(), t.Days.From.Unix())
	y, m, d := time.Unix(first, 0).In(zone).Date()
	for n := 0; len(all) < SessionsMax; n++ {
		day := time.Date(y, m, d+n, 0, 0, 0, 0, zone)
		if !day.Before(span.Until) || !day.Before(t.Days.Until) {
			return all
		}
		for _, minute := range t.Starts {
			s := t.session(time.Date(y, m, d+n, 0, int(minute), 0, 0, zone).UTC())
			if t.Days.Holds(s.From) && s.Overlaps(span) && len(all) < SessionsMax {
				all = append(all, s)
			}
		}
	}
	return all
}

func (t Timetable) session(from time.Time) Session {
	return Session{Window: Window{from, from.Add(time.Duration(t.Minutes) * time.Minute)},
		Warmup: from.Add(-time.Duration(t.Warmup) * time.Minute)}
}

// At is the session that starts at that very instant.
func (t Timetable) At(from time.Time, zone *time.Location) (Session, bool) {
	for _, s := range t.Sessions(Window{from, from.Add(1)}, zone) {
		if s.From.Equal(from) {
			return s, true
		}
	}
	return Session{}, false
}

// Check refuses a timetable that cannot be held: sessions of one day never overlap, and none is longer than a day.
// Codes: campaign.timetable.
func (t Timetable) Check() error {
	bad := fault.New(fault.Invalid, "campaign.timetable").At("timetable")
	if t.Days.Empty() || len(t.Starts) == 0 || len(t.Starts) > StartsMax || t.Minutes <= 0 || t.Minutes > dayMinutes ||
		t.Warmup < 0 || t.Warmup > WarmupMax || !slices.IsSorted(t.Starts) {
		return bad
	}
	for i, start := range t.Starts {
		ends := t.Starts[(i+1)%len(t.Starts)]
		if i == len(t.Starts)-1 {
			ends += dayMinutes
		}
		if start < 0 || start >= dayMinutes || start+t.Minutes > ends {
			return bad
		}
	}
	return nil
}

// EveryHour is a timetable of sessions that start and end on the hour.
func EveryHour(days Window) *Timetable {
	t := &Timetable{Days: days, Minutes: 60, Warmup: 120}
	for h := range int64(24) {
		t.Starts = append(t.Starts, h*60)
	}
	return t
}
