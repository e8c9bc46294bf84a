package shopweb

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"hutong/base/fault"
	"hutong/goods/catalog"
	"hutong/goods/picture"
	"hutong/surface/page"
	"hutong/trade/order"
	"hutong/trade/review"
)

// What a review's form takes: pictures from a phone, as they are.
const (
	photosMax  = 6
	reviewBody = 64 << 20
	photoInRAM = 4 << 20 // what is larger waits in a file
)

// reviewView asks for a review of one line.
type reviewView struct {
	page.Frame
	Line      lineView
	Shop      shopCard
	Action    string
	Wrong     string
	Stars     page.StarsField
	Text      page.Field
	Drop      *page.FileDrop
	Name      page.Field
	Anonymous page.Field
}

// writeReview asks for a review of one line of an order that was received.
func (w *web) writeReview(rw http.ResponseWriter, r *http.Request) error {
	return w.showReview(rw, r, r.URL.Query().Get("line"), nil)
}

func (w *web) showReview(rw http.ResponseWriter, r *http.Request, line string, refused error) error {
	o, l, err := w.reviewable(r.Context(), order.ID(r.PathValue("order")), line)
	if err != nil {
		return err
	}
	f := w.frame(r, "")
	t := w.set.In(f.Lang)
	_, shops, err := w.shops.list(r.Context())
	if err != nil {
		return err
	}
	back := "/orders/" + string(o.ID)
	v := reviewView{Frame: f, Action: back + "/review?line=" + page.Itoa(l.No), Line: orderLine(t, o, l),
		Shop: shopCardOf(t.Lang, shops[l.Shop])}
	v.Title, v.Here = t.T("shopweb.review_write"), v.Action
	v.Way = []page.Crumb{{Href: "/orders", Text: t.T("shopweb.my_orders")}, {Href: back, Text: t.T("shopweb.order")},
		{Text: v.Title}}
	faults := t.FaultsOf(refused, "stars", "text", "pictures", "name")
	v.Wrong = faults.General
	v.fields(t, r, faults)
	if w.Photos != nil {
		v.Drop = &page.FileDrop{ID: "pictures", Name: "pictures", Label: t.T("shopweb.review_pictures"), Many: true,
			Accept: "image/*", Hint: t.T("shopweb.review_pictures_hint", "n", photosMax), Error: faults.At("pictures")}
	}
	status := http.StatusOK
	if refused != nil {
		status = fault.Of(refused).Status()
	}
	return w.set.Render(rw, r, status, "review", v)
}

func (v *reviewView) fields(t page.Tongue, r *http.Request, faults page.Faults) {
	stars, _ := strconv.Atoi(r.PostFormValue("stars")) // none chosen where it is no number
	v.Stars = page.StarsField{ID: "stars", Name: "stars", Legend: t.T("shopweb.review_stars"), Required: true,
		Value: min(max(stars, 0), 5), Error: faults.At("stars")}
	for i := range v.Stars.Names {
		v.Stars.Names[i] = t.T("shopweb.star_" + strconv.Itoa(i+1))
	}
	v.Text = page.Field{ID: "text", Name: "text", Kind: "area", Rows: 5, Label: t.T("shopweb.review_text"),
		Holder: t.T("shopweb.review_text_holder"), Value: r.PostFormValue("text"), Length: review.TextMax,
		Error: faults.At("text")}
	v.Name = page.Field{ID: "name", Name: "name", Kind: "text", Label: t.T("shopweb.review_name"),
		Hint: t.T("shopweb.review_name_hint"), Value: r.PostFormValue("name"), Length: review.NameMax, Auto: "nickname",
		Error: faults.At("name")}
	v.Anonymous = page.Field{ID: "anonymous", Name: "anonymous", Kind: "check", Value: "1",
		Label: t.T("shopweb.review_anonymous"), Checked: r.PostFormValue("anonymous") == "1"}
}

// reviewable is the line of the shopper's own order, if it can be reviewed now.
func (w *web) reviewable(ctx context.Context, id order.ID, line string) (o order.Order, l order.Line, err error) {
	if w.Reviews == nil {
		return o, l, fault.New(fault.NotFound, "gate.not_found")
	}
	if o, err = w.Orders.Order(ctx, shopperOf(ctx), id); err != nil {
		return o, l, err
	}
	no, err := strconv.ParseInt(line, 10, 64)
	lines := o.Lines()
	i := slices.IndexFunc(lines, func(l order.Line) bool { return l.No == no })
	if err != nil || i < 0 {
		return o, l, fault.New(fault.NotFound, "order.not_found")
	}
	return o, lines[i], nil
}

