package intake

import (
	"fmt"
	"strings"
	"testing"

	"hutong/base/fault"
	"hutong/base/money"
)

func good() Product {
	return Product{
		Source: "test", ExternalID: "1", Line: 2, Title: "Tee", Options: []Option{{Name: "Size", Values: []string{"S"}}},
		SKUs: []SKU{{ExternalID: "S", Line: 2, Values: []string{"S"}, Price: "19.90"}},
	}
}

// check gives the refusals as "line code field", and the item.
func check(c *Checker, p Product) (Item, string) {
	var refused []string
	item, ok := c.Check(p, func(line int, f *fault.Error) {
		refused = append(refused, fmt.Sprintf("%d %s %s", line, f.Code, f.Field))
	})
	if ok != (len(item.Prices) > 0) {
		panic("taken without a price, or the other way round")
	}
	return item, strings.Join(refused, ", ")
}

func TestCheckRefuses(t *testing.T) {
	many := func(n int) []string {
		var out []string
		for i := range n {
			out = append(out, fmt.Sprint(i))
		}
		return out
	}
	minus := int64(-1)
	cases := []struct {
		name   string
		change func(*Product)
		want   string
	}{
		{"nothing", func(*Product) {}, ""},
		{"no id", func(p *Product) { p.ExternalID = " \u202e" }, "2 intake.no_id id"},
		{"no title", func(p *Product) { p.Title = "\x07 " }, "2 intake.no_title title"},
		{"title", func(p *Product) { p.Title = strings.Repeat("商", TitleMax) }, ""},
		{"long title", func(p *Product) { p.Title = strings.Repeat("商", TitleMax+1) }, "2 intake.text_too_long title"},
		{"long id", func(p *Product) { p.ExternalID = strings.Repeat("x", 201) }, "2 intake.text_too_long id"},
		{"long text", func(p *Product) { p.DescriptionHTML = strings.Repeat("x", DescriptionMax) },
			"2 intake.text_too_long description"},
		{"long brand", func(p *Product) { p.Brand = strings.Repeat("x", 201) }, "2 intake.text_too_long brand"},
		{"long category", func(p *Product) { p.CategoryPath = []string{strings.Repeat("x", 201)} },
			"2 intake.text_too_long category"},
		{"deep category", func(p *Product) { p.CategoryPath = many(11) }, "2 intake.too_many category"},
		{"tags", func(p *Product) { p.Tags = many(TagsMax + 1) }, "2 intake.too_many tags"},
		{"pictures", func(p *Product) { p.Pictures = many(PicturesMax + 1) }, "2 intake.too_many pictures"},
		{"picture", func(p *Product) { p.Pictures = []string{strings.Repeat("x", 2049)} },
			"2 intake.text_too_long pictures"},
		{"options", func(p *Product) { p.Options = make([]Option, OptionsMax+1) }, "2 intake.too_many options"},
		{"option", func(p *Product) { p.Options[0].Name = strings.Repeat("x", 201) },
			"2 intake.text_too_long options"},
		{"attributes", func(p *Product) {
			for _, n := range many(AttributesMax + 1) {
				p.Attributes = append(p.Attributes, Attribute{n, n})
			}
		}, "2 intake.too_many attributes"},
		{"attribute", func(p *Product) { p.Attributes = []Attribute{{"a", strings.Repeat("x", ValueMax+1)}} },
			"2 intake.text_too_long attributes"},
		{"variants", func(p *Product) { p.SKUs = make([]SKU, SKUsMax+1) }, "2 intake.too_many sku"},
		{"no variant", func(p *Product) { p.SKUs = nil }, "2 intake.no_variant "},
		{"refused before", func(p *Product) { p.SKUs, p.Refused = nil, 1 }, ""},
		{"no sku id", func(p *Product) { p.SKUs[0].ExternalID = "" }, "2 intake.no_id sku"},
		{"no value", func(p *Product) { p.SKUs[0].Values = nil }, "2 intake.option_missing options"},
		{"empty value", func(p *Product) { p.SKUs[0].Values = []string{" "} }, "2 intake.option_missing options"},
		{"weight", func(p *Product) { p.SKUs[0].WeightG = -1 }, "2 intake.bad_weight weight"},
		{"stock", func(p *Product) { p.SKUs[0].Stock = &minus }, "2 intake.bad_stock stock"},
		{"price", func(p *Product) { p.SKUs[0].Price = " " }, "2 intake.price_missing price"},
		{"list price", func(p *Product) { p.SKUs[0].ListPrice = "x" }, "2 intake.price_syntax list_price"},
		{"price above all", func(p *Product) { p.SKUs[0].Price = "100000000.01" }, "2 intake.price_range price"},
		{"the largest", func(p *Product) { p.SKUs[0].Price = "100000000.00" }, ""},
		{"barcode", func(p *Product) { p.SKUs[0].Barcode = "8.84E+11" }, "2 intake.bad_barcode barcode"},
		{"trailing zeros", func(p *Product) { p.SKUs[0].Price = "19.9000" }, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := good()
			c.change(&p)
			if _, got := check(NewChecker("USD"), p); got != c.want {
				t.Fatalf("got %s; want %s", got, c.want)
			}
		})
	}
}

