package operatorweb

import (
	"net/http"
	"strings"

	"hutong/base/fault"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// staff lists the market's staff with their roles, the open invitations, and what each role may do.
func (w *web) staff(rw http.ResponseWriter, r *http.Request) error {
	return w.showStaff(rw, r, "", nil)
}

func (w *web) showStaff(rw http.ResponseWriter, r *http.Request, link string, refused error) error {
	v, t := w.page(r, "/operator/staff", "staff")
	who := gate.Who(r.Context())
	members, err := w.Logins.Staff(r.Context(), who)
	if err != nil {
		return err
	}
	s := section{ID: "members", Table: table("members", t.T("operatorweb.staff"), page.Empty{},
		columns(t, "*name", "role", "since", "act")...)}
	for _, m := range members {
		s.Table.Rows = append(s.Table.Rows, memberRow(r, t, m))
	}
	if link != "" { // it is shown once and stands in no address
		v.Sections = append(v.Sections, section{Boxed: true, Title: t.T("operatorweb.invited"), Notes: []page.Notice{
			{Tone: "good", Text: t.T("operatorweb.invited_text")}}, Facts: []fact{{Name: t.T("operatorweb.link"),
			Text: link, Code: true}}})
	}
	v.Sections = append(v.Sections, s)
	invites, err := w.Logins.Invites(r.Context(), who)
	if err != nil {
		return err
	}
	if len(invites) > 0 {
		v.Sections = append(v.Sections, inviteTable(r, t, invites))
	}
	if may(r, login.MarketStaffManage) {
		v.Sections = append(v.Sections, inviteForm(r, t, refused))
	}
	v.Sections = append(v.Sections, roleTable(t))
	status := http.StatusOK
	if refused != nil {
		status = statusOf(refused)
		if r.PostFormValue("do") != "invite" {
			v.Wrong = t.Fault(refused)
		}
	}
	return w.show(rw, r, status, v)
}

func memberRow(r *http.Request, t page.Tongue, m login.Member) page.Row {
	name := page.Cell{Text: m.Name}
	if m.Name == "" {
		name.Text = t.T("operatorweb.by_sso")
	}
	if m.Yourself {
		name.Sub = t.T("operatorweb.yourself")
	}
	row := page.Row{ID: string(m.Login), Cells: []page.Cell{name, plain(word(t, "role", string(m.Role))),
		plain(t.When(m.Since)), {}}}
	if m.Yourself || !may(r, login.MarketStaffManage) {
		return row
	}
	c := page.Cell{Post: "/operator/staff", Hidden: []page.Pair{{Name: "login", Value: string(m.Login)}}}
	for _, role := range login.StaffRoles(login.Operator) {
		if role != m.Role {
			c.Acts = append(c.Acts, page.Act{Text: t.T("operatorweb.make_role", "role", word(t, "role", string(role))),
				Name: "do", Value: "role " + string(role)})
		}
	}
	c.Acts = append(c.Acts, page.Act{Text: t.T("operatorweb.remove"), Name: "do", Value: "remove", Bad: true})
	row.Cells[3] = c
	return row
}

func inviteTable(r *http.Request, t page.Tongue, invites []login.Invitation) section {
	s := section{ID: "invites", Title: t.T("operatorweb.invites"), Table: table("invites", t.T("operatorweb.invites"),
		page.Empty{}, columns(t, "*who_only", "role", "expires", "act")...)}
	for _, i := range invites {
		whom := page.Cell{Text: i.Email}
		if i.Email == "" {
			whom.Text = t.T("operatorweb.whoever_has_link")
		}
		row := page.Row{ID: i.ID, Cells: []page.Cell{whom, plain(word(t, "role", string(i.Role))),
			plain(t.When(i.Expires)), {}}}
		if may(r, login.MarketStaffManage) {
			row.Cells[3] = page.Cell{Post: "/operator/staff", Hidden: []page.Pair{{Name: "invite", Value: i.ID}},
				Acts: []page.Act{{Text: t.T("operatorweb.take_back"), Name: "do", Value: "drop"}}}
		}
		s.Table.Rows = append(s.Table.Rows, row)
	}
	return s
}

func inviteForm(r *http.Request, t page.Tongue, refused error) section {
	roles := page.Group{}
	for _, role := range login.StaffRoles(login.Operator) {
		chosen := r.PostFormValue("role") == string(role) || r.Method == http.MethodGet && role == login.Support
		roles.Options = append(roles.Options, page.Option{Value: string(role), Text: word(t, "role", string(role)),
			Sub: t.T("operatorweb.role_" + string(role) + "_text"), Selected: chosen})
	}
	f := &form{Action: "/operator/staff", Fields: []page.Field{
		{ID: "role", Name: "role", Label: t.T("operatorweb.role"), Kind: "radios", Required: true,
			Options: []page.Group{roles}},
		{ID: "email", Name: "email", Label: t.T("operatorweb.email"), Kind: "email", Length: 254, Auto: "off",
			Hint: t.T("operatorweb.email_hint"), Value: r.PostFormValue("email")}},
		Acts: []page.Act{{Text: t.T("operatorweb.invite"), Name: "do", Value: "invite", Main: true}}}
	if refused != nil && r.PostFormValue("do") == "invite" {
		faults := t.FaultsOf(refused, "role", "email", "address")
		f.Wrong, f.Fields[0].Error, f.Fields[1].Error = faults.General, faults.At("role"),
			faults.At("email")+faults.At("address")
	}
	return section{ID: "invite", Boxed: true, Title: t.T("operatorweb.invite"), Form: f}
}

// roleTable is the table of permissions: who may what.
func roleTable(t page.Tongue) section {
	roles := login.StaffRoles(login.Operator)
	heads := columns(t, "*permission")
	for _, role := range roles {
		heads = append(heads, page.Column{Name: word(t, "role", string(role))})
	}
	s := section{ID: "permissions", Title: t.T("operatorweb.permissions"), Lead: t.T("operatorweb.permissions_text"),
		Table: table("permissions", t.T("operatorweb.permissions"), page.Empty{}, heads...)}
	for _, p := range login.PermissionsFor(login.Operator) {
		row := page.Row{Cells: []page.Cell{{Text: word(t, "may", string(p))}}}
		for _, role := range roles {
			cell := plain("–")
			if login.PermissionsOf(role).Has(p) {
				cell = badged(page.Badge{Tone: "done", Text: t.T("operatorweb.yes")})
			}
			row.Cells = append(row.Cells, cell)
		}
		s.Table.Rows = append(s.Table.Rows, row)
	}
	return s
}

// changeStaff invites somebody, or changes what a colleague may do. The rooms record it.
func (w *web) changeStaff(rw http.ResponseWriter, r *http.Request) error {
	who, do := gate.Who(r.Context()), r.PostFormValue("do")
	verb, role, _ := strings.Cut(do, " ")
	colleague := login.ID(r.PostFormValue("login"))
	var err error
	switch verb {
	case "invite":
		token, _, wrong := w.Logins.Invite(r.Context(), login.Invite{By: who,
			Role:  login.StaffRole(r.PostFormValue("role")),
			Email: strings.TrimSpace(r.PostFormValue("email"))})
		if wrong == nil {
			return w.showStaff(rw, r, "/join/"+token, nil)
		}
		err = wrong
	case "role":
		err = w.Logins.SetStaffRole(r.Context(), who, colleague, login.StaffRole(role))
	case "remove":
		err = w.Logins.RemoveStaff(r.Context(), who, colleague)
	case "drop":
		err = w.Logins.DropInvite(r.Context(), who, r.PostFormValue("invite"))
	default:
		err = fault.New(fault.NotFound, "gate.not_found")
	}
	if err != nil {
		return w.refuse(err, func(err error) error { return w.showStaff(rw, r, "", err) })
	}
	return see(rw, r, "/operator/staff", "staff_changed")
}
