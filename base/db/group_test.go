package db_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
)

// together runs writes in one group, in that order: the first holds the writer until the others are queued.
func together(d *db.DB, fns ...func(*db.Tx) error) []error {
	errs := make([]error, len(fns))
	held, free := make(chan struct{}), make(chan struct{})
	var once sync.Once
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = d.Write(context.Background(), func(*db.Tx) error {
			once.Do(func() { close(held); <-free })
			return nil
		})
	})
	<-held
	for i, fn := range fns {
		queued := db.Queued(d)
		wg.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					errs[i] = errors.New("panic")
				}
			}()
			errs[i] = d.Write(context.Background(), fn)
		})
		for db.Queued(d) == queued {
			continue
		}
	}
	close(free)
	wg.Wait()
	return errs
}

// A closure that wrote and failed is taken back alone, though no closure has a savepoint before one is needed.
func TestGroupWithAFailureIsRunAgain(t *testing.T) {
	odd := errors.New("odd")
	for _, c := range []struct {
		name string
		fail func(tx *db.Tx) error
		want string
		runs int // of the first closure
	}{
		{"refused before it wrote", func(*db.Tx) error { return odd }, "odd", 1},
		{"changed no row", func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE counters SET n = 7 WHERE name = 'nobody'`)
			return errors.Join(err, odd)
		}, "odd", 1},
		{"wrote and failed", func(tx *db.Tx) error { return errors.Join(add(tx, "x", 1), odd) }, "odd", 2},
		{"inserted and failed", func(tx *db.Tx) error {
			return errors.Join(tx.Insert("counters", []string{"name", "n", "open"}, [][]any{{"x", 1, true}}), odd)
		}, "odd", 2},
		{"changed the schema and failed", func(tx *db.Tx) error {
			_, err := tx.Exec(`CREATE TABLE x (n BIGINT)`)
			return errors.Join(err, odd)
		}, "odd", 2},
		{"wrote and panicked", func(tx *db.Tx) error {
			if err := add(tx, "x", 1); err != nil {
				return err
			}
			panic("broken")
		}, "panic", 2},
		{"panicked at once", func(*db.Tx) error { panic("broken") }, "panic", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := dbtest.SQLite(t, db.Options{}, counters...)
			runs, told := 0, 0
			errs := together(d, func(tx *db.Tx) error {
				runs++
				tx.After(func() { told++ })
				return add(tx, "before", 1)
			}, c.fail, func(tx *db.Tx) error { return add(tx, "after", 1) })
			if errs[0] != nil || errs[1] == nil || errs[2] != nil || runs != c.runs || told != 1 {
				t.Fatalf("%v, the first ran %d times and told %d", errs, runs, told)
			}
			before, _ := value(t, d, "before")
			after, _ := value(t, d, "after")
			_, stayed := value(t, d, "x")
			if before != 1 || after != 1 || stayed {
				t.Fatalf("before %d, after %d, of the failed one stays something: %v", before, after, stayed)
			}
			err := d.Write(context.Background(), func(tx *db.Tx) error {
				_, err := tx.Exec(`CREATE TABLE x (n BIGINT)`)
				return err
			})
			if err != nil {
				t.Fatal("the failed one's table stayed:", err)
			}
		})
	}
}
