package edit_test

import (
	"sync"
	"testing"

	"hutong/base/fault"
	"hutong/goods/catalog"
	"hutong/goods/edit"
)

const atOnce = 8

// Of editors that save at once what they all saw, one does, and the others are told: their pieces are not counted on
// top, nor their price over that of the first.
func TestOneOfTheEditorsOfAProductSaves(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		id := d.save(tea("茶"))
		for round := range int64(6) {
			saved := d.saveAtOnce(id)
			s := d.open(id)
			if n := s.OnHand[s.Product.SKUs[0].ID]; saved != 1 || n != 15+5*round {
				t.Fatalf("%d saved, and %d pieces lie there", saved, n)
			}
		}
	})
}

// A change of prices by an amount goes on from the price that there is, not from one that another change has replaced.
func TestBulkChangesAtOnceAddUp(t *testing.T) {
	onBoth(t, func(t *testing.T, d *desk) {
		id := d.save(tea("茶"))
		var all sync.WaitGroup
		for range atOnce {
			all.Go(func() {
				_, err := d.Bulk(t.Context(), shop, []catalog.ID{id}, edit.Change{Kind: edit.PriceAmount, Amount: 100})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if got := d.shelf(id); got != "2790/2990 10 listed, 1790/0 4 listed" {
			t.Error(got)
		}
	})
}

// saveAtOnce has editors that saw the same each add five pieces under a price of their own, and tells how many did.
func (d *desk) saveAtOnce(id catalog.ID) (saved int) {
	drafts := make([]edit.Draft, atOnce)
	for n := range drafts {
		drafts[n] = d.again(id)
		v := &drafts[n].Variants[0]
		v.Price, v.Stock = v.Price+int64(n)+1, pieces(v.StockWas+5)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	for _, draft := range drafts {
		all.Go(func() {
			_, err := d.Save(d.t.Context(), draft)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				saved++
			case !fault.Is(err, "edit.raced"):
				d.t.Error(err)
			}
		})
	}
	all.Wait()
	return saved
}
