package merchantweb

import (
	"net/http"
	"strconv"

	"hutong/base/fault"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// sessions lists where the reader is logged in.
func (w *web) sessions(rw http.ResponseWriter, r *http.Request) error {
	f, t := w.begin(rw, r, "/desk/sessions", "merchantweb.sessions")
	all, err := w.Logins.Sessions(r.Context(), gate.Who(r.Context()), gate.Token(r.Context()))
	if err != nil {
		return err
	}
	v := listView{Frame: f, Heading: t.T("merchantweb.sessions"), Intro: t.T("merchantweb.sessions_text")}
	v.Table = page.Table{ID: "sessions", Caption: t.T("merchantweb.sessions"), Columns: []page.Column{
		{Name: t.T("merchantweb.device"), Wide: true}, {Name: t.T("merchantweb.from_where")},
		{Name: t.T("merchantweb.opened")}, {Name: t.T("merchantweb.seen")}, {Name: t.T("merchantweb.acts")}}}
	for _, s := range all {
		device := s.Device
		if device == "" {
			device = t.T("merchantweb.unknown_device")
		}
		row := page.Row{ID: s.ID, Cells: []page.Cell{{Text: device}, {Text: orDash(s.Network)}, {Text: t.When(s.Opened)},
			{Text: t.When(s.Seen)}, {Post: "/desk/sessions", Hidden: []page.Pair{{Name: "session", Value: s.ID}},
				Acts: []page.Act{{Text: t.T("merchantweb.end"), Name: "word", Value: "one"}}}}}
		switch {
		case s.Current:
			row.Cells[0].Badge = &page.Badge{Tone: "done", Text: t.T("merchantweb.this_one")}
			row.Cells[4] = page.Cell{}
		case s.Helper:
			row.Cells[0].Sub = t.T("merchantweb.helper")
		}
		v.Table.Rows = append(v.Table.Rows, row)
	}
	if len(all) > 1 {
		v.Dialogs = []page.Dialog{{ID: "others", Open: t.T("merchantweb.end_others"), Title: t.T("merchantweb.end_others"),
			Text: t.T("merchantweb.end_others_text"), Action: "/desk/sessions",
			Hidden:  []page.Pair{{Name: "word", Value: "others"}},
			Confirm: page.Act{Text: t.T("merchantweb.end_others"), Bad: true}}}
	}
	return w.set.Render(rw, r, http.StatusOK, "desk-list", v)
}

// endSession ends one of the reader's sessions, or all others.
func (w *web) endSession(rw http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), gate.Who(r.Context())
	switch r.PostFormValue("word") {
	case "one":
		if err := w.Logins.EndSession(ctx, who, r.PostFormValue("session")); err != nil {
			return err
		}
		page.Flash(rw, "good", "merchantweb.session_ended", "n", "1")
	case "others":
		n, err := w.Logins.EndOtherSessions(ctx, who, gate.Token(ctx))
		if err != nil {
			return err
		}
		page.Flash(rw, "good", "merchantweb.session_ended", "n", strconv.Itoa(n))
	default:
		return fault.New(fault.NotFound, "gate.not_found")
	}
	return page.See(rw, r, "/desk/sessions")
}
