package lane_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"hutong/base/fault"
	"hutong/base/lane"
)

func doubled(batch []int) ([]lane.Outcome[int], error) {
	outs := make([]lane.Outcome[int], len(batch))
	for i, n := range batch {
		outs[i].Reply = 2 * n
	}
	return outs, nil
}

func TestEveryCommandGetsItsOwnOutcome(t *testing.T) {
	l := lane.New(lane.Options{BatchMax: 7}, doubled)
	defer l.Close()
	var wg sync.WaitGroup
	for i := range 500 {
		wg.Go(func() {
			if got, err := l.Do(context.Background(), i); got != 2*i || err != nil {
				t.Errorf("%d: %d %v", i, got, err)
			}
		})
	}
	wg.Wait()
}

func TestAPoisonCommandFailsAlone(t *testing.T) {
	started, release := make(chan bool), make(chan bool)
	once := sync.OnceFunc(func() { close(started); <-release })
	l := lane.New(lane.Options{}, func(batch []int) ([]lane.Outcome[int], error) {
		once()
		for _, n := range batch {
			if n == 13 {
				return nil, errors.New("a defect")
			}
		}
		return doubled(batch)
	})
	defer l.Close()
	var wg sync.WaitGroup
	wg.Go(func() { l.Do(context.Background(), 1) })
	<-started
	for i := 10; i < 20; i++ {
		wg.Go(func() {
			got, err := l.Do(context.Background(), i)
			if (err != nil) != (i == 13) || (err == nil && got != 2*i) {
				t.Errorf("%d: %d %v", i, got, err)
			}
		})
	}
	close(release)
	wg.Wait()
}

func TestAFullLaneRefusesAtOnce(t *testing.T) {
	started, release := make(chan bool, 10), make(chan bool)
	l := lane.New(lane.Options{QueueMax: 1, BatchMax: 1}, func(batch []int) ([]lane.Outcome[int], error) {
		started <- true
		<-release
		return doubled(batch)
	})
	var wg sync.WaitGroup
	wg.Go(func() { l.Do(context.Background(), 1) })
	<-started
	refused := 0
	for range 5 {
		done := make(chan error, 1)
		wg.Go(func() { _, err := l.Do(context.Background(), 2); done <- err })
		select {
		case err := <-done:
			if !fault.Is(err, "lane.full") || fault.As(err).RetryAfter == 0 {
				t.Errorf("got %v", err)
			}
			refused++
		case release <- true:
			<-started
		}
	}
	close(release)
	wg.Wait()
	l.Close()
	if _, err := l.Do(context.Background(), 1); !fault.Is(err, "lane.closed") {
		t.Fatalf("got %v", err)
	}
}
