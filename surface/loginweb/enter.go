package loginweb

import (
	"net/http"
	"net/url"

	"hutong/base/fault"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// login asks for name and password.
func (w *web) login(rw http.ResponseWriter, r *http.Request) error {
	return w.showLogin(rw, r, r.URL.Query().Get("next"), nil)
}

func (w *web) showLogin(rw http.ResponseWriter, r *http.Request, next string, refused error) error {
	f := page.FrameOf(r, page.Plain)
	t := w.set.In(f.Lang)
	v := loginView{Frame: f, Headline: t.T("page.login"), Action: "/login", Button: t.T("page.login"),
		Other:       page.Link{Href: "/register?" + url.Values{"next": {next}}.Encode(), Text: t.T("loginweb.no_account")},
		OtherAction: t.T("loginweb.register")}
	return w.renderLogin(rw, r, v, next, refused)
}

// register asks for the name and password of a new account.
func (w *web) register(rw http.ResponseWriter, r *http.Request) error {
	return w.showRegister(rw, r, r.URL.Query().Get("next"), nil)
}

func (w *web) showRegister(rw http.ResponseWriter, r *http.Request, next string, refused error) error {
	f := page.FrameOf(r, page.Plain)
	t := w.set.In(f.Lang)
	v := loginView{Frame: f, Headline: t.T("loginweb.register"), Action: "/register", Button: t.T("loginweb.register"),
		Other:       page.Link{Href: "/login?" + url.Values{"next": {next}}.Encode(), Text: t.T("loginweb.have_account")},
		OtherAction: t.T("page.login")}
	return w.renderLogin(rw, r, v, next, refused)
}

func (w *web) renderLogin(rw http.ResponseWriter, r *http.Request, v loginView, next string, refused error) error {
	t := w.set.In(v.Lang)
	v.Title, v.Next = v.Headline, page.Back(next, "")
	v.Here = v.Action + "?" + url.Values{"next": {v.Next}}.Encode()
	faults := t.FaultsOf(refused, "name", "password")
	v.Wrong = faults.General
	auto, hint := "current-password", ""
	if v.Action == "/register" {
		auto, hint = "new-password", t.T("loginweb.password_hint")
	}
	v.Fields = []page.Field{
		{ID: "name", Name: "name", Kind: "text", Label: t.T("loginweb.login_name"), Required: true, Auto: "username",
			Length: login.NameMax, Value: r.PostFormValue("name"), Error: faults.At("name")},
		{ID: "password", Name: "password", Kind: "password", Label: t.T("loginweb.password"), Required: true, Auto: auto,
			Length: login.PasswordMax, Hint: hint, Error: faults.At("password")},
	}
	status := http.StatusOK
	if refused != nil {
		status = fault.Of(refused).Status()
	}
	return w.set.Render(rw, r, status, "login", v)
}

// enter logs somebody in, with a fresh session; what a guest had in the cart comes along.
func (w *web) enter(rw http.ResponseWriter, r *http.Request) error {
	next := r.PostFormValue("next")
	err := w.open(rw, r)
	if err != nil && (own(err) || fault.Is(err, "login.refused")) {
		return w.showLogin(rw, r, next, err)
	}
	return err
}

// open opens a session for the name and password of a form and leads on.
func (w *web) open(rw http.ResponseWriter, r *http.Request) error {
	ctx, was := r.Context(), gate.Who(r.Context())
	token, who, err := w.Logins.Login(ctx, r.PostFormValue("name"), login.Password(r.PostFormValue("password")),
		gate.Lang(ctx))
	if err != nil {
		return err
	}
	if was.Shopper != "" && was.Login == "" && who.Shopper != "" {
		if _, err := w.Carts.Merge(ctx, was.Shopper, who.Shopper); err != nil {
			return err
		}
	}
	gate.SetSession(rw, r, token, w.SessionFor)
	return see(rw, r, page.Back(r.PostFormValue("next"), deskOf(who.Role)))
}

// deskOf is where somebody of that role begins.
func deskOf(role login.Role) string {
	switch role {
	case login.Merchant:
		return "/desk"
	case login.Operator:
		return "/operator"
	}
	return "/"
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
	if err != nil && own(err) {
		return w.showRegister(rw, r, r.PostFormValue("next"), err)
	}
	return err
}

// leave ends the session.
func (w *web) leave(rw http.ResponseWriter, r *http.Request) error {
	if err := w.Logins.Logout(r.Context(), gate.Token(r.Context())); err != nil {
		return err
	}
	gate.EndSession(rw, r)
	return see(rw, r, "/")
}
