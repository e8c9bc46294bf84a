package deposit_test

import (
	"crypto/rand"
	"sync"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/money"
	"hutong/funds/deposit"
	"hutong/funds/ledger"
	"hutong/party/approval"
	"hutong/party/audit"
	"hutong/party/login"
)

// till is a shop with a deposit of 1,000.00 of which one person may draw 100.00.
type till struct {
	*deposit.Service
	t     *testing.T
	db    *db.DB
	clock *clock.Manual
	two   *approval.Service
}

// nobodys are orders and cases of a market that has none.
type nobodys struct{}

func (nobodys) PaidAt(*db.Tx, string, string, money.Currency) (bool, error) { return false, nil }

func (nobodys) OpenCase(_ *db.Tx, id, _ string) (bool, error) { return id == "cas_open", nil }

const day = 24 * time.Hour

func eachTill(t *testing.T, test func(t *testing.T, m till)) {
	schemas := []db.Schema{event.Schema, audit.Schema, approval.Schema, ledger.Schema, deposit.Schema}
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		c := clock.NewManual(time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC))
		ids := id.NewMaker(c, rand.Reader)
		m := till{Service: deposit.New(d, c, ids), t: t, db: d, clock: c}
		m.Plug(nobodys{}, nil, func() int64 { return 10_000 })
		var err error
		m.two, err = approval.New(d, c, ids, m.PayOutKind(), m.DrawKind())
		m.must(err)
		m.must(m.PayIn(ctx, deposit.Move{Shop: "shp_a", Currency: "CNY", Amount: 100_000, Ref: "bank-1", By: "lgn_a"}))
		test(t, m)
	})
}

func (m till) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m till) refused(err error, code string) {
	m.t.Helper()
	if !fault.Is(err, code) {
		m.t.Errorf("want %s, got %v", code, err)
	}
}

// stands fails the test unless the deposit stands so.
func (m till) stands(balance, held int64) []deposit.Hold {
	m.t.Helper()
	a, all, err := m.Holds(ctx, "shp_a", "CNY")
	m.must(err)
	if a.Balance != balance || a.Held != held {
		m.t.Errorf("%+v, want %d with %d held", a, balance, held)
	}
	return all
}

func (m till) freeze(amount int64, caseID string) (deposit.Hold, error) {
	return m.Freeze(ctx, deposit.Freeze{By: "lgn_a", Shop: "shp_a", Currency: "CNY", Amount: amount, Case: caseID,
		Why: "a matter is open"})
}

func (m till) draw(amount int64) (deposit.Hold, error) {
	return m.Draw(ctx, "lgn_a", "shp_a", deposit.DrawAsked{Currency: "CNY", Amount: amount, Payee: deposit.ToMarket,
		Why: "late parcels"})
}

func person(name string) login.Principal {
	return login.Principal{Login: login.ID("lgn_0000000000000000000000000" + name), Role: login.Operator,
		May: login.SetOf(login.MarketFeesAsk, login.MarketFeesApprove)}
}

// TestI_M13_WhatIsFrozenStays: it cannot be paid out nor frozen twice, and is free when its case ends.
func TestI_M13_WhatIsFrozenStays(t *testing.T) {
	eachTill(t, func(t *testing.T, m till) {
		_, err := m.freeze(100_001, "")
		m.refused(err, "deposit.short")
		for _, why := range []string{" ", "a\x1b[31m", "\u202eb", "a\x00", "\xff"} {
			_, err = m.Freeze(ctx, deposit.Freeze{By: "lgn_a", Shop: "shp_a", Currency: "CNY", Amount: 1, Why: why})
			m.refused(err, "deposit.words")
			m.refused(m.PayIn(ctx, deposit.Move{Shop: "shp_a", Currency: "CNY", Amount: 1, Ref: why, By: "lgn_a"}), "deposit.ref")
		}
		_, err = m.freeze(10, "cas_closed")
		m.refused(err, "deposit.case")
		_, err = m.freeze(60_000, "cas_open")
		m.must(err)
		_, err = m.freeze(40_001, "")
		m.refused(err, "deposit.short")
		m.stands(100_000, 60_000)
		out := func(n int64) error {
			_, err := m.two.Ask(ctx, deposit.AskPayOut(person("a"), "shp_a", deposit.PayOutAsked{Currency: "CNY", Amount: n}))
			return err
		}
		m.refused(out(40_001), "deposit.short")
		m.must(out(40_000))
		m.must(m.Require(ctx, "lgn_a", "shp_a", "CNY", 50_000))
		a, _, err := m.Holds(ctx, "shp_a", "CNY")
		if m.must(err); a.Free() != 40_000 || a.TopUp() != 10_000 {
			t.Errorf("%+v", a)
		}
		m.must(m.CaseClosed(ctx, "cas_open"))
		m.must(m.CaseClosed(ctx, "cas_open"))
		if all := m.stands(100_000, 0); all[0].State != deposit.Released {
			t.Errorf("%+v", all[0])
		}
	})
}

