package group_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/text"
	"hutong/funds/pay"
	"hutong/funds/pay/paytest"
	"hutong/goods/offer"
	"hutong/trade/aftersale"
	"hutong/trade/checkout"
	"hutong/trade/group"
	"hutong/trade/order"
	"hutong/trade/tradetest"
)

var ctx = context.Background()

func schemas() []db.Schema { return append(tradetest.Schemas(), aftersale.Schema, group.Schema) }

// bench is a market with a wallet, after-sales and groups, whose jobs run when they are told to.
type bench struct {
	*tradetest.Market
	t      testing.TB
	Wallet *paytest.Script
	Cases  *aftersale.Service
	Groups *group.Service
	Bus    *event.Bus
}

func newBench(t testing.TB, d *db.DB) *bench {
	b := &bench{t: t, Wallet: paytest.NewScript("alpha")}
	b.Market = tradetest.New(t, d, b.Wallet)
	hub := event.NewHub()
	b.Cases = aftersale.New(aftersale.Deps{DB: d, Clock: b.Clock, IDs: b.IDs, Orders: b.Orders, Pay: b.Pay,
		Stock: b.Stock, Hub: hub}, aftersale.DefaultSettings())
	b.Groups = group.New(group.Deps{DB: d, Clock: b.Clock, IDs: b.IDs, Rand: rand.Reader, Orders: b.Orders,
		Cases: b.Cases, Pay: b.Pay, Hub: hub, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}, group.DefaultSettings())
	b.Checkout.PlugGroups(b.Groups)
	b.Bus = b.bus()
	return b
}

// bus is a dispatcher of its own, as another node has.
func (b *bench) bus() *event.Bus {
	bus := event.NewBus(b.DB, b.Clock, slog.New(slog.NewTextHandler(b.t.Output(), nil)))
	b.Groups.Listen(bus)
	return bus
}

func each(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	dbtest.Each(t, schemas(), func(t *testing.T, d *db.DB) { test(t, newBench(t, d)) })
}

// goods are so many pieces at 50.00 solo.
func (b *bench) goods(pieces int64) offer.Offer {
	b.t.Helper()
	return b.Sell(b.Shop("shop-"+b.IDs.Body()[16:]), "tea", 5000, pieces)
}

// open sells goods to groups and puts their price into the rules.
func (b *bench) open(o offer.Offer, cmd group.SetUp) group.Offer {
	b.t.Helper()
	cmd.Shop, cmd.Goods = o.Shop, string(o.ID)
	g, err := b.Groups.SetUp(ctx, cmd)
	b.Must(err)
	all, err := b.Groups.Promotions(ctx)
	b.Must(err)
	b.Hold(all)
	return g
}

// trio is an offer of 29.90 to groups of three.
func (b *bench) trio(pieces int64) group.Offer {
	b.t.Helper()
	return b.open(b.goods(pieces), group.SetUp{Steps: []group.Step{{Size: 3, Price: 2990}}})
}

// buyer is a shopper with an address.
type buyer struct{ id, home string }

func (b *bench) buyer() buyer {
	b.t.Helper()
	who, home := b.Shopper()
	return buyer{who, home}
}

func (b *bench) quote(who buyer, o group.Offer, claims ...string) (checkout.Quote, error) {
	return b.Checkout.Quote(ctx, who.id, checkout.Basket{Lines: []checkout.BasketLine{{Offer: o.Goods, Quantity: 1}},
		Address: who.home, Claims: claims, Lang: text.Zh})
}

// placed is an order on its way to its payment.
type placed struct {
	who buyer
	checkout.Placed
}

func (b *bench) place(who buyer, o group.Offer, claims ...string) placed {
	b.t.Helper()
	q, err := b.quote(who, o, claims...)
	b.Must(err)
	p, err := b.Checkout.Place(ctx, checkout.Place{Token: q.Token, Shopper: who.id})
	b.Must(err)
	return placed{who, p}
}

func (b *bench) pay(p placed) {
	b.t.Helper()
	a, _, err := b.Pay.Begin(ctx, pay.Begin{Order: string(p.Order), Shopper: p.who.id, Wallet: "alpha"})
	b.Must(err)
	_, err = b.Pay.ApplyFacts(ctx, []pay.Fact{b.Wallet.Capture(a, "in-"+string(a.ID))})
	b.Must(err)
}

// tell tells all that happened.
func (b *bench) tell() {
	b.t.Helper()
	for {
		n, err := b.Bus.Waiting(ctx)
		b.Must(err)
		if n == 0 {
			return
		}
		_, err = b.Bus.Dispatch(ctx)
		b.Must(err)
	}
}

// tick tells all that happened and runs the jobs until they have nothing to do.
func (b *bench) tick() {
	b.t.Helper()
	for {
		b.tell()
		sum := 0
		for _, job := range b.Groups.Jobs() {
			n, err := job.Run(ctx)
			b.Must(err)
			sum += n
		}
		if sum == 0 {
			return
		}
	}
}

// paid is an order of a new shopper that is paid and told of.
func (b *bench) paid(o group.Offer, claim string) placed {
	b.t.Helper()
	p := b.place(b.buyer(), o, claim)
	b.pay(p)
	b.tell()
	return p
}

// mine is the one place of a shopper.
func (b *bench) mine(p placed) group.Mine {
	b.t.Helper()
	all, err := b.Groups.OfOrder(ctx, p.who.id, p.Order)
	b.Must(err)
	if len(all) != 1 {
		b.t.Fatalf("%s has %d places", p.Order, len(all))
	}
	return all[0]
}

func (b *bench) order(p placed) order.Order {
	b.t.Helper()
	o, err := b.Orders.Any(ctx, p.Order)
	b.Must(err)
	return o
}

// back is what was asked back for an order.
func (b *bench) back(p placed) (sum int64) {
	b.t.Helper()
	all, err := b.Pay.Refunds(ctx, string(p.Order))
	b.Must(err)
	for _, r := range all {
		sum += r.Amount.Minor
	}
	return sum
}

func (b *bench) seen(shop string) int {
	b.t.Helper()
	n, err := b.Orders.CountByShop(ctx, shop, order.Any, 100)
	b.Must(err)
	return n
}

// giveBack asks for an order back, as its shopper.
func (b *bench) giveBack(p placed) {
	b.t.Helper()
	_, err := b.Cases.Open(ctx, aftersale.Open{Shopper: p.who.id, Order: p.Order, Seq: 1, Reason: aftersale.Unwanted,
		Key: "mine"})
	b.Must(err)
	b.tell()
}

func join(g group.Group) string { return group.ClaimJoin(g) }

// fee is the price of a place in a trio, freight included.
const fee = 2990 + tradetest.Freight

const day = 24 * time.Hour

// ship hands an order's goods over.
func (b *bench) ship(p placed) {
	b.t.Helper()
	o := b.order(p)
	b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
		return b.Orders.Shipped(tx, b.Clock.Now(), []order.Shipment{{Order: p.Order, Seq: 1, Shop: o.Subs[0].Shop,
			Carrier: "cart", ConfirmBy: b.Clock.Now().AddDate(0, 0, 10)}})
	}))
}
