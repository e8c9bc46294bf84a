package db_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"hutong/base/db"
	"hutong/base/fault"
)

// TestX4_BackupIsOneSnapshotWhileOthersWrite: two counters that are always changed together are the same in the copy,
// however much was written meanwhile; the copy is a whole database.
func TestX4_BackupIsOneSnapshotWhileOthersWrite(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "market.db")
	d := opened(t, file, db.Options{Relaxed: true})
	defer d.Close()
	for i := range 50 {
		if err := grow(t.Context(), d, i); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	started, done := make(chan struct{}), make(chan error, 1)
	go func() {
		for n := 0; ; n++ {
			err := d.Write(context.Background(), func(tx *db.Tx) error {
				if err := add(tx, "a", 1); err != nil {
					return err
				}
				return add(tx, "b", 1)
			})
			if n == 0 {
				close(started)
			}
			if err != nil || ctx.Err() != nil {
				done <- err
				return
			}
		}
	}()
	<-started
	to := filepath.Join(dir, "copy.db")
	size, err := db.Backup(t.Context(), "sqlite:"+file, to)
	stop()
	if e := <-done; e != nil || err != nil || size == 0 {
		t.Fatalf("%d bytes, %v; the writer: %v", size, err, e)
	}
	c := opened(t, to, db.Options{})
	defer c.Close()
	a, _ := value(t, c, "a")
	b, _ := value(t, c, "b")
	if now, _ := value(t, d, "a"); a < 1 || a != b || a > now || integrity(t, c) != "ok" {
		t.Errorf("the copy has %d and %d, the market %d", a, b, now)
	}
	if there(to + ".part") {
		t.Error("the unfinished copy was left")
	}
}

// TestX4_BackupOverwritesNothing, copies nothing that is not there, and leaves PostgreSQL to its own tools. What cannot
// be finished leaves nothing behind.
func TestX4_BackupOverwritesNothing(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "market.db")
	d := opened(t, file, db.Options{})
	defer d.Close()
	other := filepath.Join(dir, "other")
	if err := os.WriteFile(other, []byte("dear"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ url, to, code string }{
		{"sqlite:" + file, other, "storage.backup_exists"},
		{"sqlite:" + file, file, "storage.backup_exists"},
		{"sqlite:" + filepath.Join(dir, "none.db"), filepath.Join(dir, "copy.db"), "storage.backup_nothing"},
		{"postgres://here/market", filepath.Join(dir, "copy.db"), "storage.backup_postgres"},
	} {
		if _, err := db.Backup(t.Context(), c.url, c.to); !fault.Is(err, c.code) {
			t.Errorf("%s to %s: %v, want %s", c.url, c.to, err, c.code)
		}
	}
	if kept, err := os.ReadFile(other); err != nil || string(kept) != "dear" {
		t.Errorf("the other file now says %q, %v", kept, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	to := filepath.Join(dir, "copy.db")
	if _, err := db.Backup(ctx, "sqlite:"+file, to); err == nil || there(to) || there(to+".part") {
		t.Errorf("interrupted: %v, copy %v, part %v", err, there(to), there(to+".part"))
	}
	if _, err := db.Backup(t.Context(), "sqlite:"+file, filepath.Join(dir, "no", "copy.db")); err == nil {
		t.Error("a copy was made where there is no folder")
	}
	if there(filepath.Join(dir, "none.db")) {
		t.Error("a database was made where there was none")
	}
}
