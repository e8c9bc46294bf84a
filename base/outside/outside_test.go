package outside_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hutong/base/clock"
	"hutong/base/outside"
)

const (
	calls  = 256
	silent = 5
	pause  = 30 * time.Second
)

// line leads to somebody who is slow.
func line(c clock.Clock, timeout time.Duration) *outside.Line {
	return outside.New("slow", outside.Options{Clock: c, Timeout: timeout, Calls: calls, Silent: silent, Pause: pause})
}

var errBroken = errors.New("connection reset")

// FAULTS X11: whatever the other side does, the caller is back after five seconds, with one of three outcomes.
func TestX11_CallAlwaysComesBack(t *testing.T) {
	type ask = func(context.Context) (int, outside.Outcome, error)
	for name, c := range map[string]struct {
		fn   ask
		want outside.Outcome
		wait time.Duration
	}{
		"answers":           {func(context.Context) (int, outside.Outcome, error) { return 7, outside.OK, nil }, outside.OK, 0},
		"refuses":           {func(context.Context) (int, outside.Outcome, error) { return 0, outside.REFUSED, errBroken }, outside.REFUSED, 0},
		"resets":            {func(context.Context) (int, outside.Outcome, error) { return 0, outside.UNKNOWN, errBroken }, outside.UNKNOWN, 0},
		"yes with an error": {func(context.Context) (int, outside.Outcome, error) { return 7, outside.OK, errBroken }, outside.UNKNOWN, 0},
		"another word":      {func(context.Context) (int, outside.Outcome, error) { return 7, "MAYBE", nil }, outside.UNKNOWN, 0},
		"panics":            {func(context.Context) (int, outside.Outcome, error) { panic("nil map") }, outside.UNKNOWN, 0},
		"takes 4 s": {func(context.Context) (int, outside.Outcome, error) {
			time.Sleep(4 * time.Second)
			return 7, outside.OK, nil
		}, outside.OK, 4 * time.Second},
		"takes 30 s and does not care": {func(context.Context) (int, outside.Outcome, error) {
			time.Sleep(30 * time.Second)
			return 7, outside.OK, nil
		}, outside.UNKNOWN, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				wall := &clock.System{}
				d := line(wall, 5*time.Second)
				from := wall.Now()
				got := outside.Call(context.Background(), d, c.fn)
				if took := wall.Now().Sub(from); got.Outcome != c.want || took != c.wait {
					t.Errorf("%s after %s (%v), want %s after %s", got.Outcome, took, got.Err, c.want, c.wait)
				}
				if got.Outcome == outside.OK && got.Value != 7 {
					t.Errorf("the answer is %d", got.Value)
				}
				time.Sleep(time.Minute) // virtual: until the call that nobody waits for has ended
			})
		})
	}
}

// A machine that is silent five times in a row is left alone for thirty seconds, then tried once.
func TestX11_Breaker(t *testing.T) {
	c := clock.NewManual(time.Unix(1_800_000_000, 0))
	d := line(c, time.Second)
	asked, alive := 0, false
	try := func() outside.Outcome {
		return outside.Call(context.Background(), d, func(context.Context) (int, outside.Outcome, error) {
			asked++
			if alive {
				return 0, outside.OK, nil
			}
			return 0, outside.UNKNOWN, errBroken
		}).Outcome
	}
	for range 20 {
		try()
	}
	if asked != silent || !d.Down(c.Now()) {
		t.Errorf("asked %d times", asked)
	}
	c.Advance(pause)
	try()
	try()
	if asked != silent+1 {
		t.Errorf("asked %d times after the pause", asked)
	}
	alive = true
	c.Advance(pause)
	first, second := try(), try()
	if first != outside.OK || second != outside.OK || d.Down(c.Now()) {
		t.Error("it does not come back")
	}
}

// One that never ends its calls holds its own slots only, and then is not called at all.
func TestX11_Bulkhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan bool)
		c := clock.NewManual(time.Unix(1_800_000_000, 0))
		d := line(c, time.Second)
		var asked atomic.Int64
		for range calls + 10 {
			c.Advance(pause)
			outside.Call(context.Background(), d, func(context.Context) (int, outside.Outcome, error) {
				asked.Add(1)
				<-hang
				return 0, outside.OK, nil
			})
		}
		if asked.Load() != calls {
			t.Errorf("%d calls under way, at most %d", asked.Load(), calls)
		}
		close(hang)
		synctest.Wait()
	})
}

// More callers at once than may be are not told that it is silent: they wait for their turn.
func TestX11_CrowdWaitsItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := line(clock.NewManual(time.Unix(1_800_000_000, 0)), time.Second)
		var all sync.WaitGroup
		var fine atomic.Int64
		for range 3 * calls {
			all.Go(func() {
				got := outside.Call(t.Context(), d, func(context.Context) (int, outside.Outcome, error) {
					time.Sleep(100 * time.Millisecond)
					return 0, outside.OK, nil
				})
				if got.Outcome == outside.OK {
					fine.Add(1)
				}
			})
		}
		all.Wait()
		if fine.Load() != 3*calls {
			t.Errorf("%d of %d were served", fine.Load(), 3*calls)
		}
	})
}

// Callers who hang up cannot make it count as down for the others.
func TestX11_HangingUpIsNoSilence(t *testing.T) {
	c := clock.NewManual(time.Unix(1_800_000_000, 0))
	d := line(c, time.Second)
	for range 2 * silent {
		ctx, hangUp := context.WithCancel(t.Context())
		outside.Call(ctx, d, func(ctx context.Context) (int, outside.Outcome, error) {
			hangUp()
			return 0, outside.UNKNOWN, ctx.Err()
		})
	}
	if d.Down(c.Now()) {
		t.Error("it counts as down")
	}
}

// A line without a bound of silence is tried every time.
func TestALineThatIsNeverDown(t *testing.T) {
	c := clock.NewManual(time.Unix(1_800_000_000, 0))
	l := outside.New("carrier", outside.Options{Clock: c, Timeout: time.Second, Calls: 1})
	asked := 0
	for range 20 {
		outside.Call(t.Context(), l, func(context.Context) (int, outside.Outcome, error) {
			asked++
			return 0, outside.UNKNOWN, errBroken
		})
	}
	if asked != 20 || l.Down(c.Now()) {
		t.Errorf("asked %d times", asked)
	}
}
