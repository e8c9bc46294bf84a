package idempotency_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/idempotency"
)

var start = time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)

var effects = db.Schema{Room: "effects", Steps: []string{"CREATE TABLE effects (name TEXT NOT NULL, n BIGINT NOT NULL);\n"}}

var schemas = []db.Schema{idempotency.Schema, effects}

type node struct {
	*idempotency.Service
	db    *db.DB
	clock *clock.Manual
}

func open(d *db.DB, s idempotency.Settings) node {
	c := clock.NewManual(start)
	return node{idempotency.New(d, c, id.NewMaker(c, rand.Reader), s), d, c}
}

// add is a verb that adds, so that running it twice shows; it records its reply.
func (n node) add(ctx context.Context, name string) error {
	return n.db.Write(ctx, func(tx *db.Tx) error {
		if err := tx.Insert("effects", []string{"name", "n"}, [][]any{{name, 1}}); err != nil {
			return err
		}
		return idempotency.Record(ctx, tx, name)
	})
}

func (n node) count(t *testing.T) (sum int64) {
	t.Helper()
	err := n.db.Read(context.Background(), func(tx *db.Tx) (err error) {
		sum, _, err = db.Value[int64](tx, `SELECT COUNT(*) FROM effects`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

var serial atomic.Int64

// render gives another text each time it runs, so that a repetition that was rendered anew shows.
func render(result any) (idempotency.Reply, error) {
	body := fmt.Sprintf(`{"name":%q,"serial":%d}`, result, serial.Add(1))
	return idempotency.Reply{Status: 201, ContentType: "application/json", Body: []byte(body)}, nil
}

// call is one way of making a call idempotent; both must keep the same promises.
type call func(ctx context.Context, n node, r idempotency.Request, effect func(ctx context.Context) error) (
	idempotency.Reply, error)

var calls = map[string]call{
	"within": func(ctx context.Context, n node, r idempotency.Request, effect func(context.Context) error) (
		idempotency.Reply, error) {
		return n.Within(ctx, r, render, effect)
	},
	"once": func(ctx context.Context, n node, r idempotency.Request, effect func(context.Context) error) (
		idempotency.Reply, error) {
		return n.Once(ctx, r, func(ctx context.Context) (idempotency.Reply, error) {
			if err := effect(ctx); err != nil {
				return idempotency.Reply{}, err
			}
			return render("a")
		})
	},
}

func each(t *testing.T, test func(t *testing.T, d *db.DB, do call)) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		for name, do := range calls {
			t.Run(name, func(t *testing.T) {
				if err := d.Write(context.Background(), func(tx *db.Tx) error {
					_, err := tx.Exec(`DELETE FROM effects`)
					return err
				}); err != nil {
					t.Fatal(err)
				}
				test(t, d, do)
			})
		}
	})
}

func request(key string) idempotency.Request {
	return idempotency.Request{Principal: "shr_a", Key: key, Hash: idempotency.Hash("POST", "/a", []byte(key))}
}

func same(t *testing.T, got, first idempotency.Reply) {
	t.Helper()
	if got.Status != first.Status || got.ContentType != first.ContentType || !bytes.Equal(got.Body, first.Body) {
		t.Fatalf("got %d %q, first %d %q", got.Status, got.Body, first.Status, first.Body)
	}
}

func TestR1_RetryGetsTheFirstReplyByteForByte(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, do call) {
		n, ctx := open(d, idempotency.Settings{}), context.Background()
		r := request(t.Name())
		effect := func(ctx context.Context) error { return n.add(ctx, "a") }
		first, err := do(ctx, n, r, effect)
		if err != nil || first.Replayed {
			t.Fatal(first, err)
		}
		again, err := do(ctx, n, r, effect)
		if err != nil || !again.Replayed {
			t.Fatal(again, err)
		}
		same(t, again, first)
		if n.count(t) != 1 {
			t.Fatalf("%d effects", n.count(t))
		}
		w := httptest.NewRecorder()
		if err := again.Send(w); err != nil {
			t.Fatal(err)
		}
		if w.Code != 201 || w.Header().Get("Idempotent-Replay") != "true" || w.Body.String() != string(first.Body) {
			t.Fatal(w)
		}
		other := r
		other.Principal = "shr_b"
		if reply, err := do(ctx, n, other, effect); err != nil || reply.Replayed {
			t.Fatal("another principal's key is another key", reply, err)
		}
	})
}

