package woocommerce

import (
	"encoding/csv"
	"os"
	"reflect"
	"strings"
	"testing"

	"hutong/goods/intake"
	"hutong/goods/intake/intaketest"
)

const header = "ID,Type,SKU,Name,Published,Visibility in catalog,Short description,Description,In stock?,Stock," +
	"Weight (lbs),Sale price,Regular price,Date sale price ends,Categories,Tags,Images,Parent,Position," +
	"Attribute 1 name,Attribute 1 value(s),Attribute 2 name,Attribute 2 value(s)\n"

func TestVariableProduct(t *testing.T) {
	r := intaketest.ReadText(t, Format{}, header+
		"12,variation,tee-m,,1,,,,1,4,,18,20,,,,https://x.test/m.jpg,tee,2,Color,Blue,Size,\n"+ // before its parent
		"10,variable,tee,Tee &amp; Co,1,visible,short,One\\n\\nTwo,1,,,,,,\"Wear > Tees, Sale, Gifts > Small\",\"a, b\","+
		"\"https://x.test/a.jpg, https://x.test/b.jpg\",,0,Color,\"Blue, Red\",Size,\"S, M\"\n"+
		"20,simple,mug,Mug,1,hidden,Short,,0,,1,5,7,2027-01-01,,,,,0,Colour,\"White, Grey\",,\n"+
		"11,variation,tee-s,,1,,,,1,,0.5,,20,,,,,id:10,1,Size,,Color,Red\n")
	if len(r.Items) != 2 || len(r.Rejects) != 0 {
		t.Fatalf("%+v", r)
	}
	four, none := int64(4), int64(0)
	want := intake.Product{
		Source: "woocommerce", ExternalID: "10", Line: 3, Title: "Tee & Co", DescriptionHTML: "<p>One</p><p>Two</p>",
		CategoryPath: []string{"Wear", "Tees"}, Tags: []string{"a", "b", "Sale", "Small"},
		Options:    []intake.Option{{Name: "Color", Values: []string{"Blue", "Red"}}},
		Pictures:   []string{"https://x.test/a.jpg", "https://x.test/b.jpg", "https://x.test/m.jpg"},
		Attributes: []intake.Attribute{{Name: "Size", Value: "S, M"}},
		SKUs: []intake.SKU{
			{ExternalID: "11", Code: "tee-s", Line: 5, Values: []string{"Red"}, Price: "20", WeightG: 227},
			{ExternalID: "12", Code: "tee-m", Line: 2, Values: []string{"Blue"}, Price: "18", ListPrice: "20",
				Stock: &four, Picture: "https://x.test/m.jpg"},
		}, Published: true,
	}
	if got := r.Items[1].Product; !reflect.DeepEqual(got, want) {
		t.Fatalf("got  %+v\nwant %+v", got, want)
	}
	mug := r.Items[0].Product
	if mug.Published || mug.SKUs[0].Price != "7" || mug.SKUs[0].WeightG != 454 ||
		!reflect.DeepEqual(mug.SKUs[0].Stock, &none) || mug.Attributes[0].Value != "White, Grey" {
		t.Fatalf("%+v", mug)
	}
}

func TestVariationThatFitsEveryValue(t *testing.T) {
	r := intaketest.ReadText(t, Format{}, header+
		"1,variable,a,A,1,,,,1,,,,,,,,,,0,Size,\"S, M\",,\n"+
		"2,variation,a1,,1,,,,1,,,,5,,,,,a,0,Size,S,,\n3,variation,a2,,1,,,,1,,,,6,,,,,a,1,Size,,,\n")
	if r.SKUs() != 2 || r.Items[0].Product.SKUs[1].Values[0] != anyValue {
		t.Fatalf("%+v", r)
	}
}

func TestRefusedRows(t *testing.T) {
	cases := []struct{ name, rows, want string }{
		{"grouped", "1,grouped,a,A,1,,,,1,,,,,,,,,,0,,,,\n", "2 intake.type_unsupported"},
		{"external", "1,external,a,A,1,,,,1,,,,5,,,,,,0,,,,\n", "2 intake.type_unsupported"},
		{"no parent named", "1,variation,a,A,1,,,,1,,,,5,,,,,,0,,,,\n", "2 intake.parent_missing"},
		{"parent elsewhere", "1,variation,a,A,1,,,,1,,,,5,,,,,id:9,0,,,,\n", "2 intake.parent_missing"},
		{"no variations", "1,variable,a,A,1,,,,1,,,,,,,,,,0,,,,\n", "2 intake.no_variant"},
		{"price", "1,simple,a,A,1,,,,1,,,,19.999,,,,,,0,,,,\n", "2 intake.price_fraction"},
		{"no price", "1,simple,a,A,1,,,,1,,,,,,,,,,0,,,,\n", "2 intake.price_missing"},
		{"stock", "1,simple,a,A,1,,,,1,many,,,5,,,,,,0,,,,\n", "2 intake.bad_stock"},
		{"weight", "1,simple,a,A,1,,,,1,,x,,5,,,,,,0,,,,\n", "2 intake.bad_weight"},
		{"id again", "1,simple,a,A,1,,,,1,,,,5,,,,,,0,,,,\n1,simple,b,B,1,,,,1,,,,5,,,,,,0,,,,\n",
			"3 intake.duplicate_product"},
		{"parent again", "1,variable,a,A,1,,,,1,,,,,,,,,,0,Size,S,,\n1,variable,a,A,1,,,,1,,,,,,,,,,0,Size,S,,\n" +
			"2,variation,a1,,1,,,,1,,,,5,,,,,a,0,Size,S,,\n", "3 intake.duplicate_product"},
		{"only variation", "1,variable,a,A,1,,,,1,,,,,,,,,,0,Size,S,,\n2,variation,a1,,1,,,,1,x,,,5,,,,,a,0,Size,S,,\n",
			"3 intake.bad_stock"},
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

func TestRealFile(t *testing.T) {
	const path = "catalog/woocommerce/sample_products.csv"
	f, err := os.Open(intaketest.Shared(t, path))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, row := range rows[1:] {
		kinds[strings.SplitN(row[1], ",", 2)[0]]++
	}
	r := intaketest.ReadShared(t, Format{}, path)
	if want := kinds["simple"] + kinds["variable"]; len(r.Items) != want || want == 0 {
		t.Fatalf("%d products of %d", len(r.Items), want)
	}
	if want := kinds["simple"] + kinds["variation"]; r.SKUs() != want {
		t.Fatalf("%d SKUs of %d", r.SKUs(), want)
	}
	if want := kinds["grouped"] + kinds["external"]; len(r.Rejects) != want {
		t.Fatalf("%d rejects of %d: %+v", len(r.Rejects), want, r.Rejects)
	}
	for _, x := range r.Rejects {
		if x.Code != "intake.type_unsupported" {
			t.Fatalf("%+v", x)
		}
	}
}

func FuzzWooCommerce(f *testing.F) {
	f.Add([]byte(header + "1,variable,a,A,1,,,x\\n\\ny,1,,,,,,,,,,0,Size,\"S, M\",,\n" +
		"2,variation,a1,,1,,,,1,,1,4,5,,,,,a,0,Size,S,,\n3,simple,a2,B,1,,,,1,,,,6,,,,,id:1,1,Size,,,\n"))
	f.Add([]byte("Type;SKU;Name;Regular price\nsimple;a;=A;19.999\nvariable;b;B;\n"))
	f.Fuzz(func(t *testing.T, data []byte) { intaketest.Hostile(t, Format{}, data) })
}
