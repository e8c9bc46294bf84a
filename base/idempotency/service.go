package idempotency

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
)

// Settings are what an operator may set. A zero field takes its value from Defaults.
type Settings struct {
	Wait  time.Duration // how long a repeated request waits for the first one
	Lease time.Duration // how long another node's claim is believed to be under way
	Keep  time.Duration // how long a reply can be given again
}

// Defaults are the settings that a node starts with.
var Defaults = Settings{Wait: 5 * time.Second, Lease: time.Minute, Keep: 72 * time.Hour}

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Service answers repeated requests.
type Service struct {
	db       *db.DB
	clock    clock.Clock
	settings Settings
	node     string
	flights  flights

	mu    sync.Mutex
	swept place // how far the walk of the sweep has come
}

// New makes the Service.
func New(d *db.DB, c clock.Clock, ids IDs, s Settings) *Service {
	if s.Wait == 0 {
		s.Wait = Defaults.Wait
	}
	if s.Lease == 0 {
		s.Lease = Defaults.Lease
	}
	if s.Keep == 0 {
		s.Keep = Defaults.Keep
	}
	return &Service{db: d, clock: c, settings: s, node: ids.New("nod")}
}

// Within calls a verb that records its reply in its own transaction (Record), rendered from the verb's result by
// render. A repeated request gets the first one's reply; its effect is rolled back before it can be seen.
//
// Codes: idempotency.key, idempotency.nobody, idempotency.mismatch, idempotency.in_flight, and the verb's.
func (s *Service) Within(
	ctx context.Context, r Request, render func(result any) (Reply, error), verb func(ctx context.Context) error,
) (Reply, error) {
	return s.fly(ctx, r, func(ctx context.Context, _ <-chan time.Time) (Reply, error) {
		sl := &slip{request: r, render: render, at: clock.Micros(clock.Now(ctx, s.clock)), node: s.node}
		err := verb(context.WithValue(ctx, slipKey{}, sl))
		if err == nil && sl.reply == nil {
			return Reply{}, fmt.Errorf("idempotency: the verb did not record its reply")
		}
		if err == nil {
			return *sl.reply, nil
		}
		// The key is taken, or the verb refused: perhaps just because it has had its effect already.
		was, found, lookup := s.look(context.WithoutCancel(ctx), r)
		if lookup != nil {
			return Reply{}, errors.Join(err, lookup)
		}
		if !found {
			return Reply{}, err
		}
		return was.again(r)
	})
}

// again is the row's reply as a repetition.
func (v row) again(r Request) (Reply, error) {
	if v.hash != r.Hash {
		return Reply{}, mismatch()
	}
	if v.state != done {
		return Reply{}, inFlight()
	}
	v.reply.Replayed = true
	return v.reply, nil
}

func (s *Service) look(ctx context.Context, r Request) (v row, found bool, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		v, found, err = load(tx, r)
		return err
	})
	return v, found, err
}

// Once runs a call once per key. What run does must be safe to repeat: it is run again when the node died, or could not
// tell the outcome, after the effect and before the reply was kept.
//
// Codes: idempotency.key, idempotency.nobody, idempotency.mismatch, idempotency.in_flight, and run's.
func (s *Service) Once(ctx context.Context, r Request, run func(ctx context.Context) (Reply, error)) (Reply, error) {
	return s.fly(ctx, r, func(ctx context.Context, until <-chan time.Time) (Reply, error) {
		was, mine, err := s.claim(ctx, r, until)
		if err != nil {
			return Reply{}, err
		}
		if !mine {
			return was.again(r)
		}
		return s.claimed(ctx, r, run)
	})
}

// fly lets one request per key run at a time in this process; the others wait for its reply.
func (s *Service) fly(
	ctx context.Context, r Request, run func(context.Context, <-chan time.Time) (Reply, error),
) (Reply, error) {
	if err := r.check(); err != nil {
		return Reply{}, err
	}
	timer := time.NewTimer(s.settings.Wait)
	defer timer.Stop()
	for {
		fl, mine, err := s.flights.board(r)
		if err != nil {
			return Reply{}, err
		}
		if mine {
			defer s.flights.land(r, fl)
			fl.reply, err = run(ctx, timer.C)
			fl.ok = err == nil
			return fl.reply, err
		}
		if reply, ok, err := fl.wait(ctx, timer.C); ok || err != nil {
			return reply, err
		}
	}
}

