package pay

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hutong/base/clock"
)

type named struct{ Provider }

func (named) Name() string { return "slow" }

var errBroken = errors.New("connection reset")

// FAULTS X11: whatever a wallet does, the caller is back after five seconds, with one of three outcomes.
func TestX11_CallAlwaysComesBack(t *testing.T) {
	type ask = func(context.Context) (int, Outcome, error)
	for name, c := range map[string]struct {
		fn   ask
		want Outcome
		wait time.Duration
	}{
		"answers":           {func(context.Context) (int, Outcome, error) { return 7, OK, nil }, OK, 0},
		"refuses":           {func(context.Context) (int, Outcome, error) { return 0, REFUSED, errBroken }, REFUSED, 0},
		"resets":            {func(context.Context) (int, Outcome, error) { return 0, UNKNOWN, errBroken }, UNKNOWN, 0},
		"yes with an error": {func(context.Context) (int, Outcome, error) { return 7, OK, errBroken }, UNKNOWN, 0},
		"another word":      {func(context.Context) (int, Outcome, error) { return 7, "MAYBE", nil }, UNKNOWN, 0},
		"panics":            {func(context.Context) (int, Outcome, error) { panic("nil map") }, UNKNOWN, 0},
		"takes 4 s": {func(context.Context) (int, Outcome, error) {
			time.Sleep(4 * time.Second)
			return 7, OK, nil
		}, OK, 4 * time.Second},
		"takes 30 s and does not care": {func(context.Context) (int, Outcome, error) {
			time.Sleep(30 * time.Second)
			return 7, OK, nil
		}, UNKNOWN, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				wall := &clock.System{}
				d := newDesk(named{}, wall, 5*time.Second)
				from := wall.Now()
				got := call(context.Background(), d, c.fn)
				if took := wall.Now().Sub(from); got.outcome != c.want || took != c.wait {
					t.Errorf("%s after %s (%v), want %s after %s", got.outcome, took, got.err, c.want, c.wait)
				}
				if got.outcome == OK && got.value != 7 {
					t.Errorf("the answer is %d", got.value)
				}
				time.Sleep(time.Minute) // virtual: until the call that nobody waits for has ended
			})
		})
	}
}

// A wallet that is silent five times in a row is left alone for thirty seconds, then tried once.
func TestX11_Breaker(t *testing.T) {
	c := clock.NewManual(time.Unix(1_800_000_000, 0))
	d := newDesk(named{}, c, time.Second)
	asked, alive := 0, false
	try := func() Outcome {
		return call(context.Background(), d, func(context.Context) (int, Outcome, error) {
			asked++
			if alive {
				return 0, OK, nil
			}
			return 0, UNKNOWN, errBroken
		}).outcome
	}
	for range 20 {
		try()
	}
	if asked != failuresMax || !d.down(c.Now()) {
		t.Errorf("asked %d times", asked)
	}
	c.Advance(breakerPause)
	try()
	try()
	if asked != failuresMax+1 {
		t.Errorf("asked %d times after the pause", asked)
	}
	alive = true
	c.Advance(breakerPause)
	first, second := try(), try()
	if first != OK || second != OK || d.down(c.Now()) {
		t.Error("it does not come back")
	}
}

// A wallet that never ends its calls holds its own slots only, and then is not called at all.
func TestX11_Bulkhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan bool)
		c := clock.NewManual(time.Unix(1_800_000_000, 0))
		d := newDesk(named{}, c, time.Second)
		var asked atomic.Int64
		for range slotsMax + 10 {
			c.Advance(breakerPause)
			call(context.Background(), d, func(context.Context) (int, Outcome, error) {
				asked.Add(1)
				<-hang
				return 0, OK, nil
			})
		}
		if asked.Load() != slotsMax {
			t.Errorf("%d calls under way, at most %d", asked.Load(), slotsMax)
		}
		close(hang)
		synctest.Wait()
	})
}

// More shoppers at once than a wallet is asked by are not told that it is silent: they wait for their turn.
func TestX11_CrowdWaitsItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(named{}, clock.NewManual(time.Unix(1_800_000_000, 0)), time.Second)
		var all sync.WaitGroup
		var fine atomic.Int64
		for range 3 * slotsMax {
			all.Go(func() {
				got := call(t.Context(), d, func(context.Context) (int, Outcome, error) {
					time.Sleep(100 * time.Millisecond)
					return 0, OK, nil
				})
				if got.outcome == OK {
					fine.Add(1)
				}
			})
		}
		all.Wait()
		if fine.Load() != 3*slotsMax {
			t.Errorf("%d of %d were served", fine.Load(), 3*slotsMax)
		}
	})
}

// Shoppers who hang up cannot make a wallet count as down for the others.
func TestX11_HangingUpIsNoSilence(t *testing.T) {
	c := clock.NewManual(time.Unix(1_800_000_000, 0))
	d := newDesk(named{}, c, time.Second)
	for range 2 * failuresMax {
		ctx, hangUp := context.WithCancel(t.Context())
		call(ctx, d, func(ctx context.Context) (int, Outcome, error) {
			hangUp()
			return 0, UNKNOWN, ctx.Err()
		})
	}
	if d.down(c.Now()) {
		t.Error("the wallet counts as down")
	}
}
