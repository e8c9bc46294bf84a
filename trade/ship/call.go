package ship

import (
	"context"
	"fmt"
	"time"
)

// callsMax bounds the calls to one carrier that are under way, so that one that hangs costs its own parcels only.
const callsMax = 64

// desk is where one carrier is called: with a deadline, and so that whatever it does - hang, panic, answer nonsense -
// comes back as one of the three outcomes.
type desk struct {
	Carrier
	timeout time.Duration
	slots   chan struct{} // a call holds one until it really ends, also when nobody waits for it any more
}

func newDesk(c Carrier, timeout time.Duration) *desk {
	return &desk{Carrier: c, timeout: timeout, slots: make(chan struct{}, callsMax)}
}

// answer is what a call to a carrier brought.
type answer[T any] struct {
	value   T
	outcome Outcome
	err     error
}

// call asks the carrier and always comes back within its deadline.
func call[T any](ctx context.Context, d *desk, fn func(context.Context) (T, Outcome, error)) answer[T] {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	select {
	case d.slots <- struct{}{}:
	case <-ctx.Done():
		return answer[T]{outcome: UNKNOWN, err: fmt.Errorf("ship: %s has %d calls under way", d.Name(), callsMax)}
	}
	done := make(chan answer[T], 1)
	go func() {
		defer func() { <-d.slots }()
		done <- guarded(func() (T, Outcome, error) { return fn(ctx) })
	}()
	select {
	case got := <-done:
		return got
	case <-ctx.Done():
		return answer[T]{outcome: UNKNOWN, err: fmt.Errorf("ship: %s: %w", d.Name(), ctx.Err())}
	}
}

// guarded runs fn and turns whatever is not clearly a yes or a no into UNKNOWN.
func guarded[T any](fn func() (T, Outcome, error)) (got answer[T]) {
	defer func() {
		if p := recover(); p != nil {
			got = answer[T]{outcome: UNKNOWN, err: fmt.Errorf("ship: the adapter panicked: %v", p)}
		}
	}()
	got.value, got.outcome, got.err = fn()
	if got.outcome != OK && got.outcome != REFUSED || got.outcome == OK && got.err != nil {
		got.outcome = UNKNOWN
	}
	return got
}
