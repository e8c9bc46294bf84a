package job_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"hutong/base/fault"
	"hutong/base/job"
)

// list is a table of what is due: what was done leaves it.
type list struct {
	due   []int
	reads int
}

func (l *list) read(limit int) ([]int, error) {
	l.reads++
	return slices.Clone(l.due[:min(limit, len(l.due))]), nil
}

func (l *list) done(n int) { l.due = slices.DeleteFunc(l.due, func(x int) bool { return x == n }) }

func numbers(n int) (all []int) {
	for i := range n {
		all = append(all, i)
	}
	return all
}

// TestWalkPassesWhatCannotBeDone: a whole page and more that fails stands in front; all that comes after it is done.
func TestWalkPassesWhatCannotBeDone(t *testing.T) {
	ctx := context.Background()
	for name, err := range map[string]error{"it fails": errors.New("broken"), "it stays due": nil} {
		l := &list{due: numbers(100)}
		tries := map[int]int{}
		done, got := job.Walk(ctx, 10, job.Self, l.read, func(some []int) (done int, all error) {
			for _, n := range some {
				if tries[n]++; n < 25 || n == 60 {
					all = errors.Join(all, err)
					continue
				}
				l.done(n)
				done++
			}
			return done, all
		})
		if done != 74 || len(l.due) != 26 || (got == nil) != (err == nil) {
			t.Errorf("%s: %d done, %d are left, %v", name, done, len(l.due), got)
		}
		for n, times := range tries {
			if times != 1 {
				t.Errorf("%s: %d was tried %d times", name, n, times)
			}
		}
	}
}

func TestWalkEndsWithItsPageWhereAllGoesWell(t *testing.T) {
	l := &list{due: numbers(100)}
	done, err := job.Walk(context.Background(), 10, job.Self, l.read, func(some []int) (int, error) {
		for _, n := range some {
			l.done(n)
		}
		return len(some), nil
	})
	if done != 10 || err != nil || l.reads != 1 {
		t.Errorf("%d done in %d reads, %v", done, l.reads, err)
	}
}

// TestWalkEndsWhereNothingCanBeDone: the database is away, or the node is told to stop.
func TestWalkEndsWhereNothingCanBeDone(t *testing.T) {
	gone := errors.Join(errors.New("broken"), fault.New(fault.Unavailable, "storage.gone"))
	for name, err := range map[string]error{"away": gone, "told to stop": errors.New("canceled")} {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		if name == "told to stop" {
			cancel()
		}
		l := &list{due: numbers(100)}
		if _, got := job.Walk(ctx, 10, job.Self, l.read, func([]int) (int, error) { return 0, err }); got == nil || l.reads != 1 {
			t.Errorf("%s: %d reads, %v", name, l.reads, got)
		}
	}
}
