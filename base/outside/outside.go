// Package outside is how a node calls a machine that is not its own, such as a wallet's or a carrier's: with a
// deadline, so many calls at once and no more, and not at all while it is silent (FAULTS X11). Whatever the other side
// does - hang, panic, answer nonsense - costs its own callers only, and comes back as one of three outcomes.
//
// It knows nothing of what is asked, and repeats no call: its callers know which of theirs may be repeated.
package outside

import (
	"context"
	"fmt"
	"sync"
	"time"

	"hutong/base/clock"
)

// Outcome is how a call ended.
type Outcome string

// The outcomes of a call. There is no fourth: whatever is neither a clear yes nor a clear no is UNKNOWN.
const (
	OK      Outcome = "OK"
	REFUSED Outcome = "REFUSED" // a definite no: nothing was done and nothing will be
	UNKNOWN Outcome = "UNKNOWN" // no answer, or half of one: it may or may not have been done
)

// Options are the bounds of a Line.
type Options struct {
	Clock   clock.Clock
	Timeout time.Duration // of one call, with the wait for its turn
	Calls   int           // under way at once; a call counts until it really ends, also when nobody waits for it
	Silent  int           // calls without an answer in a row until the other side counts as down; 0: it never does
	Pause   time.Duration // how long it is left alone then, before one more try
}

// Line leads to one machine outside.
type Line struct {
	name  string
	o     Options
	slots chan struct{}

	mu       sync.Mutex
	failures int
	closed   time.Time // no call before this
}

// New makes a Line; the name stands in errors.
func New(name string, o Options) *Line {
	return &Line{name: name, o: o, slots: make(chan struct{}, o.Calls)}
}

// Down tells whether the other side is not to be called now.
func (l *Line) Down(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return now.Before(l.closed)
}

// record counts silent calls in a row.
func (l *Line) record(o Outcome, now time.Time) {
	if l.o.Silent == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if o != UNKNOWN {
		l.failures, l.closed = 0, time.Time{}
		return
	}
	if l.failures++; l.failures >= l.o.Silent {
		l.closed = now.Add(l.o.Pause)
	}
}

// Answer is what a call brought. An Err goes with REFUSED or UNKNOWN.
type Answer[T any] struct {
	Value   T
	Outcome Outcome
	Err     error
}

// Call asks the other side and always comes back within the deadline, with one of the three outcomes.
func Call[T any](ctx context.Context, l *Line, fn func(context.Context) (T, Outcome, error)) Answer[T] {
	now := clock.Now(ctx, l.o.Clock)
	if l.Down(now) {
		return Answer[T]{Outcome: UNKNOWN, Err: fmt.Errorf("outside: %s is down", l.name)}
	}
	caller := ctx
	ctx, cancel := context.WithTimeout(ctx, l.o.Timeout)
	defer cancel()
	select {
	case l.slots <- struct{}{}:
	case <-ctx.Done(): // the calls under way count for themselves
		return Answer[T]{Outcome: UNKNOWN, Err: fmt.Errorf("outside: %s has %d calls under way", l.name, l.o.Calls)}
	}
	done := make(chan Answer[T], 1)
	go func() {
		defer func() { <-l.slots }()
		done <- Guard(func() (T, Outcome, error) { return fn(ctx) })
	}()
	var got Answer[T]
	select {
	case got = <-done:
	case <-ctx.Done():
		got = Answer[T]{Outcome: UNKNOWN, Err: fmt.Errorf("outside: %s: %w", l.name, ctx.Err())}
	}
	if caller.Err() == nil || got.Outcome != UNKNOWN { // a caller who hung up says nothing about the other side
		l.record(got.Outcome, now)
	}
	return got
}

// Guard runs what an adapter does without leaving the node, and turns whatever is not clearly a yes or a no into
// UNKNOWN.
func Guard[T any](fn func() (T, Outcome, error)) (got Answer[T]) {
	defer func() {
		if p := recover(); p != nil {
			got = Answer[T]{Outcome: UNKNOWN, Err: fmt.Errorf("outside: the adapter panicked: %v", p)}
		}
	}()
	got.Value, got.Outcome, got.Err = fn()
	if got.Outcome != OK && got.Outcome != REFUSED || got.Outcome == OK && got.Err != nil {
		got.Outcome = UNKNOWN
	}
	return got
}
