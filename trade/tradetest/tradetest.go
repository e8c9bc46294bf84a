// Package tradetest builds a small market for tests of the trade district: real rooms on a real database, a clock that
// stands until it is moved, one carrier that asks a fixed freight. It is for tests only.
package tradetest

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/id"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/deal/promo/standard"
	"hutong/deal/quota"
	"hutong/deal/voucher"
	"hutong/funds/ledger"
	"hutong/funds/pay"
	"hutong/funds/settle"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/party/audit"
	"hutong/party/merchant"
	"hutong/party/shopper"
	"hutong/trade/cart"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/ship"
)

// Start is when the market's clock stands at first.
var Start = time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)

// Freight is what the test carrier asks for any parcel, in minor units.
const Freight = 600

// Schemas are the tables of the rooms in a Market.
func Schemas() []db.Schema {
	return []db.Schema{event.Schema, audit.Schema, shopper.Schema, merchant.Schema, catalog.Schema, offer.Schema,
		stock.Schema, ledger.Schema, settle.Schema, pay.Schema, quota.Schema, campaign.Schema, cart.Schema, order.Schema,
		ship.Schema}
}

// Market is the rooms.
type Market struct {
	DB       *db.DB
	Clock    *clock.Manual
	IDs      *id.Maker
	Shoppers *shopper.Service
	Shops    *merchant.Service
	Catalog  *catalog.Service
	Offers   *offer.Service
	Stock    *stock.Service
	Settle   *settle.Service
	Pay      *pay.Service
	Orders   *order.Service
	Ship     *ship.Service
	Checkout *checkout.Service
	Deals    *Deals
	Reprices bool // whether refunds of what is quoted price again what is left
	t        testing.TB
}

// New builds the market on d, which has Schemas.
func New(t testing.TB, d *db.DB, providers ...pay.Provider) *Market {
	t.Helper()
	m := &Market{DB: d, Clock: clock.NewManual(Start), Deals: &Deals{}, t: t}
	m.IDs = id.NewMaker(m.Clock, rand.Reader)
	m.Shoppers = shopper.New(d, m.Clock, m.IDs)
	m.Shops = merchant.New(d, m.Clock, m.IDs)
	m.Catalog = catalog.New(d, m.Clock, m.IDs)
	m.Offers = offer.New(d, m.Clock, m.IDs)
	m.Stock = stock.New(d, m.Clock, m.IDs)
	var err error
	m.Settle, err = settle.New(context.Background(), d, m.Clock, m.IDs, settle.Defaults())
	m.Must(err)
	hub := event.NewHub()
	m.Pay = pay.New(d, m.Clock, m.IDs, pay.Options{Providers: providers,
		Mark: voucher.NewPartyMarks([]byte("marks of tests")).Account})
	m.Orders = order.New(order.Deps{DB: d, Clock: m.Clock, IDs: m.IDs, Stock: m.Stock, Settle: m.Settle, Refunds: m.Pay,
		Hub: hub, Kinds: standard.Kinds()})
	m.Pay.Plug(m.Orders)
	m.Ship = ship.New(ship.Deps{DB: d, Clock: m.Clock, IDs: m.IDs, Hub: hub, Carriers: []ship.Carrier{Cart{}}},
		ship.DefaultSettings())
	m.Checkout, err = checkout.New(checkout.Deps{DB: d, Clock: m.Clock, IDs: m.IDs, Rand: rand.Reader,
		Key: make([]byte, checkout.KeyLen), Catalog: m.Catalog, Settle: m.Settle, Orders: m.Orders, Ship: m.Ship,
		Deals:    m.Deals,
		Settings: checkout.DefaultSettings(),
		Reprices: func() bool { return m.Reprices }})
	m.Must(err)
	m.Orders.PlugBalances(m.Checkout)
	t.Cleanup(m.Checkout.Close)
	return m
}

// Must fails the test on an error.
func (m *Market) Must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

// Shop opens a shop.
func (m *Market) Shop(code string) string {
	m.t.Helper()
	s, err := m.Shops.OpenShop(context.Background(), merchant.OpenShop{Code: code,
		Name: text.Entry{Zh: "店铺" + code, En: "Shop " + code}})
	m.Must(err)
	return string(s.ID)
}

