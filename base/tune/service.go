package tune

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/setting"
)

// Note is told of each change in its transaction; a node writes it into the record of privileged changes.
type Note func(ctx context.Context, tx *db.Tx, at time.Time, c Change) error

// Change is one value that was changed.
type Change struct{ Name, Before, After string }

// Service holds what is set.
type Service struct {
	db    *db.DB
	clock clock.Clock
	specs []Spec
	note  Note
	begun map[string]string // what was set when the node started
	mu    sync.Mutex        // of writers
	now   atomic.Pointer[map[string]string]
}

// prefix keeps the names apart from what else base/setting holds.
const prefix = "tune."

// New makes the Service and reads what is set. An error is a list of specs that is no good, a defect of the build, or
// the database's. note may be nil in tests only.
func New(ctx context.Context, d *db.DB, c clock.Clock, specs []Spec, note Note) (*Service, error) {
	s := &Service{db: d, clock: c, specs: specs, note: note}
	seen := map[string]bool{}
	for _, spec := range specs {
		if kept, err := spec.Check(spec.Default); err != nil || kept != spec.Default || seen[spec.Name] {
			return nil, fmt.Errorf("tune: %q is not whole, or named twice: %w", spec.Name, err)
		}
		seen[spec.Name] = true
	}
	if _, err := s.Refresh(ctx); err != nil {
		return nil, err
	}
	s.begun = *s.now.Load()
	return s, nil
}

// Refresh reads what is set again: a job's Run, so that a change at another node is felt. What is kept and no longer
// allowed counts as not set.
func (s *Service) Refresh(ctx context.Context) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := map[string]string{}
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		for _, spec := range s.specs {
			value, found, err := setting.Get(tx, prefix+spec.Name)
			if err != nil {
				return err
			}
			if kept, wrong := spec.Check(value); found && wrong == nil {
				now[spec.Name] = kept
			}
		}
		return nil
	})
	if err == nil {
		s.now.Store(&now)
	}
	return 0, err
}

func (s *Service) spec(name string) (Spec, bool) {
	for _, spec := range s.specs {
		if spec.Name == name {
			return spec, true
		}
	}
	return Spec{}, false
}

// Text is the value of a name. It panics on a name that is in no Spec: a defect of the build.
func (s *Service) Text(name string) string {
	if v, set := (*s.now.Load())[name]; set {
		return v
	}
	spec, known := s.spec(name)
	if !known {
		panic("tune: nobody may set " + name)
	}
	return spec.Default
}

// Count is the value of a Count.
func (s *Service) Count(name string) int64 {
	n, err := strconv.ParseInt(s.Text(name), 10, 64)
	if err != nil {
		panic("tune: " + name + " is no number")
	}
	return n
}

// Is tells the value of a Flag.
func (s *Service) Is(name string) bool { return s.Text(name) == Yes }

// Values are all that may be set, in the order of the list.
func (s *Service) Values() []Value {
	now := *s.now.Load()
	all := make([]Value, len(s.specs))
	for i, spec := range s.specs {
		v, set := now[spec.Name]
		all[i] = Value{Spec: spec, Value: v, Set: set}
		if !set {
			all[i].Value = spec.Default
		}
		before := spec.Default
		if b, was := s.begun[spec.Name]; was {
			before = b
		}
		all[i].Waits = spec.Later && all[i].Value != before
	}
	return all
}

// Set sets values by name, all or none, and tells how many of them changed. It is safe to repeat. Codes: tune.unknown
// and those of Spec.Check.
func (s *Service) Set(ctx context.Context, values map[string]string) (changed int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var changes []Change
	for name, value := range values {
		spec, known := s.spec(name)
		if !known {
			return 0, fault.New(fault.NotFound, "tune.unknown").At(name)
		}
		kept, err := spec.Check(value)
		if err != nil {
			return 0, err
		}
		values[name] = kept
	}
	for _, v := range s.Values() { // in the order of the list, so that the record reads the same each time
		if after, asked := values[v.Name]; asked && after != v.Value {
			changes = append(changes, Change{v.Name, v.Value, after})
		}
	}
	if len(changes) == 0 {
		return 0, nil
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error { return s.write(ctx, tx, changes) })
	if err != nil {
		return 0, err
	}
	now := maps.Clone(*s.now.Load())
	for _, c := range changes {
		now[c.Name] = c.After
	}
	s.now.Store(&now)
	return len(changes), nil
}

func (s *Service) write(ctx context.Context, tx *db.Tx, changes []Change) error {
	for _, c := range changes {
		if err := setting.Put(tx, prefix+c.Name, c.After); err != nil {
			return err
		}
		if s.note == nil {
			continue
		}
		if err := s.note(ctx, tx, clock.Now(ctx, s.clock), c); err != nil {
			return err
		}
	}
	return nil
}
