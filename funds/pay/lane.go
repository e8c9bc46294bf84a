package pay

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"

	"hutong/base/fault"
)

// Bounds of the lane.
const (
	batchMax = 256  // facts in one transaction
	queueMax = 8192 // facts that may wait; a further one is refused and told again by its wallet
)

// Result is what became of one fact.
type Result struct {
	Effect Effect
	Reason string // why it was returned or suspended
	err    error
}

// waiting is a fact in the lane.
type waiting struct {
	incoming
	result *Result
	call   *sync.WaitGroup
}

// lane brings facts together: while one batch commits, the next one forms. There is no timer, so a lone fact
// goes at once, and no goroutine while there is nothing to do, so nothing has to be closed.
type lane struct {
	apply func([]*waiting) error // decides and commits one batch, or changes nothing

	mu      sync.Mutex
	queue   []*waiting
	running bool
}

// submit puts facts in and comes back when each of them is committed or refused. The outcome is waited for
// even when the caller has gone: once in, a fact is applied.
func (l *lane) submit(ctx context.Context, facts []Fact, at time.Time) ([]Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	results := make([]Result, len(facts))
	var call sync.WaitGroup
	call.Add(len(facts))
	if !l.enqueue(facts, at, results, &call) {
		return nil, fault.New(fault.Unavailable, "pay.busy").After(time.Second)
	}
	call.Wait()
	var errs []error
	for _, r := range results {
		errs = append(errs, r.err)
	}
	return results, errors.Join(errs...)
}

func (l *lane) enqueue(facts []Fact, at time.Time, results []Result, call *sync.WaitGroup) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue)+len(facts) > queueMax {
		return false
	}
	for i, f := range facts {
		l.queue = append(l.queue, &waiting{incoming: incoming{f, at}, result: &results[i], call: call})
	}
	if !l.running && len(l.queue) > 0 {
		l.running = true
		go l.run()
	}
	return true
}

func (l *lane) run() {
	for {
		runtime.Gosched() // on a busy machine others bring more facts first
		batch := l.next()
		if len(batch) == 0 {
			return
		}
		l.settle(batch)
		for _, w := range batch {
			w.call.Done()
		}
	}
}

func (l *lane) next() []*waiting {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := min(len(l.queue), batchMax)
	if n == 0 {
		l.running, l.queue = false, nil
		return nil
	}
	batch := l.queue[:n:n]
	l.queue = l.queue[n:]
	return batch
}

// settle applies a batch. When it fails, one of its facts is poison: halves are tried until the poison is
// alone, so the others go through, each exactly once.
func (l *lane) settle(batch []*waiting) {
	err := l.guarded(batch)
	if err == nil {
		return
	}
	if len(batch) == 1 || storageDown(err) {
		for _, w := range batch {
			*w.result = Result{err: err}
		}
		return
	}
	l.settle(batch[:len(batch)/2])
	l.settle(batch[len(batch)/2:])
}

// guarded applies a batch and makes an error of a panic: a broken invariant met by one fact must not stop the
// lane.
func (l *lane) guarded(batch []*waiting) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fault.New(fault.Internal, "internal.error").Because(fmt.Errorf("pay: panic in the lane: %v", p))
		}
	}()
	return l.apply(batch)
}

// storageDown tells whether the failure has nothing to do with the facts: trying halves would only make it
// worse.
func storageDown(err error) bool {
	return strings.HasPrefix(fault.As(err).Code, "storage.")
}
