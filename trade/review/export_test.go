package review

import "time"

// RoundTrip reads a cursor and writes it again.
func RoundTrip(s string) (string, error) {
	c, err := parseCursor(s)
	return Review{ID: c.id, WrittenAt: time.UnixMicro(c.us)}.cursor(), err
}

// Plain is plain, for fuzzing.
func Plain(s string) (string, bool) { return plain(s, TextMax) }
