package order_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/deal/promo"
	"hutong/deal/quota"
	"hutong/funds/ledger"
	"hutong/funds/pay"
	"hutong/goods/stock"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/tradetest"
)

// cross takes 50.00 off each 300.00, half of it paid by the market.
const cross = `{"id":"cross","kind":"crossshop","every":30000,"off":5000,"budget":100000,
	"funding":[{"party":"platform","ppm":500000},{"party":"merchant","ppm":500000}]}`

// merged is a market in which earnests are paid, their balances are open, and another shop sells something for 150.00.
type merged struct {
	*presold
	other string
	line  checkout.BasketLine
	owed  []checkout.Placed
}

// eachMerged makes so many presale orders of 200.00 whose earnest of 10.00 counts for 30.00: each has a base of 180.00.
func eachMerged(t *testing.T, balances int, test func(t *testing.T, m *merged)) {
	t.Helper()
	eachPresale(t, 20000, 1000, 3000, func(t *testing.T, m *presold) {
		b := &merged{presold: m, other: m.Shop("shop-b")}
		m.item = m.Presell(m.Sell(m.shop, "mug", 21000, 500), 20000, 1000, 3000)
		for range balances {
			b.owe()
		}
		b.line = checkout.BasketLine{Offer: string(m.Sell(b.other, "cup", 15000, 50).ID), Quantity: 1}
		m.Publish(cross)
		m.Clock.Set(m.item.Opens)
		test(t, b)
	})
}

func (m *merged) owe() {
	p := m.order()
	m.pays(p, red)
	m.owed = append(m.owed, p)
}

func (m *merged) basket(with ...checkout.Placed) checkout.Basket {
	b := checkout.Basket{Lines: []checkout.BasketLine{m.line}, Address: m.home, Lang: text.Zh}
	for _, p := range with {
		b.Balances = append(b.Balances, p.Order)
	}
	return b
}

func (m *merged) quote(with ...checkout.Placed) checkout.Quote {
	m.t.Helper()
	q, err := m.Checkout.Quote(ctx, m.who, m.basket(with...))
	if m.Must(err); q.Token == "" {
		m.t.Fatalf("no token: %+v", q.Problems)
	}
	return q
}

func (m *merged) place(with ...checkout.Placed) checkout.Placed {
	m.t.Helper()
	p, err := m.Checkout.Place(ctx, checkout.Place{Token: m.quote(with...).Token, Shopper: m.who})
	m.Must(err)
	return p
}

// open tells that balances are as they were agreed, and payable apart or together again.
func (m *merged) open(what string, balances ...checkout.Placed) {
	m.t.Helper()
	for _, p := range balances {
		o := m.stands(p, order.AwaitingPayment, order.EarnestPaid, "")
		if o.Bill != "" || !o.Presale.FixedAt.IsZero() || o.Total != 18000+tradetest.Freight || !o.ExpiresAt.Equal(o.Presale.Due) {
			m.t.Errorf("%s: %+v, %+v", what, o, o.Presale)
		}
	}
}

// sent is what is on its way back through both wallets for some orders.
func (m *merged) sent(all ...checkout.Placed) (sum int64, n int) {
	for _, p := range all {
		back, err := m.Pay.Refunds(ctx, string(p.Order))
		m.Must(err)
		for _, r := range back {
			sum, n = sum+r.Amount.Minor, n+1
		}
	}
	return sum, n
}

