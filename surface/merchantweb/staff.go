package merchantweb

import (
	"net/http"
	"net/url"

	"hutong/base/fault"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// staff lists who works in the shop, and the invitations that wait.
func (w *web) staff(rw http.ResponseWriter, r *http.Request) error {
	return w.showStaff(rw, r, "", nil)
}

// showStaff shows it with the link of an invitation that was just made, or with a refusal.
func (w *web) showStaff(rw http.ResponseWriter, r *http.Request, link string, refused error) error {
	ctx, who := r.Context(), gate.Who(r.Context())
	f, t := w.begin(rw, r, "/desk/staff", "merchantweb.staff")
	f.Here = "/desk/staff"
	v := listView{Frame: f, Heading: t.T("merchantweb.staff"), Intro: t.T("merchantweb.staff_text")}
	faults := t.FaultsOf(refused, "role", "email")
	manages := who.Can(login.StaffManage)
	if manages {
		v.Dialogs = []page.Dialog{inviteDialog(t, r, faults)}
	}
	if len(v.Dialogs) == 0 || !v.Dialogs[0].Show {
		v.Wrong = faults.General
	}
	if link != "" {
		v.Secret = &secretView{Title: t.T("merchantweb.invited"), Text: t.T("merchantweb.invited_text"), Value: link}
	}
	members, err := w.Logins.Staff(ctx, who)
	if err != nil {
		return err
	}
	v.Table = memberTable(t, who, members)
	invites, err := w.Logins.Invites(ctx, who)
	if err != nil {
		return err
	}
	if len(invites) > 0 {
		v.Second = &secondTable{Heading: t.T("merchantweb.invites"), Table: inviteTable(t, invites, manages)}
	}
	return w.set.Render(rw, r, statusOf(refused), "desk-list", v)
}

// statusOf is the status of a page that shows a refusal, or none.
func statusOf(refused error) int {
	if refused == nil {
		return http.StatusOK
	}
	return fault.Of(refused).Status()
}

// roleOptions are the roles that a shop's staff can have, each with what it may do.
func roleOptions(t page.Tongue, chosen login.StaffRole) []page.Group {
	g := page.Group{}
	for _, role := range login.StaffRoles(login.Merchant) {
		g.Options = append(g.Options, page.Option{Value: string(role), Text: roleName(t, role), Selected: role == chosen,
			Sub: t.T("merchantweb.role_" + string(role) + "_text")})
	}
	return []page.Group{g}
}

func roleName(t page.Tongue, r login.StaffRole) string { return t.T("merchantweb.role_" + string(r)) }

func inviteDialog(t page.Tongue, r *http.Request, faults page.Faults) page.Dialog {
	role := login.StaffRole(r.PostFormValue("role"))
	if role == "" {
		role = login.Clerk
	}
	asked := r.PostFormValue("word") == "invite"
	d := page.Dialog{ID: "invite", Open: t.T("merchantweb.invite"), Title: t.T("merchantweb.invite"),
		Text: t.T("merchantweb.invite_text"), Action: "/desk/staff", Hidden: []page.Pair{{Name: "word", Value: "invite"}},
		Fields: []page.Field{
			{ID: "role", Name: "role", Kind: "radios", Label: t.T("merchantweb.role"), Required: true,
				Options: roleOptions(t, role)},
			{ID: "email", Name: "email", Kind: "email", Label: t.T("merchantweb.email"), Hint: t.T("merchantweb.email_hint"),
				Value: r.PostFormValue("email"), Auto: "off", Length: 200}},
		Confirm: page.Act{Text: t.T("merchantweb.make_link"), Main: true}}
	if asked && faults.Any() {
		d.Show, d.Wrong = true, faults.General
		d.Fields[0].Error, d.Fields[1].Error = faults.At("role"), faults.At("email")
	}
	return d
}

func memberTable(t page.Tongue, who login.Principal, members []login.Member) page.Table {
	table := page.Table{ID: "members", Caption: t.T("merchantweb.staff"), Columns: []page.Column{
		{Name: t.T("merchantweb.name"), Wide: true}, {Name: t.T("merchantweb.role")}, {Name: t.T("merchantweb.since_head")},
		{Name: t.T("merchantweb.acts")}}}
	for _, m := range members {
		name := m.Name
		if name == "" {
			name = t.T("merchantweb.by_sso")
		}
		row := page.Row{ID: string(m.Login), Cells: []page.Cell{{Text: name}, {Text: roleName(t, m.Role)},
			{Text: t.When(m.Since)}, {}}}
		if m.Yourself {
			row.Cells[0].Sub = t.T("merchantweb.yourself")
		}
		if who.Can(login.StaffManage) && !m.Yourself {
			row.Cells[3].Acts = []page.Act{{Text: t.T("merchantweb.change"), Href: "/desk/staff/" + string(m.Login)}}
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

func inviteTable(t page.Tongue, invites []login.Invitation, manages bool) page.Table {
	table := page.Table{ID: "invites", Caption: t.T("merchantweb.invites"), Columns: []page.Column{
		{Name: t.T("merchantweb.role"), Wide: true}, {Name: t.T("merchantweb.email")}, {Name: t.T("merchantweb.good_until")},
		{Name: t.T("merchantweb.acts")}}, Empty: page.Empty{Title: t.T("merchantweb.no_invites")}}
	for _, i := range invites {
		row := page.Row{ID: i.ID, Cells: []page.Cell{{Text: roleName(t, i.Role)}, {Text: orDash(i.Email)},
			{Text: t.When(i.Expires)}, {}}}
		if manages {
			row.Cells[3] = page.Cell{Post: "/desk/staff", Hidden: []page.Pair{{Name: "word", Value: "drop"},
				{Name: "invite", Value: i.ID}}, Acts: []page.Act{{Text: t.T("merchantweb.withdraw")}}}
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

// changeStaff invites somebody, or takes an invitation back.
func (w *web) changeStaff(rw http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), gate.Who(r.Context())
	var err error
	switch r.PostFormValue("word") {
	case "invite":
		var token string
		token, _, err = w.Logins.Invite(ctx, login.Invite{By: who, Role: login.StaffRole(r.PostFormValue("role")),
			Email: r.PostFormValue("email")})
		if err == nil {
			return w.showStaff(rw, r, w.At+"/join?"+url.Values{"token": {token}}.Encode(), nil)
		}
	case "drop":
		err = w.Logins.DropInvite(ctx, who, r.PostFormValue("invite"))
	default:
		err = fault.New(fault.NotFound, "gate.not_found")
	}
	if err != nil {
		if !shown(err) {
			return err
		}
		return w.showStaff(rw, r, "", err)
	}
	page.Flash(rw, "good", "merchantweb.invite_dropped")
	return page.See(rw, r, "/desk/staff")
}

// shown tells whether a refusal is shown beside its form: also one that says "not yours", where a form was there.
func shown(err error) bool { return page.Own(err) || fault.Is(err, "login.not_yours_to_grant") }

// member shows one colleague, with another role to give and a way to take the login away.
func (w *web) member(rw http.ResponseWriter, r *http.Request) error { return w.showMember(rw, r, nil) }

func (w *web) showMember(rw http.ResponseWriter, r *http.Request, refused error) error {
	who, id := gate.Who(r.Context()), login.ID(r.PathValue("login"))
	members, err := w.Logins.Staff(r.Context(), who)
	if err != nil {
		return err
	}
	for _, m := range members {
		if m.Login != id {
			continue
		}
		f, t := w.frame(r, "/desk/staff", "merchantweb.staff")
		f.Title = m.Name
		f.Here = "/desk/staff/" + string(id)
		f.Way = []page.Crumb{{Href: "/desk/staff", Text: t.T("merchantweb.staff")}, {Text: m.Name}}
		v := memberView{Frame: f, Name: m.Name, Since: t.When(m.Since), Wrong: t.FaultsOf(refused).General,
			Role: page.Field{ID: "role", Name: "role", Kind: "radios", Label: t.T("merchantweb.role"), Required: true,
				Options: roleOptions(t, m.Role)},
			Remove: page.Dialog{ID: "remove", Open: t.T("merchantweb.remove"),
				Title: t.T("merchantweb.remove_title", "name", m.Name),
				Text:  t.T("merchantweb.remove_text"), Action: f.Here, Hidden: []page.Pair{{Name: "word", Value: "remove"}},
				Confirm: page.Act{Text: t.T("merchantweb.remove"), Bad: true}}}
		return w.set.Render(rw, r, statusOf(refused), "desk-member", v)
	}
	return fault.New(fault.NotFound, "login.staff_not_found")
}

// changeMember gives a colleague another role, or takes the login away.
func (w *web) changeMember(rw http.ResponseWriter, r *http.Request) error {
	ctx, who, id := r.Context(), gate.Who(r.Context()), login.ID(r.PathValue("login"))
	var err error
	word := r.PostFormValue("word")
	switch word {
	case "role":
		err = w.Logins.SetStaffRole(ctx, who, id, login.StaffRole(r.PostFormValue("role")))
	case "remove":
		err = w.Logins.RemoveStaff(ctx, who, id)
	default:
		err = fault.New(fault.NotFound, "gate.not_found")
	}
	if err != nil {
		if !shown(err) || fault.Of(err) == fault.NotFound {
			return err
		}
		return w.showMember(rw, r, err)
	}
	page.Flash(rw, "good", "merchantweb.staff_"+word)
	return page.See(rw, r, "/desk/staff")
}
