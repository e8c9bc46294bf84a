package job_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/base/job"
)

var quiet = slog.New(slog.DiscardHandler)

// While a run finds something the next follows at once; then comes the pause.
func TestRunsAgainAtOnceWhileThereIsWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		found := []int{500, 500, 20, 0, 3}
		var pauses []time.Duration
		last := since()
		job.Run(ctx, quiet, job.Job{Name: "expire", Every: time.Minute, Run: func(context.Context) (int, error) {
			pauses = append(pauses, last())
			last = since()
			if len(pauses) > len(found) {
				cancel()
				return 0, nil
			}
			return found[len(pauses)-1], nil
		}})
		want := []time.Duration{0, 0, 0, 0, time.Minute, 0}
		if len(pauses) != len(want) {
			t.Fatalf("ran %d times, want %d", len(pauses), len(want))
		}
		for i := range want {
			if pauses[i] != want[i] {
				t.Errorf("run %d came after %v, want %v", i, pauses[i], want[i])
			}
		}
	})
}

// What cannot be done keeps nothing else waiting; what the database refuses ends the run.
func TestEachGoesRoundWhatCannotBeDone(t *testing.T) {
	broken := errors.New("three is broken")
	var tried []int
	run := func(err error) (int, error) {
		tried = nil
		return job.Each(t.Context(), []int{1, 2, 3, 4, 5}, func(n int) error {
			tried = append(tried, n)
			if n == 3 {
				return err
			}
			return nil
		})
	}
	if done, err := run(broken); done != 4 || !errors.Is(err, broken) || len(tried) != 5 {
		t.Errorf("%d done of %v, %v", done, tried, err)
	}
	away := fault.New(fault.Unavailable, "storage.busy")
	if done, err := run(away); done != 2 || !errors.Is(err, away) || len(tried) != 3 {
		t.Errorf("the database is away: %d done of %v, %v", done, tried, err)
	}
	if done, err := run(nil); done != 5 || err != nil {
		t.Errorf("%d done, %v", done, err)
	}
}

// A job that rests pauses ten times as long as its run took, but never less than Every and never more than a second.
func TestRestsAsLongAsItsRunsTake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		took := []time.Duration{5 * time.Millisecond, 50 * time.Millisecond, 3 * time.Second, 0}
		var pauses []time.Duration
		last := since()
		job.Run(ctx, quiet, job.Job{Name: "tell", Every: 200 * time.Millisecond, Rest: 10,
			Run: func(context.Context) (int, error) {
				pauses = append(pauses, last())
				if len(pauses) > len(took) {
					cancel()
					return 0, nil
				}
				time.Sleep(took[len(pauses)-1])
				last = since()
				return 0, nil
			}})
		want := []time.Duration{0, 200 * time.Millisecond, 500 * time.Millisecond, time.Second, 200 * time.Millisecond}
		if !slices.Equal(pauses, want) {
			t.Errorf("pauses %v, want %v", pauses, want)
		}
	})
}

// A failing job is logged and goes on after a pause that grows to a minute; one success makes it short again. The
// other job does not notice.
func TestAFailureIsLoggedAndTheJobGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var log bytes.Buffer
		var pauses []time.Duration
		last, others := since(), 0
		failing := job.Job{Name: "settle", Every: 2 * time.Second, Run: func(context.Context) (int, error) {
			pauses = append(pauses, last())
			last = since()
			switch len(pauses) {
			case 9:
				return 0, nil
			case 11:
				cancel()
			}
			return 0, errors.New("the disk is full")
		}}
		steady := job.Job{Name: "track", Every: time.Second, Run: func(context.Context) (int, error) { others++; return 0, nil }}
		job.Run(ctx, slog.New(slog.NewTextHandler(&log, nil)), failing, steady)
		s := time.Second
		want := []time.Duration{0, 4 * s, 8 * s, 16 * s, 32 * s, 60 * s, 60 * s, 60 * s, 60 * s, 2 * s, 4 * s}
		for i := range want {
			if pauses[i] != want[i] {
				t.Errorf("run %d came after %v, want %v", i, pauses[i], want[i])
			}
		}
		if n := strings.Count(log.String(), "the disk is full"); n != 9 { // not the one that the end cut short
			t.Errorf("%d failures were logged, want 9:\n%s", n, log.String())
		}
		if !strings.Contains(log.String(), "job=settle") || strings.Contains(log.String(), "job=track") {
			t.Errorf("the log does not name the job:\n%s", log.String())
		}
		if others < 300 {
			t.Errorf("the other job ran %d times in five minutes", others)
		}
	})
}

