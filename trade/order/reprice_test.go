package order_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"hutong/base/db"
	"hutong/deal/promo"
	"hutong/funds/ledger"
	"hutong/goods/offer"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/tradetest"
)

// again is a market whose refunds price again what is left, with an order that is paid.
type again struct {
	*tradetest.Market
	t     *testing.T
	order order.ID
	name  int
}

func (a *again) lines() []order.Line { return state(a.Market, a.order).Lines() }

// back gives pieces of a line back, and books what was sent.
func (a *again) back(line, units int64, fair bool) order.Refunded {
	a.t.Helper()
	out, err := a.tryBack(line, units, fair)
	a.Must(err)
	return out
}

func (a *again) tryBack(line, units int64, fair bool) (out order.Refunded, err error) {
	o := state(a.Market, a.order)
	a.name++
	r := order.Refund{Order: o.ID, Seq: o.Lines()[line-1].Seq, Lines: []order.Units{{Line: line, Units: units}}, Restock: true,
		Fair: fair, Ref: fmt.Sprint("case", a.name), Cause: order.Cause{Actor: "shopper", Why: "test", At: a.Clock.Now()}}
	would, err := a.Orders.WouldBring(ctx, r)
	if err != nil {
		return out, err
	}
	err = a.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if out, err = a.Orders.Refund(tx, r); err != nil || out.Total == 0 {
			return err
		}
		return ledger.Post(tx, a.Clock.Now(), []ledger.Transfer{{Debit: ledger.Escrow, Credit: ledger.Refunding("test"),
			Amount: out.Total, Currency: "CNY", Kind: ledger.RefundAsked, Order: string(a.order), Ref: r.Ref}})
	})
	if err == nil && (would.Total != out.Total || would.Kept != out.Kept || would.Freight != out.Freight) {
		a.t.Errorf("line %d: %+v was told before, %+v came", line, would, out)
	}
	return out, err
}

func (a *again) complete() {
	a.t.Helper()
	o := state(a.Market, a.order)
	o.Subs = slices.DeleteFunc(o.Subs, func(s order.Sub) bool { return s.State != order.SubOpen })
	a.Must(shipAll(a.Market, o))
	for _, s := range o.Subs {
		a.Must(a.Orders.Receive(ctx, o.Shopper, o.ID, s.Seq))
	}
}

// holds is what an account of the books holds.
func (a *again) holds(account string) (sum int64) {
	a.t.Helper()
	a.Must(a.DB.Read(ctx, func(tx *db.Tx) (err error) {
		sum, _, err = db.Value[int64](tx, `SELECT credits - debits FROM ledger_accounts WHERE account = $1`, account)
		return err
	}))
	return sum
}

// budget is what is used of a promotion's budget.
func (a *again) budget(promotion string) (used int64) {
	a.t.Helper()
	a.Must(a.DB.Read(ctx, func(tx *db.Tx) (err error) {
		used, _, err = db.Value[int64](tx, `SELECT used FROM quotas WHERE quota = $1`, "bud:"+promotion)
		return err
	}))
	return used
}

func eachAgain(t *testing.T, test func(t *testing.T, a *again)) {
	t.Helper()
	each(t, func(t *testing.T, m *tradetest.Market) {
		m.Reprices = true
		test(t, &again{Market: m, t: t})
	})
}

// buy places and pays lines; the quote says what refunds come to.
func (a *again) buy(lines ...checkout.BasketLine) checkout.Quote {
	a.t.Helper()
	who, home := a.Shopper()
	q := a.Quote(who, home, lines...)
	p, err := a.Checkout.Place(ctx, checkout.Place{Shopper: who, Token: q.Token})
	a.Must(err)
	a.Capture(p, string(p.Order))
	a.order = p.Order
	return q
}

// basketE1 is the reference basket of the rules.
func (a *again) basketE1() (shopA string) {
	a.t.Helper()
	shopA, shopB := a.Shop("shop-a"), a.Shop("shop-b")
	var lines []checkout.BasketLine
	for i, o := range []offer.Offer{a.Sell(shopA, "A1", 19900, 9), a.Sell(shopA, "A2", 8990, 9),
		a.Sell(shopB, "B1", 25900, 9)} {
		lines = append(lines, checkout.BasketLine{Offer: string(o.ID), Quantity: 1 + int64(i%2)})
	}
	a.Publish(fmt.Sprintf(`{"id":"s","kind":"spend","shop":%q,"tiers":[{"threshold":30000,"off":4000}]}`, shopA),
		`{"id":"c","kind":"crossshop","every":30000,"off":5000,"budget":100000,"funding":[{"party":"platform",
			"ppm":500000},{"party":"merchant","ppm":500000}]}`,
		`{"id":"r","kind":"redpacket","off":1000,"funding":[{"party":"platform","ppm":1000000}]}`)
	if q := a.buy(lines...); q.Order.Goods != 48780 || !q.Reprices() {
		a.t.Fatalf("%d, told %v", q.Order.Goods, q.Reprices())
	}
	return shopA
}

