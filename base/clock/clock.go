// Package clock is the only place that reads the machine's time. Everything else is given a Clock, so that tests,
// replays and simulations run at any time they like.
//
// Stored time is UTC microseconds since 1970 (Micros and FromMicros). Windows are half-open: [start, end).
package clock

import (
	"context"
	"sync"
	"time"
)

// Clock tells the time.
type Clock interface {
	// Now is the current instant, in UTC. Within one Clock it never goes backwards.
	Now() time.Time
}

// System is the machine's clock, held so that it never goes backwards when the machine's time is set back:
// business deadlines that have passed stay passed (FAULTS X14).
type System struct {
	mu   sync.Mutex
	last time.Time
}

// Now is the machine's time, or the last time told if the machine's time was set back.
func (s *System) Now() time.Time {
	now := time.Now().UTC().Truncate(time.Microsecond)
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Before(s.last) {
		return s.last
	}
	s.last = now
	return now
}

// Manual is a clock that moves only when told to. It is safe for concurrent use.
type Manual struct {
	mu  sync.Mutex
	now time.Time
}

// NewManual makes a Manual clock that stands at t.
func NewManual(t time.Time) *Manual { return &Manual{now: t.UTC()} }

// Now is the time that the clock was set to.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// Set moves the clock to t, if that is not backwards.
func (m *Manual) Set(t time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if t.After(m.now) {
		m.now = t.UTC()
	}
}

// Advance moves the clock on by d.
func (m *Manual) Advance(d time.Duration) { m.Set(m.Now().Add(d)) }

type pinned struct{}

// Pin makes a context in which Now answers t whatever the clock says. A replay pins each command to its own recorded
// instant, so that many can be under way at once.
func Pin(ctx context.Context, t time.Time) context.Context {
	return context.WithValue(ctx, pinned{}, t.UTC())
}

// Now is the instant pinned in ctx, or else c's.
func Now(ctx context.Context, c Clock) time.Time {
	if t, ok := ctx.Value(pinned{}).(time.Time); ok {
		return t
	}
	return c.Now()
}

// Micros is t as it is stored: microseconds since 1970 in UTC. The zero time is 0.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// FromMicros is the instant stored as us; 0 is the zero time.
func FromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