// saveReview keeps the review with its pictures and goes back to the order.
func (w *web) saveReview(rw http.ResponseWriter, r *http.Request) error {
	line := r.URL.Query().Get("line")
	id := order.ID(r.PathValue("order"))
	_, l, err := w.reviewable(r.Context(), id, line)
	if err != nil {
		return err
	}
	cmd, err := wordsOf(r)
	cmd.Shopper, cmd.Order, cmd.Line = shopperOf(r.Context()), id, l.No
	said := false
	if err == nil {
		said, err = w.Reviews.Ready(r.Context(), cmd)
	}
	if err == nil {
		cmd.Said.Pictures, err = w.photos(r, !said)
	}
	if err == nil {
		_, err = w.Reviews.Write(r.Context(), cmd)
	}
	if err != nil {
		if !own(err) {
			return err
		}
		return w.showReview(rw, r, line, err)
	}
	page.Flash(rw, "good", "shopweb.review_thanks")
	return see(rw, r, "/orders/"+string(id))
}

// wordsOf reads the form, but for its pictures.
func wordsOf(r *http.Request) (cmd review.Write, err error) {
	err = r.ParseMultipartForm(photoInRAM)
	if err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return cmd, fault.New(fault.Invalid, "shopweb.pictures_large").At("pictures").Because(err)
	}
	if cmd.Stars, err = number(r, "stars"); err != nil {
		err = fault.New(fault.Invalid, "review.stars").At("stars")
	}
	cmd.Said.Text, cmd.Name = strings.TrimSpace(r.PostFormValue("text")), strings.TrimSpace(r.PostFormValue("name"))
	cmd.Anonymous = r.PostFormValue("anonymous") == "1"
	return cmd, err
}

