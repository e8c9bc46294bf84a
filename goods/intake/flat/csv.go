package flat

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// Record is one row of a CSV file.
type Record struct {
	Line   int // physical line on which it starts, from 1
	Fields []string
}

// CSV cuts a text into records after RFC 4180: fields may be quoted, a quoted field may hold delimiters, line ends and
// doubled quotes. Lines end with LF or CRLF; blank lines are passed over. A quote inside an unquoted field is refused.
//
// A broken record costs as little as possible: when a quote is left open, only the physical line that opened it is
// refused, and reading goes on with the next one. So a stray quote in row 5 does not swallow rows 6 to 9. That stays
// linear: every quote toggles the state, so of two readings of one text that start on different sides of a quote only
// one can be inside a field at a line end, and the other is done with each line at once.
type CSV struct {
	w         *window
	delimiter byte
	columns   int
	line      int // physical line of the next unread byte
	spans     []span
}

// span is one field inside the window, counted from the record's first byte.
type span struct {
	from, to int
	doubled  bool // holds doubled quotes
}

// NewCSV reads records from r, with fields cut at delimiter, an ASCII character.
func NewCSV(r io.Reader, delimiter byte, limits Limits) *CSV {
	limits = limits.orDefault()
	return &CSV{
		w: newWindow(r, limits.RecordBytes), delimiter: delimiter, columns: limits.Columns, line: 1,
	}
}

// Line is the physical line that is read next.
func (c *CSV) Line() int { return c.line }

// Next gives the next record, a *BadRecord behind which reading goes on, io.EOF, or the stream's own error.
func (c *CSV) Next() (Record, error) {
	if err := c.skipBlank(); err != nil {
		return Record{}, err
	}
	size, err := c.scan()
	if errors.Is(err, ErrLineTooLong) || errors.Is(err, ErrQuote) {
		return Record{}, c.passOver(err)
	}
	if failure := c.w.failure(); failure != nil && size == len(c.w.rest()) {
		return Record{}, failure // the record may be cut off: it is not a row of the file
	}
	rec := Record{Line: c.line}
	raw := c.w.rest()[:size]
	if err == nil {
		err = check(raw)
	}
	if err == nil {
		rec.Fields = c.fields(raw)
	}
	c.line += bytes.Count(raw, newline)
	c.w.skip(size)
	if err != nil {
		return Record{}, &BadRecord{rec.Line, err}
	}
	return rec, nil
}

var newline = []byte{'\n'}

// check refuses bytes that no database would take.
func check(raw []byte) error {
	if !utf8.Valid(raw) {
		return ErrUTF8
	}
	if bytes.IndexByte(raw, 0) >= 0 {
		return ErrNUL
	}
	return nil
}

// skipBlank passes over empty lines and answers io.EOF, or the stream's error, when nothing else is left.
func (c *CSV) skipBlank() error {
	for {
		rest := c.w.rest()
		switch {
		case len(rest) > 0 && rest[0] == '\n':
			c.w.skip(1)
			c.line++
			continue
		case len(rest) > 1 && rest[0] == '\r' && rest[1] == '\n':
			c.w.skip(2)
			c.line++
			continue
		case len(rest) > 1 || len(rest) == 1 && rest[0] != '\r':
			return nil
		}
		if c.w.more() {
			continue
		}
		if err := c.w.failure(); err != nil {
			return err
		}
		if len(rest) == 0 {
			return io.EOF
		}
		return nil
	}
}

// scan finds the end of the record at the window's start and the spans of its fields. The size includes the line end.
func (c *CSV) scan() (size int, err error) {
	c.spans = c.spans[:0]
	at := 0
	for {
		next, last, err := c.field(at)
		if err != nil {
			return 0, err
		}
		if last {
			if len(c.spans) > c.columns {
				return next, ErrColumns
			}
			return next, nil
		}
		if len(c.spans) > c.columns {
			c.spans = c.spans[:c.columns] // goes on only to find the end, in bounded memory
			c.spans = append(c.spans, span{})
		}
		at = next
	}
}

