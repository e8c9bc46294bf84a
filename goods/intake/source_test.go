package intake_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hutong/base/fault"
	"hutong/base/text"
	"hutong/goods/intake"
	"hutong/goods/intake/icecat"
	"hutong/goods/intake/intaketest"
	"hutong/goods/intake/magento"
	"hutong/goods/intake/shopify"
	"hutong/goods/intake/woocommerce"
)

var formats = []intake.Format{shopify.Format{}, woocommerce.Format{}, magento.Format{}, icecat.Format{}}

func zip(t *testing.T, r io.Reader) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := io.Copy(w, r); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestDetect(t *testing.T) {
	for head, want := range map[string]string{
		"Handle,Title,Variant Price\n":                   "shopify",
		"\ufeffhandle;title;VARIANT PRICE\r\n":           "shopify",
		"ID,Type,SKU,Name,Regular price\n":               "woocommerce",
		"sku,product_type,name,price\n":                  "magento",
		"category\tname\tsku\tprice\tqty\n":              "magento",
		"\n {\"id\":\"1\",\"title\":\"A\"}\n":            "icecat",
		"name,url_key,path\n":                            "",
		"\x89PNG\r\n":                                    "",
		strings.Repeat("x", 70_000) + ",Handle,Title\nx": "",
	} {
		for _, data := range [][]byte{[]byte(head), zip(t, strings.NewReader(head))} {
			f, err := intake.Detect(t.Context(), intaketest.Source("x", data), formats)
			switch {
			case want == "" && !fault.Is(err, "intake.unknown_format"):
				t.Errorf("%.40q: %v", head, err)
			case want != "" && (err != nil || f.Name() != want):
				t.Errorf("%.40q: %v, %v; want %s", head, f, err, want)
			}
		}
	}
	for _, head := range []string{"", "\r\n\n", "\ufeff"} {
		if _, err := intake.Detect(t.Context(), intaketest.Source("x", []byte(head)), formats); !fault.Is(err, "intake.empty") {
			t.Errorf("%q: %v", head, err)
		}
	}
}

// TestRealFilesAreKnown: every real product file is one format's, the others nobody's.
func TestRealFilesAreKnown(t *testing.T) {
	for path, want := range map[string]string{
		"shopify-partners/apparel.csv": "shopify", "shopify-partners/jewelery.csv": "shopify",
		"shopify-partners/home-and-garden.csv": "shopify", "woocommerce/sample_products.csv": "woocommerce",
		"magento2/ConfigurableSampleData__products.csv":                    "magento",
		"magento2/CatalogSampleData__SimpleProduct_products_gear_bags.csv": "magento",
		"magento2/BundleSampleData__yoga_bundle.csv":                       "magento",
		"icecat-chorus/products.jsonl.gz":                                  "icecat",
		"magento2/CatalogSampleData__categories.csv":                       "", "icecat-chorus/qrels-dev.csv": "",
	} {
		src, err := intake.OpenFile(intaketest.Shared(t, "catalog/"+path))
		if err != nil {
			t.Fatal(err)
		}
		f, err := intake.Detect(t.Context(), src, formats)
		if want == "" && !fault.Is(err, "intake.unknown_format") || want != "" && (err != nil || f.Name() != want) {
			t.Errorf("%s: %v, %v", path, f, err)
		}
	}
}

func TestOpenFile(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "none.csv"), "/dev/null"} {
		if _, err := intake.OpenFile(path); !fault.Is(err, "intake.no_file") {
			t.Errorf("%s: %v", path, err)
		}
	}
	path := filepath.Join(dir, "a.csv")
	if err := os.WriteFile(path, []byte("Handle,Title,Variant Price\na,A,5\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	src, err := intake.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var read int64
	src.OnRead = func(stored int64) { read = stored }
	if r := intaketest.Read(t.Context(), shopify.Format{}, src); r.SKUs() != 1 || src.Size != 33 || read != 33 {
		t.Fatalf("%+v, %d of %d bytes", r, read, src.Size)
	}
}

// TestBrokenFiles: each format ends with the same fault, and keeps what came before it.
func TestBrokenFiles(t *testing.T) {
	bomb := zip(t, io.LimitReader(zeros{}, 200<<20))
	cut := zip(t, strings.NewReader("Handle,Title,Variant Price\na,A,5\nb,B,5\n"))
	cases := []struct {
		name  string
		data  []byte
		limit int64
		want  string
	}{
		{"empty", nil, 0, "intake.no_header"},
		{"utf-16", []byte("\xff\xfeH\x00"), 0, "intake.not_utf8"},
		{"zip archive", []byte("PK\x03\x04"), 0, "intake.not_utf8"},
		{"columns", []byte("Handle,Title\n"), 0, "intake.columns_missing"},
		{"lines of an old Macintosh", []byte("Handle,Title,Variant Price\ra,A,5\rb,B,5\r"), 0, "intake.line_ends"},
		{"header not utf-8", []byte("Handle\xff,Title\n"), 0, "intake.bad_utf8"},
		{"bomb", bomb, 0, "intake.too_big"},
		{"cut off", cut[:len(cut)-6], 0, "intake.bad_gzip"},
		{"too big", []byte("Handle,Title,Variant Price\n" + strings.Repeat("a,A,5\n", 50)), 90, "intake.too_big"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			src := intaketest.Source("x", c.data)
			src.Limits.TotalBytes = c.limit
			r := intaketest.Read(t.Context(), shopify.Format{}, src)
			if !fault.Is(r.Err, c.want) {
				t.Fatalf("%v; want %s", r.Err, c.want)
			}
		})
	}
	lines := intaketest.Read(t.Context(), icecat.Format{}, intaketest.Source("x", bomb))
	if !fault.Is(lines.Err, "intake.too_big") {
		t.Fatalf("a bomb of one line: %v", lines.Err)
	}
}

// TestRowsAreCountedInPhysicalLines: a quoted field over three lines moves everything behind it.
func TestRowsAreCountedInPhysicalLines(t *testing.T) {
	r := intaketest.ReadText(t, shopify.Format{}, "Handle,Title,Variant Price,Body (HTML)\r\n\r\n"+
		"a,A,5,\"one\r\ntwo\r\nthree\"\r\nb,B,19.999,x\r\nc,C,\xff,x\r\nd,D,5\r\ne,\"E\",5,\"x\"y\r\nf,F,0,x")
	want := "6 intake.price_fraction, 7 intake.bad_utf8, 8 intake.columns, 9 intake.bad_csv, 10 intake.price_zero"
	// Rows are refused by the reader as it meets them, products when they end.
	got := r.Codes()
	if len(r.Items) != 1 || len(got) != 5 {
		t.Fatalf("%+v", r)
	}
	for _, code := range got {
		if !strings.Contains(want, code) {
			t.Fatalf("got %q; want %s", got, want)
		}
	}
}

func TestMessages(t *testing.T) {
	r := intake.Reject{Code: "intake.columns", Params: []fault.Param{fault.P("want", 4), fault.P("got", 3)}}
	if en := r.Message(text.En); en != "The row has 3 columns instead of 4" {
		t.Error(en)
	}
	if zh := r.Message(text.Zh); zh != "应有 4 列，实有 3 列" {
		t.Error(zh)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
