package job_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/job"
)

func TestTheBoardRemembersHowJobsWent(t *testing.T) {
	c := clock.NewManual(time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC))
	b := job.NewBoard(c)
	found, wrong := 0, error(nil)
	one := b.Watch(job.Job{Name: "settle", Every: time.Second, Run: func(context.Context) (int, error) {
		if s, _, _ := b.Job("settle"); !s.Running {
			t.Error("a run under way is not seen")
		}
		c.Advance(30 * time.Millisecond)
		return found, wrong
	}}, job.Job{Name: "bill", Every: time.Hour})[0]
	run := func(n int, err error) job.Status {
		found, wrong = n, err
		if done, got := one.Run(context.Background()); done != n || got != err {
			t.Fatalf("the job itself said %d, %v", done, got)
		}
		s, _, _ := b.Job("settle")
		return s
	}
	if all := b.Jobs(); len(all) != 2 || all[0].Name != "bill" || all[0].Runs != 0 || all[0].Late(c.Now()) {
		t.Errorf("before the first run: %+v", all)
	}
	run(0, nil)
	worked := run(3, nil)
	if worked.Runs != 2 || worked.Done != 3 || worked.Failing() || worked.Took != 30*time.Millisecond {
		t.Errorf("%+v", worked)
	}
	run(0, errors.New("the disk is full"))
	if s := run(0, errors.New("still full")); !s.Failing() || s.InARow != 2 || s.Error != "still full" || s.Failed != 2 {
		t.Errorf("%+v", s)
	}
	if s := run(0, nil); s.Failing() || s.Error != "still full" || s.Runs != 5 || !s.Worked.Equal(worked.Worked) {
		t.Errorf("%+v", s)
	}
	_, runs, _ := b.Job("settle")
	if len(runs) != 3 || runs[0].Error != "still full" || runs[2].Done != 3 {
		t.Errorf("%+v", runs)
	}
	if _, _, found := b.Job("nobody's"); found {
		t.Error("a job that is none was found")
	}
}

func TestTheBoardIsBounded(t *testing.T) {
	c := clock.NewManual(time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC))
	b := job.NewBoard(c)
	n := 0
	one := b.Watch(job.Job{Name: "settle", Run: func(context.Context) (int, error) { n++; return n, fmt.Errorf("%d", n) }})[0]
	for range 1000 {
		_, _ = one.Run(context.Background())
	}
	s, runs, _ := b.Job("settle")
	if s.Runs != 1000 || len(runs) != 20 || runs[0].Error != "1000" || runs[19].Error != "981" {
		t.Errorf("%d runs are kept of %d: %+v", len(runs), s.Runs, runs)
	}
}

func TestAJobThatHangsIsLate(t *testing.T) {
	c := clock.NewManual(time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC))
	b := job.NewBoard(c)
	ctx, cancel := context.WithCancel(context.Background())
	hang := make(chan struct{})
	one := b.Watch(job.Job{Name: "poll", Every: 2 * time.Second, Run: func(ctx context.Context) (int, error) {
		<-hang
		return 0, ctx.Err()
	}})[0]
	done := make(chan error)
	go func() { _, err := one.Run(ctx); done <- err }()
	for {
		if s, _, _ := b.Job("poll"); s.Running {
			break
		}
	}
	s, _, _ := b.Job("poll")
	if s.Late(c.Now().Add(66 * time.Second)) {
		t.Error("late too soon")
	}
	if !s.Late(c.Now().Add(67 * time.Second)) {
		t.Error("a job that hangs is not late")
	}
	cancel()
	close(hang)
	if <-done; func() bool { s, _, _ := b.Job("poll"); return s.Failing() }() {
		t.Error("the end of the node counts as a failure")
	}
}
