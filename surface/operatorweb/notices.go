package operatorweb

import (
	"net/http"
	"net/url"
	"strings"

	"hutong/reach/notice"
	"hutong/surface/page"
)

const noticesPerPage = 50

// notices is the log of what was told to whom, and what became of it. It shows what was told, never the address.
func (w *web) notices(rw http.ResponseWriter, r *http.Request) error {
	v, t := w.page(r, "/operator/notices", "notices")
	q := r.URL.Query()
	ask := notice.LogQuery{State: notice.State(q.Get("state")), Channel: notice.Channel(q.Get("channel")),
		To: strings.TrimSpace(q.Get("q")), Before: notice.ID(page.Place(q, "before", "ntc")), Limit: noticesPerPage}
	all, err := w.Notices.Sent(r.Context(), ask)
	if err != nil {
		return err
	}
	s := section{ID: "notices", Table: table("notices", t.T("operatorweb.notices"), page.Empty{
		Title: t.T("operatorweb.no_notices"), Text: t.T("operatorweb.no_notices_text")},
		columns(t, "*notice", "recipient", "channel", "state", "at")...)}
	s.Table.Filter = noticeFilter(t, ask)
	for _, n := range all {
		state := badged(noticeBadge(t, n.State))
		if n.Reason != "" {
			state.Sub = n.Reason
			if key := "notice.reason." + n.Reason; t.Has(key) {
				state.Sub = t.T(key)
			}
		}
		s.Table.Rows = append(s.Table.Rows, page.Row{ID: string(n.ID), Cells: []page.Cell{
			{Text: n.Words(t.Lang).Subject, Sub: string(n.Topic)},
			{Text: word(t, "recipient", string(n.To.Kind)), Sub: brief(n.To.ID)},
			plain(word(t, "channel", string(n.Channel))), state, plain(t.When(n.At))}})
	}
	if len(all) == noticesPerPage {
		next := url.Values{"before": {string(all[len(all)-1].ID)}}
		for name, value := range map[string]string{"state": string(ask.State), "channel": string(ask.Channel), "q": ask.To} {
			if value != "" {
				next.Set(name, value)
			}
		}
		s.Table.Pager.Next = "/operator/notices?" + next.Encode()
	}
	if ask.Before != "" {
		s.Table.Pager.First = "/operator/notices"
	}
	v.Sections = []section{s}
	return w.show(rw, r, http.StatusOK, v)
}

func noticeFilter(t page.Tongue, ask notice.LogQuery) *page.Filter {
	choose := func(id, name string, chosen string, of string, values ...string) page.Field {
		g := page.Group{Options: []page.Option{{Text: t.T("operatorweb.all_of_" + name)}}}
		for _, value := range values {
			g.Options = append(g.Options, page.Option{Value: value, Text: word(t, of, value), Selected: value == chosen})
		}
		return page.Field{ID: id, Name: name, Label: t.T("operatorweb." + name), Kind: "select", Options: []page.Group{g}}
	}
	f := &page.Filter{Action: "/operator/notices", Name: "q", Label: t.T("operatorweb.find_recipient"), Query: ask.To,
		Fields: []page.Field{choose("filter-state", "state", string(ask.State), "notice", string(notice.Queued),
			string(notice.Sent), string(notice.Failed), string(notice.Skipped)),
			choose("filter-channel", "channel", string(ask.Channel), "channel", string(notice.Page), string(notice.Mail))}}
	if ask.State != "" || ask.Channel != "" || ask.To != "" {
		f.Clear = "/operator/notices"
	}
	return f
}

func noticeBadge(t page.Tongue, s notice.State) page.Badge {
	tones := map[notice.State]string{notice.Queued: "go", notice.Sent: "done", notice.Failed: "bad", notice.Skipped: "off"}
	return page.Badge{Tone: tones[s], Text: word(t, "notice", string(s))}
}
