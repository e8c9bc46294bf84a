package flat

import (
	"bytes"
	"io"
)

// Lines cuts a text into lines, for files that hold one JSON object a line. Blank lines are passed over.
type Lines struct {
	w    *window
	line int
}

// NewLines reads lines from r.
func NewLines(r io.Reader, limits Limits) *Lines {
	return &Lines{w: newWindow(r, limits.orDefault().LineBytes), line: 1}
}

// Next gives the next line without its end and its number, a *BadRecord behind which reading goes on, io.EOF, or the
// stream's own error. The bytes are good until the next call.
func (l *Lines) Next() ([]byte, int, error) {
	for {
		raw, at, err := l.next()
		if err != nil {
			return nil, at, err
		}
		if len(bytes.TrimSpace(raw)) == 0 {
			continue
		}
		if err := check(raw); err != nil {
			return nil, at, &BadRecord{at, err}
		}
		return raw, at, nil
	}
}

func (l *Lines) next() ([]byte, int, error) {
	at := l.line
	for seen := 0; ; {
		rest := l.w.rest()
		if i := bytes.IndexByte(rest[seen:], '\n'); i >= 0 {
			line := rest[:seen+i]
			l.w.skip(seen + i + 1)
			l.line++
			return bytes.TrimSuffix(line, []byte{'\r'}), at, nil
		}
		seen = len(rest)
		if l.w.more() {
			continue
		}
		if l.w.full() {
			if err := dropLine(l.w); err != nil {
				return nil, at, err
			}
			l.line++
			return nil, at, &BadRecord{at, ErrLineTooLong}
		}
		if err := l.w.failure(); err != nil {
			return nil, at, err // a line that was cut off is no line
		}
		if len(rest) == 0 {
			return nil, at, io.EOF
		}
		l.w.skip(len(rest))
		return rest, at, nil
	}
}