// One row that can never be done costs what falls due after it nothing: it is done as soon as where all is well. The failure
// is logged as rarely as ever, and once a run of it takes long the job rests in proportion.
func TestAPoisonedRowKeepsNothingElseWaiting(t *testing.T) {
	broken := errors.New("row 7 is broken")
	walk := func(ctx context.Context, due []int, work func([]int) (int, error)) (int, error) {
		return job.Walk(ctx, 10, job.Self, func(limit int) ([]int, error) { return due[:min(limit, len(due))], nil }, work)
	}
	for name, goRound := range map[string]func(ctx context.Context) (int, error){
		"each": func(ctx context.Context) (int, error) {
			return job.Each(ctx, []int{7}, func(int) error { return broken })
		},
		"a walk": func(ctx context.Context) (int, error) {
			return walk(ctx, []int{7}, func([]int) (int, error) { return 0, broken })
		},
		"halves": func(ctx context.Context) (int, error) {
			return job.Halves(ctx, []int{7}, func([]int) (int, error) { return 0, broken })
		},
		"all of it": func(ctx context.Context) (int, error) {
			return walk(ctx, []int{7, 8}, func(some []int) (int, error) {
				return job.Halves(ctx, some, func([]int) (int, error) { return 0, broken })
			})
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			var log bytes.Buffer
			last, longest, runs := since(), time.Duration(0), 0
			time.AfterFunc(10*time.Minute, cancel)
			job.Run(ctx, slog.New(slog.NewTextHandler(&log, nil)), job.Job{Name: "expire", Every: time.Second,
				Run: func(ctx context.Context) (int, error) {
					longest, runs = max(longest, last()), runs+1
					last = since()
					return goRound(ctx)
				}})
			if n := strings.Count(log.String(), broken.Error()); longest > time.Second || runs < 500 || n < 10 || n > 40 {
				t.Errorf("%s: %d runs, at most %v apart, logged %d times", name, runs, longest, n)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var pauses []time.Duration
		last := since()
		job.Run(ctx, quiet, job.Job{Name: "expire", Every: time.Second, Run: func(ctx context.Context) (int, error) {
			if pauses = append(pauses, last()); len(pauses) == 4 {
				cancel()
			}
			time.Sleep([]time.Duration{0, 3 * time.Second, time.Minute, 0}[len(pauses)-1])
			last = since()
			return job.Each(context.Background(), []int{7}, func(int) error { return broken })
		}})
		if s := time.Second; !slices.Equal(pauses, []time.Duration{0, s, 30 * s, 60 * s}) {
			t.Errorf("pauses %v", pauses)
		}
	})
}

// What fails otherwise than before is logged when it does, and so is what fails again after all went well: the log that
// became rarer is of one failure.
func TestAnotherFailureIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var log bytes.Buffer
		runs := 0
		job.Run(ctx, slog.New(slog.NewTextHandler(&log, nil)), job.Job{Name: "expire", Every: time.Second,
			Run: func(context.Context) (int, error) {
				row := 7
				switch runs++; {
				case runs == 200:
					row = 8
				case runs == 300:
					return 0, nil
				case runs == 302:
					cancel()
				}
				return job.Each(context.Background(), []int{row}, func(int) error { return fmt.Errorf("row %d of the old", row) })
			}})
		if n := strings.Count(log.String(), "row 8"); n != 1 {
			t.Errorf("another row was named %d times:\n%s", n, log.String())
		}
		if lines := strings.Split(strings.TrimSpace(log.String()), "\n"); !strings.Contains(lines[len(lines)-1], "failures=1 ") {
			t.Errorf("what failed after a success is not logged: %s", lines[len(lines)-1])
		}
	})
}

// A job that goes round what cannot be done and does the rest of its page goes on as soon as that took: there may be more.
func TestAPoisonedRowSlowsNoBacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var pauses []time.Duration
		last := since()
		job.Run(ctx, quiet, job.Job{Name: "send", Every: time.Second, Run: func(context.Context) (int, error) {
			if pauses = append(pauses, last()); len(pauses) == 3 {
				cancel()
			}
			time.Sleep(4 * time.Second)
			last = since()
			return job.Each(context.Background(), []int{7, 8}, func(n int) error {
				if n == 7 {
					return errors.New("row 7 is broken")
				}
				return nil
			})
		}})
		if s := 4 * time.Second; !slices.Equal(pauses, []time.Duration{0, s, s}) {
			t.Errorf("pauses %v", pauses)
		}
	})
}

// Where the database is away nothing can be done: a job that would go round single things rests as any that fails.
func TestAJobRestsWhileTheDatabaseIsAway(t *testing.T) {
	away := fault.New(fault.Unavailable, "storage.gone")
	for name, fails := range map[string]func(ctx context.Context) (int, error){
		"each": func(ctx context.Context) (int, error) {
			return job.Each(ctx, []int{1, 2}, func(int) error { return away })
		},
		"a walk, after one broken row": func(ctx context.Context) (int, error) {
			return job.Walk(ctx, 10, job.Self, func(int) ([]int, error) { return []int{1, 2}, nil }, func(some []int) (int, error) {
				return job.Each(ctx, some, func(n int) error { return map[int]error{1: errors.New("broken"), 2: away}[n] })
			})
		},
		"halves": func(ctx context.Context) (int, error) {
			return job.Halves(ctx, []int{1, 2}, func(some []int) (int, error) {
				if len(some) == 1 && some[0] == 2 {
					return 0, away
				}
				return 0, errors.New("broken")
			})
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			runs := 0
			time.AfterFunc(3*time.Minute, cancel)
			job.Run(ctx, quiet, job.Job{Name: "expire", Every: time.Second, Run: func(ctx context.Context) (int, error) {
				runs++
				return fails(ctx)
			}})
			if runs > 9 {
				t.Errorf("%s: %d runs in three minutes", name, runs)
			}
		})
	}
}

// The end cuts a pause short, and Run returns only when what is under way has ended.
func TestStopWaitsForWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		ended, runs := false, 0
		took := since()
		time.AfterFunc(time.Second, cancel)
		job.Run(ctx, quiet,
			job.Job{Name: "sleeps", Every: time.Hour, Run: func(context.Context) (int, error) { runs++; return 0, nil }},
			job.Job{Name: "works", Every: time.Hour, Run: func(context.Context) (int, error) {
				time.Sleep(5 * time.Second)
				ended = true
				return 1, nil
			}})
		if !ended || runs != 1 || took() != 5*time.Second {
			t.Errorf("ended %v after %v; the sleeper ran %d times", ended, took(), runs)
		}
	})
}

// since measures from now on: in the bubble of synctest time moves only by sleeping.
func since() func() time.Duration {
	var c clock.System
	start := c.Now()
	return func() time.Duration { return c.Now().Sub(start) }
}
