package idempotency

import (
	"context"
	"sync"
	"time"

	"hutong/base/fault"
)

// flights are the calls that run in this process, so that a repeated request waits for the first one's reply.
type flights struct {
	mu  sync.Mutex
	all map[place]*flight
}

type place struct{ principal, key string }

type flight struct {
	hash  string
	ended chan struct{}
	reply Reply // set before ended is closed
	ok    bool  // whether there is a reply
}

// board makes the caller the one who runs the call (mine), or tells the flight to wait for.
// Codes: idempotency.mismatch.
func (f *flights) board(r Request) (fl *flight, mine bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := place{r.Principal, r.Key}
	if fl, there := f.all[at]; there {
		if fl.hash != r.Hash {
			return nil, false, mismatch()
		}
		return fl, false, nil
	}
	if f.all == nil {
		f.all = map[place]*flight{}
	}
	fl = &flight{hash: r.Hash, ended: make(chan struct{})}
	f.all[at] = fl
	return fl, true, nil
}

func (f *flights) land(r Request, fl *flight) {
	f.mu.Lock()
	delete(f.all, place{r.Principal, r.Key})
	f.mu.Unlock()
	close(fl.ended)
}

// wait gives the flight's reply as a repetition; ok is false if the flight ended without one.
func (fl *flight) wait(ctx context.Context, until <-chan time.Time) (r Reply, ok bool, err error) {
	select {
	case <-fl.ended:
		r = fl.reply
		r.Replayed = true
		return r, fl.ok, nil
	case <-until:
		return Reply{}, false, inFlight()
	case <-ctx.Done():
		return Reply{}, false, ctx.Err()
	}
}

func inFlight() error {
	return fault.New(fault.Conflict, "idempotency.in_flight").After(time.Second)
}