// TestT1_3_SpotAndBalanceReachTheThresholdTogether is the worked number of the bill: 150.00 of goods and a presale whose
// base is 180.00 reach 300.00 together. 50.00 is shared by the largest remainder over what each may give, which is 150.00 and
// 169.99, as the earnest of 10.00 and a minor unit stay: 23.44 and 26.56. One payment pays both; each order holds its own share; one of them is refunded by it, and what is settled adds up.
func TestT1_3_SpotAndBalanceReachTheThresholdTogether(t *testing.T) {
	eachMerged(t, 1, func(t *testing.T, m *merged) {
		owed := m.owed[0]
		alone, err := m.Checkout.Balance(ctx, m.who, owed.Order, nil)
		if m.Must(err); alone.Off != 0 || m.Quote(m.who, m.home, m.line).Order.Goods != 15000 {
			t.Fatalf("each alone reaches the threshold: %+v", alone)
		}
		q := m.quote(owed)
		const goods, ask = 15000 - 2344 + tradetest.Freight, 18000 - 2656 + tradetest.Freight - 1000
		if b := q.Balances[0]; b.Off != 2656 || b.Ask != ask || q.Order.Total != goods || q.Pay().Minor != goods+ask {
			t.Fatalf("%+v, %d together", b, q.Pay().Minor)
		}
		placed, err := m.Checkout.Place(ctx, checkout.Place{Token: q.Token, Shopper: m.who})
		if m.Must(err); placed.Together != goods+ask || placed.Total != goods {
			t.Fatalf("%+v", placed)
		}
		again, err := m.Checkout.Place(ctx, checkout.Place{Token: q.Token, Shopper: m.who})
		if m.Must(err); !again.Replayed || again.Together != placed.Together || again.ExpiresAt != placed.ExpiresAt {
			t.Errorf("placed twice: %+v, %+v", placed, again)
		}
		if got := used(m.presold, "bud:cross"); got[0] != 5000 {
			t.Errorf("of the budget %d are used", got[0])
		}
		// Whichever of the orders is named, it is one payment of both.
		a, err := m.begin(owed, blue)
		m.Must(err)
		same, err := m.begin(placed, blue)
		if m.Must(err); a.ID != same.ID || a.Amount.Minor != goods+ask || a.Order != string(placed.Order) {
			t.Fatalf("%+v, %+v", a, same)
		}
		if r := m.tell(blue.Captured(a, m.Clock.Now())); r.Effect != pay.Applied {
			t.Fatalf("%+v", r)
		}
		o := m.stands(owed, order.Paid, order.BalancePaid, "")
		lead := state(m.Market, placed.Order)
		if lead.State != order.Paid || !lead.PaidAt.Equal(o.PaidAt) || o.Bill != lead.ID || lead.Bill != lead.ID {
			t.Errorf("%+v", lead)
		}
		if r := m.tell(blue.Captured(a, m.Clock.Now())); r.Effect != pay.Duplicated {
			t.Errorf("told twice: %+v", r)
		}
		m.books("paid", goods+ask+1000, 0, 0, 0, 0)
		m.refund(placed) // by its own share, freight with it
		m.books("the goods refunded", ask+1000, 0, 0, 0, goods)
		if got := used(m.presold, "bud:cross"); got[0] != 2656 {
			t.Errorf("after a refund %d of the budget are used", got[0])
		}
		m.settle(owed, m.shop)
		if got := m.holds(ledger.Escrow, ledger.Earnest); got[0] != 0 || got[1] != 0 {
			t.Errorf("settled: %v are left", got)
		}
		// Half of what was taken off is the market's; the default fee is on what the shop gets for the goods.
		if got := m.holds("funder:platform"); got[0] != -1328 {
			t.Errorf("the market owes %d", got[0])
		}
	})
}

func (m *merged) refund(p checkout.Placed) {
	m.t.Helper()
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
}

func (m *merged) settle(p checkout.Placed, shop string) {
	m.t.Helper()
	m.Must(m.DB.Write(ctx, func(tx *db.Tx) error {
		return m.Orders.Shipped(tx, m.Clock.Now(), []order.Shipment{{Order: p.Order, Seq: 1, Shop: shop, Carrier: "cart",
			ConfirmBy: m.Clock.Now().Add(240 * time.Hour)}})
	}))
	m.Must(m.Orders.Receive(ctx, m.who, p.Order, 1))
}

