package merchantweb

import (
	"net/http"
	"net/url"

	"hutong/base/fault"
	"hutong/goods/picture"
	"hutong/party/login"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/trade/review"
)

const reviewsPerPage = 20

// reviews lists what shoppers say of the shop's products, each with a place for the shop's answer.
func (w *web) reviews(rw http.ResponseWriter, r *http.Request) error {
	return w.showReviews(rw, r, "", nil)
}

func (w *web) showReviews(rw http.ResponseWriter, r *http.Request, at review.ID, refused error) error {
	ctx, shop := r.Context(), shopOf(r)
	f, t := w.begin(rw, r, "/desk/reviews", "merchantweb.reviews")
	q := r.URL.Query()
	open := q.Get("show") != "all"
	all, err := w.Reviews.ByShop(ctx, shop, review.Query{Unanswered: open, Cursor: q.Get("after"), Limit: reviewsPerPage})
	if err != nil {
		return err
	}
	v := reviewsView{Frame: f, Tabs: page.Tabs{Label: t.T("merchantweb.reviews"), Links: []page.Link{
		{Href: "/desk/reviews", Text: t.T("merchantweb.reviews_open"), Current: open},
		{Href: "/desk/reviews?show=all", Text: t.T("merchantweb.reviews_all"), Current: !open}}},
		Empty: page.Empty{Title: t.T("merchantweb.no_reviews"), Text: t.T("merchantweb.no_reviews_text")}}
	may := gate.Who(ctx).Can(login.ReviewsAnswer)
	for _, one := range all.Reviews {
		row := w.reviewRow(t, one, may)
		if one.ID == at && refused != nil {
			row.Field.Error, row.Field.Value = t.Fault(refused), r.PostFormValue("text")
		}
		v.Rows = append(v.Rows, row)
	}
	if all.Next != "" {
		next := url.Values{"after": {all.Next}}
		if !open {
			next.Set("show", "all")
		}
		v.Pager.Next = "/desk/reviews?" + next.Encode()
	}
	return w.set.Render(rw, r, statusOf(refused), "desk-reviews", v)
}

func (w *web) reviewRow(t page.Tongue, one review.Review, may bool) reviewRow {
	row := reviewRow{ID: string(one.ID), Stars: page.Stars{Tenths: int(one.Stars) * 10, Text: page.Itoa(one.Stars)},
		Author: one.Author, When: t.When(one.WrittenAt), Choice: one.Choice, Text: one.Said.Text,
		FollowUp: one.FollowUp.Text, Answer: one.Answer, Product: "/p/" + one.Product}
	if row.Author == "" {
		row.Author = t.T("merchantweb.a_shopper")
	}
	if !one.Verified() {
		row.Notes = append(row.Notes, t.T("merchantweb.imported_from", "source", one.Source))
	}
	if one.Returned {
		row.Notes = append(row.Notes, t.T("merchantweb.was_returned"))
	}
	if one.State != review.Shown {
		row.Notes = append(row.Notes, t.T("merchantweb.is_hidden"))
	}
	for _, p := range one.Said.Pictures {
		row.Pictures = append(row.Pictures, page.PictureURL(string(p), picture.Small))
	}
	row.May = may
	row.Field = page.Field{ID: "answer-" + row.ID, Name: "text", Kind: "area", Label: t.T("merchantweb.your_answer"),
		Required: true, Length: review.AnswerMax, Value: one.Answer}
	return row
}

// answerReview answers a review, or changes the answer.
func (w *web) answerReview(rw http.ResponseWriter, r *http.Request) error {
	id := review.ID(r.PathValue("review"))
	_, err := w.Reviews.Answer(r.Context(), review.Answer{Shop: shopOf(r), Review: id, Text: r.PostFormValue("text")})
	if err != nil {
		if !page.Own(err) || fault.Of(err) == fault.NotFound {
			return err
		}
		return w.showReviews(rw, r, id, err)
	}
	page.Flash(rw, "good", "merchantweb.answered")
	return page.See(rw, r, "/desk/reviews")
}
