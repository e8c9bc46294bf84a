package catalog_test

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/goods/catalog"
)

// TestSaveAnyTimesLeavesTheLastState saves random batches and compares with a plain map after each: the
// products, which SKUs are listed, and that ids never change.
func TestSaveAnyTimesLeavesTheLastState(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{Relaxed: true}, schemas...)
	w := newWorld(t, d)
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		shop := fmt.Sprintf("shp_%d", run)
		last := map[string]catalog.Product{}
		ids := map[string]catalog.ID{}
		skus := map[string]catalog.SKUID{}
		for range rapid.IntRange(1, 5).Draw(rt, "batches") {
			batch := randomBatch(rt, shop)
			saved, err := w.trySave(batch...)
			if err != nil {
				rt.Fatal(err)
			}
			for i, p := range batch {
				was, known := last[p.ExternalID]
				if want := outcome(was, p, known); saved[i].Outcome != want {
					rt.Fatalf("%s: %s, want %s", p.ExternalID, saved[i].Outcome, want)
				}
				if known && ids[p.ExternalID] != saved[i].Product {
					rt.Fatal("the id changed")
				}
				last[p.ExternalID], ids[p.ExternalID] = p, saved[i].Product
				for j, k := range p.SKUs {
					key := p.ExternalID + "/" + k.ExternalID
					if id, there := skus[key]; there && id != saved[i].SKUs[j] {
						rt.Fatal("a SKU's id changed")
					}
					skus[key] = saved[i].SKUs[j]
				}
			}
			compareAll(rt, w, last, ids)
		}
	})
}

func outcome(was, p catalog.Product, known bool) catalog.Outcome {
	switch {
	case !known:
		return catalog.Created
	case fmt.Sprintf("%+v", was) == fmt.Sprintf("%+v", p):
		return catalog.Unchanged
	}
	return catalog.Updated
}

func randomBatch(rt *rapid.T, shop string) (batch []catalog.Product) {
	names := rapid.SliceOfNDistinct(rapid.IntRange(0, 5), 1, 4, rapid.ID).Draw(rt, "products")
	for _, n := range names {
		p := shirt(fmt.Sprint(n))
		p.Shop = shop
		p.Title.En = rapid.SampledFrom([]string{"Shirt", "Blouse"}).Draw(rt, "title")
		p.State = rapid.SampledFrom([]catalog.State{catalog.Listed, catalog.Withdrawn}).Draw(rt, "state")
		all := p.SKUs
		p.SKUs = nil
		for _, at := range rapid.SliceOfNDistinct(rapid.IntRange(0, 2), 1, 3, rapid.ID).Draw(rt, "skus") {
			p.SKUs = append(p.SKUs, all[at])
		}
		batch = append(batch, p)
	}
	return batch
}

func compareAll(rt *rapid.T, w *world, last map[string]catalog.Product, ids map[string]catalog.ID) {
	for name, want := range last {
		got, err := w.svc.Product(context.Background(), ids[name])
		if err != nil {
			rt.Fatal(err)
		}
		if got.Title != want.Title || got.State != want.State || len(got.SKUs) != len(want.SKUs) {
			rt.Fatalf("got  %+v\nwant %+v", got, want)
		}
		for i, k := range want.SKUs {
			if got.SKUs[i].ExternalID != k.ExternalID || fmt.Sprint(got.SKUs[i].Choice) != fmt.Sprint(k.Choice) {
				rt.Fatalf("SKU %d: got %+v, want %+v", i, got.SKUs[i], k)
			}
		}
	}
}