// ending is a way in which a bill ends before it is paid.
type ending struct {
	name, why string
	end       func(m *merged, lead checkout.Placed)
	lost      order.PresaleState // of the first balance
	reason    string
}

// TestBillIsDissolved: whatever ends one of its orders before it is paid ends the bill. The balances are open again as
// they were, the ordinary order is cancelled and what it used is free; money that comes later goes back whole.
func TestBillIsDissolved(t *testing.T) {
	cases := []ending{
		{"the order is cancelled", "shopper", func(m *merged, lead checkout.Placed) {
			m.Must(m.Orders.Cancel(ctx, m.who, lead.Order))
		}, "", ""},
		{"nobody pays", "expired", func(m *merged, lead checkout.Placed) { m.tick(state(m.Market, lead.Order).ExpiresAt) }, "", ""},
		{"a balance is given up", "bill", func(m *merged, _ checkout.Placed) {
			m.Must(m.Orders.Cancel(ctx, m.who, m.owed[0].Order))
		}, order.Forfeited, "forfeited"},
		{"a shop does not deliver", "bill", func(m *merged, _ checkout.Placed) {
			m.Must(m.Orders.Default(ctx, order.Default{Order: m.owed[0].Order, Shop: m.shop}))
		}, order.Returned, "seller_default"},
	}
	eachMerged(t, 0, func(t *testing.T, m *merged) {
		for _, c := range cases {
			m.anew()
			m.dissolves(c)
		}
	})
}

func (m *merged) dissolves(c ending) {
	m.t.Helper()
	budget, blues := used(m.presold, "bud:cross")[0], m.holds(ledger.Refunding("blue"))[0]
	lead := m.place(m.owed...)
	a, err := m.begin(lead, blue)
	m.Must(err)
	c.end(m, lead)
	if o := state(m.Market, lead.Order); o.State != order.Cancelled || o.Reason != c.why {
		m.t.Errorf("%s: the order is %s %q", c.name, o.State, o.Reason)
	}
	if c.lost == "" {
		m.open(c.name, m.owed...)
	} else {
		m.stands(m.owed[0], order.Cancelled, c.lost, c.reason)
		m.open(c.name, m.owed[1])
	}
	if got := used(m.presold, "bud:cross"); got[0] != budget {
		m.t.Errorf("%s: of the budget %d are used, before it %d", c.name, got[0], budget)
	}
	_, before := m.sent(m.owed[0], m.owed[1])
	if r := m.tell(blue.Captured(a, m.Clock.Now())); r.Effect != pay.Returned || r.Reason != "order.bill_over" {
		m.t.Errorf("%s: late money: %+v", c.name, r)
	}
	sum, n := m.sent(lead, m.owed[0], m.owed[1])
	if n != before+3 || m.holds(ledger.Refunding("blue"))[0]-blues != a.Amount.Minor {
		m.t.Errorf("%s: %d in %d of %d go back", c.name, sum, n, a.Amount.Minor)
	}
	// The balance that is left is paid with other goods, or alone.
	again := m.place(m.owed[1])
	m.pays(again, blue)
	m.stands(m.owed[1], order.Paid, order.BalancePaid, "")
}

// TestBillAtTheEndOfTheWindow: the bill is paid until the first of its balances ends; what was paid in time and told a
// little later is taken, and what nobody pays forfeits the balance then and not before.
func TestBillAtTheEndOfTheWindow(t *testing.T) {
	eachMerged(t, 2, func(t *testing.T, m *merged) {
		m.Clock.Set(m.item.Due.Add(-time.Minute))
		lead, lost := m.place(m.owed[0]), m.place(m.owed[1])
		if !lead.ExpiresAt.Equal(m.item.Due) {
			t.Errorf("it is paid until %s, the balance until %s", lead.ExpiresAt, m.item.Due)
		}
		a, err := m.begin(lead, blue)
		m.Must(err)
		in := m.Clock.Now()
		m.tick(m.item.Due.Add(time.Minute))
		if _, err := m.begin(lead, red); !fault.Is(err, "pay.expired") {
			t.Errorf("begun after its end: %v", err)
		}
		if r := m.tell(blue.Captured(a, in)); r.Effect != pay.Applied {
			t.Errorf("paid in time, told later: %+v", r)
		}
		m.stands(m.owed[0], order.Paid, order.BalancePaid, "")
		m.tick(m.item.Due.Add(2 * time.Minute))
		m.tick(m.item.Due.Add(2 * time.Minute))
		m.stands(m.owed[1], order.Cancelled, order.Forfeited, "forfeited")
		if o := state(m.Market, lost.Order); o.State != order.Cancelled || o.Reason != "expired" {
			t.Errorf("the order is %s %q", o.State, o.Reason)
		}
	})
}

