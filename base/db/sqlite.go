package db

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"

	"hutong/base/fault"
)

// pageSize is SQLite's own.
const pageSize = 4096

// logPages is how long the log may grow, 64 MB, before the writer carries it over itself and begins it again.
const logPages = 16_000

type write struct {
	fn   func(*Tx) error
	full bool // see Gathered
	done chan result
}

type result struct {
	err   error
	after []func()
	panic any
}

type sqliteEngine struct {
	opts    Options
	queue   chan write
	readers chan *sqliteConn
	all     []*sqliteConn
	carry   *checkpointer
	reserve *reserve
	lock    *os.File      // held by the one process that serves; nil: this one did not ask
	stopped chan struct{} // closed when the writer is gone

	wary int // groups that still run under savepoints; the writer's alone

	mu     sync.RWMutex // held for reading while a write is queued, so that close cannot pull the queue away
	closed bool
	fatal  error // set by the writer before it stops
}

// openSQLite opens the database at path, or makes it. Codes: storage.folder, storage.no_database, storage.closed,
// storage.served, storage.no_room.
func openSQLite(path string, o Options) (engine, error) {
	if err := roomy(path); err != nil {
		return nil, err
	}
	if dir := filepath.Dir(path); dir != "." {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fault.New(fault.Invalid, "storage.folder", fault.P("folder", dir)).Because(err)
		}
	}
	if !o.Sole {
		return openShared(path, o)
	}
	lock, err := own(path)
	if err != nil {
		return nil, err
	}
	e, err := openShared(path, o)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	e.lock = lock
	return e, nil
}

// unusable says what is wrong with a file that cannot be opened as a database, as far as whoever named it can mend it.
func unusable(path string, err error) error {
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultNotADB:
		return fault.New(fault.Invalid, "storage.no_database", fault.P("file", path)).Because(err)
	case sqlite.ResultCantOpen, sqlite.ResultPerm, sqlite.ResultReadOnly:
		return fault.New(fault.Invalid, "storage.closed", fault.P("file", path)).Because(err)
	}
	return fmt.Errorf("db: %s: %w", path, err)
}

func openShared(path string, o Options) (*sqliteEngine, error) {
	if o.Readers == 0 {
		o.Readers = 4
	}
	e := &sqliteEngine{
		opts: o, queue: make(chan write, o.WritersMax),
		readers: make(chan *sqliteConn, o.Readers), stopped: make(chan struct{}), reserve: newReserve(path, o),
	}
	mine := o
	if o.PagesMax > 0 && !e.reserve.tight.Load() {
		mine.PagesMax = max(1, o.PagesMax-e.reserve.size/pageSize)
	}
	w, err := openConn(path, mine, true)
	if err != nil && e.reserve.yields() { // a disk without a byte left has no room for the log's index either
		o.Log.Error("the database could not be opened: the reserve is given back", slog.Any("err", err))
		w, err = openConn(path, o, true)
	}
	if err != nil {
		return nil, err
	}
	e.all = append(e.all, w)
	for range o.Readers {
		r, err := openConn(path, o, false)
		if err != nil {
			return nil, errors.Join(err, e.closeConns())
		}
		e.all = append(e.all, r)
		e.readers <- r
	}
	if e.carry, err = newCheckpointer(path, o); err != nil {
		return nil, errors.Join(err, e.closeConns())
	}
	go e.writer(w)
	return e, nil
}

// writerCache is how many KiB of pages the writer keeps: those that orders go on touching are 5 to 10 MB, whatever the
// database has. More of them cost rather than save: after a commit in which SQLite has put split pages in order, which
// most are, it looks at each page that it keeps.
const writerCache = 12 << 10

func openConn(path string, o Options, writer bool) (*sqliteConn, error) {
	name, flag := path, sqlite.OpenFlags(0)
	if writer && !o.Relaxed {
		var err error
		if name, flag, err = writerName(path); err != nil {
			return nil, unusable(path, err)
		}
	}
	c, err := sqlite.OpenConn(name, sqlite.OpenReadWrite, sqlite.OpenCreate, sqlite.OpenWAL, flag)
	if err != nil {
		return nil, unusable(path, err)
	}
	c.SetBusyTimeout(20 * time.Second)
	sync := "FULL"
	if o.Relaxed {
		sync = "NORMAL"
	}
	pragmas := []string{"synchronous=" + sync, "temp_store=MEMORY", "cache_size=-4096", "query_only=ON"}
	if writer {
		pragmas = []string{"synchronous=" + sync, "temp_store=MEMORY", fmt.Sprintf("cache_size=-%d", writerCache),
			fmt.Sprintf("wal_autocheckpoint=%d", logPages),
			fmt.Sprintf("journal_size_limit=%d", logPages*pageSize)} // a log that a long read made grow shrinks again
		if o.PagesMax > 0 {
			pragmas = append(pragmas, fmt.Sprintf("max_page_count=%d", o.PagesMax))
		}
	}
	sc := &sqliteConn{conn: c, stmts: map[string]*stmt{}, inserts: map[string][]*insertion{}}
	for _, p := range pragmas {
		if err := sc.each("PRAGMA "+p, nil, func(Row) error { return nil }); err != nil {
			return nil, errors.Join(unusable(path, fmt.Errorf("%s: %w", p, err)), c.Close())
		}
	}
	return sc, nil
}

func (e *sqliteEngine) name() Engine { return SQLite }

