package review_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/goods/picture"
	"hutong/party/shopper"
	"hutong/trade/review"
)

func TestAReviewIsWrittenAfterReceiptOnceAndCounted(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.paid("tea", "cup")
		cmd := review.Write{Shopper: b.who, Order: o, Line: 1, Stars: 4, Name: " Lily ",
			Said: review.Said{Text: " 很香 \r\n再买 ", Pictures: []picture.ID{pic("1"), pic("2")}}}
		_, err := b.Reviews.Write(ctx, cmd)
		b.refused(err, "review.not_received")
		b.ship(o)
		_, err = b.Reviews.Write(ctx, cmd)
		b.refused(err, "review.not_received")
		b.Must(b.Orders.Receive(ctx, b.who, o, 1))
		r, err := b.Reviews.Write(ctx, cmd)
		b.Must(err)
		again, err := b.Reviews.Write(ctx, cmd)
		b.Must(err)
		if again.ID != r.ID || again.Said.Text != "很香 \n再买" || len(again.Said.Pictures) != 2 || again.Author != "Lily" {
			t.Errorf("pressed twice: %+v, then %+v", r, again)
		}
		cmd.Stars = 5
		_, err = b.Reviews.Write(ctx, cmd)
		b.refused(err, "review.exists")
		if got := b.totals(r.Product); got.Verified.Stars != [5]int64{0, 0, 0, 1, 0} || got.Verified.Tenths != 40 ||
			got.Verified.Total != 1 || got.Imported.Total != 0 {
			t.Errorf("totals %+v", got)
		}
		if n := b.topics("review.written"); n != 1 {
			t.Errorf("%d events", n)
		}
		written, open, err := b.Reviews.OfOrder(ctx, b.who, o)
		if err != nil || len(written) != 1 || written[1].ID != r.ID || !slices.Equal(open, []int64{2}) {
			t.Errorf("%+v %v %v", written, open, err)
		}
	})
}

// Two presses at the same moment are one review.
func TestTwoPressesAtOnceAreOneReview(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.got("tea")
		var wg sync.WaitGroup
		ids := make([]review.ID, 6)
		for i := range ids {
			wg.Go(func() {
				r, err := b.Reviews.Write(ctx, review.Write{Shopper: b.who, Order: o, Line: 1, Stars: 3})
				if err != nil {
					t.Error(err)
				}
				ids[i] = r.ID
			})
		}
		wg.Wait()
		p, err := b.Reviews.ByShopper(ctx, b.who, review.Query{})
		if err != nil || len(p.Reviews) != 1 || len(slices.Compact(ids)) != 1 {
			t.Fatal(p, ids, err)
		}
		if got := b.totals(p.Reviews[0].Product).Verified; got.Total != 1 || got.Tenths != 30 {
			t.Errorf("%+v", got)
		}
	})
}

func TestWhatWasNeverSentIsNotReviewedAndWhatWasReturnedIs(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.paid("tea", "cup")
		b.refund(o, 1, 2, false)
		b.ship(o)
		b.Must(b.Orders.Receive(ctx, b.who, o, 1))
		_, err := b.Reviews.Write(ctx, review.Write{Shopper: b.who, Order: o, Line: 1, Stars: 1})
		b.refused(err, "review.not_received")
		b.refund(o, 2, 2, true)
		if _, open, err := b.Reviews.OfOrder(ctx, b.who, o); err != nil || !slices.Equal(open, []int64{2}) {
			t.Error(open, err)
		}
		if r := b.write(o, 2, 1, "broken"); !r.Returned || !r.Verified() {
			t.Errorf("%+v", r)
		}
	})
}

func TestA2_AForeignOrderIsNotFound(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.got("tea")
		other, _ := b.Shopper()
		for _, who := range []string{other, ""} {
			_, err := b.Reviews.Write(ctx, review.Write{Shopper: who, Order: o, Line: 1, Stars: 1})
			b.refused(err, "order.not_found")
			_, _, err = b.Reviews.OfOrder(ctx, who, o)
			b.refused(err, "order.not_found")
		}
		_, err := b.Reviews.Write(ctx, review.Write{Shopper: b.who, Order: o, Line: 7, Stars: 1})
		b.refused(err, "order.line")
		r := b.write(o, 1, 5, "")
		for _, who := range []string{other, ""} {
			_, err = b.Reviews.FollowUp(ctx, review.FollowUp{Shopper: who, Review: r.ID, Said: review.Said{Text: "x"}})
			b.refused(err, "review.not_found")
		}
		for _, shop := range []string{b.Shop("second"), ""} {
			_, err = b.Reviews.Answer(ctx, review.Answer{Shop: shop, Review: r.ID, Text: "x"})
			b.refused(err, "review.not_found")
			if p, err := b.Reviews.ByShop(ctx, shop, review.Query{}); err != nil || len(p.Reviews) != 0 {
				t.Error(p, err)
			}
		}
		for _, who := range []string{other, ""} {
			if p, err := b.Reviews.ByShopper(ctx, who, review.Query{}); err != nil || len(p.Reviews) != 0 {
				t.Error(p, err)
			}
		}
	})
}

