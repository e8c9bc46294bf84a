package lane

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"hutong/base/fault"
)

// Relay is a lane without workers that wait: whoever finds a free place at it sends one off, which runs what has come,
// and what comes meanwhile, until nothing is left. A lone command goes at once, and there is nothing to close.
type Relay[C, R any] struct {
	run     func([]C) ([]Outcome[R], error)
	o       Options
	mu      sync.Mutex
	queue   []entry[C, R]
	running int
}

// NewRelay makes a relay; run is as that of New.
func NewRelay[C, R any](o Options, run func([]C) ([]Outcome[R], error)) *Relay[C, R] {
	o.BatchMax, o.QueueMax, o.Workers = orDefault(o.BatchMax, 256), orDefault(o.QueueMax, 4096), orDefault(o.Workers, 1)
	return &Relay[C, R]{run: run, o: o}
}

// Do runs one command and waits for its outcome, which it waits for even when the caller has gone. Codes: lane.full.
func (r *Relay[C, R]) Do(ctx context.Context, command C) (R, error) {
	var none R
	if err := ctx.Err(); err != nil {
		return none, err
	}
	e := entry[C, R]{command, make(chan Outcome[R], 1)}
	r.mu.Lock()
	if len(r.queue) >= r.o.QueueMax {
		r.mu.Unlock()
		return none, fault.New(fault.Unavailable, "lane.full").After(time.Second)
	}
	r.queue = append(r.queue, e)
	if r.running < r.o.Workers {
		r.running++
		go r.work()
	}
	r.mu.Unlock()
	out := <-e.done
	return out.Reply, out.Err
}

// work lets whoever is ready to run come first: on a busy machine they bring what the batch is made of, on an idle one
// there is nobody.
func (r *Relay[C, R]) work() {
	runtime.Gosched()
	for batch := r.next(); len(batch) > 0; batch = r.next() {
		answer(batch, r.guarded)
		runtime.Gosched()
	}
}

// guarded makes an error of a panic. A relay keeps nothing from batch to batch, and a panic takes its transaction back,
// so what one command meets must end neither the others nor the process.
func (r *Relay[C, R]) guarded(commands []C) (outs []Outcome[R], err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fault.New(fault.Internal, "internal.error").Because(fmt.Errorf("lane: panic: %v\n%s", p, debug.Stack()))
		}
	}()
	return r.run(commands)
}

func (r *Relay[C, R]) next() []entry[C, R] {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := min(len(r.queue), r.o.BatchMax)
	if n == 0 {
		r.running--
		r.queue = nil
		return nil
	}
	batch := r.queue[:n:n]
	r.queue = r.queue[n:]
	return batch
}
