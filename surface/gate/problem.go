package gate

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
)

//go:embed text.json
var textJSON []byte

// Texts are the sentences of this room.
var Texts = text.MustParse(textJSON)

// problem is a refusal as RFC 9457 writes it.
type problem struct {
	Type      string         `json:"type"`
	Title     string         `json:"title"`
	Status    int            `json:"status"`
	Detail    string         `json:"detail"`
	Code      string         `json:"code"`
	Field     string         `json:"field,omitempty"`
	Params    map[string]any `json:"params,omitempty"`
	RequestID string         `json:"request_id,omitempty"`
}

// Verb makes a handler of a function that may refuse; what it returns is answered by Fail. It must not have written
// anything then.
func Verb(fn func(w http.ResponseWriter, r *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := fn(w, r); err != nil {
			Fail(w, r, err)
		}
	})
}

// With is a refusal that tells programs more: members of its problem, beside those of RFC 9457. On pages it is the
// refusal alone.
type With struct {
	Err     error
	Members map[string]any
}

// Error is that of the refusal.
func (w *With) Error() string { return w.Err.Error() }

// Unwrap is the refusal.
func (w *With) Unwrap() error { return w.Err }

// Fail answers a request that was refused: with a page where people read, with a problem where programs do.
func Fail(w http.ResponseWriter, r *http.Request, err error) {
	c := callOf(r.Context())
	if c.asPage && fault.Is(err, "login.proof_old") {
		http.Redirect(w, r, c.proofPage(r), http.StatusSeeOther)
		return
	}
	if c.asPage && c.mux.options.Fault != nil {
		f := refusal(err)
		c.note(r, f)
		c.lastWord(r)
		c.mux.options.Fault(w, r, f)
		return
	}
	Problem(w, r, err)
}

// proofPage is where somebody whose last proof is too old logs in again; it leads back to the page that they came from,
// where they do again what they wanted.
func (c *call) proofPage(r *http.Request) string {
	next := r.URL.Path
	if from, err := url.Parse(r.Referer()); err == nil && from.Host == r.Host && unsafe(r) {
		next = from.Path
	}
	for next != "/" && !c.mux.reads(r, next) {
		next = path.Dir(next)
	}
	return c.mux.options.LoginPath + "?" + url.Values{"again": {"1"}, "next": {next}}.Encode()
}

// reads tells whether a path is one of a page, not only of a form.
func (m *Mux) reads(r *http.Request, at string) bool {
	h, _ := m.mux.Handler(&http.Request{Method: http.MethodGet, Host: r.Host, URL: &url.URL{Path: at}})
	d, ok := h.(*door)
	return ok && d.route.Page
}

// Problem answers with the refusal in err as application/problem+json, in the caller's language. The cause goes to
// the log under the request id, never to the caller.
func Problem(w http.ResponseWriter, r *http.Request, err error) {
	c := callOf(r.Context())
	f := refusal(err)
	c.note(r, f)
	c.lastWord(r)
	var more *With
	if errors.As(err, &more) {
		c.members = more.Members
	}
	c.problem(w, statusOf(f), f)
}

// refusal is fault.As, for which a body that was cut off at its limit is one like any other.
func refusal(err error) *fault.Error {
	var cut *http.MaxBytesError
	if errors.As(err, &cut) {
		return fault.New(fault.Invalid, "gate.body", fault.P("max", cut.Limit)).Because(err)
	}
	return fault.As(err)
}

// answer is Problem with a status of its own.
func (c *call) answer(r *http.Request, status int, f *fault.Error) {
	c.lastWord(r)
	if c.asPage && c.mux.options.Fault != nil {
		c.mux.options.Fault(c, r, f)
		return
	}
	c.problem(c, status, f)
}

// lastWord makes sure that a refusal from before the language was found has one.
func (c *call) lastWord(r *http.Request) {
	if c.lang == "" {
		c.setLang(r)
	}
}

func statusOf(f *fault.Error) int {
	switch f.Code {
	case "gate.media_type":
		return http.StatusUnsupportedMediaType
	case "gate.body":
		return http.StatusRequestEntityTooLarge
	}
	return f.Kind.Status()
}

func (c *call) problem(w http.ResponseWriter, status int, f *fault.Error) {
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Language", string(c.lang))
	h.Set("Cache-Control", "no-store")
	switch status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="hutong"`)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		h.Set("Retry-After", "1")
	}
	if f.RetryAfter > 0 {
		h.Set("Retry-After", strconv.FormatInt(int64((f.RetryAfter+time.Second-1)/time.Second), 10))
	}
	p := problem{
		Type: "urn:hutong:problem:" + f.Code, Title: title(f.Kind), Status: status, Detail: c.sentence(f),
		Code: f.Code, Field: f.Field, Params: params(c.lang, f), RequestID: c.id[0],
	}
	body, err := json.Marshal(p)
	if err == nil && len(c.members) > 0 {
		var more []byte
		more, err = json.Marshal(c.members)
		body = append(append(body[:len(body)-1], ','), more[1:]...)
	}
	if err != nil { // params and members are plain values, so this is a defect of ours
		panic(fmt.Sprintf("gate: problem %s: %v", f.Code, err))
	}
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil && c.mux != nil {
		c.mux.options.Log.Debug("the caller went away", slog.String("request_id", c.id[0]), slog.Any("err", err))
	}
}

func title(k fault.Kind) string { return strings.ReplaceAll(k.String(), "_", " ") }

// sentence is what happened, in the caller's language.
func (c *call) sentence(f *fault.Error) string {
	bundle := Texts
	if c.mux != nil && c.mux.options.Texts != nil {
		bundle = c.mux.options.Texts
	}
	pairs := make([]any, 0, 2*len(f.Params))
	for _, p := range f.Params {
		pairs = append(pairs, p.Name, p.Value)
	}
	return bundle.Text(c.lang, f.Code, pairs...)
}

// params are the refusal's values for programs: numbers and truth values as such, all else as text, a name in the
// caller's language.
func params(l text.Lang, f *fault.Error) map[string]any {
	if len(f.Params) == 0 {
		return nil
	}
	all := make(map[string]any, len(f.Params))
	for _, p := range f.Params {
		switch v := p.Value.(type) {
		case int, int64, int32, uint32, bool, string:
			all[p.Name] = v
		case money.Money:
			all[p.Name] = v.Decimal() + " " + string(v.Currency)
		case text.Entry:
			all[p.Name] = v.Pick(l)
		default:
			all[p.Name] = fmt.Sprint(v)
		}
	}
	return all
}

// note logs a refusal under the request's id: what the operator must see as an error, the rest for whoever looks. The
// query is left out, because people type personal things into searches.
func (c *call) note(r *http.Request, f *fault.Error) {
	if c.mux == nil {
		return
	}
	level := slog.LevelDebug
	switch f.Kind {
	case fault.Internal:
		level = slog.LevelError
	case fault.Unavailable, fault.Refused:
		level = slog.LevelWarn
	}
	if r.Context().Err() != nil && level == slog.LevelWarn {
		level = slog.LevelDebug // the caller hung up: nobody's trouble
	}
	c.mux.options.Log.Log(r.Context(), level, "refused", slog.String("request_id", c.id[0]),
		slog.String("route", c.route()), slog.String("code", f.Code), slog.Any("err", f.Cause))
}