// lookEvery is the pause between two looks at another node's claim.
const lookEvery = 50 * time.Millisecond

// claim makes the key this node's, or gives the row of whoever has it, done or of another request.
func (s *Service) claim(ctx context.Context, r Request, until <-chan time.Time) (was row, mine bool, err error) {
	for {
		was, mine, err = s.tryClaim(ctx, r)
		if err != nil || mine || was.state == done || was.hash != r.Hash {
			return was, mine, err
		}
		pause := time.NewTimer(lookEvery)
		select {
		case <-pause.C:
		case <-until:
			pause.Stop()
			return was, false, inFlight()
		case <-ctx.Done():
			pause.Stop()
			return was, false, ctx.Err()
		}
	}
}

func (s *Service) tryClaim(ctx context.Context, r Request) (was row, mine bool, err error) {
	now := clock.Now(ctx, s.clock)
	at := clock.Micros(now)
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		mine, err = insert(tx, r, row{hash: r.Hash, state: inflight, node: s.node, at: at})
		if err != nil || mine {
			return err
		}
		found := false
		was, found, err = load(tx, r)
		if err != nil {
			return err
		}
		if !found { // released between the two statements: look again
			was = row{hash: r.Hash, state: inflight}
			return nil
		}
		if was.hash == r.Hash && was.state == inflight && s.dead(was, now) {
			mine, err = takeOver(tx, r, was, s.node, at)
		}
		return err
	})
	return was, mine, err
}

// dead tells whether nobody runs a claimed call any more: its node gave it up, or this process is the only one and
// knows of no such flight, or the other node's time is over.
func (s *Service) dead(v row, now time.Time) bool {
	return v.node == "" || v.node == s.node || s.db.Engine() == db.SQLite ||
		!now.Before(clock.FromMicros(v.at).Add(s.settings.Lease))
}

// claimed runs a call whose key is this node's, and settles the claim whatever becomes of the call.
func (s *Service) claimed(
	ctx context.Context, r Request, run func(context.Context) (Reply, error),
) (reply Reply, err error) {
	keeping := context.WithoutCancel(ctx) // the caller may go away; what happened is still to be kept
	settled := false
	defer func() {
		if !settled { // run panicked, or could not tell whether it had its effect
			err = errors.Join(err, s.db.Write(keeping, func(tx *db.Tx) error { return abandon(tx, r, s.node) }))
		}
	}()
	reply, err = run(ctx)
	if err != nil {
		if unknown(err) {
			return Reply{}, err
		}
		settled = true
		return Reply{}, errors.Join(err, s.db.Write(keeping, func(tx *db.Tx) error { return release(tx, r, s.node) }))
	}
	if err := reply.check(); err != nil {
		return Reply{}, err
	}
	kept := false
	err = s.db.Write(keeping, func(tx *db.Tx) error {
		var err error
		kept, err = keep(tx, r, s.node, reply)
		return err
	})
	settled = err == nil
	if err == nil && !kept { // another node took this one for dead and ran the call again: its reply holds
		was, found, err := s.look(keeping, r)
		if err != nil || !found {
			return reply, err
		}
		return was.again(r)
	}
	return reply, err
}

// unknown tells whether a failed call may have had its effect.
func unknown(err error) bool {
	switch fault.Of(err) {
	case fault.Internal, fault.Unavailable:
		return true
	}
	return false
}

// sweepLook bounds one run of Sweep.
const sweepLook = 2000

// Sweep drops replies that are older than Settings.Keep: a job's Run. It walks the table in the order of its key, some
// rows at a time, so that no index is kept for it; it tells how many rows it looked at, and 0 at the end of the walk.
func (s *Service) Sweep(ctx context.Context) (looked int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := clock.Micros(clock.Now(ctx, s.clock).Add(-s.settings.Keep))
	var found slice
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		found, err = walk(tx, s.swept, before, sweepLook)
		return err
	})
	if err != nil {
		return 0, err
	}
	if len(found.old) > 0 {
		if err := s.db.Write(ctx, func(tx *db.Tx) error { return drop(tx, found.old) }); err != nil {
			return 0, err
		}
	}
	if found.seen < sweepLook {
		s.swept = place{} // the next walk begins at the front
		return 0, nil
	}
	s.swept = found.last
	return found.seen, nil
}