// photos keeps the pictures of a form, or only names them: each is decoded and made anew, so nothing of what was sent
// is ever served.
func (w *web) photos(r *http.Request, keep bool) ([]picture.ID, error) {
	if w.Photos == nil || r.MultipartForm == nil {
		return nil, nil
	}
	all := slices.DeleteFunc(r.MultipartForm.File["pictures"], func(sent *multipart.FileHeader) bool {
		return sent.Size == 0 && sent.Filename == "" // the field was left empty
	})
	if len(all) > photosMax {
		return nil, fault.New(fault.Invalid, "review.pictures", fault.P("max", photosMax)).At("pictures")
	}
	var ids []picture.ID
	for _, sent := range all {
		f, err := sent.Open()
		if err != nil {
			return nil, err
		}
		id, err := w.photo(r.Context(), f, keep)
		_ = f.Close() // it was only read
		if err != nil {
			e := fault.As(err)
			return nil, e.At("pictures")
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func (w *web) photo(ctx context.Context, f io.Reader, keep bool) (picture.ID, error) {
	if !keep {
		return w.Photos.Identify(f)
	}
	p, err := w.Photos.Put(ctx, f)
	return p.ID, err
}

// reviewsOf puts the way to a review beside each line that can have one, and the review beside those that do.
func (w *web) reviewsOf(ctx context.Context, t page.Tongue, v *orderView, o order.Order) error {
	if w.Reviews == nil || o.State != order.Paid && o.State != order.Completed {
		return nil
	}
	written, open, err := w.Reviews.OfOrder(ctx, o.Shopper, o.ID)
	if err != nil {
		return err
	}
	for i := range v.Subs {
		for j := range v.Subs[i].Lines {
			line := &v.Subs[i].Lines[j]
			if r, done := written[line.No]; done {
				line.Review = &page.Link{Href: "/me/reviews", Text: t.T("shopweb.reviewed", "n", r.Stars)}
			} else if slices.Contains(open, line.No) {
				line.Review = &page.Link{Href: "/orders/" + string(o.ID) + "/review?line=" + page.Itoa(line.No),
					Text: t.T("shopweb.review_write"), Current: true}
			}
		}
	}
	return nil
}

// mineView is what the shopper wrote.
type mineView struct {
	page.Frame
	Reviews []mineReview
	Pager   page.Pager
	Empty   page.Empty
}

type mineReview struct {
	Review saidReview
	Follow *page.Dialog
}

// myReviews lists what the shopper wrote, each with a way to add to it.
func (w *web) myReviews(rw http.ResponseWriter, r *http.Request) error {
	return w.showMyReviews(rw, r, "", nil)
}

func (w *web) showMyReviews(rw http.ResponseWriter, r *http.Request, failed string, refused error) error {
	f := w.account(rw, r, "reviews")
	t := w.set.In(f.Lang)
	v := mineView{Frame: f, Empty: page.Empty{Title: t.T("shopweb.reviews_none"), Text: t.T("shopweb.my_reviews_none"),
		Href: "/orders?show=review", Action: t.T("shopweb.show_review")}}
	if w.Reviews == nil {
		return w.set.Render(rw, r, http.StatusOK, "me-reviews", v)
	}
	got, err := w.Reviews.ByShopper(r.Context(), shopperOf(r.Context()), review.Query{Cursor: r.URL.Query().Get("after")})
	if err != nil {
		return err
	}
	if got.Next != "" {
		v.Pager.Next = "/me/reviews?after=" + got.Next
	}
	products := make([]string, len(got.Reviews))
	for i, one := range got.Reviews {
		products[i] = one.Product
	}
	g, err := w.goods(r.Context(), idsOf(products))
	if err != nil {
		return err
	}
	titles := map[string]catalog.Product{}
	for _, p := range g.products {
		titles[string(p.ID)] = p
	}
	status := http.StatusOK
	for _, one := range got.Reviews {
		m := mineReview{Review: reviewOf(t, one)}
		m.Review.Title = titles[one.Product].Title.In(t.Lang)
		if one.FollowUp.Empty() {
			m.Follow = followUp(t, one.ID)
			if string(one.ID) == failed && refused != nil {
				m.Follow.Show, m.Follow.Wrong, status = true, t.Fault(refused), fault.Of(refused).Status()
			}
		}
		v.Reviews = append(v.Reviews, m)
	}
	return w.set.Render(rw, r, status, "me-reviews", v)
}

func followUp(t page.Tongue, id review.ID) *page.Dialog {
	return &page.Dialog{ID: "follow-" + string(id), Open: t.T("shopweb.follow_open"), Title: t.T("shopweb.review_follow"),
		Text: t.T("shopweb.follow_text", "n", review.FollowDays), Action: "/me/reviews",
		Hidden: []page.Pair{{Name: "review", Value: string(id)}},
		Fields: []page.Field{{ID: "text-" + string(id), Name: "text", Kind: "area", Label: t.T("shopweb.review_text"),
			Required: true, Length: review.TextMax}},
		Confirm: page.Act{Text: t.T("shopweb.follow_send"), Main: true}}
}

// follow adds to a review, once.
func (w *web) follow(rw http.ResponseWriter, r *http.Request) error {
	if w.Reviews == nil {
		return fault.New(fault.NotFound, "gate.not_found")
	}
	id := review.ID(r.PostFormValue("review"))
	_, err := w.Reviews.FollowUp(r.Context(), review.FollowUp{Shopper: shopperOf(r.Context()), Review: id,
		Said: review.Said{Text: strings.TrimSpace(r.PostFormValue("text"))}})
	if err != nil {
		if !own(err) {
			return err
		}
		return w.showMyReviews(rw, r, string(id), err)
	}
	page.Flash(rw, "good", "shopweb.review_thanks")
	return see(rw, r, "/me/reviews")
}

// report tells the operator of a review.
func (w *web) report(rw http.ResponseWriter, r *http.Request) error {
	if w.Reviews == nil {
		return fault.New(fault.NotFound, "gate.not_found")
	}
	cmd := review.Report{Shopper: shopperOf(r.Context()), Review: review.ID(r.PathValue("review")),
		Reason: review.Reason(r.PostFormValue("reason")), Note: strings.TrimSpace(r.PostFormValue("note"))}
	if err := w.Reviews.Report(r.Context(), cmd); err != nil {
		return err
	}
	page.Flash(rw, "good", "shopweb.reported")
	return see(rw, r, page.Back(r.PostFormValue("next"), "/"))
}

// complaint asks what is wrong with a review.
func complaint(t page.Tongue, id, next string) *page.Dialog {
	reasons := page.Group{}
	for _, r := range review.Reasons() {
		reasons.Options = append(reasons.Options, page.Option{Value: string(r), Text: t.T("review.reason." + string(r))})
	}
	return &page.Dialog{ID: "report-" + id, Open: t.T("shopweb.report"), Title: t.T("shopweb.report_title"),
		Text: t.T("shopweb.report_text"), Action: "/reviews/" + id + "/report",
		Hidden: []page.Pair{{Name: "next", Value: next}},
		Fields: []page.Field{{ID: "reason-" + id, Name: "reason", Kind: "select", Label: t.T("shopweb.report_reason"),
			Required: true, Options: []page.Group{reasons}}, {ID: "note-" + id, Name: "note", Kind: "area",
			Label: t.T("shopweb.refund_note"), Length: review.NoteMax}},
		Confirm: page.Act{Text: t.T("shopweb.report"), Bad: true}}
}
