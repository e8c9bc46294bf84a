package order_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/deal/promo"
	"hutong/deal/quota"
	"hutong/funds/ledger"
	"hutong/funds/pay"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/tradetest"
)

const (
	red  = tradetest.Purse("red")
	blue = tradetest.Purse("blue")
)

// presold is a market with two wallets and one presale.
type presold struct {
	*tradetest.Market
	t         *testing.T
	shop      string
	who, home string
	item      checkout.PresaleItem
}

func eachPresale(t *testing.T, price, earnest, worth int64, test func(t *testing.T, m *presold)) {
	t.Helper()
	dbtest.Each(t, tradetest.Schemas(), func(t *testing.T, d *db.DB) {
		m := &presold{Market: tradetest.New(t, d, red, blue), t: t}
		m.shop = m.Shop("shop-a")
		m.item = m.Presell(m.Sell(m.shop, "tea", price+1000, 10), price, earnest, worth)
		m.who, m.home = m.Shopper()
		test(t, m)
	})
}

func (m *presold) order() checkout.Placed { return m.Preorder(m.who, m.home, m.item, 1) }

// begin begins to pay what is due.
func (m *presold) begin(p checkout.Placed, w tradetest.Purse) (pay.Attempt, error) {
	a, _, err := m.Pay.Begin(ctx, pay.Begin{Order: string(p.Order), Shopper: m.who, Wallet: string(w)})
	return a, err
}

// pays pays what is due, now, and tells what became of it.
func (m *presold) pays(p checkout.Placed, w tradetest.Purse) pay.Result {
	m.t.Helper()
	a, err := m.begin(p, w)
	m.Must(err)
	return m.tell(w.Captured(a, m.Clock.Now()))
}

func (m *presold) tell(f pay.Fact) pay.Result {
	m.t.Helper()
	got, err := m.Pay.ApplyFacts(ctx, []pay.Fact{f})
	m.Must(err)
	return got[0]
}

// holds tells what accounts hold.
func (m *presold) holds(accounts ...ledger.Account) (all []int64) {
	m.Must(m.DB.Read(ctx, func(tx *db.Tx) error {
		for _, a := range accounts {
			n, err := ledger.Balance(tx, a, "CNY")
			if err != nil {
				return err
			}
			all = append(all, n)
		}
		return nil
	}))
	return all
}

// books are escrow, the earnest, the shop's money and what is on its way back through both wallets.
func (m *presold) books(what string, want ...int64) {
	m.t.Helper()
	got := m.holds(ledger.Escrow, ledger.Earnest, ledger.Merchant(m.shop), ledger.Refunding("red"), ledger.Refunding("blue"))
	if fmt.Sprint(got) != fmt.Sprint(want) {
		m.t.Errorf("%s: escrow, earnest, merchant, refunding red and blue are %v, want %v", what, got, want)
	}
}

func (m *presold) stands(p checkout.Placed, o order.State, s order.PresaleState, reason string) order.Order {
	m.t.Helper()
	got := state(m.Market, p.Order)
	if got.State != o || got.Presale == nil || got.Presale.State != s || got.Reason != reason {
		m.t.Errorf("it is %s %q, %+v; want %s %s %q", got.State, got.Reason, got.Presale, o, s, reason)
	}
	return got
}

func (m *presold) tick(at time.Time) {
	m.t.Helper()
	m.Clock.Set(at)
	_, err := m.Orders.Expire(ctx)
	m.Must(err)
}

