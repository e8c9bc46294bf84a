package page

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"hutong/surface/gate"
)

// Partial tells whether htmx asks for a part of a page. Whoever answers so answers the whole page to everybody else, at
// the same address.
func Partial(r *http.Request) bool {
	return r.Header.Get("HX-Request") == "true" && r.Header.Get("HX-History-Restore-Request") != "true"
}

// RenderPart answers with one named part of a page: a fragment that htmx puts in its place.
func (s *Set) RenderPart(w http.ResponseWriter, r *http.Request, p Part) error {
	b := getBuffer()
	defer buffers.Put(b)
	if err := s.execute(b, gate.Lang(r.Context()), p.Page, p.Define, p.Data); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "private, no-store")
	h.Add("Vary", "HX-Request")
	h.Add("Vary", "Accept-Encoding")
	write(w, r, http.StatusOK, b.Bytes())
	return nil
}

// Part names a template that is defined in a page, and what it is filled with.
type Part struct {
	Page, Define string
	Data         any
}

// ToastHeader sends a toast along with an answer to htmx. Header values are Latin, so the text goes escaped.
func ToastHeader(w http.ResponseWriter, t Toast) error {
	said, err := json.Marshal(map[string]Toast{"toast": t})
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, c := range string(said) {
		if c < 0x80 {
			b.WriteRune(c)
			continue
		}
		escape(&b, c)
	}
	w.Header().Set("HX-Trigger", b.String())
	return nil
}

// escape writes a rune as JSON escapes of its UTF-16 units.
func escape(b *strings.Builder, c rune) {
	const digits = "0123456789abcdef"
	unit := func(u rune) {
		b.WriteString(`\u`)
		for shift := 12; shift >= 0; shift -= 4 {
			b.WriteByte(digits[u>>shift&0xf])
		}
	}
	if c < 0x10000 {
		unit(c)
		return
	}
	c -= 0x10000
	unit(0xd800 + c>>10)
	unit(0xdc00 + c&0x3ff)
}

// flashCookie carries a notice over a redirect. It names one of our own sentences, so whoever forges it can only make
// himself read that.
const (
	flashCookie = "flash"
	flashFor    = 60 // seconds
	flashMax    = 600
)

// Flash shows a notice on the page that a redirect leads to: the sentence for key with its pairs, as strings. Tone is
// "good", "bad" or "plain".
func Flash(w http.ResponseWriter, tone, key string, pairs ...string) {
	v := url.Values{"tone": {tone}, "key": {key}, "with": pairs}
	setFlash(w, url.QueryEscape(v.Encode()), flashFor)
}

func setFlash(w http.ResponseWriter, value string, age int) {
	http.SetCookie(w, &http.Cookie{Name: flashCookie, Value: value, Path: "/", MaxAge: age, HttpOnly: true,
		SameSite: http.SameSiteLaxMode})
}

// TakeFlash is the notice that a redirect brought, and takes it away; none for a cookie that names no sentence. Not for
// a page that is kept as bytes.
func (t Tongue) TakeFlash(w http.ResponseWriter, r *http.Request) Notice {
	c, err := r.Cookie(flashCookie)
	if err != nil || c.Value == "" {
		return Notice{}
	}
	setFlash(w, "", -1)
	plain, err := url.QueryUnescape(c.Value)
	if err != nil || len(plain) > flashMax {
		return Notice{}
	}
	v, err := url.ParseQuery(plain)
	if err != nil || !t.Has(v.Get("key")) || len(v["with"])%2 != 0 {
		return Notice{}
	}
	pairs := make([]any, len(v["with"]))
	for i, p := range v["with"] {
		pairs[i] = p
	}
	switch tone := v.Get("tone"); tone {
	case "good", "bad", "plain":
		return Notice{Tone: tone, Text: t.T(v.Get("key"), pairs...)}
	}
	return Notice{}
}
