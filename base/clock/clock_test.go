package clock

import (
	"context"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 11, 12, 0, 0, 0, time.UTC)

// FAULTS X14: when the machine's time is set back, deadlines that have passed stay passed.
func TestSystemNeverGoesBackwards(t *testing.T) {
	var s System
	before := s.Now()
	s.last = before.Add(time.Hour) // as after the machine's time was set back by an hour
	if got := s.Now(); !got.Equal(before.Add(time.Hour)) {
		t.Errorf("told %v after %v", got, s.last)
	}
	s.last = before
	if now := s.Now(); now.Before(before) || now.Location() != time.UTC || now.Nanosecond()%1000 != 0 {
		t.Errorf("%v is not UTC in whole microseconds", now)
	}
}

func TestManualMovesOnlyForwardAndOnlyWhenTold(t *testing.T) {
	m := NewManual(noon.In(time.FixedZone("CST", 8*3600)))
	if now := m.Now(); !now.Equal(noon) || now.Location() != time.UTC {
		t.Errorf("stands at %v", now)
	}
	m.Advance(time.Second)
	m.Set(noon) // backwards: not taken
	if now := m.Now(); !now.Equal(noon.Add(time.Second)) {
		t.Errorf("stands at %v", now)
	}
}

func TestAPinnedInstantWins(t *testing.T) {
	m := NewManual(noon)
	if now := Now(context.Background(), m); !now.Equal(noon) {
		t.Errorf("not pinned: %v", now)
	}
	then := noon.Add(-time.Hour).In(time.FixedZone("CST", 8*3600))
	ctx, cancel := context.WithCancel(Pin(Pin(context.Background(), noon.Add(time.Hour)), then))
	defer cancel()
	if now := Now(ctx, m); !now.Equal(then) || now.Location() != time.UTC {
		t.Errorf("pinned: %v, want %v in UTC", now, then)
	}
}

func TestMicrosGoThereAndBack(t *testing.T) {
	if Micros(time.Time{}) != 0 || !FromMicros(0).IsZero() {
		t.Error("no time is not stored as 0")
	}
	rapid.Check(t, func(t *rapid.T) {
		us := rapid.Int64Range(-62_135_596_800_000_000+1, 253_402_300_799_999_999).Draw(t, "us") // years 1 to 9999
		at := FromMicros(us)
		if us == 0 {
			return
		}
		if got := Micros(at); got != us || at.Location() != time.UTC {
			t.Fatalf("%d came back as %d", us, got)
		}
	})
}
