package deposit_test

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/funds/deposit"
	"hutong/funds/ledger"
	"hutong/party/approval"
	"hutong/party/audit"
	"hutong/party/login"
)

var ctx = context.Background()

// TestADepositGoesInByOneAndOutByTwo is the way of a deposit, with what the books hold of it.
func TestADepositGoesInByOneAndOutByTwo(t *testing.T) {
	schemas := []db.Schema{audit.Schema, approval.Schema, ledger.Schema, deposit.Schema}
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		c := clock.NewManual(time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC))
		ids := id.NewMaker(c, rand.Reader)
		s := deposit.New(d, c, ids)
		two, err := approval.New(d, c, ids, s.PayOutKind())
		if err != nil {
			t.Fatal(err)
		}
		in := deposit.Move{Shop: "shp_a", Currency: "CNY", Amount: 100_000, Ref: " bank-1 ", By: "lgn_a"}
		if err := s.PayIn(ctx, in); err != nil {
			t.Fatal(err)
		}
		for code, bad := range map[string]func(*deposit.Move){"deposit.known": func(*deposit.Move) {},
			"deposit.amount": func(m *deposit.Move) { m.Amount = 0 }, "deposit.ref": func(m *deposit.Move) { m.Ref = " " }} {
			m := in
			bad(&m)
			if err := s.PayIn(ctx, m); !fault.Is(err, code) {
				t.Errorf("want %s, got %v", code, err)
			}
		}
		person := func(name string) login.Principal {
			return login.Principal{Login: login.ID("lgn_0000000000000000000000000" + name), Role: login.Operator,
				May: login.SetOf(login.MarketFeesAsk, login.MarketFeesApprove)}
		}
		a, b := person("a"), person("b")
		ask := func(n int64) (approval.Request, error) {
			return two.Ask(ctx, deposit.AskPayOut(a, "shp_a", deposit.PayOutAsked{Currency: "CNY", Amount: n}))
		}
		if _, err := ask(100_001); !fault.Is(err, "deposit.short") {
			t.Errorf("more than there is: %v", err)
		}
		r, err := ask(40_000)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := two.Decide(ctx, approval.Decide{By: a, Request: r.ID, Approve: true}); err == nil {
			t.Error("one person pays out")
		}
		if _, err := two.Decide(ctx, approval.Decide{By: b, Request: r.ID, Approve: true}); err != nil {
			t.Fatal(err)
		}
		has, all, err := s.Of(ctx, "shp_a", "CNY")
		if err != nil || has != 60_000 || len(all) != 2 || all[0].Amount != -40_000 || all[0].By != b.Login || all[1].Ref != "bank-1" {
			t.Errorf("%d, %+v, %v", has, all, err)
		}
		if other, none, err := s.Of(ctx, "shp_b", "CNY"); other != 0 || len(none) != 0 || err != nil {
			t.Errorf("another shop: %d %v %v", other, none, err)
		}
	})
}
