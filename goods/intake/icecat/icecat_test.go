package icecat

import (
	"bufio"
	"compress/gzip"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"hutong/goods/intake"
	"hutong/goods/intake/intaketest"
)

func TestSheet(t *testing.T) {
	r := intaketest.ReadText(t, Format{}, `{"id":"7","name":"dv7","title":"HP dv7 17\" Intel®","ean":["088","089"],`+
		`"short_description":"1 < 2 & <b>bold</b>","img_high":"http://x.test/h.jpg","img_thumb":"http://x.test/t.jpg",`+
		`"date_released":null,"supplier":"HP","price":10995,"attr_t_cpu__old_":"Core 2","attr_n_display":17.0,`+
		`"attr_n_big":123456789012345678901234567890.10,"attr_b_touch":false,"attr_t_ports":["USB","VGA"],`+
		`"attr_n_weight":3460.0,"other":{"x":1}}`+"\n\n"+`{"id":"8","title":"B","price":5,"stock":3}`)
	if len(r.Items) != 2 || len(r.Rejects) != 0 {
		t.Fatalf("%+v", r)
	}
	want := intake.Item{Product: intake.Product{
		Source: "icecat", ExternalID: "7", Line: 1, Title: `HP dv7 17" Intel®`, Brand: "HP",
		DescriptionHTML: "<p>1 &lt; 2 &amp; &lt;b&gt;bold&lt;/b&gt;</p>", Pictures: []string{"http://x.test/h.jpg"},
		SKUs: []intake.SKU{{ExternalID: "7", Code: "dv7", Line: 1, Price: "10995", InMinor: true, Barcode: "088",
			WeightG: 3460}},
		Attributes: []intake.Attribute{
			{Name: "Cpu old", Value: "Core 2"}, {Name: "Display", Value: "17.0"},
			{Name: "Big", Value: "123456789012345678901234567890.10"}, {Name: "Touch", Value: "false"},
			{Name: "Ports", Value: "USB, VGA"}, {Name: "Weight", Value: "3460.0"}, {Name: "Further EANs", Value: "089"},
		}, Published: true,
	}, Prices: []intake.Price{{Unit: 10995}}}
	if !reflect.DeepEqual(r.Items[0], want) {
		t.Fatalf("got  %+v\nwant %+v", r.Items[0], want)
	}
	if stock := r.Items[1].Product.SKUs[0].Stock; stock == nil || *stock != 3 || r.Items[1].Product.Line != 3 {
		t.Fatalf("%+v", r.Items[1])
	}
}

func TestRefusedLines(t *testing.T) {
	cases := []struct{ name, line, want string }{
		{"no json", `{"id":`, "1 intake.bad_json"},
		{"a list", `[1]`, "1 intake.bad_json"},
		{"two objects", `{"id":"1","title":"A","price":1}{}`, "1 intake.bad_json"},
		{"a field twice", `{"id":"1","id":"2","title":"A","price":1}`, "1 intake.bad_json"},
		{"an object as a fact", `{"id":"1","title":"A","price":1,"attr_t_x":{"y":1}}`, "1 intake.bad_json"},
		{"fraction of a cent", `{"id":"1","title":"A","price":49.95}`, "1 intake.price_fraction"},
		{"whole, but written with a point", `{"id":"1","title":"A","price":49.0}`, "1 intake.price_fraction"},
		{"exponent", `{"id":"1","title":"A","price":1e400}`, "1 intake.price_syntax"},
		{"price as a text", `{"id":"1","title":"A","price":"49"}`, "1 intake.price_syntax"},
		{"price zero", `{"id":"1","title":"A","price":0}`, "1 intake.price_zero"},
		{"price below zero", `{"id":"1","title":"A","price":-5}`, "1 intake.price_negative"},
		{"no price", `{"id":"1","title":"A"}`, "1 intake.price_missing"},
		{"price null", `{"id":"1","title":"A","price":null}`, "1 intake.price_missing"},
		{"no id", `{"title":"A","price":1}`, "1 intake.no_id"},
		{"id is no text", `{"id":1,"title":"A","price":1}`, "1 intake.no_id"},
		{"no title", `{"id":"1","price":1}`, "1 intake.no_title"},
		{"stock", `{"id":"1","title":"A","price":1,"stock":0.5}`, "1 intake.bad_stock"},
		{"deep", strings.Repeat(`{"a":`, 20_000), "1 intake.bad_json"},
		{"id again", `{"id":"1","title":"A","price":1}` + "\n" + `{"id":"1","title":"A","price":1}`,
			"2 intake.duplicate_product"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := intaketest.ReadText(t, Format{}, c.line+"\n")
			if got := strings.Join(r.Codes(), ", "); got != c.want || r.Err != nil {
				t.Fatalf("got %s, %v; want %s", got, r.Err, c.want)
			}
		})
	}
}

// TestRealFile compares with a pass over the bytes that parses no JSON.
func TestRealFile(t *testing.T) {
	const path = "catalog/icecat-chorus/products.jsonl.gz"
	f, err := os.Open(intaketest.Shared(t, path))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	price := regexp.MustCompile(`,"price":([0-9]+)[,}]`)
	products, cents, facts := 0, int64(0), 0
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		products++
		n, err := strconv.ParseInt(price.FindStringSubmatch(lines.Text())[1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		cents += n
		facts += strings.Count(lines.Text(), `,"attr_`)
	}
	r := intaketest.ReadShared(t, Format{}, path)
	gotCents, gotFacts := int64(0), 0
	for _, i := range r.Items {
		gotCents += i.Prices[0].Unit
		gotFacts += len(i.Product.Attributes)
		if last := len(i.Product.Attributes) - 1; last >= 0 && i.Product.Attributes[last].Name == "Further EANs" {
			gotFacts--
		}
	}
	if products != 19_406 || len(r.Items) != products || len(r.Rejects) != 0 || gotCents != cents {
		t.Fatalf("%d products for %d cents, rejects %+v; the plain pass says %d for %d",
			len(r.Items), gotCents, r.Rejects, products, cents)
	}
	if gotFacts > facts || gotFacts < facts-facts/100 { // facts of blanks only are dropped
		t.Fatalf("%d facts of %d", gotFacts, facts)
	}
}

func FuzzIcecat(f *testing.F) {
	f.Add([]byte(`{"id":"7","name":"n","title":"T","ean":["1"],"price":10995,"attr_n_weight":17.0,"attr_b_x":true}`))
	f.Add([]byte("\n{\"id\":\"1\",\"title\":\"<script>\",\"price\":1,\"attr_t_x\":[1,\"\\u0000\"]}\n{"))
	f.Fuzz(func(t *testing.T, data []byte) { intaketest.Hostile(t, Format{}, data) })
}
