package lane

import (
	"context"
	"sync"
	"time"

	"hutong/base/fault"
)

// Relay is a lane without workers: whoever finds nobody at it runs what has come, and what comes meanwhile, until
// nothing is left. A lone command goes at once, and there is nothing to close. One batch is under way at a time.
type Relay[C, R any] struct {
	run      func([]C) ([]Outcome[R], error)
	max      int
	queueMax int

	mu      sync.Mutex
	queue   []entry[C, R]
	running bool
}

// NewRelay makes a relay; run is as that of New, and Options.Workers is not looked at.
func NewRelay[C, R any](o Options, run func([]C) ([]Outcome[R], error)) *Relay[C, R] {
	return &Relay[C, R]{run: run, max: orDefault(o.BatchMax, 256), queueMax: orDefault(o.QueueMax, 4096)}
}

// Do runs one command and waits for its outcome, which it waits for even when the caller has gone. Codes: lane.full.
func (r *Relay[C, R]) Do(ctx context.Context, command C) (R, error) {
	var none R
	if err := ctx.Err(); err != nil {
		return none, err
	}
	e := entry[C, R]{command, make(chan Outcome[R], 1)}
	r.mu.Lock()
	if len(r.queue) >= r.queueMax {
		r.mu.Unlock()
		return none, fault.New(fault.Unavailable, "lane.full").After(time.Second)
	}
	r.queue = append(r.queue, e)
	if !r.running {
		r.running = true
		go r.work() // of its own, so that a panic ends the process as it does in a lane (FAULTS X18)
	}
	r.mu.Unlock()
	out := <-e.done
	return out.Reply, out.Err
}

func (r *Relay[C, R]) work() {
	for batch := r.next(); len(batch) > 0; batch = r.next() {
		answer(batch, r.run)
	}
}

func (r *Relay[C, R]) next() []entry[C, R] {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := min(len(r.queue), r.max)
	if n == 0 {
		r.running, r.queue = false, nil
		return nil
	}
	batch := r.queue[:n:n]
	r.queue = r.queue[n:]
	return batch
}