func TestR1_DoubleClicksAtOnceHaveOneEffect(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, do call) {
		nodes := []node{open(d, idempotency.Settings{})}
		if d.Engine() == db.Postgres { // several nodes share one database
			nodes = append(nodes, open(d, idempotency.Settings{}))
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		bodies, fresh := map[string]int{}, 0
		for i := range 40 {
			n := nodes[i%len(nodes)]
			wg.Go(func() {
				reply, err := do(context.Background(), n, request(t.Name()),
					func(ctx context.Context) error { return n.add(ctx, "a") })
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				bodies[string(reply.Body)]++
				if !reply.Replayed {
					fresh++
				}
			})
		}
		wg.Wait()
		if got := nodes[0].count(t); got != 1 || len(bodies) != 1 || fresh != 1 {
			t.Fatalf("%d effects, replies %v, %d not marked as repetition", got, bodies, fresh)
		}
	})
}

func TestR1_InFlightIsWaitedForThenRefused(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, do call) {
		n, ctx := open(d, idempotency.Settings{Wait: 20 * time.Millisecond}), context.Background()
		r := request(t.Name())
		entered, leave := make(chan struct{}), make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := do(ctx, n, r, func(ctx context.Context) error {
				close(entered)
				<-leave
				return n.add(ctx, "a")
			})
			if err != nil {
				t.Error(err)
			}
		})
		<-entered
		_, err := do(ctx, n, r, func(ctx context.Context) error { return n.add(ctx, "a") })
		if !fault.Is(err, "idempotency.in_flight") || fault.Of(err) != fault.Conflict || fault.As(err).RetryAfter == 0 {
			t.Error(err)
		}
		gone, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := do(gone, n, r, nil); !errors.Is(err, context.Canceled) && !fault.Is(err, "idempotency.in_flight") {
			t.Error(err)
		}
		close(leave)
		wg.Wait()
	})
}

func TestR2_SameKeyOtherBodyIsRefused(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, do call) {
		n, ctx := open(d, idempotency.Settings{}), context.Background()
		r := request(t.Name())
		effect := func(ctx context.Context) error { return n.add(ctx, "a") }
		if _, err := do(ctx, n, r, effect); err != nil {
			t.Fatal(err)
		}
		other := r
		other.Hash = idempotency.Hash("POST", "/a", []byte(`{"other":1}`))
		for _, m := range []node{n, open(d, idempotency.Settings{})} {
			_, err := do(ctx, m, other, effect)
			if !fault.Is(err, "idempotency.mismatch") || fault.Of(err).Status() != 422 {
				t.Fatal(err)
			}
		}
		// Also while the first is still under way.
		late := request(t.Name() + "late")
		_, err := do(ctx, n, late, func(ctx context.Context) error {
			wrong := late
			wrong.Hash = other.Hash
			if _, err := do(ctx, n, wrong, effect); !fault.Is(err, "idempotency.mismatch") {
				t.Error(err)
			}
			return n.add(ctx, "a")
		})
		if err != nil || n.count(t) != 2 {
			t.Fatal(err, n.count(t))
		}
	})
}

func TestR3_SameAnswerAfterACrashBetweenCommitAndReply(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, do call) {
		ctx, r := context.Background(), request(t.Name())
		n := open(d, idempotency.Settings{})
		first, err := do(ctx, n, r, func(ctx context.Context) error { return n.add(ctx, "a") })
		if err != nil {
			t.Fatal(err)
		}
		n = open(d, idempotency.Settings{}) // the node that the caller never heard from is gone
		again, err := do(ctx, n, r, func(ctx context.Context) error { return n.add(ctx, "a") })
		if err != nil || !again.Replayed || n.count(t) != 1 {
			t.Fatal(again, err, n.count(t))
		}
		same(t, again, first)
	})
}

// A verb that refuses a second call on its own ("already cancelled") must still give the first call's reply.
func TestR1_RetryOfACallThatNowWouldBeRefused(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, do call) {
		n, ctx := open(d, idempotency.Settings{}), context.Background()
		cancelled := false
		effect := func(ctx context.Context) error {
			if cancelled {
				return fault.New(fault.Conflict, "order.state")
			}
			cancelled = true
			return n.add(ctx, "a")
		}
		first, err := do(ctx, n, request(t.Name()), effect)
		if err != nil {
			t.Fatal(err)
		}
		again, err := do(ctx, n, request(t.Name()), effect)
		if err != nil {
			t.Fatal(err)
		}
		same(t, again, first)
	})
}

func TestRefusalsAreNotKept(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, do call) {
		n, ctx := open(d, idempotency.Settings{}), context.Background()
		soldOut := fault.New(fault.SoldOut, "stock.sold_out")
		r := request(t.Name())
		if _, err := do(ctx, n, r, func(context.Context) error { return soldOut }); !fault.Is(err, "stock.sold_out") {
			t.Fatal(err)
		}
		reply, err := do(ctx, n, r, func(ctx context.Context) error { return n.add(ctx, "a") })
		if err != nil || reply.Replayed || n.count(t) != 1 {
			t.Fatal(reply, err, n.count(t))
		}
	})
}

