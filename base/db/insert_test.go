package db_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hutong/base/db"
	"hutong/base/db/dbtest"
)

// pointed is a row whose texts and numbers are named where they stand.
func pointed(row []any) []any {
	to := slices.Clone(row)
	for i, v := range row {
		switch v := v.(type) {
		case string:
			to[i] = &v
		case int64:
			to[i] = &v
		}
	}
	return to
}

// TestInsertKeepsEachRow: batches of any length are stored as they are, whatever columns their rows share and however
// their values are named, and share no more with the batch before.
func TestInsertKeepsEachRow(t *testing.T) {
	schema := db.Schema{Room: "rows", Steps: []string{`CREATE TABLE rows_kept (n BIGINT NOT NULL PRIMARY KEY, a TEXT NOT NULL,
		b BIGINT NOT NULL, c BOOLEAN NOT NULL, d TEXT) /*clustered*/;
`}}
	dbtest.Each(t, []db.Schema{schema}, func(t *testing.T, d *db.DB) {
		var all [][]any
		ctx := t.Context()
		rapid.Check(t, func(t *rapid.T) {
			var rows, given [][]any
			pointers := rapid.IntRange(0, 2).Draw(t, "pointers") // none, all, or every other row's
			varies := rapid.SliceOfN(rapid.Bool(), 4, 4).Draw(t, "varies")
			pick := func(column, most int) int {
				if !varies[column] {
					return len(all) % (most + 1)
				}
				return rapid.IntRange(0, most).Draw(t, "value")
			}
			for range rapid.IntRange(1, 50).Draw(t, "rows") {
				row := []any{int64(len(all) + len(rows)), fmt.Sprint("text ", pick(0, 5)), int64(pick(1, 5)), pick(2, 1) == 1, nil}
				if n := pick(3, 2); n > 0 {
					row[4] = fmt.Sprint(n)
				}
				rows = append(rows, row)
				if pointers == 1 || pointers == 2 && len(rows)%2 == 0 {
					row = pointed(row)
				}
				given = append(given, slices.Clone(row))
			}
			if err := d.Write(ctx, func(tx *db.Tx) error {
				return tx.Insert("rows_kept", []string{"n", "a", "b", "c", "d"}, given)
			}); err != nil {
				t.Fatal(err)
			}
			all = append(all, rows...)
		})
		got := 0
		err := d.Read(ctx, func(tx *db.Tx) error {
			return tx.Each(`SELECT n, a, b, c, COALESCE(d, '-') FROM rows_kept ORDER BY n`, func(r db.Row) error {
				var n, b int64
				var a, s string
				var c bool
				err := r.Scan(&n, &a, &b, &c, &s)
				want := all[got]
				if want[4] == nil {
					want[4] = "-"
				}
				if have := fmt.Sprint(n, a, b, c, s); have != fmt.Sprint(want...) && err == nil {
					t.Errorf("stored %s, want %s", have, fmt.Sprint(want...))
				}
				got++
				return err
			})
		})
		if err != nil || got != len(all) {
			t.Errorf("%d of %d rows: %v", got, len(all), err)
		}
	})
}

// TestAddIsAnUpdate: however many rows are added to and whatever their other columns say, each count grows by what was
// given and nothing else changes; what a check of the table refuses changes nothing.
func TestAddIsAnUpdate(t *testing.T) {
	schema := db.Schema{Room: "counts", Steps: []string{`CREATE TABLE counts_kept (k TEXT NOT NULL PRIMARY KEY,
		most BIGINT NOT NULL, a BIGINT NOT NULL CHECK (a >= 0), b BIGINT NOT NULL, other TEXT NOT NULL UNIQUE,
		CHECK (a <= most)) /*clustered*/;
`}}
	cols := []string{"k", "most", "a", "b", "other"}
	dbtest.Each(t, []db.Schema{schema}, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		type counts struct{ a, b int64 }
		const most, keys = 1000, 60
		want, rows := map[string]counts{}, [][]any{}
		for i := range keys {
			k := fmt.Sprintf("key %02d", i)
			want[k], rows = counts{}, append(rows, []any{k, int64(most), int64(0), int64(0), "of " + k})
		}
		add := func(rows [][]any) error {
			return d.Write(ctx, func(tx *db.Tx) error { return tx.Add("counts_kept", cols, []string{"a", "b"}, rows) })
		}
		if err := d.Write(ctx, func(tx *db.Tx) error { return tx.Insert("counts_kept", cols, rows) }); err != nil {
			t.Fatal(err)
		}
		rapid.Check(t, func(t *rapid.T) {
			var given [][]any
			shared := rapid.Bool().Draw(t, "shared")
			over := rapid.IntRange(0, 9).Draw(t, "over") == 0
			next := maps.Clone(want)
			for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, keys-1), 1, keys, rapid.ID).Draw(t, "keys") {
				k, n := fmt.Sprintf("key %02d", i), counts{1, 2}
				if !shared {
					n = counts{rapid.Int64Range(0, 3).Draw(t, "a"), rapid.Int64Range(0, 3).Draw(t, "b")}
				}
				if over && len(given) == 0 {
					n.a = most - want[k].a + 1
				}
				given = append(given, pointed([]any{k, int64(most), n.a, n.b, "of " + k}))
				next[k] = counts{want[k].a + n.a, want[k].b + n.b}
			}
			err := add(given)
			if fits := !slices.ContainsFunc(slices.Collect(maps.Values(next)), func(c counts) bool { return c.a > most }); fits {
				if want = next; err != nil {
					t.Fatal(err)
				}
			} else if !errors.Is(err, db.ErrCheck) {
				t.Fatalf("more than the table takes: %v", err)
			}
		})
		got := 0
		err := d.Read(ctx, func(tx *db.Tx) error {
			return tx.Each(`SELECT k, most, a, b, other FROM counts_kept`, func(r db.Row) error {
				var k, other string
				var m int64
				var c counts
				err := r.Scan(&k, &m, &c.a, &c.b, &other)
				if c != want[k] || m != most || other != "of "+k {
					t.Errorf("%s: %+v of %d, %q; want %+v", k, c, m, other, want[k])
				}
				got++
				return err
			})
		})
		if err != nil || got != keys {
			t.Error(got, err)
		}
	})
}

// TestLockedInOrder: what is read in an order for its locks' sake is sorted where there are locks.
func TestLockedInOrder(t *testing.T) {
	schema := db.Schema{Room: "locks", Steps: []string{`CREATE TABLE locks_kept (k TEXT NOT NULL PRIMARY KEY) /*clustered*/;
`}}
	dbtest.Each(t, []db.Schema{schema}, func(t *testing.T, d *db.DB) {
		keys := []string{"b", "c", "a"}
		var got []string
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			if err := tx.Insert("locks_kept", []string{"k"}, [][]any{{"c"}, {"a"}, {"b"}}); err != nil {
				return err
			}
			return tx.EachKey(`SELECT k FROM locks_kept WHERE k IN ({keys}) {lock by k}`, keys, func(r db.Row) error {
				var k string
				err := r.Scan(&k)
				got = append(got, k)
				return err
			})
		})
		sorted := slices.Sorted(slices.Values(keys))
		if err != nil || d.Engine() == db.Postgres && !slices.Equal(got, sorted) || len(got) != len(keys) {
			t.Error(got, err)
		}
	})
}
