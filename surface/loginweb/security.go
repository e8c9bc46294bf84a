package loginweb

import (
	"context"
	"net/http"
	"net/url"

	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// securityView serves the page where everybody looks after their own ways in.
type securityView struct {
	page.Frame
	Who      string
	Looking  bool // an operator looks on: nothing can be done
	Passkeys passkeysView
	Password passwordView
	Contacts *contactsView // nil for staff, whose addresses are not for logging in
	Sessions *sessionsView
	Help     *helpView // nil for those who may not let anybody look on
}

type passkeysView struct {
	Host, Script string
	Rows         []passkeyRow
	Name         page.Field
	Wrong        string
}

type passkeyRow struct {
	Name, Made, Used string
	Synced           bool
	Rename, Drop     page.Dialog
}

type passwordView struct {
	Set    bool
	Wrong  string
	Fields []page.Field
}

type contactsView struct {
	Rows  []page.Dialog // one per address; the title is the address
	Wrong string
	Can   bool // codes are sent here
	Field page.Field
}

type sessionsView struct {
	Rows   []sessionRow
	Wrong  string
	Others bool // there are others than this one
}

type sessionRow struct {
	ID, Device, Network, Way, Opened, Seen string
	Current, Helper                        bool
}

type helpView struct {
	Wrong, Code, Until string
	Open               bool // somebody looks on just now
}

// refusal is what a form of the page was refused with, and which.
type refusal struct {
	section string
	err     error
}

// in is the refusal if it is that section's.
func (f refusal) in(section string) error {
	if f.section == section {
		return f.err
	}
	return nil
}

// security shows the page.
func (w *web) security(rw http.ResponseWriter, r *http.Request) error {
	return w.showSecurity(rw, r, refusal{}, nil)
}

// areaOf is whose frame somebody's pages have.
func areaOf(role login.Role) page.Area {
	switch role {
	case login.Merchant:
		return page.Desk
	case login.Operator:
		return page.Operator
	}
	return page.Shop
}

// securityFrame is the frame of the page, with the way back to where the role begins.
func (w *web) securityFrame(r *http.Request, title string) (page.Frame, error) {
	who := gate.Who(r.Context())
	f := page.FrameOf(r, areaOf(who.Role))
	t := w.set.In(f.Lang)
	f.Title, f.Here = t.T(title), securityPath
	back := page.Crumb{Href: onward("", who.Role), Text: t.T("page.desk")}
	switch who.Role {
	case login.Operator:
		back.Text = t.T("page.operator")
	case login.Shopper:
		back = page.Crumb{Href: or(w.Pages.Account, "/"), Text: t.T("page.account")}
		lines, err := w.Carts.Lines(r.Context(), who.Shopper)
		if err != nil {
			return f, err
		}
		f.Me.Cart = len(lines)
	}
	f.Way = []page.Crumb{back, {Text: t.T("loginweb.security")}}
	return f, nil
}

func or(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}

func (w *web) showSecurity(rw http.ResponseWriter, r *http.Request, refused refusal, help *helpView) error {
	who := gate.Who(r.Context())
	if who.Login == "" {
		return page.See(rw, r, "/login?"+url.Values{"next": {securityPath}}.Encode())
	}
	f, err := w.securityFrame(r, "loginweb.security")
	if err != nil {
		return err
	}
	v := securityView{Frame: f, Looking: who.ReadOnly()}
	v.Notice = w.set.In(f.Lang).TakeFlash(rw, r)
	s := sheets{w, r, who, w.set.In(f.Lang), refused}
	for _, fill := range []func(context.Context, *securityView) error{s.password, s.passkeys, s.contacts, s.sessions} {
		if err := fill(r.Context(), &v); err != nil {
			return err
		}
	}
	if v.Help = help; help == nil {
		v.Help = s.help(v.Sessions)
	}
	return w.set.Render(rw, r, statusOf(rw, refused.err), "security", v)
}

// sheets fill the page's sections.
type sheets struct {
	*web
	r       *http.Request
	who     login.Principal
	t       page.Tongue
	refused refusal
}

func (s sheets) password(ctx context.Context, v *securityView) error {
	ways, err := s.Logins.Ways(ctx, s.who)
	if err != nil {
		return err
	}
	v.Who = ways.Name
	faults := s.t.FaultsOf(s.refused.in("password"), "was", "password")
	v.Password = passwordView{Set: ways.Password, Wrong: faults.General}
	if ways.Password {
		v.Password.Fields = []page.Field{{ID: "was", Name: "was", Kind: "password", Required: true,
			Label: s.t.T("loginweb.password_was"), Auto: "current-password", Length: login.PasswordMax,
			Error: faults.At("was")}}
	}
	v.Password.Fields = append(v.Password.Fields, page.Field{ID: "new-password", Name: "password", Kind: "password",
		Required: true, Label: s.t.T("loginweb.password_new"), Auto: "new-password", Length: login.PasswordMax,
		Hint: s.t.T("loginweb.password_hint", "min", login.PasswordMin), Error: faults.At("password")})
	return nil
}

func (s sheets) passkeys(ctx context.Context, v *securityView) error {
	offered, err := s.Logins.Offered(ctx)
	if err != nil {
		return err
	}
	all, err := s.Logins.Passkeys(ctx, s.who)
	if err != nil {
		return err
	}
	faults := s.t.FaultsOf(s.refused.in("passkeys"), "name")
	p := passkeysView{Host: offered.Passkeys, Script: s.script.url, Wrong: faults.General}
	p.Name = page.Field{ID: "passkey-name", Name: "name", Kind: "text", Required: true, Length: login.PasskeyNameMax,
		Label: s.t.T("loginweb.passkey_name"), Hint: s.t.T("loginweb.passkey_name_hint")}
	for i, k := range all {
		row := passkeyRow{Name: k.Name, Synced: k.Synced, Made: s.t.T("loginweb.made", "made", s.t.When(k.Created)),
			Used: s.t.T("loginweb.never_used")}
		if !k.Used.IsZero() {
			row.Used = s.t.T("loginweb.used", "used", s.t.When(k.Used))
		}
		row.Rename, row.Drop = s.passkeyDialogs("passkey-"+page.Itoa(int64(i)), k)
		if wrong := faults.At("name"); wrong != "" && s.r.PostFormValue("passkey") == k.ID {
			row.Rename.Show, row.Rename.Fields[0].Error = true, wrong
			row.Rename.Fields[0].Value = s.r.PostFormValue("name")
		}
		p.Rows = append(p.Rows, row)
	}
	v.Passkeys = p
	return nil
}

func (s sheets) passkeyDialogs(id string, k login.Passkey) (rename, drop page.Dialog) {
	hidden := []page.Pair{{Name: "passkey", Value: k.ID}}
	rename = page.Dialog{ID: id, Open: s.t.T("loginweb.rename"), Title: s.t.T("loginweb.rename_title"),
		Action: securityPath + "/passkeys/rename", Hidden: hidden,
		Confirm: page.Act{Text: s.t.T("loginweb.save"), Main: true},
		Fields: []page.Field{{ID: id + "-name", Name: "name", Kind: "text", Label: s.t.T("loginweb.passkey_name"),
			Required: true, Length: login.PasskeyNameMax, Value: k.Name}}}
	drop = page.Dialog{ID: id + "-drop", Open: s.t.T("loginweb.remove"),
		Title: s.t.T("loginweb.passkey_drop", "name", k.Name), Text: s.t.T("loginweb.passkey_drop_text"),
		Action: securityPath + "/passkeys/drop", Hidden: hidden,
		Confirm: page.Act{Text: s.t.T("loginweb.remove"), Bad: true}}
	return rename, drop
}

func (s sheets) contacts(ctx context.Context, v *securityView) error {
	if s.who.Role != login.Shopper {
		return nil
	}
	all, err := s.Logins.Contacts(ctx, s.who)
	if err != nil {
		return err
	}
	offered, err := s.Logins.Offered(ctx)
	if err != nil {
		return err
	}
	faults := s.t.FaultsOf(s.refused.in("contacts"), "address")
	c := &contactsView{Wrong: faults.General, Can: offered.Codes, Field: addressField(s.t, s.r, faults)}
	c.Field.Hint, c.Field.Auto = "", "email"
	if s.refused.section != "contacts" || faults.At("address") == "" {
		c.Field.Value = ""
	}
	for i, address := range all {
		id := "contact-" + page.Itoa(int64(i))
		c.Rows = append(c.Rows, page.Dialog{ID: id, Open: s.t.T("loginweb.remove"), Title: address,
			Text: s.t.T("loginweb.contact_drop_text"), Action: securityPath + "/contacts/drop",
			Hidden:  []page.Pair{{Name: "address", Value: address}},
			Confirm: page.Act{Text: s.t.T("loginweb.remove"), Bad: true}})
	}
	v.Contacts = c
	return nil
}

func (s sheets) sessions(ctx context.Context, v *securityView) error {
	all, err := s.Logins.Sessions(ctx, s.who, gate.Token(ctx))
	if err != nil {
		return err
	}
	l := &sessionsView{Wrong: s.t.FaultsOf(s.refused.in("sessions")).General}
	for _, one := range all {
		row := sessionRow{ID: one.ID, Device: one.Device, Network: one.Network, Opened: s.t.When(one.Opened),
			Seen: s.t.When(one.Seen), Current: one.Current, Helper: one.Helper}
		if one.Way != "" {
			row.Way = s.t.T("loginweb.way_" + string(one.Way))
		}
		if row.Device == "" {
			row.Device = s.t.T("loginweb.device_unknown")
		}
		l.Others = l.Others || !one.Current
		l.Rows = append(l.Rows, row)
	}
	v.Sessions = l
	return nil
}

// help is the section in which somebody lets an operator look on.
func (s sheets) help(sessions *sessionsView) *helpView {
	if s.who.Role == login.Operator || s.who.Role == login.Merchant && !s.who.Can(login.ConsentGive) {
		return nil
	}
	h := &helpView{Wrong: s.t.FaultsOf(s.refused.in("help")).General}
	if sessions != nil {
		for _, row := range sessions.Rows {
			h.Open = h.Open || row.Helper
		}
	}
	return h
}