// TestT1_3_TheTable walks the three rows of RULES 1.3 through the whole flow: what is paid when, and what a shopper has
// back and a shop gives when one of them does not keep their word. Freight of 6.00 is part of the balance.
func TestT1_3_TheTable(t *testing.T) {
	for _, c := range []struct {
		name                                                         string
		price, earnest, worth, balance, forfeit, back, sellerDefault int64
	}{
		{"a", 20000, 1000, 3000, 17000, 1000, 0, 2000},
		{"b", 30000, 5000, 10000, 20000, 5000, 0, 10000},
		{"c", 20000, 5000, 10000, 10000, 3000, 2000, 8000},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachPresale(t, c.price, c.earnest, c.worth, func(t *testing.T, m *presold) {
				kept, left, failed := m.order(), m.order(), m.order()
				for _, p := range []checkout.Placed{kept, left, failed} {
					if p.Earnest != c.earnest || p.Total != c.earnest+c.balance+tradetest.Freight {
						t.Fatalf("earnest %d of %d", p.Earnest, p.Total)
					}
					m.pays(p, red)
					m.stands(p, order.AwaitingPayment, order.EarnestPaid, "")
				}
				m.books("earnests paid", 0, 3*c.earnest, 0, 0, 0)
				m.Must(m.Orders.Default(ctx, order.Default{Order: failed.Order, Shop: m.shop}))
				m.stands(failed, order.Cancelled, order.Returned, "seller_default")
				m.books("seller default", 0, 2*c.earnest, c.earnest-c.sellerDefault, c.sellerDefault, 0)
				m.Clock.Set(m.item.Opens)
				m.pays(kept, blue)
				m.stands(kept, order.Paid, order.BalancePaid, "")
				m.tick(m.item.Due)
				m.stands(left, order.Cancelled, order.Forfeited, "forfeited")
				m.stands(kept, order.Paid, order.BalancePaid, "")
				m.books("all ended", kept.Total, 0, c.earnest-c.sellerDefault+c.forfeit, c.sellerDefault+c.back, 0)
				_, err := m.Pay.SendRefunds(ctx)
				m.Must(err)
				m.books("all sent", kept.Total, 0, c.earnest-c.sellerDefault+c.forfeit, 0, 0)
			})
		})
	}
}

// TestT1_1b_BalanceOpensAtItsInstant: a second before, the balance is refused, and the earnest is not asked again.
func TestT1_1b_BalanceOpensAtItsInstant(t *testing.T) {
	eachPresale(t, 20000, 1000, 3000, func(t *testing.T, m *presold) {
		p := m.order()
		m.pays(p, red)
		m.tick(m.item.Opens.Add(-time.Second))
		if _, err := m.begin(p, red); !fault.Is(err, "pay.balance_not_open") || fault.As(err).RetryAfter != time.Second {
			t.Fatalf("before it opens: %v", err)
		}
		m.tick(m.item.Opens)
		a, err := m.begin(p, red)
		if m.Must(err); a.Amount.Minor != p.Total-p.Earnest {
			t.Fatalf("the balance is %d of %d", a.Amount.Minor, p.Total)
		}
	})
}

// TestT1_1c_ForfeitedAtTheEndOfTheWindow: what is owed at 24:00 is forfeited then and not before, once however often
// the job runs, and another earnest of the same SKU is taken meanwhile.
func TestT1_1c_ForfeitedAtTheEndOfTheWindow(t *testing.T) {
	eachPresale(t, 20000, 1000, 3000, func(t *testing.T, m *presold) {
		p := m.order()
		m.pays(p, red)
		m.tick(m.item.Due.Add(-time.Microsecond))
		o := m.stands(p, order.AwaitingPayment, order.EarnestPaid, "")
		if o.Presale.Forfeits(m.Clock.Now()) || !o.Presale.Forfeits(m.item.Due) || !o.Presale.Open(m.Clock.Now()) {
			t.Error("where a presale stands is no function of time")
		}
		second := m.item
		second.Opens, second.Due = m.item.Due.Add(time.Hour), m.item.Due.Add(2*time.Hour)
		m.Checkout.PlugPresales(tradetest.Presales{second.ID: second})
		m.tick(m.item.Due)
		m.stands(p, order.Cancelled, order.Forfeited, "forfeited")
		m.tick(m.item.Due.Add(time.Second))
		if _, err := m.begin(p, red); !fault.Is(err, "pay.not_payable") {
			t.Errorf("paying what is forfeited: %v", err)
		}
		next := m.Preorder(m.who, m.home, second, 1)
		m.pays(next, blue)
		m.stands(next, order.AwaitingPayment, order.EarnestPaid, "")
		m.books("one forfeited, one open", 0, 1000, 1000, 0, 0)
	})
}

