// Package loginweb is the pages where people prove who they are: logging in by code, password, passkey or single
// sign-on, opening an account, taking up an invitation, leaving, and looking after one's own ways in.
//
// There is one page for everybody; after it each goes where their role begins. It decides nothing: party/login does,
// and a refusal of it is shown beside the field that it is about. Everything but passkeys works without script.
// Read this file first, then enter.go (the page and the password), code.go, passkey.go, sso.go, join.go, security.go.
package loginweb

import (
	"embed"
	"net/http"
	"strconv"
	"time"

	"hutong/base/fault"
	"hutong/base/text"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/trade/cart"
	"hutong/trade/order"
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
	Shops      *merchant.Service
	Carts      *cart.Service
	Orders     *order.Service
	SessionFor time.Duration // how long a session lasts; 0: login.Defaults
}

// web is the pages.
type web struct {
	Deps
	set    *page.Set
	script script
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
	w := &web{Deps: d, set: set, script: newScript()}
	return append(w.routes(), w.ownRoutes()...), nil
}

// formMax bounds a form.
const formMax = 128 << 10

type verb = func(http.ResponseWriter, *http.Request) error

func row(name, method, path string, h verb) gate.Route {
	return gate.Route{Name: "login." + name, Method: method, Path: path, Roles: gate.Anyone(), Page: true,
		BodyMax: formMax, Handler: gate.Verb(h)}
}

// talk is a route that the passkey script talks to.
func talk(name, path string, h verb) gate.Route {
	r := row(name, http.MethodPost, path, h)
	r.Page, r.Takes = false, "application/json"
	return r
}

func (w *web) routes() []gate.Route {
	get, post := http.MethodGet, http.MethodPost
	leave := row("leave", post, "/logout", w.leave)
	leave.Leaves = true
	return []gate.Route{
		row("page", get, "/login", w.login),
		row("enter", post, "/login", w.enter),
		row("ask", post, "/login/code", w.ask),
		row("code", get, "/login/code", w.code),
		row("use", post, "/login/code/enter", w.use),
		row("script", get, scriptPath, w.script.serve),
		talk("passkey.begin", "/login/passkey/begin", w.beginPasskey),
		talk("passkey.use", "/login/passkey", w.usePasskey),
		row("register", get, "/register", w.register),
		row("enrol", post, "/register", w.enrol),
		leave,
		row("sso.begin", get, ssoPath+"/start", w.beginSSO),
		row("sso.end", get, ssoPath, w.endSSO),
		row("join.find", get, joinPath, w.findJoin),
		row("join", get, joinPath+"/{token}", w.join),
		row("join.take", post, joinPath+"/{token}", w.takeUp),
	}
}

// own is a route about the caller's own login: for everybody who may have one.
func own(r gate.Route) gate.Route {
	r.Roles = []login.Role{login.Shopper, login.Merchant, login.Operator}
	return r
}

func (w *web) ownRoutes() []gate.Route {
	get, post, at := http.MethodGet, http.MethodPost, securityPath
	all := []gate.Route{
		row("security", get, at, w.security),
		row("password", post, at+"/password", w.setPassword),
		talk("passkeys.begin", at+"/passkeys/begin", w.beginAdding),
		talk("passkeys.add", at+"/passkeys", w.addPasskey),
		row("passkeys.rename", post, at+"/passkeys/rename", w.change("passkeys", "passkey_renamed", w.renamePasskey)),
		row("passkeys.drop", post, at+"/passkeys/drop", w.change("passkeys", "passkey_dropped", w.dropPasskey)),
		row("contacts.ask", post, at+"/contacts", w.askContact),
		row("contacts.code", get, at+"/contacts/code", w.contactCode),
		row("contacts.add", post, at+"/contacts/code", w.addContact),
		row("contacts.drop", post, at+"/contacts/drop", w.change("contacts", "contact_dropped", w.dropContact)),
		row("sessions.end", post, at+"/sessions", w.change("sessions", "session_ended", w.endSession)),
		row("sessions.others", post, at+"/sessions/others", w.change("sessions", "sessions_ended", w.endOthers)),
		row("help.let", post, at+"/help", w.letHelp),
		row("help.end", post, at+"/help/end", w.change("help", "help_ended", w.endHelp)),
	}
	for i := range all {
		all[i] = own(all[i])
	}
	desk, market := row("security.desk", get, "/desk/security", w.toSecurity),
		row("security.operator", get, "/operator/security", w.toSecurity)
	desk.Roles, desk.Needs = []login.Role{login.Merchant}, login.Self
	market.Roles, market.Needs = []login.Role{login.Operator}, login.Self
	return append(all, desk, market)
}

// toSecurity leads from a desk to the page that is one for all.
func (w *web) toSecurity(rw http.ResponseWriter, r *http.Request) error {
	return page.See(rw, r, securityPath)
}

// shown tells whether a refusal is one that a form shows, rather than a page of its own.
func shown(err error) bool {
	return fault.Of(err) != fault.Internal && !fault.Is(err, "login.proof_old")
}

// statusOf is the status of a form that is shown again with a refusal, if there is one.
func statusOf(rw http.ResponseWriter, refused error) int {
	if refused == nil {
		return http.StatusOK
	}
	f := fault.As(unoffered(refused))
	if f.RetryAfter > 0 {
		rw.Header().Set("Retry-After", strconv.FormatInt(int64((f.RetryAfter+time.Second-1)/time.Second), 10))
	}
	return f.Kind.Status()
}

// unoffered makes what this market does not offer something that is not here, rather than a defect of it.
func unoffered(err error) error {
	if f := fault.As(err); err != nil && f.Kind == fault.Unimplemented {
		return fault.New(fault.NotFound, f.Code).At(f.Field)
	}
	return err
}
