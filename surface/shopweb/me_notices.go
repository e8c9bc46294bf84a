package shopweb

import (
	"net/http"
	"time"

	"hutong/base/fault"
	"hutong/reach/notice"
	"hutong/surface/gate"
	"hutong/surface/page"
)

// noticesMax is how many notices a page shows.
const noticesMax = 30

// noticesView is the shopper's inbox, and what else they want to be told by mail.
type noticesView struct {
	page.Frame
	Notices []noticeRow
	Prefs   []page.Field
	Guest   bool
	Newest  string
	Pager   page.Pager
	Empty   page.Empty
}

type noticeRow struct {
	Href, Subject, Body, When, ISO string
	Unread                         bool
}

func inboxOf(r *http.Request) notice.To {
	return notice.To{Kind: notice.Shopper, ID: shopperOf(r.Context())}
}

// notices is the inbox. What is shown counts as read from the next look on.
func (w *web) notices(rw http.ResponseWriter, r *http.Request) error {
	f := w.account(rw, r, "notices")
	t, to := w.set.In(f.Lang), inboxOf(r)
	v := noticesView{Frame: f, Guest: gate.Who(r.Context()).Login == "",
		Empty: page.Empty{Title: t.T("shopweb.notices_none"), Text: t.T("shopweb.notices_none_text")}}
	if w.Notices == nil {
		return w.set.Render(rw, r, http.StatusOK, "me-notices", v)
	}
	before := notice.ID(page.Place(r.URL.Query(), "before", "ntc"))
	all, err := w.Notices.Inbox(r.Context(), to, before, noticesMax+1)
	if err != nil {
		return err
	}
	if before != "" {
		v.Pager.First = "/me/notices"
	}
	if len(all) > noticesMax {
		all = all[:noticesMax]
		v.Pager.Next = "/me/notices?before=" + string(all[len(all)-1].ID)
	}
	for _, n := range all {
		words := n.Words(t.Lang)
		v.Notices = append(v.Notices, noticeRow{Href: n.Path(), Subject: words.Subject, Body: words.Body,
			When: t.When(n.At), ISO: n.At.UTC().Format(time.RFC3339), Unread: n.ReadAt.IsZero()})
	}
	if len(all) > 0 && before == "" && all[0].ReadAt.IsZero() {
		v.Newest = string(all[0].ID)
	}
	wants, err := w.Notices.Preferences(r.Context(), to)
	if err != nil {
		return err
	}
	for _, p := range wants {
		v.Prefs = append(v.Prefs, page.Field{ID: "mail-" + string(p.Topic), Name: "mail", Kind: "check",
			Value: string(p.Topic), Label: t.T("shopweb.topic_" + string(p.Topic)), Checked: p.Mail})
	}
	return w.set.Render(rw, r, http.StatusOK, "me-notices", v)
}

// readNotices marks what was shown as read.
func (w *web) readNotices(rw http.ResponseWriter, r *http.Request) error {
	if w.Notices == nil {
		return fault.New(fault.NotFound, "gate.not_found")
	}
	if err := w.Notices.MarkAllRead(r.Context(), inboxOf(r), notice.ID(r.PostFormValue("up_to"))); err != nil {
		return err
	}
	return see(rw, r, "/me/notices")
}

// preferences keeps which mails the shopper wants: those that the form names.
func (w *web) preferences(rw http.ResponseWriter, r *http.Request) error {
	if w.Notices == nil {
		return fault.New(fault.NotFound, "gate.not_found")
	}
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "notice.topic").Because(err)
	}
	wanted := map[string]bool{}
	for _, topic := range r.PostForm["mail"] {
		wanted[topic] = true
	}
	for _, topic := range notice.Topics(notice.Shopper) {
		p := notice.Preference{Topic: topic, Mail: wanted[string(topic)]}
		if err := w.Notices.SetPreference(r.Context(), inboxOf(r), p); err != nil {
			return err
		}
	}
	page.Flash(rw, "good", "shopweb.prefs_kept")
	return see(rw, r, "/me/notices")
}
