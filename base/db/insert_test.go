package db_test

import (
	"fmt"
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
