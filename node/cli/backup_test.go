package cli

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"hutong/node"
)

// TestX4_BackupOfAMarketThatServes: the copy is a market, whose books hold; nothing is overwritten, and there must be
// something to copy.
func TestX4_BackupOfAMarketThatServes(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	data, to := filepath.Join(dir, "market"), filepath.Join(dir, "copy.db")
	m, err := node.Open(ctx, node.Config{URL: "sqlite:" + filepath.Join(data, "market.db"), Dir: data})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	o := run(ctx, "backup", to, "--data", data, "--json")
	if o.status != 0 {
		t.Fatalf("status %d: %s%s", o.status, o.out, o.err)
	}
	info, err := os.Stat(to)
	if said := o.last(t); err != nil || said["books_hold"] != true || said["bytes"] != float64(info.Size()) {
		t.Errorf("said %v: %v", said, err)
	}
	if o := run(ctx, "verify", "--db", "sqlite:"+to); o.status != 0 {
		t.Errorf("the copy: %s%s", o.out, o.err)
	}
	for _, args := range [][]string{{to, "--data", data}, {filepath.Join(dir, "b.db"), "--data", filepath.Join(dir, "none")}} {
		if o := run(ctx, append([]string{"backup"}, args...)...); o.status != 2 || o.err == "" {
			t.Errorf("%v: status %d, %s", args, o.status, o.err)
		}
	}
	if o := run(ctx, "backup", filepath.Join(dir, "c.db"), "--db", "postgres://x/y"); o.status != 1 || o.err == "" {
		t.Errorf("PostgreSQL: status %d, %s", o.status, o.err)
	}
}
