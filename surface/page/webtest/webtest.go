// Package webtest builds a small market of real rooms on a real database for tests of pages: two shops, products with
// options, both simulated wallets, a courier and a pickup point, a clock that stands until it is moved. It is for tests
// only.
package webtest

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"image"
	"image/color"
	"image/png"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/id"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/deal/flash"
	"hutong/deal/place"
	"hutong/deal/quota"
	"hutong/deal/reference"
	"hutong/deal/ruleset"
	"hutong/deal/voucher"
	"hutong/funds/ledger"
	"hutong/funds/pay"
	"hutong/funds/pay/bluejay"
	"hutong/funds/pay/emvco"
	"hutong/funds/pay/paytest"
	"hutong/funds/pay/redbean"
	"hutong/funds/pay/sandbox"
	"hutong/funds/settle"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/picture"
	"hutong/goods/search"
	"hutong/goods/stock"
	"hutong/party/audit"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/party/shopper"
	"hutong/reach/notice"
	"hutong/surface/gate"
	"hutong/surface/page"
	"hutong/trade/aftersale"
	"hutong/trade/cart"
	"hutong/trade/checkout"
	"hutong/trade/group"
	"hutong/trade/guarantee"
	"hutong/trade/order"
	"hutong/trade/review"
	"hutong/trade/ship"
	"hutong/trade/ship/courier"
	"hutong/trade/ship/selfpickup"
)

// Start is when the market's clock stands at first: a noon in Beijing.
var Start = time.Date(2026, 11, 11, 4, 0, 0, 0, time.UTC)

// Market is the rooms.
type Market struct {
	DB        *db.DB
	Clock     *clock.Manual
	IDs       *id.Maker
	Hub       *event.Hub
	Logins    *login.Service
	Shoppers  *shopper.Service
	Vouchers  *voucher.Service
	Campaigns *campaign.Service
	Places    *place.Service
	Flash     *flash.Service
	Shops     *merchant.Service
	Catalog   *catalog.Service
	Offers    *offer.Service
	Stock     *stock.Service
	Search    *search.Service
	Pictures  *picture.Service
	Ledger    *ledger.Service
	Payouts   *merchant.Payouts
	Settle    *settle.Service
	Pay       *pay.Service
	Sandbox   *sandbox.Company
	Carts     *cart.Service
	Orders    *order.Service
	Ship      *ship.Service
	Cases     *aftersale.Service
	Checkout  *checkout.Service
	Reviews   *review.Service
	Notices   *notice.Service
	Vault     *shopper.Vault
	Groups    *group.Service
	Guarantee *guarantee.Service
	prices    prices
	t         testing.TB
}

// Texts are the sentences of the rooms in a Market and of the pages' own parts.
func Texts() text.Bundle {
	return text.Merge(db.Texts, login.Texts, shopper.Texts, merchant.Texts, catalog.Texts, offer.Texts, stock.Texts,
		search.Texts, picture.Texts, ledger.Texts, pay.Texts, sandbox.Texts, redbean.Texts, bluejay.Texts, emvco.Texts,
		settle.Texts, cart.Texts, order.Texts, checkout.Texts, ship.Texts, courier.Texts, selfpickup.Texts,
		aftersale.Texts, review.Texts, notice.Texts, quota.Texts, voucher.Texts, campaign.Texts,
		place.Texts, flash.Texts, reference.Texts, group.Texts, guarantee.Texts, gate.Texts, page.Texts)
}

// New builds the market on SQLite.
func New(t testing.TB) *Market {
	t.Helper()
	m := &Market{Clock: clock.NewManual(Start), Hub: event.NewHub(), t: t}
	m.DB = dbtest.SQLite(t, db.Options{}, event.Schema, audit.Schema, login.Schema, shopper.Schema, merchant.Schema,
		catalog.Schema,
		offer.Schema, stock.Schema, ledger.Schema, settle.Schema, pay.Schema, sandbox.Schema, quota.Schema,
		voucher.Schema, reference.Schema, campaign.Schema, place.Schema, flash.Schema, ruleset.Schema, cart.Schema,
		order.Schema, group.Schema, guarantee.Schema,
		ship.Schema, aftersale.Schema, review.Schema, notice.Schema)
	m.IDs = id.NewMaker(m.Clock, rand.Reader)
	cost := login.Settings{Cost: login.Cost{Passes: 1, KiB: 8, Threads: 1}}
	m.Logins = login.New(m.DB, m.Clock, m.IDs, rand.Reader, cost)
	m.Shoppers = shopper.New(m.DB, m.Clock, m.IDs)
	m.Shops = merchant.New(m.DB, m.Clock, m.IDs)
	m.Catalog = catalog.New(m.DB, m.Clock, m.IDs)
	m.Vouchers = voucher.New(voucher.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Random: rand.Reader,
		Sold: m.Catalog.HasSKUs})
	t.Cleanup(m.Vouchers.Close)
	m.Offers = offer.New(m.DB, m.Clock, m.IDs)
	m.Stock = stock.New(m.DB, m.Clock, m.IDs)
	m.Ledger = ledger.New(m.DB)
	m.Carts = cart.New(m.DB, m.Clock)
	m.goods()
	m.sales()
	m.trade()
	return m
}

