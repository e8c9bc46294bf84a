package checkout_test

import (
	"context"
	"sync/atomic"
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/text"
	"hutong/trade/checkout"
	"hutong/trade/tradetest"
)

// BenchmarkPlace measures placed orders through the lane, 128 callers, on one SKU.
func BenchmarkPlace(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { place(b, dbtest.SQLite(b, db.Options{}, tradetest.Schemas()...)) })
	b.Run("postgres", func(b *testing.B) { place(b, dbtest.Postgres(b, tradetest.Schemas()...)) })
}

func place(b *testing.B, d *db.DB) {
	m := tradetest.New(b, d)
	o := m.Sell(m.Shop("shop-one"), "tea", 100, 1_000_000_000)
	who, home := m.Shopper()
	quoted := m.Quote(who, home, line(string(o.ID), 1)).Order
	tokens := make([]string, b.N)
	for i := range tokens {
		var err error
		tokens[i], err = m.Checkout.Seal(quoted)
		m.Must(err)
	}
	var next atomic.Int64
	b.SetParallelism(64)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			cmd := checkout.Place{Token: tokens[next.Add(1)-1], Shopper: who}
			if _, err := m.Checkout.Place(context.Background(), cmd); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func BenchmarkQuote(b *testing.B) {
	m := tradetest.New(b, dbtest.SQLite(b, db.Options{}, tradetest.Schemas()...))
	o := m.Sell(m.Shop("shop-one"), "tea", 100, 1_000_000_000)
	who, home := m.Shopper()
	basket := checkout.Basket{Lines: []checkout.BasketLine{line(string(o.ID), 1)}, Address: home, Lang: text.En}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Checkout.Quote(context.Background(), who, basket); err != nil {
			b.Fatal(err)
		}
	}
}
