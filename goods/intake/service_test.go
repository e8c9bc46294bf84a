package intake_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/text"
	"hutong/goods/catalog"
	"hutong/goods/intake"
	"hutong/goods/intake/intaketest"
	"hutong/goods/offer"
	"hutong/goods/picture"
	"hutong/goods/stock"
	"hutong/party/audit"
)

// market is the rooms that an import writes to, on an empty database.
type market struct {
	t        testing.TB
	db       *db.DB
	clock    *clock.Manual
	catalog  *catalog.Service
	offers   *offer.Service
	stock    *stock.Service
	pictures *picture.Service
	fetch    fetcher
	intake   *intake.Service
}

var schemas = []db.Schema{event.Schema, audit.Schema, catalog.Schema, offer.Schema, stock.Schema, intake.Schema}

const shop = "shp_1"

func newMarket(t testing.TB, d *db.DB) *market {
	t.Helper()
	now := clock.NewManual(time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC))
	ids := id.NewMaker(now, rand.Reader)
	pictures, err := picture.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pictures.Close(); err != nil {
			t.Error(err)
		}
	})
	m := &market{t: t, db: d, clock: now, catalog: catalog.New(d, now, ids), offers: offer.New(d, now, ids),
		stock: stock.New(d, now, ids), pictures: pictures, fetch: fetcher{}}
	rooms := intake.Rooms{Catalog: m.catalog, Offers: m.offers, Stock: m.stock, Pictures: pictures}
	m.intake = intake.New(d, now, ids, rooms, m.fetch)
	return m
}

func eachMarket(t *testing.T, test func(t *testing.T, m *market)) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) { test(t, newMarket(t, d)) })
}

