package checkup

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/job"
)

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Deps are what a Service stands on.
type Deps struct {
	DB      *db.DB
	Clock   clock.Clock
	IDs     IDs
	Log     *slog.Logger
	Auditor Auditor
	Every   time.Duration // how long after one audit the next is made by itself; 0: never
}

// Service has the market audited and keeps what was found.
type Service struct {
	Deps
	born   time.Time
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// New makes the Service. Close it.
func New(d Deps) *Service {
	s := &Service{Deps: d, born: d.Clock.Now()}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Close ends an audit under way and waits until that is written.
func (s *Service) Close() {
	s.cancel()
	s.wg.Wait()
}

// Start begins an audit in the background, and gives its id with a channel that is closed when it is over. Codes:
// checkup.running (one is under way, here or at another node).
func (s *Service) Start(ctx context.Context, by string) (string, <-chan struct{}, error) {
	run := Run{ID: s.IDs.New("chk"), By: by, State: Running, Began: s.Clock.Now()}
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		begun, err := begin(tx, run, clock.Micros(run.Began.Add(-Patience)))
		if err == nil && !begun {
			err = fault.New(fault.Conflict, "checkup.running")
		}
		return err
	})
	if err != nil {
		return "", nil, err
	}
	over := make(chan struct{})
	s.wg.Go(func() {
		defer close(over)
		s.run(run)
	})
	return run.ID, over, nil
}

func (s *Service) run(run Run) {
	ctx, cancel := context.WithTimeout(s.ctx, Patience)
	defer cancel()
	checks, err := s.Auditor(ctx)
	if err == nil {
		err = run.judge(checks)
	}
	if run.Ended = s.Clock.Now(); err != nil {
		run.State, run.body = Failed, ""
		s.Log.Error("an audit could not be done", slog.String("run", run.ID), slog.Any("err", err))
	}
	// Its end is written even when the node is told to stop; what cannot be written is closed by the next run.
	err = s.DB.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		return end(tx, run, clock.Micros(run.Ended.Add(-Patience)))
	})
	if err != nil {
		s.Log.Error("the end of an audit was not written", slog.String("run", run.ID), slog.Any("err", err))
	}
	if !run.OK && run.State == Done {
		s.Log.Error("the audit found broken promises", slog.String("run", run.ID), slog.Int64("checks", run.Broken))
	}
}

// Recent are the newest runs, the newest first, without their checks.
func (s *Service) Recent(ctx context.Context, limit int) (all []Run, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) (err error) { all, err = recent(tx, min(limit, KeptMax)); return err })
	return all, err
}

// Run is one run with its checks. Codes: checkup.not_found.
func (s *Service) Run(ctx context.Context, id string) (Run, error) {
	r, found, err := s.read(ctx, func(tx *db.Tx) ([]Run, error) { return load(tx, id) })
	if err == nil && !found {
		err = fault.New(fault.NotFound, "checkup.not_found")
	}
	return r, err
}

// Last is the newest run that came to a word, with its checks; found is false where the market was never audited.
func (s *Service) Last(ctx context.Context) (r Run, found bool, err error) {
	return s.read(ctx, newest)
}

func (s *Service) read(ctx context.Context, look func(*db.Tx) ([]Run, error)) (r Run, found bool, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err := look(tx)
		if len(all) > 0 {
			r, found = all[0], true
		}
		return err
	})
	return r, found, err
}

// firstAfter is how long a node has been up when it has a market audited that never was: nobody should have to wonder
// for a day about a market that has just been made.
const firstAfter = time.Minute

// Jobs audits the market by itself when the last audit is old, or when there was none. A node that has just started
// waits, so that a start is never slowed.
func (s *Service) Jobs() []job.Job {
	if s.Every == 0 {
		return nil
	}
	return []job.Job{{Name: "checkup.run", Every: firstAfter, Run: s.due}}
}

func (s *Service) due(ctx context.Context) (int, error) {
	last, err := s.Recent(ctx, 1)
	if err != nil {
		return 0, err
	}
	now, wait := s.Clock.Now(), min(s.Every, firstAfter)
	if len(last) > 0 {
		wait = min(s.Every, time.Hour)
	}
	if now.Sub(s.born) < wait || len(last) > 0 && now.Sub(last[0].Began) < s.Every {
		return 0, nil
	}
	_, over, err := s.Start(ctx, "")
	if fault.Is(err, "checkup.running") {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	select {
	case <-over:
	case <-ctx.Done(): // Close waits for it
	}
	return 0, nil
}