// TestM16_TenCountsForThirty: the earnest is a liability of its own, what it counts for above itself is a discount of
// the line, and nothing but a rule's state forfeits it.
func TestM16_TenCountsForThirty(t *testing.T) {
	eachPresale(t, 20000, 1000, 3000, func(t *testing.T, m *presold) {
		p := m.order()
		l := state(m.Market, p.Order).Lines()[0]
		all, err := order.DecodeDiscounts(l.Discounts)
		if m.Must(err); len(all) != 2 || all[0].Amount != 1000 || all[1].Amount != 2000 || all[1].Kind != "presale" ||
			l.Paid != 18000 || l.Funded != 0 {
			t.Errorf("the line says %+v of %+v", all, l)
		}
		m.pays(p, red)
		if err := m.Orders.Default(ctx, order.Default{Order: p.Order, Shop: "shp_other"}); !fault.Is(err, "order.not_found") {
			t.Errorf("another shop's word: %v", err)
		}
		m.books("the earnest", 0, 1000, 0, 0, 0)
		m.Must(m.Orders.Cancel(ctx, m.who, p.Order))
		m.stands(p, order.Cancelled, order.Forfeited, "forfeited")
		m.books("forfeited", 0, 0, 1000, 0, 0)
		if err := m.Orders.Default(ctx, order.Default{Order: p.Order, Operator: true}); !fault.Is(err, "order.state") {
			t.Errorf("a default of what is forfeited: %v", err)
		}
	})
}

// TestPresaleTakesEachPaymentOnce: second, late and foreign payments go back whole, and the order stays as it is.
func TestPresaleTakesEachPaymentOnce(t *testing.T) {
	eachPresale(t, 20000, 1000, 3000, func(t *testing.T, m *presold) {
		p, lapsed := m.order(), m.order()
		one, err := m.begin(p, red)
		m.Must(err)
		other, err := m.begin(p, blue)
		m.Must(err)
		late, err := m.begin(lapsed, red)
		m.Must(err)
		m.tell(red.Captured(one, m.Clock.Now()))
		if r := m.tell(blue.Captured(other, m.Clock.Now())); r.Effect != pay.Returned || r.Reason != "order.already_paid" {
			t.Errorf("the earnest paid twice: %+v", r)
		}
		m.tick(lapsed.ExpiresAt)
		m.stands(lapsed, order.Cancelled, order.Lapsed, "expired")
		if r := m.tell(red.Captured(late, m.Clock.Now())); r.Effect != pay.Returned || r.Reason != "order.presale_over" {
			t.Errorf("the earnest of a lapsed order: %+v", r)
		}
		m.Clock.Set(m.item.Opens)
		owed, err := m.begin(p, blue)
		m.Must(err)
		m.tick(m.item.Due) // a wallet may still tell of what was paid in time
		m.stands(p, order.AwaitingPayment, order.EarnestPaid, "")
		m.tick(m.item.Due.Add(2 * time.Minute))
		if r := m.tell(blue.Captured(owed, m.Clock.Now())); r.Effect != pay.Returned || r.Reason != "order.presale_over" {
			t.Errorf("the balance after its end: %+v", r)
		}
		m.stands(p, order.Cancelled, order.Forfeited, "forfeited")
		m.books("returned", 0, 0, 1000, 1000, 1000+owed.Amount.Minor)
	})
}

// TestPresaleRace: the balance against the deadline, and two runs of the job at once: one outcome, and the money
// follows.
func TestPresaleRace(t *testing.T) {
	eachPresale(t, 20000, 1000, 3000, func(t *testing.T, m *presold) {
		for range 5 {
			m.item = m.again()
			p := m.order()
			m.pays(p, red)
			m.Clock.Set(m.item.Opens)
			a, err := m.begin(p, blue)
			m.Must(err)
			paidAt := m.Clock.Now()
			m.Clock.Set(m.item.Due)
			before := m.holds(ledger.Earnest, ledger.Merchant(m.shop), ledger.Escrow)
			var wg sync.WaitGroup
			wg.Go(func() { m.tell(blue.Captured(a, paidAt)) })
			for range 2 {
				wg.Go(func() { _, err := m.Orders.Expire(ctx); m.Must(err) })
			}
			wg.Wait()
			after := m.holds(ledger.Earnest, ledger.Merchant(m.shop), ledger.Escrow)
			o := state(m.Market, p.Order)
			paid, lost := o.State == order.Paid, o.State == order.Cancelled
			if paid == lost || after[0] != before[0]-1000 || lost && (after[1] != before[1]+1000 || after[2] != before[2]) ||
				paid && (after[1] != before[1] || after[2] != before[2]+o.Total) {
				t.Fatalf("%s %+v: %v became %v", o.State, o.Presale, before, after)
			}
		}
	})
}

