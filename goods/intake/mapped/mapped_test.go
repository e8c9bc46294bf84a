package mapped

import (
	"reflect"
	"strings"
	"testing"

	"hutong/base/fault"
	"hutong/goods/intake"
	"hutong/goods/intake/intaketest"
)

const mapping = `{"source":"depot","delimiter":";","columns":{"id":"Nr","title":"Name","price":"Cost","stock":"Left",
	"category":"Group","pictures":"Photo","sku":"Code","weight":"Kg","published":"Live","description":"Text"},
	"options":["Size"],"attributes":["Made of"],"weight_unit":"kg","category_separator":"/"}`

const header = "Nr;Name;Cost;Left;Group;Photo;Code;Kg;Live;Text;Size;Made of\n"

func format(t testing.TB, text string) Format {
	t.Helper()
	m, err := Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return Format{m}
}

func TestMapped(t *testing.T) {
	r := intaketest.ReadText(t, format(t, mapping), header+
		"1;Tee;19,90;3;Wear/Tees;a.jpg, b.jpg;'01;0.25;no;<b>Soft</b>;S;Silk\n"+
		"1;;19.9;3;;;02;;;;M;\n2;Mug;5;;;;;;;;one;\n;Lost;5;;;;;;;;one;\n")
	if got := strings.Join(r.Codes(), ", "); got != "2 intake.price_syntax, 5 intake.no_id" {
		t.Fatalf("got %s, %v", got, r.Err)
	}
	three := int64(3)
	want := intake.Product{
		Source: "depot", ExternalID: "1", Line: 2, Title: "Tee", DescriptionHTML: "<p><strong>Soft</strong></p>",
		CategoryPath: []string{"Wear", "Tees"}, Pictures: []string{"a.jpg", "b.jpg"},
		Options:    []intake.Option{{Name: "Size", Values: []string{"S", "M"}}},
		SKUs:       []intake.SKU{{ExternalID: "M", Code: "02", Line: 3, Values: []string{"M"}, Price: "19.9", Stock: &three}},
		Attributes: []intake.Attribute{{Name: "Made of", Value: "Silk"}},
	}
	if len(r.Items) != 2 || !reflect.DeepEqual(r.Items[0].Product, want) {
		t.Fatalf("got  %+v\nwant %+v", r.Items, want)
	}
}

// TestP14_AFloorIsAColumn: a price like the others that is no higher than its own, none where the cell is empty, and
// unsaid where no column holds it.
func TestP14_AFloorIsAColumn(t *testing.T) {
	const columns = `{"source":"depot","columns":{"sku":"SKU","title":"Name","price":"Price","floor_price":"Least"}}`
	r := intaketest.ReadText(t, format(t, columns), "SKU,Name,Price,Least\n1,Tee,19.90,17.5\n2,Mug,5,\n3,Cap,5,5.01\n4,Hat,5,-1\n"+
		"5,Bag,5, 5.00 \n6,Pin,5,0\n")
	if got := strings.Join(r.Codes(), ", "); got != "4 intake.floor_above, 5 intake.price_negative" {
		t.Fatalf("got %s, %v", got, r.Err)
	}
	for i, want := range []int64{1750, 0, 500, 0} {
		if got := r.Items[i].Prices[0].Floor; got == nil || *got != want {
			t.Errorf("%s: a floor of %v, want %d", r.Items[i].Product.Title, got, want)
		}
	}
	r = intaketest.ReadText(t, format(t, strings.Replace(columns, `,"floor_price":"Least"`, "", 1)), "SKU,Name,Price,Least\n1,Tee,19.90,17.5\n")
	if len(r.Items) != 1 || r.Items[0].Prices[0].Floor != nil {
		t.Errorf("%+v", r.Items)
	}
	if m := Propose(Look{Columns: []string{"商品名称", "售价", "货号", "底价", "划线价"}}); m.Columns["floor_price"] != "底价" || m.Columns["list_price"] != "划线价" {
		t.Errorf("%+v", m.Columns)
	}
}

