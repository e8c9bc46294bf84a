package dbtest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"hutong/base/db"
)

// postgres is the server that tests use, and the schemas on it that this process made. To make a room's tables and to
// drop them takes the server longer than most tests do, so a schema is emptied after a test and lent to the next one
// that wants the same tables. Nothing runs at the end of a process: what is left then is dropped by the next one, which
// knows it by its name and by the lock that the process held on it as long as it lived.
type postgres struct {
	url string

	mu     sync.Mutex
	keeper *pgx.Conn // holds the locks
	free   map[string][]lent
}

// lent is a schema with the tables of some rooms.
type lent struct {
	name   string
	tables string            // what the rooms' steps are; "" for none, and for a schema that is not lent again
	shape  string            // of the tables, as they were made
	rows   map[string]string // that the steps write, by table, as JSON
}

// prefix is that of the names of schemas.
const prefix = "hutong_test_"

var server = sync.OnceValues(func() (*postgres, error) {
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
		return nil, err
	}
	s := &postgres{url: url, keeper: c, free: map[string][]lent{}}
	return s, s.sweep(context.Background())
})

func (s *postgres) at(name string) string { return s.url + "&search_path=" + name }

// sweep drops the schemas of processes that ended.
func (s *postgres) sweep(ctx context.Context) error {
	rows, err := s.keeper.Query(ctx, `SELECT nspname FROM pg_namespace WHERE nspname LIKE $1`, prefix+"%")
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for _, name := range names {
		ended := false
		if err == nil {
			err = s.keeper.QueryRow(ctx, `SELECT pg_try_advisory_lock(hashtextextended($1, 0))`, name).Scan(&ended)
		}
		if err == nil && ended {
			err = s.drop(ctx, name)
		}
	}
	return err
}

// borrow gives a schema with empty tables of these rooms.
func (s *postgres) borrow(ctx context.Context, schemas []db.Schema) (lent, error) {
	l := lent{tables: fmt.Sprint(schemas)}
	if len(schemas) == 0 {
		l.tables = ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if all := s.free[l.tables]; len(all) > 0 {
		s.free[l.tables] = all[:len(all)-1]
		return all[len(all)-1], nil
	}
	var raw [8]byte
	if _, err := rand.Read(raw[:]); err != nil {
		return l, err
	}
	l.name = prefix + hex.EncodeToString(raw[:])
	if _, err := s.keeper.Exec(ctx, `SELECT pg_advisory_lock(hashtextextended($1, 0))`, l.name); err != nil {
		return l, err
	}
	if _, err := s.keeper.Exec(ctx, `CREATE SCHEMA `+l.name); err != nil || l.tables == "" {
		return l, err
	}
	d, err := db.Open(ctx, s.at(l.name), db.Options{})
	if err != nil {
		return l, err
	}
	if err = d.Migrate(ctx, schemas...); err == nil {
		l.rows, err = s.written(ctx, l.name)
	}
	if err == nil {
		l.shape, err = s.look(ctx, l.name)
	}
	if closed := d.Close(); err == nil {
		err = closed
	}
	return l, err
}

// giveBack empties a schema for the next test. A schema that is not as it was made is dropped, and so is that of a test
// that failed: it may still be in use.
func (s *postgres) giveBack(l lent, failed bool) error {
	ctx := context.Background()
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.tables != "" && !failed {
		if err := s.clean(ctx, l); err != nil {
			return err
		}
		if shape, err := s.look(ctx, l.name); err != nil {
			return err
		} else if shape == l.shape {
			s.free[l.tables] = append(s.free[l.tables], l)
			return nil
		}
	}
	return s.drop(ctx, l.name)
}

func (s *postgres) drop(ctx context.Context, name string) error {
	if _, err := s.keeper.Exec(ctx, `SET lock_timeout = '30s'; DROP SCHEMA IF EXISTS `+name+` CASCADE`); err != nil {
		return err
	}
	_, err := s.keeper.Exec(ctx, `SELECT pg_advisory_unlock(hashtextextended($1, 0))`, name)
	return err
}

// clean leaves a schema with the rows that its steps write.
func (s *postgres) clean(ctx context.Context, l lent) error {
	if _, err := s.keeper.Exec(ctx, strings.ReplaceAll(empty, "{schema}", l.name)); err != nil {
		return err
	}
	for table, rows := range l.rows {
		table = l.name + "." + table
		_, err := s.keeper.Exec(ctx,
			`INSERT INTO `+table+` SELECT * FROM json_populate_recordset(NULL::`+table+`, $1)`, rows)
		if err != nil {
			return err
		}
	}
	return nil
}

// written reads the rows that the steps wrote.
func (s *postgres) written(ctx context.Context, name string) (map[string]string, error) {
	rows, err := s.keeper.Query(ctx, `SELECT relname::TEXT FROM pg_class
		WHERE relkind = 'r' AND relname <> 'schema_steps' AND relnamespace = $1::TEXT::regnamespace`, name)
	if err != nil {
		return nil, err
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, table := range tables {
		var rows *string
		if err := s.keeper.QueryRow(ctx, `SELECT json_agg(t)::TEXT FROM `+name+`.`+table+` t`).Scan(&rows); err != nil {
			return nil, err
		}
		if rows != nil {
			all[table] = *rows
		}
	}
	return all, nil
}

// empty takes the rows out of all tables of a schema but the one that tells which steps were made.
const empty = `SET lock_timeout = '30s';
DO $do$ DECLARE t regclass; filled boolean; BEGIN
	FOR t IN SELECT oid FROM pg_class
		WHERE relkind = 'r' AND relname <> 'schema_steps' AND relnamespace = '{schema}'::regnamespace
	LOOP
		EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s)', t) INTO filled;
		IF filled THEN EXECUTE format('TRUNCATE %s CASCADE', t); END IF;
	END LOOP;
END $do$`

// look tells the shape of a schema: its tables with their columns, indexes, constraints and triggers, and the steps
// that made them.
func (s *postgres) look(ctx context.Context, name string) (string, error) {
	const q = `WITH n AS (SELECT '{schema}'::regnamespace AS n),
			c AS (SELECT c.* FROM pg_class c, n WHERE relnamespace = n)
		SELECT md5(string_agg(x, ' ' ORDER BY x)) FROM (
			SELECT concat_ws('/', oid, relname, relkind) AS x FROM c UNION ALL
			SELECT concat_ws('/', attrelid, attnum, attname, atttypid, attnotnull, atthasdef)
				FROM pg_attribute JOIN c ON c.oid = attrelid UNION ALL
			SELECT concat('k/', oid) FROM pg_constraint, n WHERE connamespace = n UNION ALL
			SELECT concat('p/', oid) FROM pg_proc, n WHERE pronamespace = n UNION ALL
			SELECT concat('t/', t.oid) FROM pg_trigger t JOIN c ON c.oid = tgrelid UNION ALL
			SELECT concat_ws('/', room, step) FROM {schema}.schema_steps) all_of_it`
	var shape string
	err := s.keeper.QueryRow(ctx, strings.ReplaceAll(q, "{schema}", name)).Scan(&shape)
	return shape, err
}
