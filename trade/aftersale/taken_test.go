package aftersale_test

import (
	"testing"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/pay"
	"hutong/trade/aftersale"
	"hutong/trade/order"
)

// taken has the wallet take back money of an order's payment by itself.
func (b *bench) taken(o order.Order, amount int64) {
	b.t.Helper()
	all, err := b.Pay.Attempts(ctx, string(o.ID))
	b.Must(err)
	a := all[len(all)-1]
	_, err = b.Pay.ApplyFacts(ctx, []pay.Fact{{Provider: a.Wallet, Txn: b.key(), Kind: pay.KindRefund, Attempt: a.ID,
		Amount: money.New(amount, o.Currency), Account: a.Account, At: b.Clock.Now()}})
	b.Must(err)
}

// works holds what a shop has to send, and what is held of it, in its lists and in their numbers.
func (b *bench) works(shop string, toShip, held int) {
	b.t.Helper()
	for f, want := range map[order.Filter]int{order.ToShip: toShip, order.Held: held} {
		n, err := b.Orders.CountByShop(ctx, shop, f, 9)
		b.Must(err)
		down, err := b.Orders.ByShop(ctx, shop, f, "", 9)
		b.Must(err)
		up, err := b.Orders.ByShopOldest(ctx, shop, f, "", 9)
		if b.Must(err); n != want || len(down) != want || len(up) != want {
			b.t.Errorf("%s: %d counted, %d and %d listed; want %d", f, n, len(down), len(up), want)
		}
	}
}

// endedUnsent tells that an order ended with its pieces free and nothing sent to the wallet.
func (b *bench) endedUnsent(t *testing.T, o order.Order) {
	t.Helper()
	b.sendRefunds()
	got := b.read(o.ID)
	if got.State != order.Cancelled || b.Wallet.PaidBack() != 0 || b.Pool(poolOf(o)).Sold != 0 {
		t.Errorf("%s, %d sent, %+v", got.State, b.Wallet.PaidBack(), b.Pool(poolOf(o)))
	}
	b.check(t, o.ID)
}

// R15: an order whose money was taken back is not sent, whoever tries; the shop still sees it. What was sent before stays
// so, and the operator ends the rest: pieces and freight of it are back, and what was taken is all that went.
func TestR15_WhatWasTakenBackIsNotSentAndEnds(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy(pieces(2, 100), pieces(1, 1000), pieces(1, 500))
		if err := b.Cases.EndTaken(ctx, o.ID); !fault.Is(err, "order.not_taken_back") {
			t.Errorf("ended though nothing was taken: %v", err)
		}
		b.Must(b.send(o, 1))
		b.taken(o, 2000)
		for seq := int64(2); seq <= 3; seq++ {
			if err := b.send(o, seq); !fault.Is(err, "order.taken_back") {
				t.Errorf("part %d was sent: %v", seq, err)
			}
		}
		if b.read(o.ID).TakenAt.IsZero() {
			t.Error("the order does not say so")
		}
		b.works(o.Subs[0].Shop, 0, 0)
		b.works(o.Subs[1].Shop, 0, 1)
		b.Must(b.Cases.EndTaken(ctx, o.ID))
		b.sendRefunds()
		ended := 2*int64(600) + 1500
		if sent := b.Wallet.PaidBack(); sent != ended-2000 {
			t.Errorf("%d sent, beyond the 2000 that were taken of %d", sent, ended)
		}
		for seq, want := range []order.SubState{order.SubShipped, order.SubCancelled, order.SubCancelled} {
			if got := b.sub(o, int64(seq+1)).State; got != want {
				t.Errorf("part %d is %s", seq+1, got)
			}
		}
		if err := b.Cases.EndTaken(ctx, o.ID); !fault.Is(err, "order.not_taken_back") {
			t.Errorf("ended twice: %v", err)
		}
		b.check(t, o.ID)
	})
}

