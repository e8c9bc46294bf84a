package db_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"hutong/base/db"
)

// TestTheLogIsCarriedOverBesideTheWriter writes less than the writer's own checkpoint waits for: the database file grows
// all the same, while writes go on and nothing is lost.
func TestTheLogIsCarriedOverBesideTheWriter(t *testing.T) {
	file := filepath.Join(t.TempDir(), "market.db")
	ctx := context.Background()
	d, err := db.Open(ctx, "sqlite:"+file, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Migrate(ctx, counters...); err != nil {
		t.Fatal(err)
	}
	const batches, rows = 40, 1000
	for b := range batches {
		all := make([][]any, rows)
		for i := range all {
			all[i] = []any{fmt.Sprintf("%06d", b*rows+i), int64(1), true}
		}
		if err := d.Write(ctx, func(tx *db.Tx) error { return tx.Insert("counters", []string{"name", "n", "open"}, all) }); err != nil {
			t.Fatal(err)
		}
	}
	size := func() int64 {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	for tries := 0; size() < 200<<10; tries++ {
		if time.Sleep(time.Millisecond); tries == 10_000 {
			t.Fatalf("the database file holds %d bytes of %d rows", size(), batches*rows)
		}
	}
	if n, found := value(t, d, name(fmt.Sprintf("%06d", batches*rows-1))); !found || n != 1 {
		t.Fatalf("the last row: %d %v", n, found)
	}
}