// TestBillRaces: two wallets at once, the deadline against a payment, and cancelling against it. All orders of the bill
// have one end, and each minor unit that came in is in escrow or on its way back.
func TestBillRaces(t *testing.T) {
	races := map[string]func(m *merged, lead checkout.Placed, pays []func()) []func(){
		"two wallets": func(_ *merged, _ checkout.Placed, pays []func()) []func() { return pays },
		"expiry": func(m *merged, lead checkout.Placed, pays []func()) []func() {
			m.Clock.Set(state(m.Market, lead.Order).ExpiresAt)
			run := func() { _, err := m.Orders.Expire(ctx); m.Must(err) }
			return []func(){run, pays[0], run}
		},
		"cancel": func(m *merged, lead checkout.Placed, pays []func()) []func() {
			return []func(){func() { _ = m.Orders.Cancel(ctx, m.who, lead.Order) }, pays[0]} // refused where it is too late
		},
		"giving up": func(m *merged, _ checkout.Placed, pays []func()) []func() {
			return []func(){func() { _ = m.Orders.Cancel(ctx, m.who, m.owed[0].Order) }, pays[0], pays[1]} // the same
		},
	}
	eachMerged(t, 0, func(t *testing.T, m *merged) {
		for name, race := range races {
			for range 3 {
				m.race(name, race)
			}
		}
	})
}

// anew opens two balances more.
func (m *merged) anew() {
	m.owed, m.item = nil, m.again()
	m.republish()
	m.owe()
	m.owe()
	m.Clock.Set(m.item.Opens)
}

func (m *merged) race(name string, race func(m *merged, lead checkout.Placed, pays []func()) []func()) {
	m.t.Helper()
	m.anew()
	lead := m.place(m.owed...)
	var pays []func()
	came := int64(0)
	for _, w := range []tradetest.Purse{red, blue} {
		a, err := m.begin(lead, w)
		m.Must(err)
		at := m.Clock.Now()
		pays = append(pays, func() { m.tell(w.Captured(a, at)) })
	}
	before := m.holds(ledger.Wallet("red"), ledger.Wallet("blue"), ledger.Escrow, ledger.Earnest, ledger.Merchant(m.shop),
		ledger.Refunding("red"), ledger.Refunding("blue"))
	var wg sync.WaitGroup
	for _, run := range race(m, lead, pays) {
		wg.Go(run)
	}
	wg.Wait()
	after := m.holds(ledger.Wallet("red"), ledger.Wallet("blue"), ledger.Escrow, ledger.Earnest, ledger.Merchant(m.shop),
		ledger.Refunding("red"), ledger.Refunding("blue"))
	for i := range 2 {
		came -= after[i] - before[i]
	}
	o := state(m.Market, lead.Order)
	kept := after[2] - before[2]
	paid := o.State == order.Paid
	for _, p := range m.owed {
		if with := state(m.Market, p.Order); (with.State == order.Paid) != paid || paid != !with.PaidAt.IsZero() {
			m.t.Errorf("%s: the order is %s, a balance of it %s", name, o.State, with.State)
		}
	}
	back := after[5] + after[6] - before[5] - before[6]
	want := int64(0)
	if paid {
		want = lead.Together + 2*1000
	}
	if kept != want || came < lead.Together && paid || came+before[3]-after[3] != kept+back+after[4]-before[4] {
		m.t.Errorf("%s: %s: %d came in, %d are kept, %d go back: %v became %v", name, o.State, came, kept, back, before, after)
	}
	if !paid {
		for _, p := range m.owed {
			if o := state(m.Market, p.Order); o.Bill != "" || o.Presale.State == order.EarnestPaid && !o.Presale.FixedAt.IsZero() {
				m.t.Errorf("%s: %+v is left of the bill", name, o)
			}
		}
	}
}

