package flat

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
)

// Text is the plain text of one export file, being read.
type Text struct {
	in     *counter // bytes as stored
	plain  io.Reader
	zipped bool
	out    int64
	limits Limits
	ctx    context.Context
	err    error
}

// counter counts the stored bytes that were read, for the ratio and for progress.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

var (
	gzipMagic  = []byte{0x1f, 0x8b}
	utf8BOM    = []byte{0xef, 0xbb, 0xbf}
	refusedBOM = [][]byte{{0xff, 0xfe}, {0xfe, 0xff}, []byte("PK\x03\x04"), []byte("PK\x05\x06")}
)

// Open looks at the first bytes of r to see whether it is gzip, and gives its text without the byte order mark. It
// answers ErrEncoding for UTF-16 and zip archives and ErrGzip for a broken gzip header. Reading stops with ctx.
func Open(ctx context.Context, r io.Reader, limits Limits) (*Text, error) {
	t := &Text{in: &counter{r: r}, limits: limits.orDefault(), ctx: ctx}
	stored := bufio.NewReaderSize(t.in, 64<<10)
	head, err := stored.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	text := stored
	if bytes.Equal(head, gzipMagic) {
		unzip, err := gzip.NewReader(stored)
		if err != nil {
			return nil, gzipError(headerCut(err))
		}
		t.zipped = true
		text = bufio.NewReaderSize(unzip, 64<<10)
	}
	head, err = text.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, gzipError(err)
	}
	for _, mark := range refusedBOM {
		if bytes.HasPrefix(head, mark) {
			return nil, ErrEncoding
		}
	}
	if bytes.HasPrefix(head, utf8BOM) {
		if _, err := text.Discard(len(utf8BOM)); err != nil {
			return nil, err
		}
	}
	t.plain = text
	return t, nil
}

// Read gives the text. It ends with ErrTooBig or ErrGzip when the file is a bomb or broken.
func (t *Text) Read(p []byte) (int, error) {
	if t.err != nil {
		return 0, t.err
	}
	if err := t.ctx.Err(); err != nil {
		t.err = err
		return 0, err
	}
	n, err := t.plain.Read(p)
	t.out += int64(n)
	switch {
	case t.bomb():
		t.err = ErrTooBig
		return 0, t.err
	case err != nil && !errors.Is(err, io.EOF):
		t.err = gzipError(err)
	case err != nil:
		t.err = io.EOF
	}
	return n, t.err
}

// Stored is how many bytes of the file as stored were read, for progress.
func (t *Text) Stored() int64 { return t.in.n }

func (t *Text) bomb() bool {
	if t.out > t.limits.TotalBytes {
		return true
	}
	return t.zipped && t.out > t.limits.RatioFrom && t.out/t.limits.Ratio > t.in.n
}

// headerCut names a gzip header that ends too early, which the library tells as a plain end of file.
func headerCut(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// gzipError names a fault of the gzip stream; a fault of the disk underneath stays what it is.
func gzipError(err error) error {
	var corrupt flate.CorruptInputError
	if errors.As(err, &corrupt) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) ||
		errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: %w", ErrGzip, err)
	}
	return err
}
