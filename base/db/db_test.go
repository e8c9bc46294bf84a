package db_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
)

var counters = []db.Schema{{Room: "counters", Steps: []string{`
CREATE TABLE counters (name TEXT NOT NULL PRIMARY KEY, n BIGINT NOT NULL CHECK (n >= 0), open BOOLEAN NOT NULL) /*clustered*/;
`}}}

type name string

func add(tx *db.Tx, key name, n int64) error {
	got, err := tx.Exec(`UPDATE counters SET n = n + $2 WHERE name = $1`, key, n)
	if err != nil || got == 1 {
		return err
	}
	_, err = tx.Exec(`INSERT INTO counters (name, n, open) VALUES ($1, $2, $3)`, key, n, true)
	return err
}

func value(t *testing.T, d *db.DB, key name) (n int64, found bool) {
	t.Helper()
	err := d.Read(context.Background(), func(tx *db.Tx) (err error) {
		n, found, err = db.Value[int64](tx, `SELECT n FROM counters WHERE name = $1`, key)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n, found
}

func TestWriteKeepsAllOrNothing(t *testing.T) {
	dbtest.Each(t, counters, func(t *testing.T, d *db.DB) {
		boom := errors.New("boom")
		err := d.Write(context.Background(), func(tx *db.Tx) error {
			if err := add(tx, "a", 1); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Fatalf("got %v, want boom", err)
		}
		if _, found := value(t, d, "a"); found {
			t.Fatal("a row of a failed write stayed")
		}
	})
}

func TestGroupedWritesEachKeepTheirOwnOutcome(t *testing.T) {
	dbtest.Each(t, counters, func(t *testing.T, d *db.DB) {
		if err := d.Write(context.Background(), func(tx *db.Tx) error { return add(tx, "n", 0) }); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				err := d.Write(context.Background(), func(tx *db.Tx) error {
					if err := add(tx, "n", 1); err != nil || i%2 == 0 {
						return err
					}
					return errors.New("odd ones fail")
				})
				if (err == nil) != (i%2 == 0) {
					t.Errorf("write %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		if n, _ := value(t, d, "n"); n != 100 {
			t.Fatalf("n = %d, want 100", n)
		}
	})
}

func TestConstraintErrorsAreNamed(t *testing.T) {
	dbtest.Each(t, counters, func(t *testing.T, d *db.DB) {
		ins := func(n int64) error {
			return d.Write(context.Background(), func(tx *db.Tx) error {
				return tx.Insert("counters", []string{"name", "n", "open"}, [][]any{{"x", n, false}})
			})
		}
		if err := ins(-1); !errors.Is(err, db.ErrCheck) {
			t.Fatalf("negative: %v", err)
		}
		if err := ins(1); err != nil {
			t.Fatal(err)
		}
		if err := ins(1); !errors.Is(err, db.ErrUnique) {
			t.Fatalf("twice: %v", err)
		}
	})
}

func TestInsertManyAndEachKey(t *testing.T) {
	dbtest.Each(t, counters, func(t *testing.T, d *db.DB) {
		var rows [][]any
		var keys []string
		for i := range 300 {
			keys = append(keys, fmt.Sprintf("k%03d", i))
			rows = append(rows, []any{name(keys[i]), i, i%2 == 0})
		}
		sum, open := int64(0), 0
		err := d.Write(context.Background(), func(tx *db.Tx) error {
			if err := tx.Insert("counters", []string{"name", "n", "open"}, rows); err != nil {
				return err
			}
			got, err := tx.Many(`UPDATE counters SET n = n + $2 WHERE name = $1 AND n < $3`,
				[][]any{{"k000", 5, 1}, {"k299", 5, 1}, {"absent", 5, 1}})
			if err != nil {
				return err
			}
			if fmt.Sprint(got) != "[1 0 0]" {
				t.Errorf("changed %v", got)
			}
			return tx.EachKey(`SELECT n, open FROM counters WHERE n >= $1 AND name IN ({keys}) ORDER BY name {lock}`, keys,
				func(r db.Row) error {
					var n int64
					var o bool
					err := r.Scan(&n, &o)
					if sum += n; o {
						open++
					}
					return err
				}, 0)
		})
		if err != nil {
			t.Fatal(err)
		}
		if want := int64(300*299/2 + 5); sum != want || open != 150 {
			t.Fatalf("sum %d want %d, open %d want 150", sum, want, open)
		}
	})
}

func TestPanicRollsBackAndReachesTheCaller(t *testing.T) {
	dbtest.Each(t, counters, func(t *testing.T, d *db.DB) {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_ = d.Write(context.Background(), func(tx *db.Tx) error {
				if err := add(tx, "p", 1); err != nil {
					return err
				}
				panic("broken invariant")
			})
		}()
		if _, found := value(t, d, "p"); found {
			t.Fatal("a row of a panicking write stayed")
		}
		if err := d.Write(context.Background(), func(tx *db.Tx) error { return add(tx, "q", 1) }); err != nil {
			t.Fatalf("storage is stuck after a panic: %v", err)
		}
	})
}

func TestMigrateIsSafeToRepeatAndRefusesNewer(t *testing.T) {
	dbtest.Each(t, counters, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		if err := d.Migrate(ctx, counters...); err != nil {
			t.Fatal(err)
		}
		if err := d.Migrate(ctx, db.Schema{Room: "counters"}); !fault.Is(err, "storage.newer") {
			t.Fatalf("got %v, want storage.newer", err)
		}
	})
}

func TestX4_FullDiskRefusesWritesAndKeepsReading(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{PagesMax: 40}, counters...)
	ctx := context.Background()
	var err error
	for i := 0; err == nil && i < 100_000; i++ {
		err = d.Write(ctx, func(tx *db.Tx) error { return add(tx, name(fmt.Sprintf("filler-%090d", i)), 1) })
	}
	if !fault.Is(err, "storage.full") {
		t.Fatalf("got %v, want storage.full", err)
	}
	if n, found := value(t, d, name(fmt.Sprintf("filler-%090d", 0))); !found || n != 1 {
		t.Fatalf("reads stopped on a full disk: %d %v", n, found)
	}
	err = d.Write(ctx, func(tx *db.Tx) error { _, err := tx.Exec(`DELETE FROM counters`); return err })
	if err != nil {
		t.Fatalf("clean-up is refused on a full disk: %v", err)
	}
	if err := d.Write(ctx, func(tx *db.Tx) error { return add(tx, "again", 1) }); err != nil {
		t.Fatalf("writes do not come back after the clean-up: %v", err)
	}
}

func TestX3_FailedSyncStopsWritingForGood(t *testing.T) {
	fails, told := false, make(chan error, 1)
	path := "sqlite:" + filepath.Join(t.TempDir(), "market.db")
	o := db.Options{OnFatal: func(err error) { told <- err }, Crash: func(point string) error {
		if fails && point == "commit.before" {
			return errors.New("fsync: input/output error")
		}
		return nil
	}}
	ctx := context.Background()
	d, err := db.Open(ctx, path, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(d.Migrate(ctx, counters...),
		d.Write(ctx, func(tx *db.Tx) error { return add(tx, "before", 1) })); err != nil {
		t.Fatal(err)
	}
	fails = true
	if err := d.Write(ctx, func(tx *db.Tx) error { return add(tx, "lost", 1) }); !fault.Is(err, "storage.failed") {
		t.Fatalf("got %v, want storage.failed", err)
	}
	<-told
	fails = false
	if err := d.Write(ctx, func(tx *db.Tx) error { return add(tx, "after", 1) }); !fault.Is(err, "storage.failed") {
		t.Fatalf("a write after the failure: %v, want storage.failed", err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := db.Open(ctx, path, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if _, found := value(t, again, "before"); !found {
		t.Fatal("an acknowledged write is gone after the restart")
	}
	if _, found := value(t, again, "lost"); found {
		t.Fatal("a refused write is there after the restart")
	}
}

func BenchmarkGroupedWrites(b *testing.B) {
	d := dbtest.SQLite(b, db.Options{}, counters...)
	ctx := context.Background()
	if err := d.Write(ctx, func(tx *db.Tx) error { return add(tx, "n", 0) }); err != nil {
		b.Fatal(err)
	}
	b.SetParallelism(128)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := d.Write(ctx, func(tx *db.Tx) error { return add(tx, "n", 1) }); err != nil {
				b.Error(err)
			}
		}
	})
}

// What is counted in turns is counted right: nobody counts while another one is about to add.
func TestTurnsAreTakenOneAfterTheOther(t *testing.T) {
	dbtest.Each(t, counters, func(t *testing.T, d *db.DB) {
		const most = 3
		var all sync.WaitGroup
		for i := range 16 {
			all.Go(func() {
				err := d.Write(context.Background(), func(tx *db.Tx) error {
					if err := tx.Turn("counters"); err != nil {
						return err
					}
					n, _, err := db.Value[int64](tx, `SELECT COUNT(*) FROM counters`)
					if err != nil || n >= most {
						return err
					}
					return add(tx, name(fmt.Sprint(i)), 1)
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		err := d.Read(context.Background(), func(tx *db.Tx) error {
			n, _, err := db.Value[int64](tx, `SELECT COUNT(*) FROM counters`)
			if n != most {
				t.Errorf("%d rows, where %d may be", n, most)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
