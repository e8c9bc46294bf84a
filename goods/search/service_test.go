package search_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/search"
	"hutong/party/merchant"
)

// thing is a product with one SKU.
func thing(shop, name, zh, en string) goods {
	return goods{catalog.Product{Shop: shop, Source: "test", ExternalID: name, State: catalog.Listed,
		Title: catalog.Words{Zh: zh, En: en}, SKUs: []catalog.SKU{{Code: "code-" + name}}}, 100, 5}
}

func (w *world) titles(q search.Query) (titles []string) {
	w.t.Helper()
	cards, err := w.search.Cards(context.Background(), w.find(q).Hits)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, c := range cards {
		titles = append(titles, c.Title.In(text.Zh))
	}
	return titles
}

func (w *world) wantTitles(q search.Query, want ...string) {
	w.t.Helper()
	if got := w.titles(q); !slices.Equal(got, want) {
		w.t.Errorf("%+v: got %q, want %q", q, got, want)
	}
}

func TestWordsOfTwoLanguagesAreFound(t *testing.T) {
	each(t, func(w *world) {
		shop := w.shop("lane")
		for i, g := range []goods{
			thing(shop, "1", "西湖龙井茶叶 250克", "Longjing green tea leaves"),
			thing(shop, "2", "蓝牙无线耳机", "Wireless Bluetooth headphones"),
			thing(shop, "3", "手工拉面条", "Hand-pulled noodles"),
			thing(shop, "4", "苹果手机保护壳", "Phone case for iPhone 11"),
			thing(shop, "5", "Type-C快充数据线 1米", "USB-C fast charging cable"),
			thing(shop, "6", "耳机收纳盒", "Earphone box"),
			thing(shop, "7", "红色的茶杯", "Red tea cups"),
		} {
			g.ExternalID = fmt.Sprint(i)
			w.sell(g)
			w.now.Advance(time.Second)
		}
		w.settle()
		for query, want := range map[string][]string{
			"茶叶": {"西湖龙井茶叶 250克"}, "耳机": {"耳机收纳盒", "蓝牙无线耳机"}, "面条": {"手工拉面条"}, "手机": {"苹果手机保护壳"},
			"蓝牙耳机": {"蓝牙无线耳机"}, "手机壳": {"苹果手机保护壳"}, "数据线": {"Type-C快充数据线 1米"}, "快充": {"Type-C快充数据线 1米"},
			"红茶杯": {"红色的茶杯"}, "红色的茶杯": {"红色的茶杯"}, "茶": {"红色的茶杯", "西湖龙井茶叶 250克"}, "龙井 tea": {"西湖龙井茶叶 250克"},
			"headphone": {"蓝牙无线耳机"}, "HEADPHONES": {"蓝牙无线耳机"}, "headph": {"蓝牙无线耳机"}, "boxes": {"耳机收纳盒"},
			"usb c cable": {"Type-C快充数据线 1米"}, "usb-c": {"Type-C快充数据线 1米"}, "typec线": {"Type-C快充数据线 1米"},
			"iphone11 case": {"苹果手机保护壳"}, "case for the iphone": {"苹果手机保护壳"}, "tea leaf": {"西湖龙井茶叶 250克"},
			"code-3": {"手工拉面条"}, "ｔｅａ": {"红色的茶杯", "西湖龙井茶叶 250克"}, "机耳": nil, "叶茶": nil, "zebra": nil,
		} {
			w.wantTitles(search.Query{Text: query}, want...)
		}
	})
}

func TestTitleThenBrandThenAttributesThenDescription(t *testing.T) {
	each(t, func(w *world) {
		shop := w.shop("lane")
		for _, place := range []string{"description", "attribute", "brand", "title"} {
			g := thing(shop, place, place, "")
			word := "搪瓷"
			switch place {
			case "description":
				g.Description.Zh = "<p>这是<strong>搪瓷</strong>做的，搪瓷好。</p>"
			case "attribute":
				g.Attributes = []catalog.Attribute{{Name: catalog.Words{Zh: "材质"}, Value: catalog.Words{Zh: word}}}
			case "brand":
				g.Brand = word
			case "title":
				g.Title.Zh = "搪瓷"
			}
			w.sell(g)
		}
		w.build()
		w.wantTitles(search.Query{Text: "搪瓷"}, "搪瓷", "brand", "attribute", "description")
		if r := w.find(search.Query{Text: "strong"}); r.Total != 0 {
			t.Error("markup is searched")
		}
	})
}

func TestBarcodesFindTheirProduct(t *testing.T) {
	each(t, func(w *world) {
		shop := w.shop("lane")
		g := thing(shop, "1", "墨盒", "Toner TN-2110")
		g.SKUs[0].Barcode = "0095205603217"
		w.sell(g, thing(shop, "2", "打印机", "Printer for 95205603217 toners, 0095205603217"))
		w.build()
		for _, code := range []string{"0095205603217", "095205603217", "95205603217", " 0095-2056-03217 "} {
			got := w.titles(search.Query{Text: code})
			if len(got) == 0 || got[0] != "墨盒" {
				t.Errorf("%s: %q", code, got)
			}
		}
		w.wantTitles(search.Query{Text: "tn2110"}, "墨盒")
		w.wantTitles(search.Query{Text: "tn-2110"}, "墨盒")
	})
}

