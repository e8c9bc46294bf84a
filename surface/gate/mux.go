package gate

import (
	"context"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"hutong/base/fault"
	"hutong/base/text"
	"hutong/party/login"
)

// Sessions tells who a token stands for; party/login does.
type Sessions interface {
	Resolve(ctx context.Context, token string) (login.Principal, error)
}

// IDs makes ids; a node's id.Maker.
type IDs interface{ New(prefix string) string }

// Options are what a Mux is made with.
type Options struct {
	Sessions Sessions
	IDs      IDs
	Texts    text.Bundle
	Log      *slog.Logger
	// Fault answers a refused request for a page; nil answers as for a program.
	Fault func(w http.ResponseWriter, r *http.Request, err error)
	// LoginPath is the page where people log in; default "/login".
	LoginPath string
	// Proxies are the networks whose X-Forwarded-For and X-Forwarded-Proto are believed; none by default.
	Proxies []netip.Prefix
	// Origins are further origins whose pages may send forms here, such as "https://shop.example"; none by default.
	Origins []string
	BodyMax int64  // default limit of a body in bytes; default 1 MiB
	CSP     string // default Content-Security-Policy: everything from here, nothing inline, in nobody's frame
	HTTPS   bool   // the public address is https although requests arrive in the clear
	// Denied is told of staff who tried a route that their role may not take, and of helpers who tried to change
	// something; nil: nobody is.
	Denied func(ctx context.Context, route string)
}

const (
	bodyMax    = 1 << 20
	defaultCSP = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; " +
		"form-action 'self'; frame-ancestors 'none'"
	apiPrefix = "/api/"
)

// Mux is the gate in front of the market's handlers: an http.Handler.
type Mux struct {
	options Options
	routes  []Route
	mux     *http.ServeMux
	origins *http.CrossOriginProtection
	headers []header
	run     string // what this process's request ids begin with
	counter atomic.Uint64
}

// header is set on every answer. The value is shared by all of them and never changed.
type header struct {
	name  string
	value []string
}

// NewMux makes an empty gate: until routes are added, everything is not found.
func NewMux(o Options) (*Mux, error) {
	if o.Sessions == nil || o.IDs == nil {
		return nil, fmt.Errorf("gate: no sessions or no ids")
	}
	if o.LoginPath == "" {
		o.LoginPath = "/login"
	}
	if o.BodyMax == 0 {
		o.BodyMax = bodyMax
	}
	if o.CSP == "" {
		o.CSP = defaultCSP
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	m := &Mux{options: o, mux: http.NewServeMux(), origins: http.NewCrossOriginProtection(), run: o.IDs.New("req")}
	for _, origin := range o.Origins {
		if err := m.origins.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("gate: %w", err)
		}
	}
	m.headers = []header{
		{"Content-Security-Policy", []string{o.CSP}},
		{"X-Content-Type-Options", []string{"nosniff"}},
		{"X-Frame-Options", []string{"DENY"}},
		{"Referrer-Policy", []string{"same-origin"}},
		{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
	}
	m.mux.Handle("/", http.HandlerFunc(m.unknown))
	return m, nil
}

// hsts tells browsers to come back by https only.
var hsts = []string{"max-age=31536000"}

// ServeHTTP names the request, guards it, and passes it to its route.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{Context: r.Context(), ResponseWriter: w, mux: m, addr: m.network(r), https: m.secure(r), agent: agent(r)}
	c.id[0] = m.name(r)
	h := w.Header()
	for _, fixed := range m.headers {
		h[fixed.name] = fixed.value
	}
	h["X-Request-Id"] = c.id[:]
	if c.https {
		h["Strict-Transport-Security"] = hsts
	}
	r = r.WithContext(c)
	defer c.recover(r)
	m.mux.ServeHTTP(c, r)
}

