package ledger_test

import (
	"fmt"
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/funds/ledger"
)

// batch is how many captures a payment lane confirms at once.
const batch = 256

// BenchmarkPost_Captures posts what a full batch of payments needs: 256 captures of as many orders.
func BenchmarkPost_Captures(b *testing.B) {
	d := dbtest.SQLite(b, db.Options{}, schemas...)
	ts := make([]ledger.Transfer, batch)
	order := 0
	b.ReportAllocs()
	for b.Loop() {
		for i := range ts {
			ts[i] = capture(fmt.Sprintf("ord_%026d", order), 48780)
			order++
		}
		if err := tryPost(d, ts); err != nil {
			b.Fatal(err)
		}
	}
	perTransfer(b)
}

// BenchmarkPost_Refunds takes money out of the escrow of orders, which is where each order's guard is read.
func BenchmarkPost_Refunds(b *testing.B) {
	d := dbtest.SQLite(b, db.Options{}, schemas...)
	ts := make([]ledger.Transfer, batch)
	order := 0
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		first := order
		for i := range ts {
			ts[i] = capture(fmt.Sprintf("ord_%026d", order), 48780)
			order++
		}
		if err := tryPost(d, ts); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		for i := range ts {
			ts[i] = ask(fmt.Sprintf("ord_%026d", first+i), 48780)
		}
		if err := tryPost(d, ts); err != nil {
			b.Fatal(err)
		}
	}
	perTransfer(b)
}

func perTransfer(b *testing.B) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batch, "ns/transfer")
}
