package db_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"hutong/base/db"
	"hutong/base/fault"
)

// TestX4_ARealFullDisk fills a file system of its own: the database on it refuses, reads, sweeps, goes on without a
// restart once somebody has made room, shuts down whole, and starts on a disk that is full to the last byte. Making a
// file system takes rights that not every machine gives.
func TestX4_ARealFullDisk(t *testing.T) {
	const room, reserve = 176 << 20, 64 << 20 // a log of full length and what it is carried into fit the reserve
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, fmt.Sprint("size=", room)); err != nil {
		t.Skipf("no file system can be mounted here: %v", err)
	}
	defer func() {
		if err := syscall.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	}()
	ballast := filepath.Join(disk, "ballast") // what else lies on the disk
	if err := os.WriteFile(ballast, make([]byte, 96<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	file, o := filepath.Join(disk, "market.db"), db.Options{Reserve: reserve}
	d := opened(t, file, o)
	write := func(ctx context.Context, key name) error {
		return d.Write(ctx, func(tx *db.Tx) error { return add(tx, key, 1) })
	}
	var err error
	for i := 0; err == nil && i < 100; i++ {
		err = write(t.Context(), name(fmt.Sprint(i, strings.Repeat("x", 1<<20))))
	}
	if !fault.Is(err, "storage.full") || there(file+".reserve") {
		t.Fatalf("got %v, want storage.full; reserve %v", err, there(file+".reserve"))
	}
	if err := write(t.Context(), "ordinary"); !fault.Is(err, "storage.full") {
		t.Errorf("an ordinary write on a full disk: %v", err)
	}
	if err := write(db.Relieve(t.Context()), "swept"); err != nil {
		t.Errorf("sweeping on a full disk: %v", err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if n, err := d.Refill(t.Context()); n != 1 || err != nil || !there(file+".reserve") {
		t.Errorf("with room: %d, %v, reserve %v", n, err, there(file+".reserve"))
	}
	if err := errors.Join(write(t.Context(), "ordinary"), d.Close()); err != nil {
		t.Fatalf("with room: %v", err)
	}
	if err := os.WriteFile(ballast, make([]byte, room), 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	if d, err = db.Open(t.Context(), "sqlite:"+file, o); err != nil {
		t.Fatalf("on a disk without a byte: %v", err)
	}
	if n, _ := value(t, d, "swept"); n != 1 || integrity(t, d) != "ok" {
		t.Errorf("swept %d, the database is %s", n, integrity(t, d))
	}
	if err := write(t.Context(), "ordinary"); !fault.Is(err, "storage.full") {
		t.Errorf("on a disk without a byte: %v", err)
	}
	if err := d.Close(); err != nil || there(file+".reserve") {
		t.Errorf("%v, reserve %v", err, there(file+".reserve"))
	}
}
