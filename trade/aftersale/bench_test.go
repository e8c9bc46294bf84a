package aftersale_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/money"
	"hutong/funds/ledger"
	"hutong/funds/pay"
	"hutong/funds/pay/paytest"
	"hutong/funds/settle"
	"hutong/goods/stock"
	"hutong/trade/aftersale"
	"hutong/trade/order"
	"hutong/trade/tradetest"
)

var ctx = context.Background()

func schemas() []db.Schema { return append(tradetest.Schemas(), aftersale.Schema) }

// bench is a market with a wallet that can be told what to do, and its after-sales.
type bench struct {
	*tradetest.Market
	t      testing.TB
	Wallet *paytest.Script
	Cases  *aftersale.Service
	keys   int
}

func newBench(t *testing.T, d *db.DB) *bench {
	b := &bench{t: t, Wallet: paytest.NewScript("alpha")}
	b.Market = tradetest.New(t, d, b.Wallet)
	b.Cases = aftersale.New(aftersale.Deps{DB: d, Clock: b.Clock, IDs: b.IDs, Orders: b.Orders, Pay: b.Pay,
		Stock: b.Stock, Hub: event.NewHub()}, aftersale.DefaultSettings())
	return b
}

func each(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	dbtest.Each(t, schemas(), func(t *testing.T, d *db.DB) { test(t, newBench(t, d)) })
}

// item is one line: so many pieces at a price, less a discount on the whole line.
type item struct{ pieces, price, discount int64 }

// discounts are what took the item's discount off: two thirds of it are the platform's, the rest is the shop's own.
func (it item) discounts() []order.Discount {
	if it.discount == 0 {
		return nil
	}
	own := it.discount / 3
	return []order.Discount{{Promotion: "prm_1", Version: 1, Kind: "spend", Amount: it.discount,
		Funding: []settle.Share{{Party: "platform", Amount: it.discount - own}, {Party: order.Merchant, Amount: own}}}}
}

// part is one shop's part of an order.
type part struct {
	freight int64
	items   []item
}

func pieces(n, price int64) part { return part{600, []item{{n, price, 0}}} }

// place writes an order as checkout would, with its stock held; each line has a pool of its own with ten pieces more.
func (b *bench) place(parts ...part) order.Order {
	b.t.Helper()
	id := order.ID(b.IDs.New("ord"))
	now := b.Clock.Now()
	o := order.Order{ID: id, Shopper: b.IDs.New("shr"), Currency: "CNY", Address: "adr_1", RequestHash: "h",
		Lang: "zh-CN", PlacedAt: now, ExpiresAt: now.Add(15 * time.Minute)}
	var receipts []stock.Receipt
	for i, p := range parts {
		sub := order.Sub{Order: id, Seq: int64(i + 1), Shop: b.IDs.New("shp"), State: order.SubOpen, Freight: p.freight,
			Carrier: "cart"}
		for _, it := range p.items {
			receipts = append(receipts, stock.Receipt{Shop: sub.Shop, SKU: b.IDs.New("sku"), Quantity: it.pieces + 10})
			l := order.Line{Order: id, No: int64(len(receipts)), Seq: sub.Seq, Shop: sub.Shop, Quantity: it.pieces,
				UnitPrice: it.price, PriceVersion: 1, Paid: it.pieces * it.price, FeePPM: 6_000, FeeRule: "fee_default"}
			b.Must(l.Take(it.discounts()))
			sub.Goods += l.Paid
			sub.Lines = append(sub.Lines, l)
		}
		o.Goods += sub.Goods
		o.Freight += sub.Freight
		o.Subs = append(o.Subs, sub)
	}
	o.Total = o.Goods + o.Freight
	b.Must(b.DB.Write(ctx, func(tx *db.Tx) error { return b.write(tx, o, receipts) }))
	for _, sub := range o.Subs {
		b.returns(sub.Shop, b.Clock.Now())
	}
	return o
}

// returns says where a shop wants goods back; the zero time, that it has not said so.
func (b *bench) returns(shop string, since time.Time) {
	b.t.Helper()
	b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(`DELETE FROM shop_returns WHERE shop_id = $1`, shop); err != nil || since.IsZero() {
			return err
		}
		_, err := tx.Exec(`INSERT INTO shop_returns (shop_id, country, division, region_text, recipient, phone, street,
			postcode, since_us, changed_us) VALUES ($1, 'CN', '330106', '', 'Li', '+8613800138000', 'Gate 3', '', $2, $2)`,
			shop, clock.Micros(since))
		return err
	}))
}

