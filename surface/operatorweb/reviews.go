package operatorweb

import (
	"net/http"
	"net/url"
	"strings"

	"hutong/surface/page"
	"hutong/trade/review"
)

// reviews lists what shoppers reported, or all that was written, with the operator's word on each.
func (w *web) reviews(rw http.ResponseWriter, r *http.Request) error {
	return w.showReviews(rw, r, nil)
}

func (w *web) showReviews(rw http.ResponseWriter, r *http.Request, refused error) error {
	v, t := w.page(r, "/operator/reviews", "reviews")
	q := r.URL.Query()
	every := q.Get("of") == "all"
	list := w.Reviews.Reported
	if every {
		list = w.Reviews.All
	}
	all, err := list(r.Context(), review.Query{Cursor: q.Get("at"), Limit: 30})
	if err != nil {
		return err
	}
	shops, err := w.shopNames(r.Context(), t)
	if err != nil {
		return err
	}
	v.Tabs = &page.Tabs{Label: t.T("operatorweb.reviews"), Links: []page.Link{
		{Href: "/operator/reviews", Text: t.T("operatorweb.reported"), Current: !every},
		{Href: "/operator/reviews?of=all", Text: t.T("operatorweb.all_reviews"), Current: every}}}
	empty := page.Empty{Title: t.T("operatorweb.no_reports"), Text: t.T("operatorweb.no_reports_text")}
	if every {
		empty = page.Empty{Title: t.T("operatorweb.no_reviews")}
	}
	s := section{ID: "reviews", Table: table("reviews", t.T("operatorweb.reviews"), empty,
		columns(t, "*review", "#stars", "shop", "#reports", "state", "act")...)}
	for _, one := range all.Reviews {
		s.Table.Rows = append(s.Table.Rows, w.reviewRow(t, one, shops))
	}
	if all.Next != "" {
		next := url.Values{"at": {all.Next}}
		if every {
			next.Set("of", "all")
		}
		s.Table.Pager.Next = "/operator/reviews?" + next.Encode()
	}
	v.Sections = []section{s}
	status := http.StatusOK
	if refused != nil {
		v.Wrong, status = t.Fault(refused), statusOf(refused)
	}
	return w.show(rw, r, status, v)
}

func (w *web) reviewRow(t page.Tongue, one review.Review, shops map[string]string) page.Row {
	said := one.Said.Text
	if one.FollowUp.Text != "" {
		said += " / " + one.FollowUp.Text
	}
	if said == "" {
		said = t.T("operatorweb.no_words")
	}
	from := t.When(one.WrittenAt)
	if !one.Verified() {
		from += " · " + t.T("operatorweb.imported_from", "source", one.Source)
	}
	badge := page.Badge{Tone: "done", Text: t.T("operatorweb.review_shown")}
	acts := []page.Act{{Text: t.T("operatorweb.hide"), Name: "do", Value: string(review.Hidden), Bad: true}}
	if one.State == review.Hidden {
		badge = page.Badge{Tone: "off", Text: t.T("operatorweb.review_hidden")}
		acts = []page.Act{{Text: t.T("operatorweb.show_again"), Name: "do", Value: string(review.Shown)}}
	} else if one.Reports > 0 {
		acts = append(acts, page.Act{Text: t.T("operatorweb.keep"), Name: "do", Value: string(review.Shown)})
	}
	return page.Row{ID: string(one.ID), Cells: []page.Cell{{Text: said, Sub: from, Href: "/p/" + one.Product},
		plain(page.Itoa(one.Stars)), plain(shops[one.Shop]), plain(t.Count(one.Reports)), badged(badge),
		{Post: "/operator/reviews", Hidden: []page.Pair{{Name: "review", Value: string(one.ID)}}, Acts: acts}}}
}

// moderate shows or hides a review: hidden for what most of its reports say, or as off the matter.
func (w *web) moderate(rw http.ResponseWriter, r *http.Request) error {
	id, to := review.ID(strings.TrimSpace(r.PostFormValue("review"))), review.State(r.PostFormValue("do"))
	_, reports, _, err := w.Reviews.History(r.Context(), id)
	if err != nil {
		return err
	}
	reason := review.Settled
	if to == review.Hidden {
		reason = mostly(reports)
	}
	if _, err := w.Reviews.Moderate(r.Context(), review.Moderate{Review: id, To: to, Reason: reason}); err != nil {
		return w.refuse(err, func(err error) error { return w.showReviews(rw, r, err) })
	}
	return see(rw, r, "/operator/reviews", "moderated")
}

func mostly(reports []review.Complaint) review.Reason {
	counts, most := map[review.Reason]int{}, review.OffTopic
	for _, c := range reports {
		if counts[c.Reason]++; counts[c.Reason] > counts[most] {
			most = c.Reason
		}
	}
	return most
}