func TestOnlyWhatCanBeBoughtIsFound(t *testing.T) {
	each(t, func(w *world) {
		ctx := context.Background()
		a, b := w.shop("lane-a"), w.shop("lane-b")
		w.build()
		saved := w.sell(thing(a, "1", "茶一", ""), thing(b, "2", "茶二", ""), thing(b, "3", "茶三", ""))
		w.settle()
		tea := search.Query{Text: "茶"}
		w.wantTitles(tea, "茶三", "茶二", "茶一")
		step := func(err error, want ...string) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			w.settle()
			w.wantTitles(tea, want...)
		}
		step(w.catalog.Withdraw(ctx, b, saved[2].Product), "茶二", "茶一")
		step(w.catalog.Relist(ctx, b, saved[2].Product), "茶三", "茶二", "茶一")
		step(w.merchant.Close(ctx, merchant.ID(b)), "茶一")
		step(w.merchant.Reopen(ctx, merchant.ID(b)), "茶三", "茶二", "茶一")
		offers, err := w.offer.ByProducts(ctx, []string{string(saved[0].Product)})
		if err != nil {
			t.Fatal(err)
		}
		one := offers[string(saved[0].Product)][0]
		step(w.offer.Withdraw(ctx, a, one.ID), "茶三", "茶二")
		step(w.offer.Reprice(ctx, a, one.ID, money.New(55, "USD"), money.New(0, "USD")), "茶三", "茶二", "茶一")
		if r := w.find(search.Query{PriceMax: 55}); r.Total != 1 {
			t.Error("the new price is not found", r)
		}
		fresh, err := search.New(w.db, w.now)
		if err != nil {
			t.Fatal(err)
		}
		kept := w.search
		w.search = fresh
		w.build()
		w.wantTitles(tea, "茶三", "茶二", "茶一")
		if kept.Size().Products != fresh.Size().Products {
			t.Error("what events made is not what the tables say", kept.Size(), fresh.Size())
		}
	})
}

func TestProductWithoutOfferIsNotFound(t *testing.T) {
	each(t, func(w *world) {
		shop := w.shop("lane-a")
		g := thing(shop, "1", "茶", "")
		saved := w.sell(g)
		w.build()
		offers, err := w.offer.ByProducts(context.Background(), []string{string(saved[0].Product)})
		if err != nil {
			t.Fatal(err)
		}
		err = w.offer.Withdraw(context.Background(), shop, offers[string(saved[0].Product)][0].ID)
		if err != nil {
			t.Fatal(err)
		}
		w.build()
		w.wantTitles(search.Query{})
	})
}

func TestStockIsSeenWithinSeconds(t *testing.T) {
	each(t, func(w *world) {
		ctx := context.Background()
		shop := w.shop("lane-a")
		saved := w.sell(thing(shop, "1", "茶", ""), thing(shop, "2", "杯", ""))
		w.build()
		set := func(units int64) {
			t.Helper()
			if err := w.stock.SetStock(ctx, shop, string(saved[0].SKUs[0]), units); err != nil {
				t.Fatal(err)
			}
			w.now.Advance(2 * time.Second)
			if _, err := w.search.Jobs()[0].Run(ctx); err != nil {
				t.Fatal(err)
			}
		}
		w.wantTitles(search.Query{InStock: true}, "杯", "茶")
		set(0)
		w.wantTitles(search.Query{InStock: true}, "杯")
		w.wantTitles(search.Query{}, "杯", "茶")
		if cards, err := w.search.Cards(ctx, []catalog.ID{saved[0].Product}); err != nil || cards[0].InStock {
			t.Error("a card says that it is in stock", cards, err)
		}
		if f := w.find(search.Query{}).Facets; f.InStock != 1 || f.OutOfStock != 1 {
			t.Error(f)
		}
		set(3)
		w.wantTitles(search.Query{InStock: true}, "杯", "茶")
	})
}

