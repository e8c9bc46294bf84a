package order_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/funds/ledger"
	"hutong/goods/stock"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/tradetest"
)

var ctx = context.Background()

func each(t *testing.T, test func(t *testing.T, m *tradetest.Market)) {
	t.Helper()
	dbtest.Each(t, tradetest.Schemas(), func(t *testing.T, d *db.DB) { test(t, tradetest.New(t, d)) })
}

// one places an order of n pieces at 1.00 each, of ten there are.
func one(m *tradetest.Market, n int64) (who string, p checkout.Placed, pool stock.PoolID) {
	o := m.Sell(m.Shop("shop-"+m.IDs.Body()[16:]), "tea", 100, 10)
	who, home := m.Shopper()
	return who, m.Place(who, home, checkout.BasketLine{Offer: string(o.ID), Quantity: n}), o.Pool
}

func state(m *tradetest.Market, id order.ID) order.Order {
	o, err := m.Orders.Any(ctx, id)
	m.Must(err)
	return o
}

func TestExpireGivesStockBackAtTheDeadlineAndNotBefore(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		_, p, pool := one(m, 4)
		m.Clock.Set(p.ExpiresAt.Add(-time.Microsecond))
		if n, err := m.Orders.Expire(ctx); n != 0 || err != nil {
			t.Fatal("expired early", n, err)
		}
		m.Clock.Set(p.ExpiresAt)
		if n, err := m.Orders.Expire(ctx); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if n, err := m.Orders.Expire(ctx); n != 0 || err != nil {
			t.Fatal("expired twice", n, err)
		}
		if o, s := state(m, p.Order), m.Pool(pool); o.State != order.Cancelled || o.Reason != "expired" || s.Free() != 10 {
			t.Fatalf("%s %s, free %d", o.State, o.Reason, s.Free())
		}
	})
}

func TestR7_CancelAgainstPay(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		for range 10 {
			who, p, pool := one(m, 4)
			var cancelled error
			taken := false
			var wg sync.WaitGroup
			wg.Go(func() { cancelled = m.Orders.Cancel(ctx, who, p.Order) })
			wg.Go(func() { taken = m.Capture(p, "txn").Taken })
			wg.Wait()
			// The money always wins while stock is there: a cancelled order that is paid takes its stock again.
			o, s := state(m, p.Order), m.Pool(pool)
			if !taken || o.State != order.Paid || s.Sold != 4 || s.Held != 0 {
				t.Fatalf("taken %v, cancel %v: %s %+v", taken, cancelled, o.State, s)
			}
		}
	})
}

func TestR8_PaymentAfterExpiryTakesStockAgainOrGoesBack(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		_, late, pool := one(m, 4)
		_, hopeless, gone := one(m, 4)
		m.Clock.Set(late.ExpiresAt)
		if n, err := m.Orders.Expire(ctx); n != 2 || err != nil {
			t.Fatal(n, err)
		}
		// Somebody else buys the second order's pieces meanwhile.
		m.Must(m.DB.Write(ctx, func(tx *db.Tx) error {
			book, err := stock.LoadBook(tx, []stock.PoolID{gone})
			if err != nil {
				return err
			}
			if err := book.Hold([]stock.Want{{Pool: gone, Quantity: 7}}); err != nil {
				return err
			}
			return book.Save(tx)
		}))
		if v := m.Capture(late, "a"); !v.Taken {
			t.Fatalf("late but in stock: %+v", v)
		}
		if v := m.Capture(hopeless, "b"); v.Taken || v.Reason != "order.no_stock" {
			t.Fatalf("late and sold out: %+v", v)
		}
		if s := m.Pool(pool); s.Sold != 4 || s.Held != 0 {
			t.Fatalf("%+v", s)
		}
		if s := m.Pool(gone); s.Sold != 0 || s.Free() != 3 || state(m, hopeless.Order).State != order.Cancelled {
			t.Fatalf("%+v", s)
		}
	})
}