// TestT1_6c_TheRestIsPricedAgain: all A2 of the reference basket bring 89.80 and not 131.22. Of the 41.42 that stay, the
// shops have 32.55 and the platform 8.87; the platform gave 60.01 (half of each line's share, and the odd fen), gives
// 35.00 now, and has all of the 25.01 back. What is
// paid for A1 and B1 since is what they cost by themselves.
func TestT1_6c_TheRestIsPricedAgain(t *testing.T) {
	for _, when := range []string{"before it is sent", "after it is received"} {
		t.Run(when, func(t *testing.T) {
			eachAgain(t, func(t *testing.T, a *again) {
				shopA := a.basketE1()
				received := when != "before it is sent"
				if received {
					a.complete()
				}
				if out := a.back(2, 2, false); out.Total != 8980 || out.Kept != 4142 || !out.Repriced {
					t.Fatalf("%+v", out)
				}
				if got := a.budget("c"); got != 5000 { // the second 50.00 falls away, and not the share of A2 alone
					t.Errorf("%d of the budget is used", got)
				}
				all := a.lines()
				shops, platform, gaveBack := int64(0), int64(0), int64(0)
				for i, want := range []int64{17293, 0, 22507} {
					l := all[i]
					if l.Costs() != want {
						t.Errorf("line %d costs %d, want %d", l.No, l.Costs(), want)
					}
					shops, platform = shops+l.Kept-l.KeptFunded, platform+l.KeptFunded
					gaveBack += l.FundedBack + l.KeptFunded
				}
				if shops != 3255 || platform != 887 || gaveBack != 2501 {
					t.Errorf("shops keep %d, the platform %d, and has %d back", shops, platform, gaveBack)
				}
				if !received {
					a.complete()
				}
				// B1 goes back: 249.00 is what A1 saved it; A1 alone costs 189.00.
				if out := a.back(3, 1, false); out.Total != 20900 {
					t.Errorf("B1: %+v", out)
				}
				if got := a.holds("merchant:" + shopA); got != 19900-119 { // 0.6 % of what A1 is worth to it, not of each change
					t.Errorf("shop A has %d", got)
				}
				if got := a.budget("c"); got != 0 {
					t.Errorf("%d of the budget is used by A1 alone", got)
				}
				if got := a.holds("funder:platform"); got != -1000 {
					t.Errorf("the platform gave %d", -got)
				}
				if out := a.back(1, 1, false); out.Total != 18900 {
					t.Errorf("A1: %+v", out)
				}
				for _, account := range []string{"escrow", "funder:platform", "platform:fees"} {
					if got := a.holds(account); got != 0 {
						t.Errorf("%s holds %d at the end", account, got)
					}
				}
				if got := a.holds("refunding:test"); got != 48780 {
					t.Errorf("%d went back of 487.80", got)
				}
			})
		})
	}
}

// TestRandomBasketsAgainstPlainSums: random baskets under random promotions go back piece by piece, before and after
// their parts were received, now and then with a price that was lowered meanwhile or by the shop's fault. Each refund is
// what a plain sum over the whole rules says, lines and books agree with each other at every step, and at the end
// everything went back to whom it came from.
func TestRandomBasketsAgainstPlainSums(t *testing.T) {
	eachAgain(t, func(t *testing.T, a *again) {
		shops := []string{a.Shop("shop-a"), a.Shop("shop-b"), a.Shop("shop-c")}
		var goods []offer.Offer
		for i := range 7 {
			goods = append(goods, a.Sell(shops[i%3], fmt.Sprint("goods", i), int64(90+i*i*1313), 100_000))
		}
		did := map[string]int{}
		for seed := range uint64(60) {
			r := rand.New(rand.NewPCG(seed, 16))
			a.randomOrder(r, shops, goods)
			if a.order != "" {
				a.drain(r, did)
			}
			if t.Failed() {
				t.Fatalf("seed %d", seed)
			}
		}
		for _, what := range []string{"nothing back", "less than its share", "more than its share", "fair", "lowered", "raised"} {
			if did[what] == 0 {
				t.Errorf("never %s: %v", what, did)
			}
		}
	})
}