// again opens the presale anew, from now on.
func (m *presold) again() checkout.PresaleItem {
	i := m.item
	i.Opens, i.Due = m.Clock.Now().Add(time.Hour), m.Clock.Now().Add(2*time.Hour)
	m.Checkout.PlugPresales(tradetest.Presales{i.ID: i})
	return i
}

// TestT7_4_RefundOverBothPayments: after the balance a refund is of the whole, the balance's payment first, and a
// return without a reason forfeits nothing.
func TestT7_4_RefundOverBothPayments(t *testing.T) {
	eachPresale(t, 20000, 1000, 3000, func(t *testing.T, m *presold) {
		p := m.order()
		m.pays(p, red)
		m.Clock.Set(m.item.Opens)
		m.pays(p, blue)
		m.books("paid", p.Total, 0, 0, 0, 0)
		m.Must(m.DB.Write(ctx, func(tx *db.Tx) error {
			out, err := m.Orders.Refund(tx, order.Refund{Order: p.Order, Seq: 1,
				Cause: order.Cause{Actor: "shopper", Why: "refunded", At: m.Clock.Now()}})
			if err != nil {
				return err
			}
			_, err = m.Pay.Ask(tx, m.Clock.Now(), []pay.RefundAsk{{Order: string(p.Order), Case: "cas", Amount: out.Total,
				Currency: "CNY", Reason: "r"}})
			return err
		}))
		m.books("refunded", 0, 0, 0, 1000, p.Total-1000)
		m.stands(p, order.Cancelled, order.BalancePaid, "refunded")
	})
}

// TestPresaleIsOrderedAlone: nothing beside it, only with a word of consent, and never at its price without its name.
func TestPresaleIsOrderedAlone(t *testing.T) {
	eachPresale(t, 20000, 1000, 3000, func(t *testing.T, m *presold) {
		other := m.Sell(m.shop, "cup", 500, 10)
		line := checkout.BasketLine{Offer: m.item.Offer, Quantity: 2}
		b := checkout.Basket{Presale: m.item.ID, Address: m.home, Lang: text.Zh,
			Lines: []checkout.BasketLine{line, {Offer: string(other.ID), Quantity: 1}}}
		if _, err := m.Checkout.Quote(ctx, m.who, b); !fault.Is(err, "checkout.presale_alone") {
			t.Errorf("beside another: %v", err)
		}
		b.Lines = b.Lines[:1]
		q, err := m.Checkout.Quote(ctx, m.who, b)
		m.Must(err)
		if q.Order.Earnest != 2000 || q.Order.Presale.Forfeit != 2000 || q.Order.Goods != 36000 {
			t.Errorf("two pieces are %+v of %d", q.Order.Presale, q.Order.Goods)
		}
		place := checkout.Place{Token: q.Token, Shopper: m.who}
		if _, err := m.Checkout.Place(ctx, place); !fault.Is(err, "checkout.presale_agree") {
			t.Errorf("without consent: %v", err)
		}
		if q := m.Quote(m.who, m.home, line); q.Order.Earnest != 0 || q.Order.Presale != nil || q.Order.Goods != 42000 {
			t.Errorf("without its name it costs %d", q.Order.Goods)
		}
	})
}

// TestPresaleAtTheOrdinaryPrice: an earnest that counts for more is all that it takes off, and the sale's own pieces and
// limits hold all the same.
func TestPresaleAtTheOrdinaryPrice(t *testing.T) {
	eachPresale(t, 20000, 1000, 3000, func(t *testing.T, m *presold) {
		plain := m.Sell(m.shop, "cup", 20000, 30)
		m.item = m.Presell(plain, 20000, 1000, 3000)
		p := m.Preorder(m.who, m.home, m.item, 9)
		if p.Earnest != 9000 || p.Total != 9*18000+tradetest.Freight || m.Pool(plain.Pool).Held != 9 {
			t.Errorf("%+v, %d held", p, m.Pool(plain.Pool).Held)
		}
		_, err := m.Checkout.Quote(ctx, m.who, checkout.Basket{Presale: m.item.ID, Address: m.home, Lang: text.Zh,
			Lines: []checkout.BasketLine{{Offer: m.item.Offer, Quantity: 1}}})
		if !fault.Is(err, "promo.limit_reached") {
			t.Errorf("beyond the limit: %v", err)
		}
	})
}

