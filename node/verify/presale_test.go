package verify

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/text"
	"hutong/funds/pay"
	"hutong/trade/aftersale"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/tradetest"
)

// presold is a market whose rooms sell one presale, so that what is audited was written by who writes it in life.
type presold struct {
	*tradetest.Market
	t         testing.TB
	shop      string
	who, home string
	item      checkout.PresaleItem
	goods     string // an offer that is sold as any other
	placed    []checkout.Placed
	txn       int
	cases     *aftersale.Service
}

var purses = []tradetest.Purse{"redbean", "bluejay"}

func newPresold(t testing.TB, d *db.DB) *presold {
	m := &presold{Market: tradetest.New(t, d, purses[0], purses[1]), t: t}
	m.shop = m.Shop("presale")
	m.cases = aftersale.New(aftersale.Deps{DB: d, Clock: m.Clock, IDs: m.IDs, Orders: m.Orders, Pay: m.Pay,
		Stock: m.Stock, Hub: event.NewHub()}, aftersale.DefaultSettings())
	// 50.00 count for 100.00 of 200.00: of what remains a fifth is 30.00, and 20.00 more is no earnest.
	m.item = m.Presell(m.Sell(m.shop, "phone", 21000, 9000), 20000, 5000, 10000,
		`{"id":"cross","kind":"crossshop","every":7000,"off":1001,"funding":[{"party":"platform","ppm":500000},
			{"party":"merchant","ppm":500000}]}`)
	m.goods = string(m.Sell(m.shop, "cup", 5000, 9000).ID)
	m.who, m.home = m.Shopper()
	return m
}

func (m *presold) order() checkout.Placed {
	p := m.Preorder(m.who, m.home, m.item, 1)
	m.placed = append(m.placed, p)
	return p
}

// pays pays what is due of an order now, if anything is.
func (m *presold) pays(p checkout.Placed, w tradetest.Purse) {
	a, _, err := m.Pay.Begin(context.Background(), pay.Begin{Order: string(p.Order), Shopper: m.who, Wallet: string(w)})
	if err == nil {
		_, err = m.Pay.ApplyFacts(context.Background(), []pay.Fact{w.Captured(a, m.Clock.Now())})
		m.Must(err)
	}
}

func (m *presold) tick(at time.Time) {
	m.Clock.Set(at)
	_, err := m.Orders.Expire(context.Background())
	m.Must(err)
	_, err = m.Pay.SendRefunds(context.Background())
	m.Must(err)
}

// told does what the market's other jobs do with events: the lists are written, and nothing waits.
func (m *presold) told() {
	m.Must(m.DB.Write(context.Background(), func(tx *db.Tx) error {
		for _, q := range []string{`INSERT INTO shopper_orders (shopper_id, order_id) SELECT shopper_id, id FROM orders
			WHERE rules > 0 AND rules < 1000 ON CONFLICT (shopper_id, order_id) DO NOTHING`, `DELETE FROM outbox`,
			`INSERT INTO rule_sets (version, hash, body, at_us) SELECT DISTINCT rules, CAST(rules AS TEXT), '[]', 1
				FROM orders WHERE rules > 0 ON CONFLICT DO NOTHING`} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	}))
}

// every makes an order of each end that a presale has, and one of each way there.
func (m *presold) every() {
	var all []checkout.Placed
	for i := range 9 {
		all = append(all, m.order())
		if i > 0 {
			m.pays(all[i], purses[0])
		}
	}
	m.Must(m.Orders.Default(context.Background(), order.Default{Order: all[1].Order, Shop: m.shop}))
	m.Must(m.Orders.Cancel(context.Background(), m.who, all[2].Order))
	m.takes()
	m.tick(m.Clock.Now().Add(time.Hour)) // the first lapses
	m.Clock.Set(m.item.Opens)
	m.pays(all[3], purses[1])
	m.pays(all[4], purses[0])
	m.refund(all[4])
	m.bills(all[6], all[7], all[8])
}

// takes has wallets take earnests back: the operator ends one, the money of one is there again, and one waits.
func (m *presold) takes() {
	who, home := m.who, m.home
	m.who, m.home = m.Shopper()
	all := []checkout.Placed{m.order(), m.order(), m.order()}
	for _, p := range all {
		m.pays(p, purses[0])
		m.taken(p, 1000)
	}
	m.Must(m.cases.EndTaken(context.Background(), all[0].Order))
	m.Must(m.Orders.GoOn(context.Background(), all[1].Order))
	m.who, m.home = who, home
}

