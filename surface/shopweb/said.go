package shopweb

import (
	"context"
	"net/http"
	"net/url"

	"hutong/base/fault"
	"hutong/goods/catalog"
	"hutong/surface/page"
	"hutong/trade/review"
)

// saidMax is how many reviews a product's page shows; the rest have a page of their own.
const saidMax = 3

// saidView is what buyers say of a product.
type saidView struct {
	Href    string // all of them; "" when all are shown
	Stars   *page.Stars
	Bars    []bar
	Note    string // what imported reviews amount to, counted apart
	Reviews []saidReview
	Filters []page.Link
	Next    string
}

// bar is how many gave so many stars.
type bar struct {
	Name         string
	Count, Total int64
}

type saidReview struct {
	ID, Who, Choice, When, ISO string
	Stars                      page.Stars
	Tag                        string // "imported from taobao", "sent back"
	Text, Follow, Answer       string
	Pics, FollowPics           []page.Picture
	Product, Title             string // where several products' reviews are listed
	Hidden                     bool
	Report                     *page.Dialog // for a reader with a session
}

// said is the reviews' place on a product's page.
func (w *web) said(ctx context.Context, t page.Tongue, product string) (v saidView, err error) {
	if w.Reviews == nil {
		return v, nil
	}
	if err := w.score(ctx, t, &v, product); err != nil || v.Stars == nil && v.Note == "" {
		return v, err
	}
	got, err := w.Reviews.ByProduct(ctx, product, review.Query{Limit: saidMax})
	if err != nil {
		return v, err
	}
	for _, r := range got.Reviews {
		v.Reviews = append(v.Reviews, reviewOf(t, r))
	}
	if got.Next != "" {
		v.Href = "/p/" + product + "/reviews"
	}
	return v, nil
}

func (w *web) score(ctx context.Context, t page.Tongue, v *saidView, product string) error {
	all, err := w.Reviews.Totals(ctx, []string{product})
	if err != nil {
		return err
	}
	s := all[product].Verified
	if n := all[product].Imported; n.Total > 0 {
		v.Note = t.T("shopweb.imported_score", "n", t.Count(n.Total), "stars", tenths(n.Tenths))
	}
	if s.Total == 0 {
		return nil
	}
	v.Stars = &page.Stars{Tenths: int(s.Tenths), Text: tenths(s.Tenths),
		Count: t.T("shopweb.reviews_n", "n", t.Count(s.Total))}
	for i := len(s.Stars); i > 0; i-- {
		v.Bars = append(v.Bars, bar{Name: t.T("shopweb.stars_n", "n", i), Count: s.Stars[i-1], Total: s.Total})
	}
	return nil
}

// tenths writes 46 as "4.6".
func tenths(n int64) string { return page.Itoa(n/10) + "." + page.Itoa(n%10) }

func reviewOf(t page.Tongue, r review.Review) saidReview {
	v := saidReview{ID: string(r.ID), Who: r.Author, Choice: r.Choice, When: t.When(r.WrittenAt),
		ISO: r.WrittenAt.UTC().Format("2006-01-02"), Text: r.Said.Text, Follow: r.FollowUp.Text, Answer: r.Answer,
		Stars: page.Stars{Tenths: int(10 * r.Stars), Text: page.Itoa(r.Stars)}, Product: r.Product,
		Hidden: r.State == review.Hidden}
	if v.Who == "" {
		v.Who = t.T("shopweb.review_nameless")
	}
	switch {
	case !r.Verified():
		v.Tag = t.T("shopweb.review_from", "source", r.Source)
	case r.Returned:
		v.Tag = t.T("shopweb.review_returned")
	default:
		v.Tag = t.T("shopweb.review_verified")
	}
	v.Pics, v.FollowPics = photos(t, r.Said), photos(t, r.FollowUp)
	return v
}

func photos(t page.Tongue, s review.Said) []page.Picture {
	var all []page.Picture
	for i, id := range s.Pictures {
		all = append(all, page.Picture{Small: pictureURL(string(id), small), Large: pictureURL(string(id), large),
			Alt: t.T("shopweb.review_picture", "n", i+1)})
	}
	return all
}

// reviewsView is all that is said of one product.
type reviewsView struct {
	page.Frame
	Name  string
	Said  saidView
	Pager page.Pager
	Empty page.Empty
}

// reviews is the page of a product's reviews: "stars" and "pictured" narrow it, "after" goes on.
func (w *web) reviews(rw http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("product")
	g, err := w.goods(r.Context(), []catalog.ID{catalog.ID(id)})
	if err != nil {
		return err
	}
	if len(g.products) == 0 || w.Reviews == nil {
		return fault.New(fault.NotFound, "product.not_found")
	}
	f := w.frame(r, "")
	t := w.set.In(f.Lang)
	p, here := g.products[0], "/p/"+id+"/reviews"
	v := reviewsView{Frame: f, Name: p.Title.In(t.Lang), Empty: page.Empty{Title: t.T("shopweb.reviews_none"),
		Text: t.T("shopweb.reviews_none_text"), Href: "/p/" + id, Action: t.T("shopweb.back_to_product")}}
	v.Title, v.Here = t.T("shopweb.reviews"), here
	v.Way = append(crumbs(t, p.Category), page.Crumb{Href: "/p/" + id, Text: v.Name}, page.Crumb{Text: v.Title})
	if err := w.score(r.Context(), t, &v.Said, id); err != nil {
		return err
	}
	q, choice := readReviews(r.URL.Query())
	got, err := w.Reviews.ByProduct(r.Context(), id, q)
	if err != nil {
		return err
	}
	v.Notice = t.TakeFlash(rw, r)
	for _, one := range got.Reviews {
		said := reviewOf(t, one)
		if shopperOf(r.Context()) != "" {
			said.Report = complaint(t, said.ID, here)
		}
		v.Said.Reviews = append(v.Said.Reviews, said)
	}
	v.filters(t, here, choice)
	if got.Next != "" {
		v.Pager.Next = here + "?" + url.Values{"show": {choice}, "after": {got.Next}}.Encode()
	}
	return w.set.Render(rw, r, http.StatusOK, "reviews", v)
}

// readReviews reads which reviews are asked for: all, "pictured", or "1" to "5" stars.
func readReviews(q url.Values) (review.Query, string) {
	ask := review.Query{Cursor: q.Get("after")}
	switch show := q.Get("show"); show {
	case "pictured":
		ask.Pictured = true
		return ask, show
	case "1", "2", "3", "4", "5":
		ask.Stars = int64(show[0] - '0')
		return ask, show
	}
	return ask, ""
}

func (v *reviewsView) filters(t page.Tongue, here, choice string) {
	add := func(key, text string) {
		l := page.Link{Href: here, Text: text, Current: key == choice}
		if key != "" {
			l.Href += "?show=" + key
		}
		v.Said.Filters = append(v.Said.Filters, l)
	}
	add("", t.T("shopweb.reviews_all"))
	add("pictured", t.T("shopweb.reviews_pictured"))
	for i := 5; i > 0; i-- {
		add(page.Itoa(int64(i)), t.T("shopweb.stars_n", "n", i))
	}
}
