package pay

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/outside"
	"hutong/funds/ledger"
	"hutong/party/audit"
)

// refundsPerRun bounds one run of SendRefunds.
const refundsPerRun = 64

// Ask has money of orders given back, in the caller's transaction: all asks or none. It is taken from what
// the order's attempts captured, newest first, and never more than captured minus refunded: the statement
// that counts it refuses (FAULTS M22, R15). SendRefunds brings it to the wallets after the commit.
//
// The money must stand in the order's escrow: what was settled to shops is taken back first (settle.Reverse),
// in the same transaction, else the ledger refuses with ledger.overdrawn.
//
// An Extra ask is for money that comes on top: the caller puts it into escrow first. It goes to whoever paid last.
//
// What a wallet took back by itself, as after a shopper's dispute with their bank, is never sent again: an ask for that
// money is met by it, at once, and only what goes beyond it is sent.
//
// The ids are those of all asks together, in their order; an ask can need several, and an amount of 0 needs
// none. Repeating an ask with the same Case gives the same ids and asks nothing new.
//
// Codes: pay.refund_too_large, pay.refund_mismatch (the Case was used with another amount).
func (s *Service) Ask(tx *db.Tx, at time.Time, asks []RefundAsk) ([]RefundID, error) {
	orders := make([]string, len(asks))
	for i, a := range asks {
		orders[i] = a.Order
	}
	p := planner{at: at, name: func() RefundID { return RefundID(s.ids.New("rfd")) }}
	err := lockTakenBills(tx, orders)
	if err != nil {
		return nil, err
	}
	if p.attempts, err = lockCaptured(tx, orders); err != nil {
		return nil, err
	}
	if p.before, err = askedBefore(tx, orders); err != nil {
		return nil, err
	}
	var ids []RefundID
	for _, ask := range asks {
		mine, err := p.plan(ask)
		if err != nil {
			return nil, err
		}
		ids = append(ids, mine...)
	}
	if err := s.ask(tx, at, p.fresh); err != nil {
		return nil, err
	}
	return ids, s.met(tx, at, p.met)
}

func (s *Service) ask(tx *db.Tx, at time.Time, fresh []Refund) error {
	counted, err := takeBack(tx, ofCaptures(fresh))
	if err != nil {
		return err
	}
	transfers := make([]ledger.Transfer, 0, len(fresh))
	var done []event.Event
	for _, n := range counted {
		if n != 1 {
			return tooLarge(0, fresh[0].Amount.Currency)
		}
	}
	for _, r := range fresh {
		transfers = append(transfers, refundAsked(r))
		if r.State == RefundTaken {
			transfers, done = append(transfers, refundDone(r)), append(done, refunded(r, at))
		}
	}
	if err := insertRefunds(tx, fresh); err != nil {
		return err
	}
	if err := event.Emit(tx, s.ids, done...); err != nil {
		return err
	}
	return ledger.Post(tx, at, transfers)
}

// ofCaptures are the refunds that come out of captures.
func ofCaptures(all []Refund) []Refund {
	return slices.DeleteFunc(slices.Clone(all), func(r Refund) bool { return r.Extra })
}

// SendRefunds brings the refunds that are due to their wallets and tells how many it tried; it is a job. A
// wallet that does not answer is asked again with the same id, so nothing is paid twice; one that refuses
// leaves the refund to the operator.
func (s *Service) SendRefunds(ctx context.Context) (int, error) {
	now := clock.Now(ctx, s.clock)
	var due []Refund
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		due, err = claimRefunds(tx, now, refundsPerRun)
		return err
	})
	if err != nil {
		return 0, err
	}
	return len(due), each(due, func(r Refund) error { return s.send(ctx, r) })
}

func (s *Service) send(ctx context.Context, r Refund) error {
	d, ok := s.byName[r.Wallet]
	if !ok {
		s.log.ErrorContext(ctx, "refund at a wallet that is gone", slog.String("refund", string(r.ID)),
			slog.String("wallet", r.Wallet))
		return nil
	}
	give := d.Refund
	if r.Extra {
		give = d.give
	}
	r.Attempt = r.Attempt.known()
	got := outside.Call(ctx, d.line, func(ctx context.Context) ([]Fact, Outcome, error) { return give(ctx, r) })
	switch got.Outcome {
	case OK:
		_, err := s.ApplyFacts(ctx, by(d.Name(), got.Value))
		return err
	case REFUSED:
		s.log.ErrorContext(ctx, "wallet refused a refund", slog.String("refund", string(r.ID)), slog.Any("err", got.Err))
		return s.refused(ctx, r)
	}
	s.log.WarnContext(ctx, "wallet did not answer a refund", slog.String("refund", string(r.ID)),
		slog.Int64("tries", r.Tries), slog.Any("err", got.Err))
	return nil
}

// refused keeps that a wallet will not pay a refund. Where it had taken that money back by itself, that is why, and the
// refund is met by it.
func (s *Service) refused(ctx context.Context, r Refund) error {
	now := clock.Now(ctx, s.clock)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		with, err := PaidTogether(tx, r.Order)
		if err != nil {
			return err
		}
		if err := s.purchases.HoldOrders(tx, with); err != nil { // orders are held before their payments
			return err
		}
		left, err := lockUnmet(tx, []AttemptID{r.Attempt})
		if err != nil {
			return err
		}
		if err := refuseRefund(tx, r.ID); err != nil {
			return err
		}
		transfers, err := s.meetWaiting(tx, now, left)
		if err != nil {
			return err
		}
		return ledger.Post(tx, now, transfers)
	})
}

// RetryRefund has a refused refund sent again, with the same id, after the operator has cleared it with the
// wallet. The record keeps it, in the same transaction. Code: pay.no_refund.
func (s *Service) RetryRefund(ctx context.Context, id RefundID) error {
	now := clock.Now(ctx, s.clock)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		was, err := reopenRefund(tx, id, now)
		if err == nil && !was {
			err = fault.New(fault.NotFound, "pay.no_refund")
		}
		if err != nil {
			return err
		}
		known, err := lockRefunds(tx, []string{string(id)})
		if err != nil {
			return err
		}
		r := known[id]
		return audit.Note(ctx, tx, s.ids, audit.Entry{At: now, What: "refund.retried", On: string(id),
			After: audit.Facts{"order": r.Order, "wallet": r.Wallet, "amount": strconv.FormatInt(r.Amount.Minor, 10),
				"currency": string(r.Amount.Currency)}})
	})
}

// refundPause is how long after the given try a refund is sent again.
func refundPause(tries int64) time.Duration {
	return min(5*time.Second<<min(tries-1, 10), 10*time.Minute)
}

// callsAtOnce bounds the calls to wallets that one run of a job has under way.
const callsAtOnce = 8

// each runs fn on all items, a few at once, and gives the first error; the others are run all the same.
func each[T any](items []T, fn func(T) error) error {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var first error
	slots := make(chan struct{}, callsAtOnce)
	for _, item := range items {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if err := fn(item); err != nil {
				mu.Lock()
				defer mu.Unlock()
				if first == nil {
					first = err
				}
			}
		})
	}
	wg.Wait()
	return first
}
