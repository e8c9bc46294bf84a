package db

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
)

// Row is the current row of a query.
type Row interface {
	// Scan copies the columns to pointers: *string, *int64, *int, *bool, or pointers to types of those kinds.
	// NULL is copied as the zero value.
	Scan(dst ...any) error
}

type backend interface {
	exec(q string, args []any) (int64, error)
	each(q string, args []any, fn func(Row) error) error
	insert(table string, cols []string, rows [][]any) error
	add(table string, cols, counts []string, rows [][]any) error
	many(q string, rows [][]any) ([]int64, error)
	engine() Engine
}

// Tx is one transaction, valid only while its closure runs and in the closure's goroutine only.
type Tx struct {
	backend backend
	after   []func()
}

// Engine tells which engine the transaction runs on, for the few texts that must differ.
func (t *Tx) Engine() Engine { return t.backend.engine() }

// Exec runs one statement and tells how many rows it changed: the answer of a guarded UPDATE.
func (t *Tx) Exec(q string, args ...any) (int64, error) {
	return t.backend.exec(t.locks(q), plain(args))
}

// Each runs fn on every row of a query.
func (t *Tx) Each(q string, fn func(Row) error, args ...any) error {
	return t.backend.each(t.locks(q), plain(args), fn)
}

// One copies the first row of a query to dst and tells whether there was one.
func (t *Tx) One(q string, args []any, dst ...any) (found bool, err error) {
	err = t.Each(q, func(r Row) error {
		if found {
			return nil
		}
		found = true
		return r.Scan(dst...)
	}, args...)
	return found, err
}

// keySizes are the lengths of key lists: few, so that a handful of prepared statements serves every batch, and with a
// small one, since an engine looks up every place of a list, also one that repeats a key.
var keySizes = [...]int{64, 16, 4, 1}

// keySize is the list to use for n keys: the largest that they fill by half.
func keySize(n int) int {
	for _, size := range keySizes {
		if 2*n >= size {
			return size
		}
	}
	return 1
}

// EachKey runs a query whose text has "IN ({keys})" for up to 64 keys at a time, with fixed arguments first ($1...),
// then keys. The order of rows across chunks follows the order of keys; sort them when rows are locked
// ({lock by id}).
func (t *Tx) EachKey(q string, keys []string, fn func(Row) error, fixed ...any) error {
	return t.byKeys(q, keys, fixed, func(text string, args []any) error {
		return t.backend.each(t.locks(text), args, fn)
	})
}

// ExecKeys runs a statement whose text has "IN ({keys})" as EachKey does, and tells how many rows it changed. The
// statement must bear a key that stands twice.
func (t *Tx) ExecKeys(q string, keys []string, fixed ...any) (changed int64, err error) {
	err = t.byKeys(q, keys, fixed, func(text string, args []any) error {
		n, err := t.backend.exec(t.locks(text), args)
		changed += n
		return err
	})
	return changed, err
}

// byKeys calls run with each list of keys filled in.
func (t *Tx) byKeys(q string, keys []string, fixed []any, run func(text string, args []any) error) error {
	if len(keys) == 0 {
		return nil
	}
	all := make([]any, len(fixed)+keySize(len(keys)))
	copy(all, fixed)
	plainIn(all[:len(fixed)])
	for len(keys) > 0 {
		size := keySize(len(keys))
		n := min(len(keys), size)
		args := all[:len(fixed)+size]
		for i := range size {
			args[len(fixed)+i] = &keys[min(i, n-1)]
		}
		if err := run(keyList(keyed{q, len(fixed), size}), args); err != nil {
			return err
		}
		keys = keys[n:]
	}
	return nil
}

// keyLists keeps the texts that EachKey runs: they are constants of the stores, and it runs with every batch.
var keyLists sync.Map // of keyed to string

type keyed struct {
	q           string
	fixed, size int
}

func keyList(k keyed) string {
	if kept, ok := keyLists.Load(k); ok {
		return kept.(string)
	}
	var b strings.Builder
	for i := range k.size {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "$%d", k.fixed+i+1)
	}
	text := strings.Replace(k.q, "{keys}", b.String(), 1)
	keyLists.Store(k, text)
	return text
}

