package catalog_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"testing"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/id"
	"hutong/goods/catalog"
)

// BenchmarkSave saves 20,000 products with one SKU in batches of 500, once as new and once unchanged.
func BenchmarkSave(b *testing.B) {
	for _, engine := range []struct {
		name string
		open func(testing.TB, ...db.Schema) *db.DB
	}{
		{"sqlite", func(t testing.TB, s ...db.Schema) *db.DB { return dbtest.SQLite(t, db.Options{}, s...) }},
		{"postgres", dbtest.Postgres},
	} {
		b.Run(engine.name+"/new", func(b *testing.B) { benchmarkSave(b, engine.open, 1) })
		b.Run(engine.name+"/new+unchanged", func(b *testing.B) { benchmarkSave(b, engine.open, 2) })
	}
}

func benchmarkSave(b *testing.B, open func(testing.TB, ...db.Schema) *db.DB, rounds int) {
	products := make([]catalog.Product, 20_000)
	for i := range products {
		p := shirt(fmt.Sprintf("%08d", i*7919%20_000))
		p.SKUs, p.Options = []catalog.SKU{{Code: fmt.Sprint(i), Barcode: "0095205603217"}}, nil
		products[i] = p
	}
	for b.Loop() {
		c := clock.NewManual(noon)
		d := open(b, schemas...)
		svc := catalog.New(d, c, id.NewMaker(c, rand.Reader))
		for at := 0; at < rounds*len(products); at += catalog.BatchMax {
			page := products[at%len(products):][:catalog.BatchMax]
			err := d.Write(context.Background(), func(tx *db.Tx) error {
				_, err := svc.Save(tx, noon, page)
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(rounds*len(products)*b.N)/b.Elapsed().Seconds(), "products/s")
}
