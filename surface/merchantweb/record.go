package merchantweb

import (
	"net/http"
	"net/url"
	"strings"

	"hutong/party/audit"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
)

const recordPerPage = 50

// record lists who changed what in the shop. It is only ever added to.
func (w *web) record(rw http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), gate.Who(r.Context())
	f, t := w.frame(r, "/desk/record", "merchantweb.record")
	after := page.Place(r.URL.Query(), "after", "aud")
	all, err := w.Audit.ByShop(ctx, shopOf(r), audit.Query{Cursor: after, Limit: recordPerPage})
	if err != nil {
		return err
	}
	names, err := w.namesOf(r, who)
	if err != nil {
		return err
	}
	v := listView{Frame: f, Heading: t.T("merchantweb.record"), Intro: t.T("merchantweb.record_text")}
	v.Table = page.Table{ID: "record", Caption: t.T("merchantweb.record"), Columns: []page.Column{
		{Name: t.T("merchantweb.when")}, {Name: t.T("merchantweb.what"), Wide: true}, {Name: t.T("merchantweb.who")},
		{Name: t.T("merchantweb.from_where")}}, Empty: page.Empty{Title: t.T("merchantweb.no_record")}}
	for _, e := range all.Entries {
		by, known := names[e.Who]
		if !known {
			by = short(e.Who)
		}
		if e.Who == audit.System {
			by = t.T("merchantweb.by_market")
		}
		v.Table.Rows = append(v.Table.Rows, page.Row{ID: e.ID, Cells: []page.Cell{{Text: t.When(e.At)},
			{Text: whatOf(t, e.What), Sub: strings.Join(t.Changes(e, w.Currency, "merchantweb.role_"), " · ")},
			{Text: by}, {Text: orDash(e.Network)}}})
	}
	if all.Next != "" {
		v.Table.Pager.Next = "/desk/record?" + url.Values{"after": {all.Next}}.Encode()
	}
	if after != "" {
		v.Table.Pager.First = "/desk/record"
	}
	return w.set.Render(rw, r, http.StatusOK, "desk-list", v)
}

// namesOf are the names of the staff by login, for whoever may read them.
func (w *web) namesOf(r *http.Request, who login.Principal) (map[string]string, error) {
	names := map[string]string{}
	if !who.Can(login.StaffRead) || w.Logins == nil {
		return names, nil
	}
	members, err := w.Logins.Staff(r.Context(), who)
	for _, m := range members {
		names[string(m.Login)] = m.Name
	}
	return names, err
}

// whatOf says a change in words; one without a sentence of its own is named as it is kept.
func whatOf(t page.Tongue, what string) string {
	if key := "merchantweb.did_" + strings.ReplaceAll(what, ".", "_"); t.Has(key) {
		return t.T(key)
	}
	return t.Deed(what)
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
