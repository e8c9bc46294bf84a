package search_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/goods/catalog"
	"hutong/goods/search"
)

const icecatDir = "../../../shared/data/catalog/icecat-chorus/"

// shared opens a file of the data set that lies beside the module, not in it. Where it is absent the test
// is skipped, unless HUTONG_REQUIRE names "shared".
func shared(t testing.TB, path string) *os.File {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		if strings.Contains(os.Getenv("HUTONG_REQUIRE"), "shared") {
			t.Fatalf("HUTONG_REQUIRE asks for the shared data: %v", err)
		}
		t.Skipf("no %s here", path)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// icecat reads the 19,406 products of the Icecat set, with all their attributes.
func icecat(t testing.TB, shop string) []goods {
	t.Helper()
	unzipped, err := gzip.NewReader(shared(t, icecatDir+"products.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	var all []goods
	lines := bufio.NewScanner(unzipped)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var row map[string]any
		d := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		d.UseNumber()
		if err := d.Decode(&row); err != nil {
			t.Fatal(err)
		}
		all = append(all, icecatGoods(shop, row))
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func icecatGoods(shop string, row map[string]any) goods {
	str := func(key string) string { s, _ := row[key].(string); return s }
	p := catalog.Product{Shop: shop, Source: "icecat", ExternalID: str("id"), State: catalog.Listed,
		Title: catalog.Words{En: str("title")}, Brand: str("supplier"),
		Description: catalog.Words{En: "<p>" + strings.NewReplacer("<", " ", ">", " ").Replace(
			str("short_description")) + "</p>"}}
	var sku catalog.SKU
	if code := str("name"); len(code) <= catalog.NameMax {
		sku.Code = code
	}
	if eans, _ := row["ean"].([]any); len(eans) > 0 {
		sku.Barcode, _ = eans[0].(string)
	}
	p.SKUs = []catalog.SKU{sku}
	for key, v := range row {
		if name, is := strings.CutPrefix(key, "attr_"); is {
			p.Attributes = append(p.Attributes, catalog.Attribute{Name: catalog.Words{En: name[2:]},
				Value: catalog.Words{En: strings.Join(strings.Fields(fmt.Sprint(v)), " ")}})
		}
	}
	cents, _ := row["price"].(json.Number)
	price, err := cents.Int64()
	if err != nil {
		price = 1
	}
	return goods{p, max(price, 1), 5}
}

// icecatWorld sells the set in one shop.
func icecatWorld(t testing.TB) (*world, []goods) {
	t.Helper()
	w := newWorld(t, dbtest.SQLite(t, db.Options{Relaxed: true}, schemas...))
	all := icecat(t, w.shop("icecat"))
	for page := range slices.Chunk(all, catalog.BatchMax) {
		w.sell(page...)
	}
	return w, all
}

// TestRealTitlesAndBarcodesFindTheirProduct asks for every 97th product of the Icecat set by what stands on it.
func TestRealTitlesAndBarcodesFindTheirProduct(t *testing.T) {
	if testing.Short() {
		t.Skip("loads 19,406 products")
	}
	w, all := icecatWorld(t)
	w.build()
	if n := w.find(search.Query{}).Total; n != len(all) {
		t.Fatalf("%d products are found, want %d", n, len(all))
	}
	for i := 0; i < len(all); i += 97 {
		g := all[i]
		asked := map[string]int{g.Title.En: 10} // and how far down it may stand: several have the same title
		if code := g.SKUs[0].Barcode; code != "" {
			asked[code] = 3
		}
		for text, limit := range asked {
			r := w.find(search.Query{Text: text, Limit: limit})
			products, err := w.catalog.Products(context.Background(), r.Hits)
			if err != nil {
				t.Fatal(err)
			}
			is := func(p catalog.Product) bool { return p.ExternalID == g.ExternalID }
			if r.Loose || !slices.ContainsFunc(products, is) {
				t.Errorf("%q does not find product %s among %d", text, g.ExternalID, r.Total)
			}
		}
	}
}

// texts are 2,000 queries as people type them: the rated ones, and words of titles, in part unfinished.
func texts(t testing.TB, all []goods) []string {
	t.Helper()
	rows, err := csv.NewReader(shared(t, icecatDir+"qrels-dev.csv")).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, row := range rows[1:] {
		if !slices.Contains(list, row[0]) {
			list = append(list, row[0])
		}
	}
	for i := 0; len(list) < 2_000; i++ {
		words := strings.Fields(all[i*7919%len(all)].Title.En)
		n := min(1+i%4, len(words))
		at := i * 31 % (len(words) - n + 1)
		query := strings.Join(words[at:at+n], " ")
		if i%3 == 0 && len(query) > 4 {
			query = query[:len(query)-2]
		}
		list = append(list, strings.ToValidUTF8(query, ""))
	}
	return list
}

// BenchmarkIcecat builds the index of 19,406 real products from the tables, then asks it 2,000 realistic
// queries.
func BenchmarkIcecat(b *testing.B) {
	w, all := icecatWorld(b)
	var system clock.System
	before := heap()
	start := system.Now()
	w.build()
	built := system.Now().Sub(start)
	grown := heap() - before
	start = system.Now()
	if err := w.search.RefreshStock(context.Background()); err != nil {
		b.Fatal(err)
	}
	looked := system.Now().Sub(start)
	list := texts(b, all)
	var took []time.Duration
	for b.Loop() {
		for i, text := range list {
			q := search.Query{Text: text, Limit: 24, InStock: i%5 == 0}
			start := system.Now()
			if _, err := w.search.Search(context.Background(), q); err != nil {
				b.Fatal(err)
			}
			took = append(took, system.Now().Sub(start))
		}
	}
	slices.Sort(took)
	size := w.search.Size()
	b.ReportMetric(float64(built.Milliseconds()), "build-ms")
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(took[len(took)-1].Microseconds()), "max-µs")
	b.ReportMetric(float64(grown>>10)/1024, "heap-MB")
	b.ReportMetric(float64(looked.Microseconds()), "stock-µs")
	b.Logf("%+v", size)
}

// heap is the memory in use after a collection, in bytes.
func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// BenchmarkRelevance tells how well the rated queries of the Icecat set are answered, as NDCG at 10 in
// thousandths: for information, and so that a change of the weights can be judged. Unrated products count as
// irrelevant, queries without any relevant product are left out.
func BenchmarkRelevance(b *testing.B) {
	w, all := icecatWorld(b)
	w.build()
	ratings := ratings(b)
	names := map[catalog.ID]string{}
	for page := range slices.Chunk(all, catalog.BatchMax) {
		for i, saved := range w.sell(page...) {
			names[saved.Product] = page[i].ExternalID
		}
	}
	total, answerable := 0, 0
	for b.Loop() {
		total, answerable = 0, 0
		for query, rated := range ratings {
			var gains []int
			for _, id := range w.find(search.Query{Text: query, Limit: 10}).Hits {
				gains = append(gains, rated[names[id]])
			}
			best := slices.Sorted(maps.Values(rated))
			slices.Reverse(best)
			if ideal := discounted(best[:min(len(best), 10)]); ideal > 0 {
				total += 1_000 * discounted(gains) / ideal
				answerable++
			}
		}
	}
	b.ReportMetric(float64(total/answerable), "ndcg10-‰")
}

// ratings are the rated products of each query.
func ratings(t testing.TB) map[string]map[string]int {
	t.Helper()
	rows, err := csv.NewReader(shared(t, icecatDir+"qrels-dev.csv")).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]int{}
	for _, row := range rows[1:] {
		if all[row[0]] == nil {
			all[row[0]] = map[string]int{}
		}
		if all[row[0]][row[1]], err = strconv.Atoi(row[2]); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// discounted sums gains, each worth 1/log2(place+1) of its own, in thousandths.
func discounted(gains []int) (sum int) {
	shares := [10]int{1_000, 631, 500, 431, 387, 356, 333, 315, 301, 289}
	for i, g := range gains {
		sum += (1<<g - 1) * shares[i]
	}
	return sum
}

// BenchmarkBuild builds the index of 19,406 real products from the tables.
func BenchmarkBuild(b *testing.B) {
	w, _ := icecatWorld(b)
	b.ReportAllocs()
	for b.Loop() {
		s, err := search.New(w.db, w.now)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Build(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
