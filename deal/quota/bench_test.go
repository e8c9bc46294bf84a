package quota_test

import (
	"context"
	"fmt"
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/deal/quota"
)

// BenchmarkBatch is what quotas cost the order lane: 256 orders of four needs each (a budget that all share, a voucher,
// two limits of the shopper's own), loaded, decided and saved. One operation is one order.
func BenchmarkBatch(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { batches(b, dbtest.SQLite(b, db.Options{}, quota.Schema)) })
	b.Run("postgres", func(b *testing.B) { batches(b, dbtest.Postgres(b, quota.Schema)) })
}

func batches(b *testing.B, d *db.DB) {
	const size = 256
	b.ReportAllocs()
	for from := 0; from < b.N; from += size {
		needs := make([][4]quota.Need, size)
		names := make([]string, 0, 4*size)
		for i := range needs {
			who := fmt.Sprintf("shr_%09d", (from+i)*7919%1_000_000_007)
			needs[i] = [4]quota.Need{{Quota: quota.Budget("pro"), Amount: 100, Cap: quota.CapMax},
				{Quota: quota.Voucher("vch_" + who), Amount: 1, Cap: 1},
				{Quota: quota.Limit("item-1", who), Amount: 1, Cap: 5},
				{Quota: quota.Limit("item-2", who), Amount: 1, Cap: 5}}
			for _, n := range needs[i] {
				names = append(names, n.Quota)
			}
		}
		err := d.Write(context.Background(), func(tx *db.Tx) error {
			book, err := quota.LoadBook(tx, names)
			if err != nil {
				return err
			}
			for i := range needs {
				if err := book.Take(fmt.Sprintf("ord_%012d", from+i), needs[i][:]); err != nil {
					return err
				}
			}
			return book.Save(tx)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
