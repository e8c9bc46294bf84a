package catalog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"hutong/base/fault"
	"hutong/base/text"
	"hutong/goods/catalog"
)

func long(n int) string { return strings.Repeat("长", n) }

// wrong are products with one thing changed, and the refusal that follows; an empty code is fine.
var wrong = []struct {
	code, field string
	change      func(p *catalog.Product)
}{
	{"", "", func(*catalog.Product) {}},
	{"product.shop", "shop", func(p *catalog.Product) { p.Shop = "" }},
	{"product.state", "state", func(p *catalog.Product) { p.State = "" }},
	{"product.position", "position", func(p *catalog.Product) { p.Position = -1 }},
	{"product.category", "category", func(p *catalog.Product) { p.Category = "zz" }},
	{"", "", func(p *catalog.Product) { p.Category = "aa" }},
	{"product.title_missing", "title", func(p *catalog.Product) { p.Title = catalog.Words{} }},
	{"", "", func(p *catalog.Product) { p.Title = catalog.Words{Zh: long(catalog.TitleMax)} }},
	{"product.too_long", "title_zh", func(p *catalog.Product) { p.Title.Zh = long(catalog.TitleMax + 1) }},
	{"product.text", "title_en", func(p *catalog.Product) { p.Title.En = "two\nlines" }},
	{"product.text", "title_en", func(p *catalog.Product) { p.Title.En = "\xff" }},
	{"product.too_long", "brand", func(p *catalog.Product) { p.Brand = long(catalog.NameMax + 1) }},
	{"product.text", "external_id", func(p *catalog.Product) { p.ExternalID = "a\x00" }},
	{"product.too_many", "pictures", func(p *catalog.Product) {
		p.Pictures = make([]catalog.PictureID, catalog.PicturesMax+1)
	}},
	{"", "", func(p *catalog.Product) { p.Description.Zh = "<p>好<br>的</p><ul><li>1 &lt; 2</li></ul>" }},
	{"product.description", "description_zh", func(p *catalog.Product) { p.Description.Zh = long(7_000) }},
	{"product.html", "description_en", func(p *catalog.Product) { p.Description.En = "<script>" }},
	{"product.html", "description_en", func(p *catalog.Product) { p.Description.En = `<p onclick="x">` }},
	{"product.html", "description_en", func(p *catalog.Product) { p.Description.En = "1 < 2" }},
	{"product.html", "description_en", func(p *catalog.Product) { p.Description.En = "<//p>" }},
	{"product.too_many", "options", func(p *catalog.Product) {
		p.Options = slices.Repeat(p.Options, catalog.OptionsMax)
	}},
	{"product.option_twice", "options.1", func(p *catalog.Product) { p.Options[1].Name = p.Options[0].Name }},
	{"product.name_missing", "options.0", func(p *catalog.Product) { p.Options[0].Name = catalog.Words{} }},
	{"product.values_missing", "options.1.values", func(p *catalog.Product) { p.Options[1].Values = nil }},
	{"product.value_twice", "options.1.values.1", func(p *catalog.Product) {
		p.Options[1].Values[1] = p.Options[1].Values[0]
	}},
	{"product.too_many", "options.1.values", func(p *catalog.Product) {
		p.Options[1].Values = make([]catalog.Words, catalog.ValuesMax+1)
	}},
	{"product.name_missing", "attributes.0", func(p *catalog.Product) { p.Attributes[0].Name.En = "" }},
	{"", "", func(p *catalog.Product) { p.Attributes[0].Value.En = "several\nlines" }},
	{"product.too_long", "attributes.0", func(p *catalog.Product) {
		p.Attributes[0].Value.Zh = long(catalog.ValueMax + 1)
	}},
	{"product.skus_missing", "skus", func(p *catalog.Product) { p.SKUs = nil }},
	{"product.choice", "skus.0.choice", func(p *catalog.Product) { p.SKUs[0].Choice = []int{0} }},
	{"product.choice", "skus.2.choice", func(p *catalog.Product) { p.SKUs[2].Choice = []int{0, 2} }},
	{"product.choice", "skus.2.choice", func(p *catalog.Product) { p.SKUs[2].Choice = []int{-1, 0} }},
	{"product.choice_twice", "skus.1.choice", func(p *catalog.Product) { p.SKUs[1].Choice = []int{0, 0} }},
	{"product.sku_twice", "skus.2.external_id", func(p *catalog.Product) { p.SKUs[2].ExternalID = "r-s" }},
	{"product.weight", "skus.0.weight_g", func(p *catalog.Product) { p.SKUs[0].WeightG = -1 }},
	{"product.barcode", "skus.0.barcode", func(p *catalog.Product) { p.SKUs[0].Barcode = "12 34" }},
	{"product.too_long", "skus.1.code", func(p *catalog.Product) {
		p.SKUs[1].Code = long(catalog.NameMax + 1)
	}},
}

func TestCheckNamesTheFieldThatIsWrong(t *testing.T) {
	for _, c := range wrong {
		p := shirt("1")
		c.change(&p)
		err := catalog.Check(p)
		if c.code == "" {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		if !fault.Is(err, c.code) || fault.As(err).Field != c.field || fault.Of(err) != fault.Invalid {
			t.Errorf("got %v, want %s at %s", err, c.code, c.field)
		}
		if _, known := catalog.Texts[c.code]; !known {
			t.Error("no text for", c.code)
		}
	}
}

func TestSKUsWithoutNamesAreRecognisedByTheirChoice(t *testing.T) {
	each(t, func(w *world) {
		p := shirt("1")
		for i := range p.SKUs {
			p.SKUs[i].ExternalID, p.SKUs[i].Code = "", ""
		}
		first := w.save(p)[0]
		size := p.Options[1].Values
		size[0], size[1] = size[1], size[0] // M before S now
		for i, choice := range [][]int{{0, 1}, {0, 0}, {1, 0}} {
			p.SKUs[i].Choice = choice
		}
		if again := w.save(p)[0]; again.Outcome != catalog.Updated || !slices.Equal(again.SKUs, first.SKUs) {
			t.Fatal("the SKUs are taken for others", first, again)
		}
	})
}

func TestWordsFallBackToTheOtherLanguage(t *testing.T) {
	for _, c := range []struct {
		w    catalog.Words
		lang text.Lang
		want string
	}{
		{catalog.Words{Zh: "茶", En: "Tea"}, text.Zh, "茶"}, {catalog.Words{Zh: "茶", En: "Tea"}, text.En, "Tea"},
		{catalog.Words{Zh: "茶"}, text.En, "茶"}, {catalog.Words{En: "Tea"}, text.Zh, "Tea"},
		{catalog.Words{}, text.Zh, ""},
	} {
		if got := c.w.In(c.lang); got != c.want {
			t.Errorf("%+v in %s: %q", c.w, c.lang, got)
		}
	}
}

func TestChooseSkipsWhatIsNotThere(t *testing.T) {
	options := shirt("1").Options
	all := map[string][]int{"Red / M": {0, 1}, "Red": {0, 7}, "Blue / S": {1, 0, 3}, "": nil}
	for want, choice := range all {
		if got := catalog.Choose(options, choice).In(text.En); got != want {
			t.Errorf("%v: got %q, want %q", choice, got, want)
		}
	}
	if fmt.Sprint(catalog.Choose(nil, nil)) != "{ }" {
		t.Error("a choice of nothing")
	}
}
