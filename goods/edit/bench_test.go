package edit_test

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/id"
	"hutong/goods/catalog"
	"hutong/goods/edit"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/party/audit"
)

// big is a shop of so many products with two SKUs each beside another of the same size, straight in the tables.
func big(t testing.TB, d *db.DB, products int) {
	t.Helper()
	about := strings.Repeat("word ", 400)
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		tables := map[string][][]any{}
		for i := range 2 * products {
			of, product := fmt.Sprintf("shp_%d", i/products+1), fmt.Sprintf("prd_%06d", i)
			tables["products"] = append(tables["products"], []any{product, of, "", fmt.Sprintf("茶 %d", i*7919%products), "", about, about,
				"", "", "[]", "[]", "listed", "", product, "", int64(i), int64(i), int64(i)})
			for k := range 2 {
				sku, pool, n := fmt.Sprintf("%s_%d", product, k), fmt.Sprintf("pol_%06d_%d", i, k), int64(i*31%97)
				tables["skus"] = append(tables["skus"], []any{sku, product, of, sku, sku, "[]", "", int64(1), "", "listed", int64(k)})
				tables["offers"] = append(tables["offers"], []any{"off_" + sku, of, product, sku, pool, "CNY", 100 + int64(i*7%1000),
					int64(0), int64(1), "listed", int64(0)})
				no := int64(2*i + k + 1)
				tables["pools"] = append(tables["pools"], []any{pool, no, of, sku, stock.MainPlace})
				tables["pool_counts"] = append(tables["pool_counts"], []any{no, true, n, int64(0), int64(0), int64(0), int64(0), int64(0)})
			}
		}
		for name, columns := range bigColumns {
			if err := tx.Insert(name, columns, tables[name]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

var bigColumns = map[string][]string{
	"products": {"id", "shop_id", "category_id", "title_zh", "title_en", "description_zh", "description_en", "brand",
		"pictures", "options", "attributes", "state", "source", "external_id", "content_hash", "position", "created_us",
		"updated_us"},
	"skus": {"id", "product_id", "shop_id", "code", "external_id", "choice", "barcode", "weight_g", "picture", "state",
		"position"},
	"offers": {"id", "shop_id", "product_id", "sku_id", "pool_id", "currency", "unit_price", "list_price", "version", "state", "floor_price"},
	"pools":  {"id", "no", "shop_id", "sku_id", "place"},

	"pool_counts": {"no", "open", "received", "returned", "written_off", "held", "sold", "shipped"},
}

// A large shop's list is made of what was read some seconds ago at most; what the desk itself changes it sees at once.
func TestALargeShopsListIsKeptForAMoment(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, event.Schema, audit.Schema, catalog.Schema, offer.Schema, stock.Schema)
	big(t, d, 1_200)
	c := clock.NewManual(time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC))
	ids := id.NewMaker(c, rand.Reader)
	s := edit.New(edit.Deps{DB: d, Clock: c, IDs: ids, Catalog: catalog.New(d, c, ids), Offers: offer.New(d, c, ids),
		Stock: stock.New(d, c, ids)})
	first := func() catalog.ID {
		t.Helper()
		all, more, err := s.List(t.Context(), edit.Query{Shop: "shp_1", Sort: edit.ByStockDown, Limit: 2})
		if err != nil || len(all) != 2 || !more {
			t.Fatal(all, more, err)
		}
		return all[0]
	}
	was := first()
	last := catalog.ID("prd_001199")
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE pool_counts SET received = 500
			WHERE no IN (SELECT no FROM pools WHERE id LIKE 'pol_001199_%')`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := first(); got != was {
		t.Errorf("it was read again at once: %s", got)
	}
	c.Advance(5 * time.Second)
	if got := first(); got != last {
		t.Errorf("after five seconds %s is first", got)
	}
	one := []catalog.ID{"prd_000007"}
	if _, err := s.Bulk(t.Context(), "shp_1", one, edit.Change{Kind: edit.StockSet, Pieces: 900}); err != nil {
		t.Fatal(err)
	}
	if got := first(); got != one[0] {
		t.Errorf("after a change of its own %s is first", got)
	}
}

// BenchmarkList turns the pages of a shop with 19,000 products.
func BenchmarkList(b *testing.B) {
	d := dbtest.SQLite(b, db.Options{}, event.Schema, audit.Schema, catalog.Schema, offer.Schema, stock.Schema)
	big(b, d, 19_000)
	s := edit.New(edit.Deps{DB: d, Clock: clock.NewManual(time.Unix(1_800_000_000, 0))})
	for name, q := range map[string]edit.Query{"plain": {}, "by price": {Sort: edit.ByPrice}, "by stock": {Sort: edit.ByStockDown},
		"few": {Stock: edit.Low}, "few by price": {Stock: edit.Low, Sort: edit.ByPrice}, "none by stock": {Stock: edit.Out, Sort: edit.ByStock},
		"a word": {Text: "茶 7"}, "by title": {Sort: edit.ByTitle}} {
		q.Shop, q.Limit = "shp_1", 25
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				ids, _, err := s.List(b.Context(), q)
				if err != nil || len(ids) != 25 {
					b.Fatal(len(ids), err)
				}
			}
		})
	}
}
