package page

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"hutong/base/text"
)

//go:embed html/*.html
var ownHTML embed.FS

// Config is what a Set is made with.
type Config struct {
	Texts text.Bundle    // of all rooms: a page shows any refusal
	Zone  *time.Location // the market's time zone
	// Account is the path of the page about the reader, which the frame leads to in place of a button that logs out; ""
	// for none.
	Account string
}

// Set is the pages of one web, in each language. It is safe for concurrent use.
type Set struct {
	assets  *Assets
	tongues map[text.Lang]Tongue
	pages   map[text.Lang]pages
}

// pages are those of one language by name.
type pages map[string]*onePage

// onePage is parsed when it is asked for first: a market has some hundred pages in two languages, and most nodes show
// few of them.
type onePage struct {
	made func() (*template.Template, error)
}

// newPage is a page that is a copy of base with its own source on top. Nobody executes base itself.
func newPage(base *template.Template, file, source string, fold func(*template.Template)) *onePage {
	return &onePage{sync.OnceValues(func() (*template.Template, error) {
		making.Lock()
		defer making.Unlock()
		own, err := base.Clone()
		if err == nil {
			own, err = own.Parse(source)
		}
		if err != nil {
			return nil, fmt.Errorf("page: %s: %w", file, err)
		}
		fold(own)
		return own, nil
	})}
}

// making lets one page at a time be copied from its base.
var making sync.Mutex

// NewSet makes pages of the *.html files of a web's folder, by name. A file that begins with "_" is a part that all of
// them may use. Each page defines "main". A broken part is told here, a broken page when it is shown first: a test asks
// every Template of every web.
func NewSet(c Config, webs ...fs.FS) (*Set, error) {
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	assets, err := loadAssets()
	if err != nil {
		return nil, err
	}
	s := &Set{assets: assets, tongues: map[text.Lang]Tongue{}, pages: map[text.Lang]pages{}}
	for _, lang := range []text.Lang{text.Zh, text.En} {
		s.tongues[lang] = Tongue{Lang: lang, texts: c.Texts, zone: c.Zone, account: c.Account}
		base := template.New("base").Funcs(s.tongues[lang].funcs(assets)).Option("missingkey=error")
		s.pages[lang] = pages{}
		p := parser{base: base, all: s.pages[lang], fold: func(own *template.Template) { s.tongues[lang].fold(assets, own) }}
		for _, files := range append([]fs.FS{ownHTML}, webs...) {
			if err := p.parse(files); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}

// parser reads the templates of one language.
type parser struct {
	base *template.Template
	all  pages
	fold func(*template.Template)
}

// parse adds a folder's parts to base, and its pages to all.
func (p parser) parse(files fs.FS) error {
	names, err := fs.Glob(files, "html/*.html")
	if err != nil {
		return err
	}
	for _, parts := range []bool{true, false} {
		for _, name := range names {
			short := strings.TrimSuffix(path.Base(name), ".html")
			if strings.HasPrefix(short, "_") != parts {
				continue
			}
			if err := p.parseFile(files, name, parts); err != nil {
				return fmt.Errorf("page: %s: %w", name, err)
			}
		}
	}
	return nil
}

func (p parser) parseFile(files fs.FS, name string, part bool) error {
	source, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	if part {
		_, err = p.base.Parse(string(source))
		return err
	}
	short := strings.TrimSuffix(path.Base(name), ".html")
	if _, twice := p.all[short]; twice {
		return fmt.Errorf("the page stands twice")
	}
	p.all[short] = newPage(p.base, name, string(source), p.fold)
	return nil
}

// Template is one page's template in a language, for a test that checks it; nil when there is none.
func (s *Set) Template(l text.Lang, name string) *template.Template {
	p := s.pages[l][name]
	if p == nil {
		return nil
	}
	t, err := p.made()
	if err != nil {
		return nil
	}
	return t.Lookup("layout")
}

// Names are the pages of the set.
func (s *Set) Names() []string {
	var all []string
	for name := range s.pages[text.En] {
		all = append(all, name)
	}
	return all
}

// In is the tongue of a language; English for one that the market does not speak.
func (s *Set) In(l text.Lang) Tongue {
	if t, ok := s.tongues[l]; ok {
		return t
	}
	return s.tongues[text.En]
}

// Assets are the files beside the pages.
func (s *Set) Assets() *Assets { return s.assets }

// execute writes a page, or one named part of it.
func (s *Set) execute(b *bytes.Buffer, l text.Lang, name, part string, data any) error {
	p := s.pages[s.In(l).Lang][name]
	if p == nil {
		return fmt.Errorf("page: no page %q", name)
	}
	t, err := p.made()
	if err != nil {
		return err
	}
	return t.ExecuteTemplate(b, part, data)
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// getBuffer is an empty buffer, to be put back.
func getBuffer() *bytes.Buffer {
	b := buffers.Get().(*bytes.Buffer)
	b.Reset()
	return b
}

// Render answers with a page that is for this one reader only. Nothing is written when the template fails.
func (s *Set) Render(w http.ResponseWriter, r *http.Request, status int, name string, v View) error {
	b := getBuffer()
	defer buffers.Put(b)
	if err := s.execute(b, v.Framed().Lang, name, "layout", v); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Language", string(v.Framed().Lang))
	h.Add("Vary", "Accept-Encoding")
	write(w, r, status, b.Bytes())
	return nil
}

// smallest is the size from which packing pays.
const smallest = 1024

var packers = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant of the library
	}
	return z
}}

// write sends the body, packed when the reader takes it. A reader who has gone away is no error of ours.
func write(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	if len(body) < smallest || !packs(r) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(status)
		_, _ = w.Write(body)
		return
	}
	w.Header().Set("Content-Encoding", "gzip")
	w.WriteHeader(status)
	z := packers.Get().(*gzip.Writer)
	defer packers.Put(z)
	z.Reset(w)
	if _, err := z.Write(body); err == nil {
		_ = z.Close()
	}
}

// packs tells whether the reader takes gzip.
func packs(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(name, "gzip") {
			return strings.TrimSpace(q) != "q=0"
		}
	}
	return false
}
