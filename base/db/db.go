// Package db is the market's storage: one SQL text on two engines, SQLite inside the process and PostgreSQL beside it.
//
// Write is the only way to change anything. On SQLite one writer runs queued closures one after the other inside one
// transaction, which is committed for the whole group with synchronous=FULL, and answers each caller only after that
// commit is on disk: every write has group commit without asking for it. A closure that fails is taken back alone
// (group.go). On PostgreSQL a write is an ordinary transaction, retried when the server asks for it.
//
// The package never builds SQL from input, never knows a table, and never lets a read see half of a write.
// Read this file first, then tx.go (what a closure can do), sqlite.go with group.go, and postgres.go (where the engines
// differ).
package db

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"hutong/base/fault"
)

// Engine names one of the two storage engines.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// ErrUnique is in the chain of an error that a UNIQUE or PRIMARY KEY constraint caused.
var ErrUnique = errors.New("db: unique constraint")

// ErrCheck is in the chain of an error that a CHECK or NOT NULL constraint caused: a guard in the schema held.
var ErrCheck = errors.New("db: check constraint")

// Options are what a node may set about its storage. The zero value is right for a small machine.
type Options struct {
	Log     *slog.Logger // where retries and fatal errors go; nil: nowhere
	OnFatal func(error)  // called once when storage can no longer be trusted (FAULTS X3); nil: only logged
	// Crash is called at named points of a commit ("commit.before", "commit.after"); an error there stands for the
	// machine failing at that point. Nil in a running node.
	Crash      func(point string) error
	PagesMax   int64 // SQLite: refuse to grow past this many pages, 0: no limit (tests of a full disk)
	Reserve    int64 // SQLite: bytes kept beside the database for when the disk is full, and 5 % of it; 0: none
	Relaxed    bool  // SQLite: synchronous=NORMAL, for data that can be made again; never for orders that are kept
	Sole       bool  // SQLite: for the process that serves; another one that asks for this is refused (storage.served)
	Readers    int   // SQLite: read connections; default 4
	PoolMax    int32 // PostgreSQL: connections; default 16
	WritersMax int   // writes that may wait before further ones are refused; default 4096
}

type engine interface {
	write(ctx context.Context, fn func(*Tx) error) error
	read(ctx context.Context, fn func(*Tx) error) error
	close() error
	name() Engine
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	eng engine
	url string
	log *slog.Logger
}

// Open opens the database at url: "sqlite:path/to/file" (made when absent) or "postgres://...".
// Codes: storage.url, storage.unreachable, storage.served, storage.no_room (nothing was made).
func Open(ctx context.Context, url string, o Options) (*DB, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.WritersMax == 0 {
		o.WritersMax = 4096
	}
	var eng engine
	var err error
	switch {
	case strings.HasPrefix(url, "sqlite:") && url != "sqlite:":
		eng, err = openSQLite(strings.TrimPrefix(url, "sqlite:"), o)
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		eng, err = openPostgres(ctx, url, o)
	default:
		return nil, fault.New(fault.Invalid, "storage.url", fault.P("url", url))
	}
	if err != nil {
		return nil, err
	}
	return &DB{eng: eng, url: url, log: o.Log}, nil
}

// Write runs fn in a transaction and returns after its commit is on disk. If fn returns an error, nothing of it stays
// and that error is returned. fn may be run more than once (PostgreSQL asks for it on conflicts, SQLite when another
// write of the group failed), so it must set, not add to, what it leaves outside. A panic in fn rolls back and goes on
// in the caller.
//
// Codes: storage.busy (too many writes wait), storage.full, storage.failed (the node must restart),
// storage.unknown (PostgreSQL: the connection broke during the commit; read again by your key).
//
// With a reserve (Options.Reserve), a full disk refuses all that is not under Relieve until Refill finds room again.
func (d *DB) Write(ctx context.Context, fn func(*Tx) error) error { return d.eng.write(ctx, fn) }

// Read runs fn on one consistent snapshot. What fn writes is an error.
func (d *DB) Read(ctx context.Context, fn func(*Tx) error) error { return d.eng.read(ctx, fn) }

// Engine tells which engine this is.
func (d *DB) Engine() Engine { return d.eng.name() }

// Close waits for queued writes, then closes.
func (d *DB) Close() error { return d.eng.close() }
