package db

import "zombiezen.com/go/sqlite"

// Queued is how many writes wait.
func Queued(d *DB) int { return len(d.eng.(*sqliteEngine).queue) }

// LogLength is how long, in bytes, the log may stay.
const LogLength = logPages * pageSize

// OpenWriter opens a database as the connection that writes does.
func OpenWriter(path string) (*sqlite.Conn, error) {
	name, flag, err := writerName(path)
	if err != nil {
		return nil, err
	}
	return sqlite.OpenConn(name, sqlite.OpenReadWrite, sqlite.OpenCreate, sqlite.OpenWAL, flag)
}
