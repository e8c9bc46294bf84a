package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/node/verify"
)

// Start starts the server process and waits until it listens.
func Start(ctx context.Context, program []string, url string) (addr string, stop func() error, pid int, err error) {
	cmd := exec.CommandContext(ctx, program[0], append(slices.Clone(program[1:]), "--db", url)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, 0, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, 0, err
	}
	stop = func() error {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			return err
		}
		return cmd.Wait()
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return "", nil, 0, fmt.Errorf("bench: the server did not start: %w", errors.Join(err, cmd.Wait()))
	}
	addr, ok := strings.CutPrefix(strings.TrimSpace(line), "listening ")
	if !ok {
		return "", nil, 0, fmt.Errorf("bench: the server said %q", line)
	}
	return addr, stop, cmd.Process.Pid, nil
}

// bench is one measurement under way.
type bench struct {
	Options
	clock  clock.Clock
	addr   string
	pid    int
	conns  []*conn
	guests []guest
	tell   func(string)
	rough  float64 // about what the handler that does nothing answers a second
}

// Run measures. tell, if not nil, is told what happens, for a person who waits.
func Run(ctx context.Context, o Options, tell func(string)) (r Result, err error) {
	if tell == nil {
		tell = func(string) {}
	}
	if o.URL == "" {
		dir, err := os.MkdirTemp("", "hutong-bench-")
		if err != nil {
			return r, err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		o.URL = "sqlite:" + filepath.Join(dir, "market.db")
	}
	tell("starting the server")
	addr, stop, pid, err := Start(ctx, append(slices.Clone(o.Program), "--mix", o.Mix), o.URL)
	if err != nil {
		return r, err
	}
	b := &bench{Options: o, clock: &clock.System{}, addr: addr, pid: pid, tell: tell}
	r, placed, err := b.measure()
	if err := errors.Join(err, stop()); err != nil {
		return r, err
	}
	tell(fmt.Sprintf("checking %d acknowledged orders in the database", len(placed)))
	d, err := db.Open(ctx, o.URL, db.Options{})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	r.Engine = string(d.Engine())
	r.FullSync = true // what db.Open sets and this process cannot change; on PostgreSQL checked below
	if err := check(ctx, d, placed, &r); err != nil || o.Mix != Sale {
		return r, err
	}
	return r, audit(ctx, d, &r)
}

// audit runs verify over what a sale left.
func audit(ctx context.Context, d *db.DB, r *Result) error {
	report, err := verify.Run(ctx, d, verify.Options{})
	for _, c := range report.Checks {
		if !c.OK {
			r.Broken = append(r.Broken, c.Name)
		}
	}
	return err
}

func (b *bench) measure() (r Result, placed []string, err error) {
	r = Result{Stock: b.Stock, Mix: b.Mix, Conns: b.Conns}
	for range b.Conns {
		k, err := dial(b.addr)
		if err != nil {
			return r, nil, err
		}
		defer k.close()
		b.conns = append(b.conns, k)
	}
	if err := b.call("/bench/guests", want{N: b.Conns}, &b.guests); err != nil {
		return r, nil, err
	}
	window := time.Duration(b.Seconds) * time.Second
	if b.rough, err = b.raw(window / 10); err != nil {
		return r, nil, err
	}
	var last tally
	for i := range b.Runs {
		run, err := b.prepare(window)
		if err != nil {
			return r, nil, err
		}
		// Machines drift by a tenth within seconds: what an order is compared with is measured right before and after.
		before, err := b.raw(window / 2)
		if err != nil {
			return r, nil, err
		}
		b.tell(fmt.Sprintf("run %d: %s orders, %s stock, %d connections, %v", i+1, b.Mix, b.Stock, b.Conns, window))
		all, took, cpu, err := run()
		if err != nil {
			return r, nil, err
		}
		after, err := b.raw(window / 2)
		if err != nil {
			return r, nil, err
		}
		last = merge(all)
		placed = append(placed, last.placed...)
		r.count(last, took, cpu, (before+after)/2)
	}
	r.RawHTTPPerS, r.OrdersPerS, r.Ratio = r.rawPerS[0], r.RunsPerS[0], r.RunsPerS[0]/r.rawPerS[0]
	r.P50MS, r.P99MS, r.Orders = last.percentile(0.50), last.percentile(0.99), len(placed)
	return r, placed, nil
}

// count adds one run.
func (r *Result) count(run tally, took, cpu time.Duration, raw float64) {
	r.RunsPerS = append(r.RunsPerS, float64(len(run.placed))/took.Seconds())
	r.rawPerS = append(r.rawPerS, raw)
	r.OrdersPerServerCPU = float64(len(run.placed)) / cpu.Seconds()
	r.RequestsPerS = float64(run.requests) / took.Seconds()
	r.Refused += run.refused
	r.Errors += run.errors
	if run.first != nil {
		r.FirstError = run.first.Error()
	}
}

// raw measures the handler that does nothing, with the body that an order would have.
func (b *bench) raw(window time.Duration) (perS float64, err error) {
	b.tell(fmt.Sprintf("raw: %v", window))
	var tokens [][]string
	if err := b.call("/bench/tokens", want{N: 1, Stock: Hot, Guests: b.guests[:1]}, &tokens); err != nil {
		return 0, err
	}
	token := tokens[0][0]
	all, took := b.drive(window, func(i int, k *conn, t *tally) bool {
		status, _, err := k.do(request{method: "POST", path: rawPath, bearer: b.guests[i].Token, token: token})
		if err != nil || status != 200 {
			t.fail(fmt.Errorf("raw: %d %w", status, err))
			return false
		}
		return true
	})
	sum := merge(all)
	return float64(sum.requests) / took.Seconds(), sum.first
}

// Tokens are fetched before the clock starts: for more orders than a server has ever placed, and for no more, since a
// generator that drags its memory along measures that. A connection that has none left fails.
const fastest = 0.6 // of what the handler that does nothing answers

// portion is how many tokens of each shopper are fetched at once: one of a sale is of 3 KB.
const portion = 16

func (b *bench) tokens() (all [][]string, err error) {
	b.tell("quoting what will be placed")
	all = make([][]string, len(b.guests))
	for left := int(b.rough*fastest)*b.Seconds/b.Conns + 10; left > 0; left -= portion {
		var some [][]string
		if err := b.call("/bench/tokens", want{N: min(left, portion), Stock: b.Stock, Guests: b.guests}, &some); err != nil {
			return nil, err
		}
		for i := range all {
			all[i] = append(all[i], some[i]...)
		}
	}
	return all, nil
}

// measured is what one run of a mix gives: what each connection saw, how long it took, and the server's processor time.
type measured func() (all []tally, took, cpu time.Duration, err error)

// prepare makes what a run of the mix needs, before anything is measured.
func (b *bench) prepare(window time.Duration) (measured, error) {
	if b.Mix == Journey {
		return b.journeys(window)
	}
	tokens, err := b.tokens()
	if err != nil {
		return nil, err
	}
	return b.watched(window, func(i int, k *conn, t *tally) bool {
		if len(tokens[i]) == 0 {
			t.fail(errors.New("bench: a connection has no tokens left"))
			return false
		}
		token := tokens[i][0]
		tokens[i] = tokens[i][1:]
		status, answer, err := k.do(request{method: "POST", path: "/api/v1/orders", bearer: b.guests[i].Token, token: token})
		return t.order(status, answer, err)
	}), nil
}

// watched is drive, with the processor time that the server used meanwhile.
func (b *bench) watched(window time.Duration, step func(i int, k *conn, t *tally) bool) measured {
	return func() (all []tally, took, cpu time.Duration, err error) {
		var said int
		if err := b.call("/bench/watch", want{N: 1}, &said); err != nil {
			return nil, 0, 0, err
		}
		before, err := cpuTime(b.pid)
		if err != nil {
			return nil, 0, 0, err
		}
		all, took = b.drive(window, step)
		after, err := cpuTime(b.pid)
		return all, took, after - before, errors.Join(err, b.call("/bench/watch", want{}, &said))
	}
}

// order notes the answer to one place; it tells whether to go on.
func (t *tally) order(status int, answer []byte, err error) bool {
	switch {
	case err != nil:
		t.fail(err)
		return false
	case status == 201:
		if id := field(answer, `"order":"`); id != "" {
			t.placed = append(t.placed, id)
		} else {
			t.fail(fmt.Errorf("no order in %q", answer))
		}
	case status == 409:
		t.refused++
	default:
		t.fail(fmt.Errorf("status %d: %s", status, answer))
	}
	return true
}

// field reads one string of a JSON answer whose form is known.
func field(answer []byte, name string) string {
	_, rest, ok := strings.Cut(string(answer), name)
	value, _, closed := strings.Cut(rest, `"`)
	if !ok || !closed {
		return ""
	}
	return value
}

// drive runs step on every connection until the window is over.
func (b *bench) drive(window time.Duration, step func(i int, k *conn, t *tally) bool) ([]tally, time.Duration) {
	all := make([]tally, len(b.conns))
	start := b.clock.Now()
	var wg sync.WaitGroup
	for i, k := range b.conns {
		wg.Go(func() {
			t := &all[i]
			for now := start; now.Sub(start) < window; {
				if !step(i, k, t) {
					return
				}
				done := b.clock.Now()
				t.requests++
				t.latency = append(t.latency, done.Sub(now))
				now = done
			}
		})
	}
	wg.Wait()
	return all, b.clock.Now().Sub(start)
}

func (b *bench) call(path string, ask, answer any) error {
	body, err := json.Marshal(ask)
	if err != nil {
		return err
	}
	status, got, err := b.conns[0].do(request{method: "POST", path: path, body: body})
	if err != nil || status != 200 {
		return fmt.Errorf("bench: %s: %d %s %w", path, status, got, err)
	}
	return json.Unmarshal(got, answer)
}

// ticksPerS is the unit of /proc/PID/stat on Linux.
const ticksPerS = 100

// cpuTime is the processor time that a process has used.
func cpuTime(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("bench: cannot read /proc/%d/stat", pid)
	}
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * time.Second / ticksPerS, errors.Join(err1, err2)
}
