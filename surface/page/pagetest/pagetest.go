// Package pagetest reads pages as a browser and a careful reader do: it follows links, fills forms, keeps cookies, and
// holds every page to the rules of the house - labels, one language, nothing inline. It is for tests only.
package pagetest

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Browser is one visitor of a market.
type Browser struct {
	t      testing.TB
	client *http.Client
	base   string
	Lang   string // of Accept-Language
}

// New opens a browser on a handler.
func New(t testing.TB, h http.Handler) *Browser {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return At(t, server.URL)
}

// At opens a browser on a server that runs: another visitor.
func At(t testing.TB, base string) *Browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Browser{t: t, client: &http.Client{Jar: jar}, base: base, Lang: "zh-CN"}
}

// Base is the server's address.
func (b *Browser) Base() string { return b.base }

// Page is what a visitor sees.
type Page struct {
	b      *Browser
	Status int
	Path   string // and query, after redirects
	Header http.Header
	Body   string
	doc    *html.Node
}

// Get reads a page and checks it.
func (b *Browser) Get(path string) *Page {
	b.t.Helper()
	req, err := http.NewRequest(http.MethodGet, b.base+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do(req)
}

// Post sends a form as a browser would.
func (b *Browser) Post(path string, fields url.Values) *Page {
	b.t.Helper()
	return b.Send(path, "application/x-www-form-urlencoded", strings.NewReader(fields.Encode()))
}

// Send sends a body of any kind as a form would: one with files, for example.
func (b *Browser) Send(path, kind string, body io.Reader) *Page {
	b.t.Helper()
	return b.send(path, kind, body, "")
}

// send sends a body, from the page at that path.
func (b *Browser) send(path, kind string, body io.Reader, from string) *Page {
	b.t.Helper()
	req, err := http.NewRequest(http.MethodPost, b.base+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Origin", b.base)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	if from != "" {
		req.Header.Set("Referer", b.base+from)
	}
	return b.do(req)
}

func (b *Browser) do(req *http.Request) *Page {
	b.t.Helper()
	req.Header.Set("Accept-Language", b.Lang)
	res, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	p := &Page{b: b, Status: res.StatusCode, Path: res.Request.URL.RequestURI(), Header: res.Header, Body: string(body)}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		if p.doc, err = html.Parse(strings.NewReader(p.Body)); err != nil {
			b.t.Fatal(err)
		}
		for _, wrong := range p.Check() {
			b.t.Errorf("%s: %s", p.Path, wrong)
		}
	}
	return p
}

// Text is all that a reader can read, with single spaces.
func (p *Page) Text() string { return text(p.doc) }

// Must fails the test unless the page has the status and says all of the words.
func (p *Page) Must(status int, words ...string) *Page {
	p.b.t.Helper()
	if p.Status != status {
		p.b.t.Fatalf("%s: status %d, want %d: %s", p.Path, p.Status, status, p.Text())
	}
	for _, w := range words {
		if !strings.Contains(p.Text(), w) {
			p.b.t.Fatalf("%s: does not say %q: %s", p.Path, w, p.Text())
		}
	}
	return p
}

// MustNot fails the test if the page says any of the words.
func (p *Page) MustNot(words ...string) *Page {
	p.b.t.Helper()
	for _, w := range words {
		if strings.Contains(p.Text(), w) {
			p.b.t.Fatalf("%s: says %q: %s", p.Path, w, p.Text())
		}
	}
	return p
}

// Follow goes where the first link goes whose text holds those words.
func (p *Page) Follow(words string) *Page {
	p.b.t.Helper()
	for _, a := range all(p.doc, "a") {
		if strings.Contains(text(a), words) {
			return p.b.Get(attr(a, "href"))
		}
	}
	p.b.t.Fatalf("%s: no link says %q", p.Path, words)
	return nil
}

// Links are where the page's links go.
func (p *Page) Links() []string {
	var to []string
	for _, a := range all(p.doc, "a") {
		to = append(to, attr(a, "href"))
	}
	return to
}

