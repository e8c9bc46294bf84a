package dbtest_test

import (
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
)

var things = db.Schema{Room: "thing", Steps: []string{`CREATE TABLE things (name TEXT PRIMARY KEY, kind TEXT NOT NULL,
		CONSTRAINT named CHECK (name <> ''));
	CREATE TABLE kinds (kind TEXT PRIMARY KEY, at_us BIGINT NOT NULL);
	INSERT INTO kinds (kind, at_us) VALUES ('first', 9007199254740993);`}}

func do(t *testing.T, d *db.DB, statements ...string) {
	t.Helper()
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		for _, q := range statements {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// holds fails unless the database is as its steps make it.
func holds(t *testing.T, d *db.DB) {
	t.Helper()
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		n, _, err := db.Value[int64](tx, `SELECT COUNT(*) FROM things`)
		if err != nil {
			return err
		}
		kinds, _, err := db.Value[int64](tx, `SELECT CAST(SUM(at_us) AS BIGINT) FROM kinds WHERE kind = 'first'`)
		if n != 0 || kinds != 9007199254740993 {
			t.Errorf("%d things, a kind since %d", n, kinds)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What one test leaves behind, the next one must not find: rows, rows that are missing, and tables that it changed.
func TestEachTestFindsTheDatabaseAsItsStepsMakeIt(t *testing.T) {
	for name, leaves := range map[string][]string{
		"rows":        {`INSERT INTO things (name, kind) VALUES ('a', 'b')`, `UPDATE kinds SET at_us = 7`},
		"no rows":     {`DELETE FROM kinds`},
		"a table":     {`CREATE TABLE more (name TEXT)`},
		"a column":    {`ALTER TABLE things ADD COLUMN extra TEXT`},
		"no index":    {`DROP TABLE things`, `CREATE TABLE things (name TEXT, kind TEXT)`},
		"other steps": {`UPDATE schema_steps SET step = 5`},
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, []db.Schema{things}, func(t *testing.T, d *db.DB) {
				holds(t, d)
				do(t, d, leaves...)
			})
			dbtest.Each(t, []db.Schema{things}, func(t *testing.T, d *db.DB) {
				holds(t, d)
				do(t, d, `INSERT INTO things (name, kind) VALUES ('a', 'b')`)
				if err := d.Write(t.Context(), func(tx *db.Tx) error {
					_, err := tx.Exec(`INSERT INTO things (name, kind) VALUES ('', 'b')`)
					return err
				}); err == nil {
					t.Error("a CHECK is missing")
				}
			})
		})
	}
}

// A CHECK that a test took away is there for the next one.
func TestAChangedSchemaIsNotLentAgain(t *testing.T) {
	for range 2 {
		t.Run("postgres", func(t *testing.T) {
			d := dbtest.Postgres(t, things)
			if err := d.Write(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(`INSERT INTO things (name, kind) VALUES ('', 'b')`)
				return err
			}); err == nil {
				t.Error("the CHECK is missing")
			}
			do(t, d, `ALTER TABLE things DROP CONSTRAINT named`)
		})
	}
}

// A database that nobody has migrated since has the tables, and what the steps wrote; another one's rows it has not.
func TestASQLiteAddressHasTheTables(t *testing.T) {
	for range 2 {
		d, err := db.Open(t.Context(), dbtest.SQLiteURL(t, things), db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		holds(t, d)
		do(t, d, `INSERT INTO things (name, kind) VALUES ('a', 'b')`)
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
