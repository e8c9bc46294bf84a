package loginweb

import (
	"net/http"
	"net/url"

	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// kept is what the browser keeps between asking for a code and typing it.
type kept struct {
	ticket  string
	address string // as it was typed
	next    string
	shown   string // the code itself, in a demo
}

const (
	keptCookie = "code"
	keptFor    = 10 * 60 // seconds, as long as a code is good
	keptMax    = 3000
)

// keep gives it to the browser. The cookie is of no use to anybody without the code.
func keep(rw http.ResponseWriter, r *http.Request, k kept) {
	v := url.Values{"ticket": {k.ticket}, "address": {k.address}, "next": {k.next}, "shown": {k.shown}}
	gate.SetCookie(rw, r, gate.Cookie{Name: keptCookie, Value: url.QueryEscape(v.Encode()), Path: "/", Age: keptFor})
}

func dropKept(rw http.ResponseWriter, r *http.Request) {
	gate.SetCookie(rw, r, gate.Cookie{Name: keptCookie, Path: "/", Age: -1})
}

// keptOf is what the browser brings back; ok is false when it brings nothing.
func keptOf(r *http.Request) (k kept, ok bool) {
	c, err := r.Cookie(keptCookie)
	if err != nil || len(c.Value) > keptMax {
		return kept{}, false
	}
	plain, err := url.QueryUnescape(c.Value)
	if err != nil {
		return kept{}, false
	}
	v, err := url.ParseQuery(plain)
	if err != nil || v.Get("ticket") == "" {
		return kept{}, false
	}
	return kept{v.Get("ticket"), v.Get("address"), v.Get("next"), v.Get("shown")}, true
}

// ask sends a one-time code. Whether the address is known changes nothing in the answer (FAULTS A22).
func (w *web) ask(rw http.ResponseWriter, r *http.Request) error {
	k := kept{address: r.PostFormValue("address"), next: page.Back(r.PostFormValue("next"), "")}
	var err error
	k.ticket, k.shown, err = w.askCode(r.Context(), login.AskCode{Address: k.address, Lang: gate.Lang(r.Context())})
	if err != nil && shown(err) {
		return w.showLogin(rw, r, door{next: k.next, refused: err, again: r.PostFormValue("again") != ""})
	}
	if err != nil {
		return err
	}
	keep(rw, r, k)
	return page.See(rw, r, "/login/code")
}

// codeView serves the page that asks for the code.
type codeView struct {
	page.Frame
	Sent, Wrong string
	Demo        string // the code, in a demo
	Action      string
	Fields      []page.Field
	Address     string
	Next        string
	Again       string // where another code is asked for
	Other       string // where another address is
}

// code asks for the code that was sent.
func (w *web) code(rw http.ResponseWriter, r *http.Request) error { return w.showCode(rw, r, nil) }

func (w *web) showCode(rw http.ResponseWriter, r *http.Request, refused error) error {
	k, ok := keptOf(r)
	if !ok {
		page.Flash(rw, "plain", "loginweb.code_none")
		return page.See(rw, r, "/login")
	}
	v := w.codeView(r, k, refused)
	v.Action, v.Again, v.Other = "/login/code/enter", "/login/code", "/login"+door{next: k.next}.query("")
	v.Here = "/login/code"
	return w.set.Render(rw, r, statusOf(rw, refused), "code", v)
}

func (w *web) codeView(r *http.Request, k kept, refused error) codeView {
	f := page.FrameOf(r, page.Plain)
	t := w.set.In(f.Lang)
	faults := t.FaultsOf(refused, "code")
	v := codeView{Frame: f, Wrong: faults.General, Address: k.address, Next: k.next,
		Sent: t.T("loginweb.code_sent", "address", k.address, "minutes", int64(keptFor/60))}
	v.Title, v.Demo = t.T("loginweb.code_title"), k.shown
	if v.Demo != "" {
		v.Sent = t.T("loginweb.code_for", "address", k.address, "minutes", int64(keptFor/60))
	}
	v.Fields = []page.Field{{ID: "code", Name: "code", Kind: "text", Label: t.T("loginweb.code"), Required: true,
		Auto: "one-time-code", Mode: "numeric", Length: codeMax, Error: faults.At("code")}}
	return v
}

// codeMax is how much may be typed as a code: with spaces, as some telephones paste it.
const codeMax = 16

// use takes the code and logs in; an address that is not known opens an account.
func (w *web) use(rw http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	k, _ := keptOf(r)
	before, err := w.hadBy(ctx)
	if err != nil {
		return err
	}
	token, who, err := w.Logins.UseCode(ctx, login.UseCode{Ticket: k.ticket, Code: r.PostFormValue("code"),
		Lang: gate.Lang(ctx), Guest: gate.Token(ctx)})
	if err != nil && shown(err) {
		return w.showCode(rw, r, err)
	}
	if err != nil {
		return err
	}
	if err := w.arrive(rw, r, arrival{token, who, before}); err != nil {
		return err
	}
	return page.See(rw, r, onward(k.next, who.Role))
}
