package guarantee_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/deal/quota"
	"hutong/funds/ledger"
	"hutong/goods/offer"
	"hutong/trade/guarantee"
)

// subsidy is a price that the market pays for half, and a wallet too.
const subsidy = `{"id":%q,"kind":"price","unit_price":%d,"skus":[%q],
	"funding":[{"party":"platform","ppm":%d},{"party":"redbean","ppm":%d}]}`

// sells publishes such a price of goods.
func (b *bench) sells(o offer.Offer, unit, redbean int64) {
	b.t.Helper()
	b.Publish(fmt.Sprintf(subsidy, fmt.Sprintf("sub%d", unit), unit, o.SKU, 1_000_000-redbean, redbean))
}

// paidBy is what a funder paid so far.
func (b *bench) paidBy(party string) int64 {
	b.t.Helper()
	return -b.held(ledger.Funder(party))
}

func (b *bench) held(a ledger.Account) (n int64) {
	b.t.Helper()
	b.Must(b.DB.Read(ctx, func(tx *db.Tx) (err error) { n, err = ledger.Balance(tx, a, "CNY"); return err }))
	return n
}

func (b *bench) budget() (c quota.Count) {
	b.t.Helper()
	name := quota.Guarantee("CNY", b.Clock.Now().Format("2006-01"))
	b.Must(b.DB.Read(ctx, func(tx *db.Tx) error {
		all, err := quota.Counts(tx, []string{name})
		c = all[name]
		return err
	}))
	return c
}

// TestWhoLoweredThePricePaysIt: what the market and a wallet pay of a lower price comes from their accounts, before and
// after the shop was settled with, and the shop earns as much as it did; what is given back later goes back to them.
func TestWhoLoweredThePricePaysIt(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.goods(10000)
		early, late := b.got(o, 2), b.got(o, 1)
		b.Must(b.Orders.Receive(ctx, late.who, late.Order, 1))
		earned := b.held(ledger.Merchant(o.Shop))
		b.sells(o, 9001, 500_000)
		if c := b.claim(early); c.Amount != 1998 || len(c.Others) != 2 || c.Others[0].Amount != 999 {
			t.Fatalf("%+v", c)
		}
		if c := b.claim(late); c.Amount != 999 {
			t.Fatalf("%+v", c)
		}
		if b.back(early) != 1998 || b.back(late) != 999 || b.paidBy("platform")+b.paidBy("redbean") != 2997 ||
			b.paidBy("platform") != 999+500 || b.held(ledger.Merchant(o.Shop)) != earned || b.budget().Used != 2997 {
			t.Errorf("%d and %d back, platform %d, redbean %d, the shop %d of %d, budget %+v", b.back(early), b.back(late),
				b.paidBy("platform"), b.paidBy("redbean"), b.held(ledger.Merchant(o.Shop)), earned, b.budget())
		}
		b.Publish()
		b.price(o, 9000) // the shop's own fall, by one more
		if c := b.claim(early); c.Amount != 2 || len(c.Others) != 0 {
			t.Errorf("%+v", c)
		}
		b.Must(b.Orders.Receive(ctx, early.who, early.Order, 1))
		if n := b.refund(early, 1, "one of two"); n != 9000 {
			t.Errorf("a piece brought %d", n)
		}
		// Each share of 999 for two pieces brings 499 for the first.
		if b.paidBy("platform")+b.paidBy("redbean") != 1999 || b.budget().Used != 1999 {
			t.Errorf("after one piece: %d and %d, budget %+v", b.paidBy("platform"), b.paidBy("redbean"), b.budget())
		}
		b.refund(early, 1, "the other")
		b.refund(late, 1, "and that")
		if b.paidBy("platform") != 0 || b.paidBy("redbean") != 0 || b.budget().Used != 0 ||
			b.held(ledger.Merchant(o.Shop)) != 0 || b.held(ledger.Escrow) != 0 {
			t.Errorf("all given back: platform %d, redbean %d, shop %d, escrow %d, budget %+v", b.paidBy("platform"),
				b.paidBy("redbean"), b.held(ledger.Merchant(o.Shop)), b.held(ledger.Escrow), b.budget())
		}
	})
}

