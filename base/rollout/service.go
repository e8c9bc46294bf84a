package rollout

import (
	"context"
	"maps"
	"slices"
	"sync/atomic"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
)

// Service holds the market's switches.
type Service struct {
	db    *db.DB
	clock clock.Clock
	note  Note
	kept  atomic.Pointer[map[string]Switch] // read by every request, replaced as a whole
}

// New makes the Service and reads the switches. note may be nil in tests only.
func New(ctx context.Context, d *db.DB, c clock.Clock, note Note) (*Service, error) {
	s := &Service{db: d, clock: c, note: note}
	_, err := s.Refresh(ctx)
	return s, err
}

// On tells whether a switch is on for somebody. One that is not set is off. It reads nothing.
func (s *Service) On(name string, who Subject) bool {
	sw, set := (*s.kept.Load())[name]
	return set && sw.On(who)
}

// Switches are the switches as this node has them, by name. Do not change their lists.
func (s *Service) Switches() []Switch {
	kept := *s.kept.Load()
	out := make([]Switch, 0, len(kept))
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		out = append(out, kept[name])
	}
	return out
}

// Refresh reads the switches again: a job's Run, so that a change at another node is felt. It is never done for now.
func (s *Service) Refresh(ctx context.Context) (int, error) {
	var rows []Switch
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		rows, err = all(tx)
		return err
	})
	if err != nil {
		return 0, err
	}
	fresh := make(map[string]Switch, len(rows))
	for _, r := range rows {
		fresh[r.Name] = r
	}
	s.kept.Store(&fresh)
	return 0, nil
}

// Set sets a switch over the Version that was read, 0 for a new one, and gives it with its new version.
// Codes: rollout.name, rollout.share, rollout.list, rollout.changed, rollout.many.
func (s *Service) Set(ctx context.Context, cmd Switch) (Switch, error) {
	cmd, err := cmd.checked()
	if err != nil {
		return Switch{}, err
	}
	now := clock.Now(ctx, s.clock)
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		was, found, err := one(tx, cmd.Name)
		if err != nil {
			return err
		}
		if !found {
			if err := room(tx); err != nil {
				return err
			}
		}
		kept, err := put(tx, cmd, cmd.Version, now)
		if err != nil {
			return err
		}
		if !kept {
			return fault.New(fault.Conflict, "rollout.changed")
		}
		if s.note == nil {
			return nil
		}
		return s.note(ctx, tx, now, was, cmd)
	})
	if err != nil {
		return Switch{}, err
	}
	cmd.Version, cmd.Updated = cmd.Version+1, now
	_, err = s.Refresh(context.WithoutCancel(ctx))
	return cmd, err
}

func room(tx *db.Tx) error {
	if err := tx.Turn("rollout.room"); err != nil {
		return err
	}
	rows, err := all(tx)
	if err == nil && len(rows) >= SwitchesMax {
		err = fault.New(fault.Unprocessable, "rollout.many", fault.P("max", SwitchesMax))
	}
	return err
}

// Drop removes a switch, which is off for everybody then. Codes: rollout.not_found.
func (s *Service) Drop(ctx context.Context, name string) error {
	now := clock.Now(ctx, s.clock)
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		was, found, err := one(tx, name)
		if err == nil && !found {
			err = fault.New(fault.NotFound, "rollout.not_found")
		}
		if err == nil {
			err = drop(tx, name)
		}
		if err != nil || s.note == nil {
			return err
		}
		return s.note(ctx, tx, now, was, Switch{})
	})
	if err != nil {
		return err
	}
	_, err = s.Refresh(context.WithoutCancel(ctx))
	return err
}
