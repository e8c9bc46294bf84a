package intake_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/goods/intake/intaketest"
)

// BenchmarkIcecat imports the 19,406 real products into an empty market, on disk with full synchronous writes.
func BenchmarkIcecat(b *testing.B) {
	path := intaketest.Shared(b, "catalog/icecat-chorus/products.jsonl.gz")
	importInto(b, path, "19406/19406: 19406 new, 0 changed, 0 same, 0 refused")
}

// Benchmark100kSKUs imports 25,000 generated products of four variants each.
func Benchmark100kSKUs(b *testing.B) {
	importInto(b, generated(b, 25_000), "25000/100000: 25000 new, 0 changed, 0 same, 0 refused")
}

func importInto(b *testing.B, path, want string) {
	for b.Loop() {
		b.StopTimer()
		m := newMarket(b, dbtest.SQLite(b, db.Options{}, schemas...))
		b.StartTimer()
		m.expect(m.bring(nil, path), want)
		b.StopTimer()
		info, err := os.Stat(path)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(info.Size())
		b.StartTimer()
	}
}

// generated writes a Shopify export of that many products, with texts of ordinary length.
func generated(t testing.TB, products int) string {
	t.Helper()
	var rows strings.Builder
	rows.WriteString("Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name," +
		"Option2 Value,Variant SKU,Variant Grams,Variant Inventory Qty,Variant Price,Image Src\n")
	body := "<p>" + strings.Repeat("Soft cotton that stays in shape. ", 12) + "</p><ul><li>Warm</li><li>Light</li></ul>"
	for i := range products {
		fmt.Fprintf(&rows, "tee-%d,Tee no. %d,%s,Acme,Clothing,\"a, b\",true,Size,S,Color,Red,T%d-1,120,5,%d.90,"+
			"https://x.test/%d.jpg\n", i, i, body, i, 10+i%90, i)
		for at, v := range []string{"S,,Blue", "M,,Red", "M,,Blue"} {
			fmt.Fprintf(&rows, "tee-%d,,,,,,,,%s,T%d-%d,120,7,%d.90,\n", i, v, i, at+2, 12+i%90)
		}
	}
	return file(t, "generated.csv", rows.String())
}
