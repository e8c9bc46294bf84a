package seed

import (
	"bytes"
	"errors"
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/image/webp"

	"hutong/base/text"
	"hutong/goods/catalog/taxonomy"
	"hutong/party/shopper/division"
)

var slug = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func shops(t *testing.T) []Shop {
	t.Helper()
	all, err := Shops()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// every runs check on each product of each shop.
func every(t *testing.T, check func(t *testing.T, p Product)) {
	t.Helper()
	for _, s := range shops(t) {
		for _, p := range s.Products {
			t.Run(s.Key+"/"+p.Key, func(t *testing.T) { check(t, p) })
		}
	}
}

func TestShops_FillAMarket(t *testing.T) {
	products, roots, pictures := 0, map[string]bool{}, map[string]int{}
	for _, s := range shops(t) {
		products += len(s.Products)
		for _, p := range s.Products {
			roots[strings.SplitN(p.Category, "-", 2)[0]] = true
			pictures[p.Picture]++
		}
	}
	if n := len(shops(t)); n < 20 || products < 300 || len(roots) < 14 {
		t.Errorf("%d shops, %d products, %d root categories", n, products, len(roots))
	}
	for name, n := range pictures {
		if n > 3 {
			t.Errorf("picture %s serves %d products", name, n)
		}
	}
}

func TestShops_NamesAndPlaces(t *testing.T) {
	keys, titles := map[string]bool{}, map[string]string{}
	once := func(title, where string) {
		if before, twice := titles[title]; twice {
			t.Errorf("%q is in %s and in %s", title, before, where)
		}
		titles[title] = where
	}
	for _, s := range shops(t) {
		if keys[s.Key] || !slug.MatchString(s.Key) || len(s.Products) < 10 {
			t.Errorf("shop %q with %d products", s.Key, len(s.Products))
		}
		keys[s.Key] = true
		if len(s.Area) != 6 || division.Name(s.Area) == "" {
			t.Errorf("%s: area %q", s.Key, s.Area)
		}
		bilingual(t, s.Name, 30)
		bilingual(t, s.About, 120)
		inShop := map[string]bool{}
		for _, p := range s.Products {
			if inShop[p.Key] || !slug.MatchString(p.Key) {
				t.Errorf("%s: product key %q", s.Key, p.Key)
			}
			inShop[p.Key] = true
			once(p.Title.Zh, s.Key)
			once(p.Title.En, s.Key)
		}
	}
}

func TestProducts_Texts(t *testing.T) {
	abouts := map[string]bool{}
	every(t, func(t *testing.T, p Product) {
		bilingual(t, p.Title, 48)
		bilingual(t, p.About, 160)
		if !strings.HasSuffix(p.About.Zh, "。") || !strings.HasSuffix(p.About.En, ".") {
			t.Errorf("about is no sentence: %+v", p.About)
		}
		if abouts[p.About.Zh] || abouts[p.About.En] {
			t.Error("the text was written for another product")
		}
		abouts[p.About.Zh], abouts[p.About.En] = true, true
		for _, o := range p.Options {
			bilingual(t, o.Name, 20)
			for _, v := range o.Values {
				bilingual(t, v, 20)
			}
		}
	})
}

// bilingual checks that each half is in its own language and short enough for its place.
func bilingual(t *testing.T, x Text, most int) {
	t.Helper()
	if strings.IndexFunc(x.Zh, han) < 0 || x.En == "" || strings.IndexFunc(x.En, han) >= 0 {
		t.Errorf("zh %q, en %q", x.Zh, x.En)
	}
	for _, s := range []string{x.Zh, x.En} {
		if s != strings.TrimSpace(s) || utf8.RuneCountInString(s) > most || strings.ContainsAny(s, "|\t\n\ufffd") {
			t.Errorf("badly written or longer than %d: %q", most, s)
		}
	}
}

func han(r rune) bool { return unicode.Is(unicode.Han, r) }

func TestProducts_CategoryIsBelowARoot(t *testing.T) {
	every(t, func(t *testing.T, p Product) {
		if n, ok := taxonomy.Find(p.Category); !ok || n.Depth == 0 {
			t.Errorf("category %q", p.Category)
		}
	})
}

func TestProducts_SKUsCoverTheOptions(t *testing.T) {
	every(t, func(t *testing.T, p Product) {
		want := 1
		for _, o := range p.Options {
			if len(o.Values) < 2 {
				t.Errorf("%s leaves no choice", o.Name.En)
			}
			want *= len(o.Values)
		}
		if len(p.Options) > 2 || want > 6 || len(p.SKUs) != want {
			t.Fatalf("%d options, %d skus, want %d", len(p.Options), len(p.SKUs), want)
		}
		seen := map[string]bool{}
		for _, s := range p.SKUs {
			name := choice(t, p, s)
			if seen[name] {
				t.Errorf("two skus for %q", name)
			}
			seen[name] = true
		}
	})
}

// choice names what the SKU chooses; distinct names also show that no option repeats a value.
func choice(t *testing.T, p Product, s SKU) string {
	t.Helper()
	if len(s.Values) != len(p.Options) {
		t.Fatalf("sku chooses %d of %d options", len(s.Values), len(p.Options))
	}
	var name strings.Builder
	for i, v := range s.Values {
		if v < 0 || v >= len(p.Options[i].Values) {
			t.Fatalf("value %d of %s", v, p.Options[i].Name.En)
		}
		name.WriteString(p.Options[i].Values[v].En + "/")
	}
	return name.String()
}

func TestProducts_PricesAndStock(t *testing.T) {
	low, offers := 0, 0
	every(t, func(t *testing.T, p Product) {
		for _, s := range p.SKUs {
			if s.Price < 500 || s.Price > 200_000 || (s.List != 0 && s.List <= s.Price) {
				t.Errorf("price %d, list %d", s.Price, s.List)
			}
			if s.Stock < 1 || s.Stock > 500 {
				t.Errorf("stock %d", s.Stock)
			}
			if s.Stock < 5 {
				low++
			}
			if s.List > 0 {
				offers++
			}
		}
	})
	if low < 5 || low > 60 || offers < 50 {
		t.Errorf("%d skus nearly sold out, %d with a list price", low, offers)
	}
}

func TestPictures_ExistAndDecode(t *testing.T) {
	used, total := map[string]bool{}, 0
	every(t, func(t *testing.T, p Product) {
		data, kind, err := Picture(p.Picture)
		if err != nil || kind != "image/webp" {
			t.Fatalf("%s: %q, %v", p.Picture, kind, err)
		}
		if !used[p.Picture] {
			total += len(data)
		}
		used[p.Picture] = true
		img, err := webp.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if b := img.Bounds(); b.Dx() > 320 || b.Dy() > 320 || b.Dx() < 200 || b.Dy() < 200 {
			t.Errorf("%s is %v", p.Picture, b)
		}
	})
	if total > 4<<20 {
		t.Errorf("%d bytes of pictures", total)
	}
	files, err := fs.Glob(pictureFiles, "pictures/*.webp")
	if err != nil || len(files) != len(used) {
		t.Errorf("%d files, %d used: %v", len(files), len(used), err)
	}
}

func TestPicture_Unknown(t *testing.T) {
	for _, name := range []string{"", "none", "../seed", "LICENSE", "1f375.webp"} {
		if _, _, err := Picture(name); !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestShoppers(t *testing.T) {
	all, err := Shoppers()
	if err != nil || len(all) != 30 {
		t.Fatalf("%d shoppers, %v", len(all), err)
	}
	keys, phones, langs := map[string]bool{}, map[string]bool{}, map[text.Lang]int{}
	for _, s := range all {
		if !division.Valid(s.Province, s.City, s.Area) {
			t.Errorf("%s lives in %s %s %s", s.Key, s.Province, s.City, s.Area)
		}
		bilingual(t, s.Name, 30)
		if keys[s.Key] || phones[s.Phone] || len(s.Phone) != 14 || len(s.Postcode) != 6 || s.Street == "" {
			t.Errorf("%+v", s)
		}
		if (s.Lang == text.En) != (strings.IndexFunc(s.Street, han) < 0) {
			t.Errorf("%s speaks %s and lives in %q", s.Key, s.Lang, s.Street)
		}
		keys[s.Key], phones[s.Phone] = true, true
		langs[s.Lang]++
	}
	if langs[text.Zh]+langs[text.En] != 30 || langs[text.En] == 0 {
		t.Errorf("languages %v", langs)
	}
}

func TestRead_RefusesUnknownField(t *testing.T) {
	var s Shop
	if read([]byte(`{"key":"tea","nmae":{}}`), &s) == nil {
		t.Error("a misspelt field was accepted")
	}
}