// Account gives a shop a payout account, as two people who agreed would.
func (m *Market) Account(shop string) {
	m.t.Helper()
	ctx := context.Background()
	draft, err := m.Payouts.Draft(ctx, merchant.ID(shop), merchant.PayoutAccount{Holder: "李大茶", Bank: "巷口银行",
		Number: "6222600012345678"})
	m.Must(err)
	m.Must(m.DB.Write(ctx, func(tx *db.Tx) error {
		return m.Payouts.Adopt(tx, m.Clock.Now(), merchant.ID(shop), draft.ID)
	}))
}

// sales makes the campaigns and flash sales.
func (m *Market) sales() {
	ref := reference.New(reference.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Deals: order.Deals{}})
	m.Campaigns = campaign.New(campaign.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Stock: m.Stock, Reference: ref,
		Category: func(*db.Tx, string) (string, error) { return "", nil }})
	ref.Plug(reference.Offers{}, m.Campaigns)
	m.Places = place.New(place.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Campaigns: m.Campaigns,
		Category: func(*db.Tx, string) (string, error) { return "", nil }})
	var err error
	m.Flash, err = flash.New(flash.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Campaigns: m.Campaigns,
		Key: make([]byte, flash.KeyLen)})
	m.Must(err)
}

func (m *Market) goods() {
	var err error
	m.Search, err = search.New(m.DB, m.Clock)
	m.Must(err)
	m.Pictures, err = picture.Open(m.t.TempDir())
	m.Must(err)
	m.t.Cleanup(func() { m.Must(m.Pictures.Close()) })
}

func (m *Market) trade() {
	var err error
	m.Payouts, err = merchant.NewPayouts(merchant.PayoutDeps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Rand: rand.Reader,
		Key: make([]byte, 32)})
	m.Must(err)
	set := settle.Defaults()
	set.Accounts = m.Payouts
	m.Settle, err = settle.New(context.Background(), m.DB, m.Clock, m.IDs, set)
	m.Must(err)
	payee := sandbox.Payee{Name: "胡同集市", Short: "Hutong Market", City: "Hangzhou", Country: "CN", MCC: "5311"}
	m.Sandbox = sandbox.New(m.DB, m.Clock, m.IDs, nil)
	red := redbean.New(m.Sandbox, m.Clock, redbean.Options{Account: "HT-1", Secret: make([]byte, 32), Payee: payee})
	blue := bluejay.New(m.Sandbox, m.Clock, bluejay.Options{Account: "HT-2", Seed: make([]byte, ed25519.SeedSize),
		Pages: "http://wallet.example/wallet", Payee: payee})
	m.Sandbox.Speak(red, blue)
	m.Pay = pay.New(m.DB, m.Clock, m.IDs, pay.Options{Providers: []pay.Provider{red, blue},
		Mark: voucher.NewPartyMarks([]byte("marks of tests")).Account})
	m.Orders = order.New(order.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Stock: m.Stock, Settle: m.Settle, Refunds: m.Pay,
		Hub: m.Hub})
	m.Pay.Plug(m.Orders)
	m.Ship = ship.New(ship.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Hub: m.Hub, Orders: m.Orders,
		Carriers: []ship.Carrier{courier.New(courier.DefaultSettings()), selfpickup.New(rand.Reader)}},
		ship.DefaultSettings())
	m.Cases = aftersale.New(aftersale.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Orders: m.Orders, Pay: m.Pay,
		Stock: m.Stock, Hub: m.Hub}, aftersale.DefaultSettings())
	m.Checkout, err = checkout.New(checkout.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Rand: rand.Reader,
		Key: make([]byte, checkout.KeyLen), Catalog: m.Catalog, Settle: m.Settle, Orders: m.Orders, Ship: m.Ship,
		Deals: &m.prices, Settings: checkout.DefaultSettings()})
	m.Must(err)
	m.t.Cleanup(m.Checkout.Close)
	m.groups()
	m.Reviews = review.New(review.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Orders: m.Orders, Catalog: m.Catalog,
		Pictures: m.Pictures})
	told := notice.DefaultSettings()
	told.Zone = beijing
	m.Notices = notice.New(notice.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Rand: rand.Reader, Hub: m.Hub,
		Orders: m.Orders}, told)
	m.Vault = shopper.NewVault(m.DB, m.Clock, m.IDs, m.Logins.Part(), cart.Person{}, order.Person{}, aftersale.Person{})
}

