package pay

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"hutong/base/fault"
)

func facts(n int) []Fact {
	all := make([]Fact, n)
	for i := range all {
		all[i] = Fact{Txn: fmt.Sprint(i)}
	}
	return all
}

// While one batch commits the next one forms, and none waits for a timer.
func TestLaneGathersWhileItCommits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sizes []int
		gate := make(chan bool)
		l := &lane{apply: func(b []*waiting) error {
			sizes = append(sizes, len(b))
			<-gate
			return nil
		}}
		var wg sync.WaitGroup
		submit := func(n int) {
			wg.Go(func() {
				if _, err := l.submit(context.Background(), facts(n), time.Time{}); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		submit(1)
		for range 300 {
			submit(1)
		}
		for range 3 {
			gate <- true
			synctest.Wait()
		}
		wg.Wait()
		if fmt.Sprint(sizes) != "[1 256 44]" {
			t.Errorf("batches of %v", sizes)
		}
		if l.running {
			t.Error("the lane runs with nothing to do")
		}
	})
}

func TestLaneIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan bool)
		l := &lane{apply: func([]*waiting) error { <-gate; return nil }}
		var wg sync.WaitGroup
		for range 1 + queueMax/FactsMax {
			wg.Go(func() {
				if _, err := l.submit(context.Background(), facts(FactsMax), time.Time{}); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		var err error
		for range 3 { // the first batch took some out of the queue
			if err == nil {
				_, err = l.queueOnly(facts(FactsMax))
			}
		}
		if !fault.Is(err, "pay.busy") || fault.As(err).RetryAfter == 0 {
			t.Errorf("a full lane says %v", err)
		}
		close(gate)
		wg.Wait()
	})
}

// queueOnly is submit without waiting.
func (l *lane) queueOnly(all []Fact) ([]Result, error) {
	var call sync.WaitGroup
	call.Add(len(all))
	results := make([]Result, len(all))
	if !l.enqueue(all, time.Time{}, results, &call) {
		return nil, fault.New(fault.Unavailable, "pay.busy").After(time.Second)
	}
	return results, nil
}

// Whatever is poison among the facts of a batch - by error or by panic - all others are applied, exactly once, and
// each caller hears of its own.
func TestLaneIsolatesPoison(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		poison := map[string]bool{}
		n := rapid.IntRange(1, 60).Draw(t, "facts")
		for _, i := range rapid.SliceOfN(rapid.IntRange(0, n-1), 0, 5).Draw(t, "poison") {
			poison[fmt.Sprint(i)] = true
		}
		panics := rapid.Bool().Draw(t, "panics")
		applied := map[string]int{}
		l := &lane{apply: func(b []*waiting) error {
			for _, w := range b {
				if poison[w.fact.Txn] && panics {
					panic("poison")
				}
				if poison[w.fact.Txn] {
					return errors.New("poison")
				}
			}
			for _, w := range b { // the commit
				applied[w.fact.Txn]++
				w.result.Effect = Applied
			}
			return nil
		}}
		results, err := l.submit(context.Background(), facts(n), time.Time{})
		if (err != nil) != (len(poison) > 0) {
			t.Fatalf("error %v with %d poisonous", err, len(poison))
		}
		for i, r := range results {
			key := fmt.Sprint(i)
			if poison[key] != (r.err != nil) || !poison[key] && (applied[key] != 1 || r.Effect != Applied) {
				t.Fatalf("fact %d: %+v, applied %d times, poison %v", i, r, applied[key], poison[key])
			}
		}
	})
}

// A database that is down is not asked again for every half of a batch.
func TestLaneDoesNotHammerABrokenStorage(t *testing.T) {
	calls := 0
	l := &lane{apply: func([]*waiting) error {
		calls++
		return fault.New(fault.Unavailable, "storage.failed")
	}}
	_, err := l.submit(context.Background(), facts(50), time.Time{})
	if !fault.Is(err, "storage.failed") || calls > 2 {
		t.Errorf("%d calls, %v", calls, err)
	}
}
