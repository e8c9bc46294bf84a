package shopify

import (
	"encoding/csv"
	"os"
	"reflect"
	"strings"
	"testing"

	"hutong/goods/intake"
	"hutong/goods/intake/intaketest"
)

const header = "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name," +
	"Option2 Value,Variant SKU,Variant Grams,Variant Inventory Qty,Variant Price,Variant Compare At Price," +
	"Variant Barcode,Image Src,Image Position,Gift Card,Variant Image,Status,Fabric (product.metafields.custom.f)\n"

func TestProductWithVariantsAndPictures(t *testing.T) {
	r := intaketest.ReadText(t, Format{}, header+
		`shirt,Shirt,"<p onclick=x>Soft
<script>alert(1)</script></p>",Acme,Tops,"men, blue",true,Size,S,Color,Blue,A-1,120,3,19.90,25,'0123,`+
		"https://x.test/2.jpg,2,false,https://x.test/s.jpg,active,Silk\n"+
		"shirt,,,,,,,,M,,Blue,A-2,0.5,,20,,,https://x.test/1.jpg,1,,,,\n"+
		"shirt,,,,,,,,,,,,,,,,,https://x.test/3.jpg,3,,,,\n"+
		"plain,Plain,,,,,true,Title,Default Title,,,,0,-2,5,0.00,,,,false,,draft,\n")
	if len(r.Items) != 2 || len(r.Rejects) != 0 {
		t.Fatalf("%+v", r)
	}
	three, zero := int64(3), int64(0)
	want := intake.Item{Product: intake.Product{
		Source: "shopify", ExternalID: "shirt", Line: 2, Title: "Shirt", DescriptionHTML: "<p>Soft</p>",
		Brand: "Acme", CategoryPath: []string{"Tops"}, Tags: []string{"men", "blue"},
		Options:  []intake.Option{{Name: "Size", Values: []string{"S", "M"}}, {Name: "Color", Values: []string{"Blue"}}},
		Pictures: []string{"https://x.test/1.jpg", "https://x.test/2.jpg", "https://x.test/3.jpg", "https://x.test/s.jpg"},
		SKUs: []intake.SKU{
			{ExternalID: "S/Blue", Code: "A-1", Line: 2, Values: []string{"S", "Blue"}, Price: "19.90", ListPrice: "25",
				Stock: &three, Barcode: "0123", WeightG: 120, Picture: "https://x.test/s.jpg"},
			{ExternalID: "M/Blue", Code: "A-2", Line: 4, Values: []string{"M", "Blue"}, Price: "20", WeightG: 1},
		},
		Attributes: []intake.Attribute{{Name: "Fabric", Value: "Silk"}}, Published: true,
	}, Prices: []intake.Price{{Unit: 1990, List: 2500}, {Unit: 2000}}}
	if !reflect.DeepEqual(r.Items[0], want) {
		t.Fatalf("got  %+v\nwant %+v", r.Items[0], want)
	}
	plain := r.Items[1].Product
	if plain.Published || len(plain.Options) != 0 || !reflect.DeepEqual(plain.SKUs[0].Stock, &zero) ||
		plain.SKUs[0].ListPrice != "" {
		t.Fatalf("%+v", plain)
	}
}

