package settle_test

import (
	"fmt"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/funds/ledger"
	"hutong/funds/settle"
)

const (
	benchSubs  = 256
	benchLines = 20
	benchShops = 20
)

// BenchmarkAccrue completes 256 suborders of 20 lines each in one write.
func BenchmarkAccrue(b *testing.B) {
	r := open(b, dbtest.SQLite(b, db.Options{}, schemas...))
	order := 0
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		sales, captures := benchSales(&order)
		r.must(r.write(func(tx *db.Tx) error { return ledger.Post(tx, noon, captures) }))
		b.StartTimer()
		r.accrue(sales...)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(benchSubs*benchLines), "ns/line")
}

func benchSales(order *int) ([]settle.Sale, []ledger.Transfer) {
	sales := make([]settle.Sale, benchSubs)
	captures := make([]ledger.Transfer, benchSubs)
	for i := range sales {
		*order++
		paid := make([]int64, benchLines)
		for l := range paid {
			paid[l] = 14524
		}
		sales[i] = sale(fmt.Sprintf("ord_%026d", *order), fmt.Sprintf("shp_%026d", *order%benchShops), paid...)
		sales[i].Freight, sales[i].Carrier = 1200, "courier"
		captures[i] = ledger.Transfer{Debit: ledger.Wallet("redbean"), Credit: ledger.Escrow, Currency: "CNY",
			Amount: 14524*benchLines + 1200, Kind: ledger.Capture, Order: sales[i].Order}
	}
	return sales, captures
}

// BenchmarkFees_For is on the path of every quote and every placed line.
func BenchmarkFees_For(b *testing.B) {
	var rules []settle.FeeRule
	for i := range 200 {
		rules = append(rules, settle.FeeRule{ID: settle.RuleID(fmt.Sprint("fee_", i)), Scope: settle.ScopeShop,
			ScopeID: fmt.Sprint("shp_", i), PPM: 5_000, From: noon.Add(time.Duration(i) * time.Hour)})
	}
	fees := settle.NewFees(6_000, rules)
	b.ReportAllocs()
	for b.Loop() {
		fees.For("shp_other", "aa-1-13-8-2", noon)
	}
}