func (e *sqliteEngine) write(ctx context.Context, fn func(*Tx) error) error {
	if err := e.reserve.refuses(ctx); err != nil {
		return err
	}
	w := write{fn: fn, full: ctx.Value(gathered{}) != nil, done: make(chan result, 1)}
	if err := e.enqueue(ctx, w); err != nil {
		return err
	}
	// Once queued the write will happen; its outcome is waited for even when the caller has gone, because answering
	// "cancelled" for a write that then commits would be a lie.
	r := <-w.done
	if r.panic != nil {
		panic(r.panic)
	}
	if r.err == nil {
		for _, f := range r.after {
			f()
		}
	}
	return r.err
}

func (e *sqliteEngine) enqueue(ctx context.Context, w write) error {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if e.closed || e.fatal != nil {
		return fault.New(fault.Unavailable, "storage.failed").Because(e.fatal)
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	default:
	}
	select {
	case e.queue <- w:
		return nil
	default:
		return fault.New(fault.Unavailable, "storage.busy").After(time.Second)
	}
}

type gathered struct{}

// Gathered is a context whose write is a large batch by itself: its commit waits for nothing to join it. Whatever is
// queued by then joins it all the same.
func Gathered(ctx context.Context) context.Context { return context.WithValue(ctx, gathered{}, true) }

// writer is the one goroutine that writes: it takes whatever is queued, up to groupMax, into one transaction.
func (e *sqliteEngine) writer(c *sqliteConn) {
	defer close(e.stopped)
	group := make([]write, 0, groupMax)
	for first := range e.queue {
		if !first.full {
			runtime.Gosched() // on a busy machine others queue more for the group first
		}
		var results []result
		var err error
		group, results, err = e.group(c, append(group[:0], first))
		if err == nil {
			err = e.commit(c)
		}
		if err != nil {
			err = e.failed(c, err)
		}
		if wasFull(err, results) {
			e.release(c)
		}
		for i, w := range group {
			if err != nil {
				w.done <- result{err: err}
			} else {
				w.done <- results[i]
			}
		}
		if e.fatal != nil {
			return
		}
	}
}

func (e *sqliteEngine) commit(c *sqliteConn) error {
	if e.opts.Crash != nil {
		if err := e.opts.Crash("commit.before"); err != nil {
			return err
		}
	}
	if err := c.script("COMMIT"); err != nil {
		return err
	}
	e.carry.wrote(c)
	if e.opts.Crash != nil {
		return e.opts.Crash("commit.after")
	}
	return nil
}

// failed rolls the group back. A full disk refuses the group and goes on; anything else means that the disk can no
// longer be trusted: nothing is retried on it, the node stops writing and restarts (FAULTS X3).
func (e *sqliteEngine) failed(c *sqliteConn, cause error) error {
	if errors.Is(cause, errGroupLost) {
		e.opts.Log.Error("storage rolled back a group", slog.Any("err", cause))
		return fault.New(fault.Unavailable, "storage.full").Because(cause)
	}
	rollback := c.script("ROLLBACK")
	if code := sqlite.ErrCode(cause).ToPrimary(); code == sqlite.ResultFull || code == sqlite.ResultBusy {
		e.opts.Log.Error("storage refused a commit", slog.Any("err", cause), slog.Any("rollback", rollback))
		if code == sqlite.ResultBusy {
			return fault.New(fault.Unavailable, "storage.busy").Because(cause).After(time.Second)
		}
		return fault.New(fault.Unavailable, "storage.full").Because(cause)
	}
	e.opts.Log.Error("storage failed; the node must restart", slog.Any("err", cause), slog.Any("rollback", rollback))
	e.fatal = cause
	go e.refuseRest()
	return fault.New(fault.Unavailable, "storage.failed").Because(cause)
}

// refuseRest answers whoever queued before the failure was known.
func (e *sqliteEngine) refuseRest() {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	for {
		select {
		case w := <-e.queue:
			w.done <- result{err: fault.New(fault.Unavailable, "storage.failed").Because(e.fatal)}
		default:
			if e.opts.OnFatal != nil {
				e.opts.OnFatal(e.fatal)
			}
			return
		}
	}
}

// reader lends a read connection; whoever has it puts it back into readers.
func (e *sqliteEngine) reader(ctx context.Context) (*sqliteConn, error) {
	select {
	case c := <-e.readers:
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (e *sqliteEngine) read(ctx context.Context, fn func(*Tx) error) error {
	c, err := e.reader(ctx)
	if err != nil {
		return err
	}
	defer func() { e.readers <- c }()
	if err := c.script("BEGIN"); err != nil {
		return mapSQLite(err)
	}
	defer func() {
		if err := c.script("ROLLBACK"); err != nil {
			e.opts.Log.Error("storage: end of read", slog.Any("err", err))
		}
	}()
	return fn(&Tx{backend: c})
}

func (e *sqliteEngine) close() error {
	e.mu.Lock()
	if !e.closed {
		e.closed = true
		close(e.queue)
	}
	e.mu.Unlock()
	<-e.stopped
	for range e.opts.Readers {
		<-e.readers
	}
	err := errors.Join(e.carry.close(), e.closeConns())
	if e.lock != nil {
		err = errors.Join(err, e.lock.Close())
	}
	return err
}

func (e *sqliteEngine) closeConns() error {
	var errs []error
	for i := len(e.all) - 1; i >= 0; i-- { // the writer last: it checkpoints
		errs = append(errs, e.all[i].close())
	}
	return errors.Join(errs...)
}

var numbered = regexp.MustCompile(`\$(\d+)`)

// sqliteText turns $1 into ?1: SQLite would number $1 by first appearance. The clustered mark of a CREATE TABLE
// keeps the rows in the order of the primary key, in one tree instead of two.
func sqliteText(q string) string {
	return strings.ReplaceAll(numbered.ReplaceAllString(q, "?$1"), "/*clustered*/", "WITHOUT ROWID")
}