// file writes a file for an import.
func file(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// bring imports files and fails on an error.
func (m *market) bring(change func(*intake.Import), files ...string) intake.Report {
	m.t.Helper()
	cmd := intake.Import{Shop: shop, Files: files, Formats: formats, Currency: "USD"}
	if change != nil {
		change(&cmd)
	}
	r, err := m.intake.Import(m.t.Context(), cmd)
	if err != nil {
		m.t.Fatal(err)
	}
	return r
}

func counts(r intake.Report) string {
	return fmt.Sprintf("%d/%d: %d new, %d changed, %d same, %d refused",
		r.Products, r.SKUs, r.Created, r.Updated, r.Unchanged, r.Rejected)
}

func (m *market) expect(r intake.Report, want string) {
	m.t.Helper()
	if got := counts(r); got != want {
		m.t.Fatalf("got  %s\nwant %s\n%+v", got, want, r.Rejects)
	}
}

// fingerprint is every row that an import may write: when it stays the same, nothing was written.
func (m *market) fingerprint() string {
	m.t.Helper()
	var b strings.Builder
	err := m.db.Read(m.t.Context(), func(tx *db.Tx) error {
		for _, q := range []string{
			`SELECT id || updated_us || content_hash || state || pictures FROM products ORDER BY id`,
			`SELECT id || state || choice FROM skus ORDER BY id`,
			`SELECT id || unit_price || list_price || floor_price || version || state FROM offers ORDER BY id`,
			`SELECT offer_id || from_us || floor_price FROM floor_history ORDER BY offer_id, from_us`,
			`SELECT offer_id || version || unit_price FROM price_history ORDER BY offer_id, version`,
			`SELECT id || received || written_off || held FROM pools p JOIN pool_counts c ON c.no = p.no ORDER BY id`,
			`SELECT id || quantity FROM stock_moves ORDER BY id`,
			`SELECT external_id || content_hash || figures FROM imported_products ORDER BY external_id`,
			`SELECT product_id || position || url || state || tries FROM remote_pictures ORDER BY product_id, position`,
			`SELECT id || topic FROM outbox ORDER BY id`,
		} {
			err := tx.Each(q, func(r db.Row) error {
				var row string
				err := r.Scan(&row)
				b.WriteString(row + "\n")
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		m.t.Fatal(err)
	}
	return b.String()
}

// product reads the only product with that title.
func (m *market) product(title string) catalog.Product {
	m.t.Helper()
	page, err := m.catalog.ByShop(m.t.Context(), catalog.ByShop{Shop: shop, Limit: 100})
	if err != nil {
		m.t.Fatal(err)
	}
	for _, p := range page.Products {
		if p.Title.En == title || p.Title.Zh == title {
			return p
		}
	}
	m.t.Fatalf("no product %s among %d", title, len(page.Products))
	return catalog.Product{}
}

// shelf says "value price/list stock" of every SKU that a product has on offer.
func (m *market) shelf(title string) string {
	m.t.Helper()
	p := m.product(title)
	offers, err := m.offers.ByProducts(m.t.Context(), []string{string(p.ID)})
	if err != nil {
		m.t.Fatal(err)
	}
	var out []string
	for _, s := range p.SKUs {
		pools, err := m.stock.PoolsBySKU(m.t.Context(), shop, []string{string(s.ID)})
		if err != nil {
			m.t.Fatal(err)
		}
		for _, o := range offers[string(p.ID)] {
			if o.SKU == string(s.ID) && o.State == offer.Listed && o.Pool == pools[o.SKU].ID {
				chosen := catalog.Choose(p.Options, s.Choice)
				out = append(out, fmt.Sprintf("%s %d/%d %d", chosen.In(text.En), o.UnitPrice, o.ListPrice,
					pools[o.SKU].OnHand()))
			}
		}
	}
	return strings.Join(out, ", ")
}

const shopifyHeader = "Handle,Title,Option1 Name,Option1 Value,Variant Price,Variant Compare At Price," +
	"Variant Inventory Qty,Image Src,Tags,Type,Published\n"

const tee = "tee,Tee,Size,S,19.90,25,5,https://x.test/tee.jpg,\"cotton, summer\",Clothing,true\ntee,,,M,20,,7,,,,\n"

// TestT11d_SecondImportChangesNothing: the same file twice writes nothing the second time.
func TestT11d_SecondImportChangesNothing(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		path := file(t, "a.csv", shopifyHeader+tee+"mug,杯子,,,9,,,,,Drinkware,false\nbad,Bad,,,19.999,,,,,,\n")
		m.expect(m.bring(nil, path), "2/3: 2 new, 0 changed, 0 same, 1 refused")
		if got := m.shelf("Tee"); got != "S 1990/2500 5, M 2000/0 7" {
			t.Fatal(got)
		}
		if got := m.shelf("杯子"); got != " 900/0 0" {
			t.Fatalf("stock that no file states is 0: %s", got)
		}
		p := m.product("Tee")
		tags := catalog.Attribute{Name: catalog.Words{Zh: "标签", En: "Tags"}, Value: catalog.Words{En: "cotton, summer"}}
		if p.Category != "aa-1" || p.State != catalog.Listed || !reflect.DeepEqual(p.Attributes, []catalog.Attribute{tags}) {
			t.Fatalf("%+v", p)
		}
		if m.product("杯子").State != catalog.Withdrawn {
			t.Fatal("what the file does not publish is not shown")
		}
		before := m.fingerprint()
		m.expect(m.bring(nil, path), "2/3: 0 new, 0 changed, 2 same, 1 refused")
		if m.fingerprint() != before {
			t.Fatal("the second import wrote something")
		}
	})
}

// TestDryRunWritesNothing: it says what the import would do, first and again after a change.
func TestDryRunWritesNothing(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		dry := func(c *intake.Import) { c.DryRun = true }
		empty := m.fingerprint()
		path := file(t, "a.csv", shopifyHeader+tee)
		m.expect(m.bring(dry, path), "1/2: 1 new, 0 changed, 0 same, 0 refused")
		if m.fingerprint() != empty {
			t.Fatal("a dry run wrote something")
		}
		m.bring(nil, path)
		full := m.fingerprint()
		m.expect(m.bring(dry, path), "1/2: 0 new, 0 changed, 1 same, 0 refused")
		changed := file(t, "a.csv", shopifyHeader+strings.ReplaceAll(tee, ",20,,7", ",21,,8"))
		m.expect(m.bring(dry, changed), "1/2: 0 new, 1 changed, 0 same, 0 refused")
		if m.fingerprint() != full {
			t.Fatal("a dry run of a change wrote something")
		}
	})
}

// TestChangedFile: prices, SKUs and stock follow the file; stock only where the file's own figure changed.
func TestChangedFile(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		m.bring(nil, file(t, "a.csv", shopifyHeader+tee))
		small := m.product("Tee").SKUs[0].ID
		if err := m.stock.SetStock(t.Context(), shop, string(small), 3); err != nil { // two were sold
			t.Fatal(err)
		}
		step := func(rows, want string) {
			t.Helper()
			m.expect(m.bring(nil, file(t, "a.csv", shopifyHeader+rows)), "1/2: 0 new, 1 changed, 0 same, 0 refused")
			if got := m.shelf("Tee"); got != want {
				t.Fatalf("got %s; want %s", got, want)
			}
		}
		before := m.topics()
		step(strings.NewReplacer("19.90,25", "18,", "20,,7", "20,,9").Replace(tee), "S 1800/0 3, M 2000/0 9")
		if now := m.topics(); now["offer.changed"] != before["offer.changed"]+1 {
			t.Fatalf("nobody was told of a new price: %v, then %v", before, now)
		}
		step("tee,Tee,Size,S,18,,,,,,true\ntee,,,L,22,,4,,,,\n", "S 1800/0 3, L 2200/0 4")
		if n := m.listed(); n != 2 {
			t.Fatalf("%d offers are listed: the size that is gone can still be bought", n)
		}
		step("tee,Tee,Size,S,18,,5,,,,true\ntee,,,L,22,,4,,,,\n", "S 1800/0 3, L 2200/0 4") // no new figure
		step("tee,Tee,Size,S,18,,6,,,,true\ntee,,,M,23,,9,,,,\n", "S 1800/0 6, M 2300/0 9")
		if now := m.product("Tee").SKUs[0].ID; now != small {
			t.Fatalf("the SKU became another: %s, %s", small, now)
		}
		var versions int64
		err := m.db.Read(t.Context(), func(tx *db.Tx) (err error) {
			versions, _, err = db.Value[int64](tx, `SELECT MAX(version) FROM offers WHERE sku_id = $1`, small)
			return err
		})
		if err != nil || versions != 2 {
			t.Fatalf("%d versions of a price that changed once, %v", versions, err)
		}
	})
}