// What everybody and the shop read never names a shopper; an anonymous review names no order either.
func TestAnonymousStaysSo(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.got("tea", "cup")
		r, err := b.Reviews.Write(ctx, review.Write{Shopper: b.who, Order: o, Line: 1, Stars: 5, Anonymous: true,
			Name: "Lily"})
		b.Must(err)
		open := b.write(o, 2, 5, "I am Lily")
		public, err := b.Reviews.ByProduct(ctx, r.Product, review.Query{})
		b.Must(err)
		if v := public.Reviews[0]; v.Shopper != "" || v.Order != "" || v.Author != "" || v.Line != 0 || !v.Anonymous {
			t.Errorf("%+v", v)
		}
		desk, err := b.Reviews.ByShop(ctx, b.shop, review.Query{})
		b.Must(err)
		if len(desk.Reviews) != 2 {
			t.Fatal(desk)
		}
		for _, v := range desk.Reviews {
			if v.Shopper != "" || (v.Order == "") != (v.ID == r.ID) {
				t.Errorf("%+v", v)
			}
		}
		b.Must(b.DB.Write(ctx, func(tx *db.Tx) error { return review.Person{}.Erase(tx, b.Clock.Now(), shopper.ID(b.who)) }))
		again, err := b.Reviews.ByShop(ctx, b.shop, review.Query{})
		b.Must(err)
		for _, v := range again.Reviews {
			if v.ID == open.ID && (!v.Anonymous || v.Order != "" || !v.Said.Empty() || v.Stars != 5) {
				t.Errorf("after erasure: %+v", v)
			}
		}
	})
}

func TestOneFollowUpWithinNinetyDays(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.got("tea", "cup")
		r, late := b.write(o, 1, 5, "good"), b.write(o, 2, 5, "good")
		_, err := b.Reviews.FollowUp(ctx, review.FollowUp{Shopper: b.who, Review: r.ID, Said: review.Said{Text: " "}})
		b.refused(err, "review.empty")
		b.Clock.Set(r.WrittenAt.AddDate(0, 0, 90).Add(-time.Microsecond))
		cmd := review.FollowUp{Shopper: b.who, Review: r.ID,
			Said: review.Said{Text: "still good", Pictures: []picture.ID{pic("3")}}}
		for range 2 {
			f, err := b.Reviews.FollowUp(ctx, cmd)
			if err != nil || f.FollowUp.Text != "still good" || f.Stars != 5 || len(f.FollowUp.Pictures) != 1 {
				t.Fatal(f, err)
			}
		}
		cmd.Said.Text = "no"
		_, err = b.Reviews.FollowUp(ctx, cmd)
		b.refused(err, "review.followed")
		b.Clock.Advance(time.Microsecond)
		cmd.Review = late.ID
		_, err = b.Reviews.FollowUp(ctx, cmd)
		b.refused(err, "review.too_late")
		p, err := b.Reviews.ByProduct(ctx, r.Product, review.Query{Pictured: true})
		if err != nil || len(p.Reviews) != 1 || p.Reviews[0].FollowedAt.IsZero() {
			t.Error(p, err)
		}
		if n := b.topics("review.written"); n != 3 {
			t.Errorf("%d events", n)
		}
	})
}

func TestTheMerchantAnswersOnceAndMayChangeIt(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		r := b.write(b.got("tea"), 1, 2, "weak")
		for _, words := range []string{"Sorry!", "Sorry!", "Sorry. Use more leaves."} {
			a, err := b.Reviews.Answer(ctx, review.Answer{Shop: b.shop, Review: r.ID, Text: words})
			if err != nil || a.Answer != words || a.AnsweredAt.IsZero() || a.Shopper != "" {
				t.Fatal(a, err)
			}
		}
		if n := b.topics("review.answered"); n != 2 {
			t.Errorf("%d events", n)
		}
		if p, err := b.Reviews.ByShop(ctx, b.shop, review.Query{Unanswered: true}); err != nil || len(p.Reviews) != 0 {
			t.Error(p, err)
		}
		for _, words := range []string{"", " ", strings.Repeat("字", 501), "a\x00"} {
			_, err := b.Reviews.Answer(ctx, review.Answer{Shop: b.shop, Review: r.ID, Text: words})
			b.refused(err, "review.answer")
		}
	})
}

