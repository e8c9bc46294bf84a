package stock_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/goods/stock"
)

// TestPoolsKeepTheirCounts: a market whose pools held their counts themselves keeps them, and goes on counting.
func TestPoolsKeepTheirCounts(t *testing.T) {
	before := stock.Schema
	before.Steps = before.Steps[:2]
	dbtest.Each(t, []db.Schema{before}, func(t *testing.T, d *db.DB) {
		write := func(fn func(tx *db.Tx) error) {
			t.Helper()
			if err := d.Write(t.Context(), fn); err != nil {
				t.Fatal(err)
			}
		}
		write(func(tx *db.Tx) error {
			return tx.Insert("pools", []string{"id", "shop_id", "sku_id", "place", "open", "received", "returned", "written_off",
				"held", "sold", "shipped"}, [][]any{
				{"pol_b", "shp", "sku_2", "main", false, 20, 1, 2, 3, 4, 5},
				{"pol_a", "shp", "sku_1", "main", true, 10, 0, 0, 0, 9, 1}})
		})
		if err := d.Migrate(t.Context(), stock.Schema); err != nil {
			t.Fatal(err)
		}
		write(func(tx *db.Tx) error {
			got, err := stock.Pools(tx, []stock.PoolID{"pol_a", "pol_b"})
			a := stock.Pool{ID: "pol_a", Shop: "shp", SKU: "sku_1", Place: "main", Open: true, Received: 10, Sold: 9, Shipped: 1}
			b := stock.Pool{ID: "pol_b", Shop: "shp", SKU: "sku_2", Place: "main", Received: 20, Returned: 1, WrittenOff: 2, Held: 3,
				Sold: 4, Shipped: 5}
			if got["pol_a"] != a || got["pol_b"] != b {
				t.Errorf("%+v", got)
			}
			return err
		})
		s := &store{stockOn(d), d, t}
		if id := s.receive("sku_3", 7); s.pools(id)[id].Received != 7 || s.pools("pol_b")["pol_b"].Received != 20 {
			t.Error("a new pool counts with another one")
		}
	})
}

// TestPoolsMadeAtOnceCountApart: each has a number of its own, whoever makes others in the same moment.
func TestPoolsMadeAtOnceCountApart(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store) {
		const many = 16
		errs, made := make([]error, many), make([]stock.PoolID, many)
		var all sync.WaitGroup
		for i := range many {
			all.Go(func() {
				errs[i] = s.db.Write(t.Context(), func(tx *db.Tx) error {
					pools, err := s.Receive(tx, start, []stock.Receipt{{Shop: "shp", SKU: fmt.Sprint("sku_", i), Quantity: int64(i), Ref: "test"}})
					if err == nil {
						made[i] = pools[0]
					}
					return err
				})
			})
		}
		all.Wait()
		s.ok(errors.Join(errs...))
		for i, p := range s.pools(made...) {
			if p.Received != int64(slices.Index(made, i)) {
				t.Errorf("%+v", p)
			}
		}
	})
}