// topics counts the events that were told, by topic.
func (m *market) topics() map[string]int64 {
	m.t.Helper()
	all := map[string]int64{}
	err := m.db.Read(m.t.Context(), func(tx *db.Tx) error {
		return tx.Each(`SELECT topic, COUNT(*) FROM outbox GROUP BY topic`, func(r db.Row) error {
			var topic string
			var n int64
			err := r.Scan(&topic, &n)
			all[topic] = n
			return err
		})
	})
	if err != nil {
		m.t.Fatal(err)
	}
	return all
}

// listed counts the offers that can be bought.
func (m *market) listed() (n int64) {
	m.t.Helper()
	err := m.db.Read(m.t.Context(), func(tx *db.Tx) (err error) {
		n, _, err = db.Value[int64](tx, `SELECT COUNT(*) FROM offers WHERE state = 'listed'`)
		return err
	})
	if err != nil {
		m.t.Fatal(err)
	}
	return n
}

// TestStockNeverFallsBelowPromises: a figure below what orders hold leaves nothing to sell, and breaks no order.
func TestStockNeverFallsBelowPromises(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		m.bring(nil, file(t, "a.csv", shopifyHeader+tee))
		sku := string(m.product("Tee").SKUs[0].ID)
		pools, err := m.stock.PoolsBySKU(t.Context(), shop, []string{sku})
		if err != nil {
			t.Fatal(err)
		}
		err = m.db.Write(t.Context(), func(tx *db.Tx) error {
			book, err := stock.LoadBook(tx, []stock.PoolID{pools[sku].ID})
			if err != nil {
				return err
			}
			if err := book.Hold([]stock.Want{{Pool: pools[sku].ID, Quantity: 4}}); err != nil {
				return err
			}
			return book.Save(tx)
		})
		if err != nil {
			t.Fatal(err)
		}
		m.bring(nil, file(t, "a.csv", shopifyHeader+strings.Replace(tee, "25,5,", "25,1,", 1)))
		pools, err = m.stock.PoolsBySKU(t.Context(), shop, []string{sku})
		if p := pools[sku]; err != nil || p.OnHand() != 4 || p.Free() != 0 {
			t.Fatalf("%+v, %v", p, err)
		}
	})
}

