package gate

import (
	"net/http"
	"strings"
	"time"

	"hutong/base/fault"
	"hutong/base/text"
	"hutong/party/login"
)

// The cookies of the market.
const (
	SessionCookie = "hutong"
	LangCookie    = "lang"
)

const langFor = 365 * 24 * time.Hour

// tokenOf is the token of a request: of its Authorization header, which then must be one that we understand, or else
// of its cookie.
func tokenOf(r *http.Request) (token string, bearer bool, err error) {
	if given, there := r.Header["Authorization"]; there {
		scheme, token, ok := strings.Cut(given[0], " ")
		if len(given) != 1 || !ok || !strings.EqualFold(scheme, "Bearer") || token == "" {
			return "", true, fault.New(fault.Unauthenticated, "login.session")
		}
		return token, true, nil
	}
	token = cookie(r, SessionCookie)
	if strings.HasPrefix(token, login.KeyPrefix) { // programs send their key in the header; no browser holds one
		token = ""
	}
	return token, false, nil
}

// cookie is the first value of that name. Ours hold no quotes and need no decoding, which makes this cheaper than
// Request.Cookie on the path of every request.
func cookie(r *http.Request, name string) string {
	for _, line := range r.Header["Cookie"] {
		for len(line) > 0 {
			var pair string
			pair, line, _ = strings.Cut(line, ";")
			n, value, ok := strings.Cut(strings.TrimLeft(pair, " "), "=")
			if ok && n == name {
				return strings.TrimRight(value, " ")
			}
		}
	}
	return ""
}

// SetSession gives the browser the token of a fresh session, for as long as that lasts.
func SetSession(w http.ResponseWriter, r *http.Request, token string, lasts time.Duration) {
	setCookie(w, r, SessionCookie, token, lasts)
}

// EndSession takes the token away from the browser. The session itself is ended by login.Logout.
func EndSession(w http.ResponseWriter, r *http.Request) {
	setCookie(w, r, SessionCookie, "", -1)
}

// SetCookie gives the browser a value of a page's own for so many seconds, below a path; a negative age takes it away.
// Like the session, no script reads it, and one that came by https goes back by https alone.
func SetCookie(w http.ResponseWriter, r *http.Request, c Cookie) {
	http.SetCookie(w, &http.Cookie{Name: c.Name, Value: c.Value, Path: c.Path, MaxAge: c.Age, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: callOf(r.Context()).https})
}

// Cookie is what SetCookie sets.
type Cookie struct {
	Name, Value, Path string
	Age               int // seconds
}

func setCookie(w http.ResponseWriter, r *http.Request, name, value string, lasts time.Duration) {
	age := int(lasts / time.Second)
	if lasts < 0 {
		age = -1
	}
	SetCookie(w, r, Cookie{Name: name, Value: value, Path: "/", Age: age})
}

// deviceCookie names the cookie by which a browser is known again; it is set where somebody invites or is invited.
const deviceCookie = "device"

// Device is the token that SetDevice gave this browser, "" for none; whoever sent it may have made it up.
func Device(r *http.Request) string {
	c, err := r.Cookie(deviceCookie)
	if err != nil {
		return ""
	}
	return c.Value
}

// SetDevice gives the browser a token of its own, for as long as that lasts.
func SetDevice(w http.ResponseWriter, r *http.Request, token string, lasts time.Duration) {
	setCookie(w, r, deviceCookie, token, lasts)
}

// setLang finds the language to answer in: asked for in the address (kept in a cookie then), kept before, the
// browser's, the session's, Chinese.
func (c *call) setLang(r *http.Request) {
	if r.Method == http.MethodGet && strings.Contains(r.URL.RawQuery, "lang=") {
		if l := text.Parse(r.URL.Query().Get("lang"), ""); l != "" {
			setCookie(c, r, LangCookie, string(l), langFor)
			c.lang = l
			return
		}
	}
	fallback := c.who.Lang
	if fallback == "" {
		fallback = text.Zh
	}
	if kept := cookie(r, LangCookie); kept != "" {
		if l := text.Parse(kept, ""); l != "" {
			c.lang = l
			return
		}
	}
	c.lang = fallback
	if asked := r.Header["Accept-Language"]; len(asked) > 0 {
		c.lang = text.Parse(asked[0], fallback)
	}
}
