// Package dbtest gives tests an empty database on each engine that the machine has: SQLite always, PostgreSQL when
// HUTONG_TEST_PG holds an address or a local server answers. A missing PostgreSQL is skipped with one line, unless
// HUTONG_REQUIRE names it.
package dbtest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hutong/base/db"
)

const localServer = "postgres://hutong:hutong@127.0.0.1:5432/hutong?sslmode=disable&connect_timeout=2"

// Each runs the test on every engine, each time on an empty database with these schemas.
func Each(t *testing.T, schemas []db.Schema, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t, db.Options{}, schemas...)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t, schemas...)) })
}

// SQLite makes an empty SQLite database in a temporary folder.
func SQLite(t testing.TB, o db.Options, schemas ...db.Schema) *db.DB {
	t.Helper()
	return open(t, "sqlite:"+filepath.Join(t.TempDir(), "market.db"), o, schemas)
}

// Postgres makes an empty schema of its own on the PostgreSQL server, or skips the test.
func Postgres(t testing.TB, schemas ...db.Schema) *db.DB {
	t.Helper()
	return open(t, PostgresURL(t), db.Options{}, schemas)
}

// PostgresURL makes an empty schema on the PostgreSQL server and gives the address that leads into it.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server, err := server()
	if err != nil {
		if strings.Contains(os.Getenv("HUTONG_REQUIRE"), "postgres") {
			t.Fatalf("HUTONG_REQUIRE asks for PostgreSQL: %v", err)
		}
		t.Skip("no PostgreSQL here (set HUTONG_TEST_PG to test on it)")
	}
	var raw [8]byte
	if _, err := rand.Read(raw[:]); err != nil {
		t.Fatal(err)
	}
	name := "t_" + hex.EncodeToString(raw[:])
	run(t, server, "CREATE SCHEMA "+name)
	t.Cleanup(func() { run(t, server, "DROP SCHEMA "+name+" CASCADE") })
	return server + "&search_path=" + name
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

var server = sync.OnceValues(func() (string, error) {
	url := os.Getenv("HUTONG_TEST_PG")
	if url == "" {
		url = localServer
	} else if !strings.Contains(url, "?") {
		url += "?connect_timeout=5"
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return "", err
	}
	return url, c.Close(ctx)
})

func run(t testing.TB, url, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Error(err)
		return
	}
	if _, err := c.Exec(ctx, statement); err != nil {
		t.Error(err)
	}
	if err := c.Close(ctx); err != nil {
		t.Error(err)
	}
}