func TestOtherCurrencyIsRefused(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		path := file(t, "a.csv", shopifyHeader+tee)
		m.bring(nil, path)
		before := m.fingerprint()
		r := m.bring(func(c *intake.Import) { c.Currency = "EUR" }, path)
		m.expect(r, "0/0: 0 new, 0 changed, 0 same, 1 refused")
		if m.fingerprint() != before || r.Rejects[0].Code != "intake.other_currency" || r.Rejects[0].Line != 2 {
			t.Fatalf("%+v", r.Rejects)
		}
	})
}

// TestReport: rejects are in the order of the files and lines, with a sentence in both languages, and a file that
// cannot be read does not hold up the others.
func TestReport(t *testing.T) {
	m := newMarket(t, dbtest.SQLite(t, db.Options{}, schemas...))
	good := file(t, "good.csv", shopifyHeader+"a,A,,,5,,x,,,,true\nb,,,,5,,,,,,true\nc,C,,,5,,,,,,true\nd,D,,,0,,,,,,\n")
	var told []string
	var last intake.Progress
	r, err := m.intake.Import(t.Context(), intake.Import{
		Shop: shop, Formats: formats, Currency: "USD",
		Files:      []string{file(t, "odd.csv", "name\nx\n"), "/none/none.csv", good, file(t, "u.csv", "\xff\xfea")},
		OnReject:   func(x intake.Reject) { told = append(told, x.File+" "+x.Code) },
		OnProgress: func(p intake.Progress) { last = p },
	})
	if !fault.Is(err, "intake.unknown_format") {
		t.Fatal(err)
	}
	m.expect(r, "1/1: 1 new, 0 changed, 0 same, 6 refused")
	v := r.View(intake.Texts, text.En)
	var got []string
	for _, x := range v.Rejects {
		got = append(got, fmt.Sprintf("%s %d %s", x.File, x.Line, x.Code))
		if x.Message == "" || x.Message == x.Code {
			t.Errorf("%+v has no sentence", x)
		}
	}
	want := []string{"odd.csv 0 intake.unknown_format", "/none/none.csv 0 intake.no_file", "good.csv 2 intake.bad_stock",
		"good.csv 3 intake.no_title", "good.csv 5 intake.price_zero", "u.csv 0 intake.not_utf8"}
	if !reflect.DeepEqual(got, want) || len(told) != 6 {
		t.Fatalf("got %q; want %q; told %q", got, want, told)
	}
	if last.File != "good.csv" || last.Read != last.Size || last.Products != 1 {
		t.Fatalf("%+v", last)
	}
}

