package pay

import (
	"context"
	"log/slog"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/outside"
)

// Bounds of asking wallets.
const (
	pollsPerRun = 64
	pollsMax    = 200           // tries until an attempt without an answer is left to the operator: more than a day
	billLife    = 2 * time.Hour // how long a wallet may still take money for a bill that we no longer show
)

// pollPause is how long after the given number of questions the next one comes. The first leaves the call
// that makes the bill time to end.
func pollPause(polls int64) time.Duration {
	return min(15*time.Second<<min(polls-1, 10), 10*time.Minute)
}

// Poll asks the wallets about attempts whose notification has not come, and tells how many it asked; it is a
// job. It resolves attempts whose wallet did not answer (FAULTS X11) and finds payments whose notification
// was lost.
func (s *Service) Poll(ctx context.Context) (int, error) {
	now := clock.Now(ctx, s.clock)
	var due []duePoll
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		due, err = claimPolls(tx, now, pollsPerRun)
		return err
	})
	if err != nil {
		return 0, err
	}
	return len(due), each(due, func(p duePoll) error { return s.query(ctx, p, now) })
}

func (s *Service) query(ctx context.Context, p duePoll, now time.Time) error {
	d, ok := s.byName[p.Wallet]
	if !ok {
		return s.giveUp(ctx, p.Attempt, "wallet_gone", now)
	}
	asked := p.asWallet()
	got := outside.Call(ctx, d.line, func(ctx context.Context) ([]Fact, Outcome, error) { return d.Query(ctx, asked) })
	if len(got.Value) > 0 && got.Outcome == OK {
		_, err := s.ApplyFacts(ctx, by(d.Name(), got.Value))
		return err
	}
	over := !now.Before(p.Expires.Add(billLife))
	switch {
	case got.Outcome == REFUSED:
		return s.close(ctx, p.Attempt, Failed, now)
	case got.Outcome == OK && over:
		return s.close(ctx, p.Attempt, Cancelled, now)
	case got.Outcome == OK:
		return s.close(ctx, p.Attempt, Pending, now)
	case p.polls >= pollsMax:
		return s.giveUp(ctx, p.Attempt, "unanswered", now)
	}
	s.log.WarnContext(ctx, "wallet did not answer a question", slog.String("wallet", p.Wallet),
		slog.String("attempt", string(p.ID)), slog.Any("err", got.Err))
	return s.close(ctx, p.Attempt, Unknown, now)
}

// close moves an open attempt on. One that was captured while the wallet was asked stays captured; a wallet
// that then says it was not is a contradiction for the operator (FAULTS X12).
func (s *Service) close(ctx context.Context, a Attempt, to State, now time.Time) error {
	if to == a.State {
		return nil
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		moved, err := setOpen(tx, a, to)
		if err != nil || moved || to != Failed {
			return err
		}
		if paid, err := captured(tx, a.ID); err != nil || !paid {
			return err
		}
		return insertBreak(tx, a, "captured_then_refused", now)
	})
}

// giveUp stops asking about an attempt; it stays as it is and the operator sees why.
func (s *Service) giveUp(ctx context.Context, a Attempt, reason string, now time.Time) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := insertBreak(tx, a, reason, now); err != nil {
			return err
		}
		return stopPolls(tx, a.ID)
	})
}
