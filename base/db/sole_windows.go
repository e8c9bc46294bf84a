package db

import (
	"errors"
	"os"
	"syscall"
)

// errSharing is the system's word for a file that is open elsewhere and not shared.
const errSharing = syscall.Errno(32)

// errsFull are the system's words for a disk that has no more room.
var errsFull = []error{syscall.Errno(39), syscall.Errno(112)}

// lockFile makes a file and holds it alone until it is closed, by sharing it with nobody; or says errHeld.
func lockFile(path string) (*os.File, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	h, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS,
		syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, errSharing) {
		return nil, errHeld
	}
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(h), path), nil
}
