package browsertest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"hutong/surface/page/browsertest"
)

func TestMain(m *testing.M) { browsertest.Main(m) }

// recorder takes what a check says instead of failing the test.
type recorder struct {
	testing.TB
	said []string
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

const broken = `<!doctype html><html lang="en"><head><title>Broken</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><link rel="stylesheet" href="/broken.css">
</head><body onload="x()"><main><h1>Broken</h1>
<p class="wide">A piece that is far too wide, shopweb.no_such_words</p><p class="pale">You cannot read this</p>
<input name="nameless"><button class="flat">Go</button></main></body></html>`

const brokenCSS = `.wide { width: 900px } .pale { color: #ccc; background: #fff }
.flat { height: 20px; padding: 0; border: 0; outline: none !important }`

func brokenPage(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src data:")
	if r.URL.Path == "/broken.css" {
		w.Header().Set("Content-Type", "text/css")
		_, _ = fmt.Fprint(w, brokenCSS)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprint(w, broken)
}

func TestABrokenPageIsFoundOut(t *testing.T) {
	said := &recorder{TB: t}
	b := browsertest.Open(said, http.HandlerFunc(brokenPage), browsertest.Look{})
	b.Go("/")
	checks := []struct {
		name  string
		check func()
		want  []string
	}{
		{"axe", b.Axe, []string{"label:", "color-contrast:"}},
		{"fits", b.Fits, []string{"far too wide"}},
		{"words", b.Words, []string{"shopweb.no_such_words"}},
		{"taps", b.Taps, []string{`class="flat"`}},
		{"focus", b.Focus, []string{`class="flat"`}},
		{"console", func() { said.said = append(said.said, b.Problems()...) }, []string{"inline"}},
	}
	for _, c := range checks {
		said.said = nil
		c.check()
		for _, want := range c.want {
			if !slices.ContainsFunc(said.said, func(s string) bool { return strings.Contains(s, want) }) {
				t.Errorf("%s said %q, without %q", c.name, said.said, want)
			}
		}
	}
}

const moving = `<!doctype html><html lang="en"><head><title>Moving</title><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"></head>
<body><main style="height:400px;background:#ddd">Below</main><script>setTimeout(function () {
  var late = document.createElement("p");
  late.id = "late"; late.style.height = "300px"; late.textContent = "Late";
  document.body.prepend(late);
}, 700)</script></body></html>` // what moves within half a second of the window's change does not count

func TestALayoutThatMovesIsFoundOut(t *testing.T) {
	b := browsertest.Open(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprint(w, moving)
	}), browsertest.Look{})
	b.Go("/")
	b.Wait("#late")
	b.Do(`new Promise(function (painted) { requestAnimationFrame(function () { requestAnimationFrame(painted); }); })`)
	if got := b.Shift(); got < 0.01 {
		t.Errorf("the layout shifts by %.3f", got)
	}
}

const form = `<!doctype html><html lang="en"><head><title>Form</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"></head>
<body><main><h1>%s</h1><form action="/next"><label>Word <input id="word" name="word"></label>
<button>Send</button></form></main></body></html>`

func TestAFormIsFilledAndSent(t *testing.T) {
	for _, look := range []browsertest.Look{{}, {Width: browsertest.Desk, Dark: true, Lang: "en"}, {NoScript: true}} {
		t.Run(look.String(), func(t *testing.T) {
			b := browsertest.Open(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				_, _ = fmt.Fprintf(w, form, r.URL.Query().Get("word")+" "+r.Header.Get("Accept-Language"))
			}), look)
			b.Go("/")
			b.Fill("#word", "hello")
			b.Follow("button")
			if got, want := b.Text("h1"), "hello "+string(b.Look().Lang); got != want || b.Path() != "/next?word=hello" {
				t.Errorf("%q at %s, want %q", got, b.Path(), want)
			}
			dark := browsertest.Read[bool](b, `matchMedia("(prefers-color-scheme: dark)").matches`)
			if dark != look.Dark {
				t.Errorf("dark: %v", dark)
			}
			if !look.NoScript && b.Paint().Largest <= 0 {
				t.Error("nothing was painted")
			}
		})
	}
}
