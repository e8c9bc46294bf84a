package lane_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"hutong/base/fault"
	"hutong/base/lane"
)

func TestARelayFormsBatchesAndAnswersEachCommand(t *testing.T) {
	started, release := make(chan bool), make(chan bool)
	once := sync.OnceFunc(func() { close(started); <-release })
	var sizes []int
	r := lane.NewRelay(lane.Options{BatchMax: 7}, func(batch []int) ([]lane.Outcome[int], error) {
		once()
		sizes = append(sizes, len(batch)) // one batch at a time, so nobody else is here
		return doubled(batch)
	})
	var wg sync.WaitGroup
	do := func(i int) {
		if got, err := r.Do(context.Background(), i); got != 2*i || err != nil {
			t.Errorf("%d: %d %v", i, got, err)
		}
	}
	wg.Go(func() { do(0) })
	<-started
	for i := 1; i <= 100; i++ {
		wg.Go(func() { do(i) })
	}
	close(release)
	wg.Wait()
	do(200) // it starts again after it stood still
	all, most := 0, 0
	for _, n := range sizes {
		all, most = all+n, max(most, n)
	}
	if all != 102 || most > 7 || sizes[0] != 1 {
		t.Errorf("batches of %v", sizes)
	}
}

func TestARelayTriesARefusedBatchOneByOneButNotWhenStorageIsAway(t *testing.T) {
	started, release := make(chan bool), make(chan bool)
	once := sync.OnceFunc(func() { close(started); <-release })
	away := fault.New(fault.Unavailable, "storage.busy")
	runs := 0
	r := lane.NewRelay(lane.Options{QueueMax: 10}, func(batch []int) ([]lane.Outcome[int], error) {
		once()
		runs++
		for _, n := range batch {
			switch n {
			case 13:
				return nil, fault.New(fault.Conflict, "test.thirteen")
			case 17:
				panic("a defect")
			case 99:
				return nil, away
			}
		}
		return doubled(batch)
	})
	var wg sync.WaitGroup
	wg.Go(func() { r.Do(context.Background(), 1) })
	<-started
	for i := 10; i < 20; i++ {
		wg.Go(func() {
			got, err := r.Do(context.Background(), i)
			bad := fault.Is(err, "test.thirteen") != (i == 13) || fault.Is(err, "internal.error") != (i == 17)
			if bad || err == nil && got != 2*i {
				t.Errorf("%d: %d %v", i, got, err)
			}
		})
	}
	close(release)
	wg.Wait()
	runs = 0
	if _, err := r.Do(context.Background(), 99); !errors.Is(err, away) || runs != 1 {
		t.Errorf("%v after %d runs", err, runs)
	}
}

func TestAFullRelayRefusesAtOnce(t *testing.T) {
	started, release := make(chan bool, 2), make(chan bool)
	r := lane.NewRelay(lane.Options{QueueMax: 1, BatchMax: 1}, func(batch []int) ([]lane.Outcome[int], error) {
		started <- true
		<-release
		return doubled(batch)
	})
	var wg sync.WaitGroup
	wg.Go(func() { r.Do(context.Background(), 1) })
	<-started
	refused := make(chan error, 3)
	for range 3 {
		go func() { _, err := r.Do(context.Background(), 2); refused <- err }()
	}
	for range 2 { // one of the three waits
		if err := <-refused; !fault.Is(err, "lane.full") || fault.As(err).RetryAfter == 0 {
			t.Errorf("got %v", err)
		}
	}
	close(release)
	if err := <-refused; err != nil {
		t.Error(err)
	}
	wg.Wait()
}
