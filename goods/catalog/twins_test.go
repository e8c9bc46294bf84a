package catalog_test

import (
	"testing"

	"hutong/base/db"
	"hutong/goods/catalog"
)

func TestTwinsAreTheSameGoodsOfOneShop(t *testing.T) {
	each(t, func(w *world) {
		with := func(shop, external, barcode string) catalog.Product {
			p := plain(external, "tea")
			p.Shop = shop
			p.SKUs[0].Barcode = barcode
			return p
		}
		saved := w.save(with("shp_a", "1", "6901234567892"), with("shp_a", "2", "6901234567892"), with("shp_a", "3", ""),
			with("shp_a", "4", ""), with("shp_b", "5", "6901234567892"))
		for i, want := range []int{2, 2, 1, 1, 1} {
			shop := "shp_a"
			if i == 4 {
				shop = "shp_b"
			}
			err := w.db.Read(t.Context(), func(tx *db.Tx) error {
				all, err := catalog.Twins(tx, shop, saved[i].SKUs[0])
				if len(all) != want || all[0] != saved[i].SKUs[0] || want == 2 && all[1] != saved[1-i].SKUs[0] {
					t.Errorf("%d: %v", i, all)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}