// TestT1_3_DiscountsAreCountedAtTheBalance: what holds when the earnest is paid is nothing to the balance; thresholds are
// held against earnest and balance together, budgets and vouchers are taken with the first try to pay, come back when
// the order ends, and what the shop gets adds up (C9).
func TestT1_3_DiscountsAreCountedAtTheBalance(t *testing.T) {
	eachPresale(t, 20000, 1000, 3000, func(t *testing.T, m *presold) {
		p, lost := m.order(), m.order()
		m.pays(p, red)
		m.pays(lost, red)
		m.Deals.Held = map[string][]promo.Claimed{m.who: {{Promotion: "packet", Claim: "vch_1"}}}
		m.Publish(fmt.Sprintf(`{"id":"spend","kind":"spend","shop":%q,"tiers":[{"threshold":18000,"off":2000}]}`, m.shop),
			`{"id":"cross","kind":"crossshop","every":9000,"off":1000,"budget":2500,
				"funding":[{"party":"platform","ppm":500000},{"party":"merchant","ppm":500000}]}`,
			`{"id":"packet","kind":"redpacket","off":500,"claim":true,"funding":[{"party":"platform","ppm":1000000}]}`,
			fmt.Sprintf(`{"id":"spot","kind":"price","shop":%q,"unit_price":100}`, m.shop))
		m.Clock.Set(m.item.Opens)
		q, err := m.Checkout.Balance(ctx, m.who, p.Order, nil)
		if m.Must(err); q.Off != 2000+2000+500 || q.Balance.Minor != 17000-4500+tradetest.Freight {
			t.Errorf("the balance is %v, %d off: %+v", q.Balance, q.Off, q.Why.Refused)
		}
		a, err := m.begin(p, blue)
		if m.Must(err); a.Amount != q.Balance {
			t.Fatalf("asked %v after %v was shown", a.Amount, q.Balance)
		}
		if got := used(m, "bud:cross", "vch:vch_1"); got[0] != 2000 || got[1] != 1 {
			t.Errorf("uses are %v", got)
		}
		// Of the budget 5.00 are left and the packet is used: the second order has the shop's own offer alone.
		other, err := m.begin(lost, blue)
		if m.Must(err); other.Amount.Minor != 17000-2000+tradetest.Freight {
			t.Errorf("the second balance is %v", other.Amount)
		}
		m.tell(blue.Captured(a, m.Clock.Now()))
		o := m.stands(p, order.Paid, order.BalancePaid, "")
		if l := o.Lines()[0]; l.Paid != 13500 || l.Funded != 1500 || o.Total != 13500+tradetest.Freight {
			t.Errorf("%+v of %d", l, o.Total)
		}
		m.books("paid", o.Total, 1000, 0, 0, 0)
		m.tick(m.item.Due.Add(2 * time.Minute))
		m.stands(lost, order.Cancelled, order.Forfeited, "forfeited")
		m.Must(m.DB.Write(ctx, func(tx *db.Tx) error {
			_, err := m.Orders.Refund(tx, order.Refund{Order: p.Order, Seq: 1,
				Cause: order.Cause{Actor: "shopper", Why: "refunded", At: m.Clock.Now()}})
			return err
		}))
		if got := used(m, "bud:cross", "vch:vch_1"); got[0] != 0 || got[1] != 0 {
			t.Errorf("after the refund uses are %v", got)
		}
	})
}

