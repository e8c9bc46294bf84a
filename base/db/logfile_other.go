//go:build !linux || (!amd64 && !arm64)

package db

import "zombiezen.com/go/sqlite"

// writerName is how the connection that writes names the database: as any other.
func writerName(path string) (name string, flag sqlite.OpenFlags, err error) { return path, 0, nil }
