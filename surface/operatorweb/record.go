package operatorweb

import (
	"net/http"
	"net/url"
	"strings"

	"hutong/party/audit"
	"hutong/surface/page"
)

const entriesPerPage = 50

// record shows who changed what, the newest first; of one object when its id is asked for.
func (w *web) record(rw http.ResponseWriter, r *http.Request) error {
	v, t := w.page(r, "/operator/audit", "audit")
	q := r.URL.Query()
	ask := audit.Query{Subject: strings.TrimSpace(q.Get("q")), Shop: q.Get("shop"), Cursor: q.Get("at"),
		Limit: entriesPerPage}
	all, err := w.Audit.Entries(r.Context(), ask)
	if err != nil {
		return w.refuse(err, func(err error) error { return see(rw, r, "/operator/audit", "") })
	}
	names, err := w.staffNames(r.Context())
	if err != nil {
		return err
	}
	shops, err := w.shopNames(r.Context(), t)
	if err != nil {
		return err
	}
	s := section{ID: "entries", Table: table("entries", t.T("operatorweb.audit"), page.Empty{
		Title: t.T("operatorweb.no_entries"), Text: t.T("operatorweb.no_entries_text")},
		columns(t, "*what", "who_only", "change", "at", "network")...)}
	s.Table.Filter = &page.Filter{Action: "/operator/audit", Name: "q", Label: t.T("operatorweb.find_entry"),
		Query: ask.Subject,
		Fields: []page.Field{{ID: "filter-shop", Name: "shop", Label: t.T("operatorweb.shop"), Kind: "select",
			Options: shopOptions(t, shops, ask.Shop)}}}
	if ask.Subject != "" || ask.Shop != "" {
		s.Table.Filter.Clear = "/operator/audit"
	}
	for _, e := range all.Entries {
		s.Table.Rows = append(s.Table.Rows, page.Row{ID: e.ID, Cells: []page.Cell{
			{Text: whatOf(t, e.What), Sub: onWhat(e, shops)}, {Text: actor(t, names, e.Who), Sub: forWhom(t,
				names, e.For)},
			plain(w.changes(t, e)), {Text: t.When(e.At), Sub: brief(e.Request)}, plain(e.Network)}})
	}
	if all.Next != "" {
		next := url.Values{"at": {all.Next}}
		if ask.Subject != "" {
			next.Set("q", ask.Subject)
		}
		if ask.Shop != "" {
			next.Set("shop", ask.Shop)
		}
		s.Table.Pager.Next = "/operator/audit?" + next.Encode()
	}
	if ask.Cursor != "" {
		s.Table.Pager.First = "/operator/audit"
	}
	v.Sections = []section{s}
	return w.show(rw, r, http.StatusOK, v)
}

// whatOf says a change in words: this desk's, or those that every record has.
func whatOf(t page.Tongue, what string) string {
	if key := "operatorweb.what_" + what; t.Has(key) {
		return t.T(key)
	}
	return t.Deed(what)
}

// changes says what was before and after, fact by fact.
func (w *web) changes(t page.Tongue, e audit.Entry) string {
	return strings.Join(t.Changes(e, w.Currency, "operatorweb.role_"), "; ")
}

// onWhat names what was changed.
func onWhat(e audit.Entry, shops map[string]string) string {
	on := e.On
	if shops[on] != "" {
		return shops[on]
	}
	if strings.Contains(on, "_") {
		on = brief(on)
	}
	if shops[e.Shop] != "" {
		on += " · " + shops[e.Shop]
	}
	return on
}

func actor(t page.Tongue, names map[string]string, who string) string {
	if who == audit.System {
		return t.T("operatorweb.by_itself")
	}
	return asker(t, names, who)
}

func forWhom(t page.Tongue, names map[string]string, whom string) string {
	if whom == "" {
		return ""
	}
	return t.T("operatorweb.for_whom", "who", asker(t, names, whom))
}