func TestBadCommands(t *testing.T) {
	m := newMarket(t, dbtest.SQLite(t, db.Options{}, schemas...))
	good := intake.Import{Shop: shop, Files: []string{"x"}, Formats: formats, Currency: "USD"}
	for code, change := range map[string]func(*intake.Import){
		"intake.shop":      func(c *intake.Import) { c.Shop = "" },
		"intake.currency":  func(c *intake.Import) { c.Currency = "YUAN" },
		"intake.files":     func(c *intake.Import) { c.Files = nil },
		"intake.no_folder": func(c *intake.Import) { c.Pictures = "/none/none" },
	} {
		cmd := good
		change(&cmd)
		if _, err := m.intake.Import(t.Context(), cmd); !fault.Is(err, code) {
			t.Errorf("%s: %v", code, err)
		}
	}
}

// TestTwoImportsAtOnce: however they interleave, each SKU is there once and its stock is counted once, when the
// products are new and when a further variant is.
func TestTwoImportsAtOnce(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		var one, two strings.Builder
		one.WriteString(shopifyHeader)
		two.WriteString(shopifyHeader)
		for i := range 600 {
			row := fmt.Sprintf("p%d,P%d,Size,S,5,,3,,,,true\n", i, i)
			one.WriteString(row)
			fmt.Fprintf(&two, "%sp%d,,,M,6,,4,,,,\n", row, i)
		}
		m.atOnce(file(t, "a.csv", one.String()), 600, 600*3)
		m.atOnce(file(t, "a.csv", two.String()), 1200, 600*(3+4))
	})
}

// atOnce imports a file twice at the same time and counts what came of it.
func (m *market) atOnce(path string, skus, pieces int64) {
	m.t.Helper()
	errs := make(chan error)
	for range 2 {
		go func() {
			_, err := m.intake.Import(m.t.Context(), intake.Import{
				Shop: shop, Files: []string{path}, Formats: formats, Currency: "USD"})
			errs <- err
		}()
	}
	if err := errors.Join(<-errs, <-errs); err != nil {
		m.t.Fatal(err)
	}
	var gotSKUs, gotPieces int64
	err := m.db.Read(m.t.Context(), func(tx *db.Tx) error {
		_, err := tx.One(`SELECT COUNT(*), CAST(SUM(received) AS BIGINT) FROM pool_counts`, nil, &gotSKUs, &gotPieces)
		return err
	})
	if err != nil || gotSKUs != skus || gotPieces != pieces {
		m.t.Fatalf("%d pools with %d pieces, want %d with %d, %v", gotSKUs, gotPieces, skus, pieces, err)
	}
}

// TestRealFilesIntoOneMarket imports every real file, and then again: the second time changes nothing.
func TestRealFilesIntoOneMarket(t *testing.T) {
	eachMarket(t, func(t *testing.T, m *market) {
		for path, want := range map[string]string{
			"shopify-partners/apparel.csv":                  "20/22: %s, 0 refused",
			"shopify-partners/home-and-garden.csv":          "20/21: %s, 0 refused",
			"shopify-partners/jewelery.csv":                 "20/23: %s, 0 refused",
			"woocommerce/sample_products.csv":               "13/20: %s, 2 refused",
			"magento2/ConfigurableSampleData__products.csv": "147/1847: %s, 0 refused",
			"magento2/BundleSampleData__yoga_bundle.csv":    "0/0: %s, 1 refused",
		} {
			n := strings.SplitN(want, "/", 2)[0]
			real := intaketest.Shared(t, "catalog/"+path)
			m.expect(m.bring(nil, real), fmt.Sprintf(want, n+" new, 0 changed, 0 same"))
			before := m.fingerprint()
			m.expect(m.bring(nil, real), fmt.Sprintf(want, "0 new, 0 changed, "+n+" same"))
			if m.fingerprint() != before {
				t.Fatalf("%s: the second import wrote something", path)
			}
		}
	})
}

// photo is a small JPEG that differs by its width.
func photo(t testing.TB, width int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, image.NewGray(image.Rect(0, 0, width, 8)), nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
