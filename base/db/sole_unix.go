//go:build unix

package db

import (
	"errors"
	"os"
	"syscall"
)

// errsFull are the system's words for a disk that has no more room, for this user or for one file.
var errsFull = []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG}

// lockFile makes a file and holds it alone until it is closed, or says errHeld.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = errHeld
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