func (b *bench) write(tx *db.Tx, o order.Order, receipts []stock.Receipt) error {
	pools, err := b.Stock.Receive(tx, o.PlacedAt, receipts)
	if err != nil {
		return err
	}
	var wants []stock.Want
	for i := range o.Subs {
		for j := range o.Subs[i].Lines {
			l := &o.Subs[i].Lines[j]
			pool := pools[l.No-1]
			l.Pool = string(pool)
			wants = append(wants, stock.Want{Pool: pool, Quantity: l.Quantity})
		}
	}
	book, err := stock.LoadBook(tx, pools)
	if err != nil {
		return err
	}
	if err := book.Hold(wants); err != nil {
		return err
	}
	if err := book.Save(tx); err != nil {
		return err
	}
	return b.Orders.Open(tx, []*order.Sheet{order.NewSheet(o, o.PlacedAt, o.ExpiresAt)})
}

// buy places an order and pays it.
func (b *bench) buy(parts ...part) order.Order {
	b.t.Helper()
	o := b.place(parts...)
	a := b.pay(o)
	if got := b.read(o.ID); got.State != order.Paid {
		b.t.Fatalf("the order is %s after %+v", got.State, a)
	}
	return o
}

func (b *bench) pay(o order.Order) pay.Attempt {
	b.t.Helper()
	a, _, err := b.Pay.Begin(ctx, pay.Begin{Order: string(o.ID), Shopper: o.Shopper, Wallet: "alpha"})
	b.Must(err)
	_, err = b.Pay.ApplyFacts(ctx, []pay.Fact{b.Wallet.Capture(a, "in-"+string(a.ID))})
	b.Must(err)
	return a
}

func (b *bench) read(id order.ID) order.Order {
	b.t.Helper()
	o, err := b.Orders.Any(ctx, id)
	b.Must(err)
	return o
}

func (b *bench) sub(o order.Order, seq int64) order.Sub { return b.read(o.ID).Subs[seq-1] }

// send ships one part, or tells why it cannot be.
func (b *bench) send(o order.Order, seq int64) error {
	now := b.Clock.Now()
	return b.DB.Write(ctx, func(tx *db.Tx) error {
		return b.Orders.Shipped(tx, now, []order.Shipment{{Order: o.ID, Seq: seq, Shop: o.Subs[seq-1].Shop,
			Carrier: "cart", ConfirmBy: now.AddDate(0, 0, 10)}})
	})
}

func (b *bench) deliver(o order.Order, seq int64) error {
	return b.DB.Write(ctx, func(tx *db.Tx) error {
		return b.Orders.Delivered(tx, b.Clock.Now(), []order.SubKey{{Order: o.ID, Seq: seq}})
	})
}

func (b *bench) receive(o order.Order, seq int64) error {
	return b.Orders.Receive(ctx, o.Shopper, o.ID, seq)
}

// key is one that nobody used.
func (b *bench) key() string { b.keys++; return fmt.Sprint("key-", b.keys) }

// open asks for pieces back, as the shopper.
func (b *bench) open(o order.Order, seq int64, lines ...order.Units) (aftersale.Case, error) {
	return b.Cases.Open(ctx, aftersale.Open{Shopper: o.Shopper, Order: o.ID, Seq: seq, Lines: lines,
		Reason: aftersale.Damaged, Note: "it rattles", Key: b.key()})
}

// opened is open that must succeed.
func (b *bench) opened(o order.Order, seq int64, lines ...order.Units) aftersale.Case {
	b.t.Helper()
	c, err := b.open(o, seq, lines...)
	b.Must(err)
	return c
}

// sendRefunds brings all refunds to the wallet.
func (b *bench) sendRefunds() {
	b.t.Helper()
	for {
		n, err := b.Pay.SendRefunds(ctx)
		b.Must(err)
		if n == 0 {
			return
		}
	}
}

// escrow is what the books hold for an order, and what they gave to merchants, operator and carriers for it.
func (b *bench) escrow(o order.ID) (escrow, merchant, fees, carriers int64) {
	b.t.Helper()
	b.Must(b.DB.Read(ctx, func(tx *db.Tx) error {
		all, err := ledger.ByOrder(tx, string(o))
		sums := map[string]int64{}
		for _, v := range all {
			sums[v.Debit.Class()] -= v.Amount
			sums[v.Credit.Class()] += v.Amount
		}
		escrow, merchant, fees, carriers = sums["escrow"], sums["merchant"], sums["platform"], sums["carrier"]
		return err
	}))
	return escrow, merchant, fees, carriers
}

type failer interface{ Fatalf(string, ...any) }