func TestR14_SecondCaptureGoesBack(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		_, p, _ := one(m, 1)
		if v := m.Capture(p, "a"); !v.Taken {
			t.Fatalf("%+v", v)
		}
		if v := m.Capture(p, "b"); v.Taken || v.Reason != "order.already_paid" {
			t.Fatalf("%+v", v)
		}
		p.Total++
		if v := m.Capture(p, "c"); v.Taken || v.Reason != "order.other_amount" {
			t.Fatalf("%+v", v)
		}
	})
}

func shipAll(m *tradetest.Market, o order.Order) error {
	return m.DB.Write(ctx, func(tx *db.Tx) error {
		var all []order.Shipment
		for _, s := range o.Subs {
			all = append(all, order.Shipment{Order: o.ID, Seq: s.Seq, Shop: s.Shop, Carrier: "cart",
				ConfirmBy: m.Clock.Now().Add(240 * time.Hour)})
		}
		return m.Orders.Shipped(tx, m.Clock.Now(), all)
	})
}

func TestTheWholeWayToSettledMoney(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		who, p, pool := one(m, 3)
		o := state(m, p.Order)
		if err := shipAll(m, o); !fault.Is(err, "order.not_paid") {
			t.Fatalf("shipped unpaid: %v", err)
		}
		m.Capture(p, "a")
		m.Must(shipAll(m, o))
		if s := m.Pool(pool); s.Shipped != 3 || s.Sold != 0 || s.OnHand() != 7 {
			t.Fatalf("%+v", s)
		}
		if err := m.Orders.Receive(ctx, "shr_other", p.Order, 1); !fault.Is(err, "order.not_found") {
			t.Fatalf("A1 another shopper received: %v", err)
		}
		m.Must(m.Orders.Receive(ctx, who, p.Order, 1))
		if err := m.Orders.Receive(ctx, who, p.Order, 1); !fault.Is(err, "order.state") {
			t.Fatalf("received twice: %v", err)
		}
		o = state(m, p.Order)
		if o.State != order.Completed || len(o.Steps) != 4 {
			t.Fatalf("%s with %d steps", o.State, len(o.Steps))
		}
		m.Must(m.DB.Read(ctx, func(tx *db.Tx) error {
			net, err := ledger.Balance(tx, ledger.Merchant(o.Subs[0].Shop), "CNY")
			if err == nil && net != 298 { // 3.00 less 0.6 % half-up = 0.02
				t.Errorf("merchant has %+v", net)
			}
			return err
		}))
	})
}

func TestAutoReceiveAfterTenDays(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		_, p, _ := one(m, 1)
		m.Capture(p, "a")
		m.Must(shipAll(m, state(m, p.Order)))
		m.Clock.Advance(240*time.Hour - time.Microsecond)
		if n, err := m.Orders.AutoReceive(ctx); n != 0 || err != nil {
			t.Fatal(n, err)
		}
		m.Clock.Advance(time.Microsecond)
		if n, err := m.Orders.AutoReceive(ctx); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if n, err := m.Orders.AutoReceive(ctx); n != 0 || err != nil || state(m, p.Order).State != order.Completed {
			t.Fatal(n, err)
		}
	})
}

func refund(m *tradetest.Market, id order.ID, lines ...order.Units) (out order.Refunded, err error) {
	err = m.DB.Write(ctx, func(tx *db.Tx) (err error) {
		out, err = m.Orders.Refund(tx, order.Refund{Order: id, Seq: 1, Lines: lines, Restock: true,
			Cause: order.Cause{Actor: "merchant", Why: "test", At: m.Clock.Now()}})
		if err != nil {
			return err
		}
		return ledger.Post(tx, m.Clock.Now(), []ledger.Transfer{{Debit: ledger.Escrow, Credit: ledger.Refunding("test"),
			Amount: out.Total, Currency: "CNY", Kind: ledger.RefundAsked, Order: string(id), Ref: "case"}})
	})
	return out, err
}

