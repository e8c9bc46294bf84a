// Package story shows every component of the pages in all its states, with prepared data, at /story: for whoever builds
// a page, and for the tests that look at each in a browser. Nothing in it is of a market: no service is asked, no form
// leads anywhere.
//
// Read this file first, then the sets of states: goods.go, forms.go, desk.go.
package story

import (
	"embed"
	"net/http"
	"time"

	"hutong/base/fault"
	"hutong/base/text"
	"hutong/surface/gate"
	"hutong/surface/page"
)

//go:embed html/*.html
var files embed.FS

//go:embed picture.svg
var drawing []byte

//go:embed text.json
var textJSON []byte

var texts = text.MustParse(textJSON)

// Path is where the pages are.
const Path = "/story"

// now is when the prepared data stands: the evening before the sale.
var now = time.Date(2026, 11, 10, 12, 30, 0, 0, time.UTC)

// Component is one component with its states. Make writes them in a language.
type Component struct {
	Name     string // in the path
	Title    text.Entry
	Template string // how a page shows it
	Type     string // what it is filled with
	Make     func(t page.Tongue) []State
}

// State is a component in one state. One of the fields behind Title is set.
type State struct {
	Title     string
	Price     *page.Price
	Big       bool // the price is set large
	Cards     []page.Card
	Badge     *page.Badge
	Table     *page.Table
	Fields    []page.Field
	Wrong     string
	Dialog    *page.Dialog
	Toast     *page.Toast
	Notice    *page.Notice
	Steps     *page.Steps
	Countdown *page.Countdown
	Stats     []page.Stat
	Chart     *page.Chart
	Empty     *page.Empty
	QR        *page.QRCard
	Moments   []page.Moment
	Tabs      *page.Tabs
	Gallery   *page.Gallery
	Stars     *page.Stars
	AskStars  *page.StarsField
	Drop      *page.FileDrop
	Pager     *page.Pager
	Crumbs    []page.Crumb
	Acts      []page.Act
}

// Components are all of them in the order of the overview.
func Components() []Component {
	all := append(goods(), forms()...)
	return append(all, desk()...)
}

type web struct {
	set *page.Set
	all []Component
}

type indexView struct {
	page.Frame
	Headline string
	Links    []indexLink
}

type indexLink struct{ Href, Text, Code string }

type storyView struct {
	page.Frame
	Headline, Template, Type string
	States                   []State
}

// New makes the routes. The texts of c must hold page.Texts; the stories' own are theirs alone.
func New(c page.Config) ([]gate.Route, error) {
	c.Texts = text.Merge(c.Texts, texts)
	set, err := page.NewSet(c, files)
	if err != nil {
		return nil, err
	}
	w := &web{set: set, all: Components()}
	route := func(name, path string, h http.HandlerFunc) gate.Route {
		return gate.Route{Name: name, Method: http.MethodGet, Path: path, Roles: gate.Anyone(), Page: true,
			Handler: h}
	}
	return []gate.Route{route("story.index", Path, w.index), route("story.component", Path+"/{component}", w.component),
		route("story.picture", picture, w.picture)}, nil
}

func (w *web) index(rw http.ResponseWriter, r *http.Request) {
	f := page.FrameOf(r, page.Plain)
	t := w.set.In(f.Lang)
	f.Title = t.T("story.title")
	v := indexView{Frame: f, Headline: f.Title}
	for _, c := range w.all {
		v.Links = append(v.Links, indexLink{Path + "/" + c.Name, c.Title.Pick(f.Lang), c.Type})
	}
	if err := w.set.Render(rw, r, http.StatusOK, "story-index", v); err != nil {
		gate.Fail(rw, r, err)
	}
}

func (w *web) component(rw http.ResponseWriter, r *http.Request) {
	f := page.FrameOf(r, page.Plain)
	t := w.set.In(f.Lang)
	for _, c := range w.all {
		if c.Name != r.PathValue("component") {
			continue
		}
		v := w.view(f, t, c)
		if err := w.set.Render(rw, r, http.StatusOK, "story", v); err != nil {
			gate.Fail(rw, r, err)
		}
		return
	}
	gate.Fail(rw, r, fault.New(fault.NotFound, "gate.not_found"))
}

// picture is the one drawing of all prepared goods.
func (w *web) picture(rw http.ResponseWriter, _ *http.Request) {
	rw.Header().Set("Content-Type", "image/svg+xml")
	rw.Header().Set("Cache-Control", "public, max-age=3600")
	_, _ = rw.Write(drawing) // a reader who has gone away is no error of ours
}

// view shows a component in the frame of a desk, whose side leads to the others.
func (w *web) view(f page.Frame, t page.Tongue, c Component) storyView {
	f.Title = c.Title.Pick(f.Lang)
	f.Way = []page.Crumb{{Href: Path, Text: t.T("story.title")}, {Text: f.Title}}
	for _, other := range w.all {
		f.Nav = append(f.Nav, page.Link{Href: Path + "/" + other.Name, Text: other.Title.Pick(f.Lang),
			Current: other.Name == c.Name})
	}
	v := storyView{Frame: f, Headline: f.Title, Template: c.Template, Type: c.Type, States: c.Make(t)}
	for _, s := range v.States {
		if s.Toast != nil {
			v.Toast = *s.Toast
		}
	}
	return v
}

// pick is a prepared sentence in the language of t.
func pick(t page.Tongue, zh, en string) string { return text.Entry{Zh: zh, En: en}.Pick(t.Lang) }
