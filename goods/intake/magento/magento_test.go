package magento

import (
	"encoding/csv"
	"os"
	"reflect"
	"strings"
	"testing"

	"hutong/goods/intake"
	"hutong/goods/intake/intaketest"
)

const header = "sku,store_view_code,product_type,categories,name,description,weight,product_online,visibility,price," +
	"special_price,special_price_to_date,base_image,additional_images,additional_attributes,qty,is_in_stock," +
	"configurable_variations,configurable_variation_labels\n"

const plainHeader = "category,name,sku,price,qty,description,features_bags,special_price,attribute_set,bundle_options\n"

func TestConfigurable(t *testing.T) {
	r := intaketest.ReadText(t, Format{}, header+
		"T-S,,simple,,Tee-S,,1,1,Not Visible Individually,20,18,,/s.jpg,,\"size=S,color=Red\",100.0000,1,,\n"+
		"MUG,,simple,\"Default Category,Default Category/Home\",Mug &amp; Lid,x,2,1,\"Catalog, Search\",9,5,2027-01-01,,,"+
		"\"has_options=0,made_of=Bone, china|Clay\",5,0,,\n"+
		"T,,configurable,\"Default Category/Men/Tops,Default Category/Sale\",Tee,<p>Soft,,1,\"Catalog, Search\",,,,/t.jpg,"+
		"\"/t2.jpg,/s.jpg\",\"required_options=1,color=Red,pattern=Solid\",0,1,"+
		"\"sku=T-S,size=S,color=Red|sku=T-M,size=M,color=Red\",\"size=Size,color=Colour\"\n"+
		"T,de,,,T-Hemd,,,,,,,,,,,,,,\n"+
		"T-M,,simple,,Tee-M,,1,1,Not Visible Individually,20,,,/m.jpg,no_selection,,7,1,,\n")
	if len(r.Items) != 2 || len(r.Rejects) != 0 {
		t.Fatalf("%+v", r)
	}
	hundred, seven, none := int64(100), int64(7), int64(0)
	want := intake.Product{
		Source: "magento", ExternalID: "T", Line: 4, Title: "Tee", DescriptionHTML: "<p>Soft</p>",
		CategoryPath: []string{"Men", "Tops"}, Tags: []string{"Sale"},
		Options:  []intake.Option{{Name: "Size", Values: []string{"S", "M"}}, {Name: "Colour", Values: []string{"Red"}}},
		Pictures: []string{"/t.jpg", "/t2.jpg", "/s.jpg", "/m.jpg"},
		SKUs: []intake.SKU{
			{ExternalID: "T-S", Code: "T-S", Line: 2, Values: []string{"S", "Red"}, Price: "18", ListPrice: "20",
				Stock: &hundred, WeightG: 454, Picture: "/s.jpg"},
			{ExternalID: "T-M", Code: "T-M", Line: 6, Values: []string{"M", "Red"}, Price: "20", Stock: &seven,
				WeightG: 454, Picture: "/m.jpg"},
		},
		Attributes: []intake.Attribute{{Name: "Pattern", Value: "Solid"}}, Published: true,
	}
	if got := r.Items[1].Product; !reflect.DeepEqual(got, want) {
		t.Fatalf("got  %+v\nwant %+v", got, want)
	}
	mug := r.Items[0].Product
	if mug.Title != "Mug & Lid" || mug.SKUs[0].Price != "9" || !reflect.DeepEqual(mug.SKUs[0].Stock, &none) ||
		!reflect.DeepEqual(mug.Attributes, []intake.Attribute{{Name: "Made of", Value: "Bone, china, Clay"}}) ||
		!reflect.DeepEqual(mug.CategoryPath, []string{"Home"}) {
		t.Fatalf("%+v", mug)
	}
}

func TestPlainShape(t *testing.T) {
	r := intaketest.ReadText(t, Format{}, plainHeader+
		"\"Gear\nBags\nCollections\nErin\",\"Bag \",24-MB04,32,100,\"<p>A<p>\n<ul>\n<li>B\",\"Audio\nLight\",30,Bag,\n"+
		"Gear,Kit,24-WG080,,100,x,,,Gear,\"Ball|radio:1\"\n")
	if len(r.Items) != 1 || strings.Join(r.Codes(), "") != "9 intake.type_unsupported" {
		t.Fatalf("%+v", r)
	}
	p := r.Items[0].Product
	if p.Title != "Bag" || p.DescriptionHTML != "<p>A</p><ul><li>B</li></ul>" || p.SKUs[0].Price != "30" ||
		!reflect.DeepEqual(p.CategoryPath, []string{"Gear", "Bags"}) ||
		!reflect.DeepEqual(p.Tags, []string{"Collections", "Erin"}) ||
		!reflect.DeepEqual(p.Attributes, []intake.Attribute{{Name: "Features bags", Value: "Audio, Light"}}) {
		t.Fatalf("%+v", p)
	}
}