// bills pays one balance with goods, leaves another so, and pays a third too late, when its goods were given up.
func (m *presold) bills(paid, waits, late checkout.Placed) {
	lead := m.bill(paid)
	m.pays(lead, purses[0])
	m.deliver(lead)
	m.refund(paid)
	m.bill(waits)
	gone := m.bill(late)
	a, _, err := m.Pay.Begin(context.Background(), pay.Begin{Order: string(late.Order), Shopper: m.who,
		Wallet: string(purses[1])})
	m.Must(err)
	m.Must(m.Orders.Cancel(context.Background(), m.who, gone.Order))
	_, err = m.Pay.ApplyFacts(context.Background(), []pay.Fact{purses[1].Captured(a, m.Clock.Now())})
	m.Must(err)
}

// TestI_C7_OddMoneyOfABillIsExplained: the auditor finds nothing after money for a bill came or went by odd ways, an
// earnest was paid twice by one attempt, and a wallet that names no account paid it, but one that does the balance.
func TestI_C7_OddMoneyOfABillIsExplained(t *testing.T) {
	dbtest.Each(t, schemas(), func(t *testing.T, d *db.DB) {
		m := newPresold(t, d)
		all := []checkout.Placed{m.order(), m.order()}
		for _, p := range all {
			m.pays(p, purses[1])
			attempts, err := m.Pay.Attempts(context.Background(), string(p.Order))
			m.Must(err)
			again := purses[1].Captured(attempts[0], m.Clock.Now())
			again.Txn = "again-" + again.Txn
			_, err = m.Pay.ApplyFacts(context.Background(), []pay.Fact{again})
			m.Must(err)
		}
		m.Clock.Set(m.item.Opens)
		m.odd(all[0], all[1])
		m.holds()
	})
}

// odd pays a bill by money that named no attempt, which the operator matched, and has a wallet take another's back.
func (m *presold) odd(matched, charged checkout.Placed) {
	ctx := context.Background()
	tell := func(f pay.Fact) {
		_, err := m.Pay.ApplyFacts(ctx, []pay.Fact{f})
		m.Must(err)
	}
	begin := func(p checkout.Placed) pay.Attempt {
		a, _, err := m.Pay.Begin(ctx, pay.Begin{Order: string(m.bill(p).Order), Shopper: m.who, Wallet: string(purses[0])})
		m.Must(err)
		return a
	}
	a := begin(matched)
	f := purses[0].Captured(a, m.Clock.Now())
	f.Attempt = "att_nobody"
	tell(f)
	got, err := m.Pay.MatchSuspense(ctx, f.Key(), a.ID)
	if m.Must(err); got.Effect != pay.Applied {
		m.t.Errorf("matched with a bill: %+v", got)
	}
	a = begin(charged)
	f = purses[0].Captured(a, m.Clock.Now())
	f.Payer = "wallet-1"
	tell(f)
	f = purses[0].Captured(a, m.Clock.Now())
	f.Kind, f.Txn = pay.KindRefund, "taken-back"
	tell(f)
	for _, p := range []checkout.Placed{{Order: order.ID(a.Order)}, charged} { // the one payment meets the parts' refunds
		m.holds()
		m.Must(m.cases.EndTaken(ctx, p.Order))
	}
	back, err := m.Pay.Refunds(ctx, a.Order)
	if m.Must(err); len(back) != 1 || back[0].State != pay.RefundTaken {
		m.t.Errorf("given back of the goods: %+v", back)
	}
}

// taken has the wallet take back money of an order's newest payment, so many thousandths of it.
func (m *presold) taken(p checkout.Placed, thousandths int64) {
	attempts, err := m.Pay.Attempts(context.Background(), string(p.Order))
	m.Must(err)
	for _, a := range attempts {
		if a.Captured == 0 {
			continue
		}
		m.txn++
		f := purses[0].Captured(a, m.Clock.Now())
		f.Provider, f.Account = a.Wallet, a.Account
		f.Kind, f.Txn, f.Refund, f.Amount = pay.KindRefund, fmt.Sprint("taken-", m.txn), "", a.Asked()
		f.Amount.Minor = max(1, f.Amount.Minor*thousandths/1000)
		if a.Bill != "" {
			f.Attempt = a.Bill
		}
		_, err := m.Pay.ApplyFacts(context.Background(), []pay.Fact{f})
		m.Must(err)
		return
	}
}

// bill places goods with the balance of an order, and begins to pay both; the zero order where it cannot be paid so.
func (m *presold) bill(p checkout.Placed) checkout.Placed {
	q, err := m.Checkout.Quote(context.Background(), m.who, checkout.Basket{Address: m.home, Lang: text.Zh,
		Lines: []checkout.BasketLine{{Offer: m.goods, Quantity: 1}}, Balances: []order.ID{p.Order}})
	if m.Must(err); q.Token == "" {
		return checkout.Placed{}
	}
	lead, err := m.Checkout.Place(context.Background(), checkout.Place{Token: q.Token, Shopper: m.who})
	m.Must(err)
	_, _, err = m.Pay.Begin(context.Background(), pay.Begin{Order: string(lead.Order), Shopper: m.who,
		Wallet: string(purses[0])})
	m.Must(err)
	return lead
}