// field finds the field that starts at at, and where the next one starts; last tells that the record ends with it.
func (c *CSV) field(at int) (next int, last bool, err error) {
	if b, ok, err := c.byteAt(at); err != nil {
		return 0, false, err
	} else if ok && b == '"' {
		return c.quoted(at + 1)
	}
	for end := at; ; {
		rest := c.w.rest()
		i := c.indexEnd(rest[end:])
		if i < 0 {
			end = len(rest)
			if c.w.more() {
				continue
			}
			if c.w.full() {
				return 0, false, ErrLineTooLong
			}
			c.spans = append(c.spans, span{from: at, to: end})
			return end, true, nil
		}
		end += i
		if rest[end] == '"' {
			return 0, false, ErrQuote
		}
		last = rest[end] == '\n'
		to := end
		if last && to > at && rest[to-1] == '\r' {
			to--
		}
		c.spans = append(c.spans, span{from: at, to: to})
		return end + 1, last, nil
	}
}

// quoted finds the end of the quoted field whose text starts at from.
func (c *CSV) quoted(from int) (next int, last bool, err error) {
	field := span{from: from}
	for at := from; ; {
		rest := c.w.rest()
		i := bytes.IndexByte(rest[at:], '"')
		if i < 0 {
			at = len(rest)
			if c.w.more() {
				continue
			}
			if c.w.full() {
				return 0, false, ErrLineTooLong
			}
			return 0, false, ErrQuote
		}
		at += i + 1
		b, ok, err := c.byteAt(at)
		if err != nil {
			return 0, false, err
		}
		if ok && b == '"' {
			field.doubled = true
			at++
			continue
		}
		field.to = at - 1
		c.spans = append(c.spans, field)
		return c.behindQuote(at)
	}
}

// behindQuote says what follows a closing quote: a delimiter, a line end or the end of the file.
func (c *CSV) behindQuote(at int) (next int, last bool, err error) {
	b, ok, err := c.byteAt(at)
	switch {
	case err != nil:
		return 0, false, err
	case !ok:
		return at, true, nil
	case b == c.delimiter:
		return at + 1, false, nil
	case b == '\n':
		return at + 1, true, nil
	case b != '\r':
		return 0, false, ErrQuote
	}
	switch b, ok, err = c.byteAt(at + 1); {
	case err != nil:
		return 0, false, err
	case !ok:
		return at + 1, true, nil
	case b == '\n':
		return at + 2, true, nil
	}
	return 0, false, ErrQuote
}

// byteAt is the record's byte at that place; ok is false behind the end of the stream.
func (c *CSV) byteAt(at int) (b byte, ok bool, err error) {
	for at >= len(c.w.rest()) {
		if c.w.more() {
			continue
		}
		if c.w.full() {
			return 0, false, ErrLineTooLong
		}
		return 0, false, nil
	}
	return c.w.rest()[at], true, nil
}

// passOver drops the first physical line of the window, which may be far longer than the window, and reports it.
func (c *CSV) passOver(cause error) error {
	bad := &BadRecord{c.line, cause}
	if err := dropLine(c.w); err != nil {
		return err
	}
	c.line++
	return bad
}

// dropLine drops everything up to and with the next line end, without holding it.
func dropLine(w *window) error {
	for {
		if i := bytes.IndexByte(w.rest(), '\n'); i >= 0 {
			w.skip(i + 1)
			return nil
		}
		w.drop()
		if !w.more() {
			return w.failure()
		}
	}
}

// fields copies the spans of raw into strings.
func (c *CSV) fields(raw []byte) []string {
	text := string(raw) // one copy for the whole record; the fields share it
	out := make([]string, len(c.spans))
	for i, s := range c.spans {
		out[i] = text[s.from:s.to]
		if s.doubled {
			out[i] = strings.ReplaceAll(out[i], `""`, `"`)
		}
	}
	return out
}

// indexEnd finds what ends an unquoted field: a delimiter, a line end, or a quote, which is wrong there.
func (c *CSV) indexEnd(p []byte) int {
	for i, b := range p {
		if b == c.delimiter || b == '\n' || b == '"' {
			return i
		}
	}
	return -1
}
