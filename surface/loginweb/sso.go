package loginweb

import (
	"net/http"
	"net/url"

	"hutong/base/fault"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
)

const (
	ssoCookie = "sso"
	ssoPath   = "/login/sso"
	ssoFor    = 5 * 60 // seconds, as long as a sign-on may take
	ssoMax    = 3000
)

// setSSO keeps the ticket of a sign-on with the browser. It comes back from the issuer by a link, so Lax and no
// stricter.
func setSSO(rw http.ResponseWriter, r *http.Request, value string, age int) {
	gate.SetCookie(rw, r, gate.Cookie{Name: ssoCookie, Value: value, Path: ssoPath, Age: age})
}

// beginSSO sends the browser to the issuer. It is a link and not a form, whose answers may not lead to other sites.
// Whoever makes somebody else's browser follow it gains nothing: the ticket stays with that browser.
func (w *web) beginSSO(rw http.ResponseWriter, r *http.Request) error {
	next := page.Back(r.URL.Query().Get("next"), "")
	address, ticket, err := w.Logins.BeginSSO(r.Context())
	if err != nil && shown(err) {
		return w.showLogin(rw, r, door{next: next, password: true, refused: err})
	}
	if err != nil {
		return err
	}
	setSSO(rw, r, url.QueryEscape(url.Values{"ticket": {ticket}, "next": {next}}.Encode()), ssoFor)
	return page.See(rw, r, address)
}

// endSSO takes the browser back from the issuer and logs in whom it proves.
func (w *web) endSSO(rw http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	ticket, next := ssoOf(r)
	setSSO(rw, r, "", -1)
	var token string
	var who login.Principal
	var err error = fault.New(fault.Unauthenticated, "login.sso_refused") // cancelled there, or refused
	if q.Get("error") == "" {
		token, who, err = w.Logins.UseSSO(ctx, login.UseSSO{Ticket: ticket, State: q.Get("state"), Code: q.Get("code"),
			Lang: gate.Lang(ctx)})
	}
	if err != nil && shown(err) {
		return w.showLogin(rw, r, door{next: next, password: true, refused: err})
	}
	if err != nil {
		return err
	}
	if err := w.arrive(rw, r, arrival{token: token, who: who}); err != nil {
		return err
	}
	return page.See(rw, r, onward(next, who.Role))
}

// ssoOf is what the browser kept of the sign-on.
func ssoOf(r *http.Request) (ticket, next string) {
	c, err := r.Cookie(ssoCookie)
	if err != nil || len(c.Value) > ssoMax {
		return "", ""
	}
	plain, err := url.QueryUnescape(c.Value)
	if err != nil {
		return "", ""
	}
	v, err := url.ParseQuery(plain)
	if err != nil {
		return "", ""
	}
	return v.Get("ticket"), page.Back(v.Get("next"), "")
}
