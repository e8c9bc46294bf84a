package flat

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

func zip(t testing.TB, r io.Reader) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(w, r); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func readText(t *testing.T, data []byte, limits Limits) (string, error) {
	t.Helper()
	text, err := Open(t.Context(), bytes.NewReader(data), limits)
	if err != nil {
		return "", err
	}
	out, err := io.ReadAll(text)
	return string(out), err
}

func TestOpen(t *testing.T) {
	whole := zip(t, strings.NewReader("\ufeffa,b\n"))
	flipped := bytes.Clone(whole)
	flipped[len(flipped)-6] ^= 1 // in the checksum
	cases := []struct {
		name string
		in   []byte
		want string
		err  error
	}{
		{"plain", []byte("a,b\n"), "a,b\n", nil},
		{"empty", nil, "", nil},
		{"one byte", []byte("a"), "a", nil},
		{"byte order mark", []byte("\ufeffa"), "a", nil},
		{"gzip with byte order mark", whole, "a,b\n", nil},
		{"two gzip members", append(bytes.Clone(whole), zip(t, strings.NewReader("c"))...), "a,b\nc", nil},
		{"cut off", whole[:len(whole)-3], "a,b\n", ErrGzip},
		{"cut in the header", whole[:5], "", ErrGzip},
		{"checksum", flipped, "a,b\n", ErrGzip},
		{"rubbish behind the magic", []byte("\x1f\x8bhello world"), "", ErrGzip},
		{"utf-16", []byte("\xff\xfea\x00"), "", ErrEncoding},
		{"zip archive", []byte("PK\x03\x04...."), "", ErrEncoding},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := readText(t, c.in, Limits{})
			if got != c.want || !errors.Is(err, c.err) {
				t.Fatalf("got %q, %v; want %q, %v", got, err, c.want, c.err)
			}
		})
	}
}

// TestA13_GzipBomb: what unzips to gigabytes is stopped by its ratio, long before its end.
func TestA13_GzipBomb(t *testing.T) {
	bomb := zip(t, &repeat{strings.Repeat("\x00", 4096), 400 << 20})
	text, err := Open(t.Context(), bytes.NewReader(bomb), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, text)
	if !errors.Is(err, ErrTooBig) {
		t.Fatalf("a ratio of 1:%d went through: %v", (400<<20)/len(bomb), err)
	}
	if n > 150<<20 {
		t.Fatalf("%d bytes came out first", n)
	}
	if _, err := text.Read(make([]byte, 1)); !errors.Is(err, ErrTooBig) {
		t.Fatalf("and it stays refused: %v", err)
	}
}

func TestTotalLimit(t *testing.T) {
	_, err := readText(t, []byte(strings.Repeat("x", 101)), Limits{TotalBytes: 100})
	if !errors.Is(err, ErrTooBig) {
		t.Fatalf("101 bytes of 100: %v", err)
	}
	if _, err = readText(t, []byte(strings.Repeat("x", 100)), Limits{TotalBytes: 100}); err != nil {
		t.Fatal(err)
	}
}

func TestReadStopsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	text, err := Open(ctx, &repeat{"x", 1 << 40}, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := io.Copy(io.Discard, text); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func TestLines(t *testing.T) {
	in := "{\"a\":1}\r\n\n \n" + strings.Repeat("y", 40) + "\nb\xff\nlast"
	l := NewLines(strings.NewReader(in), Limits{LineBytes: 20})
	type step struct {
		text string
		line int
		err  error
	}
	for _, want := range []step{
		{`{"a":1}`, 1, nil}, {"", 4, ErrLineTooLong}, {"", 5, ErrUTF8}, {"last", 6, nil}, {"", 7, io.EOF},
	} {
		raw, line, err := l.Next()
		if errors.Is(want.err, io.EOF) {
			line = want.line
		}
		if string(raw) != want.text || line != want.line || !errors.Is(err, want.err) {
			t.Fatalf("got %q, line %d, %v; want %+v", raw, line, err, want)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte("\ufeffa,b"))
	f.Add(zip(f, strings.NewReader("a,b\nc")))
	f.Fuzz(func(t *testing.T, data []byte) {
		limits := Limits{TotalBytes: 1 << 20}
		text, err := Open(t.Context(), bytes.NewReader(data), limits)
		if err != nil {
			return
		}
		if n, _ := io.Copy(io.Discard, text); n > limits.TotalBytes {
			t.Fatalf("%d bytes came out", n)
		}
	})
}
