package guarantee_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/money"
	deal "hutong/deal/guarantee"
	"hutong/funds/pay"
	"hutong/funds/pay/paytest"
	"hutong/goods/offer"
	"hutong/trade/aftersale"
	"hutong/trade/checkout"
	"hutong/trade/guarantee"
	"hutong/trade/order"
	"hutong/trade/tradetest"
)

var ctx = context.Background()

const day = 24 * time.Hour

func schemas() []db.Schema { return append(tradetest.Schemas(), aftersale.Schema, guarantee.Schema) }

// bench is a market with a wallet, after-sales and the guarantee, whose jobs run when they are told to.
type bench struct {
	*tradetest.Market
	t      testing.TB
	Wallet *paytest.Script
	Cases  *aftersale.Service
	G      *guarantee.Service
	Set    deal.Settings // of the guarantee
	Bus    *event.Bus
}

func newBench(t testing.TB, d *db.DB) *bench {
	b := &bench{t: t, Wallet: paytest.NewScript("alpha"), Set: deal.DefaultSettings()}
	b.Market = tradetest.New(t, d, b.Wallet)
	b.Cases = aftersale.New(aftersale.Deps{DB: d, Clock: b.Clock, IDs: b.IDs, Orders: b.Orders, Pay: b.Pay,
		Stock: b.Stock, Hub: event.NewHub()}, aftersale.DefaultSettings())
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	b.G = guarantee.New(guarantee.Deps{DB: d, Clock: b.Clock, Catalog: b.Catalog, Orders: b.Orders, Pay: b.Pay,
		Rules: b.Deals.Rules, IDs: b.IDs, Log: log}, func() deal.Settings { return b.Set })
	b.Bus = event.NewBus(d, b.Clock, log)
	b.G.Listen(b.Bus)
	return b
}

func each(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	dbtest.Each(t, schemas(), func(t *testing.T, d *db.DB) { test(t, newBench(t, d)) })
}

func (b *bench) goods(price int64) offer.Offer {
	b.t.Helper()
	return b.Sell(b.Shop("shop-"+b.IDs.Body()[16:]), "tea", price, 50)
}

// bought is an order of so many pieces of an offer, paid.
type bought struct {
	who string
	checkout.Placed
}

func (b *bench) paid(o offer.Offer, n int64) bought {
	b.t.Helper()
	who, home := b.Shopper()
	p := b.Place(who, home, checkout.BasketLine{Offer: string(o.ID), Quantity: n})
	a, _, err := b.Pay.Begin(ctx, pay.Begin{Order: string(p.Order), Shopper: who, Wallet: "alpha"})
	b.Must(err)
	_, err = b.Pay.ApplyFacts(ctx, []pay.Fact{b.Wallet.Capture(a, "in-"+string(a.ID))})
	b.Must(err)
	return bought{who, p}
}

// arrive hands an order's goods over and tells what happened.
func (b *bench) arrive(p bought) {
	b.t.Helper()
	o := b.order(p)
	b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
		err := b.Orders.Shipped(tx, b.Clock.Now(), []order.Shipment{{Order: p.Order, Seq: 1, Shop: o.Subs[0].Shop,
			Carrier: "cart", ConfirmBy: b.Clock.Now().AddDate(0, 0, 10)}})
		if err != nil {
			return err
		}
		return b.Orders.Delivered(tx, b.Clock.Now(), []order.SubKey{{Order: p.Order, Seq: 1}})
	}))
	b.tell()
}

// got is an order of so many pieces that has arrived.
func (b *bench) got(o offer.Offer, n int64) bought {
	b.t.Helper()
	p := b.paid(o, n)
	b.arrive(p)
	return p
}

func (b *bench) order(p bought) order.Order {
	b.t.Helper()
	o, err := b.Orders.Any(ctx, p.Order)
	b.Must(err)
	return o
}

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

// tick tells all that happened and looks at what is due.
func (b *bench) tick() {
	b.t.Helper()
	b.tell()
	_, err := b.G.Look(ctx)
	b.Must(err)
}

// price changes what an offer costs.
func (b *bench) price(o offer.Offer, unit int64) {
	b.t.Helper()
	b.Must(b.Offers.Reprice(ctx, o.Shop, o.ID, money.New(unit, "CNY"), money.New(0, "CNY")))
}

// back is what was asked back for an order.
func (b *bench) back(p bought) (sum int64) {
	b.t.Helper()
	all, err := b.Pay.Refunds(ctx, string(p.Order))
	b.Must(err)
	for _, r := range all {
		sum += r.Amount.Minor
	}
	return sum
}

func (b *bench) claim(p bought) guarantee.Claim {
	b.t.Helper()
	c, err := b.G.Claim(ctx, p.who, p.Order, 1)
	b.Must(err)
	return c
}

// refund gives pieces back by the operator's word.
func (b *bench) refund(p bought, n int64, key string) int64 {
	b.t.Helper()
	c, err := b.Cases.Refund(ctx, aftersale.Refund{By: aftersale.Party{Operator: true}, Order: p.Order, Seq: 1,
		Lines: []order.Units{{Line: 1, Units: n}}, Reason: aftersale.Other, Key: key})
	b.Must(err)
	return c.Amount
}

// written are the claims of an order: "step from-now each x pieces = amount reason, version".
func (b *bench) written(p bought) (all []string) {
	b.t.Helper()
	b.Must(b.DB.Read(ctx, func(tx *db.Tx) (err error) {
		all, err = db.List(tx, func(r db.Row) (string, error) {
			var step, from, now, one, pieces, amount, version int64
			var reason, cited string
			err := r.Scan(&step, &from, &now, &one, &pieces, &amount, &reason, &version, &cited)
			return fmt.Sprintf("%d %d-%d %dx%d=%d%s v%d%s", step, from, now, one, pieces, amount, reason, version, cited), err
		}, `SELECT step, from_unit, now_unit, each_unit, pieces, amount, reason, price_version, promotions
			FROM guarantee_claims WHERE order_id = $1 ORDER BY step`, p.Order)
		return err
	}))
	return all
}
