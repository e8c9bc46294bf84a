package db

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"zombiezen.com/go/sqlite"

	"hutong/base/fault"
)

// Backup writes a copy of the SQLite database at url to a new file: one consistent snapshot, as of some moment while it
// runs, taken beside whoever writes. The copy stands under its name only once it is whole, checked and on disk. It
// tells how many bytes it has.
//
// While it runs, the log of the database grows with what is written. Codes: storage.backup_postgres,
// storage.backup_nothing, storage.closed, storage.backup_exists, storage.backup_folder, storage.backup_broken,
// storage.full.
func Backup(ctx context.Context, url, to string) (int64, error) {
	from, is := strings.CutPrefix(url, "sqlite:")
	if !is {
		return 0, fault.New(fault.Unprocessable, "storage.backup_postgres")
	}
	if _, err := os.Stat(from); errors.Is(err, os.ErrNotExist) {
		return 0, fault.New(fault.Invalid, "storage.backup_nothing", fault.P("file", from)).Because(err)
	} else if err != nil {
		return 0, fault.New(fault.Invalid, "storage.closed", fault.P("file", from)).Because(err)
	}
	if _, err := os.Lstat(to); err == nil {
		return 0, fault.New(fault.Invalid, "storage.backup_exists", fault.P("file", to)).At("to")
	}
	part := to + ".part" // what an earlier one left that was interrupted is of no use
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
		return 0, fmt.Errorf("db: backup: %w", err)
	}
	if err := writable(part); err != nil {
		return 0, fault.New(fault.Invalid, "storage.backup_folder", fault.P("folder", filepath.Dir(to))).At("to").Because(err)
	}
	size, err := copyTo(ctx, from, part)
	if err == nil {
		err = settle(part, to)
	}
	if err != nil {
		if e := os.Remove(part); e != nil && !errors.Is(e, os.ErrNotExist) {
			err = errors.Join(err, e)
		}
		return 0, mapSQLite(err)
	}
	return size, nil
}

// writable tells whether a file can be made there.
func writable(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(path))
}

// copyTo copies the database into a new file, reads the copy through and brings it to disk.
func copyTo(ctx context.Context, from, to string) (size int64, err error) {
	if err := pragma(ctx, from, func(c *sqliteConn) error {
		_, err := c.exec(`VACUUM INTO $1`, []any{to})
		return err
	}); err != nil {
		return 0, err
	}
	said := []string{}
	if err := pragma(ctx, to, func(c *sqliteConn) error {
		return c.each(`PRAGMA integrity_check`, nil, func(r Row) error {
			var line string
			err := r.Scan(&line)
			said = append(said, line)
			return err
		})
	}); err != nil {
		return 0, err
	}
	if all := strings.Join(said, "; "); all != "ok" {
		return 0, fault.New(fault.Internal, "storage.backup_broken", fault.P("said", all))
	}
	info, err := os.Stat(to)
	if err != nil {
		return 0, fmt.Errorf("db: backup: %w", err)
	}
	return info.Size(), synced(to)
}

// pragma runs something on a connection of its own, which ends with ctx.
func pragma(ctx context.Context, path string, run func(*sqliteConn) error) error {
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		return fmt.Errorf("db: %s: %w", path, err)
	}
	conn.SetInterrupt(ctx.Done())
	c := &sqliteConn{conn: conn, stmts: map[string]*stmt{}}
	return errors.Join(run(c), c.close())
}

// settle gives the copy its name, unless somebody else took that meanwhile.
func settle(part, to string) error {
	if err := os.Link(part, to); err != nil {
		if errors.Is(err, os.ErrExist) {
			return fault.New(fault.Invalid, "storage.backup_exists", fault.P("file", to)).At("to")
		}
		return fmt.Errorf("db: backup: %w", err)
	}
	return errors.Join(os.Remove(part), synced(filepath.Dir(to)))
}

func synced(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("db: backup: %w", err)
	}
	return errors.Join(f.Sync(), f.Close())
}