func TestRefusedRows(t *testing.T) {
	parent := func(sku, children string) string {
		return sku + ",,configurable,,Tee,,,1,,,,,,,,,,\"" + children + "\",\n"
	}
	child := func(sku, price string) string { return sku + ",,simple,,C,,,1,,\"" + price + "\",,,,,,1,1,,\n" }
	cases := []struct{ name, rows, want string }{
		{"bundle", "a,,bundle,,A,,,1,,5,,,,,,,,,\n", "2 intake.type_unsupported"},
		{"grouped", "a,,grouped,,A,,,1,,5,,,,,,,,,\n", "2 intake.type_unsupported"},
		{"no sku", ",,simple,,A,,,1,,5,,,,,,,,,\n", "2 intake.no_id"},
		{"price", child("a", "19.999"), "2 intake.price_fraction"},
		{"thousands", child("a", "1,299.00"), "2 intake.price_syntax"},
		{"stock", "a,,simple,,A,,,1,,5,,,,,,1.5,1,,\n", "2 intake.bad_stock"},
		{"weight", "a,,simple,,A,,1e9,1,,5,,,,,,1,1,,\n", "2 intake.bad_weight"},
		{"no children", parent("P", ""), "2 intake.no_variant"},
		{"child missing", child("a", "5") + parent("P", "sku=a,size=S|sku=b,size=M"), "3 intake.child_missing"},
		{"all children missing", parent("P", "sku=a,size=S"), "2 intake.child_missing"},
		{"child of two", child("a", "5") + child("b", "5") + parent("P", "sku=a,size=S") +
			parent("Q", "sku=a,size=S|sku=b,size=M"), "5 intake.child_taken"},
		{"child refused", child("a", "") + parent("P", "sku=a,size=S"), "2 intake.price_missing"},
		{"child twice", child("a", "5") + child("a", "6") + parent("P", "sku=a,size=S"), "3 intake.duplicate_variant"},
		{"parent twice", parent("P", "sku=a,size=S") + parent("P", "sku=a,size=S") + child("a", "5"),
			"3 intake.duplicate_product"},
		{"choice missing", child("a", "5") + child("b", "5") + parent("P", "sku=a,size=S|sku=b,color=M"),
			"2 intake.option_missing, 3 intake.option_missing"},
		{"same choice", child("a", "5") + child("b", "5") + parent("P", "sku=a,size=S|sku=b,size=S"),
			"3 intake.duplicate_variant"},
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

// TestRealConfigurables compares with a pass over the file that shares no code with the format.
func TestRealConfigurables(t *testing.T) {
	const path = "catalog/magento2/ConfigurableSampleData__products.csv"
	rows := plainPass(t, path)
	r := intaketest.ReadShared(t, Format{}, path)
	products, cents := 0, int64(0)
	for _, row := range rows {
		switch row["product_type"] {
		case "configurable":
			products++
		case "simple":
			whole, fraction, _ := strings.Cut(row["price"], ".")
			for _, d := range whole + (fraction + "00")[:2] {
				row["cents"] = row["cents"] + string(d)
			}
			n := int64(0)
			for _, d := range row["cents"] {
				n = 10*n + int64(d-'0')
			}
			cents += n
		}
	}
	got := int64(0)
	for _, i := range r.Items {
		for _, p := range i.Prices {
			got += p.Unit
		}
	}
	if len(r.Items) != products || r.SKUs() != len(rows)-products || got != cents || len(r.Rejects) != 0 {
		t.Fatalf("%d products, %d SKUs, %d cents, rejects %+v; the plain pass says %d, %d, %d",
			len(r.Items), r.SKUs(), got, r.Rejects, products, len(rows)-products, cents)
	}
	if products == 0 || !reflect.DeepEqual(r.Items[0].Product.CategoryPath,
		[]string{"Men", "Tops", "Hoodies & Sweatshirts"}) {
		t.Fatalf("%+v", r.Items[0].Product)
	}
}

func TestRealPlainFiles(t *testing.T) {
	for name, refused := range map[string]int{
		"CatalogSampleData__SimpleProduct_products_gear_bags.csv":              0,
		"CatalogSampleData__SimpleProduct_products_gear_fitness_equipment.csv": 0,
		"CatalogSampleData__SimpleProduct_products_gear_watches.csv":           0,
		"BundleSampleData__yoga_bundle.csv":                                    1,
	} {
		t.Run(name, func(t *testing.T) {
			path := "catalog/magento2/" + name
			rows := plainPass(t, path)
			r := intaketest.ReadShared(t, Format{}, path)
			if len(r.Items) != len(rows)-refused || r.SKUs() != len(r.Items) || len(r.Rejects) != refused {
				t.Fatalf("%d of %d rows, rejects %+v", len(r.Items), len(rows), r.Rejects)
			}
		})
	}
}

func plainPass(t *testing.T, path string) []map[string]string {
	t.Helper()
	f, err := os.Open(intaketest.Shared(t, path))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, fields := range all[1:] {
		row := map[string]string{}
		for i, name := range all[0] {
			row[name] = fields[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func FuzzMagento(f *testing.F) {
	f.Add([]byte(header + "a,,simple,,A,,1,1,,5,4,,,,\"x=1,y\",1,1,,\n" +
		"P,,configurable,a/b,P,<b>,,1,,,,,/p.jpg,,,,,\"sku=a,size=S|sku=c,size=M\",size=Size\n"))
	f.Add([]byte(plainHeader + "\"Gear\nBags\",Bag,B1,32,100,<p>x,\"A\nB\",30,Bag,\n"))
	f.Fuzz(func(t *testing.T, data []byte) { intaketest.Hostile(t, Format{}, data) })
}
