// Package flat reads the bytes of a merchant's export file, however hostile, in bounded memory: it opens the file,
// unzips it when it is gzip, drops a byte order mark and cuts it into CSV records or lines with their physical line
// numbers. A record that is too long or not UTF-8 is reported and passed over before it is ever held in memory whole.
//
// It never interprets a value: "=1+1" is the text "=1+1", and what a column means is for the formats to say.
// Read this file first, then csv.go.
package flat

import (
	"errors"
	"fmt"
	"io"
)

// Limits are the bounds of one file. A zero field takes the value of DefaultLimits.
type Limits struct {
	RecordBytes int   // longest CSV record, all its physical lines together
	LineBytes   int   // longest line of a line-by-line file
	Columns     int   // most fields of a CSV record
	TotalBytes  int64 // longest file after unzipping
	Ratio       int64 // most unzipped bytes per zipped byte, counted once RatioFrom bytes came out
	RatioFrom   int64
}

// DefaultLimits let the largest real exports through and stop a bomb within a second.
var DefaultLimits = Limits{
	RecordBytes: 1 << 20,
	LineBytes:   4 << 20,
	Columns:     2_000,
	TotalBytes:  8 << 30,
	Ratio:       250, // text squeezes to 1:5 or 1:30; only a bomb passes 1:250 over 64 MiB
	RatioFrom:   64 << 20,
}

func (l Limits) orDefault() Limits {
	d := DefaultLimits
	if l.RecordBytes > 0 {
		d.RecordBytes = l.RecordBytes
	}
	if l.LineBytes > 0 {
		d.LineBytes = l.LineBytes
	}
	if l.Columns > 0 {
		d.Columns = l.Columns
	}
	if l.TotalBytes > 0 {
		d.TotalBytes = l.TotalBytes
	}
	if l.Ratio > 0 {
		d.Ratio = l.Ratio
	}
	if l.RatioFrom > 0 {
		d.RatioFrom = l.RatioFrom
	}
	return d
}

// What can be wrong with a file. ErrTooBig, ErrGzip and ErrEncoding end it; the others are of one record.
var (
	ErrTooBig      = errors.New("flat: the file unzips to more than its limit")
	ErrGzip        = errors.New("flat: the gzip stream is broken or cut off")
	ErrEncoding    = errors.New("flat: the file is UTF-16 or an archive")
	ErrLineTooLong = errors.New("flat: the record is longer than its limit")
	ErrUTF8        = errors.New("flat: the record is not UTF-8")
	ErrNUL         = errors.New("flat: the record holds a NUL character")
	ErrQuote       = errors.New("flat: a quoted field does not end where it should")
	ErrColumns     = errors.New("flat: the record has too many fields")
)

// BadRecord is the trouble of one record. Reading goes on behind it.
type BadRecord struct {
	Line int   // physical line on which the record starts, from 1
	Err  error // one of the errors above
}

// Error says the line and the trouble.
func (b *BadRecord) Error() string { return fmt.Sprintf("line %d: %v", b.Line, b.Err) }

// Unwrap gives the trouble.
func (b *BadRecord) Unwrap() error { return b.Err }

// window is the part of a stream that is held in memory. It grows to its limit and no further.
type window struct {
	src  io.Reader
	buf  []byte // buf[from:] is unread
	from int
	max  int // longest unread part
	err  error
}

const windowMin = 16 << 10

func newWindow(src io.Reader, limit int) *window {
	// One byte more than the limit tells a record of just the limit from a longer one.
	return &window{src: src, buf: make([]byte, 0, windowMin), max: limit + 1}
}

// rest is the unread part that is in memory.
func (w *window) rest() []byte { return w.buf[w.from:] }

// full tells that no more fits.
func (w *window) full() bool { return len(w.rest()) >= w.max }

// more reads further bytes behind the unread part. It is false at the end of the stream, on its error and when the
// window is full.
func (w *window) more() bool {
	if w.err != nil || w.full() {
		return false
	}
	if len(w.buf) == cap(w.buf) {
		w.room()
	}
	end := min(cap(w.buf), w.from+w.max)
	for range 100 { // as bufio does: a reader that gives nothing forever is broken
		n, err := w.src.Read(w.buf[len(w.buf):end])
		w.buf = w.buf[:len(w.buf)+n]
		w.err = err
		if n > 0 {
			return true
		}
		if err != nil {
			return false
		}
	}
	w.err = io.ErrNoProgress
	return false
}

// room makes space at the end: it moves the unread part to the front, and doubles the buffer if that is not enough.
func (w *window) room() {
	unread := w.rest()
	if len(unread) <= cap(w.buf)/2 {
		w.buf = w.buf[:copy(w.buf[:cap(w.buf)], unread)]
	} else {
		next := make([]byte, len(unread), 2*cap(w.buf))
		copy(next, unread)
		w.buf = next
	}
	w.from = 0
}

// skip drops n unread bytes.
func (w *window) skip(n int) { w.from += n }

// drop forgets everything in memory.
func (w *window) drop() { w.buf, w.from = w.buf[:0], 0 }

// failure is the stream's error, or nil at its plain end.
func (w *window) failure() error {
	if w.err == nil || errors.Is(w.err, io.EOF) {
		return nil
	}
	return w.err
}