func TestWhatIsSaidIsBoundedPlainText(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.got("tea")
		cmd := review.Write{Shopper: b.who, Order: o, Line: 1, Stars: 5}
		for _, c := range []struct {
			code string
			do   func(*review.Write)
		}{
			{"review.stars", func(w *review.Write) { w.Stars = 0 }},
			{"review.stars", func(w *review.Write) { w.Stars = 6 }},
			{"review.text", func(w *review.Write) { w.Said.Text = strings.Repeat("字", 1001) }},
			{"review.text", func(w *review.Write) { w.Said.Text = "a\x00b" }},
			{"review.text", func(w *review.Write) { w.Said.Text = "a\u202eb" }},
			{"review.text", func(w *review.Write) { w.Said.Text = "a\xffb" }},
			{"review.name", func(w *review.Write) { w.Name = "a\nb" }},
			{"review.name", func(w *review.Write) { w.Name = strings.Repeat("n", 31) }},
			{"review.picture", func(w *review.Write) { w.Said.Pictures = []picture.ID{"../../etc/passwd"} }},
			{"review.picture", func(w *review.Write) { w.Said.Pictures = []picture.ID{pic("f")} }},
			{"review.picture", func(w *review.Write) { w.Said.Pictures = []picture.ID{pic("1"), pic("1")} }},
			{"review.pictures", func(w *review.Write) {
				for i := range 10 {
					w.Said.Pictures = append(w.Said.Pictures, pic(fmt.Sprint(i)))
				}
			}},
		} {
			bad := cmd
			c.do(&bad)
			_, err := b.Reviews.Write(ctx, bad)
			b.refused(err, c.code)
		}
		cmd.Said.Text = strings.Repeat("字", 998) + "👨\u200d👩"
		_, err := b.Reviews.Write(ctx, cmd)
		b.refused(err, "review.text") // 1,001 with the joiner
		cmd.Said.Text = "<b>👨\u200d👩</b> {{.}}"
		r, err := b.Reviews.Write(ctx, cmd)
		b.Must(err)
		if r.Said.Text != cmd.Said.Text {
			t.Errorf("stored %q: text is kept raw and escaped by whoever shows it", r.Said.Text)
		}
	})
}

func TestListsTurnTheirPages(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		product := ""
		for i := range 5 {
			r := b.write(b.got("tea"), 1, int64(i%2)+4, fmt.Sprint(i))
			product = r.Product
			if i%2 == 0 {
				b.Clock.Advance(time.Second) // two at one instant, by id
			}
		}
		seen, cursor := "", ""
		for {
			p, err := b.Reviews.ByProduct(ctx, product, review.Query{Limit: 2, Cursor: cursor})
			b.Must(err)
			for _, r := range p.Reviews {
				seen += r.Said.Text
			}
			if cursor = p.Next; cursor == "" {
				break
			}
		}
		if seen != "43210" {
			t.Errorf("read %s", seen)
		}
		if p, err := b.Reviews.ByProduct(ctx, product, review.Query{Stars: 5}); err != nil || len(p.Reviews) != 2 {
			t.Error(p, err)
		}
		if got := b.totals(product).Verified; got.Total != 5 || got.Tenths != 44 {
			t.Errorf("%+v", got)
		}
		for _, bad := range []string{"x", "1", "1.'", "1." + strings.Repeat("a", 41), ".rev_1"} {
			_, err := b.Reviews.ByProduct(ctx, product, review.Query{Cursor: bad})
			b.refused(err, "review.cursor")
		}
	})
}

func TestAGuestsReviewsGoIntoTheAccount(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		r := b.write(b.got("tea"), 1, 5, "")
		into, _ := b.Shopper()
		b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
			return review.Person{}.Inherit(tx, b.Clock.Now(), shopper.ID(b.who), shopper.ID(into))
		}))
		p, err := b.Reviews.ByShopper(ctx, into, review.Query{})
		if err != nil || len(p.Reviews) != 1 || p.Reviews[0].ID != r.ID {
			t.Error(p, err)
		}
		b.Must(b.DB.Read(ctx, func(tx *db.Tx) error {
			held, err := review.Person{}.Export(tx, shopper.ID(into))
			if out := fmt.Sprintf("%+v", held); !strings.Contains(out, string(r.ID)) {
				t.Errorf("the export holds %s", out)
			}
			return err
		}))
		if err := b.Reviews.Report(ctx, review.Report{Shopper: into, Review: r.ID, Reason: review.Spam}); !fault.Is(err,
			"review.own") {
			t.Error(err)
		}
	})
}
