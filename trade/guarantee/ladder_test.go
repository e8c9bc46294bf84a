package guarantee_test

import (
	"testing"

	"pgregory.net/rapid"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/trade/order"
)

// ladder gives so much of each piece back before the goods are sent, as a group's ladder does.
func (b *bench) ladder(p bought, each int64) {
	b.t.Helper()
	b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := b.Orders.Lower(tx, order.Lower{Order: p.Order, Seq: 1, Line: 1, Ref: "grp_1",
			Amount: each * b.order(p).Lines()[0].Left(),
			Cause:  order.Cause{Actor: "time", Why: "group.ladder_back", At: b.Clock.Now()}})
		return err
	}))
}

// TestWhatALadderGaveBackIsEachPiecesOwn: a group's ladder took 7.00 off each of two pieces, one of which came back: the
// other is protected at 22.90 all the same.
func TestWhatALadderGaveBackIsEachPiecesOwn(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.goods(2990)
		p := b.paid(o, 2)
		b.ladder(p, 700)
		b.arrive(p)
		if n := b.refund(p, 1, "one"); n != 2290 {
			t.Fatalf("a piece brought %d", n)
		}
		b.price(o, 2000)
		if c := b.claim(p); c.Amount != 290 || c.From != 2290 {
			t.Errorf("%+v", c)
		}
		b.price(o, 1900)
		if c := b.claim(p); c.Amount != 100 || c.From != 2000 {
			t.Errorf("a second fall: %+v", c)
		}
	})
}

// TestALadderAndTheGuaranteeGiveEachFallBackOnce walks prices, returns and claims after a ladder: whatever came back
// before, what a piece that stays has cost in the end is the lowest price that its offer had since.
func TestALadderAndTheGuaranteeGiveEachFallBackOnce(t *testing.T) {
	b := newBench(t, dbtest.SQLite(t, db.Options{}, schemas()...))
	b.Set.Claims = 1000
	rapid.Check(t, func(r *rapid.T) {
		first := rapid.Int64Range(100, 10_000_000_000).Draw(r, "price")
		cut := rapid.Int64Range(1, first-1).Draw(r, "ladder")
		o, n := b.goods(first), rapid.Int64Range(2, 5).Draw(r, "pieces")
		p := b.paid(o, n)
		if rapid.Bool().Draw(r, "one back before the group forms") {
			b.refund(p, 1, "before")
		}
		b.ladder(p, cut)
		if left := b.order(p).Lines()[0].Left(); left > 1 && rapid.Bool().Draw(r, "one back before it is sent") {
			b.refund(p, 1, "unsent")
		}
		b.arrive(p)
		low := first - cut
		for range rapid.IntRange(1, 4).Draw(r, "steps") {
			if left := b.order(p).Lines()[0].Left(); left > 1 && rapid.Bool().Draw(r, "return") {
				b.refund(p, 1, b.IDs.Body())
			}
			unit := rapid.Int64Range(1, first).Draw(r, "unit")
			b.price(o, unit)
			b.claim(p)
			low = min(low, unit)
			l := b.order(p).Lines()[0]
			if whole, err := l.Brings(l.Left()); err != nil || whole != low*l.Left() {
				r.Fatalf("%d pieces are worth %d, %v; %d each is the lowest price", l.Left(), whole, err, low)
			}
		}
	})
}
