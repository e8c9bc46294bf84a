package catalog_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/text"
	"hutong/goods/catalog"
)

var schemas = []db.Schema{event.Schema, catalog.Schema}

var noon = time.Date(2026, 11, 11, 12, 0, 0, 0, time.UTC)

type world struct {
	t   *testing.T
	db  *db.DB
	svc *catalog.Service
	now *clock.Manual
}

func each(t *testing.T, test func(w *world)) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) { test(newWorld(t, d)) })
}

func newWorld(t *testing.T, d *db.DB) *world {
	c := clock.NewManual(noon)
	return &world{t, d, catalog.New(d, c, id.NewMaker(c, rand.Reader)), c}
}

func (w *world) save(products ...catalog.Product) []catalog.Saved {
	w.t.Helper()
	saved, err := w.trySave(products...)
	if err != nil {
		w.t.Fatal(err)
	}
	return saved
}

func (w *world) trySave(products ...catalog.Product) (saved []catalog.Saved, err error) {
	err = w.db.Write(context.Background(), func(tx *db.Tx) error {
		saved, err = w.svc.Save(tx, w.now.Now(), products)
		return err
	})
	return saved, err
}

func (w *world) events() (n int) {
	w.t.Helper()
	err := w.db.Read(context.Background(), func(tx *db.Tx) (err error) {
		n, _, err = db.Value[int](tx, `SELECT COUNT(*) FROM outbox WHERE topic = $1`, catalog.Changed)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// shirt is a product with two options and three SKUs.
func shirt(external string) catalog.Product {
	return catalog.Product{
		Shop: "shp_a", Source: "test", ExternalID: external, State: catalog.Listed,
		Title: catalog.Words{Zh: "纯棉衬衫", En: "Cotton shirt"}, Brand: "Lane",
		Description: catalog.Words{En: "<p>Soft &amp; <strong>light</strong>.</p>"},
		Pictures:    []catalog.PictureID{"pic_1", "pic_2"},
		Options: []catalog.Option{
			{Name: catalog.Words{Zh: "颜色", En: "Colour"},
				Values: []catalog.Words{{Zh: "红", En: "Red"}, {En: "Blue"}}},
			{Name: catalog.Words{En: "Size"}, Values: []catalog.Words{{En: "S"}, {En: "M"}}},
		},
		Attributes: []catalog.Attribute{{Name: catalog.Words{En: "Material"}, Value: catalog.Words{En: "Cotton"}}},
		SKUs: []catalog.SKU{
			{ExternalID: "r-s", Code: "1", Choice: []int{0, 0}, Barcode: "0095205603217", WeightG: 200},
			{ExternalID: "r-m", Code: "2", Choice: []int{0, 1}, Picture: "pic_2"},
			{ExternalID: "b-m", Code: "3", Choice: []int{1, 1}},
		},
	}
}

// plain is a product with nothing to choose.
func plain(external, title string) catalog.Product {
	return catalog.Product{Shop: "shp_a", Source: "test", ExternalID: external, State: catalog.Listed,
		Title: catalog.Words{En: title}, SKUs: []catalog.SKU{{}}}
}

func TestSaveCreatesChangesAndLeavesAlone(t *testing.T) {
	each(t, func(w *world) {
		first := w.save(shirt("1"), plain("2", "Mug"))
		if first[0].Outcome != catalog.Created || first[1].Outcome != catalog.Created || len(first[0].SKUs) != 3 {
			t.Fatal(first)
		}
		again := w.save(shirt("1"), plain("2", "Mug"))
		for i := range again {
			if again[i].Outcome != catalog.Unchanged || again[i].Product != first[i].Product ||
				!slices.Equal(again[i].SKUs, first[i].SKUs) {
				t.Fatalf("a repeat is not recognised: %+v after %+v", again[i], first[i])
			}
		}
		if w.events() != 1 {
			t.Fatal("a repeat announces a change", w.events())
		}
		w.now.Advance(time.Hour)
		third := w.save(shirt("1"), plain("2", "Big mug"))
		if third[0].Outcome != catalog.Unchanged || third[1].Outcome != catalog.Updated || w.events() != 2 {
			t.Fatal(third, w.events())
		}
		mug, err := w.svc.Product(context.Background(), first[1].Product)
		if err != nil || mug.Title.En != "Big mug" || !mug.CreatedAt.Equal(noon) ||
			!mug.UpdatedAt.Equal(noon.Add(time.Hour)) || mug.SKUs[0].ID != first[1].SKUs[0] {
			t.Fatal(mug, err)
		}
	})
}

func TestProductReadsBackAsSaved(t *testing.T) {
	each(t, func(w *world) {
		want := shirt("1")
		saved := w.save(want)[0]
		got, err := w.svc.Product(context.Background(), saved.Product)
		if err != nil {
			t.Fatal(err)
		}
		want.ID, want.CreatedAt, want.UpdatedAt = saved.Product, noon, noon
		for i := range want.SKUs {
			k := &want.SKUs[i]
			k.ID, k.Product, k.Shop, k.State = saved.SKUs[i], saved.Product, "shp_a", catalog.Listed
		}
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Fatalf("got  %+v\nwant %+v", got, want)
		}
		if _, err := w.svc.Product(context.Background(), "prd_none"); !fault.Is(err, "product.not_found") {
			t.Fatal(err)
		}
	})
}

func TestSKUsThatAreGoneAreWithdrawnAndComeBackAsThemselves(t *testing.T) {
	each(t, func(w *world) {
		p := shirt("1")
		first := w.save(p)[0]
		all := p.SKUs
		p.SKUs = all[1:]
		second := w.save(p)[0]
		if !slices.Equal(second.Withdrawn, first.SKUs[:1]) || !slices.Equal(second.SKUs, first.SKUs[1:]) {
			t.Fatal(first, second)
		}
		got, err := w.svc.Product(context.Background(), first.Product)
		if err != nil || len(got.SKUs) != 2 {
			t.Fatal(got.SKUs, err)
		}
		if w.brief(first.SKUs[0]).State != catalog.Withdrawn {
			t.Fatal("an old order can no longer show its SKU")
		}
		p.SKUs = all
		third := w.save(p)[0]
		if !slices.Equal(third.SKUs, first.SKUs) || len(third.Withdrawn) != 0 {
			t.Fatal(first, third)
		}
		if w.brief(first.SKUs[0]).State != catalog.Listed {
			t.Fatal("a SKU that came back is not on sale")
		}
	})
}

func (w *world) brief(k catalog.SKUID) (b catalog.Brief) {
	w.t.Helper()
	err := w.db.Read(context.Background(), func(tx *db.Tx) error {
		all, err := w.svc.Briefs(tx, []catalog.SKUID{k, "sku_none"})
		b = all[k]
		if len(all) != 1 {
			w.t.Error(all)
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

func TestBriefSaysWhatAnOrderLineNeeds(t *testing.T) {
	each(t, func(w *world) {
		saved := w.save(shirt("1"))[0]
		got := w.brief(saved.SKUs[2])
		want := catalog.Brief{SKU: saved.SKUs[2], Product: saved.Product, Shop: "shp_a", Code: "3",
			Title:  catalog.Words{Zh: "纯棉衬衫", En: "Cotton shirt"},
			Choice: catalog.Words{Zh: "Blue / M", En: "Blue / M"}, Picture: "pic_1", State: catalog.Listed}
		if got != want {
			t.Fatalf("got %+v, want %+v", got, want)
		}
		if b := w.brief(saved.SKUs[1]); b.Choice.In(text.Zh) != "红 / M" || b.Picture != "pic_2" {
			t.Fatal(b)
		}
		if err := w.svc.Withdraw(context.Background(), "shp_a", saved.Product); err != nil {
			t.Fatal(err)
		}
		if b := w.brief(saved.SKUs[1]); b.State != catalog.Withdrawn {
			t.Fatal("a SKU of a withdrawn product is on sale")
		}
	})
}

func TestSaveIsAllOrNothing(t *testing.T) {
	each(t, func(w *world) {
		bad := plain("2", "Mug")
		bad.SKUs = nil
		_, err := w.trySave(plain("1", "Cup"), bad)
		if !fault.Is(err, "product.skus_missing") || fault.As(err).Field != "products.1.skus" {
			t.Fatal(err)
		}
		if _, err := w.trySave(plain("1", "Cup"), plain("1", "Mug")); !fault.Is(err, "product.twice") {
			t.Fatal(err)
		}
		if _, err := w.trySave(make([]catalog.Product, catalog.BatchMax+1)...); !fault.Is(err, "product.batch") {
			t.Fatal(err)
		}
		page, err := w.svc.ByShop(context.Background(), catalog.ByShop{Shop: "shp_a", Limit: 10})
		if err != nil || len(page.Products) != 0 || w.events() != 0 {
			t.Fatal("a refused batch left something", page, err)
		}
	})
}

func TestHandMadeProductsGetNamesAndStayApart(t *testing.T) {
	each(t, func(w *world) {
		saved := w.save(plain("", "Cup"), plain("", "Cup"))
		if saved[0].Product == saved[1].Product {
			t.Fatal("two products became one")
		}
		p, err := w.svc.Product(context.Background(), saved[0].Product)
		if err != nil || p.ExternalID == "" {
			t.Fatal(p, err)
		}
		p.Title.En = "Tea cup"
		if again := w.save(p)[0]; again.Outcome != catalog.Updated || again.Product != saved[0].Product {
			t.Fatal("an edited product is not recognised", again)
		}
	})
}

func TestSameNameInAnotherShopIsAnotherProduct(t *testing.T) {
	each(t, func(w *world) {
		theirs := plain("1", "Cup")
		theirs.Shop = "shp_b"
		saved := w.save(plain("1", "Cup"), theirs)
		if saved[0].Product == saved[1].Product || w.events() != 2 {
			t.Fatal(saved, w.events())
		}
		err := w.svc.Withdraw(context.Background(), "shp_b", saved[0].Product)
		if !fault.Is(err, "product.not_found") {
			t.Fatal("a shop withdraws another shop's product", err)
		}
	})
}

func TestWithdrawAndRelist(t *testing.T) {
	each(t, func(w *world) {
		ctx := context.Background()
		saved := w.save(plain("1", "Cup"))[0]
		for _, step := range []struct {
			do     func(context.Context, string, ...catalog.ID) error
			want   catalog.State
			events int
		}{
			{w.svc.Withdraw, catalog.Withdrawn, 2},
			{w.svc.Withdraw, catalog.Withdrawn, 2},
			{w.svc.Relist, catalog.Listed, 3},
		} {
			if err := step.do(ctx, "shp_a", saved.Product); err != nil {
				t.Fatal(err)
			}
			p, err := w.svc.Product(ctx, saved.Product)
			if err != nil || p.State != step.want || w.events() != step.events {
				t.Fatal(p, err, w.events())
			}
		}
	})
}

func TestByShopPagesThroughAll(t *testing.T) {
	each(t, func(w *world) {
		ctx := context.Background()
		var want []string
		for i := range 7 {
			p := plain(fmt.Sprint(i), fmt.Sprintf("Cup %d", i))
			p.Position = int64(i % 2)
			w.save(p)
		}
		for _, i := range []int{6, 4, 2, 0, 5, 3, 1} {
			want = append(want, fmt.Sprintf("Cup %d", i))
		}
		var got []string
		q := catalog.ByShop{Shop: "shp_a", State: catalog.Listed, Limit: 3}
		for pages := 0; pages < 4; pages++ {
			page, err := w.svc.ByShop(ctx, q)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range page.Products {
				got = append(got, p.Title.En)
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Fatal(got, want)
		}
		for _, cursor := range []string{"x", "1", "1.", "a.b", "1.x", "1.sku_01m73yf0000vjfa2n427jap67z"} {
			q.Cursor = cursor
			if _, err := w.svc.ByShop(ctx, q); !fault.Is(err, "product.cursor") {
				t.Fatal(cursor, err)
			}
		}
	})
}
