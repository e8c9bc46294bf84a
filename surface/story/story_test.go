package story_test

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"hutong/base/text"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/surface/page/browsertest"
	"hutong/surface/page/pagetest"
	"hutong/surface/page/webtest"
	"hutong/surface/story"
)

func TestMain(m *testing.M) { browsertest.Main(m) }

func config() page.Config {
	return page.Config{Texts: webtest.Texts(), Zone: time.FixedZone("", 8*3600)}
}

// handler is the stories behind a gate, with the files beside them.
func handler(t testing.TB) http.Handler {
	t.Helper()
	m := webtest.New(t)
	set, err := page.NewSet(config())
	m.Must(err)
	mux, err := gate.NewMux(gate.Options{Sessions: m.Logins, IDs: m.IDs, Texts: config().Texts,
		Fault: set.Refused,
		Log:   slog.New(slog.DiscardHandler)})
	m.Must(err)
	routes, err := story.New(config())
	m.Must(err)
	m.Must(mux.Add(routes...))
	m.Must(mux.Add(gate.Route{Name: "test.static", Method: "GET", Path: "/static/{file}", Roles: gate.Anyone(),
		Handler: set.Assets()}))
	return mux
}

func TestEveryComponentReadsWellInBothLanguages(t *testing.T) {
	b := pagetest.New(t, handler(t))
	for _, lang := range []text.Lang{text.Zh, text.En} {
		b.Lang = string(lang)
		b.Get(story.Path).Must(200)
		for _, c := range story.Components() {
			b.Get(story.Path+"/"+c.Name).Must(200, c.Title.Pick(lang))
		}
	}
	b.Get(story.Path + "/nothing").Must(404)
}

func TestEveryComponentHoldsInABrowser(t *testing.T) {
	h, looks := handler(t), browsertest.Four()
	if testing.Short() {
		looks = looks[:1]
	}
	for _, look := range looks {
		t.Run(look.String(), func(t *testing.T) {
			b := browsertest.Open(t, h, look)
			b.Go(story.Path)
			b.Check()
			b.Shot("story/index")
			for _, c := range story.Components() {
				b.Go(story.Path + "/" + c.Name)
				if slices.Contains(browsertest.Two(), look) {
					b.Check() // axe reads what is there and its colours: a phone by day and a desk by night show all of it
				} else {
					b.Measure()
				}
				if !look.Dark && look.Lang == text.Zh {
					b.Focus() // what shows it differs by width at most
				}
				if shift := b.Shift(); shift > 0.01 {
					t.Errorf("%s: the layout shifts by %.3f", c.Name, shift)
				}
				b.Shot("story/" + c.Name)
			}
		})
	}
}

func TestADialogFloatsAndGivesTheFocusBack(t *testing.T) {
	b := browsertest.Open(t, handler(t), browsertest.Look{})
	b.Go(story.Path + "/dialog")
	b.Click("#ship summary")
	b.Wait("#ship dialog:modal")
	b.Check()
	b.Shot("story/dialog-open")
	b.Press(kb.Escape)
	b.Wait("#ship:not([open])")
	if !browsertest.Read[bool](b, `document.activeElement.matches("#ship summary")`) {
		t.Error("the focus is lost")
	}
}

func TestNothingNeedsScript(t *testing.T) {
	b := browsertest.Open(t, handler(t), browsertest.Look{NoScript: true})
	b.Go(story.Path + "/dialog")
	b.Click("#ship summary")
	b.Wait("#waybill")
	if browsertest.Read[bool](b, `document.querySelector("#ship [data-close]").checkVisibility()`) {
		t.Error("a button that does nothing without script is shown")
	}
	b.Fits()
	b.Shot("story/dialog-open")
	b.Go(story.Path + "/table")
	if browsertest.Read[bool](b, `document.querySelector("[data-pick-all]").checkVisibility()`) {
		t.Error("a box that does nothing without script is shown")
	}
	b.Go(story.Path + "/countdown")
	if got := b.Text(".countdown"); !strings.HasPrefix(got, "结束时间") || !strings.HasSuffix(got, "2026年11月11日 07:59") {
		t.Errorf("%q", got)
	}
}

func TestACountdownGoesByTheServersClock(t *testing.T) {
	b := browsertest.Open(t, handler(t), browsertest.Look{Lang: text.En})
	b.Go(story.Path + "/countdown")
	if got := b.Text(".countdown-clock"); !strings.HasPrefix(got, "11") {
		t.Errorf("%q, whatever this machine's clock says", got)
	}
	if got := b.Text(".countdown-label"); got != "Sale ends in" {
		t.Errorf("the clock stands beside %q", got)
	}
}

func TestAWholeTableIsPickedAtOnce(t *testing.T) {
	b := browsertest.Open(t, handler(t), browsertest.Look{Width: browsertest.Desk, Lang: text.En})
	b.Go(story.Path + "/table")
	if browsertest.Read[bool](b, `document.getElementById("orders").checkVisibility()`) {
		t.Error("the bar of nothing is shown")
	}
	b.Click("#orders-table [data-pick-all] input")
	b.Wait("#orders")
	if got := b.Text("#orders .bulk-count"); got != "3 picked" {
		t.Errorf("%q: a fixed row is not picked", got)
	}
	b.Check()
	b.Shot("story/table-picked")
}

func TestTheSideOfADeskIsReachedByKeyboard(t *testing.T) {
	b := browsertest.Open(t, handler(t), browsertest.Look{Width: browsertest.Desk})
	b.Go(story.Path + "/price")
	for range 8 {
		b.Press(kb.Tab)
		if browsertest.Read[bool](b, `document.activeElement.matches(".side nav a")`) {
			return
		}
	}
	t.Error("eight tabs and not there")
}
