package rulebook_test

import (
	"crypto/rand"
	"errors"
	"testing"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/id"
	"hutong/deal/promo"
	"hutong/deal/promo/rulebook"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/party/audit"
)

// TestTheShelfCountsWhatIsNamed: the listed offers of the SKUs with the pieces that can be sold; not those of other
// SKUs, and no whole shop.
func TestTheShelfCountsWhatIsNamed(t *testing.T) {
	dbtest.Each(t, []db.Schema{event.Schema, audit.Schema, stock.Schema, offer.Schema}, func(t *testing.T, d *db.DB) {
		c := clock.NewManual(start)
		ids := id.NewMaker(c, rand.Reader)
		stocks, offers := stock.New(d, c, ids), offer.New(d, c, ids)
		err := d.Write(ctx, func(tx *db.Tx) error {
			for sku, pieces := range map[string]int64{"sku_cup": 7, "sku_pot": 3, "sku_mug": 9} {
				pools, err := stocks.Receive(tx, start, []stock.Receipt{{Shop: "shp_a", SKU: sku, Quantity: pieces, Ref: "test"}})
				if err != nil {
					return err
				}
				_, _, err = offers.List(tx, start, []offer.Listing{{Shop: "shp_a", Product: "prd_1", SKU: sku, Pool: pools[0],
					Currency: "CNY", UnitPrice: 1_000 * pieces, FloorPrice: &pieces}})
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		gone := errors.New("no catalogue")
		shelf := rulebook.Shop{Briefs: func(_ *db.Tx, skus []catalog.SKUID) (map[catalog.SKUID]catalog.Brief, error) {
			all := map[catalog.SKUID]catalog.Brief{}
			for _, sku := range skus {
				if sku == "sku_gone" {
					return nil, gone
				}
				all[sku] = catalog.Brief{SKU: sku, Product: "prd_1", Category: "aa-1-2"}
			}
			return all, nil
		}}
		err = d.Read(ctx, func(tx *db.Tx) error {
			goods, err := shelf.Goods(tx, promo.Scope{SKUs: []string{"sku_cup", "sku_pot"}})
			if err != nil {
				return err
			}
			var pieces, value int64
			for _, l := range goods {
				pieces, value = pieces+l.Quantity, value+l.UnitPrice*l.Quantity
				if l.Floor != l.Quantity {
					t.Errorf("%s has a floor of %d", l.SKU, l.Floor)
				}
			}
			if len(goods) != 2 || pieces != 10 || value != 49_000+9_000 || len(goods[0].Categories) != 3 {
				t.Errorf("%+v", goods)
			}
			if goods, err := shelf.Goods(tx, promo.Scope{Shop: "shp_a"}); goods != nil || err != nil {
				t.Errorf("a whole shop: %+v, %v", goods, err)
			}
			if _, err := shelf.Goods(tx, promo.Scope{SKUs: []string{"sku_gone"}}); !errors.Is(err, gone) {
				t.Errorf("%v", err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
