package page_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hutong/base/money"
	"hutong/base/text"
	"hutong/surface/page"
)

func TestAFlashCrossesARedirectOnce(t *testing.T) {
	zh := newSet(t).In(text.Zh)
	sent := httptest.NewRecorder()
	page.Flash(sent, "good", "page.picked", "n", "3; 4")
	r := ask("/", false)
	for _, c := range sent.Result().Cookies() {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	if got := zh.TakeFlash(w, r); got != (page.Notice{Tone: "good", Text: "已选 3; 4 项"}) {
		t.Errorf("%+v", got)
	}
	if c := w.Result().Cookies(); len(c) != 1 || c[0].MaxAge >= 0 {
		t.Errorf("the cookie stays: %v", c)
	}
}

func TestAForgedFlashSaysNothing(t *testing.T) {
	zh := newSet(t).In(text.Zh)
	for _, value := range []string{"x", "tone%3Dgood%26key%3Dno.such", "tone%3Devil%26key%3Dpage.brand",
		"tone%3Dgood%26key%3Dpage.brand%26with%3Dodd", "%25zz", strings.Repeat("a", 700)} {
		r := ask("/", false)
		r.AddCookie(&http.Cookie{Name: "flash", Value: value})
		if got := zh.TakeFlash(httptest.NewRecorder(), r); got != (page.Notice{}) {
			t.Errorf("%q: %+v", value, got)
		}
	}
}

func TestAToastTravelsInAHeader(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := page.Toast{Tone: "good", Text: rapid.String().Draw(t, "text"), Href: "/cart", Action: "撤销 🍵"}
		w := httptest.NewRecorder()
		if err := page.ToastHeader(w, want); err != nil {
			t.Fatal(err)
		}
		said := w.Header().Get("HX-Trigger")
		if strings.ContainsFunc(said, func(c rune) bool { return c < ' ' || c > '~' && c != 0x7f }) {
			t.Errorf("%q is no header", said)
		}
		var got map[string]page.Toast
		if err := json.Unmarshal([]byte(said), &got); err != nil || got["toast"] != want {
			t.Errorf("%q: %+v %v", said, got, err)
		}
	})
}

func TestAPartIsRenderedAlone(t *testing.T) {
	r := ask("/", false)
	r.Header.Set("HX-Request", "true")
	if !page.Partial(r) || page.Partial(ask("/", false)) {
		t.Error("what htmx asks for is not told from a page")
	}
	w := httptest.NewRecorder()
	err := newSet(t).RenderPart(w, r, page.Part{Page: "one", Define: "badge", Data: page.Badge{Tone: "go", Text: "<b>"}})
	if err != nil || w.Body.String() != `<span class="badge badge-go">&lt;b&gt;</span>` {
		t.Errorf("%s %v", w.Body, err)
	}
}

func TestAChartHasRoundNumbersAndStaysInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Int64Range(-1e15, 1e15), 1, 48).Draw(t, "values")
		labels := make([]string, len(values))
		c := page.ChartOf(page.ChartData{ID: "c", Labels: labels, Series: []page.Series{{Name: "s", Values: values}}})
		if n := len(c.Ticks); n < 2 || n > 7 {
			t.Errorf("%d ticks", n)
		}
		if len(c.Bars) != len(values) || len(c.Rows) != len(values) {
			t.Errorf("%d bars, %d rows for %d values", len(c.Bars), len(c.Rows), len(values))
		}
		for _, b := range c.Bars {
			if strings.HasPrefix(b.Height, "-") || strings.HasPrefix(b.Y, "-") {
				t.Errorf("outside: %+v", b)
			}
		}
	})
}

func TestShortNumbersReadAsTheLanguageWritesThem(t *testing.T) {
	set := newSet(t)
	zh, en := set.In(text.Zh), set.In(text.En)
	for _, c := range []struct {
		n      int64
		zh, en string
	}{{0, "0", "0"}, {999, "999", "999"}, {1200, "1,200", "1.2k"}, {12_500, "1.2万", "12.5k"}, {-20_000, "−2万", "−20k"},
		{1_250_000, "125万", "1.2M"}, {300_000_000, "3亿", "300M"}} {
		if got := zh.Short(c.n); got != c.zh {
			t.Errorf("zh %d: %q, want %q", c.n, got, c.zh)
		}
		if got := en.Short(c.n); got != c.en {
			t.Errorf("en %d: %q, want %q", c.n, got, c.en)
		}
	}
	if got := zh.ShortMoney(money.New(1_250_000, "CNY")); got != "¥1.2万" {
		t.Errorf("%q", got)
	}
	if got := en.ShortMoney(money.New(-128_00, "JPY")); got != "−¥12.8k" {
		t.Errorf("%q", got)
	}
}
