// Package dbtest gives tests an empty database on each engine that the machine has: SQLite always, PostgreSQL when
// HUTONG_TEST_PG holds an address or a local server answers. A missing PostgreSQL is skipped with one line, unless
// HUTONG_REQUIRE names it.
package dbtest

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"

	"hutong/base/db"
)

const localServer = "postgres://hutong:hutong@127.0.0.1:5432/hutong?sslmode=disable&connect_timeout=2"

// Each runs the test on every engine at once, each time on an empty database with these schemas. What the two runs
// share they may only read.
func Each(t *testing.T, schemas []db.Schema, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	Engines(t, func(t *testing.T) { test(t, SQLite(t, db.Options{}, schemas...)) },
		func(t *testing.T) { test(t, Postgres(t, schemas...)) })
}

// Engines runs a test's two halves beside each other, for one waits for its server most of the time, and ends with
// them.
func Engines(t *testing.T, sqlite, postgres func(t *testing.T)) {
	t.Helper()
	var other sync.WaitGroup
	defer other.Wait()
	other.Go(func() { t.Run("postgres", postgres) })
	t.Run("sqlite", sqlite)
}

// SQLite makes an empty SQLite database in a temporary folder.
func SQLite(t testing.TB, o db.Options, schemas ...db.Schema) *db.DB {
	t.Helper()
	return open(t, SQLiteURL(t, schemas...), o, schemas)
}

// Postgres gives an empty database in a schema of its own on the PostgreSQL server, or skips the test.
func Postgres(t testing.TB, schemas ...db.Schema) *db.DB {
	t.Helper()
	return open(t, PostgresURL(t, schemas...), db.Options{}, schemas)
}

// PostgresURL gives the address of a schema on the PostgreSQL server, for the length of the test, with the tables of
// these rooms. They are empty; without rooms there are none.
func PostgresURL(t testing.TB, schemas ...db.Schema) string {
	t.Helper()
	s, err := server()
	if err != nil {
		if strings.Contains(os.Getenv("HUTONG_REQUIRE"), "postgres") {
			t.Fatalf("HUTONG_REQUIRE asks for PostgreSQL: %v", err)
		}
		t.Skip("no PostgreSQL here (set HUTONG_TEST_PG to test on it)")
	}
	l, err := s.borrow(t.Context(), schemas)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.giveBack(l, t.Failed()); err != nil {
			t.Error(err)
		}
	})
	return s.at(l.name)
}

func open(t testing.TB, url string, o db.Options, schemas []db.Schema) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := d.Migrate(context.Background(), schemas...); err != nil {
		t.Fatal(err)
	}
	return d
}
