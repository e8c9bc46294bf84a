package job

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"hutong/base/clock"
)

// lastsMax is how many of a job's latest runs a Board keeps.
const lastsMax = 20

// Board remembers how jobs went, for the operator: in memory only, a fixed number of runs for each job, because what a
// job did stands in the tables already. The node that runs the jobs keeps it.
type Board struct {
	clock clock.Clock
	mu    sync.Mutex
	jobs  map[string]*Status
	lasts map[string][]Past
}

// Status is how a job stands.
type Status struct {
	Name     string
	Every    time.Duration
	Runs     int64 // since the node started
	Done     int64 // the pieces of work of all runs
	Failed   int64 // runs that failed
	InARow   int64 // of them, without one between that went well
	Running  bool
	Began    time.Time // when the last run began; zero before the first
	Took     time.Duration
	Worked   time.Time // when a run last found something to do
	Error    string    // of the newest run that failed; it stays after one that went well
	FailedAt time.Time
}

// Failing tells whether the job's last run failed.
func (s Status) Failing() bool { return s.InARow > 0 }

// Late tells whether a job that should have run by now has not, or hangs: three of its pauses and a minute are over.
func (s Status) Late(now time.Time) bool {
	if s.Began.IsZero() {
		return false
	}
	return now.Sub(s.Began) > 3*s.Every+time.Minute
}

// Past is one run of a job that found work or failed. Runs that found nothing to do are counted, not kept.
type Past struct {
	At    time.Time
	Took  time.Duration
	Done  int
	Error string // "" if it went well
}

// NewBoard makes an empty Board.
func NewBoard(c clock.Clock) *Board {
	return &Board{clock: c, jobs: map[string]*Status{}, lasts: map[string][]Past{}}
}

// Watch gives the jobs back so that the Board hears of each run. Two jobs of one name share a row.
func (b *Board) Watch(jobs ...Job) []Job {
	out := make([]Job, len(jobs))
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, j := range jobs {
		if b.jobs[j.Name] == nil {
			b.jobs[j.Name] = &Status{Name: j.Name, Every: j.Every}
		}
		run := j.Run
		j.Run = func(ctx context.Context) (int, error) {
			at := b.begin(j.Name)
			done, err := run(ctx)
			if ctx.Err() != nil {
				err = nil // the node is told to stop: nothing went wrong with the job
			}
			b.end(j.Name, at, done, err)
			return done, err
		}
		out[i] = j
	}
	return out
}

func (b *Board) begin(name string) time.Time {
	now := b.clock.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.jobs[name]
	s.Running, s.Began = true, now
	return now
}

func (b *Board) end(name string, at time.Time, done int, err error) {
	now := b.clock.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.jobs[name]
	s.Running, s.Took = false, now.Sub(at)
	s.Runs++
	s.Done += int64(done)
	last := Past{At: at, Took: s.Took, Done: done}
	switch {
	case err != nil:
		last.Error = err.Error()
		s.Failed++
		s.InARow++
		s.Error, s.FailedAt = last.Error, now
	case done > 0:
		s.Worked = now
		s.InARow = 0
	default:
		s.InARow = 0
		return
	}
	all := append(b.lasts[name], last)
	b.lasts[name] = all[max(0, len(all)-lastsMax):]
}

// Jobs are all jobs by name.
func (b *Board) Jobs() []Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make([]Status, 0, len(b.jobs))
	for _, name := range slices.Sorted(maps.Keys(b.jobs)) {
		all = append(all, *b.jobs[name])
	}
	return all
}

// Job is one job with its latest runs, newest first; found is false for a name that no job has.
func (b *Board) Job(name string) (s Status, runs []Past, found bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.jobs[name] == nil {
		return Status{}, nil, false
	}
	runs = slices.Clone(b.lasts[name])
	slices.Reverse(runs)
	return *b.jobs[name], runs, true
}
