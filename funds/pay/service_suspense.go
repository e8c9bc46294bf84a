package pay

import (
	"context"
	"maps"
	"strconv"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/job"
	"hutong/funds/ledger"
	"hutong/party/audit"
)

// Bounds of suspense (I-M8).
const (
	suspenseLife    = 72 * time.Hour // then the money goes back by itself
	suspensePerRun  = 64             // that are read at once
	suspenseListMax = 200
)

// Suspense lists what is open, oldest first, for the operator.
func (s *Service) Suspense(ctx context.Context) (all []Suspense, err error) {
	now := clock.Now(ctx, s.clock)
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all, err = openSuspense(tx, now.Add(time.Microsecond), suspenseListMax)
		if err != nil {
			return err
		}
		var named []string
		for _, item := range all {
			if item.Kind == KindRefund {
				named = append(named, string(item.Attempt))
			}
		}
		attempts, err := loadAttempts(tx, named)
		for i, item := range all {
			if item.Kind == KindRefund {
				all[i].Order = attempts[item.Attempt].Order
			}
		}
		return err
	})
	return all, err
}

// ReturnOld sends money back that has been in suspense for three days, and tells how much it found; it is a
// job.
func (s *Service) ReturnOld(ctx context.Context) (int, error) {
	now := clock.Now(ctx, s.clock)
	next := func(limit int) (old []Suspense, err error) {
		err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
			old, err = openCaptures(tx, now.Add(-suspenseLife), int64(limit))
			return err
		})
		return old, err
	}
	name := func(i Suspense) FactKey { return i.Key() }
	return job.Walk(ctx, suspensePerRun, name, next, func(some []Suspense) (int, error) {
		return job.Each(ctx, some, func(item Suspense) error {
			return s.db.Write(ctx, func(tx *db.Tx) error { return s.sendBack(tx, item, now) })
		})
	})
}

// ReturnSuspense sends one item back at once: the operator decided. For a refund that we did not ask for
// there is nothing to send: it is closed as seen, and all else stays as it is (MadeGood says that it came back).
// The record keeps it, in the same transaction. Code: pay.no_suspense.
func (s *Service) ReturnSuspense(ctx context.Context, k FactKey) error {
	now := clock.Now(ctx, s.clock)
	return s.db.Write(ctx, func(tx *db.Tx) error {
		item, found, err := lockSuspense(tx, k)
		switch {
		case err != nil:
			return err
		case !found || item.State != Open:
			return fault.New(fault.NotFound, "pay.no_suspense")
		case item.Kind == KindRefund:
			_, err = closeSuspense(tx, item, Matched, now)
		default:
			err = s.sendBack(tx, item, now)
		}
		if err != nil {
			return err
		}
		return s.note(ctx, tx, item, audit.Entry{At: now, What: "suspense.returned"})
	})
}

// note records what the operator decided on money in suspense; e says what.
func (s *Service) note(ctx context.Context, tx *db.Tx, item Suspense, e audit.Entry) error {
	e.On = item.Provider + " " + item.Txn
	facts := audit.Facts{"amount": strconv.FormatInt(item.Amount.Minor, 10), "currency": string(item.Amount.Currency)}
	maps.Copy(facts, e.After)
	e.After = facts
	return audit.Note(ctx, tx, s.ids, e)
}

// sendBack makes the refund of an item, unless somebody else was faster.
func (s *Service) sendBack(tx *db.Tx, item Suspense, now time.Time) error {
	r := Refund{ID: RefundID(s.ids.New("rfd")), Wallet: item.Provider, Txn: item.Txn, Amount: item.Amount,
		Reason: "pay.suspense." + item.Reason, State: Asked, Created: now}
	item.Sent = r.ID
	was, err := closeSuspense(tx, item, SentBack, now)
	if err != nil || !was {
		return err
	}
	if err := insertRefunds(tx, []Refund{r}); err != nil {
		return err
	}
	return ledger.Post(tx, now, []ledger.Transfer{{Debit: ledger.Suspense, Credit: ledger.Refunding(r.Wallet),
		Amount: r.Amount.Minor, Currency: r.Amount.Currency, Kind: ledger.SuspenseOut, Ref: string(r.ID)}})
}

// MatchSuspense has the operator say which attempt money in suspense was for. The attempt must be at the same
// wallet and account and for exactly that amount. The order then takes it or, when it cannot any more, it
// goes back like any capture. The record keeps it, in the same transaction. Codes: pay.no_suspense, pay.no_match.
func (s *Service) MatchSuspense(ctx context.Context, k FactKey, attempt AttemptID) (Result, error) {
	now := clock.Now(ctx, s.clock)
	var got Result
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		item, found, err := lockSuspense(tx, k)
		switch {
		case err != nil:
			return err
		case !found || item.State != Open || item.Kind != KindCapture:
			return fault.New(fault.NotFound, "pay.no_suspense")
		}
		if got, err = s.match(tx, item, attempt, now); err != nil {
			return err
		}
		return s.note(ctx, tx, item, audit.Entry{At: now, What: "suspense.matched",
			After: audit.Facts{"attempt": string(attempt)}})
	})
	return got, err
}

func (s *Service) match(tx *db.Tx, item Suspense, attempt AttemptID, now time.Time) (Result, error) {
	attempts, err := loadAttempts(tx, []string{string(attempt)})
	if err != nil {
		return Result{}, err
	}
	a, known := attempts[attempt]
	if !known || a.Wallet != item.Provider || a.Account != item.Account || a.Asked() != item.Amount || !a.leads() {
		return Result{}, fault.New(fault.Unprocessable, "pay.no_match").At("attempt")
	}
	b := &batch{Service: s, tx: tx, at: now, attempts: attempts, results: make([]Result, 1),
		all: []*incoming{{fact: item.Fact, at: now}}}
	if b.parts, err = partsOf(tx, attempts); err != nil {
		return Result{}, err
	}
	paidAt, payer, err := paidBy(tx, item.Key())
	if err != nil {
		return Result{}, err
	}
	all := offers(a, b.parts, Capture{At: now, PaidAt: paidAt, Payer: payer})
	verdicts, err := b.ask(all)
	if err != nil {
		return Result{}, err
	}
	for i, c := range all {
		came := len(b.transfers) // its first transfer brings the money in
		b.credit(0, c, verdicts[i])
		b.transfers[came].Debit, b.transfers[came].Kind = ledger.Suspense, ledger.SuspenseMatched
	}
	if _, err := closeSuspense(tx, item, Matched, now); err != nil {
		return Result{}, err
	}
	if err := saveOutcome(tx, item.Key(), b.results[0].Effect); err != nil {
		return Result{}, err
	}
	return b.results[0], b.save()
}
