package aftersale_test

import (
	"sync"
	"testing"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/funds/pay"
	"hutong/trade/aftersale"
	"hutong/trade/order"
)

// R15: one refund per request, however often and by however many it is pressed.
func TestR15_RefundPressedTwice(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy(pieces(5, 100))
		cmd := aftersale.Open{Shopper: o.Shopper, Order: o.ID, Seq: 1, Lines: []order.Units{{Line: 1, Units: 1}},
			Reason: aftersale.Unwanted, Key: "button"}
		var mu sync.Mutex
		var wg sync.WaitGroup
		ids := map[aftersale.ID]bool{}
		for range 8 {
			wg.Go(func() {
				c, err := b.Cases.Open(ctx, cmd)
				mu.Lock()
				defer mu.Unlock()
				if err != nil || c.Amount != 100 {
					t.Errorf("%+v %v", c, err)
				}
				ids[c.ID] = true
			})
		}
		wg.Wait()
		if len(ids) != 1 || len(b.refunds(o)) != 1 {
			t.Errorf("%d cases, %d refunds", len(ids), len(b.refunds(o)))
		}
		cmd.Lines[0].Units = 2
		if _, err := b.Cases.Open(ctx, cmd); !fault.Is(err, "aftersale.key_used") {
			t.Errorf("the same key for something else: %v", err)
		}
		b.check(t, o.ID)
	})
}

// R15: two operators give the same pieces back, each with a request of their own.
func TestR15_TwoOperators(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy(pieces(3, 100))
		b.Must(b.send(o, 1))
		asked := b.opened(o, 1)
		var mu sync.Mutex
		var wg sync.WaitGroup
		won := 0
		press := func(refund func() error) {
			wg.Go(func() {
				err := refund()
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				} else if !fault.Is(err, "order.units") {
					t.Error(err)
				}
			})
		}
		for _, by := range []aftersale.Party{{Operator: true}, {Operator: true}, {Shop: o.Subs[0].Shop}} {
			key := b.key()
			press(func() error {
				_, err := b.Cases.Refund(ctx, aftersale.Refund{By: by, Order: o.ID, Seq: 1, Reason: aftersale.Other, Key: key})
				return err
			})
		}
		press(func() error { _, err := b.Cases.Agree(ctx, o.Subs[0].Shop, asked.ID, false, ""); return err })
		wg.Wait()
		if won != 1 {
			t.Errorf("%d of them gave the money back", won)
		}
		b.check(t, o.ID)
	})
}

// R15: what a wallet took back by itself is not sent again: the shopper's own request ends the order and is met by it.
func TestR15_RefundAndChargeback(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy(pieces(2, 100))
		b.taken(o, o.Total)
		if c, err := b.open(o, 1); err != nil || c.State != aftersale.Refunded || c.Amount != o.Total {
			t.Errorf("%+v, %v", c, err)
		}
		b.endedUnsent(t, o)
	})
}

// M12: three pieces that cost 1.00 together give back 0.33, 0.33 and 0.34, in whatever way they are given back.
func TestM12_ThreeThirdsOfOneYuan(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		third := part{0, []item{{3, 34, 2}}}
		for name, c := range map[string]struct {
			sent, received bool
			units, want    []int64
		}{
			"before shipping":  {false, false, []int64{1, 1, 1}, []int64{33, 33, 34}},
			"two and one":      {false, false, []int64{2, 1}, []int64{66, 34}},
			"after shipping":   {true, false, []int64{1, 2}, []int64{33, 67}},
			"after completion": {true, true, []int64{1, 1, 1}, []int64{33, 33, 34}},
		} {
			o := b.buy(third)
			if c.sent {
				b.Must(b.send(o, 1))
			}
			if c.received {
				b.Must(b.receive(o, 1))
			}
			sum := int64(0)
			for i, n := range c.units {
				got, err := b.Cases.Refund(ctx, aftersale.Refund{By: aftersale.Party{Operator: true}, Order: o.ID, Seq: 1,
					Lines: []order.Units{{Line: 1, Units: n}}, Reason: aftersale.Missing, Key: b.key()})
				if err != nil || got.Amount != c.want[i] {
					t.Errorf("%s, refund %d: %d %v, want %d", name, i+1, got.Amount, err, c.want[i])
				}
				sum += got.Amount
			}
			if sum != 100 {
				t.Errorf("%s: %d of 100 given back", name, sum)
			}
			b.check(t, o.ID)
		}
	})
}

// M22: more than captured minus refunded is refused by the row that counts it, and nothing of the request stays.
func TestM22_RefundAboveWhatIsLeft(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy(pieces(3, 100))
		for _, units := range []int64{4, 1 << 62} {
			if _, err := b.open(o, 1, order.Units{Line: 1, Units: units}); !fault.Is(err, "order.units") {
				t.Errorf("%d of 3 pieces: %v", units, err)
			}
		}
		b.nothingHappened(t, o)
		// Somebody gave the money back without a case: the pieces are still there, their money is not.
		b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
			_, err := b.Pay.Ask(tx, b.Clock.Now(), []pay.RefundAsk{{Order: string(o.ID), Amount: 650, Currency: "CNY"}})
			return err
		}))
		if _, err := b.open(o, 1); !fault.Is(err, "pay.refund_too_large") {
			t.Errorf("900 of 250 left: %v", err)
		}
		b.nothingHappened(t, o)
		if c, err := b.open(o, 1, order.Units{Line: 1, Units: 2}); err != nil || c.Amount != 200 {
			t.Errorf("200 of 250 left: %+v %v", c, err)
		}
	})
}

// A shopper's refund and the merchant's press of "ship" at the same time: the goods are either refunded or sent, and
// sent ones are never refunded without the merchant.
func TestRefundAgainstShipping(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		for range 12 {
			o := b.buy(pieces(2, 100))
			sent := make(chan error, 1)
			go func() { sent <- b.send(o, 1) }()
			c, err := b.open(o, 1)
			shipped := <-sent
			switch state := b.sub(o, 1).State; {
			case err != nil:
				t.Errorf("%v", err)
			case shipped == nil && (state != order.SubShipped || c.State != aftersale.Opened):
				t.Errorf("sent: %s, the case is %s", state, c.State)
			case shipped != nil && (state != order.SubCancelled || c.State != aftersale.Refunded):
				t.Errorf("%v: %s, the case is %s", shipped, state, c.State)
			}
			b.check(t, o.ID)
		}
	})
}

// nothingHappened tells that a refused request left no trace.
func (b *bench) nothingHappened(t *testing.T, o order.Order) {
	t.Helper()
	got := b.read(o.ID)
	cases, err := b.Cases.ByOrder(ctx, aftersale.Party{Operator: true}, o.ID)
	b.Must(err)
	l := got.Subs[0].Lines[0]
	if len(cases) != 0 || got.State != order.Paid || l.Refunded != 0 || b.Pool(poolOf(o)).Sold != l.Quantity {
		t.Errorf("%d cases, order %s, line %+v, pool %+v", len(cases), got.State, l, b.Pool(poolOf(o)))
	}
}
