package db

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"hutong/base/fault"
)

// lockName ends the name of the file beside a database that its sole owner holds. The file stays when the owner is
// gone; the lock on it is the system's, which lets go when the process ends, however it ends. It is no lock on the
// database itself: SQLite has locks of its own there, which a process loses when it closes any handle of that file.
const lockName = ".lock"

// errHeld is a lock that somebody else holds.
var errHeld = errors.New("db: another process holds the lock")

// own takes the database at path for the one process that serves it (Options.Sole). A database that is reached by
// another name, through a link, is the same. Codes: storage.served, storage.closed.
func own(path string) (*os.File, error) {
	real, err := resolved(path)
	if err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	f, err := lockFile(real + lockName)
	switch {
	case errors.Is(err, errHeld):
		return nil, fault.New(fault.Conflict, "storage.served", fault.P("file", path))
	case err != nil:
		return nil, fault.New(fault.Invalid, "storage.closed", fault.P("file", path)).Because(err)
	}
	return f, nil
}

// resolved is where a file is, or will be made: a link may lead to one that is not there yet.
func resolved(path string) (string, error) {
	for range linksMax {
		real, err := filepath.EvalSymlinks(path)
		if !errors.Is(err, os.ErrNotExist) {
			return real, err
		}
		dir, err := filepath.EvalSymlinks(filepath.Dir(path))
		if err != nil {
			return "", err
		}
		path = filepath.Join(dir, filepath.Base(path))
		to, err := os.Readlink(path)
		if err != nil { // no link: it is made next
			return path, nil
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(dir, to)
		}
		path = to
	}
	return "", fmt.Errorf("%s: too many links", path)
}

// linksMax bounds how many links in a row are followed.
const linksMax = 40