func (a *again) randomOrder(r *rand.Rand, shops []string, goods []offer.Offer) {
	a.t.Helper()
	a.order = ""
	funding := func() string {
		n := r.IntN(4) * 250_000
		return fmt.Sprintf(`"funding":[{"party":"platform","ppm":%d},{"party":"merchant","ppm":%d}]`, n, 1_000_000-n)
	}
	var all []string
	for i, shop := range shops {
		if r.IntN(2) == 0 {
			all = append(all, fmt.Sprintf(`{"id":"s%d","kind":"spend","shop":%q,"tiers":[{"threshold":%d,"off":%d},
				{"threshold":90000,"off":7000}]}`, i, shop, 1000+r.IntN(40_000), 1+r.IntN(900)))
		}
	}
	all = append(all, fmt.Sprintf(`{"id":"c","kind":"crossshop","every":%d,"off":%d,%s}`, 2000+r.IntN(40_000), 1+r.IntN(1900),
		funding()), fmt.Sprintf(`{"id":"r","kind":"redpacket","off":%d,%s}`, 1+r.IntN(2000), funding()))
	if r.IntN(2) == 0 {
		all = append(all, fmt.Sprintf(`{"id":"d","kind":"direct","rate_ppm":%d,%s}`, 10_000*(1+r.IntN(30)), funding()))
	}
	a.Publish(all...)
	var lines []checkout.BasketLine
	for _, o := range goods {
		if r.IntN(2) == 0 {
			lines = append(lines, checkout.BasketLine{Offer: string(o.ID), Quantity: 1 + r.Int64N(4)})
		}
	}
	if len(lines) > 0 {
		if q := a.buy(lines...); q.Order.Basis == "" {
			a.order = ""
		}
	}
}

// drain gives an order back in random steps, until nothing is left.
func (a *again) drain(r *rand.Rand, did map[string]int) {
	a.t.Helper()
	o := state(a.Market, a.order)
	rules, paid := a.Deals.Rules(), o.Goods
	basket := promo.Basket{Currency: "CNY", At: o.PlacedAt}
	for _, l := range o.Lines() {
		basket.Lines = append(basket.Lines, promo.Line{ID: l.Offer, Shop: l.Shop, SKU: l.SKU, UnitPrice: l.UnitPrice,
			Quantity: l.Quantity})
	}
	lowered := map[int64]bool{}
	sent := int64(0)
	for step := 0; ; step++ {
		lines := a.lines()
		open := slices.DeleteFunc(slices.Clone(lines), func(l order.Line) bool { return l.Left() == 0 })
		if len(open) == 0 {
			break
		}
		if step == 1 && r.IntN(2) == 0 {
			a.complete()
		}
		l := open[r.IntN(len(open))]
		if most := l.Lowerable(); most > 0 && r.IntN(6) == 0 {
			paid -= a.lower(l, 1+r.Int64N(most))
			lowered[l.No] = true
			did["lowered"]++
			a.balanced(paid)
			continue
		}
		units, fair := 1+r.Int64N(l.Left()), r.IntN(5) == 0
		out := a.back(l.No, units, fair)
		goods := out.Total - out.Freight
		basket.Lines[l.No-1].Quantity -= units
		if len(lowered) == 0 { // a plain sum of prices knows of no lowered one
			want := max(0, paid-a.sum(rules, basket))
			if share := goods + out.Kept; fair {
				did["fair"]++
				if goods < want || l.Kept == 0 && goods != max(want, share) {
					a.t.Errorf("%d came back by the shop's fault, want %d, or the share of %d", goods, want, share)
				}
			} else if goods != want {
				a.t.Errorf("%d of line %d brought %d, want %d", units, l.No, goods, want)
			}
		}
		switch {
		case goods == 0:
			did["nothing back"]++
		case out.Kept > 0:
			did["less than its share"]++
		case out.Kept < 0:
			did["more than its share"]++
		}
		paid, sent = paid-goods, sent+goods
		a.balanced(paid)
	}
	a.drained(o, paid, sent, did)
}

// drained holds that nothing of an order is left anywhere.
func (a *again) drained(o order.Order, paid, sent int64, did map[string]int) {
	a.t.Helper()
	if paid != 0 || sent > o.Goods {
		a.t.Errorf("%d is still paid when all went back, %d of %d was sent", paid, sent, o.Goods)
	}
	var claims, raised int64
	a.Must(a.DB.Read(ctx, func(tx *db.Tx) (err error) {
		claims, _, err = db.Value[int64](tx, `SELECT COALESCE(CAST(SUM(base + ABS(fee)) AS BIGINT), 0) FROM (SELECT SUM(base) AS
			base, SUM(fee) AS fee FROM claim_lines WHERE order_id = $1 AND line_no > 0 GROUP BY line_no) l`, o.ID)
		if err == nil {
			raised, _, err = db.Value[int64](tx, `SELECT COUNT(*) FROM claims WHERE order_id = $1 AND entry > 0 AND base > 0`, o.ID)
		}
		return err
	}))
	if did["raised"] += int(raised); claims != 0 {
		a.t.Errorf("%d of the claims is left", claims)
	}
	for _, account := range []string{"escrow", "funder:platform"} { // freight went back, or is its carrier's
		if got := a.holds(account); got != 0 {
			a.t.Errorf("%s holds %d at the end", account, got)
		}
	}
}