// Must fails the test on an error.
func (m *Market) Must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

// beijing is the market's time zone.
var beijing = time.FixedZone("Beijing", 8*3600)

// Pages is what page.NewSet is given, with the web's own texts.
func (m *Market) Pages(own ...text.Bundle) page.Config {
	return page.Config{Texts: text.Merge(append(own, Texts())...), Zone: beijing}
}

// Handler is the gate with the web's routes behind it.
func (m *Market) Handler(c page.Config, routes ...gate.Route) http.Handler {
	m.t.Helper()
	set, err := page.NewSet(c)
	m.Must(err)
	mux, err := gate.NewMux(gate.Options{Sessions: m.Logins, IDs: m.IDs, Texts: c.Texts, Fault: set.Refused,
		Log: slog.New(slog.NewTextHandler(m.t.Output(), nil))})
	m.Must(err)
	m.Must(mux.Add(routes...))
	return mux
}

// Shop opens a shop with a pickup point.
func (m *Market) Shop(code, zh, en string) string {
	m.t.Helper()
	s, err := m.Shops.OpenShop(context.Background(), merchant.OpenShop{Code: code, Name: text.Entry{Zh: zh, En: en}})
	m.Must(err)
	m.Must(m.Ship.SavePoint(context.Background(), string(s.ID), ship.Point{Code: "gate", Zh: "鼓楼店", En: "Drum Tower",
		Address: "鼓楼东大街 1 号"}))
	return string(s.ID)
}

// Picture keeps a small picture whose colour comes from seed.
func (m *Market) Picture(seed string) catalog.PictureID {
	m.t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	for i := range 64 {
		img.Set(i%8, i/8, color.NRGBA{uint8(len(seed) * 7), uint8(i), seed[0], 255})
	}
	var b bytes.Buffer
	m.Must(png.Encode(&b, img))
	p, err := m.Pictures.Put(context.Background(), &b)
	m.Must(err)
	return catalog.PictureID(p.ID)
}

// PayNewest pays the order's newest attempt as its wallet's owner would, and lets the market learn of it.
func (m *Market) PayNewest(orderID string) {
	m.t.Helper()
	ctx := context.Background()
	all, err := m.Pay.Attempts(ctx, orderID)
	m.Must(err)
	if len(all) == 0 {
		m.t.Fatal("nobody began to pay")
	}
	m.Must(paytest.PayBill(m.Sandbox)(ctx, all[0]))
	m.Clock.Advance(time.Minute)
	_, err = m.Pay.Poll(ctx)
	m.Must(err)
}

// Login makes a login.
func (m *Market) Login(role login.Role, name, shop string) {
	m.t.Helper()
	cmd := login.Register{Role: role, Name: name, Password: Password, Shop: shop}
	_, err := m.Logins.Register(context.Background(), cmd)
	m.Must(err)
}

// Password is that of every Login.
const Password = "long enough"

// Buyer makes a shopper with an address in Hangzhou.
func (m *Market) Buyer() (who, address string) {
	m.t.Helper()
	id, err := m.Shoppers.Create(context.Background())
	m.Must(err)
	a, err := m.Shoppers.AddAddress(context.Background(), id, shopper.Address{Country: "CN", Division: "330106",
		Recipient: "王小明", Phone: "13800138000", Street: "文三路 478 号"})
	m.Must(err)
	return string(id), string(a.ID)
}

// Paid places and pays an order of one offer; by chooses its carrier, the zero choice the first.
func (m *Market) Paid(o offer.Offer, n int64, by checkout.CarrierChoice) (who, id string) {
	m.t.Helper()
	ctx := context.Background()
	who, address := m.Buyer()
	q, err := m.Checkout.Quote(ctx, who, checkout.Basket{Address: address, Lang: text.Zh,
		Lines:    []checkout.BasketLine{{Offer: string(o.ID), Quantity: n}},
		Carriers: map[string]checkout.CarrierChoice{o.Shop: by}})
	m.Must(err)
	placed, err := m.Checkout.Place(ctx, checkout.Place{Shopper: who, Token: q.Token, Remark: "请放门口"})
	m.Must(err)
	_, _, err = m.Pay.Begin(ctx, pay.Begin{Order: string(placed.Order), Shopper: who, Wallet: "redbean"})
	m.Must(err)
	m.PayNewest(string(placed.Order))
	return who, string(placed.Order)
}
