package review_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/goods/picture"
	"hutong/party/audit"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/review"
	"hutong/trade/tradetest"
)

var ctx = context.Background()

func schemas() []db.Schema { return append(tradetest.Schemas(), audit.Schema, review.Schema) }

// gallery is pictures that are all there but those that end in f.
type gallery struct{}

type empty struct{ io.ReadSeeker }

func (empty) Close() error { return nil }

func (gallery) Open(id picture.ID, _ picture.Size) (picture.File, error) {
	if strings.HasSuffix(string(id), "f") {
		return picture.File{}, fault.New(fault.NotFound, "picture.not_found")
	}
	return picture.File{ReadSeekCloser: empty{}}, nil
}

func pic(last string) picture.ID { return picture.ID("pic_" + strings.Repeat("0", 39) + last) }

// bench is a market with two shops, a shopper, and reviews.
type bench struct {
	*tradetest.Market
	t       *testing.T
	Reviews *review.Service
	shop    string
	who     string
	address string
	txns    int
}

func each(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	dbtest.Each(t, schemas(), func(t *testing.T, d *db.DB) {
		b := &bench{t: t, Market: tradetest.New(t, d)}
		b.Reviews = review.New(review.Deps{DB: d, Clock: b.Clock, IDs: b.IDs, Orders: b.Orders, Catalog: b.Catalog,
			Pictures: gallery{}})
		b.shop = b.Shop("first")
		b.who, b.address = b.Shopper()
		test(t, b)
	})
}

// paid is an order over one line per price, all of one product each.
func (b *bench) paid(titles ...string) order.ID {
	b.t.Helper()
	var lines []checkout.BasketLine
	for _, title := range titles {
		o := b.Sell(b.shop, title, 1000, 50)
		lines = append(lines, checkout.BasketLine{Offer: string(o.ID), Quantity: 2})
	}
	p := b.Place(b.who, b.address, lines...)
	b.txns++
	if v := b.Capture(p, b.IDs.New("att")); !v.Taken {
		b.t.Fatalf("not paid: %+v", v)
	}
	return p.Order
}

func (b *bench) ship(o order.ID) {
	b.t.Helper()
	now := b.Clock.Now()
	b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
		return b.Orders.Shipped(tx, now, []order.Shipment{{Order: o, Seq: 1, Shop: b.shop, Carrier: "cart",
			ConfirmBy: now.AddDate(0, 0, 10)}})
	}))
}

func (b *bench) refund(o order.ID, line, units int64, restock bool) {
	b.t.Helper()
	b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := b.Orders.Refund(tx, order.Refund{Order: o, Seq: 1, Lines: []order.Units{{Line: line, Units: units}},
			Restock: restock, Cause: order.Cause{Actor: "merchant", Why: "refunded", At: b.Clock.Now()}})
		return err
	}))
}

// got is an order that the shopper has.
func (b *bench) got(titles ...string) order.ID {
	b.t.Helper()
	o := b.paid(titles...)
	b.ship(o)
	b.Must(b.Orders.Receive(ctx, b.who, o, 1))
	return o
}

func (b *bench) write(o order.ID, line, stars int64, text string) review.Review {
	b.t.Helper()
	r, err := b.Reviews.Write(ctx, review.Write{Shopper: b.who, Order: o, Line: line, Stars: stars,
		Said: review.Said{Text: text}})
	b.Must(err)
	return r
}

func (b *bench) totals(product string) review.Totals {
	b.t.Helper()
	all, err := b.Reviews.Totals(ctx, []string{product, "prd_none"})
	b.Must(err)
	return all[product]
}

func (b *bench) refused(err error, code string) {
	b.t.Helper()
	if !fault.Is(err, code) {
		b.t.Errorf("got %v, want %s", err, code)
	}
}

// topics are what the outbox holds, by topic.
func (b *bench) topics(topic string) (n int64) {
	b.t.Helper()
	b.Must(b.DB.Read(ctx, func(tx *db.Tx) (err error) {
		n, _, err = db.Value[int64](tx, `SELECT COUNT(*) FROM outbox WHERE topic = $1`, topic)
		return err
	}))
	return n
}