// TestT11d_SevenBadRows is the worked example of the rules: 1,000 rows of which 7 are bad.
func TestT11d_SevenBadRows(t *testing.T) {
	bad := map[int]string{
		10: "19.999", 200: "", 300: "0", 301: "-1", 302: "1e3", 999: "\"5", 1000: "abc",
	}
	var file strings.Builder
	file.WriteString("sku,name,price\n")
	for i := 1; i <= 1000; i++ {
		price, wrong := bad[i]
		if !wrong {
			price = "19.90"
		}
		file.WriteString("s" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + strings.Repeat("y", i/26) + ",=n," +
			price + "\n")
	}
	f := format(t, `{"source":"depot","columns":{"sku":"sku","title":"name","price":"price"}}`)
	r := intaketest.ReadText(t, f, file.String())
	want := []string{
		"11 intake.price_fraction", "201 intake.price_missing", "301 intake.price_zero", "302 intake.price_negative",
		"303 intake.price_syntax", "1000 intake.bad_csv", "1001 intake.price_syntax",
	}
	if len(r.Items) != 993 || !reflect.DeepEqual(r.Codes(), want) {
		t.Fatalf("%d in, rejects %q", len(r.Items), r.Codes())
	}
	if r.Items[0].Product.Title != "=n" {
		t.Fatalf("a formula is text: %q", r.Items[0].Product.Title)
	}
}

func TestBadMappings(t *testing.T) {
	const rest = `"columns":{"id":"a","title":"b","price":"c"}`
	for _, m := range []string{
		``, `[]`, `{}`, `{"source":"x"}`, `{"source":"X!",` + rest + `}`, `{"source":"x",` + rest + `} {}`,
		`{"source":"x","columns":{"id":"a","title":"b"}}`, `{"source":"x","columns":{"id":"a","price":"b"}}`,
		`{"source":"x","columns":{"title":"a","price":"b"}}`,
		`{"source":"x","columns":{"id":"a","title":"b","price":"c","colour":"d"}}`,
		`{"source":"x","delimiter":"ab",` + rest + `}`, `{"source":"x","delimiter":"\n",` + rest + `}`,
		`{"source":"x","list_separator":"、",` + rest + `}`, `{"source":"x","category_separator":"\"",` + rest + `}`,
		`{"source":"x","weight_unit":"stone",` + rest + `}`, `{"source":"x","unknown":1,` + rest + `}`,
		`{"source":"x","options":["a","b","c","d","e","f"],` + rest + `}`,
		`{"source":"` + strings.Repeat("x", mappingMax) + `"}`,
	} {
		if _, err := Parse(strings.NewReader(m)); !fault.Is(err, "intake.bad_mapping") {
			t.Errorf("%.60s: %v", m, err)
		}
	}
}

func TestMissingColumns(t *testing.T) {
	r := intaketest.ReadText(t, format(t, mapping), "Nr;Name\n1;A\n")
	if !fault.Is(r.Err, "intake.columns_missing") {
		t.Fatal(r.Err)
	}
	if format(t, mapping).Sniff([]byte("Nr;Name\n")) || !format(t, mapping).Sniff([]byte(header)) {
		t.Fatal("sniffs wrong")
	}
}

func FuzzMapped(f *testing.F) {
	f.Add([]byte(header + "1;Tee;19.90;3;Wear/Tees;a.jpg;01;0.25;no;<b>Soft;S;Silk\n1;;5;;;;;;;;M;\n"))
	m := format(f, mapping)
	f.Fuzz(func(t *testing.T, data []byte) { intaketest.Hostile(t, m, data) })
}

func FuzzMapping(f *testing.F) {
	f.Add(mapping)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := Parse(strings.NewReader(text))
		if err != nil {
			return
		}
		intaketest.Hostile(t, Format{m}, []byte("a,b,c\n1,2,3\n"))
	})
}
