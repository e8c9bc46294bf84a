package node_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/goods/intake"
	"hutong/goods/intake/shopify"
	"hutong/goods/offer"
	"hutong/trade/order"
)

// imports writes a file of one product and imports it into the first shop.
func (m *market) imports(title, price, before string) offer.Offer {
	m.t.Helper()
	ctx, shop := m.t.Context(), string(m.shops[0].ID)
	file := filepath.Join(m.t.TempDir(), "products.csv")
	m.ok(os.WriteFile(file, []byte("Handle,Title,Published,Option1 Name,Option1 Value,Variant SKU,Variant Price,"+
		"Variant Compare At Price,Variant Inventory Qty\nfan,"+title+",true,Title,Default Title,FAN-1,"+price+","+before+",10\n"), 0o600))
	_, err := m.Intake.Import(ctx, intake.Import{Shop: shop, Files: []string{file},
		Formats: []intake.Format{shopify.Format{}}, Currency: m.currency})
	m.ok(err)
	var id string
	m.ok(m.DB.Read(ctx, func(tx *db.Tx) error {
		_, err := tx.One(`SELECT MAX(product_id) FROM offers WHERE shop_id = $1`, []any{shop}, &id)
		return err
	}))
	all, err := m.Offers.ByProducts(ctx, []string{id})
	m.ok(err)
	return all[id][0]
}

// TestAnImportsPricesAreFollowedAtOnce: a file with new words and a lower price is one event away from its struck price and
// from the guarantee of what was bought before, with no look of any other job.
func TestAnImportsPricesAreFollowedAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		goods, c := m.imports("silk fan", "19.90", ""), m.guest("a")
		id := order.ID(c.order(1, goods))
		c.payAt(c.begin(string(id), "redbean"))
		m.settle()
		m.send(goods.Shop, id)
		m.ok(m.DB.Write(t.Context(), func(tx *db.Tx) error {
			return m.Orders.Delivered(tx, m.clock.Now(), []order.SubKey{{Order: id, Seq: 1}})
		}))
		m.settle()
		if _, err := m.Guarantee.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
		m.clock.Advance(time.Hour)
		if now := m.imports("silk fan of 11.11", "15.90", "19.90"); now.UnitPrice != 1590 || now.ID != goods.ID {
			t.Fatalf("imported as %+v", now)
		}
		m.settle()
		says := c.must(200, "GET", "/api/v1/products/"+goods.Product, "")
		if sku := says.tree()["skus"].([]any)[0].(map[string]any); sku["percent_off"] != float64(20) {
			t.Errorf("the struck price waits for a job: %s", says.body)
		}
		_, err := m.Guarantee.Look(t.Context())
		m.ok(err)
		o, err := m.Orders.Any(t.Context(), id)
		m.ok(err)
		if l := o.Lines()[0]; l.Lowered != 400 {
			t.Errorf("lowered by %d", l.Lowered)
		}
		m.audit()
	})
}
