package db_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"hutong/base/db"
)

// TestWhatIsCommittedIsInTheLog: the writer's log is kept in memory and handed over in pieces. Random transactions, far
// larger than SQLite's cache so that it writes and reads the log before they end, half of them with a savepoint taken
// back and a quarter taken back whole; after each, a copy of the files as they lie there is what a crash would leave, and
// a second connection reads. Both must have what was committed, and nothing else.
func TestWhatIsCommittedIsInTheLog(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a 100% #1?.db")
	w, err := db.OpenWriter(file)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for _, q := range []string{"PRAGMA synchronous=FULL", "PRAGMA cache_size=10", "PRAGMA wal_autocheckpoint=300",
		"CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT NOT NULL)"} {
		run(t, w, q)
	}
	r, err := sqlite.OpenConn(file, sqlite.OpenReadOnly)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	rnd := rand.New(rand.NewPCG(1, 2))
	held, next := state{}, 0
	for i := range 24 {
		was := held
		run(t, w, "BEGIN IMMEDIATE")
		held = fill(t, w, rnd, held, &next)
		if rnd.IntN(2) == 0 {
			run(t, w, "SAVEPOINT s")
			fill(t, w, rnd, held, &next)
			run(t, w, "ROLLBACK TO s")
		}
		if rnd.IntN(4) == 0 {
			run(t, w, "ROLLBACK")
			held = was
		} else {
			run(t, w, "COMMIT")
		}
		if got := look(t, r); got != held {
			t.Fatalf("transaction %d: a reader sees %+v, want %+v", i, got, held)
		}
		if got := look(t, copied(t, file, filepath.Join(dir, fmt.Sprint(i)))); got != held {
			t.Fatalf("transaction %d: a crash leaves %+v, want %+v", i, got, held)
		}
	}
}

// state is how many rows there are, and the sum of their lengths.
type state struct{ rows, bytes int64 }

func run(t *testing.T, c *sqlite.Conn, q string) {
	t.Helper()
	if err := sqlitex.ExecuteTransient(c, q, nil); err != nil {
		t.Fatal(q, err)
	}
}

// fill writes some rows of up to 9,000 bytes.
func fill(t *testing.T, c *sqlite.Conn, rnd *rand.Rand, s state, next *int) state {
	t.Helper()
	for range 1 + rnd.IntN(100) {
		n := rnd.IntN(9_000)
		*next++
		run(t, c, fmt.Sprintf("INSERT INTO t (k, v) VALUES (%d, CAST(zeroblob(%d) AS TEXT))", *next*7919%1_000_003, n))
		s.rows, s.bytes = s.rows+1, s.bytes+int64(n)
	}
	return s
}

func look(t *testing.T, c *sqlite.Conn) (s state) {
	t.Helper()
	err := sqlitex.ExecuteTransient(c, "SELECT COUNT(*), COALESCE(SUM(LENGTH(CAST(v AS BLOB))), 0) FROM t",
		&sqlitex.ExecOptions{ResultFunc: func(st *sqlite.Stmt) error {
			s = state{st.ColumnInt64(0), st.ColumnInt64(1)}
			return nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// copied opens a copy of a database and its log.
func copied(t *testing.T, from, to string) *sqlite.Conn {
	t.Helper()
	for _, part := range []string{"", "-wal"} {
		in, err := os.Open(from + part)
		if err != nil {
			t.Fatal(err)
		}
		out, err := os.Create(to + part)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(out, in); err != nil {
			t.Fatal(err)
		}
		in.Close()
		out.Close()
	}
	c, err := sqlite.OpenConn(to, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if said := sound(t, c); said != "ok" {
		t.Fatalf("the copy: %s", said)
	}
	return c
}

func sound(t *testing.T, c *sqlite.Conn) (said string) {
	t.Helper()
	err := sqlitex.ExecuteTransient(c, "PRAGMA integrity_check", &sqlitex.ExecOptions{ResultFunc: func(st *sqlite.Stmt) error {
		said = st.ColumnText(0)
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return said
}
