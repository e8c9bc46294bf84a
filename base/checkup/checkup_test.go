package checkup_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"testing"
	"time"

	"hutong/base/checkup"
	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/id"
)

type ward struct {
	*checkup.Service
	clock *clock.Manual
	found []checkup.Check
	wrong error
	hold  chan struct{} // an audit waits for it, when it is not nil
}

func open(t *testing.T, d *db.DB) *ward {
	t.Helper()
	w := &ward{clock: clock.NewManual(time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC))}
	w.Service = checkup.New(checkup.Deps{DB: d, Clock: w.clock, IDs: id.NewMaker(w.clock, rand.Reader),
		Log: slog.New(slog.DiscardHandler), Every: 24 * time.Hour, Auditor: func(ctx context.Context) ([]checkup.Check, error) {
			if w.hold != nil {
				select {
				case <-w.hold:
				case <-ctx.Done():
					return nil, ctx.Err()
				}
			}
			w.clock.Advance(5 * time.Second)
			return w.found, w.wrong
		}})
	t.Cleanup(w.Close)
	return w
}

func (w *ward) audit(t *testing.T, by string) checkup.Run {
	t.Helper()
	name, over, err := w.Start(context.Background(), by)
	if err != nil {
		t.Fatal(err)
	}
	<-over
	r, err := w.Run(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestARunIsKeptCheckByCheck(t *testing.T) {
	dbtest.Each(t, []db.Schema{checkup.Schema}, func(t *testing.T, d *db.DB) {
		w, ctx := open(t, d), context.Background()
		if _, found, err := w.Last(ctx); found || err != nil {
			t.Fatal("a market that was never audited has a word", err)
		}
		w.found = []checkup.Check{{Name: "stock.promised", Rule: "I-K3", OK: true, Counted: 40},
			{Name: "ledger.chain", Counted: 2, Broken: 1, Rows: []string{"seq=2"}}}
		r := w.audit(t, "log_1")
		if r.OK || r.State != checkup.Done || r.Checks != 2 || r.Counted != 42 || r.Broken != 1 || r.By != "log_1" ||
			r.Took() != 5*time.Second {
			t.Fatalf("%+v", r)
		}
		words, err := r.Words()
		if err != nil || len(words) != 2 || words[1].Rows[0] != "seq=2" || !words[0].OK {
			t.Fatalf("%+v %v", words, err)
		}
		w.wrong = errors.New("the disk is gone")
		if failed := w.audit(t, ""); failed.State != checkup.Failed || failed.OK || failed.Checks != 0 {
			t.Fatalf("%+v", failed)
		}
		if last, found, err := w.Last(ctx); !found || last.ID != r.ID || err != nil {
			t.Fatalf("the last word is not that of the run before: %+v %v", last, err)
		}
		w.found, w.wrong = w.found[:1], nil
		if better := w.audit(t, ""); !better.OK || better.Broken != 0 {
			t.Fatalf("%+v", better)
		}
		if all, err := w.Recent(ctx, 10); err != nil || len(all) != 3 || !all[0].OK || all[2].ID != r.ID {
			t.Fatalf("%+v %v", all, err)
		}
		if _, err := w.Run(ctx, "chk_none"); !fault.Is(err, "checkup.not_found") {
			t.Fatal(err)
		}
	})
}

func TestOneAuditAtATime(t *testing.T) {
	dbtest.Each(t, []db.Schema{checkup.Schema}, func(t *testing.T, d *db.DB) {
		w, ctx := open(t, d), context.Background()
		w.hold = make(chan struct{})
		_, over, err := w.Start(ctx, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := w.Start(ctx, ""); !fault.Is(err, "checkup.running") {
			t.Fatalf("a second one: %v", err)
		}
		if all, _ := w.Recent(ctx, 1); all[0].State != checkup.Running || !all[0].Ended.IsZero() {
			t.Fatalf("%+v", all)
		}
		close(w.hold)
		<-over
		w.audit(t, "")
	})
}

// A node that died under an audit leaves a row that says it runs: it stands in the way for a bounded time.
func TestARunThatItsNodeLeftBehindIsClosed(t *testing.T) {
	dbtest.Each(t, []db.Schema{checkup.Schema}, func(t *testing.T, d *db.DB) {
		w, ctx := open(t, d), context.Background()
		err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO checkups (id, asked_by, state, began_us, ended_us, ok, checks, counted, broken,
				body) VALUES ('chk_0', '', 'running', $1, 0, FALSE, 0, 0, 0, '')`, clock.Micros(w.clock.Now()))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := w.Start(ctx, ""); !fault.Is(err, "checkup.running") {
			t.Fatal(err)
		}
		w.clock.Advance(checkup.Patience + time.Second)
		w.audit(t, "")
		if r, _ := w.Run(ctx, "chk_0"); r.State != checkup.Failed || r.Ended.IsZero() {
			t.Fatalf("%+v", r)
		}
	})
}

func TestClosingEndsAnAudit(t *testing.T) {
	dbtest.Each(t, []db.Schema{checkup.Schema}, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.hold = make(chan struct{})
		name, _, err := w.Start(context.Background(), "")
		if err != nil {
			t.Fatal(err)
		}
		w.Close()
		if r, err := w.Run(context.Background(), name); err != nil || r.State != checkup.Failed {
			t.Fatalf("%+v %v", r, err)
		}
	})
}

func TestTheMarketIsAuditedByItselfAndTheOldestAreForgotten(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, checkup.Schema)
	w, ctx := open(t, d), context.Background()
	due := w.Jobs()[0].Run
	runs := func() int {
		if _, err := due(ctx); err != nil {
			t.Fatal(err)
		}
		all, err := w.Recent(ctx, 1000)
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	if n := runs(); n != 0 {
		t.Fatalf("%d audits at the start", n)
	}
	w.clock.Advance(time.Minute)
	if n := runs(); n != 1 {
		t.Fatalf("%d of a market that never was audited", n)
	}
	w.clock.Advance(23 * time.Hour)
	if n := runs(); n != 1 {
		t.Fatalf("%d within a day of the first", n)
	}
	w.clock.Advance(time.Hour)
	if n := runs(); n != 2 {
		t.Fatalf("%d after a day", n)
	}
	for range checkup.KeptMax + 10 {
		w.clock.Advance(24 * time.Hour)
		runs()
	}
	if n := runs(); n != checkup.KeptMax {
		t.Fatalf("%d are kept", n)
	}
}