// Insert adds rows to a table, set-based: COPY on PostgreSQL, one prepared statement on SQLite. A value can also be
// named by a *string or *int64, which is read where it stands: a hot path's rows need no memory for each value.
func (t *Tx) Insert(table string, cols []string, rows [][]any) error {
	if err := whole(table, cols, rows); err != nil || len(rows) == 0 {
		return err
	}
	return t.backend.insert(table, cols, rows)
}

// Add adds to counts of rows that are there, set-based: each given row is the table's key, first, and all its other
// columns, of which the named counts are how much more there is of each, none of it negative; what is said of the
// others changes nothing. The rows were read in the same transaction, {lock}ed. Whatever a CHECK of the table refuses
// is ErrCheck.
//
// SQLite is handed the rows as new ones that meet those which are there: many in one statement, which takes half the
// time of an UPDATE each.
func (t *Tx) Add(table string, cols, counts []string, rows [][]any) error {
	if err := whole(table, cols, rows); err != nil || len(rows) == 0 {
		return err
	}
	return t.backend.add(table, cols, counts, rows)
}

// whole refuses rows that do not have a value for each column.
func whole(table string, cols []string, rows [][]any) error {
	for _, r := range rows {
		if len(r) != len(cols) {
			return fmt.Errorf("db: %s: %d values for %d columns", table, len(r), len(cols))
		}
		plainIn(r)
	}
	return nil
}

// Many runs one statement once per row of arguments, in one round trip, and tells how many rows each changed.
func (t *Tx) Many(q string, rows [][]any) ([]int64, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	for _, r := range rows {
		plainIn(r)
	}
	return t.backend.many(t.locks(q), rows)
}

// Turn waits for the other writes that asked for the same turn, and keeps it until the commit. It is for what is
// counted, or looked for and not there, before a row is added: no row is there to {lock}. SQLite has one writer and
// needs none.
func (t *Tx) Turn(of string) error {
	if t.Engine() != Postgres {
		return nil
	}
	_, err := t.Exec(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, of)
	return err
}

// After has fn run once the commit is on disk, in the caller's goroutine of Write: for waking whoever waits for it.
// It is the wrong place for anything that must not be lost.
func (t *Tx) After(fn func()) { t.after = append(t.after, fn) }

// locks puts in the engine's row lock for {lock}: PostgreSQL's FOR UPDATE; SQLite has one writer and needs none. Rows
// that are read in an order for their locks' sake only are {lock by column}ed: without locks, nothing is sorted. Of
// joined tables, one is {lock of table}ed.
func (t *Tx) locks(q string) string {
	before, lock, found := strings.Cut(q, "{lock")
	if !found {
		return q
	}
	what, after, _ := strings.Cut(lock, "}")
	if t.backend.engine() != Postgres {
		return before + after
	}
	by, of, some := strings.Cut(what, " of ")
	if by != "" {
		before += "ORDER" + by + " "
	}
	if some {
		after = " OF " + of + after
	}
	return before + "FOR UPDATE" + after
}

// List collects the rows of a query.
func List[T any](t *Tx, scan func(Row) (T, error), q string, args ...any) ([]T, error) {
	var all []T
	err := t.Each(q, func(r Row) error {
		v, err := scan(r)
		if err == nil {
			all = append(all, v)
		}
		return err
	}, args...)
	return all, err
}

// Value collects one value from the first row of a query; found is false when there is none.
func Value[T any](t *Tx, q string, args ...any) (v T, found bool, err error) {
	found, err = t.One(q, args, &v)
	return v, found, err
}

func plain(args []any) []any {
	out := make([]any, len(args))
	copy(out, args)
	plainIn(out)
	return out
}

// plainIn turns named types into the three that both engines know, in place.
func plainIn(args []any) {
	for i, a := range args {
		switch v := a.(type) {
		case nil, string, int64, bool, *string, *int64:
		case int:
			args[i] = int64(v)
		default:
			args[i] = plainOne(v)
		}
	}
}

func plainOne(a any) any {
	v := reflect.ValueOf(a)
	switch v.Kind() {
	case reflect.String:
		return v.String()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int()
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return int64(v.Uint())
	case reflect.Bool:
		return v.Bool()
	default:
		panic(fmt.Sprintf("db: cannot store a %T", a)) // a defect of the calling store, found by its first test
	}
}
