// Package lane gathers commands that arrive one by one into batches, because a hot verb is cheaper by the batch: one
// load, one decision in memory, one save, one commit.
//
// A lane never waits to fill a batch: the next one forms while the previous one commits. It is bounded: what does not
// fit is refused at once, with the time after which to try again. A panic in a batch ends the process (FAULTS X18): a
// lane whose invariants broke must not go on.
package lane

import (
	"context"
	_ "embed"
	"runtime"
	"sync"
	"time"

	"hutong/base/fault"
	"hutong/base/text"
)

// Options bound a lane. The zero value is right for an order lane.
type Options struct {
	BatchMax int // commands decided together; default 256
	QueueMax int // commands that may wait; default 4096
	Workers  int // batches under way at once; default 1
	Enough   int // commands that wait for no more, where a batch of them costs no more for each; default BatchMax
}

// Outcome is the answer to one command of a batch.
type Outcome[R any] struct {
	Reply R
	Err   error
}

type entry[C, R any] struct {
	command C
	done    chan Outcome[R]
}

// Lane runs commands of type C, answered by R, in batches. It is safe for concurrent use.
type Lane[C, R any] struct {
	run     func([]C) ([]Outcome[R], error)
	max     int
	enough  int
	queue   chan entry[C, R]
	workers sync.WaitGroup

	mu     sync.RWMutex
	closed bool
}

// New starts a lane. run decides one batch and returns one outcome per command, in order, once they are durable; an
// error says that nothing of the batch happened. When a batch of several fails, and not because storage does, its
// commands are run one by one, so that the command which causes it fails alone.
func New[C, R any](o Options, run func([]C) ([]Outcome[R], error)) *Lane[C, R] {
	l := &Lane[C, R]{run: run, max: orDefault(o.BatchMax, 256), queue: make(chan entry[C, R], orDefault(o.QueueMax, 4096))}
	l.enough = orDefault(o.Enough, l.max)
	for range orDefault(o.Workers, 1) {
		l.workers.Go(l.work)
	}
	return l
}

func orDefault(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}

// Do runs one command and waits for its outcome, which it waits for even when the caller has gone: what is queued
// happens. Codes: lane.full (try again after a moment), lane.closed.
func (l *Lane[C, R]) Do(ctx context.Context, command C) (R, error) {
	e := entry[C, R]{command, make(chan Outcome[R], 1)}
	if err := l.enqueue(ctx, e); err != nil {
		var none R
		return none, err
	}
	out := <-e.done
	return out.Reply, out.Err
}

func (l *Lane[C, R]) enqueue(ctx context.Context, e entry[C, R]) error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.closed {
		return fault.New(fault.Unavailable, "lane.closed").After(time.Second)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case l.queue <- e:
		return nil
	default:
		return fault.New(fault.Unavailable, "lane.full").After(time.Second)
	}
}

// Close refuses further commands and waits for those that are queued.
func (l *Lane[C, R]) Close() {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		close(l.queue)
	}
	l.mu.Unlock()
	l.workers.Wait()
}

func (l *Lane[C, R]) work() {
	batch := make([]entry[C, R], 0, l.max)
	for first := range l.queue {
		if len(l.queue)+1 < l.enough {
			runtime.Gosched() // see Relay.work
		}
		batch = l.gather(append(batch[:0], first))
		answer(batch, l.run)
	}
}

// gather takes what is queued now, without waiting for more.
func (l *Lane[C, R]) gather(batch []entry[C, R]) []entry[C, R] {
	for len(batch) < l.max {
		select {
		case e, ok := <-l.queue:
			if !ok {
				return batch
			}
			batch = append(batch, e)
		default:
			return batch
		}
	}
	return batch
}

// answer runs one batch and tells every command of it its outcome.
func answer[C, R any](batch []entry[C, R], run func([]C) ([]Outcome[R], error)) {
	commands := make([]C, len(batch))
	for i, e := range batch {
		commands[i] = e.command
	}
	for i, out := range decide(commands, run) {
		batch[i].done <- out
	}
}

func decide[C, R any](commands []C, run func([]C) ([]Outcome[R], error)) []Outcome[R] {
	outs, err := run(commands)
	if err == nil {
		return outs
	}
	outs = make([]Outcome[R], len(commands))
	for i, c := range commands {
		outs[i].Err = err
		if len(commands) == 1 || fault.Of(err) == fault.Unavailable {
			continue
		}
		if alone, err := run([]C{c}); err != nil {
			outs[i].Err = err
		} else {
			outs[i] = alone[0]
		}
	}
	return outs
}

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)