func TestM5_Decimals(t *testing.T) {
	for _, c := range []struct {
		price    string
		currency money.Currency
		inMinor  bool
		unit     int64
		refused  string
	}{
		{"199", "JPY", false, 199, ""}, {"199.5", "JPY", false, 0, "2 intake.price_fraction price"},
		{"1.234", "KWD", false, 1234, ""}, {"1.2345", "KWD", false, 0, "2 intake.price_fraction price"},
		{"19.999", "CNY", false, 0, "2 intake.price_fraction price"}, {"4995", "USD", true, 4995, ""},
		{"49.95", "USD", true, 0, "2 intake.price_fraction price"},
	} {
		p := good()
		p.SKUs[0].Price, p.SKUs[0].InMinor = c.price, c.inMinor
		item, refused := check(NewChecker(c.currency), p)
		if refused != c.refused || c.refused == "" && item.Prices[0].Unit != c.unit {
			t.Errorf("%s %s: %+v, %s", c.price, c.currency, item.Prices, refused)
		}
	}
}

func TestListPriceMustBeHigher(t *testing.T) {
	for list, want := range map[string]int64{"": 0, "0": 0, "19.90": 0, "19.89": 0, "19.91": 1991} {
		p := good()
		p.SKUs[0].ListPrice = list
		if item, refused := check(NewChecker("USD"), p); refused != "" || item.Prices[0].List != want {
			t.Errorf("list price %q: %+v, %s", list, item.Prices, refused)
		}
	}
}

func TestPicturesAreAddressesOrPaths(t *testing.T) {
	p := good()
	p.Pictures = []string{
		"https://x.test/a.jpg", " http://x.test/b.jpg ", "/m/h/c.jpg", "d e.jpg", "https://x.test/a.jpg", "", "%zz",
		"javascript:alert(1)", "data:image/png;base64,AA", "file:///etc/passwd", "//x.test/e.jpg", "ftp://x/y",
		"https://user:pw@x.test/f.jpg", "https:///g.jpg",
	}
	item, _ := check(NewChecker("USD"), p)
	got := strings.Join(item.Product.Pictures, " ")
	if got != "https://x.test/a.jpg http://x.test/b.jpg /m/h/c.jpg d e.jpg" {
		t.Fatalf("got %s", got)
	}
}

// TestHash: lines do not matter, every other thing does.
func TestHash(t *testing.T) {
	hash := func(change func(*Product), currency money.Currency) string {
		p := good()
		change(&p)
		item, refused := check(NewChecker(currency), p)
		if refused != "" {
			t.Fatal(refused)
		}
		h, err := item.Hash(currency)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	five := int64(5)
	base := hash(func(*Product) {}, "USD")
	if base != hash(func(p *Product) { p.Line, p.SKUs[0].Line, p.Refused = 9, 9, 2 }, "USD") {
		t.Error("another line is another content")
	}
	for i, change := range []func(*Product){
		func(p *Product) { p.Title = "Tea" }, func(p *Product) { p.SKUs[0].Price = "19.91" },
		func(p *Product) { p.SKUs[0].Stock = &five }, func(p *Product) { p.DescriptionHTML = "x" },
		func(p *Product) { p.Published = true }, func(p *Product) { p.Tags = []string{"x"} },
	} {
		if hash(change, "USD") == base {
			t.Errorf("change %d is not seen", i)
		}
	}
	if hash(func(*Product) {}, "EUR") == base {
		t.Error("the currency is not seen")
	}
}
