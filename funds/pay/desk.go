package pay

import (
	"context"
	"fmt"
	"sync"
	"time"

	"hutong/base/clock"
)

// desk is where one wallet is called: with a deadline, beside the others, and not at all while it is down
// (FAULTS X11). Whatever it does - hang, panic, answer nonsense - costs its own callers only.
type desk struct {
	Provider
	clock   clock.Clock
	timeout time.Duration
	slots   chan struct{} // a call holds one until it really ends, also when nobody waits for it any more

	mu       sync.Mutex
	failures int
	closed   time.Time // no call before this
}

const (
	slotsMax     = 256
	failuresMax  = 5                // silent calls in a row until the wallet counts as down
	breakerPause = 30 * time.Second // then one more try
)

func newDesk(p Provider, c clock.Clock, timeout time.Duration) *desk {
	return &desk{Provider: p, clock: c, timeout: timeout, slots: make(chan struct{}, slotsMax)}
}

// down tells whether the wallet is not to be called now.
func (d *desk) down(now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return now.Before(d.closed)
}

// record counts silent calls in a row.
func (d *desk) record(o Outcome, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if o != UNKNOWN {
		d.failures, d.closed = 0, time.Time{}
		return
	}
	if d.failures++; d.failures >= failuresMax {
		d.closed = now.Add(breakerPause)
	}
}

// answer is what a call to a wallet brought.
type answer[T any] struct {
	value   T
	outcome Outcome
	err     error
}

// call asks the wallet and always comes back within the deadline, with one of the three outcomes.
func call[T any](ctx context.Context, d *desk, fn func(context.Context) (T, Outcome, error)) answer[T] {
	now := clock.Now(ctx, d.clock)
	if d.down(now) {
		return answer[T]{outcome: UNKNOWN, err: fmt.Errorf("pay: %s is down", d.Name())}
	}
	caller := ctx
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	select {
	case d.slots <- struct{}{}:
	case <-ctx.Done(): // the calls under way count for themselves
		return answer[T]{outcome: UNKNOWN, err: fmt.Errorf("pay: %s has %d calls under way", d.Name(), slotsMax)}
	}
	done := make(chan answer[T], 1)
	go func() {
		defer func() { <-d.slots }()
		done <- guarded(ctx, fn)
	}()
	var got answer[T]
	select {
	case got = <-done:
	case <-ctx.Done():
		got = answer[T]{outcome: UNKNOWN, err: fmt.Errorf("pay: %s: %w", d.Name(), ctx.Err())}
	}
	if caller.Err() == nil || got.outcome != UNKNOWN { // a shopper who hung up says nothing about the wallet
		d.record(got.outcome, now)
	}
	return got
}

// guarded runs the call and turns whatever is not clearly a yes or a no into UNKNOWN.
func guarded[T any](ctx context.Context, fn func(context.Context) (T, Outcome, error)) (got answer[T]) {
	defer func() {
		if p := recover(); p != nil {
			got = answer[T]{outcome: UNKNOWN, err: fmt.Errorf("pay: the adapter panicked: %v", p)}
		}
	}()
	got.value, got.outcome, got.err = fn(ctx)
	if got.outcome != OK && got.outcome != REFUSED || got.outcome == OK && got.err != nil {
		got.outcome = UNKNOWN
	}
	return got
}
