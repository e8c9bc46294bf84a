package catalog_test

import (
	"strings"
	"testing"

	"hutong/base/fault"
	"hutong/goods/catalog"
)

func TestWhatIsSaidOfAPictureStaysWithIt(t *testing.T) {
	each(t, func(w *world) {
		ctx := t.Context()
		p := catalog.Product{Shop: "shp_1", Source: "test", ExternalID: "1", State: catalog.Listed,
			Title: catalog.Words{Zh: "茶杯"}, Pictures: []catalog.PictureID{"pic_a", "pic_b"},
			SKUs: []catalog.SKU{{ExternalID: "only"}}}
		id := w.save(p)[0].Product
		say := catalog.Describe{Shop: "shp_1", Product: id, Picture: "pic_a",
			Words: catalog.Words{Zh: " 青瓷茶杯，\n侧面 ", En: "a celadon cup"}}
		for range 2 {
			if err := w.svc.Describe(ctx, say); err != nil {
				t.Fatal(err)
			}
		}
		for want, spoil := range map[string]func(*catalog.Describe){
			"product.not_found ":   func(d *catalog.Describe) { d.Shop = "shp_2" },
			"product.not_found  ":  func(d *catalog.Describe) { d.Picture = "pic_c" },
			"product.not_found   ": func(d *catalog.Describe) { d.Product = "prd_none" },
			"product.alt alt_zh":   func(d *catalog.Describe) { d.Words.Zh = strings.Repeat("茶", catalog.AltMax+1) },
			"product.alt alt_en":   func(d *catalog.Describe) { d.Words.En = "\x00" },
			"product.alt alt_en ":  func(d *catalog.Describe) { d.Words.En = "\xff" },
		} {
			bad := say
			spoil(&bad)
			err := w.svc.Describe(ctx, bad)
			if got := fault.As(err).Code + " " + fault.As(err).Field; err == nil || strings.TrimSpace(got) != strings.TrimSpace(want) {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		p.Title.Zh = "大茶杯"
		w.save(p) // as an import does
		got, err := w.svc.Alts(ctx, id)
		if want := (catalog.Words{Zh: "青瓷茶杯， 侧面", En: "a celadon cup"}); err != nil || len(got) != 1 || got["pic_a"] != want {
			t.Errorf("%v %v", got, err)
		}
		say.Words = catalog.Words{}
		if err := w.svc.Describe(ctx, say); err != nil {
			t.Fatal(err)
		}
		if got, err := w.svc.Alts(ctx, id); err != nil || len(got) != 0 {
			t.Errorf("taken back: %v %v", got, err)
		}
	})
}
