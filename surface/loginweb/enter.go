package loginweb

import (
	"net/http"
	"net/url"

	"hutong/base/fault"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// loginView serves /login: the door for everybody.
type loginView struct {
	page.Frame
	Next, Wrong string
	Again       bool   // by somebody who is logged in and proves anew who they are
	Home        string // where one who is logged in already may go on; "" for all others
	Tabs        page.Tabs
	ByCode      bool
	NoCodes     bool
	Fields      []page.Field
	Passkey     passkeyView
	SSO         string // where single sign-on begins, "" without one
	Register    string
}

// passkeyView serves the button that the script makes work.
type passkeyView struct {
	Host   string // where passkeys are good; "": none are
	Script string
}

func (w *web) login(rw http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return w.showLogin(rw, r, door{next: q.Get("next"), password: q.Get("way") == "password",
		again: q.Get("again") != ""})
}

// door is what the page of logging in is asked to show.
type door struct {
	next     string
	password bool  // by password, although codes are sent
	again    bool  // by somebody who is logged in and proves anew who they are
	refused  error // what the form was refused with
}

func (d door) query(way string) string {
	q := url.Values{}
	if next := page.Back(d.next, ""); next != "" {
		q.Set("next", next)
	}
	if way != "" {
		q.Set("way", way)
	}
	if d.again {
		q.Set("again", "1")
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

func (w *web) showLogin(rw http.ResponseWriter, r *http.Request, d door) error {
	f := page.FrameOf(r, page.Plain)
	t := w.set.In(f.Lang)
	offered, err := w.Logins.Offered(r.Context())
	if err != nil {
		return err
	}
	v := loginView{Frame: f, Next: page.Back(d.next, ""), ByCode: offered.Codes && !d.password, NoCodes: !offered.Codes,
		Passkey: passkeyView{offered.Passkeys, w.script.url}, Register: "/register" + d.query("")}
	v.Title, v.Here = t.T("loginweb.title"), "/login"+d.query("")
	v.Notice = t.TakeFlash(rw, r)
	if d.password {
		v.Here = "/login" + d.query("password")
	}
	who := gate.Who(r.Context())
	if d.again = d.again && who.Person(); d.again {
		v.Again = true
	} else if who.Login != "" {
		v.Home = onward(d.next, who.Role)
	}
	if offered.SSO {
		v.SSO = "/login/sso/start" + d.query("")
	}
	if offered.Codes {
		v.Tabs = page.Tabs{Label: t.T("loginweb.ways"), Links: []page.Link{
			{Href: "/login" + d.query(""), Text: t.T("loginweb.by_code"), Current: v.ByCode},
			{Href: "/login" + d.query("password"), Text: t.T("loginweb.by_password"), Current: !v.ByCode}}}
	}
	faults := t.FaultsOf(d.refused, "address", "password")
	v.Wrong, v.Fields = faults.General, loginFields(t, r, faults)
	if v.ByCode {
		v.Fields = []page.Field{addressField(t, r, faults)}
	}
	return w.set.Render(rw, r, statusOf(rw, d.refused), "login", v)
}

func loginFields(t page.Tongue, r *http.Request, faults page.Faults) []page.Field {
	return []page.Field{
		{ID: "name", Name: "name", Kind: "text", Label: t.T("loginweb.login_name"), Required: true, Auto: "username",
			Length: addressMax, Value: r.PostFormValue("name")},
		{ID: "password", Name: "password", Kind: "password", Label: t.T("loginweb.password"), Required: true,
			Auto: "current-password", Length: login.PasswordMax, Error: faults.At("password")},
	}
}

// addressMax is the longest e-mail address that there is.
const addressMax = 254

func addressField(t page.Tongue, r *http.Request, faults page.Faults) page.Field {
	return page.Field{ID: "address", Name: "address", Kind: "text", Label: t.T("loginweb.address"), Required: true,
		Auto: "username", Mode: "email", Length: addressMax, Hint: t.T("loginweb.address_hint"),
		Value: r.PostFormValue("address"), Error: faults.At("address")}
}

// enter logs somebody in by name and password, with a fresh session; what a guest had comes along.
func (w *web) enter(rw http.ResponseWriter, r *http.Request) error {
	err := w.open(rw, r)
	if err != nil && shown(err) {
		return w.showLogin(rw, r, door{next: r.PostFormValue("next"), password: true, refused: err,
			again: r.PostFormValue("again") != ""})
	}
	return err
}

// open opens a session for the name and password of a form and leads on.
func (w *web) open(rw http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	had, err := w.hadBy(ctx)
	if err != nil {
		return err
	}
	token, who, err := w.Logins.Enter(ctx, login.Enter{Name: r.PostFormValue("name"),
		Password: login.Password(r.PostFormValue("password")), Lang: gate.Lang(ctx), Guest: gate.Token(ctx)})
	if err != nil {
		return err
	}
	if err := w.arrive(rw, r, arrival{token, who, had}); err != nil {
		return err
	}
	return page.See(rw, r, onward(r.PostFormValue("next"), who.Role))
}

// leave ends the session. An operator who looked on at somebody's place logs in again as themselves.
func (w *web) leave(rw http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := w.Logins.Logout(ctx, gate.Token(ctx)); err != nil {
		return err
	}
	gate.EndSession(rw, r)
	if gate.Who(ctx).ReadOnly() {
		page.Flash(rw, "good", "loginweb.helped")
		return page.See(rw, r, "/login?"+url.Values{"next": {"/operator"}, "way": {"password"}}.Encode())
	}
	return page.See(rw, r, "/")
}

// register asks for the name and password of a new account.
func (w *web) register(rw http.ResponseWriter, r *http.Request) error {
	return w.showRegister(rw, r, door{next: r.URL.Query().Get("next")})
}

// registerView serves opening an account by name and password.
type registerView struct {
	page.Frame
	Next, Wrong string
	Fields      []page.Field
	Login       string
}

func (w *web) showRegister(rw http.ResponseWriter, r *http.Request, d door) error {
	f := page.FrameOf(r, page.Plain)
	t := w.set.In(f.Lang)
	v := registerView{Frame: f, Next: page.Back(d.next, ""), Login: "/login" + d.query("")}
	v.Title, v.Here = t.T("loginweb.register"), "/register"+d.query("")
	faults := t.FaultsOf(d.refused, "name", "password")
	if fault.Is(d.refused, "login.name_taken") {
		faults = page.Faults{Fields: map[string]string{"name": t.Fault(d.refused)}}
	}
	v.Wrong = faults.General
	v.Fields = newNameFields(t, r, faults)
	return w.set.Render(rw, r, statusOf(rw, d.refused), "register", v)
}

// newNameFields ask for a name and a password that somebody chooses.
func newNameFields(t page.Tongue, r *http.Request, faults page.Faults) []page.Field {
	return []page.Field{
		{ID: "name", Name: "name", Kind: "text", Label: t.T("loginweb.register_name"), Required: true, Auto: "username",
			Hint:   t.T("loginweb.register_hint", "min", login.NameMin, "max", login.NameMax),
			Length: login.NameMax, Value: r.PostFormValue("name"), Error: faults.At("name")},
		{ID: "password", Name: "password", Kind: "password", Label: t.T("loginweb.password"), Required: true,
			Auto: "new-password", Length: login.PasswordMax, Error: faults.At("password"),
			Hint: t.T("loginweb.password_hint", "min", login.PasswordMin)},
	}
}

// enrol opens a shopper's account; a guest keeps the cart, the addresses and the orders.
func (w *web) enrol(rw http.ResponseWriter, r *http.Request) error {
	cmd := login.Register{Role: login.Shopper, Name: r.PostFormValue("name"),
		Password: login.Password(r.PostFormValue("password"))}
	if who := gate.Who(r.Context()); who.Login == "" {
		cmd.Shopper = who.Shopper
	}
	_, err := w.Logins.Register(r.Context(), cmd)
	if err == nil {
		err = w.open(rw, r)
	}
	if err != nil && shown(err) {
		return w.showRegister(rw, r, door{next: r.PostFormValue("next"), refused: err})
	}
	return err
}
