package review_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/party/audit"
	"hutong/trade/review"
)

func TestReportsWaitForTheOperator(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		r := b.write(b.got("tea"), 1, 1, "buy at evil.example")
		b.refused(b.Reviews.Report(ctx, review.Report{Shopper: b.who, Review: r.ID, Reason: review.Spam}), "review.own")
		b.refused(b.Reviews.Report(ctx, review.Report{Review: r.ID, Reason: review.Spam}), "review.not_found")
		other, _ := b.Shopper()
		third, _ := b.Shopper()
		b.refused(b.Reviews.Report(ctx, review.Report{Shopper: other, Review: r.ID, Reason: "x"}), "review.reason")
		b.refused(b.Reviews.Report(ctx, review.Report{Shopper: other, Review: r.ID, Reason: review.Spam,
			Note: strings.Repeat("n", 501)}), "review.note")
		b.refused(b.Reviews.Report(ctx, review.Report{Shopper: other, Review: "rev_x", Reason: review.Spam}),
			"review.not_found")
		for _, who := range []string{other, other, third} {
			b.Must(b.Reviews.Report(ctx, review.Report{Shopper: who, Review: r.ID, Reason: review.Spam, Note: "an advert"}))
		}
		p, err := b.Reviews.Reported(ctx, review.Query{})
		if err != nil || len(p.Reviews) != 1 || p.Reviews[0].Reports != 2 {
			t.Fatal(p, err)
		}
		operator := audit.As(ctx, audit.Person{Who: "lgn_op"})
		_, err = b.Reviews.Moderate(operator, review.Moderate{Review: r.ID, To: review.Hidden, Reason: review.Settled})
		b.refused(err, "review.reason")
		_, err = b.Reviews.Moderate(operator, review.Moderate{Review: r.ID, To: "gone", Reason: review.Spam})
		b.refused(err, "review.state")
		for range 2 {
			got, err := b.Reviews.Moderate(operator, review.Moderate{Review: r.ID, To: review.Hidden, Reason: review.Spam,
				Note: "advertising"})
			if err != nil || got.State != review.Hidden || got.Reports != 0 {
				t.Fatal(got, err)
			}
		}
		if got := b.totals(r.Product).Verified; got.Total != 0 || got.Tenths != 0 {
			t.Errorf("hidden, and counted: %+v", got)
		}
		if p, err := b.Reviews.ByProduct(ctx, r.Product, review.Query{}); err != nil || len(p.Reviews) != 0 {
			t.Error(p, err)
		}
		b.refused(b.Reviews.Report(ctx, review.Report{Shopper: other, Review: r.ID, Reason: review.Fake}),
			"review.not_found")
		_, err = b.Reviews.Moderate(operator, review.Moderate{Review: r.ID, To: review.Shown, Reason: review.Settled})
		b.Must(err)
		if got := b.totals(r.Product).Verified; got.Total != 1 || got.Tenths != 10 {
			t.Errorf("shown again: %+v", got)
		}
		_, reports, decided, err := b.Reviews.History(ctx, r.ID)
		if err != nil || len(reports) != 2 || reports[0].Open || len(decided) != 2 || decided[0].Actor != "lgn_op" ||
			decided[0].Note != "advertising" || decided[1].To != review.Shown {
			t.Error(reports, decided, err)
		}
		if n := b.topics("review.moderated"); n != 2 {
			t.Errorf("%d events", n)
		}
		entries, err := audit.New(b.DB, b.Clock, b.IDs).Entries(ctx, audit.Query{Subject: string(r.ID)})
		if err != nil || len(entries.Entries) != 2 || entries.Entries[1].Who != "lgn_op" ||
			entries.Entries[1].After["state"] != "hidden" {
			t.Error(entries, err)
		}
	})
}

func TestReportsOfOneShopperAreBounded(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		mean, _ := b.Shopper()
		r := b.write(b.got("tea"), 1, 1, "")
		b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
			for i := range review.ReportsMax {
				if _, err := tx.Exec(`INSERT INTO review_reports (review_id, shopper_id, reason, note, at_us, undecided)
					VALUES ($1, $2, 'spam', '', $3, FALSE)`, fmt.Sprint("rev_", i), mean, b.Clock.Now().UnixMicro()); err != nil {
					return err
				}
			}
			return nil
		}))
		cmd := review.Report{Shopper: mean, Review: r.ID, Reason: review.Fake}
		b.refused(b.Reviews.Report(ctx, cmd), "review.reports_many")
		b.Clock.Advance(24 * time.Hour)
		b.Must(b.Reviews.Report(ctx, cmd))
	})
}

func imported(product, id string, stars int64) review.Imported {
	return review.Imported{Source: "taobao", ExternalID: id, Product: product, Stars: stars, Text: "不错", Author: "t**1",
		WrittenAt: time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC)}
}