// TestBalanceVouchersAreChosenByHand: of two packets the shopper sees both, leaves one for later, and pays what was shown
// with that choice; another sum is refused and fixes nothing, and a balance that somebody set about to pay stays.
func TestBalanceVouchersAreChosenByHand(t *testing.T) {
	eachPresale(t, 20000, 1000, 3000, func(t *testing.T, m *presold) {
		p := m.order()
		m.pays(p, red)
		m.Deals.Held = map[string][]promo.Claimed{m.who: {{Promotion: "packet", Claim: "vch_1"},
			{Promotion: "other", Claim: "vch_2"}, {Promotion: "far", Claim: "vch_3"}}}
		m.Publish(`{"id":"packet","kind":"redpacket","off":500,"claim":true}`,
			`{"id":"other","kind":"redpacket","off":300,"claim":true}`,
			`{"id":"far","kind":"redpacket","off":900,"threshold":99999,"claim":true}`)
		fix := func(claims []string, balance int64) error {
			return m.Orders.FixBalance(ctx, order.FixBalance{Order: p.Order, Shopper: m.who, Claims: claims, Balance: balance})
		}
		whole := int64(17000 + tradetest.Freight)
		if err := fix(nil, whole-800); !fault.Is(err, "order.state") {
			t.Errorf("before it opens: %v", err)
		}
		m.Clock.Set(m.item.Opens)
		for _, c := range []struct {
			claims []string
			off    int64
			want   string
		}{{nil, 800, "[{vch_1 packet true 500} {vch_2 other true 300}]"},
			{[]string{}, 0, "[{vch_1 packet false 500} {vch_2 other false 300}]"},
			{[]string{"vch_2", "vch_of_another"}, 300, "[{vch_1 packet false 500} {vch_2 other true 300}]"}} {
			q, err := m.Checkout.Balance(ctx, m.who, p.Order, c.claims)
			if m.Must(err); q.Off != c.off || q.Balance.Minor != whole-c.off || fmt.Sprint(q.Choices) != c.want || !q.Open {
				t.Errorf("with %q: %d off, %v of %v", c.claims, q.Off, q.Choices, q.Balance)
			}
		}
		if err := fix([]string{"vch_2"}, whole-800); !fault.Is(err, "order.balance_changed") {
			t.Errorf("another sum: %v", err)
		}
		other := order.FixBalance{Order: p.Order, Shopper: "shp_other", Balance: whole}
		if err := m.Orders.FixBalance(ctx, other); !fault.Is(err, "order.not_found") {
			t.Errorf("of another shopper: %v", err)
		}
		if got := used(m, "vch:vch_1", "vch:vch_2"); got[0]+got[1] != 0 {
			t.Errorf("a refusal took %v", got)
		}
		m.Must(fix([]string{"vch_2"}, whole-300))
		m.Must(fix(nil, whole-300)) // what was fixed is agreed to again
		if err := fix([]string{"vch_1"}, whole-500); !fault.Is(err, "order.balance_changed") {
			t.Errorf("once it is fixed: %v", err)
		}
		if got := used(m, "vch:vch_1", "vch:vch_2"); got[0] != 0 || got[1] != 1 {
			t.Errorf("used are %v", got)
		}
		a, err := m.begin(p, blue)
		if m.Must(err); a.Amount.Minor != whole-300 {
			t.Errorf("asked %v", a.Amount)
		}
		m.tell(blue.Captured(a, m.Clock.Now()))
		m.stands(p, order.Paid, order.BalancePaid, "")
		m.books("paid", p.Total-300, 0, 0, 0, 0)
	})
}

// used tells how much of quotas is taken.
func used(m *presold, names ...string) (all []int64) {
	m.Must(m.DB.Read(ctx, func(tx *db.Tx) error {
		counts, err := quota.Counts(tx, names)
		for _, n := range names {
			all = append(all, counts[n].Used)
		}
		return err
	}))
	return all
}

// TestPresaleReminds: once when the balance opens, once before it ends.
func TestPresaleReminds(t *testing.T) {
	eachPresale(t, 20000, 1000, 3000, func(t *testing.T, m *presold) {
		p := m.order()
		m.pays(p, red)
		for _, step := range []struct {
			at         time.Time
			want, told int64
		}{{m.item.Opens.Add(-time.Second), 0, 0}, {m.item.Opens, 1, 1}, {m.item.Opens.Add(time.Hour), 0, 1},
			{m.item.Due.Add(-6 * time.Hour), 1, 2}, {m.item.Due.Add(-time.Hour), 0, 2}} {
			m.Clock.Set(step.at)
			n, err := m.Orders.Remind(ctx, 6*time.Hour)
			m.Must(err)
			if o := state(m.Market, p.Order); int64(n) != step.want || o.Presale.Told != step.told {
				t.Errorf("at %s: %d told, mark %d; want %d, %d", step.at, n, o.Presale.Told, step.want, step.told)
			}
		}
	})
}
