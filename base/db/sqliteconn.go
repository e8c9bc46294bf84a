package db

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"

	"hutong/base/fault"
)

// stmtsMax bounds the prepared statements of a connection; the market's texts are constants, far fewer than this.
const stmtsMax = 1000

type stmt struct {
	*sqlite.Stmt
	busy   bool // a query that is being read: a nested one of the same text gets a statement of its own
	counts bool // it tells how many rows it changed
}

// sqliteConn is one connection with its prepared statements. It is used by one goroutine at a time.
type sqliteConn struct {
	conn    *sqlite.Conn
	stmts   map[string]*stmt
	inserts map[string][]*insertion
	written int  // rows since the last checkpoint, about
	touched bool // the closure that runs has changed something, or may have
}

func (c *sqliteConn) engine() Engine { return SQLite }

func (c *sqliteConn) prepare(q string) (*stmt, error) {
	if s := c.stmts[q]; s != nil && !s.busy {
		return s, nil
	}
	raw, trailing, err := c.conn.PrepareTransient(sqliteText(q))
	if err != nil {
		return nil, fmt.Errorf("%w in %q", err, q)
	}
	if trailing > 0 {
		return nil, errors.Join(fmt.Errorf("db: more than one statement in %q", q), raw.Finalize())
	}
	s := &stmt{Stmt: raw, counts: counts(q)}
	if c.stmts[q] == nil && len(c.stmts) < stmtsMax {
		c.stmts[q] = s
	}
	return s, nil
}

// counts tells whether SQLite counts what a statement changes: after any other one the count is an earlier one's.
func counts(q string) bool {
	verb, _, _ := strings.Cut(strings.TrimSpace(q), " ")
	return verb == "INSERT" || verb == "UPDATE" || verb == "DELETE"
}

// release resets a statement for its next use, or ends it when it is not one of the kept ones.
func (c *sqliteConn) release(q string, s *stmt) error {
	s.busy = false
	if c.stmts[q] == s {
		return s.Reset()
	}
	return s.Finalize()
}

// forget ends a kept statement that is not used any more.
func (c *sqliteConn) forget(q string) error {
	s := c.stmts[q]
	if s == nil {
		return nil
	}
	delete(c.stmts, q)
	return s.Finalize()
}

func (c *sqliteConn) exec(q string, args []any) (int64, error) {
	s, err := c.prepare(q)
	if err != nil {
		return 0, mapSQLite(err)
	}
	s.busy = true
	n, err := c.run(s, args)
	if e := c.release(q, s); err == nil {
		err = e
	}
	return n, mapSQLite(err)
}

func (c *sqliteConn) run(s *stmt, args []any) (int64, error) {
	bind(s, 0, args)
	n, err := c.step(s)
	if n > 0 || !s.counts {
		c.touched = true
	}
	return n, err
}

// step runs a bound statement to its end.
func (c *sqliteConn) step(s *stmt) (int64, error) {
	for {
		more, err := s.Step()
		if err != nil {
			return 0, err
		}
		if !more {
			return int64(c.conn.Changes()), nil
		}
	}
}

func (c *sqliteConn) script(q string) error {
	_, err := c.exec(q, nil)
	return err
}

func (c *sqliteConn) each(q string, args []any, fn func(Row) error) error {
	s, err := c.prepare(q)
	if err != nil {
		return mapSQLite(err)
	}
	s.busy = true
	err = c.rows(s, args, fn)
	if e := c.release(q, s); err == nil {
		err = mapSQLite(e)
	}
	return err
}

func (c *sqliteConn) rows(s *stmt, args []any, fn func(Row) error) error {
	bind(s, 0, args)
	for {
		more, err := s.Step()
		if err != nil {
			return mapSQLite(err)
		}
		if !more {
			return nil
		}
		if err := fn(sqliteRow{s.Stmt}); err != nil {
			return err
		}
	}
}

func (c *sqliteConn) many(q string, rows [][]any) ([]int64, error) {
	s, err := c.prepare(q)
	if err != nil {
		return nil, mapSQLite(err)
	}
	s.busy = true
	changed := make([]int64, len(rows))
	c.written += len(rows)
	for i, args := range rows {
		if changed[i], err = c.run(s, args); err != nil {
			break
		}
		if err = s.Reset(); err != nil {
			break
		}
	}
	if e := c.release(q, s); err == nil {
		err = e
	}
	return changed, mapSQLite(err)
}

func (c *sqliteConn) close() error {
	for _, s := range c.stmts {
		if err := s.Finalize(); err != nil {
			return err
		}
	}
	return c.conn.Close()
}

// bind puts in arguments from a place on.
func bind(s *stmt, from int, args []any) {
	for i, a := range args {
		bindOne(s, from+i+1, a)
	}
}

func bindOne(s *stmt, at int, a any) {
	switch v := a.(type) {
	case nil:
		s.BindNull(at)
	case string:
		s.BindText(at, v)
	case int64:
		s.BindInt64(at, v)
	case *string:
		s.BindText(at, *v)
	case *int64:
		s.BindInt64(at, *v)
	case bool:
		s.BindBool(at, v)
	}
}

type sqliteRow struct{ s *sqlite.Stmt }

func (r sqliteRow) Scan(dst ...any) error {
	if n := r.s.ColumnCount(); n != len(dst) {
		return fmt.Errorf("db: %d columns for %d targets", n, len(dst))
	}
	for i, d := range dst {
		switch p := d.(type) {
		case *string:
			*p = r.s.ColumnText(i)
		case *int64:
			*p = r.s.ColumnInt64(i)
		case *bool:
			*p = r.s.ColumnInt64(i) != 0
		case *int:
			*p = int(r.s.ColumnInt64(i))
		default:
			if err := r.scanNamed(i, d); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r sqliteRow) scanNamed(i int, d any) error {
	v := reflect.ValueOf(d)
	if v.Kind() != reflect.Pointer {
		return fmt.Errorf("db: cannot scan into %T", d)
	}
	switch v = v.Elem(); v.Kind() {
	case reflect.String:
		v.SetString(r.s.ColumnText(i))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(r.s.ColumnInt64(i))
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		v.SetUint(uint64(r.s.ColumnInt64(i)))
	case reflect.Bool:
		v.SetBool(r.s.ColumnInt64(i) != 0)
	default:
		return fmt.Errorf("db: cannot scan into %T", d)
	}
	return nil
}

func mapSQLite(err error) error {
	if err == nil {
		return nil
	}
	switch code := sqlite.ErrCode(err); code {
	case sqlite.ResultConstraintUnique, sqlite.ResultConstraintPrimaryKey, sqlite.ResultConstraintRowID:
		return fmt.Errorf("%w: %w", ErrUnique, err)
	case sqlite.ResultConstraintCheck, sqlite.ResultConstraintNotNull:
		return fmt.Errorf("%w: %w", ErrCheck, err)
	default:
		switch code.ToPrimary() {
		case sqlite.ResultFull:
			return fault.New(fault.Unavailable, "storage.full").Because(err)
		case sqlite.ResultBusy:
			return fault.New(fault.Unavailable, "storage.busy").Because(err).After(time.Second)
		}
		return err
	}
}