// TestASalesOwnPiecesAreInStock: a product whose ordinary pools are empty is in stock while a sale has pieces of its own
// of it: in filters, counts and cards, after a look at the stock and when its price or its words are read anew.
func TestASalesOwnPiecesAreInStock(t *testing.T) {
	each(t, func(w *world) {
		ctx := context.Background()
		shop := w.shop("lane-a")
		saved := w.sell(thing(shop, "1", "茶", ""), thing(shop, "2", "杯", ""))
		begin := w.now.Now().Add(time.Minute)
		w.search.PlugSales(func(at time.Time) map[string]bool {
			return map[string]bool{string(saved[0].Product): !at.Before(begin) && at.Before(begin.Add(time.Hour))}
		})
		if err := w.stock.SetStock(ctx, shop, string(saved[0].SKUs[0]), 0); err != nil {
			t.Fatal(err)
		}
		w.build()
		id := []string{string(saved[0].Product)}
		for _, c := range []struct {
			at    time.Time
			looks []func() error
			want  []string
		}{{begin.Add(-1), nil, []string{"杯"}},
			{begin, []func() error{func() error { return w.search.RefreshStock(ctx) },
				func() error { return w.search.Repriced(ctx, id) }, func() error { return w.search.Changed(ctx, id) }},
				[]string{"杯", "茶"}},
			{begin.Add(time.Hour), []func() error{func() error { return w.search.RefreshStock(ctx) }}, []string{"杯"}}} {
			w.now.Set(c.at)
			for _, look := range append(c.looks, func() error { return nil }) {
				if err := look(); err != nil {
					t.Fatal(err)
				}
				w.wantTitles(search.Query{InStock: true}, c.want...)
				if f := w.find(search.Query{}).Facets; f.InStock != len(c.want) || f.OutOfStock != 2-len(c.want) {
					t.Error(f)
				}
			}
		}
	})
}

func TestCardsFollowChanges(t *testing.T) {
	each(t, func(w *world) {
		ctx := context.Background()
		shop := w.shop("lane-a")
		g := thing(shop, "1", "茶", "Tea")
		g.Pictures = []catalog.PictureID{"pic_1"}
		saved := w.sell(g)
		w.settle()
		card := func() search.Card {
			t.Helper()
			cards, err := w.search.Cards(ctx, []catalog.ID{"prd_none", saved[0].Product})
			if err != nil || len(cards) != 1 {
				t.Fatal(cards, err)
			}
			return cards[0]
		}
		first := card()
		want := search.Card{Product: saved[0].Product, Shop: shop, ShopCode: "lane-a",
			ShopName: catalog.Words{Zh: "lane-a店", En: "lane-a"}, Title: catalog.Words{Zh: "茶", En: "Tea"},
			Picture: "pic_1", Currency: "USD", Price: 100, PriceTop: 100, Offer: first.Offer, InStock: true}
		if first != want || first.Offer == "" {
			t.Fatalf("got  %+v\nwant %+v", first, want)
		}
		err := w.offer.Reprice(ctx, shop, offer.ID(first.Offer), money.New(90, "USD"), money.New(120, "USD"))
		if err != nil {
			t.Fatal(err)
		}
		w.settle()
		if c := card(); c.Price != 90 || c.ListPrice != 120 {
			t.Fatal("the card shows the old price", c)
		}
		g.Title.Zh = "绿茶"
		w.sell(g)
		w.settle()
		if c := card(); c.Title.Zh != "绿茶" {
			t.Fatal("the card shows the old title", c)
		}
	})
}

func TestSuggestCompletesWithWhatFindsSomething(t *testing.T) {
	each(t, func(w *world) {
		ctx := context.Background()
		shop := w.shop("lane-a")
		long := thing(shop, "1", "保温杯", "Vacuum flask steel 500 ml keeps drinks warm for a day")
		long.Category = "hg"
		w.sell(long, thing(shop, "2", "马克杯", "Mug"))
		w.build()
		for _, c := range []struct {
			prefix string
			lang   text.Lang
			want   []search.Suggestion
		}{
			{"vacu", text.En, []search.Suggestion{{Text: "Vacuum flask steel 500 ml keeps"}}},
			{"杯", text.Zh, []search.Suggestion{{Text: "马克杯"}, {Text: "保温杯"}}},
			{"home", text.En, []search.Suggestion{{Text: "Home & Garden", Category: "hg"},
				{Text: "Vacuum flask steel 500 ml keeps"}}},
			{"elec", text.En, nil}, {"  ", text.En, nil}, {"zzz", text.Zh, nil},
		} {
			got, err := w.search.Suggest(ctx, c.prefix, c.lang)
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("%q: got %+v %v, want %+v", c.prefix, got, err, c.want)
			}
			for _, s := range got {
				if r := w.find(search.Query{Text: s.Text}); s.Category == "" && (r.Total == 0 || r.Loose) {
					t.Errorf("the suggestion %q finds nothing", s.Text)
				}
			}
		}
	})
}

func TestWrongQueriesAreRefusedWithTheField(t *testing.T) {
	each(t, func(w *world) {
		for code, c := range map[string]struct {
			q     search.Query
			field string
		}{
			"search.text_long": {search.Query{Text: string(make([]rune, 301))}, "q"},
			"search.category":  {search.Query{Category: "none"}, "category"},
			"search.price":     {search.Query{PriceMin: 2, PriceMax: 1}, "price_min"},
			"search.sort":      {search.Query{Sort: "rating"}, "sort"},
			"search.cursor":    {search.Query{Cursor: "x"}, "cursor"},
		} {
			_, err := w.search.Search(context.Background(), c.q)
			if !fault.Is(err, code) || fault.As(err).Field != c.field {
				t.Errorf("%s: %v", code, err)
			}
			if search.Texts[code].Zh == "" {
				t.Error("no text for", code)
			}
		}
	})
}