// recover answers a request whose handler panicked; an answer that has begun is cut off, so that nobody takes half of
// it for the whole.
func (c *call) recover(r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler { // a handler's own wish to cut the connection
		panic(p)
	}
	c.mux.options.Log.Error("a handler panicked", slog.String("request_id", c.id[0]), slog.String("route", c.route()),
		slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
	if c.status != 0 {
		panic(http.ErrAbortHandler)
	}
	Fail(c, r, fault.New(fault.Internal, "internal.error"))
}

// name takes over a request's own id if it is harmless in logs and headers, and makes one otherwise.
func (m *Mux) name(r *http.Request) string {
	if given := r.Header["X-Request-Id"]; len(given) == 1 && sane(given[0]) {
		return given[0]
	}
	var b [64]byte
	out := append(b[:0], m.run...)
	out = append(out, '-')
	return string(strconv.AppendUint(out, m.counter.Add(1), 36))
}

func sane(id string) bool {
	if len(id) < 8 || len(id) > 64 {
		return false
	}
	for _, c := range []byte(id) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// unknown answers what no route takes: with the methods that the path knows, if it knows any.
func (m *Mux) unknown(w http.ResponseWriter, r *http.Request) {
	c := callOf(r.Context())
	c.asPage = !strings.HasPrefix(r.URL.Path, apiPrefix)
	if allowed := m.allowed(r); len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		c.answer(r, http.StatusMethodNotAllowed, fault.New(fault.Invalid, "gate.method", fault.P("method", r.Method)))
		return
	}
	Fail(w, r, fault.New(fault.NotFound, "gate.not_found"))
}

func (m *Mux) allowed(r *http.Request) (allowed []string) {
	probe := *r
	for _, method := range methods {
		probe.Method = method
		h, _ := m.mux.Handler(&probe)
		// Only what everybody may know exists is told.
		if d, ok := h.(*door); ok && slices.Contains(d.route.Roles, login.Anonymous) {
			allowed = append(allowed, method)
		}
	}
	return allowed
}

func agent(r *http.Request) string {
	if given := r.Header["User-Agent"]; len(given) == 1 {
		return given[0]
	}
	return ""
}

// door stands before one route's handler.
type door struct {
	mux   *Mux
	route Route
	needs login.Permissions // what staff must hold; 0 for a route that asks for nothing
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := callOf(r.Context())
	c.at, c.asPage = d, d.route.Page
	err := d.admit(c, r)
	if wrong := legible(r); wrong != nil { // whoever is calling: nobody is sent to log in for it
		Fail(w, r, wrong)
		return
	}
	if err != nil {
		if to := d.loginPage(c, r, err); to != "" {
			http.Redirect(w, r, to, http.StatusSeeOther)
			return
		}
		Fail(w, r, err)
		return
	}
	c.setLang(r)
	if err := d.readable(r); err != nil {
		Fail(w, r, err)
		return
	}
	d.route.Handler.ServeHTTP(w, r)
}

// admit decides whether the request may go on, and notes who is calling.
func (d *door) admit(c *call, r *http.Request) error {
	most := d.most(r)
	if r.ContentLength > most {
		return fault.New(fault.Invalid, "gate.body", fault.P("max", most))
	}
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = http.MaxBytesReader(c.ResponseWriter, r.Body, most)
	}
	bearer, err := c.resolve(r)
	if err != nil {
		return err
	}
	if unsafe(r) {
		// A bearer token is nothing that a browser sends by itself; a cookie, and a form that logs in, are.
		if err := d.mux.origins.Check(r); err != nil && !bearer {
			return fault.New(fault.Forbidden, "gate.origin").Because(err)
		}
		if err := d.bodyType(r); err != nil {
			return err
		}
	}
	if slices.Contains(d.route.Roles, c.who.Role) {
		return d.permit(c, r)
	}
	if c.who.Role == login.Anonymous {
		return fault.New(fault.Unauthenticated, "login.session")
	}
	return fault.New(fault.NotFound, "gate.not_found")
}

// permit decides whether somebody of the route's roles may take it: staff and programs need the route's permission
// (FAULTS A6), and whoever looks on at somebody else's place changes nothing.
func (d *door) permit(c *call, r *http.Request) error {
	if c.who.ReadOnly() && unsafe(r) && !d.route.Leaves {
		return d.deny(c, fault.New(fault.Forbidden, "gate.read_only"))
	}
	staff := c.who.Role == login.Merchant || c.who.Role == login.Operator
	if staff && !d.needs.Within(c.who.May) {
		return d.deny(c, fault.New(fault.Forbidden, "gate.permission"))
	}
	return nil
}

// deny tells whoever keeps the record that somebody with a login tried what they may not.
func (d *door) deny(c *call, err error) error {
	if d.mux.options.Denied != nil {
		d.mux.options.Denied(c, d.route.Name)
	}
	return err
}

// unsafe tells whether a request may change something.
func unsafe(r *http.Request) bool { return r.Method != http.MethodGet && r.Method != http.MethodHead }

// bodyType holds a body to the route's media type: a form of another site cannot send JSON.
func (d *door) bodyType(r *http.Request) error {
	if d.route.Takes == "" || r.ContentLength == 0 {
		return nil
	}
	if got, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || got != d.route.Takes {
		return fault.New(fault.Invalid, "gate.media_type", fault.P("type", d.route.Takes)).At("Content-Type")
	}
	return nil
}

// loginPage is where a refused person is sent: whoever is not logged in by name may yet turn out to be somebody who
// may. Programs are told instead.
func (d *door) loginPage(c *call, r *http.Request, err error) string {
	refused := fault.Is(err, "login.session") || fault.Is(err, "gate.not_found")
	if !d.route.Page || c.who.Login != "" || !refused {
		return ""
	}
	to := d.mux.options.LoginPath
	if r.Method == http.MethodGet {
		to += "?next=" + url.QueryEscape(r.URL.RequestURI())
	}
	return to
}

// secure tells whether the caller came by https.
func (m *Mux) secure(r *http.Request) bool {
	if m.options.HTTPS || r.TLS != nil {
		return true
	}
	return len(m.options.Proxies) > 0 && m.proxied(r) && r.Header.Get("X-Forwarded-Proto") == "https"
}