func TestRefundOfAllBeforeShippingCancelsWithFreight(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		_, p, pool := one(m, 3)
		if _, err := refund(m, p.Order); !fault.Is(err, "order.not_paid") {
			t.Fatalf("refunded unpaid: %v", err)
		}
		m.Capture(p, "a")
		out, err := refund(m, p.Order, order.Units{Line: 1, Units: 1})
		if err != nil || out.Total != 100 || out.Freight != 0 {
			t.Fatal(out, err)
		}
		out, err = refund(m, p.Order)
		if err != nil || out.Total != 200+tradetest.Freight {
			t.Fatal(out, err)
		}
		if o, s := state(m, p.Order), m.Pool(pool); o.State != order.Cancelled || s.Free() != 10 {
			t.Fatalf("%s %+v", o.State, s)
		}
		if _, err := refund(m, p.Order); !fault.Is(err, "order.state") { // nobody is told that it is not paid yet
			t.Fatalf("refunded once more: %v", err)
		}
	})
}

// TestRefundsInAnyOrderSumToWhatWasPaid runs random refunds before shipping, after it and after completion, against the
// plain rule: pieces and money never exceed what was bought, stock is conserved, and the ledger's parties end with
// exactly what the kept pieces cost.
func TestRefundsInAnyOrderSumToWhatWasPaid(t *testing.T) {
	m := tradetest.New(t, dbtest.SQLite(t, db.Options{}, tradetest.Schemas()...))
	rapid.Check(t, func(rt *rapid.T) {
		bought := rapid.Int64Range(1, 10).Draw(rt, "bought")
		who, p, pool := one(m, bought)
		m.Capture(p, "a")
		left, back, shipped := bought, int64(0), false
		step := func() {
			n := rapid.Int64Range(1, 10).Draw(rt, "units")
			out, err := refund(m, p.Order, order.Units{Line: 1, Units: n})
			switch {
			case n > left && err == nil:
				rt.Fatalf("refunded %d of %d left", n, left)
			case n <= left && err != nil:
				rt.Fatal(err)
			case err == nil:
				left -= n
				back += out.Total - out.Freight
			}
		}
		for range rapid.IntRange(0, 2).Draw(rt, "before") {
			step()
		}
		if left > 0 {
			m.Must(shipAll(m, state(m, p.Order)))
			shipped = true
			for range rapid.IntRange(0, 2).Draw(rt, "between") {
				step()
			}
			m.Must(m.Orders.Receive(ctx, who, p.Order, 1))
			for range rapid.IntRange(0, 3).Draw(rt, "after") {
				step()
			}
		}
		if back != (bought-left)*100 {
			rt.Fatalf("%d back for %d pieces", back, bought-left)
		}
		if s := m.Pool(pool); s.Free() != 10-left || s.Held+s.Sold != 0 {
			rt.Fatalf("%d kept, pool %+v", left, s)
		}
		if shipped {
			checkBooks(rt, m, p.Order, left)
		}
	})
}

func checkBooks(t *rapid.T, m *tradetest.Market, id order.ID, kept int64) {
	o := state(m, id)
	m.Must(m.DB.Read(ctx, func(tx *db.Tx) error {
		got, err := ledger.Balance(tx, ledger.Merchant(o.Subs[0].Shop), "CNY")
		fee := (kept*100*6000 + 500_000) / 1_000_000
		if err == nil && got != kept*100-fee {
			t.Fatalf("%d pieces kept: the merchant has %d, want %d", kept, got, kept*100-fee)
		}
		return err
	}))
}

func TestStatesSayWhoActsNext(t *testing.T) {
	for _, s := range []order.State{order.AwaitingPayment, order.Paid, order.Completed, order.Cancelled} {
		if !s.Valid() {
			t.Errorf("%s has no row", s)
		}
	}
	if order.Completed.Can(order.Cancelled) || order.AwaitingPayment.Can(order.Completed) {
		t.Error("an illegal edge is allowed")
	}
}
