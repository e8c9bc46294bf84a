package db_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hutong/base/db"
	"hutong/base/fault"
)

const reserved = 512 << 10 // of the tests: 128 pages

func opened(t *testing.T, file string, o db.Options) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), "sqlite:"+file, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Migrate(t.Context(), counters...); err != nil {
		t.Fatal(errors.Join(err, d.Close()))
	}
	return d
}

// fillUp writes until the disk is full.
func fillUp(t *testing.T, d *db.DB) {
	t.Helper()
	var err error
	for i := 0; err == nil && i < 10_000; i++ {
		err = grow(t.Context(), d, i)
	}
	if !fault.Is(err, "storage.full") {
		t.Fatalf("got %v, want storage.full", err)
	}
}

// grow writes 40 kB.
func grow(ctx context.Context, d *db.DB, i int) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		for n := range 10 {
			if err := add(tx, name(fmt.Sprintf("%d-%d-%s", i, n, strings.Repeat("x", 4_000))), 1); err != nil {
				return err
			}
		}
		return nil
	})
}

func there(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// TestX4_TheReserveLetsAFullNodeEndWhatLapses: on a full disk the reserve is given back, what ends or sweeps goes on and
// everything else is refused, at once; a bigger disk takes all writes again, behind a new reserve.
func TestX4_TheReserveLetsAFullNodeEndWhatLapses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "market.db")
	small := db.Options{PagesMax: 400, Reserve: reserved}
	d := opened(t, file, small)
	if !there(file + ".reserve") {
		t.Fatal("there is no reserve")
	}
	fillUp(t, d)
	if there(file + ".reserve") {
		t.Error("the reserve was not given back")
	}
	if err := d.Write(t.Context(), func(tx *db.Tx) error { return add(tx, "small", 1) }); !fault.Is(err, "storage.full") {
		t.Errorf("an ordinary write eats the reserve: %v", err)
	} else if fault.As(err).RetryAfter == 0 {
		t.Error("the refusal does not say when to ask again")
	}
	if err := grow(db.Relieve(t.Context()), d, -1); err != nil {
		t.Errorf("what sweeps is refused in spite of the reserve: %v", err)
	}
	if n, found := value(t, d, name("0-0-"+strings.Repeat("x", 4_000))); !found || n != 1 {
		t.Error("reads stopped on a full disk")
	}
	if err := d.Close(); err != nil {
		t.Fatalf("a full node does not shut down: %v", err)
	}
	d = opened(t, file, db.Options{PagesMax: 2_000, Reserve: reserved})
	defer d.Close()
	if err := grow(t.Context(), d, -2); err != nil || !there(file+".reserve") {
		t.Errorf("a bigger disk: %v, reserve %v", err, there(file+".reserve"))
	}
	if whole := integrity(t, d); whole != "ok" {
		t.Errorf("the database is damaged: %s", whole)
	}
}

func integrity(t *testing.T, d *db.DB) (said string) {
	t.Helper()
	if err := d.Read(t.Context(), func(tx *db.Tx) error {
		_, err := tx.One(`PRAGMA integrity_check`, nil, &said)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return said
}

// TestX4_TheReserveIsMadeAgain: a node that starts where there is no room for the reserve takes no orders; once there is,
// it takes them without a restart.
func TestX4_TheReserveIsMadeAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "market.db")
	if err := os.Mkdir(file+".reserve", 0o700); err != nil { // stands for a disk without room
		t.Fatal(err)
	}
	d, err := db.Open(t.Context(), "sqlite:"+file, db.Options{Reserve: reserved})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Migrate(db.Relieve(t.Context()), counters...); err != nil {
		t.Fatal(err)
	}
	ordinary := func() error { return d.Write(t.Context(), func(tx *db.Tx) error { return add(tx, "a", 1) }) }
	if err := ordinary(); !fault.Is(err, "storage.full") {
		t.Errorf("without room: %v", err)
	}
	if n, err := d.Refill(t.Context()); n != 0 || !fault.Is(err, "storage.full") {
		t.Errorf("refilled %d without room: %v", n, err)
	}
	if err := os.Remove(file + ".reserve"); err != nil {
		t.Fatal(err)
	}
	if n, err := d.Refill(t.Context()); n != 1 || err != nil || !there(file+".reserve") {
		t.Errorf("refilled %d: %v", n, err)
	}
	if err := ordinary(); err != nil {
		t.Errorf("with room: %v", err)
	}
	if n, err := d.Refill(t.Context()); n != 0 || err != nil {
		t.Errorf("refilled what is full: %d, %v", n, err)
	}
}

// TestX4_TheLogShrinksAgain: while somebody reads one snapshot for long the log grows, because nothing of it may be
// overwritten; afterwards it is cut to its length, and nothing is lost.
func TestX4_TheLogShrinksAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "market.db")
	d := opened(t, file, db.Options{Relaxed: true})
	defer d.Close()
	text := strings.Repeat("x", 1<<20)
	write := func(i int) {
		if err := d.Write(t.Context(), func(tx *db.Tx) error { return add(tx, name(fmt.Sprint(i, text)), 1) }); err != nil {
			t.Fatal(err)
		}
	}
	size := func() int64 {
		info, err := os.Stat(file + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	const length, writes = db.LogLength, 80
	if err := d.Read(t.Context(), func(tx *db.Tx) error {
		if _, err := tx.One(`SELECT COUNT(*) FROM counters`, nil, new(int64)); err != nil {
			return err
		}
		for i := range writes {
			write(i)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if grown := size(); grown <= length {
		t.Fatalf("the log is %d bytes: the test does not make it grow", grown)
	}
	for i := range 3 {
		write(100 + i)
	}
	if now := size(); now > length+(1<<20) {
		t.Errorf("the log keeps %d bytes", now)
	}
	if n, found := value(t, d, name(fmt.Sprint(writes-1, text))); !found || n != 1 {
		t.Error("a row is lost")
	}
}
