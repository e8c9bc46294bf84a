package pay_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/money"
	"hutong/funds/pay"
	"hutong/funds/pay/paytest"
	"hutong/funds/pay/redbean"
	"hutong/funds/pay/sandbox"
)

// BenchmarkApplyFacts is one capture at a time by many callers at once: what the lane makes of them.
func BenchmarkApplyFacts(b *testing.B) {
	m := newMarket(b, dbtest.SQLite(b, db.Options{}, paytest.Schemas...))
	told := make([]pay.Fact, b.N)
	for i := range told {
		a := m.begun(b, "alpha")
		told[i] = m.alpha.Capture(a, fmt.Sprintf("t%09d", i))
	}
	b.SetParallelism(128)
	var next atomic.Int64
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := m.Pay.ApplyFacts(ctx, told[next.Add(1)-1:][:1]); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkWholeWay is begin, the shopper's payment and the signed notification, with a simulated wallet.
func BenchmarkWholeWay(b *testing.B) {
	var company *sandbox.Company
	m := paytest.NewBench(b, dbtest.SQLite(b, db.Options{}, paytest.Schemas...), func(m *paytest.Bench) []pay.Provider {
		company = sandbox.New(m.DB, m.Clock, m.IDs, nil)
		w := redbean.New(company, m.Clock, redbean.Options{Account: "m", Secret: make([]byte, 32),
			Payee: sandbox.Payee{Name: "胡同", Short: "HUTONG", City: "HANGZHOU", Country: "CN", MCC: "5999"}})
		company.Speak(w)
		return []pay.Provider{w}
	})
	company.Connect(sandbox.Wire(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, r.ContentLength)
		if _, err := r.Body.Read(body); err != nil {
			b.Error(err)
		}
		reply, err := m.Pay.Notify(r.Context(), "redbean", r.Header, body)
		if err != nil {
			b.Error(err)
		}
		_, _ = w.Write(reply.Body)
	})), "http://market/hook/pay")
	orders := make([]string, b.N)
	for i := range orders {
		orders[i] = m.Sell(b, money.New(1990, "CNY"))
	}
	b.SetParallelism(128)
	var next atomic.Int64
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			a, _ := m.Begin(b, orders[next.Add(1)-1], "redbean")
			if _, err := company.PayBill(ctx, "redbean", a.Ref, sandbox.Behaviour{}); err != nil {
				b.Error(err)
			}
		}
	})
}
