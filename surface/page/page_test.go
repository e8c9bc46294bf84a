package page_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/surface/page"
)

type view struct {
	page.Frame
	Body string
}

func newSet(t testing.TB) *page.Set {
	t.Helper()
	web := fstest.MapFS{"html/one.html": {Data: []byte(`{{define "main"}}<h1>{{.Body}}</h1>{{end}}`)}}
	c := page.Config{Texts: text.Merge(page.Texts, db.Texts, campaign.Texts), Zone: time.FixedZone("", 8*3600)}
	set, err := page.NewSet(c, web)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func ask(path string, packed bool) *http.Request {
	r := httptest.NewRequest("GET", path, nil)
	if packed {
		r.Header.Set("Accept-Encoding", "gzip, deflate, br")
	}
	return r
}

// body reads an answer as a browser does.
func body(t testing.TB, w *httptest.ResponseRecorder) string {
	t.Helper()
	var in io.Reader = w.Body
	if w.Header().Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		in = z
	}
	all, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

func TestARenderedPageSpeaksItsLanguageAndEscapes(t *testing.T) {
	set := newSet(t)
	for lang, want := range map[text.Lang]string{text.Zh: "购物车", text.En: "Cart"} {
		for _, packed := range []bool{false, true} {
			w := httptest.NewRecorder()
			v := view{page.Frame{Lang: lang, Area: page.Shop, Title: "A"},
				strings.Repeat("<script>alert(1)</script>", 100)}
			if err := set.Render(w, ask("/", packed), 200, "one", v); err != nil {
				t.Fatal(err)
			}
			got := body(t, w)
			if !strings.Contains(got, want) || !strings.Contains(got, `lang="`+string(lang)+`"`) {
				t.Errorf("%s: lacks %q or its lang", lang, want)
			}
			if strings.Contains(got, "<script>alert") {
				t.Error("text was not escaped")
			}
			if packed != (w.Header().Get("Content-Encoding") == "gzip") {
				t.Errorf("packed = %v, headers %v", packed, w.Header())
			}
		}
	}
}

// A kept page holds the reader's own part in its place, packed or not, and nobody else's.
func TestAKeptPageHoldsOnlyTheReadersOwnPart(t *testing.T) {
	set := newSet(t)
	c := clock.NewManual(time.Unix(1_000, 0))
	version, mades := uint64(1), 0
	kept := page.NewKept(set, c, 2*time.Second, func() uint64 { return version })
	get := func(cart int, packed bool) string {
		w := httptest.NewRecorder()
		a := page.Ask{Path: "/x", Lang: text.En, Name: "one", Me: page.Me{Cart: cart},
			Make: func(context.Context) (page.View, error) {
				mades++
				f := page.Frame{Lang: text.En, Area: page.Shop, Public: true, Here: "/x",
					Me: page.Me{Cart: 98765}}
				return view{f, strings.Repeat("tea and cake ", 500)}, nil
			}}
		if err := kept.Serve(w, ask("/x", packed), a); err != nil {
			t.Fatal(err)
		}
		if n := w.Header().Get("Content-Length"); n != fmt.Sprint(w.Body.Len()) {
			t.Errorf("Content-Length %s of %d bytes", n, w.Body.Len())
		}
		return body(t, w)
	}
	plain, packed := get(3, false), get(3, true)
	if plain != packed {
		t.Error("the packed page differs from the plain one")
	}
	if !strings.Contains(plain, `<span class="pip">3<`) || strings.Contains(plain, ">98765<") {
		t.Error("the personal part is not the reader's own")
	}
	if got := get(0, true); strings.Contains(got, "pip") {
		t.Error("a part of another reader was kept")
	}
	if mades != 1 {
		t.Errorf("made %d times while it was fresh", mades)
	}
	version++
	get(0, true)
	if mades != 2 {
		t.Error("a new version of what is sold did not make the page anew")
	}
	c.Advance(3 * time.Second)
	get(0, true)
	if mades != 3 {
		t.Error("an old page was served")
	}
}

func TestAPageThatCannotBeMadeIsNotKept(t *testing.T) {
	set := newSet(t)
	kept := page.NewKept(set, clock.NewManual(time.Unix(1_000, 0)), time.Second, func() uint64 { return 0 })
	broken := errors.New("broken")
	a := page.Ask{Path: "/x", Lang: text.En, Name: "one"}
	a.Make = func(context.Context) (page.View, error) { return nil, broken }
	for range 2 {
		if err := kept.Serve(httptest.NewRecorder(), ask("/x", true), a); !errors.Is(err, broken) {
			t.Fatalf("got %v", err)
		}
	}
	shared := view{Frame: page.Frame{Lang: text.En, Public: true}}
	a.Make = func(context.Context) (page.View, error) { return shared, nil }
	if err := kept.Serve(httptest.NewRecorder(), ask("/x", true), a); err != nil {
		t.Fatal(err)
	}
	a.Path = "/y"
	a.Make = func(context.Context) (page.View, error) { return view{Frame: page.Frame{Lang: text.En}}, nil }
	if err := kept.Serve(httptest.NewRecorder(), ask("/y", true), a); err == nil {
		t.Error("a page with somebody's personal part in it was kept")
	}
}

func TestAssetsAreKeptForGoodUnderTheirHash(t *testing.T) {
	assets := newSet(t).Assets()
	for _, name := range []string{"hutong.css", "live.js", "favicon.svg"} {
		w := httptest.NewRecorder()
		assets.ServeHTTP(w, ask(assets.URL(name), true))
		if w.Code != 200 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || len(body(t,
			w)) < 100 {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
	}
	icon := httptest.NewRecorder() // browsers ask for it beside what is no page: a document of the API, a PDF
	assets.ServeHTTP(icon, ask("/favicon.ico", true))
	if icon.Code != 200 || icon.Header().Get("Content-Type") != "image/svg+xml" ||
		strings.Contains(icon.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("the bare icon: %d %v", icon.Code, icon.Header())
	}
	w := httptest.NewRecorder()
	assets.ServeHTTP(w, ask("/static/hutong.000000000000.css", true))
	if w.Code != 404 {
		t.Errorf("a wrong hash answers %d", w.Code)
	}
}

func TestAFaultPageShowsTheSentenceAndNeverTheCause(t *testing.T) {
	set := newSet(t)
	for _, lang := range []text.Lang{text.Zh, text.En} {
		w := httptest.NewRecorder()
		err := errors.New("pq: password authentication failed")
		f := page.Frame{Lang: lang, Area: page.Shop, RequestID: "req_7"}
		if err := set.Fault(w, ask("/", false), f, err); err != nil {
			t.Fatal(err)
		}
		got := body(t, w)
		if w.Code != 500 || !strings.Contains(got, "req_7") || strings.Contains(got, "pq:") {
			t.Errorf("%s: %d %s", lang, w.Code, got)
		}
	}
	w := httptest.NewRecorder()
	limited := fault.New(fault.Limited, "storage.busy").After(1500 * time.Millisecond)
	if err := set.Fault(w, ask("/", false), page.Frame{Lang: text.En}, limited); err != nil {
		t.Fatal(err)
	}
	if w.Code != 429 || w.Header().Get("Retry-After") != "2" {
		t.Errorf("%d Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
}

func TestFaultsStandBesideTheirField(t *testing.T) {
	tongue := newSet(t).In(text.En)
	e := fault.New(fault.Invalid, "storage.full").At("phone")
	if f := tongue.FaultsOf(e, "name", "phone"); f.At("phone") == "" || f.General != "" || !f.Any() {
		t.Errorf("%+v", f)
	}
	if f := tongue.FaultsOf(e, "name"); f.General == "" {
		t.Errorf("a fault of a field that the form lacks is lost: %+v", f)
	}
	if tongue.FaultsOf(nil).Any() {
		t.Error("nil is a fault")
	}
}

func TestA20_BackLeadsNowhereElse(t *testing.T) {
	for next, want := range map[string]string{
		"/orders?x=1": "/orders?x=1", "": "/", "//evil.example": "/", "/\\evil.example": "/",
		"https://evil":        "/",
		"javascript:alert(1)": "/", "/a\r\nSet-Cookie: x": "/", "/\tevil": "/", "/" + strings.Repeat("a",
			3000): "/",
	} {
		if got := page.Back(next, "/"); got != want {
			t.Errorf("Back(%q) = %q, want %q", next, got, want)
		}
	}
}

func TestPriceIsCutAsAShelfLabel(t *testing.T) {
	set := newSet(t)
	for _, c := range []struct {
		lang  text.Lang
		m     money.Money
		parts [3]string
	}{
		{text.Zh, money.New(123450, "CNY"), [3]string{"¥", "1,234", ".50"}},
		{text.En, money.New(1999, "USD"), [3]string{"$", "19", ".99"}},
		{text.En, money.New(199, "JPY"), [3]string{"¥", "199", ""}},
	} {
		p := set.In(c.lang).PriceOf(c.m, money.New(0, c.m.Currency), false)
		if got := [3]string{p.Sign, p.Whole, p.Cents}; got != c.parts {
			t.Errorf("%v: got %q, want %q", c.m, got, c.parts)
		}
		if p.Was != "" {
			t.Error("there is no struck price")
		}
	}
}

func BenchmarkKept(b *testing.B) {
	set := newSet(b)
	kept := page.NewKept(set, clock.NewManual(time.Unix(1_000, 0)), time.Second, func() uint64 { return 0 })
	a := page.Ask{Path: "/x", Lang: text.En, Name: "one", Make: func(context.Context) (page.View, error) {
		return view{page.Frame{Lang: text.En, Area: page.Shop, Public: true}, strings.Repeat("tea and cake ",
			4000)}, nil
	}}
	r := ask("/x", true)
	for b.Loop() {
		w := httptest.NewRecorder()
		w.Body = bytes.NewBuffer(make([]byte, 0, 8192))
		if err := kept.Serve(w, r, a); err != nil {
			b.Fatal(err)
		}
	}
}
