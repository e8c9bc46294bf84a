package idempotency_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/idempotency"
)

// leave writes the row that a node leaves behind when it dies between the claim of a key and the keeping of its reply.
func leave(t *testing.T, d *db.DB, r idempotency.Request, node string) {
	t.Helper()
	err := d.Write(context.Background(), func(tx *db.Tx) error {
		return tx.Insert("idempotency_keys",
			[]string{"principal", "key", "hash", "state", "node", "status", "content_type", "body", "at_us"},
			[][]any{{r.Principal, r.Key, r.Hash, "in_flight", node, 0, "", "", clock.Micros(start)}})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// R3 with Once: the effect may have happened, the reply is lost. The call runs again, as soon as it is sure that nobody
// runs it, and once only.
func TestR3_AClaimOfADeadNodeIsTakenOver(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		n, ctx := open(d, idempotency.Settings{Wait: 10 * time.Millisecond, Lease: time.Minute}), context.Background()
		r := request("dead")
		leave(t, d, r, "nod_dead")
		runs := 0
		run := func(context.Context) (idempotency.Reply, error) {
			runs++
			return render("a")
		}
		wrong := r
		wrong.Hash = idempotency.Hash("POST", "/b", nil)
		if _, err := n.Once(ctx, wrong, run); !fault.Is(err, "idempotency.mismatch") {
			t.Fatal(err)
		}
		if d.Engine() == db.Postgres { // the other node may be alive for all we know
			if _, err := n.Once(ctx, r, run); !fault.Is(err, "idempotency.in_flight") {
				t.Fatal(err)
			}
			n.clock.Advance(time.Minute)
		}
		first, err := n.Once(ctx, r, run)
		if err != nil || first.Replayed || runs != 1 {
			t.Fatal(first, err, runs)
		}
		again, err := n.Once(ctx, r, run)
		if err != nil || runs != 1 {
			t.Fatal(again, err, runs)
		}
		same(t, again, first)
	})
}

// The effect of an unknown outcome may be there; the key must stay claimed for that request and be free for no other.
func TestUnknownOutcomeKeepsTheKeyForItsRequest(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		n, ctx := open(d, idempotency.Settings{}), context.Background()
		r := request("unknown")
		_, err := n.Once(ctx, r, func(context.Context) (idempotency.Reply, error) {
			return idempotency.Reply{}, fault.New(fault.Unavailable, "storage.unknown")
		})
		if !fault.Is(err, "storage.unknown") {
			t.Fatal(err)
		}
		wrong := r
		wrong.Hash = idempotency.Hash("POST", "/b", nil)
		if _, err := n.Once(ctx, wrong, nil); !fault.Is(err, "idempotency.mismatch") {
			t.Fatal(err)
		}
		if _, err := n.Once(ctx, r, func(context.Context) (idempotency.Reply, error) { return render("a") }); err != nil {
			t.Fatal(err)
		}
	})
}

// A caller that goes away does not take the record of what happened with it.
func TestACallerThatHangsUpStillLeavesItsReply(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, do call) {
		n := open(d, idempotency.Settings{})
		ctx, hangUp := context.WithCancel(context.Background())
		r := request(t.Name())
		_, err := do(ctx, n, r, func(ctx context.Context) error {
			defer hangUp()
			return n.add(ctx, "a")
		})
		if err != nil {
			t.Fatal(err)
		}
		again, err := do(context.Background(), n, r, func(ctx context.Context) error { return n.add(ctx, "a") })
		if err != nil || !again.Replayed || n.count(t) != 1 {
			t.Fatal(again, err, n.count(t))
		}
	})
}

func TestSweepDropsOldRepliesOnly(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		n, ctx := open(d, idempotency.Settings{Keep: 24 * time.Hour}), context.Background()
		var rows [][]any
		for i := range 5000 {
			at := clock.Micros(start.Add(time.Duration(i%2) * time.Hour))
			rows = append(rows, []any{fmt.Sprintf("shr_%d", i%7), fmt.Sprint("k", i), "h", "done", "n", 200, "", "", at})
		}
		err := d.Write(ctx, func(tx *db.Tx) error {
			return tx.Insert("idempotency_keys",
				[]string{"principal", "key", "hash", "state", "node", "status", "content_type", "body", "at_us"}, rows)
		})
		if err != nil {
			t.Fatal(err)
		}
		sweep := func() (dropped int64) {
			before, looked := n.keys(t), 0
			for { // as the job runner does
				done, err := n.Sweep(ctx)
				if err != nil {
					t.Fatal(err)
				}
				if looked += done; done == 0 {
					break
				}
			}
			if before > 4000 && looked != 4000 {
				t.Errorf("the walk over %d rows stopped after %d", before, looked)
			}
			return before - n.keys(t)
		}
		n.clock.Set(start.Add(24 * time.Hour)) // the first ones are just old enough to be given a last time
		if got := sweep(); got != 0 {
			t.Fatalf("dropped %d at the very instant", got)
		}
		n.clock.Advance(time.Microsecond)
		if got := sweep(); got != 2500 {
			t.Fatalf("dropped %d, want 2500", got)
		}
		if got := sweep(); got != 0 {
			t.Fatalf("dropped %d of the younger half", got)
		}
		n.clock.Advance(time.Hour)
		if got := sweep(); got != 2500 {
			t.Fatalf("dropped %d of the younger half, want 2500", got)
		}
	})
}

func (n node) keys(t *testing.T) (all int64) {
	t.Helper()
	err := n.db.Read(context.Background(), func(tx *db.Tx) (err error) {
		all, _, err = db.Value[int64](tx, `SELECT COUNT(*) FROM idempotency_keys`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func BenchmarkWithin(b *testing.B) {
	d := dbtest.SQLite(b, db.Options{}, schemas...)
	n := open(d, idempotency.Settings{})
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r := request(fmt.Sprint("k", serial.Add(1)))
			if _, err := n.Within(context.Background(), r, render,
				func(ctx context.Context) error { return n.add(ctx, "a") }); err != nil {
				b.Error(err)
			}
		}
	})
}