// republish publishes the presale anew beside what takes off across shops.
func (m *merged) republish() {
	item := m.item
	m.Publish(cross,
		fmt.Sprintf(`{"id":%q,"kind":"price","shop":%q,"unit_price":20000,"claim":true}`, item.Price, m.shop),
		fmt.Sprintf(`{"id":%q,"kind":"presale","shop":%q,"earnest":1000,"worth":3000,"claim":true}`, item.Cut, m.shop))
}

// TestBalanceIsInOneBill: of two carts that would pay one balance at once, one does; a balance that is paid alone, of
// another shopper, not open or named twice is in none; and what was quoted with promotions that end is asked anew.
func TestBalanceIsInOneBill(t *testing.T) {
	eachMerged(t, 2, func(t *testing.T, m *merged) {
		var wg sync.WaitGroup
		placed, refused := make([]error, 6), 0
		tokens := make([]string, len(placed))
		for i := range tokens { // all are quoted before the first is placed
			tokens[i] = m.quote(m.owed[0]).Token
		}
		for i, token := range tokens {
			wg.Go(func() { _, placed[i] = m.Checkout.Place(ctx, checkout.Place{Token: token, Shopper: m.who}) })
		}
		wg.Wait()
		for _, err := range placed {
			if fault.Is(err, "order.balance_changed") {
				refused++
			} else {
				m.Must(err)
			}
		}
		if refused != 5 || m.Pool(m.poolOf()).Held != 1 {
			t.Errorf("%d of 6 were refused, %d pieces are held", refused, m.Pool(m.poolOf()).Held)
		}
		late := m.quote(m.owed[1])
		if _, err := m.begin(m.owed[1], red); err != nil {
			t.Fatal(err)
		}
		if _, err := m.Checkout.Place(ctx, checkout.Place{Token: late.Token, Shopper: m.who}); !fault.Is(err, "order.balance_changed") {
			t.Errorf("a balance that is paid alone: %v", err)
		}
		terms, err := m.Checkout.Again(ctx, late.Token, m.who)
		if m.Must(err); terms.Now.Token == "" || len(terms.Now.Balances) != 0 || terms.Now.Order.Goods != 15000 {
			t.Errorf("what can be had now: %+v", terms.Now)
		}
		who, home := m.Shopper()
		q, err := m.Checkout.Quote(ctx, who, checkout.Basket{Lines: []checkout.BasketLine{m.line}, Address: home,
			Balances: []order.ID{m.owed[1].Order}})
		if m.Must(err); q.Token != "" || len(q.Problems) != 1 || !fault.Is(q.Problems[0].Err, "order.not_found") {
			t.Errorf("another's balance: %+v", q.Problems)
		}
		if _, err := m.Checkout.Quote(ctx, m.who, m.basket(m.owed[1], m.owed[1])); !fault.Is(err, "checkout.balances") {
			t.Errorf("a balance twice: %v", err)
		}
		m.owed = nil
	})
	eachMerged(t, 1, func(t *testing.T, m *merged) {
		q := m.quote(m.owed[0])
		m.Publish()
		if _, err := m.Checkout.Place(ctx, checkout.Place{Token: q.Token, Shopper: m.who}); !fault.Is(err, "checkout.deal_over") {
			t.Errorf("a promotion that ended: %v", err)
		}
		m.open("nothing was placed", m.owed...)
	})
}