// TestTheBudgetOfTheMonthIsNeverPassed: what it cannot pay is refused with its reason, and paid when it can.
func TestTheBudgetOfTheMonthIsNeverPassed(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.Set.Budget = 1500
		o := b.goods(10000)
		one, two, three := b.got(o, 1), b.got(o, 1), b.got(o, 1)
		b.sells(o, 9000, 0)
		if c := b.claim(one); c.Amount != 1000 {
			t.Errorf("within the budget: %+v", c)
		}
		for range 2 {
			if c := b.claim(two); c.Amount != 0 || c.Reason != "guarantee.budget_empty" {
				t.Errorf("above the budget: %+v", c)
			}
		}
		if w := b.written(two); len(w) != 1 {
			t.Errorf("written %q", w)
		}
		b.price(o, 9900) // the shop's own part is not held back
		b.sells(o, 9000, 0)
		if c := b.claim(three); c.Amount != 100 || len(c.Others) != 0 {
			t.Errorf("the shop's part: %+v", c)
		}
		if c := b.budget(); c.Used != 1000 || c.Cap != 1500 {
			t.Errorf("%+v", c)
		}
		b.Set.Budget = 1900
		if c := b.claim(two); c.Amount != 1000 || c.Own() != 100 {
			t.Errorf("with more of it: %+v", c)
		}
		b.Set.Budget = 100
		if c := b.claim(three); c.Reason != "guarantee.budget_empty" || b.budget().Cap != 1900 {
			t.Errorf("with less of it: %+v, %+v", c, b.budget())
		}
	})
}

// TestI_C6_OthersPayExactlyWhatTheyLowered walks prices that shop, market and wallet lower in turn, with claims and
// refunds in between: whatever is given back has a payer, and in the end everybody has what is theirs.
func TestI_C6_OthersPayExactlyWhatTheyLowered(t *testing.T) {
	b := newBench(t, dbtest.SQLite(t, db.Options{}, schemas()...))
	rapid.Check(t, func(r *rapid.T) {
		b.Publish()
		b.Set.Budget = rapid.SampledFrom([]int64{0, 300, 1_000_000}).Draw(r, "budget")
		first := rapid.Int64Range(20, 500).Draw(r, "price")
		o := b.goods(first)
		n := rapid.Int64Range(1, 4).Draw(r, "pieces")
		p := b.got(o, n)
		was := b.paidBy("platform") + b.paidBy("redbean")
		done := false
		for i := range rapid.IntRange(1, 8).Draw(r, "steps") {
			switch rapid.SampledFrom([]string{"price", "funded", "claim", "refund", "receive"}).Draw(r, "what") {
			case "price":
				b.price(o, rapid.Int64Range(1, 600).Draw(r, "unit"))
			case "funded":
				b.sells(o, rapid.Int64Range(1, 500).Draw(r, "unit"), rapid.Int64Range(0, 1_000_000).Draw(r, "redbean"))
			case "claim":
				b.claim(p)
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
			if others := b.paidBy("platform") + b.paidBy("redbean") - was; others != l.Topped || l.Lowered+l.Refunded > l.Paid {
				r.Fatalf("others paid %d; %+v", others, l)
			}
		}
		if left := b.order(p).Lines()[0].Left(); left > 0 {
			b.refund(p, left, "rest")
		}
		if l := b.order(p).Lines()[0]; b.back(p) != first*n || l.Topped != 0 || b.held(ledger.Merchant(o.Shop)) != 0 ||
			b.paidBy("platform")+b.paidBy("redbean") != was {
			r.Fatalf("%d of %d came back; %+v; the shop holds %d", b.back(p), first*n, l, b.held(ledger.Merchant(o.Shop)))
		}
	})
}

// TestItIsToldOnce: what was given back is told to whoever listens, with the shop's part.
func TestItIsToldOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		var told []guarantee.Told
		b.Bus.On(guarantee.TopicBack, "test", func(_ context.Context, e event.Event) error {
			var one guarantee.Told
			err := json.Unmarshal([]byte(e.Body), &one)
			told = append(told, one)
			return err
		})
		o := b.goods(10000)
		p := b.got(o, 1)
		b.price(o, 9900)
		b.sells(o, 9000, 0)
		b.tick()
		b.tick()
		b.tell()
		want := guarantee.Told{Order: p.Order, Line: 1, Step: 1, Shopper: p.who, Shop: o.Shop, Currency: "CNY", Amount: 1000,
			Own: 100}
		if len(told) != 1 || told[0] != want || b.back(p) != 1000 {
			t.Errorf("%+v", told)
		}
	})
}
