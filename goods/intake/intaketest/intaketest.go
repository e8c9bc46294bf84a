// Package intaketest is the proof that every import format must pass: the same file read twice gives the same, every
// line number is one of the file's, and what passes the rules can be sold. It also opens the real files of
// ../shared/data, where a machine has them.
package intaketest

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hutong/base/fault"
	"hutong/base/text"
	"hutong/goods/intake"
)

// Reading is what a format made of a file.
type Reading struct {
	Products []intake.Product
	Items    []intake.Item // what passed the rules
	Rejects  []intake.Reject
	Err      error
}

// SKUs counts the variants that can be sold.
func (r Reading) SKUs() int {
	n := 0
	for _, i := range r.Items {
		n += len(i.Prices)
	}
	return n
}

// Codes are the refusals as "line code", in order.
func (r Reading) Codes() []string {
	var out []string
	for _, x := range r.Rejects {
		out = append(out, strconv.Itoa(x.Line)+" "+x.Code)
	}
	return out
}

// Source makes a Source of bytes.
func Source(name string, data []byte) *intake.Source {
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	return &intake.Source{Name: name, Size: int64(len(data)), Open: open}
}

// Read reads a source once and checks its products, with prices in dollars.
func Read(ctx context.Context, f intake.Format, src *intake.Source) Reading {
	var r Reading
	check := intake.NewChecker("USD")
	r.Err = f.Read(ctx, src, func(p intake.Product) error {
		r.Products = append(r.Products, p)
		item, ok := check.Check(p, func(line int, refused *fault.Error) {
			r.Rejects = append(r.Rejects, src.Reject(line, refused.Code, refused.Field, refused.Params...))
		})
		if ok {
			r.Items = append(r.Items, item)
		}
		return nil
	}, func(x intake.Reject) { r.Rejects = append(r.Rejects, x) })
	return r
}

// ReadText reads a text, once with LF and once, for the same answer, with a byte order mark.
func ReadText(t testing.TB, f intake.Format, data string) Reading {
	t.Helper()
	r := Read(t.Context(), f, Source("t.csv", []byte(data)))
	marked := Read(t.Context(), f, Source("t.csv", []byte("\ufeff"+data)))
	if !reflect.DeepEqual(r, marked) {
		t.Fatalf("a byte order mark changes the answer: %+v and %+v", r, marked)
	}
	return r
}

// Hostile reads any bytes and checks what must hold whatever they are. Fuzz tests call it.
func Hostile(t *testing.T, f intake.Format, data []byte) {
	f.Sniff(data)
	src := Source("fuzz", data)
	src.Limits.RecordBytes, src.Limits.LineBytes, src.Limits.TotalBytes = 4<<10, 4<<10, 1<<20
	once := Read(t.Context(), f, src)
	again := Read(t.Context(), f, src)
	if (once.Err == nil) != (again.Err == nil) {
		t.Fatalf("read twice: %v and %v", once.Err, again.Err)
	}
	once.Err, again.Err = nil, nil
	if !reflect.DeepEqual(once, again) {
		t.Fatalf("read twice: %+v and %+v", once, again)
	}
	for _, x := range once.Rejects {
		if x.Message(text.En) == x.Code || strings.Contains(x.Message(text.Zh), "{") {
			t.Fatalf("%+v has no sentence", x)
		}
	}
	for _, item := range once.Items {
		sellable(t, item)
	}
}

// sellable checks an item that passed the rules, without calling them.
func sellable(t *testing.T, i intake.Item) {
	t.Helper()
	p := i.Product
	if p.Title == "" || p.ExternalID == "" || p.Source == "" || p.Line < 1 {
		t.Fatalf("%+v", p)
	}
	if len(p.SKUs) == 0 || len(p.SKUs) != len(i.Prices) {
		t.Fatalf("%d variants, %d prices", len(p.SKUs), len(i.Prices))
	}
	for at, s := range p.SKUs {
		if i.Prices[at].Unit <= 0 || i.Prices[at].List < 0 || s.Line < 1 || len(s.Values) != len(p.Options) {
			t.Fatalf("%+v costs %+v", s, i.Prices[at])
		}
	}
	z := html.NewTokenizer(strings.NewReader(p.DescriptionHTML))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.StartTagToken, html.SelfClosingTagToken:
			name, attributes := z.TagName()
			if !strings.Contains(" p br ul ol li strong em h3 h4 h5 h6 ", " "+string(name)+" ") || attributes {
				t.Fatalf("the description holds <%s>", name)
			}
		}
	}
}

// Shared gives the path of a real file below ../shared/data, or skips the test where there is none, unless
// HUTONG_REQUIRE names shared.
func Shared(t testing.TB, path string) string {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil && dir != filepath.Dir(dir) {
		file := filepath.Join(dir, "shared", "data", path)
		if _, missing := os.Stat(file); missing == nil {
			return file
		}
		dir = filepath.Dir(dir)
	}
	if strings.Contains(os.Getenv("HUTONG_REQUIRE"), "shared") {
		t.Fatalf("HUTONG_REQUIRE asks for shared/data/%s", path)
	}
	t.Skipf("no shared/data/%s beside the checkout", path)
	return ""
}

// ReadShared reads a real file.
func ReadShared(t testing.TB, f intake.Format, path string) Reading {
	t.Helper()
	src, err := intake.OpenFile(Shared(t, path))
	if err != nil {
		t.Fatal(err)
	}
	r := Read(t.Context(), f, src)
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	return r
}