func (m *merged) poolOf() (p stock.PoolID) {
	m.Must(m.DB.Read(ctx, func(tx *db.Tx) (err error) {
		id, _, err := db.Value[string](tx, `SELECT pool_id FROM offers WHERE id = $1`, m.line.Offer)
		p = stock.PoolID(id)
		return err
	}))
	return p
}

// TestBillKeepsWhatWasAgreed: a promotion of a piece's own price is for the goods alone, a balance keeps its earnest and
// a minor unit whatever is taken off, and a voucher that helped both orders is the shopper's again only with both.
func TestBillKeepsWhatWasAgreed(t *testing.T) {
	eachMerged(t, 1, func(t *testing.T, m *merged) {
		m.Deals.Held = map[string][]promo.Claimed{m.who: {{Promotion: "all", Claim: "vch_1"}}}
		m.Publish(`{"id":"cut","kind":"direct","off":1000}`,
			`{"id":"all","kind":"voucher","off":99999999,"claim":true,"funding":[{"party":"platform","ppm":1000000}]}`)
		q := m.quote(m.owed[0])
		l := q.Order.Lines()[0]
		all, err := order.DecodeDiscounts(l.Discounts)
		if m.Must(err); len(all) != 2 || all[0].Promotion != "cut" || l.Paid != 0 {
			t.Errorf("%+v is %d", all, l.Paid)
		}
		agreed, off, err := order.Agreed(mustDecode(m, q.Balances[0].Line.Discounts), 21000, 18000)
		if m.Must(err); len(agreed) != 2 || len(off) != 1 || off[0].Promotion != "all" || q.Balances[0].Line.Paid != 1001 ||
			q.Balances[0].Ask != 1+tradetest.Freight {
			t.Errorf("%+v, %+v, %+v", agreed, off, q.Balances[0])
		}
		lead := m.place(m.owed[0])
		m.pays(lead, blue)
		m.refund(lead)
		if got := used(m.presold, "vch:vch_1"); got[0] != 1 {
			t.Errorf("the voucher is free while a balance is cheaper by it")
		}
		m.refund(m.owed[0])
		if got := used(m.presold, "vch:vch_1"); got[0] != 0 {
			t.Errorf("the voucher is not free after all is refunded")
		}
		m.books("all refunded", 0, 0, 0, 1000, lead.Together)
	})
}

func mustDecode(m *merged, stored string) []order.Discount {
	all, err := order.DecodeDiscounts(stored)
	m.Must(err)
	return all
}

// TestR6_ABillsLimitStaysWithItsGoods: what the goods of a bill count towards a limit stays counted when a balance of the
// bill is refunded, and comes back with the goods.
func TestR6_ABillsLimitStaysWithItsGoods(t *testing.T) {
	eachMerged(t, 1, func(t *testing.T, m *merged) {
		cup := m.Sell(m.other, "bowl", 15000, 50)
		m.line = checkout.BasketLine{Offer: string(cup.ID), Quantity: 3}
		m.Publish(cross, fmt.Sprintf(`{"id":"few","kind":"price","skus":[%q],"unit_price":14000,"per_shopper":5}`, cup.SKU))
		placed := m.place(m.owed[0])
		a, err := m.begin(placed, blue)
		m.Must(err)
		if r := m.tell(blue.Captured(a, m.Clock.Now())); r.Effect != pay.Applied {
			t.Fatalf("%+v", r)
		}
		counted := func() int64 { return used(m.presold, quota.Limit("few", m.who))[0] }
		if counted() != 3 {
			t.Fatalf("%d pieces are counted", counted())
		}
		if m.refund(m.owed[0]); counted() != 3 {
			t.Errorf("with the balance alone refunded, %d of 3 pieces are counted", counted())
		}
		if m.refund(placed); counted() != 0 {
			t.Errorf("with all refunded, %d pieces are counted", counted())
		}
	})
}