func TestAWaiterRunsTheCallWhenTheFirstIsRefused(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, do call) {
		n, ctx := open(d, idempotency.Settings{}), context.Background()
		entered, leave := make(chan struct{}), make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := do(ctx, n, request(t.Name()), func(context.Context) error {
				close(entered)
				<-leave
				return fault.New(fault.SoldOut, "stock.sold_out")
			})
			if !fault.Is(err, "stock.sold_out") {
				t.Error(err)
			}
		})
		<-entered
		wg.Go(func() {
			reply, err := do(ctx, n, request(t.Name()), func(ctx context.Context) error { return n.add(ctx, "a") })
			if err != nil || reply.Replayed {
				t.Error(reply, err)
			}
		})
		close(leave)
		wg.Wait()
		if n.count(t) != 1 {
			t.Fatal(n.count(t))
		}
	})
}

func TestAPanicLeavesTheKeyUsable(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, do call) {
		n, ctx := open(d, idempotency.Settings{}), context.Background()
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_, _ = do(ctx, n, request(t.Name()), func(context.Context) error { panic("defect") })
		}()
		if _, err := do(ctx, n, request(t.Name()), func(ctx context.Context) error { return n.add(ctx, "a") }); err != nil {
			t.Fatal(err)
		}
	})
}

func TestBadRequests(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas...)
	n, ctx := open(d, idempotency.Settings{}), context.Background()
	good := request("k")
	for name, c := range map[string]struct {
		change func(r *idempotency.Request)
		code   string
	}{
		"no key":       {func(r *idempotency.Request) { r.Key = "" }, "idempotency.key"},
		"long key":     {func(r *idempotency.Request) { r.Key = strings.Repeat("k", 129) }, "idempotency.key"},
		"space in key": {func(r *idempotency.Request) { r.Key = "a b" }, "idempotency.key"},
		"NUL in key":   {func(r *idempotency.Request) { r.Key = "a\x00" }, "idempotency.key"},
		"Chinese key":  {func(r *idempotency.Request) { r.Key = "键" }, "idempotency.key"},
		"A3 nobody":    {func(r *idempotency.Request) { r.Principal = "" }, "idempotency.nobody"},
		"no hash":      {func(r *idempotency.Request) { r.Hash = "" }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := good
			c.change(&r)
			for _, do := range calls {
				_, err := do(ctx, n, r, func(ctx context.Context) error { return n.add(ctx, "a") })
				if err == nil || c.code != "" && !fault.Is(err, c.code) {
					t.Fatal(err)
				}
			}
		})
	}
	if n.count(t) != 0 {
		t.Fatal("a refused request had an effect")
	}
}

func TestRepliesThatCannotBeKept(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas...)
	n, ctx := open(d, idempotency.Settings{}), context.Background()
	for i, reply := range []idempotency.Reply{
		{Status: 0, Body: []byte("{}")},
		{Status: 409, Body: []byte("{}")},
		{Status: 200, Body: make([]byte, idempotency.BodyMax+1)},
		{Status: 200, Body: []byte("\xff")},
	} {
		fixed := func(any) (idempotency.Reply, error) { return reply, nil }
		_, err := n.Within(ctx, request(fmt.Sprint("w", i)), fixed, func(ctx context.Context) error { return n.add(ctx, "a") })
		if err == nil {
			t.Errorf("within kept %d", reply.Status)
		}
		_, err = n.Once(ctx, request(fmt.Sprint("o", i)), func(context.Context) (idempotency.Reply, error) { return reply, nil })
		if err == nil {
			t.Errorf("once kept %d", reply.Status)
		}
	}
	if n.count(t) != 0 {
		t.Fatal("an effect stayed without its reply")
	}
	_, err := n.Within(ctx, request("forgot"), render, func(context.Context) error { return nil })
	if err == nil {
		t.Fatal("a verb that does not record was taken for one that does")
	}
}

func TestHashTellsRequestsApart(t *testing.T) {
	seen := map[string]string{}
	for _, c := range [][3]string{
		{"POST", "/a", "b"}, {"POST", "/ab", ""}, {"PUT", "/a", "b"}, {"POST", "/a", ""}, {"POST", "/a\n", "b"},
		{"POST /a", "", "b"},
	} {
		h := idempotency.Hash(c[0], c[1], []byte(c[2]))
		if was, dup := seen[h]; dup {
			t.Errorf("%v and %v have one hash", c, was)
		}
		seen[h] = fmt.Sprint(c)
	}
}
