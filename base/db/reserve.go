package db

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"hutong/base/fault"
)

// The size of the reserve: a twentieth of the database, and never more than this.
const (
	reservePart = 20
	reserveMax  = 1 << 30
)

// fullFor is after what time it is worth asking again on a full disk.
const fullFor = 30 * time.Second

// reserve is a file beside the database that holds room on the disk. When the disk is full it is given back, and from
// then on only writes under Relieve are taken, until there is room for it again: so the node can still end what lapses,
// sweep what is old and shut down in order, while orders are refused and everything can be read (FAULTS X4).
type reserve struct {
	path  string // "": there is none
	size  int64
	tight atomic.Bool // the disk is full
	fulls atomic.Int64
}

type relieving struct{}

// Relieve is a context whose writes go on while the disk is full: they end or sweep something.
func Relieve(ctx context.Context) context.Context { return context.WithValue(ctx, relieving{}, true) }

// newReserve sizes the reserve of a database and makes it. Where the disk has no room for it, it is full.
func newReserve(path string, o Options) *reserve {
	r := &reserve{}
	if o.Reserve <= 0 {
		return r
	}
	r.path, r.size = path+".reserve", o.Reserve
	if info, err := os.Stat(path); err == nil {
		r.size = min(max(r.size, info.Size()/reservePart), reserveMax)
		if _, err := os.Stat(r.path); err != nil { // it was given back and not made again before the node ended
			r.fulls.Add(1)
		}
	}
	if err := r.fill(); err != nil {
		o.Log.Error("there is no room for the reserve beside the database: orders are refused until there is",
			slog.String("file", r.path), slog.Int64("bytes", r.size), slog.Any("err", err))
		r.found()
	}
	return r
}

// fill writes the reserve out, unless it is there. What was half written is removed.
func (r *reserve) fill() error {
	if info, err := os.Stat(r.path); err == nil && info.Mode().IsRegular() && info.Size() >= r.size {
		return nil
	}
	f, err := os.OpenFile(r.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("db: reserve: %w", err)
	}
	if err = blank(f, r.size); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("db: reserve: %w", errors.Join(err, os.Remove(r.path)))
	}
	return nil
}

// zeros are what room is held with.
var zeros [1 << 20]byte

// blank writes so many bytes: written, not skipped, since a hole in a file holds no room.
func blank(f *os.File, size int64) (err error) {
	for left := size; left > 0 && err == nil; left -= int64(len(zeros)) {
		_, err = f.Write(zeros[:min(left, int64(len(zeros)))])
	}
	return err
}

// refuses tells whether a write has to wait until the disk has room.
func (r *reserve) refuses(ctx context.Context) error {
	if !r.tight.Load() || ctx.Value(relieving{}) != nil {
		return nil
	}
	return fault.New(fault.Unavailable, "storage.full").After(fullFor)
}

// yields gives the reserve back, and tells whether there was one.
func (r *reserve) yields() bool {
	return r.path != "" && r.found() && os.Remove(r.path) == nil
}

// found notes that the disk is full, and tells whether that is news.
func (r *reserve) found() bool {
	news := !r.tight.Swap(true)
	if news {
		r.fulls.Add(1)
	}
	return news
}

// release gives the reserve back, the first time that a write found the disk full.
func (e *sqliteEngine) release(c *sqliteConn) {
	r := e.reserve
	if r.path == "" || !r.found() {
		return
	}
	err := os.Remove(r.path)
	if e.opts.PagesMax > 0 { // what stands for the disk has that much room now
		err = errors.Join(err, c.script(fmt.Sprintf("PRAGMA max_page_count=%d", e.opts.PagesMax)))
	}
	e.opts.Log.Error("the disk is full: the reserve is given back, and nothing but what ends or sweeps is written",
		slog.Int64("bytes", r.size), slog.Any("err", err))
}

// wasFull tells whether a full disk kept a group, or one write of it, from being written.
func wasFull(group error, results []result) bool {
	if fault.Is(group, "storage.full") {
		return true
	}
	for _, r := range results {
		if fault.Is(r.err, "storage.full") {
			return true
		}
	}
	return false
}

// Refill makes the reserve again once the disk has room for it, and takes all writes from then on. It tells 1 when it
// did, and storage.full while there is no room. Without a reserve, and on PostgreSQL, it does nothing.
func (d *DB) Refill(ctx context.Context) (int, error) {
	e, is := d.eng.(*sqliteEngine)
	if !is || !e.reserve.tight.Load() {
		return 0, nil
	}
	if err := e.shrinkLog(ctx); err != nil {
		e.opts.Log.Warn("the log of a full disk could not be shortened", slog.Any("err", err))
	}
	if err := e.reserve.fill(); err != nil {
		return 0, fault.New(fault.Unavailable, "storage.full").Because(err).After(fullFor)
	}
	e.reserve.tight.Store(false)
	e.opts.Log.Info("the disk has room again", slog.Int64("reserve", e.reserve.size))
	return 1, nil
}

// Full tells whether the disk is full now, and how often it was found full: also before the node started, if the
// reserve was still given back then. Without a reserve, and on PostgreSQL, it is not known and never so.
func (d *DB) Full() (now bool, times int64) {
	e, is := d.eng.(*sqliteEngine)
	if !is {
		return false, 0
	}
	return e.reserve.tight.Load(), e.reserve.fulls.Load()
}

// shrinkLog brings what the log holds into the database and gives the log's own room back.
func (e *sqliteEngine) shrinkLog(ctx context.Context) error {
	c, err := e.reader(ctx)
	if err != nil {
		return err
	}
	defer func() { e.readers <- c }()
	return c.script("PRAGMA wal_checkpoint(TRUNCATE)")
}
