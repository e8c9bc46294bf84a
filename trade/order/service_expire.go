package order

import (
	"context"
	"errors"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
)

// inHalves runs a job's work on a batch at once or, where something in it cannot be done, on its halves, until that one
// is alone: it keeps nothing else waiting, and is the error.
func inHalves[T any](ctx context.Context, all []T, run func(some []T) (int, error)) (done int, err error) {
	if done, err = run(all); err == nil {
		return done, nil
	}
	if len(all) == 1 || ctx.Err() != nil || fault.Of(err) == fault.Unavailable { // the database's, nobody's in it
		return 0, err
	}
	half := len(all) / 2
	first, err := inHalves(ctx, all[:half], run)
	second, other := inHalves(ctx, all[half:], run)
	return first + second, errors.Join(err, other)
}

// expire ends those of some orders that are due, all or none.
func (s *Service) expire(ctx context.Context, ids []ID, at time.Time) (done int, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		heads, err := Headers(tx, ids)
		if err != nil {
			return err
		}
		var due []Order
		for _, id := range ids { // read again under the lock: a payment may have come first
			if o := heads[id]; o.State == AwaitingPayment && !at.Before(o.ExpiresAt) {
				due = append(due, o)
			}
		}
		done = len(due)
		return s.lapse(tx, due, Cause{Actor: "time", Why: "expired", At: at})
	})
	return done, err
}

// receive completes those of some suborders whose receipt confirms itself, all or none.
func (s *Service) receive(ctx context.Context, due []SubKey, at time.Time) (done int, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		w, err := openSums(tx, due)
		if err != nil {
			return err
		}
		var subs []*Sub
		for _, k := range due {
			_, sub, err := w.sub(k)
			if err != nil {
				return err
			}
			if sub.State.Can(SubCompleted) && !sub.ConfirmBy.IsZero() && !at.Before(sub.ConfirmBy) {
				subs = append(subs, sub)
			}
		}
		done = len(subs)
		return s.complete(tx, w, subs, Cause{Actor: "time", Why: "auto_received", At: at})
	})
	return done, err
}
