package intake

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"hutong/base/fault"
	"hutong/goods/intake/flat"
)

// Source is one export file. It can be opened more than once: formats whose products are scattered over the file look
// over it first, so that they hold only what they must.
type Source struct {
	Name   string // as reports name it
	Size   int64  // bytes as stored, 0 when unknown
	Open   func() (io.ReadCloser, error)
	Limits flat.Limits
	OnRead func(stored int64) // told now and then how many stored bytes were read; may be nil
}

// OpenFile makes the Source of a file on disk. Codes: intake.no_file when there is none, or it is not a plain file;
// intake.unreadable when it may not be read.
func OpenFile(path string) (*Source, error) {
	missing := fault.New(fault.NotFound, "intake.no_file", fault.P("file", filepath.Base(path)))
	info, err := os.Stat(path)
	if err != nil {
		return nil, sourceFault(path, err)
	}
	if !info.Mode().IsRegular() {
		return nil, missing
	}
	open := func() (io.ReadCloser, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, sourceFault(path, err)
		}
		return f, nil
	}
	return &Source{Name: filepath.Base(path), Size: info.Size(), Open: open}, nil
}

// sourceFault is why a file cannot be opened.
func sourceFault(path string, err error) error {
	code := "intake.unreadable"
	if errors.Is(err, fs.ErrNotExist) {
		code = "intake.no_file"
	}
	return fault.New(fault.NotFound, code, fault.P("file", filepath.Base(path))).Because(err)
}

// Reject makes the refusal of a row of this file.
func (s *Source) Reject(line int, code, field string, params ...fault.Param) Reject {
	return Reject{File: s.Name, Line: line, Code: code, Field: field, Params: params}
}

// Content is the unzipped text of a Source, open for one reading.
type Content struct {
	src    *Source
	stored io.Closer
	text   *flat.Text
	ahead  *bufio.Reader
	told   int64
}

const (
	headBytes = 64 << 10 // what Sniff sees: the header of any real export
	tellEvery = 1 << 20
)

// Content opens the file and unzips it if it is gzip.
func (s *Source) Content(ctx context.Context) (*Content, error) {
	stored, err := s.Open()
	if err != nil {
		return nil, err
	}
	t, err := flat.Open(ctx, stored, s.Limits)
	if err != nil {
		stored.Close()
		return nil, fileFault(err)
	}
	c := &Content{src: s, stored: stored, text: t}
	c.ahead = bufio.NewReaderSize(c, headBytes)
	return c, nil
}

// Head gives the first bytes, without reading past them.
func (c *Content) Head() ([]byte, error) {
	head, err := c.ahead.Peek(headBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fileFault(err)
	}
	return head, nil
}

// Read is for the reader ahead only: it passes the text on and tells about progress.
func (c *Content) Read(p []byte) (int, error) {
	n, err := c.text.Read(p)
	if stored := c.text.Stored(); c.src.OnRead != nil && (stored-c.told >= tellEvery || err != nil) {
		c.told = stored
		c.src.OnRead(stored)
	}
	return n, err
}

// Close closes the file.
func (c *Content) Close() error { return c.stored.Close() }

// CSV reads the content as records.
func (c *Content) CSV(delimiter byte) *flat.CSV { return flat.NewCSV(c.ahead, delimiter, c.src.Limits) }

// Lines reads the content line by line.
func (c *Content) Lines() *flat.Lines { return flat.NewLines(c.ahead, c.src.Limits) }

// Detect finds the format of a file by its first bytes. It answers intake.unknown_format when none knows it, and
// intake.empty.
func Detect(ctx context.Context, src *Source, formats []Format) (Format, error) {
	c, err := src.Content(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	head, err := c.Head()
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(head)) == 0 {
		return nil, fault.New(fault.Invalid, "intake.empty")
	}
	for _, f := range formats {
		if f.Sniff(head) {
			return f, nil
		}
	}
	return nil, fault.New(fault.Invalid, "intake.unknown_format")
}

// codes name what package flat finds.
var codes = []struct {
	err  error
	code string
}{
	{flat.ErrTooBig, "intake.too_big"},
	{flat.ErrGzip, "intake.bad_gzip"},
	{flat.ErrEncoding, "intake.not_utf8"},
	{flat.ErrLineTooLong, "intake.line_too_long"},
	{flat.ErrUTF8, "intake.bad_utf8"},
	{flat.ErrNUL, "intake.bad_text"},
	{flat.ErrQuote, "intake.bad_csv"},
	{flat.ErrColumns, "intake.too_many_columns"},
}

func codeOf(err error) (string, bool) {
	for _, c := range codes {
		if errors.Is(err, c.err) {
			return c.code, true
		}
	}
	return "", false
}

// fileFault turns what ends a file into a fault; an error of the machine stays what it is.
func fileFault(err error) error {
	code, ok := codeOf(err)
	switch {
	case !ok:
		return err
	case err == flat.ErrEncoding || err == flat.ErrTooBig: // the sentence says it all
		return fault.New(fault.Invalid, code)
	}
	return fault.New(fault.Invalid, code).Because(err)
}

// Skipped handles the answer of a flat reader's Next: a bad record is rejected and skipped, the end is no error, and
// anything else is the fault that ends the file.
func (s *Source) Skipped(err error, reject func(Reject)) (skip bool, end error) {
	var bad *flat.BadRecord
	if errors.As(err, &bad) {
		if code, ok := codeOf(bad.Err); ok {
			reject(s.Reject(bad.Line, code, ""))
			return true, nil
		}
	}
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	return false, fileFault(err)
}
