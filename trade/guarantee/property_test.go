package guarantee_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"hutong/base/db"
	"hutong/base/db/dbtest"
)

// TestI_C6_ClaimsNeverPassWhatIsPaid walks a price at random, with claims, looks, refunds and the end of the order in
// between: what a line gave back is never more than was paid for it, and the books agree with the record.
func TestI_C6_ClaimsNeverPassWhatIsPaid(t *testing.T) {
	b := newBench(t, dbtest.SQLite(t, db.Options{}, schemas()...))
	rapid.Check(t, func(r *rapid.T) {
		first := rapid.Int64Range(2, 500).Draw(r, "price")
		o := b.goods(first)
		n := rapid.Int64Range(1, 5).Draw(r, "pieces")
		p := b.got(o, n)
		paid, low, done := first*n, first, false
		for i := range rapid.IntRange(1, 8).Draw(r, "steps") {
			switch rapid.SampledFrom([]string{"price", "claim", "look", "refund", "receive"}).Draw(r, "what") {
			case "price":
				unit := rapid.Int64Range(1, 600).Draw(r, "unit")
				low = min(low, unit)
				b.price(o, unit)
			case "claim":
				b.claim(p)
			case "look":
				b.tick()
			case "refund":
				if left := b.order(p).Lines()[0].Left(); left > 0 {
					b.refund(p, rapid.Int64Range(1, left).Draw(r, "units"), fmt.Sprint(i))
				}
			case "receive":
				if !done {
					b.Must(b.Orders.Receive(ctx, p.who, p.Order, 1))
					done = true
				}
			}
			l := b.order(p).Lines()[0]
			all, err := b.G.OfOrder(ctx, p.who, p.Order)
			b.Must(err)
			if given := all[0].Given; given > paid-l.Refunded || given != l.Lowered || given > (first-low)*n {
				r.Fatalf("%d given of %d, %d refunded; %d lowered; lowest price %d of %d", given, paid, l.Refunded, l.Lowered,
					low, first)
			}
			if b.back(p) != l.Refunded+l.Lowered {
				r.Fatalf("%d sent, %d refunded and %d lowered", b.back(p), l.Refunded, l.Lowered)
			}
		}
		if left := b.order(p).Lines()[0].Left(); left > 0 {
			b.refund(p, left, "rest")
		}
		if b.back(p) != paid {
			r.Fatalf("%d of %d came back in the end", b.back(p), paid)
		}
	})
}
