package merchantweb

import (
	"net/http"
	"time"

	"hutong/reach/notice"
	"hutong/surface/page"
)

// noticesMax is how many notices a page shows.
const noticesMax = 30

// noticesView is the shop's inbox, which its staff share.
type noticesView struct {
	page.Frame
	Rows   []noticeRow
	Newest string
	Pager  page.Pager
	Empty  page.Empty
}

type noticeRow struct {
	Href, Subject, Body, When, ISO string
	Unread                         bool
}

func inboxOf(r *http.Request) notice.To { return notice.To{Kind: notice.Shop, ID: shopOf(r)} }

// notices is the inbox. What is shown counts as read when somebody says so.
func (w *web) notices(rw http.ResponseWriter, r *http.Request) error {
	f, t := w.begin(rw, r, noticesPath, "merchantweb.notices")
	v := noticesView{Frame: f, Empty: page.Empty{Title: t.T("merchantweb.notices_none"),
		Text: t.T("merchantweb.notices_none_text")}}
	before := notice.ID(page.Place(r.URL.Query(), "before", "ntc"))
	all, err := w.Notices.Inbox(r.Context(), inboxOf(r), before, noticesMax+1)
	if err != nil {
		return err
	}
	if before != "" {
		v.Pager.First = noticesPath
	}
	if len(all) > noticesMax {
		all = all[:noticesMax]
		v.Pager.Next = noticesPath + "?before=" + string(all[len(all)-1].ID)
	}
	for _, n := range all {
		words := n.Words(t.Lang)
		v.Rows = append(v.Rows, noticeRow{Href: n.Path(), Subject: words.Subject, Body: words.Body, When: t.When(n.At),
			ISO: n.At.UTC().Format(time.RFC3339), Unread: n.ReadAt.IsZero()})
	}
	if len(all) > 0 && before == "" && all[0].ReadAt.IsZero() {
		v.Newest = string(all[0].ID)
	}
	return w.set.Render(rw, r, http.StatusOK, "desk-notices", v)
}

// readNotices marks what was shown as read.
func (w *web) readNotices(rw http.ResponseWriter, r *http.Request) error {
	if err := w.Notices.MarkAllRead(r.Context(), inboxOf(r), notice.ID(r.PostFormValue("up_to"))); err != nil {
		return err
	}
	return page.See(rw, r, noticesPath)
}