// TestI_M13_ADrawWaitsForItsAppeal: it is booked when nobody appealed in time; an appeal is answered by somebody else.
func TestI_M13_ADrawWaitsForItsAppeal(t *testing.T) {
	eachTill(t, func(t *testing.T, m till) {
		_, err := m.draw(10_001)
		m.refused(err, "deposit.two")
		first, err := m.draw(3_000)
		m.must(err)
		second, err := m.draw(4_000)
		m.must(err)
		third, err := m.draw(500)
		m.must(err)
		m.refused(m.Appeal(ctx, "lgn_s", "shp_b", second.ID, "not ours"), "deposit.no_hold")
		m.must(m.Appeal(ctx, "lgn_s", "shp_a", second.ID, "they were on time"))
		m.refused(m.Appeal(ctx, "lgn_s", "shp_a", second.ID, "again"), "deposit.state")
		m.must(m.Release(ctx, "lgn_b", "shp_a", third.ID, "a mistake"))
		m.refused(m.Release(ctx, "lgn_b", "shp_a", third.ID, "a mistake"), "deposit.state")
		m.clock.Advance(7*day - time.Microsecond)
		if n, err := m.DrawDue(ctx); n != 0 || err != nil {
			t.Errorf("%d drawn before the time is over: %v", n, err)
		}
		m.clock.Advance(time.Microsecond)
		m.refused(m.Appeal(ctx, "lgn_s", "shp_a", first.ID, "late"), "deposit.late")
		for range 2 {
			if _, err := m.DrawDue(ctx); err != nil {
				t.Fatal(err)
			}
		}
		m.stands(97_000, 4_000)
		answer := deposit.Answer{By: "lgn_a", Shop: "shp_a", Hold: second.ID, Draw: true, Why: "they were not"}
		m.refused(m.Answer(ctx, answer), "deposit.own")
		answer.By = "lgn_b"
		m.must(m.Answer(ctx, answer))
		m.refused(m.Answer(ctx, answer), "deposit.state")
		m.stands(93_000, 0)
		m.must(m.db.Read(ctx, func(tx *db.Tx) error {
			got, err := ledger.Balance(tx, ledger.Fees, "CNY")
			if got != 7_000 {
				t.Errorf("the market has %d", got)
			}
			return err
		}))
	})
}

// TestADrawThatCannotBeBookedKeepsNoOtherWaiting: of two that are due the first is of more than there is.
func TestADrawThatCannotBeBookedKeepsNoOtherWaiting(t *testing.T) {
	eachTill(t, func(t *testing.T, m till) {
		broken, err := m.draw(3_000)
		m.must(err)
		_, err = m.draw(4_000)
		m.must(err)
		m.must(m.db.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE deposit_holds SET amount = $2 WHERE id = $1`, string(broken.ID), int64(200_000))
			return err
		}))
		m.clock.Advance(7 * day)
		if n, err := m.DrawDue(ctx); n != 1 || err == nil {
			t.Errorf("%d drawn, %v", n, err)
		}
		m.stands(96_000, 3_000)
	})
}

// TestI_M13_AboveTheLimitTwoDraw: one asks, another agrees; then it is announced like any other.
func TestI_M13_AboveTheLimitTwoDraw(t *testing.T) {
	eachTill(t, func(t *testing.T, m till) {
		a, b := person("a"), person("b")
		asked := deposit.DrawAsked{Currency: "CNY", Amount: 20_000, Payee: deposit.ToMarket, Why: "false parcels"}
		r, err := m.two.Ask(ctx, deposit.AskDraw(a, "shp_a", asked))
		m.must(err)
		_, err = m.two.Decide(ctx, approval.Decide{By: a, Request: r.ID, Approve: true})
		m.refused(err, "approval.own")
		m.stands(100_000, 0)
		_, err = m.two.Decide(ctx, approval.Decide{By: b, Request: r.ID, Approve: true})
		m.must(err)
		if all := m.stands(100_000, 20_000); all[0].State != deposit.Announced || all[0].Request != string(r.ID) {
			t.Errorf("%+v", all)
		}
		asked.Payee = deposit.ToShopper
		_, err = m.two.Ask(ctx, deposit.AskDraw(a, "shp_a", asked))
		m.refused(err, "deposit.order")
	})
}

// TestI_M13_ManyHoldAtOnce: of many that freeze at once, no more is held than there is.
func TestI_M13_ManyHoldAtOnce(t *testing.T) {
	eachTill(t, func(t *testing.T, m till) {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if _, err := m.freeze(30_000, ""); err != nil && !fault.Is(err, "deposit.short") {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		m.stands(100_000, 90_000)
	})
}

// What is sent twice from one page holds once: the second has not seen the first.
func TestAHoldIsWrittenAfterWhatWasSeen(t *testing.T) {
	eachTill(t, func(t *testing.T, m till) {
		seen := deposit.HoldID("")
		freeze := func() error {
			_, err := m.Freeze(ctx, deposit.Freeze{By: "lgn_a", Shop: "shp_a", Currency: "CNY", Amount: 100, Why: "so", After: &seen})
			return err
		}
		draw := func() error {
			_, err := m.Draw(ctx, "lgn_a", "shp_a", deposit.DrawAsked{Currency: "CNY", Amount: 100, Payee: deposit.ToMarket,
				Why: "so", After: &seen})
			return err
		}
		for n, act := range []func() error{freeze, draw} {
			m.must(act())
			m.refused(act(), "deposit.changed")
			_, all, err := m.Holds(ctx, "shp_a", "CNY")
			if m.must(err); len(all) != n+1 {
				t.Errorf("%d are held", len(all))
			}
			seen = all[0].ID
		}
		m.clock.Advance(day)
		m.must(freeze())
	})
}