// Sell lists a product of one SKU at a price in fen with so many pieces.
func (m *Market) Sell(shop, title string, price, pieces int64) offer.Offer {
	m.t.Helper()
	var sold offer.Offer
	m.Must(m.DB.Write(context.Background(), func(tx *db.Tx) error {
		saved, err := m.Catalog.Save(tx, m.Clock.Now(), []catalog.Product{{Shop: shop, Source: "test", ExternalID: title,
			Title: catalog.Words{Zh: "商品" + title, En: title}, State: catalog.Listed,
			SKUs: []catalog.SKU{{ExternalID: "only", WeightG: 500}}}})
		if err != nil {
			return err
		}
		sku := string(saved[0].SKUs[0])
		receipts := []stock.Receipt{{Shop: shop, SKU: sku, Quantity: pieces, Ref: "first"}}
		pools, err := m.Stock.Receive(tx, m.Clock.Now(), receipts)
		if err != nil {
			return err
		}
		offers, _, err := m.Offers.List(tx, m.Clock.Now(), []offer.Listing{{Shop: shop, Product: string(saved[0].Product),
			SKU: sku, Pool: pools[0], Currency: "CNY", UnitPrice: price}})
		if err == nil {
			sold = offers[0]
		}
		return err
	}))
	return sold
}

// Shopper makes a shopper with an address.
func (m *Market) Shopper() (who, address string) {
	m.t.Helper()
	id, err := m.Shoppers.Create(context.Background())
	m.Must(err)
	a, err := m.Shoppers.AddAddress(context.Background(), id, shopper.Address{Country: "CN", Division: "330106",
		Recipient: "李雷", Phone: "13800138000", Street: "文三路 1 号"})
	m.Must(err)
	return string(id), string(a.ID)
}

// Quote prices lines for a shopper and fails the test unless there is a token.
func (m *Market) Quote(who, address string, lines ...checkout.BasketLine) checkout.Quote {
	m.t.Helper()
	q, err := m.Checkout.Quote(context.Background(), who, checkout.Basket{Lines: lines, Address: address, Lang: text.Zh})
	m.Must(err)
	if q.Token == "" {
		m.t.Fatalf("no token: %+v", q.Problems)
	}
	return q
}

// Place quotes and places lines.
func (m *Market) Place(who, address string, lines ...checkout.BasketLine) checkout.Placed {
	m.t.Helper()
	p, err := m.Checkout.Place(context.Background(), checkout.Place{Shopper: who,
		Token: m.Quote(who, address, lines...).Token})
	m.Must(err)
	return p
}

// Capture tells the order that its whole total was captured and books it, as funds/pay would. It gives the verdict.
func (m *Market) Capture(o checkout.Placed, txn string) (v pay.Verdict) {
	m.t.Helper()
	m.Must(m.DB.Write(context.Background(), func(tx *db.Tx) error {
		all, err := m.Orders.Captured(tx, m.Clock.Now(), []pay.Capture{{Order: string(o.Order),
			Attempt: pay.AttemptID(txn), Wallet: "test", Amount: o.Total, Currency: o.Currency, At: m.Clock.Now()}})
		if err != nil {
			return err
		}
		if v = all[0]; !v.Taken {
			return nil
		}
		return ledger.Post(tx, m.Clock.Now(), []ledger.Transfer{{Debit: ledger.Wallet("test"), Credit: ledger.Escrow,
			Amount: o.Total, Currency: o.Currency, Kind: ledger.Capture, Order: string(o.Order), Ref: txn}})
	}))
	return v
}

// Pool reads one pool.
func (m *Market) Pool(p stock.PoolID) (pool stock.Pool) {
	m.t.Helper()
	m.Must(m.DB.Read(context.Background(), func(tx *db.Tx) error {
		all, err := stock.Pools(tx, []stock.PoolID{p})
		pool = all[p]
		return err
	}))
	return pool
}

// Cart is a carrier that asks Freight for anything and delivers nothing.
type Cart struct{}

// Name is the carrier's name.
func (Cart) Name() string { return "cart" }

// Pickup is false: it comes to the door.
func (Cart) Pickup() bool { return false }

// Freight is always the same.
func (Cart) Freight(p ship.Parcel) (ship.Rate, ship.Outcome, error) {
	return ship.Rate{Freight: money.New(Freight, p.Goods.Currency), DaysMin: 1, DaysMax: 3}, ship.OK, nil
}

// Valid takes any number.
func (Cart) Valid(string) bool { return true }

// Book numbers a parcel by its own reference.
func (Cart) Book(_ context.Context, b ship.Booking) (ship.Waybill, ship.Outcome, error) {
	return ship.Waybill{TrackingNo: b.Ref}, ship.OK, nil
}

// Track knows of nothing.
func (Cart) Track(context.Context, string, time.Time, time.Time) ([]ship.Event, ship.Outcome, error) {
	return nil, ship.OK, nil
}

// Cancel takes anything back.
func (Cart) Cancel(context.Context, string) (ship.Outcome, error) { return ship.OK, nil }
