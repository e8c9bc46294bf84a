package db

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"hutong/base/fault"
)

// firstRoom is what has to be free where a database is made: an empty market takes less than a third of it in its file,
// as much again in its log while its tables are made, and then something is to be kept in it.
const firstRoom = 4 << 20

// roomy refuses to begin a database on a disk that has no room for it. It is asked before anything is made, so that
// nothing is left behind; whoever finds an empty database later could not tell it from a market without orders.
// Codes: storage.no_room, storage.folder.
func roomy(path string) error {
	if real, err := resolved(path); err == nil {
		path = real
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil // it is there; or opening it says what is wrong
	}
	dir := filepath.Dir(path)
	for { // the folder may have to be made, too
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	err := occupy(dir)
	switch {
	case err == nil, errors.Is(err, fs.ErrPermission): // making the folder and the file says so
		return nil
	case slices.ContainsFunc(errsFull, func(full error) bool { return errors.Is(err, full) }):
		return fault.New(fault.Unavailable, "storage.no_room", fault.P("folder", dir), fault.P("mb", firstRoom>>20))
	}
	return fault.New(fault.Invalid, "storage.folder", fault.P("folder", dir)).Because(err)
}

// occupy writes as much as a new database needs into a file of dir, and removes it.
func occupy(dir string) error {
	f, err := os.CreateTemp(dir, ".hutong-room-*")
	if err != nil {
		return fmt.Errorf("db: room: %w", err)
	}
	return errors.Join(blank(f, firstRoom), f.Close(), os.Remove(f.Name()))
}