// check compares an order with its cases, refunds, stock and books (I-M7, I-M9, I-M11, I-K1, I-K3).
func (b *bench) check(t failer, id order.ID) {
	b.t.Helper()
	o := b.read(id)
	cases, err := b.Cases.ByOrder(ctx, aftersale.Party{Operator: true}, id)
	b.Must(err)
	refunds, err := b.Pay.Refunds(ctx, string(id))
	b.Must(err)
	attempts, err := b.Pay.Attempts(ctx, string(id))
	b.Must(err)
	units, amounts, asked, freight := map[int64]int64{}, map[int64]int64{}, int64(0), map[int64]int64{}
	for _, c := range cases {
		if c.State != aftersale.Refunded {
			continue
		}
		sum := c.Freight
		for _, l := range c.Lines {
			units[l.Line] += l.Units
			amounts[l.Line] += l.Amount
			sum += l.Amount
		}
		freight[c.Seq] += c.Freight
		if asked += sum; sum != c.Amount {
			t.Fatalf("case %s is of %d, its parts of %d", c.ID, c.Amount, sum)
		}
	}
	back := int64(0)
	for _, r := range refunds {
		back += r.Amount.Minor
	}
	if a := attempts[0]; back != asked || a.Refunded != asked || asked > a.Captured || a.Captured != o.Total {
		t.Fatalf("cases give %d back, refunds are of %d, the attempt captured %d and gave %d", asked, back, a.Captured,
			a.Refunded)
	}
	b.checkParts(t, o, units, amounts, freight)
}

func (b *bench) checkParts(t failer, o order.Order, units, amounts, freight map[int64]int64) {
	b.t.Helper()
	var held, net, fees, carried int64
	for _, sub := range o.Subs {
		if freight[sub.Seq] != sub.FreightRefunded || sub.FreightRefunded > 0 && sub.State != order.SubCancelled {
			t.Fatalf("part %d: %s, freight %d given back, cases say %d", sub.Seq, sub.State, sub.FreightRefunded,
				freight[sub.Seq])
		}
		kept := sub.Freight - sub.FreightRefunded
		for _, l := range sub.Lines {
			if l.RefundedQuantity != units[l.No] || l.Refunded != amounts[l.No] || l.RefundedQuantity > l.Quantity {
				t.Fatalf("line %d: %d pieces and %d given back, cases say %d and %d", l.No, l.RefundedQuantity, l.Refunded,
					units[l.No], amounts[l.No])
			}
			if want := l.Paid * l.RefundedQuantity / l.Quantity; l.Refunded != want {
				t.Fatalf("line %d: %d of %d pieces of %d give %d, want %d", l.No, l.RefundedQuantity, l.Quantity, l.Paid,
					l.Refunded, want)
			}
			kept += l.Paid - l.Refunded
			funded := l.Discount - l.Discount/3
			fundedLeft := funded - funded*l.RefundedQuantity/l.Quantity
			if l.Funded != funded || l.FundedBack != funded-fundedLeft {
				t.Fatalf("line %d: others pay %d and got %d back, want %d and %d", l.No, l.Funded, l.FundedBack, funded,
					funded-fundedLeft)
			}
			if sub.State == order.SubCompleted {
				fee, err := money.Fee(l.Paid-l.Refunded+fundedLeft, l.FeePPM)
				b.Must(err)
				fees += fee
				net += l.Paid - l.Refunded + fundedLeft - fee
			}
			b.checkPool(t, sub, l)
		}
		switch sub.State {
		case order.SubCompleted:
			carried += sub.Freight
		case order.SubCancelled:
			if kept != 0 {
				t.Fatalf("part %d was cancelled with %d kept", sub.Seq, kept)
			}
		default:
			held += kept
		}
	}
	if e, m, f, c := b.escrow(o.ID); e != held || m != net || f != fees || c != carried {
		t.Fatalf("books: escrow %d merchant %d fees %d carrier %d; the order: %d %d %d %d", e, m, f, c, held, net, fees,
			carried)
	}
}

// checkPool compares a line's pool, which is its own, with what happened to the line.
func (b *bench) checkPool(t failer, sub order.Sub, l order.Line) {
	b.t.Helper()
	p := b.Pool(stock.PoolID(l.Pool))
	want := stock.Pool{Received: l.Quantity + 10}
	switch sub.State {
	case order.SubOpen, order.SubCancelled:
		want.Sold = l.Left()
	default:
		want.Shipped, want.Returned = l.Sent(), l.Returned
	}
	if p.Held != 0 || p.Sold != want.Sold || p.Shipped != want.Shipped || p.Returned != want.Returned ||
		p.Received != want.Received || p.WrittenOff > p.Returned || l.Released+l.Returned > l.RefundedQuantity {
		t.Fatalf("line %d (%s, %d of %d given back): pool %+v, line %+v", l.No, sub.State, l.RefundedQuantity,
			l.Quantity, p, l)
	}
}
