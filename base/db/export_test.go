package db

// Queued is how many writes wait.
func Queued(d *DB) int { return len(d.eng.(*sqliteEngine).queue) }

// LogLength is how long, in bytes, the log may stay.
const LogLength = logPages * pageSize