func (m *presold) refund(p checkout.Placed) {
	m.txn++
	_, err := m.cases.Refund(context.Background(), aftersale.Refund{By: aftersale.Party{Operator: true}, Order: p.Order,
		Seq: 1, Reason: aftersale.Unwanted, Key: fmt.Sprint("c", m.txn)})
	m.Must(err)
}

// TestI_C7_EveryEndOfAPresaleIsExplained: the auditor finds nothing after each end, on both engines.
func TestI_C7_EveryEndOfAPresaleIsExplained(t *testing.T) {
	dbtest.Each(t, schemas(), func(t *testing.T, d *db.DB) {
		m := newPresold(t, d)
		m.every()
		m.holds()
		m.tick(m.item.Due)
		m.holds()
	})
}

func (m *presold) holds() {
	m.t.Helper()
	m.told()
	r, err := Run(context.Background(), m.DB, Options{})
	if m.Must(err); !r.OK {
		m.t.Fatalf("%+v", broken(r.Checks))
	}
}

// TestI_C7_RandomHistories keeps the identities of C9 and I-C7 over random histories of presales.
func TestI_C7_RandomHistories(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, schemas()...)
	m := newPresold(t, d)
	histories := 0
	rapid.Check(t, func(r *rapid.T) {
		m.item.Opens, m.item.Due = m.Clock.Now().Add(30*time.Minute), m.Clock.Now().Add(2*time.Hour)
		m.Checkout.PlugPresales(tradetest.Presales{m.item.ID: m.item})
		m.placed = nil
		m.who, m.home = m.Shopper()
		for range rapid.IntRange(3, 12).Draw(r, "steps") {
			m.step(r)
		}
		if histories++; histories%10 == 0 { // an audit is of all that came before
			m.holds()
		}
	})
	m.holds()
}

// deliver sends and completes an order, if it is paid: its money is settled.
func (m *presold) deliver(p checkout.Placed) {
	err := m.DB.Write(context.Background(), func(tx *db.Tx) error {
		err := m.Orders.Shipped(tx, m.Clock.Now(), []order.Shipment{{Order: p.Order, Seq: 1, Shop: m.shop, Carrier: "cart",
			ConfirmBy: m.Clock.Now().Add(240 * time.Hour)}})
		if err != nil {
			return err
		}
		return tx.Insert("shipments", []string{"order_id", "seq", "id", "shop_id", "shopper_id", "carrier", "tracking_no", "point",
			"pickup_code", "state", "booked_us", "delivered_us", "changed_us", "next_poll_us"}, [][]any{{string(p.Order), 1,
			"shm_" + string(p.Order), m.shop, m.who, "cart", string(p.Order), "", "", "booked", 1, 0, 1, 0}})
	})
	if err == nil {
		m.Must(m.Orders.Receive(context.Background(), m.who, p.Order, 1))
	}
}

func (m *presold) step(r *rapid.T) {
	if len(m.placed) == 0 || len(m.placed) < 4 && m.Clock.Now().Before(m.item.Opens) && rapid.Bool().Draw(r, "another") {
		if m.Clock.Now().Before(m.item.Opens) {
			m.order()
			return
		}
		m.tick(m.Clock.Now().Add(time.Minute))
		return
	}
	p := rapid.SampledFrom(m.placed).Draw(r, "order")
	switch rapid.IntRange(0, 14).Draw(r, "what") {
	case 0, 1, 2:
		m.pays(p, rapid.SampledFrom(purses).Draw(r, "wallet"))
	case 3:
		_ = m.Orders.Cancel(context.Background(), m.who, p.Order) // refused where it is too late
	case 4:
		_ = m.Orders.Default(context.Background(), order.Default{Order: p.Order, Operator: true}) // the same
	case 6:
		m.deliver(p)
	case 7:
		if lead := m.bill(p); lead.Order != "" {
			m.placed = append(m.placed, lead)
		}
	case 10:
		m.taken(p, rapid.SampledFrom([]int64{1, 300, 1000, 1000, 1500}).Draw(r, "of a thousand"))
	case 11:
		_ = m.cases.EndTaken(context.Background(), p.Order) // refused where nothing was taken, or nothing waits
	case 12:
		_ = m.Orders.GoOn(context.Background(), p.Order)
	case 5:
		if o, err := m.Orders.Any(context.Background(), p.Order); err == nil && o.State == order.Paid {
			m.refund(p)
		}
	default:
		m.tick(m.Clock.Now().Add(time.Duration(rapid.IntRange(1, 70).Draw(r, "minutes")) * time.Minute))
	}
}
