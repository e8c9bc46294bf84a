package ship_test

import (
	"context"
	"crypto/rand"
	"sync"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/ship"
	"hutong/trade/ship/selfpickup"
	"hutong/trade/tradetest"
)

var ctx = context.Background()

// script is a carrier that does as it is told.
type script struct {
	name string

	mu        sync.Mutex
	rate      func(p ship.Parcel) (ship.Rate, ship.Outcome, error)
	book      func(b ship.Booking) (ship.Waybill, ship.Outcome, error)
	events    []ship.Event
	track     ship.Outcome
	booked    []ship.Booking
	cancelled []string
	asked     int
}

func newScript(name string, freight int64) *script {
	return &script{name: name, track: ship.OK,
		rate: func(p ship.Parcel) (ship.Rate, ship.Outcome, error) {
			return ship.Rate{Freight: money.New(freight, p.Goods.Currency), DaysMin: 1, DaysMax: 3}, ship.OK, nil
		},
		book: func(b ship.Booking) (ship.Waybill, ship.Outcome, error) {
			return ship.Waybill{TrackingNo: name + "-" + b.Ref}, ship.OK, nil
		}}
}

func (s *script) Name() string { return s.name }
func (s *script) Pickup() bool { return false }
func (s *script) Freight(p ship.Parcel) (ship.Rate, ship.Outcome, error) {
	return s.rate(p)
}
func (s *script) Valid(no string) bool { return no != "TYPO" }

func (s *script) Book(_ context.Context, b ship.Booking) (ship.Waybill, ship.Outcome, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.booked = append(s.booked, b)
	return s.book(b)
}

func (s *script) Track(_ context.Context, _ string, _, _ time.Time) ([]ship.Event, ship.Outcome, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	return append([]ship.Event(nil), s.events...), s.track, nil
}

func (s *script) Cancel(_ context.Context, no string) (ship.Outcome, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cancelled = append(s.cancelled, no)
	return ship.OK, nil
}

// bench is a market with a scripted carrier, pickup, and a checkout that offers both.
type bench struct {
	*tradetest.Market
	t        testing.TB
	Ship     *ship.Service
	Checkout *checkout.Service
	Van      *script
	Set      ship.Settings
	shops    int
}

func newBench(t *testing.T, d *db.DB) *bench {
	b := &bench{Market: tradetest.New(t, d), t: t, Van: newScript("van", 700), Set: ship.DefaultSettings()}
	b.Ship = b.ship(b.Van, selfpickup.New(rand.Reader))
	var err error
	b.Checkout, err = checkout.New(checkout.Deps{DB: d, Clock: b.Clock, IDs: b.IDs, Rand: rand.Reader,
		Key: make([]byte, checkout.KeyLen), Catalog: b.Catalog, Settle: b.Settle, Orders: b.Orders, Ship: b.Ship,
		Settings: checkout.DefaultSettings()})
	b.Must(err)
	t.Cleanup(b.Checkout.Close)
	return b
}

func (b *bench) ship(carriers ...ship.Carrier) *ship.Service {
	return ship.New(ship.Deps{DB: b.DB, Clock: b.Clock, IDs: b.IDs, Orders: b.Orders, Hub: event.NewHub(),
		Carriers: carriers}, b.Set)
}

func each(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	dbtest.Each(t, tradetest.Schemas(), func(t *testing.T, d *db.DB) { test(t, newBench(t, d)) })
}

// bought is one order of three pieces at 1.00 each.
type bought struct {
	order.Order
	Shop string
}

func (b *bench) shop() string {
	b.shops++
	return b.Market.Shop("shop-" + b.IDs.Body()[12:])
}

// place makes an order that is not paid; pickup fetches it at the point.
func (b *bench) place(shop, pickup string) (bought, checkout.Placed) {
	b.t.Helper()
	o := b.Sell(shop, "tea-"+b.IDs.Body(), 100, 10)
	who, home := b.Shopper()
	basket := checkout.Basket{Lines: []checkout.BasketLine{{Offer: string(o.ID), Quantity: 3}}, Address: home, Lang: text.Zh,
		Carriers: map[string]checkout.CarrierChoice{}}
	if pickup != "" {
		b.Must(b.Ship.SavePoint(ctx, shop, ship.Point{Code: pickup, Zh: "前台", En: "Front desk", Address: "1 Long Lane"}))
		basket.Carriers[shop] = checkout.CarrierChoice{Carrier: selfpickup.Name, Pickup: pickup}
	}
	q, err := b.Checkout.Quote(ctx, who, basket)
	b.Must(err)
	p, err := b.Checkout.Place(ctx, checkout.Place{Shopper: who, Token: q.Token})
	b.Must(err)
	return b.read(p.Order), p
}

func (b *bench) read(id order.ID) bought {
	b.t.Helper()
	o, err := b.Orders.Any(ctx, id)
	b.Must(err)
	return bought{o, o.Subs[0].Shop}
}

// buy makes a paid order.
func (b *bench) buy(pickup string) bought {
	b.t.Helper()
	return b.buyAt(b.shop(), pickup)
}

func (b *bench) buyAt(shop, pickup string) bought {
	b.t.Helper()
	o, p := b.place(shop, pickup)
	if v := b.Capture(p, b.IDs.New("txn")); !v.Taken {
		b.t.Fatalf("not paid: %+v", v)
	}
	return b.read(o.ID)
}

// send dispatches an order.
func (b *bench) send(o bought) ship.Shipment {
	b.t.Helper()
	v, err := b.Ship.Dispatch(ctx, ship.Dispatch{Shop: o.Shop, Order: o.ID, Seq: 1})
	b.Must(err)
	return v
}

// parcel reads the only shipment of an order, as its shopper sees it.
func (b *bench) parcel(o bought) ship.Shipment {
	b.t.Helper()
	all, err := b.Ship.Parcels(ctx, o.Shopper, o.ID)
	b.Must(err)
	if len(all) != 1 {
		b.t.Fatalf("%d shipments", len(all))
	}
	return all[0]
}

func (b *bench) sub(o bought) order.Sub { return b.read(o.ID).Subs[0] }

func (b *bench) event(code ship.Code, after time.Duration) ship.Event {
	return ship.Event{Code: code, At: tradetest.Start.Add(after), PlaceZh: "某地", PlaceEn: "somewhere"}
}

// refund gives pieces back without asking a wallet, as a case would.
func (b *bench) refund(o bought, lines ...order.Units) error {
	return b.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := b.Orders.Refund(tx, order.Refund{Order: o.ID, Seq: 1, Lines: lines,
			Cause: order.Cause{Actor: "merchant", Why: "test", At: b.Clock.Now()}})
		return err
	})
}