func TestRefusedRows(t *testing.T) {
	cases := []struct{ name, rows, want string }{
		{"too many decimals", "a,A,,,,,,,,,,,,,19.999,,,,,,,,\n", "2 intake.price_fraction"},
		{"no price", "a,A,,,,,,,,,,,,,,,,,,,,,\n", "2 intake.price_missing"},
		{"price zero", "a,A,,,,,,,,,,,,,0.00,,,,,,,,\n", "2 intake.price_zero"},
		{"price below zero", "a,A,,,,,,,,,,,,,-1,,,,,,,,\n", "2 intake.price_negative"},
		{"price with a currency", "a,A,,,,,,,,,,,,,$5,,,,,,,,\n", "2 intake.price_syntax"},
		{"price in wide digits", "a,A,,,,,,,,,,,,,１２,,,,,,,,\n", "2 intake.price_syntax"},
		{"price with an exponent", "a,A,,,,,,,,,,,,,1e3,,,,,,,,\n", "2 intake.price_syntax"},
		{"price beyond all", "a,A,,,,,,,,,,,,,99999999999999999999,,,,,,,,\n", "2 intake.price_range"},
		{"list price", "a,A,,,,,,,,,,,,,5,5.001,,,,,,,\n", "2 intake.price_fraction"},
		{"no handle", ",A,,,,,,,,,,,,,5,,,,,,,,\n", "2 intake.no_id"},
		{"no title", "a,,,,,,,,,,,,,,5,,,,,,,,\n", "2 intake.no_title"},
		{"gift card", "a,A,,,,,,,,,,,,,5,,,,,true,,,\n", "2 intake.type_unsupported"},
		{"stock", "a,A,,,,,,,,,,,,1.5,5,,,,,,,,\n", "2 intake.bad_stock"},
		{"weight", "a,A,,,,,,,,,,,heavy,,5,,,,,,,,\n", "2 intake.bad_weight"},
		{"value of an option", "a,A,,,,,,Size,,,,,,,5,,,,,,,,\n", "2 intake.option_missing"},
		{"variant twice", "a,A,,,,,,Size,S,,,,,,5,,,,,,,,\na,,,,,,,,S,,,,,,6,,,,,,,,\n", "3 intake.duplicate_variant"},
		{"handle again", "a,A,,,,,,,,,,,,,5,,,,,,,,\nb,B,,,,,,,,,,,,,5,,,,,,,,\na,A,,,,,,,,,,,,,6,,,,,,,,\n",
			"4 intake.duplicate_product"},
		{"row of nothing", "a,A,,,,,,,,,,,,,5,,,,,,,,\na,,,,,,,,,,,,,,,,,,,,,,\n", "3 intake.no_variant"},
		{"cut off", "a,A,,,,,,,,,,,,,19.9", "2 intake.columns"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := intaketest.ReadText(t, Format{}, header+c.rows)
			if got := strings.Join(r.Codes(), ", "); got != c.want || r.Err != nil {
				t.Fatalf("got %s, %v; want %s", got, r.Err, c.want)
			}
		})
	}
}

// TestOneBadVariantLeavesTheOthers: the product goes on without the row that is refused.
func TestOneBadVariantLeavesTheOthers(t *testing.T) {
	r := intaketest.ReadText(t, Format{}, header+
		"a,A,,,,,,Size,S,,,,,,19.999,,,,,,,,\na,,,,,,,,M,,,,,,20,,,,,,,,\n")
	if len(r.Items) != 1 || r.SKUs() != 1 || strings.Join(r.Codes(), "") != "2 intake.price_fraction" {
		t.Fatalf("%+v", r)
	}
}

func TestRealFiles(t *testing.T) {
	for _, name := range []string{"apparel.csv", "home-and-garden.csv", "jewelery.csv"} {
		t.Run(name, func(t *testing.T) {
			path := "catalog/shopify-partners/" + name
			products, skus := plainPass(t, intaketest.Shared(t, path))
			r := intaketest.ReadShared(t, Format{}, path)
			if len(r.Items) != products || r.SKUs() != skus || len(r.Rejects) != 0 {
				t.Fatalf("%d products, %d SKUs, rejects %+v; the plain pass says %d and %d",
					len(r.Items), r.SKUs(), r.Rejects, products, skus)
			}
		})
	}
}

// plainPass counts handles and rows with a price, sharing no code with the format.
func plainPass(t *testing.T, path string) (products, skus int) {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	handles := map[string]bool{}
	for _, row := range rows[1:] {
		handles[row[0]] = true
		for i, name := range rows[0] {
			if name == "Variant Price" && row[i] != "" {
				skus++
			}
		}
	}
	return len(handles), skus
}

func FuzzShopify(f *testing.F) {
	f.Add([]byte(header + "a,A,<b>x,,,,true,Size,S,,,,1,2,5,6,,http://x/y.jpg,1,,,,\na,,,,,,,,M,,,,,,6,,,,,,,,\n"))
	f.Add([]byte("Handle;Title;Variant Price\r\na;\"A\nB\";19.999\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) { intaketest.Hostile(t, Format{}, data) })
}
