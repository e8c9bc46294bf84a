package ruleset

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/job"
	"hutong/deal/promo"
)

// Every is how often a node looks whether another one changed what is promoted: a promotion that is withdrawn anywhere
// takes nothing off anywhere within two seconds (FAULTS P14).
const Every = time.Second

// Deps are what the Service stands on.
type Deps struct {
	DB      *db.DB
	Clock   clock.Clock
	Log     *slog.Logger
	Mode    func() promo.Mode // what thresholds are held against, asked at each reading; nil: promo.Parallel
	Sources []Source          // earlier ones win ties
}

// Service holds the rules in force.
type Service struct {
	Deps
	refresh sync.Mutex // one reading at a time, so that an older one never follows a newer
	parts   []part     // of the last reading, by source
	now     atomic.Pointer[set]
	empty   atomic.Pointer[map[string]bool] // promotions with nothing left
	edition atomic.Pointer[edition]
}

// New makes the Service with the first reading.
func New(ctx context.Context, d Deps) (*Service, error) {
	if d.Mode == nil {
		d.Mode = func() promo.Mode { return promo.Parallel }
	}
	s := &Service{Deps: d}
	return s, s.Refresh(ctx)
}

// Rules are those in force: no lock, no database.
func (s *Service) Rules() *promo.Rules { return s.now.Load().rules }

// Refresh reads what is promoted. Rooms call it when something of theirs changed, so that this node feels it at once.
// When nothing changed it writes nothing. It is safe to repeat.
func (s *Service) Refresh(ctx context.Context) error {
	s.refresh.Lock()
	defer s.refresh.Unlock()
	if err := s.read(ctx); err != nil {
		return err
	}
	mode := s.Mode()
	hash, all := join(mode, s.parts)
	if was := s.now.Load(); was != nil && was.hash == hash {
		return nil
	}
	rules, err := promo.Compile(mode, all)
	if err != nil {
		return fmt.Errorf("ruleset: %w", err)
	}
	fresh := set{hash: hash, mode: mode}
	if fresh.body, err = listed(all); err != nil {
		return err
	}
	version, err := s.number(ctx, fresh)
	if err != nil {
		return err
	}
	fresh.rules = rules.At(version)
	s.now.Store(&fresh)
	return nil
}

// read asks every source, and looks into what is not marked as known.
func (s *Service) read(ctx context.Context) error {
	parts := make([]part, len(s.Sources))
	for i, source := range s.Sources {
		some, mark, err := source.List(ctx)
		if err != nil {
			return fmt.Errorf("ruleset: %s: %w", source.Name, err)
		}
		if s.parts != nil && mark != nil && mark == s.parts[i].mark {
			parts[i] = s.parts[i]
			continue
		}
		parts[i] = part{mark: mark, all: s.sound(source, some)}
		if err := parts[i].fingerprint(); err != nil {
			return err
		}
	}
	s.parts = parts
	return nil
}

// sound leaves out promotions that the engine would refuse, loudly: one room's defect must not take the prices of the
// whole market away.
func (s *Service) sound(source Source, some []promo.Promotion) []promo.Promotion {
	good := some[:0:0]
	for i := range some {
		if err := some[i].Check(); err != nil {
			s.Log.Error("promotion left out", slog.String("source", source.Name), slog.String("promotion", some[i].ID),
				slog.Any("err", err))
			continue
		}
		good = append(good, some[i])
	}
	return good
}

// number gives a set its number. Two nodes may find the same new set at once: one inserts it, the other reads it.
func (s *Service) number(ctx context.Context, fresh set) (version int64, err error) {
	found := false
	err = s.DB.Read(ctx, func(tx *db.Tx) (err error) { version, found, err = known(tx, fresh.hash); return err })
	if err != nil || found {
		return version, err
	}
	for range 10 {
		err = s.DB.Write(ctx, func(tx *db.Tx) (err error) {
			version, err = number(tx, fresh, clock.Now(ctx, s.Clock))
			return err
		})
		if !errors.Is(err, db.ErrUnique) {
			return version, err
		}
	}
	return 0, err
}

// Jobs are what this room does by itself.
func (s *Service) Jobs() []job.Job {
	return []job.Job{{Name: "ruleset.refresh", Every: Every,
		Run: func(ctx context.Context) (int, error) {
			return 0, errors.Join(s.Refresh(ctx), s.look(ctx))
		}}}
}
