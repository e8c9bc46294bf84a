package order

import (
	"context"
	"time"

	"hutong/base/db"
)

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
