package voucher_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/deal/voucher"
)

// BenchmarkClaim is what one claim costs when many claim one template at once.
func BenchmarkClaim(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { claims(b, dbtest.SQLite(b, db.Options{}, schemas...)) })
	b.Run("postgres", func(b *testing.B) { claims(b, dbtest.Postgres(b, schemas...)) })
}

func claims(b *testing.B, d *db.DB) {
	m := newMarket(b, d)
	of := terms()
	of.Off, of.Issue = 1, 1_000_000
	tpl := m.publish(of)
	var next atomic.Int64
	b.SetParallelism(64)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			cmd := voucher.Claim{Shopper: fmt.Sprintf("shr_%d", next.Add(1)), Template: tpl}
			if _, err := m.Claim(context.Background(), cmd); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkUsable is what a quote pays to know which of a shopper's three vouchers it can use.
func BenchmarkUsable(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { usable(b, dbtest.SQLite(b, db.Options{}, schemas...)) })
	b.Run("postgres", func(b *testing.B) { usable(b, dbtest.Postgres(b, schemas...)) })
}

func usable(b *testing.B, d *db.DB) {
	m := newMarket(b, d)
	who := m.shopper()
	for range 3 {
		m.claimed(who, m.publish(terms()))
	}
	b.ReportAllocs()
	for b.Loop() {
		if len(m.usable(who)) != 3 {
			b.Fatal("not all are usable")
		}
	}
}