func TestImportedReviewsAreMarkedAndNeverCountAsVerified(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		r := b.write(b.got("tea"), 1, 2, "")
		foreign := b.Sell(b.Shop("second"), "cup", 100, 1)
		given := []review.Imported{imported(r.Product, "b", 5), imported(r.Product, "a", 4),
			imported(foreign.Product, "c", 5), imported("prd_none", "d", 5), imported(r.Product, "a", 1),
			imported(r.Product, "", 5), imported(r.Product, "e", 9)}
		future := imported(r.Product, "f", 5)
		future.WrittenAt = b.Clock.Now().Add(time.Second)
		odd := imported(r.Product, "g", 5)
		odd.Source = "No Where"
		given = append(given, future, odd)
		out, err := b.Reviews.Import(ctx, b.shop, given)
		if err != nil || out.Created != 2 || out.Unchanged != 1 || len(out.Rejected) != 6 {
			t.Fatalf("%+v %v", out, err)
		}
		for i, want := range []struct {
			index int
			code  string
		}{{2, "review.product"}, {3, "review.product"}, {5, "review.external_id"}, {6, "review.stars"},
			{7, "review.written"}, {8, "review.source"}} {
			if got := out.Rejected[i]; got.Index != want.index || !fault.Is(got.Err, want.code) {
				t.Errorf("%d: %v, want %v", i, got, want)
			}
		}
		out, err = b.Reviews.Import(ctx, b.shop, given[:2])
		if err != nil || out.Created != 0 || out.Unchanged != 2 {
			t.Errorf("again: %+v %v", out, err)
		}
		got := b.totals(r.Product)
		if got.Verified.Total != 1 || got.Verified.Tenths != 20 || got.Imported.Total != 2 || got.Imported.Tenths != 45 {
			t.Errorf("%+v", got)
		}
		p, err := b.Reviews.ByProduct(ctx, r.Product, review.Query{Verified: true})
		if err != nil || len(p.Reviews) != 1 || p.Reviews[0].ID != r.ID {
			t.Error(p, err)
		}
		all, err := b.Reviews.ByProduct(ctx, r.Product, review.Query{})
		if err != nil || len(all.Reviews) != 3 || all.Reviews[1].Source != "taobao" || all.Reviews[1].Verified() {
			t.Error(all, err)
		}
		_, err = b.Reviews.Moderate(ctx, review.Moderate{Review: all.Reviews[1].ID, To: review.Hidden, Reason: review.Fake})
		b.Must(err)
		if got := b.totals(r.Product); got.Imported.Total != 1 || got.Verified.Total != 1 {
			t.Errorf("%+v", got)
		}
		_, err = b.Reviews.Import(ctx, b.shop, make([]review.Imported, 501))
		b.refused(err, "review.import_many")
	})
}

// Whatever is written, imported, hidden and shown, the totals are what a recount gives.
func TestTotalsAreWhatARecountGives(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		product := b.Sell(b.shop, "tea", 100, 1).Product
		var known []review.ID
		serial := 0
		rapid.Check(t, func(rt *rapid.T) {
			for range rapid.IntRange(1, 5).Draw(rt, "steps") {
				if len(known) == 0 || rapid.Bool().Draw(rt, "import") {
					serial++
					g := imported(product, fmt.Sprint(serial), rapid.Int64Range(1, 5).Draw(rt, "stars"))
					if _, err := b.Reviews.Import(ctx, b.shop, []review.Imported{g, g}); err != nil {
						rt.Fatal(err)
					}
					p, err := b.Reviews.All(ctx, review.Query{Limit: 1})
					b.Must(err)
					known = append(known, p.Reviews[0].ID)
					continue
				}
				to := rapid.SampledFrom([]review.State{review.Shown, review.Hidden}).Draw(rt, "to")
				if _, err := b.Reviews.Moderate(ctx, review.Moderate{Review: rapid.SampledFrom(known).Draw(rt, "which"),
					To: to, Reason: review.Spam}); err != nil {
					rt.Fatal(err)
				}
			}
			var want review.Score
			sum := int64(0)
			b.Must(b.DB.Read(ctx, func(tx *db.Tx) error {
				want, sum = review.Score{}, 0
				return tx.Each(`SELECT stars FROM reviews WHERE state = 'shown'`, func(r db.Row) error {
					var n int64
					err := r.Scan(&n)
					want.Stars[n-1]++
					want.Total++
					sum += n
					return err
				})
			}))
			if want.Total > 0 {
				want.Tenths = (sum*10 + want.Total/2) / want.Total
				if want.Total%2 == 1 { // half of an odd number is rounded up to stay exact
					want.Tenths = (sum*20 + want.Total) / (2 * want.Total)
				}
			}
			if got := b.totals(product).Imported; got != want {
				rt.Fatalf("totals %+v, recounted %+v", got, want)
			}
		})
	})
}
