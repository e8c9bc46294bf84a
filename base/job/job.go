// Package job runs what must happen by itself: expiring reservations, confirming receipts, dispatching events. What is
// due stands in rows; a job only looks. Two nodes running the same job at once must be harmless: each job decides in a
// guarded write.
package job

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
)

// Job is one thing that is done again and again.
type Job struct {
	Name  string
	Every time.Duration // the pause after a run that found nothing
	// Rest, if not 0, makes the pause at least so many times as long as the run took, up to restMax: work that is cheaper
	// for being gathered gathers while the market is busy, and is prompt while it is not.
	Rest int
	// Run does a bounded piece of work and tells how much; while it finds some it is called again at once.
	Run func(ctx context.Context) (done int, err error)
}

// Each does something to each of what is due. One that cannot be done keeps no other waiting: it is part of the error,
// and done counts the others. Where the database is away it ends, for nothing can be done then.
func Each[T any](ctx context.Context, due []T, do func(T) error) (done int, err error) {
	var failed []error
	for _, one := range due {
		err := do(one)
		if err == nil {
			done++
			continue
		}
		failed = append(failed, err)
		if ctx.Err() != nil || fault.Of(err) == fault.Unavailable {
			return done, errors.Join(failed...)
		}
	}
	return done, passed(failed...)
}

// round is the failure of some of what was due, where all the rest of it was tried.
type round struct{ error }

func (r round) Unwrap() error { return r.error }

// passed marks the errors of what could not be done as those of single things: the run went round them.
func passed(failed ...error) error {
	if err := errors.Join(failed...); err != nil {
		return round{err}
	}
	return nil
}

// restMax bounds what a job rests because its last run took long.
const restMax = time.Second

// failMax bounds what a job rests because it fails.
const failMax = time.Minute

// failRest is how many times as long as its run a job rests that only went round what cannot be done, so that this
// takes little of the machine however much of it there is. One that did anything beside that rests as long as its run.
const failRest = 10

// Run runs the jobs until ctx ends, then waits for those under way. A failing job is logged and tried again after a
// pause that grows to a minute; the others are not disturbed. Nor is what falls due beside something that cannot be
// done: a job that went round it (Each, Walk, Halves) or did anything keeps its pace, and only its log becomes rarer.
func Run(ctx context.Context, log *slog.Logger, jobs ...Job) {
	var wg sync.WaitGroup
	for _, j := range jobs {
		wg.Go(func() { loop(ctx, log, j) })
	}
	wg.Wait()
}

func loop(ctx context.Context, log *slog.Logger, j Job) {
	failures := 0
	machine := clock.System{}
	var said string             // the failure that was logged last
	var logged, again time.Time // when, and from when on it is logged again
	for ctx.Err() == nil {
		began := machine.Now()
		done, err := j.Run(ctx)
		took := machine.Now().Sub(began)
		pause := max(j.Every, min(time.Duration(j.Rest)*took, restMax))
		switch {
		case err != nil && ctx.Err() == nil:
			failures++
			slow := max(j.Every, time.Second)
			grown := min(slow<<min(failures, 6), failMax)
			pause = grown
			switch {
			case done > 0 && !away(err):
				pause = max(j.Every, min(took, failMax))
			case errors.As(err, new(round)) && !away(err):
				pause = min(max(slow, failRest*took), failMax)
			}
			now := machine.Now()
			if other := said != err.Error(); !now.Before(again) || other && (said == "" || now.Sub(logged) >= slow) {
				said, logged, again = err.Error(), now, now.Add(grown)
				log.Error("job failed", slog.String("job", j.Name), slog.Int("failures", failures), slog.Any("err", err))
			}
		case done > 0:
			failures, said, pause = 0, "", 0
		default:
			failures, said = 0, ""
		}
		sleep(ctx, pause)
	}
}

func sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
