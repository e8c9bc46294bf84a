package loginweb

import (
	"net/http"

	"hutong/base/strict"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// change makes a form's handler of a verb about the caller's own login: a refusal is shown in its section, all else
// leads back there.
func (w *web) change(section, said string, do func(*http.Request, login.Principal) error) verb {
	return func(rw http.ResponseWriter, r *http.Request) error {
		who := gate.Who(r.Context())
		if who.Login == "" {
			return w.showSecurity(rw, r, refusal{}, nil) // which sends guests to log in
		}
		err := do(r, who)
		if err != nil && shown(err) {
			return w.showSecurity(rw, r, refusal{section, err}, nil)
		}
		if err != nil {
			return err
		}
		page.Flash(rw, "good", "loginweb."+said)
		return page.See(rw, r, securityPath+"#"+section)
	}
}

func (w *web) renamePasskey(r *http.Request, who login.Principal) error {
	return w.Logins.RenamePasskey(r.Context(), who, r.PostFormValue("passkey"), r.PostFormValue("name"))
}

func (w *web) dropPasskey(r *http.Request, who login.Principal) error {
	return w.Logins.DropPasskey(r.Context(), who, r.PostFormValue("passkey"))
}

func (w *web) dropContact(r *http.Request, who login.Principal) error {
	return w.Logins.DropContact(r.Context(), who, r.PostFormValue("address"))
}

func (w *web) endSession(r *http.Request, who login.Principal) error {
	return w.Logins.EndSession(r.Context(), who, r.PostFormValue("session"))
}

func (w *web) endOthers(r *http.Request, who login.Principal) error {
	_, err := w.Logins.EndOtherSessions(r.Context(), who, gate.Token(r.Context()))
	return err
}

func (w *web) endHelp(r *http.Request, who login.Principal) error {
	return w.Logins.EndConsent(r.Context(), who)
}

// setPassword gives the caller another password. All sessions end, and this browser has a new one (FAULTS A21).
func (w *web) setPassword(rw http.ResponseWriter, r *http.Request) error {
	var token string
	set := w.change("password", "password_changed", func(r *http.Request, who login.Principal) (err error) {
		token, _, err = w.Logins.ChangePassword(r.Context(), login.ChangePassword{Who: who, Token: gate.Token(r.Context()),
			Was: login.Password(r.PostFormValue("was")), New: login.Password(r.PostFormValue("password"))})
		if err == nil {
			gate.SetSession(rw, r, token, w.SessionFor)
		}
		return err
	})
	return set(rw, r)
}

// letHelp makes the code with which an operator may look on, and shows it once.
func (w *web) letHelp(rw http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	code, until, err := w.Logins.Consent(ctx, gate.Who(ctx))
	if err != nil && shown(err) {
		return w.showSecurity(rw, r, refusal{"help", err}, nil)
	}
	if err != nil {
		return err
	}
	return w.showSecurity(rw, r, refusal{}, &helpView{Code: code, Until: w.set.In(gate.Lang(ctx)).Clock(until)})
}

// beginAdding begins to add a passkey to the caller's login.
func (w *web) beginAdding(rw http.ResponseWriter, r *http.Request) error {
	c, err := w.Logins.BeginPasskey(r.Context(), gate.Who(r.Context()))
	if err != nil {
		return unoffered(err)
	}
	return say(rw, ceremony{c.Ticket, c.Options})
}

// addPasskey keeps what the authenticator made.
func (w *web) addPasskey(rw http.ResponseWriter, r *http.Request) error {
	var in answered
	if _, err := strict.Read(r.Body, &in); err != nil {
		return err
	}
	_, err := w.Logins.AddPasskey(r.Context(), login.AddPasskey{Who: gate.Who(r.Context()), Ticket: in.Ticket,
		Answer: in.Answer, Name: in.Name})
	if err != nil {
		return unoffered(err)
	}
	page.Flash(rw, "good", "loginweb.passkey_added")
	return say(rw, done{securityPath})
}

// askContact sends a code to an address that the caller wants to add.
func (w *web) askContact(rw http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who := gate.Who(ctx)
	if who.Login == "" || who.Role != login.Shopper {
		return w.showSecurity(rw, r, refusal{}, nil)
	}
	k := kept{address: r.PostFormValue("address")}
	var err error
	k.ticket, k.shown, err = w.askCode(ctx, login.AskCode{Address: k.address, Lang: gate.Lang(ctx), Add: who})
	if err != nil && shown(err) {
		return w.showSecurity(rw, r, refusal{"contacts", err}, nil)
	}
	if err != nil {
		return err
	}
	keep(rw, r, k)
	return page.See(rw, r, securityPath+"/contacts/code")
}

// contactCode asks for the code that was sent to a new address.
func (w *web) contactCode(rw http.ResponseWriter, r *http.Request) error {
	return w.showContactCode(rw, r, nil)
}

func (w *web) showContactCode(rw http.ResponseWriter, r *http.Request, refused error) error {
	k, ok := keptOf(r)
	if !ok || gate.Who(r.Context()).Login == "" {
		return page.See(rw, r, securityPath)
	}
	v := w.codeView(r, k, refused)
	v.Action, v.Here = securityPath+"/contacts/code", securityPath+"/contacts/code"
	v.Again, v.Other = securityPath+"/contacts", securityPath
	return w.set.Render(rw, r, statusOf(rw, refused), "code", v)
}

// addContact takes the code and adds the address.
func (w *web) addContact(rw http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	k, _ := keptOf(r)
	err := w.Logins.AddContact(ctx, login.UseCode{Ticket: k.ticket, Code: r.PostFormValue("code"), Add: gate.Who(ctx)})
	if err != nil && shown(err) {
		return w.showContactCode(rw, r, err)
	}
	if err != nil {
		return err
	}
	dropKept(rw, r)
	page.Flash(rw, "good", "loginweb.contact_added")
	return page.See(rw, r, securityPath+"#contacts")
}