// R15: once the money is there again, the order goes on as if nothing had been.
func TestR15_ATakenOrderGoesOn(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy(pieces(3, 100))
		if err := b.Orders.GoOn(ctx, o.ID); !fault.Is(err, "order.not_taken_back") {
			t.Errorf("went on though nothing was taken: %v", err)
		}
		if err := b.Orders.GoOn(ctx, "ord_nobody"); !fault.Is(err, "order.not_found") {
			t.Errorf("nobody's order: %v", err)
		}
		b.works(o.Subs[0].Shop, 1, 0)
		b.taken(o, o.Total)
		b.works(o.Subs[0].Shop, 0, 1)
		_, err := b.Cases.Refund(ctx, aftersale.Refund{By: aftersale.Party{Shop: o.Subs[0].Shop}, Order: o.ID, Seq: 1,
			Lines: []order.Units{{Line: 1, Units: 1}}, Reason: aftersale.OutOfStock, Key: b.key()})
		b.Must(err)
		b.sendRefunds()
		if b.Wallet.PaidBack() != 0 {
			t.Error("a piece was paid for twice")
		}
		b.Must(b.Orders.GoOn(ctx, o.ID))
		b.works(o.Subs[0].Shop, 1, 0)
		b.sendRefunds()
		if b.Wallet.PaidBack() != 100 {
			t.Errorf("%d sent of the piece that was given back meanwhile", b.Wallet.PaidBack())
		}
		b.Must(b.send(o, 1))
		b.Must(b.receive(o, 1))
		b.check(t, o.ID)
	})
}

// R15: shipping against the wallet's taking back, and the operator's two words against each other: one wins.
func TestR15_TakenBackAgainstShipping(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for range 6 {
			o := b.buy(pieces(1, 100))
			done := make(chan error, 2)
			go func() { done <- b.send(o, 1) }()
			go func() { b.taken(o, o.Total); done <- nil }()
			for range 2 {
				if err := <-done; err != nil && !fault.Is(err, "order.taken_back") {
					t.Error(err)
				}
			}
			go func() { done <- b.Cases.EndTaken(ctx, o.ID) }()
			go func() { done <- b.Orders.GoOn(ctx, o.ID) }()
			for range 2 {
				if err := <-done; err != nil && !fault.Is(err, "order.not_taken_back") && !fault.Is(err, "order.state") {
					t.Error(err)
				}
			}
			b.sendRefunds()
			got := b.read(o.ID)
			sent := got.Subs[0].State == order.SubShipped
			b.Must(b.DB.Read(ctx, func(tx *db.Tx) error {
				n, _, err := db.Value[int64](tx, `SELECT met FROM attempts WHERE order_id = $1`, string(o.ID))
				if sent && n != 0 || !got.TakenAt.IsZero() && !sent && n != o.Total {
					t.Errorf("sent %v, %d met, taken at %v", sent, n, got.TakenAt)
				}
				return err
			}))
			b.check(t, o.ID)
		}
	})
}

// R15: what was taken is of one part, and that part is given back: the rest is paid and goes on by itself, and the
// operator's word that the money is there again, after the dispute was won, still sends that part's money.
func TestR15_TheRestOfATakenOrderGoesOn(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy(pieces(1, 100), pieces(1, 500))
		first := o.Subs[0].Goods + o.Subs[0].Freight
		b.taken(o, first)
		if err := b.send(o, 2); !fault.Is(err, "order.taken_back") {
			t.Errorf("sent while it is not decided: %v", err)
		}
		_, err := b.Cases.Refund(ctx, aftersale.Refund{By: aftersale.Party{Shop: o.Subs[0].Shop}, Order: o.ID, Seq: 1,
			Reason: aftersale.OutOfStock, Key: b.key()})
		b.Must(err)
		if !b.read(o.ID).TakenAt.IsZero() {
			t.Error("it is still held")
		}
		b.Must(b.send(o, 2))
		if err := b.Cases.EndTaken(ctx, o.ID); !fault.Is(err, "order.not_taken_back") {
			t.Errorf("ended though its rest is paid: %v", err)
		}
		b.sendRefunds()
		if b.Wallet.PaidBack() != 0 {
			t.Error("paid twice")
		}
		b.Must(b.Orders.GoOn(ctx, o.ID))
		if err := b.Orders.GoOn(ctx, o.ID); !fault.Is(err, "order.not_taken_back") {
			t.Errorf("a second time: %v", err)
		}
		b.sendRefunds()
		if sent := b.Wallet.PaidBack(); sent != first {
			t.Errorf("%d sent, want %d", sent, first)
		}
		b.check(t, o.ID)
	})
}
