// Package loginweb is the pages where people prove who they are: logging in, opening an account, and leaving.
//
// There is one page for everybody; after it each goes where their role begins. It decides nothing: party/login does,
// and a refusal of it is shown beside the field that it is about. Everything works without script.
// Read this file first, then enter.go.
package loginweb

import (
	"embed"
	"net/http"
	"time"

	"hutong/base/fault"
	"hutong/base/text"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/trade/cart"
)

//go:embed html/*.html
var files embed.FS

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)

// Deps are what the pages stand on.
type Deps struct {
	Pages      page.Config
	Logins     *login.Service
	Carts      *cart.Service
	SessionFor time.Duration // how long a session lasts; 0: login.Defaults
}

// web is the pages.
type web struct {
	Deps
	set *page.Set
}

// New makes the pages. An error is a defect of the build: a template that cannot be read.
func New(d Deps) ([]gate.Route, error) {
	set, err := page.NewSet(d.Pages, files)
	if err != nil {
		return nil, err
	}
	if d.SessionFor == 0 {
		d.SessionFor = login.Defaults.SessionFor
	}
	w := &web{Deps: d, set: set}
	return w.routes(), nil
}

// formMax bounds a form.
const formMax = 128 << 10

func row(name, method, path string, roles []login.Role, h func(http.ResponseWriter, *http.Request) error) gate.Route {
	return gate.Route{Name: "login." + name, Method: method, Path: path, Roles: roles, Page: true, BodyMax: formMax,
		Handler: gate.Verb(h)}
}

// leaves marks the route that ends the caller's session and does nothing else.
func leaves(r gate.Route) gate.Route {
	r.Leaves = true
	return r
}

func (w *web) routes() []gate.Route {
	get, post := http.MethodGet, http.MethodPost
	everyone := gate.Anyone()
	return []gate.Route{
		row("page", get, "/login", everyone, w.login),
		row("enter", post, "/login", everyone, w.enter),
		row("register", get, "/register", everyone, w.register),
		row("enrol", post, "/register", everyone, w.enrol),
		leaves(row("leave", post, "/logout", everyone, w.leave)),
	}
}

// loginView serves logging in and opening an account.
type loginView struct {
	page.Frame
	Headline, Action, Button, Next, Wrong string
	Fields                                []page.Field
	Other                                 page.Link
	OtherAction                           string
}

// see sends the browser on to read a page after a form was taken.
func see(rw http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(rw, r, to, http.StatusSeeOther)
	return nil
}

// own tells whether a refusal is one that a form shows, rather than a page of its own.
func own(err error) bool {
	switch fault.Of(err) {
	case fault.Internal, fault.NotFound, fault.Unauthenticated, fault.Forbidden:
		return false
	}
	return true
}
