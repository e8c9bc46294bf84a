package page_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/fstest"

	"hutong/base/text"
	"hutong/surface/page"
	"hutong/surface/page/browsertest"
	"hutong/surface/page/webtest"
)

const moving = `{{define "main"}}<h1>Cart</h1><form action="/more" method="post" hx-post="/more" hx-target="#sum"
hx-select="#sum" hx-swap="outerHTML"><button class="button" type="submit">More</button></form>
<p id="sum">{{.Body}}</p>
<p id="news" hx-ext="sse" sse-connect="/news" sse-swap="news">nothing yet</p>{{end}}`

// moves is a page that htmx swaps parts of, under the policy of the gate.
func moves(t testing.TB) http.Handler {
	t.Helper()
	set, err := page.NewSet(page.Config{Texts: webtest.Texts()}, fstest.MapFS{"html/one.html": {Data: []byte(moving)}})
	if err != nil {
		t.Fatal(err)
	}
	mux, n := http.NewServeMux(), 1
	show := func(w http.ResponseWriter, r *http.Request) {
		v := view{page.Frame{Lang: text.En, Area: page.Shop, Htmx: true}, fmt.Sprintf("%d pieces", n)}
		if err := set.Render(w, r, 200, "one", v); err != nil {
			t.Error(err)
		}
	}
	mux.HandleFunc("GET /{$}", show)
	mux.HandleFunc("POST /more", func(w http.ResponseWriter, r *http.Request) {
		n++
		if err := page.ToastHeader(w, page.Toast{Tone: "good", Text: "加好了"}); err != nil {
			t.Error(err)
		}
		show(w, r)
	})
	mux.HandleFunc("GET /news", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = fmt.Fprint(w, "event: news\ndata: it ships\n\n")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	mux.Handle("/static/", set.Assets())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; object-src 'none'; "+
			"base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
		mux.ServeHTTP(w, r)
	})
}

func TestHtmxSwapsPartsUnderThePolicy(t *testing.T) {
	b := browsertest.Open(t, moves(t), browsertest.Look{Lang: text.En})
	b.Go("/")
	b.Click("main button")
	b.Wait(".toast")
	if got := b.Text("#sum"); got != "2 pieces" {
		t.Errorf("%q", got)
	}
	if b.Path() != "/" {
		t.Errorf("the page was left for %s", b.Path())
	}
	if got := b.Text(".toast p"); got != "加好了" {
		t.Errorf("%q", got)
	}
	for range 100 { // the news comes when it comes
		if b.Text("#news") == "it ships" {
			break
		}
		b.Do(`new Promise(function (done) { setTimeout(done, 50); })`)
	}
	if got := b.Text("#news"); got != "it ships" {
		t.Errorf("%q", got)
	}
	if browsertest.Read[bool](b, `htmx.config.allowEval || htmx.config.includeIndicatorStyles`) {
		t.Error("htmx may evaluate text, or writes a style of its own")
	}
	b.Check()
}

func TestAFormWithHtmxWorksWithoutScript(t *testing.T) {
	b := browsertest.Open(t, moves(t), browsertest.Look{Lang: text.En, NoScript: true})
	b.Go("/")
	b.Follow("main button")
	if got := b.Text("#sum"); got != "2 pieces" {
		t.Errorf("%q", got)
	}
}