// lower gives part of a line's price back, as a price guarantee does.
func (a *again) lower(l order.Line, amount int64) int64 {
	a.t.Helper()
	a.name++
	a.Must(a.DB.Write(ctx, func(tx *db.Tx) error {
		out, err := a.Orders.Lower(tx, order.Lower{Order: l.Order, Seq: l.Seq, Line: l.No, Amount: amount,
			Ref: fmt.Sprint("low", a.name), Cause: order.Cause{Actor: "merchant", Why: "test", At: a.Clock.Now()}})
		if err != nil {
			return err
		}
		return ledger.Post(tx, a.Clock.Now(), []ledger.Transfer{{Debit: ledger.Escrow, Credit: ledger.Refunding("test"),
			Amount: out.Total, Currency: "CNY", Kind: ledger.RefundAsked, Order: string(l.Order), Ref: "low"}})
	}))
	return amount
}

// sum is what a basket costs under the whole rules.
func (a *again) sum(rules *promo.Rules, b promo.Basket) int64 {
	a.t.Helper()
	b.Lines = slices.DeleteFunc(slices.Clone(b.Lines), func(l promo.Line) bool { return l.Quantity == 0 })
	if len(b.Lines) == 0 {
		return 0
	}
	answer, err := rules.Price(b)
	a.Must(err)
	return answer.Total
}

// explained tells whether what pieces cost since they were priced again, and their discounts, come to their list price:
// to a few minor units, since each share of an old discount is rounded by itself.
func (a *again) explained(l order.Line) {
	a.t.Helper()
	if l.Standing == "" {
		return
	}
	all, err := order.DecodeDiscounts(l.Standing)
	a.Must(err)
	over := l.Costs() - l.Left()*l.UnitPrice
	for _, d := range all {
		over += d.Amount
	}
	if over > 12 || over < -12 && l.Lowered == 0 {
		a.t.Errorf("line %d costs %d, %d pieces at %d less %s", l.No, l.Costs(), l.Left(), l.UnitPrice, l.Standing)
	}
}

// balanced tells whether what is left of the lines costs what is still paid, and is claimed as what it is worth.
func (a *again) balanced(paid int64) {
	a.t.Helper()
	o := state(a.Market, a.order)
	sum := int64(0)
	for _, sub := range o.Subs {
		for _, l := range sub.Lines {
			sum += l.Costs()
			a.explained(l)
			var claimed int64
			a.Must(a.DB.Read(ctx, func(tx *db.Tx) (err error) {
				claimed, _, err = db.Value[int64](tx, `SELECT COALESCE(CAST(SUM(base) AS BIGINT), 0) FROM claim_lines
					WHERE order_id = $1 AND line_no = $2`, o.ID, l.No)
				return err
			}))
			if want := l.Costs() + l.Funded - l.FundedBack - l.KeptFunded; sub.State == order.SubCompleted && claimed != want {
				a.t.Errorf("line %d is worth %d, and %d is claimed", l.No, want, claimed)
			}
		}
	}
	if sum != paid {
		a.t.Errorf("the lines cost %d, %d is paid", sum, paid)
	}
}

// TestWhereTheModeDoesNotApply: who pays with a balance, in a group, or what everybody pays, gives back the share, and is
// told nothing else.
func TestWhereTheModeDoesNotApply(t *testing.T) {
	eachMerged(t, 1, func(t *testing.T, m *merged) {
		const cut = `{"id":"cut","kind":"crossshop","every":10000,"off":500}`
		m.Reprices = true
		m.Publish(cut)
		if q := m.quote(); !q.Reprices() {
			t.Error("a plain basket under a promotion does not price its rest again")
		}
		if q := m.quote(m.owed[0]); q.Reprices() {
			t.Error("a basket that is paid with a balance does")
		}
		m.Deals.Held = map[string][]promo.Claimed{m.who: {{Promotion: "gof_1", Claim: "gmb_1", Asked: true}}}
		m.Publish(cut, `{"id":"gof_1","kind":"price","unit_price":100,"claim":true}`)
		if q := m.quote(); q.Reprices() || q.Order.Goods != 100 {
			t.Errorf("a place in a group does: %d", q.Order.Goods)
		}
		m.Deals.Held = nil
		m.Publish()
		if q := m.quote(); q.Reprices() {
			t.Error("plain prices do")
		}
		m.Publish(cut)
		m.Reprices = false
		if q := m.quote(); q.Reprices() {
			t.Error("a market without the mode does")
		}
	})
}
