package flat

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// readAll gives every record as "line:[fields]" and every refusal as "line!error".
func readAll(t testing.TB, r io.Reader, limits Limits) []string {
	t.Helper()
	c := NewCSV(r, ',', limits)
	var out []string
	for {
		rec, err := c.Next()
		var bad *BadRecord
		switch {
		case errors.Is(err, io.EOF):
			return out
		case errors.As(err, &bad):
			out = append(out, fmt.Sprintf("%d!%v", bad.Line, bad.Err))
		case err != nil:
			return append(out, "end!"+err.Error())
		default:
			out = append(out, fmt.Sprintf("%d:%q", rec.Line, rec.Fields))
		}
	}
}

func TestCSVRecords(t *testing.T) {
	tooLong := strings.Repeat("x", 70)
	cases := []struct{ name, in, want string }{
		{"plain", "a,b\nc,d", `1:["a" "b"] 2:["c" "d"]`},
		{"crlf", "a,b\r\nc,d\r\n", `1:["a" "b"] 2:["c" "d"]`},
		{"blank lines count", "\r\n\na\n\n\nb\n", `3:["a"] 6:["b"]`},
		{"quoted over lines", "\"a\nb\",c\nd,e\n", `1:["a\nb" "c"] 3:["d" "e"]`},
		{"doubled quotes", `"29"" wide",""""` + "\n", `1:["29\" wide" "\""]`},
		{"empty fields", ",\n\"\",\n", `1:["" ""] 2:["" ""]`},
		{"formulas are text", "=1+1,+1,-1,@x\n", `1:["=1+1" "+1" "-1" "@x"]`},
		{"quote left open costs one line", "a,\"b\nc,d\ne,f\n", "1!" + ErrQuote.Error() + ` 2:["c" "d"] 3:["e" "f"]`},
		{"stray quote stays in its row", "a,\"b\nc,d\ne,\"f\"\n",
			"1!" + ErrQuote.Error() + ` 2:["c" "d"] 3:["e" "f"]`},
		{"text behind a quote", "\"a\"b,c\nd\n", "1!" + ErrQuote.Error() + ` 2:["d"]`},
		{"quote inside a field", "a\"b,c\nd\n", "1!" + ErrQuote.Error() + ` 2:["d"]`},
		{"carriage return behind a quote", "\"a\"\rb\nc\n", "1!" + ErrQuote.Error() + ` 2:["c"]`},
		{"not utf-8", "a\xff,b\nc,d\n", "1!" + ErrUTF8.Error() + ` 2:["c" "d"]`},
		{"nul", "a\x00,b\nc,d\n", "1!" + ErrNUL.Error() + ` 2:["c" "d"]`},
		{"long line", tooLong + "\nb\n", "1!" + ErrLineTooLong.Error() + ` 2:["b"]`},
		{"long line at the end", "b\n" + tooLong, `1:["b"] 2!` + ErrLineTooLong.Error()},
		{"long quoted record", "\"" + strings.Repeat("y\n", 40) + "\",b\nc\n", ""},
		{"just above the limit", strings.Repeat("x", 65) + "\nb\n", "1!" + ErrLineTooLong.Error() + ` 2:["b"]`},
		{"just the limit", strings.Repeat("x", 64) + "\nb\n", `1:["` + strings.Repeat("x", 64) + `"] 2:["b"]`},
		{"too many columns", "a,b,c,d,e,f\ng\n", "1!" + ErrColumns.Error() + ` 2:["g"]`},
		{"only a carriage return", "\r", `1:["\r"]`},
		{"empty", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			limits := Limits{RecordBytes: 64, Columns: 5}
			whole := readAll(t, strings.NewReader(c.in), limits)
			single := readAll(t, iotest.OneByteReader(strings.NewReader(c.in)), limits)
			if !reflect.DeepEqual(whole, single) {
				t.Fatalf("in one piece %q, byte by byte %q", whole, single)
			}
			if c.name == "long quoted record" {
				if len(whole) != 42 || whole[0] != "1!"+ErrLineTooLong.Error() || whole[41] != `42:["c"]` {
					t.Fatalf("got %q", whole)
				}
				return
			}
			if got := strings.Join(whole, " "); got != c.want {
				t.Fatalf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestCSVStopsAtTheStreamsError(t *testing.T) {
	broken := errors.New("disk gone")
	in := io.MultiReader(strings.NewReader("a,b\nc,19.9"), iotest.ErrReader(broken))
	got := readAll(t, in, Limits{})
	want := []string{`1:["a" "b"]`, "end!disk gone"}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("a row that was cut off must not count: got %q", got)
	}
}

// TestCSVHugeLineIsNeverHeld reads a line of 1 GB and watches the heap.
func TestCSVHugeLineIsNeverHeld(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 1 GB")
	}
	in := io.MultiReader(strings.NewReader("a\n"), &repeat{"xxxxxxxxxxxxxxxx", 1 << 30}, strings.NewReader("\nb\n"))
	before := heap()
	got := readAll(t, in, Limits{})
	want := []string{`1:["a"]`, "2!" + ErrLineTooLong.Error(), `3:["b"]`}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got %q", got)
	}
	if grown := heap() - before; grown > 16<<20 {
		t.Fatalf("the heap grew by %d bytes", grown)
	}
}

// TestCSVQuotesStayLinear reads the files that would cost most if every refused line were read on and on again.
// Linear they take milliseconds; if each line were read to the end of the window it would be minutes.
func TestCSVQuotesStayLinear(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for _, line := range []string{"a\",\"\n", "\"\n", ",\"\"\"\n", "a,\"b\n", "\"\"\"\n", ",\"\",\"\n"} {
		c := NewCSV(strings.NewReader(strings.Repeat(line, 300_000)), ',', Limits{})
		for {
			if _, err := c.Next(); errors.Is(err, io.EOF) {
				break
			}
			if ctx.Err() != nil {
				t.Fatalf("%q: stuck at line %d", line, c.Line())
			}
		}
	}
}

// FuzzCSV compares with encoding/csv wherever that one takes the whole text, and checks the line numbers always.
func FuzzCSV(f *testing.F) {
	f.Add([]byte("a,b\n\"c\nd\",e\r\n"))
	f.Add([]byte("\"a\"\"\",\n,,\n"))
	f.Add([]byte("a,\"b\nc\"d,e\n\xff,\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		limits := Limits{RecordBytes: 200, Columns: 8}
		got := readAll(t, bytes.NewReader(data), limits)
		if again := readAll(t, iotest.HalfReader(bytes.NewReader(data)), limits); !reflect.DeepEqual(got, again) {
			t.Fatalf("read twice: %q and %q", got, again)
		}
		last := 0
		for _, row := range got {
			var line int
			if _, err := fmt.Sscanf(row, "%d", &line); err != nil || line <= last {
				t.Fatalf("line %d after %d in %q", line, last, got)
			}
			last = line
		}
		if last > bytes.Count(data, newline)+1 {
			t.Fatalf("line %d of %d", last, bytes.Count(data, newline)+1)
		}
		compare(t, data, got)
	})
}

func compare(t *testing.T, data []byte, got []string) {
	if len(data) > 100 || check(data) != nil || bytes.IndexByte(data, '\r') >= 0 {
		return // encoding/csv folds CRLF inside quotes, we keep what the file says
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		return
	}
	var want []string
	for _, row := range rows {
		if len(row) > 8 {
			return
		}
		want = append(want, fmt.Sprintf("%q", row))
	}
	if len(want) != len(got) {
		t.Fatalf("%q: got %q, encoding/csv %q", data, got, want)
	}
	for i := range got {
		if _, fields, _ := strings.Cut(got[i], ":"); fields != want[i] {
			t.Fatalf("%q: got %q, encoding/csv %q", data, got, want)
		}
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// repeat gives text again and again, size bytes in all.
type repeat struct {
	text string
	left int64
}

func (r *repeat) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, io.EOF
	}
	n := 0
	for n+len(r.text) <= len(p) && int64(n) < r.left {
		n += copy(p[n:], r.text)
	}
	if n == 0 {
		n = copy(p, r.text)
	}
	n = int(min(int64(n), r.left))
	r.left -= int64(n)
	return n, nil
}