// Submit fills the form that has a button with those words and presses it. Fields that are not named keep what stands
// in them. Naming one that the form lacks is a failure.
func (p *Page) Submit(button string, fill map[string]string) *Page {
	p.b.t.Helper()
	form, press := p.button(button)
	values := p.fields(form)
	for name, value := range fill {
		if _, there := values[name]; !there {
			p.b.t.Fatalf("%s: the form has no field %q", p.Path, name)
		}
		values.Set(name, value)
	}
	if name := attr(press, "name"); name != "" {
		values.Set(name, attr(press, "value"))
	}
	if attr(form, "method") == "post" {
		return p.b.send(attr(form, "action"), "application/x-www-form-urlencoded", strings.NewReader(values.Encode()), p.Path)
	}
	at, _, _ := strings.Cut(attr(form, "action"), "#") // as browsers do: what is asked stands before it
	return p.b.Get(at + "?" + values.Encode())
}

// button finds the first button that says those words, and its form.
func (p *Page) button(words string) (form, press *html.Node) {
	p.b.t.Helper()
	for _, f := range all(p.doc, "form") {
		for _, b := range all(p.doc, "button") {
			if strings.Contains(text(b), words) && (inside(b, f) || attr(b, "form") != "" && attr(b, "form") == attr(f, "id")) {
				return f, b
			}
		}
	}
	p.b.t.Fatalf("%s: no button says %q", p.Path, words)
	return nil, nil
}

// fields are what a form sends as it stands, with the fields elsewhere on the page that belong to it.
func (p *Page) fields(form *html.Node) url.Values {
	values := url.Values{}
	id := attr(form, "id")
	for _, n := range all(p.doc, "input", "select", "textarea") {
		if attr(n, "name") == "" || !(inside(n, form) || id != "" && attr(n, "form") == id) {
			continue
		}
		switch {
		case n.Data == "select":
			values.Set(attr(n, "name"), chosen(n))
		case n.Data == "textarea":
			values.Set(attr(n, "name"), text(n))
		case attr(n, "type") == "checkbox" || attr(n, "type") == "radio":
			if has(n, "checked") {
				values.Add(attr(n, "name"), attr(n, "value"))
			}
		default:
			values.Add(attr(n, "name"), attr(n, "value"))
		}
	}
	return values
}

func chosen(list *html.Node) string {
	options := all(list, "option")
	for _, o := range options {
		if has(o, "selected") {
			return attr(o, "value")
		}
	}
	if len(options) > 0 {
		return attr(options[0], "value")
	}
	return ""
}

// Field is the value of the first input with that name.
func (p *Page) Field(name string) string {
	p.b.t.Helper()
	for _, n := range all(p.doc, "input") {
		if attr(n, "name") == name {
			return attr(n, "value")
		}
	}
	p.b.t.Fatalf("%s: no field %q", p.Path, name)
	return ""
}

// Wrong is the text beside a field that says what is wrong with it, "" when nothing is.
func (p *Page) Wrong(field string) string {
	for _, n := range all(p.doc, "input", "select", "textarea") {
		if attr(n, "name") != field || attr(n, "aria-invalid") != "true" {
			continue
		}
		for id := range strings.FieldsSeq(attr(n, "aria-describedby")) {
			if e := byID(p.doc, id); e != nil && strings.HasSuffix(id, "-error") {
				return text(e)
			}
		}
	}
	return ""
}

// Check tells what on the page breaks the rules of the house.
func (p *Page) Check() (wrong []string) {
	c := &checker{ids: map[string]int{}, doc: p.doc}
	c.walk(p.doc)
	for id, n := range c.ids {
		if n > 1 {
			c.say("the id %q stands %d times", id, n)
		}
	}
	if c.h1 != 1 {
		c.say("%d first headings", c.h1)
	}
	if roots := all(p.doc, "html"); len(roots) != 1 || attr(roots[0], "lang") != p.Header.Get("Content-Language") {
		c.say("the page does not say its language")
	}
	if titles := all(p.doc, "title"); len(titles) == 0 || text(titles[0]) == "" {
		c.say("no title")
	}
	return c.wrong
}
