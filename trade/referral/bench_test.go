package referral_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/deal/quota"
	"hutong/deal/voucher"
	"hutong/funds/pay"
	"hutong/funds/pay/paytest"
	"hutong/goods/offer"
	"hutong/party/approval"
	"hutong/party/login"
	"hutong/party/shopper"
	"hutong/trade/aftersale"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/referral"
	"hutong/trade/tradetest"
)

var ctx = context.Background()

const day = 24 * time.Hour

func schemas() []db.Schema {
	return append(tradetest.Schemas(), login.Schema, approval.Schema, voucher.Schema, aftersale.Schema, referral.Schema)
}

// bench is a market with a wallet, after-sales, vouchers and referrals, whose jobs run when they are told to.
type bench struct {
	*tradetest.Market
	t        testing.TB
	Wallet   *paytest.Script
	Cases    *aftersale.Service
	Vouchers *voucher.Service
	R        *referral.Service
	Bus      *event.Bus
	goods    offer.Offer
	people   atomic.Int64
}

func newBench(t testing.TB, d *db.DB) *bench {
	b := &bench{t: t, Wallet: paytest.NewScript("alpha")}
	b.Market = tradetest.New(t, d, b.Wallet)
	marks := voucher.NewPartyMarks([]byte("0123456789abcdef0123456789abcdef"))
	b.Pay = pay.New(d, b.Clock, b.IDs, pay.Options{Providers: []pay.Provider{b.Wallet}, Mark: marks.Account})
	b.Pay.Plug(b.Orders)
	b.Cases = aftersale.New(aftersale.Deps{DB: d, Clock: b.Clock, IDs: b.IDs, Orders: b.Orders, Pay: b.Pay,
		Stock: b.Stock, Hub: event.NewHub()}, aftersale.DefaultSettings())
	b.Vouchers = voucher.New(voucher.Deps{DB: d, Clock: b.Clock, IDs: b.IDs, Random: rand.Reader, Marks: marks,
		Settings: voucher.Settings{AloneMax: 1 << 40}})
	t.Cleanup(b.Vouchers.Close)
	b.R = referral.New(referral.Deps{DB: d, Clock: b.Clock, IDs: b.IDs, Rand: rand.Reader, Vouchers: b.Vouchers,
		Marks: marks, Currency: "CNY", DeviceKey: []byte("key"), Returns: 7, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	b.Bus = b.bus()
	b.goods = b.Sell(b.Shop("shop"), "tea", 5000, 1_000_000)
	return b
}

// bus is a dispatcher of its own, as another node has.
func (b *bench) bus() *event.Bus {
	bus := event.NewBus(b.DB, b.Clock, slog.New(slog.NewTextHandler(b.t.Output(), nil)))
	b.Orders.Listen(bus)
	b.R.Listen(bus)
	return bus
}

func each(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	dbtest.Each(t, schemas(), func(t *testing.T, d *db.DB) { test(t, newBench(t, d)) })
}

func (b *bench) want(err error, code string) {
	b.t.Helper()
	if !fault.Is(err, code) {
		b.t.Fatalf("got %v, want %s", err, code)
	}
}

// template is an open voucher of the market's that takes so much off.
func (b *bench) template(off, issue int64) voucher.TemplateID {
	b.t.Helper()
	now := clock.Micros(b.Clock.Now())
	end := clock.Micros(b.Clock.Now().Add(400 * day))
	x, err := b.Vouchers.Draft(ctx, voucher.Draft{Terms: voucher.Terms{Kind: voucher.KindVoucher, Off: off,
		Title: text.Entry{Zh: "邀请奖励", En: "Reward"}, Issue: issue, PerShopper: 1, FromUS: now, UntilUS: end,
		ClaimFromUS: now, ClaimUntilUS: end, Audience: voucher.Audience{Kind: voucher.Everyone}}})
	b.Must(err)
	b.Must(b.Vouchers.Publish(ctx, voucher.Publish{Template: x.ID, Version: 1}))
	return x.ID
}

// terms are 10.00 for both, for a first order of at least 30.00, within thirty days.
func (b *bench) terms(rewards int64) referral.Terms {
	b.t.Helper()
	return referral.Terms{Title: text.Entry{Zh: "邀请有礼", En: "Bring a friend"}, Inviter: b.template(1000, 10_000),
		Invitee: b.template(1000, 10_000), Budget: rewards * 2000, PerInviter: 5, Minimum: 3000, ReturnDays: 7,
		FromUS: clock.Micros(b.Clock.Now()), UntilUS: clock.Micros(b.Clock.Now().Add(30 * day))}
}

// open opens a programme with a budget for so many rewards.
func (b *bench) open(rewards int64, change ...func(*referral.Terms)) referral.Programme {
	b.t.Helper()
	terms := b.terms(rewards)
	for _, c := range change {
		c(&terms)
	}
	p, err := b.R.Draft(ctx, terms)
	b.Must(err)
	b.Must(b.R.Seed(ctx, p.ID))
	return p
}

// person is somebody with a home and a phone of their own.
type person struct{ id, home, payer string }

func (b *bench) person() person {
	b.t.Helper()
	n := b.people.Add(1)
	return b.at(fmt.Sprintf("138%08d", n), fmt.Sprintf("文三路 %d 号", n))
}

func (b *bench) at(phone, street string) person {
	b.t.Helper()
	id, err := b.Shoppers.Create(ctx)
	b.Must(err)
	a, err := b.Shoppers.AddAddress(ctx, id, shopper.Address{Country: "CN", Division: "330106", Recipient: "李雷",
		Phone: phone, Street: street})
	b.Must(err)
	return person{string(id), string(a.ID), "acc-" + string(id)}
}

// invited binds friends to who invites them.
func (b *bench) invited(by person, friends ...person) {
	b.t.Helper()
	code, err := b.R.Code(ctx, by.id, "")
	b.Must(err)
	for _, f := range friends {
		b.Must(b.R.Bind(ctx, referral.Bind{Shopper: f.id, Code: code}))
	}
}

// pays is an order of so many pieces that somebody paid.
func (b *bench) pays(who person, n int64) checkout.Placed {
	b.t.Helper()
	p := b.Place(who.id, who.home, checkout.BasketLine{Offer: string(b.goods.ID), Quantity: n})
	b.pay(who, p)
	return p
}

func (b *bench) pay(who person, p checkout.Placed) {
	b.t.Helper()
	a, _, err := b.Pay.Begin(ctx, pay.Begin{Order: string(p.Order), Shopper: who.id, Wallet: "alpha"})
	b.Must(err)
	fact := b.Wallet.Capture(a, "in-"+string(a.ID))
	fact.Payer = who.payer
	_, err = b.Pay.ApplyFacts(ctx, []pay.Fact{fact})
	b.Must(err)
}

// completes ships and receives an order.
func (b *bench) completes(who person, p checkout.Placed) {
	b.t.Helper()
	b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
		return b.Orders.Shipped(tx, b.Clock.Now(), []order.Shipment{{Order: p.Order, Seq: 1, Shop: b.goods.Shop,
			Carrier: "cart", ConfirmBy: b.Clock.Now().AddDate(0, 0, 10)}})
	}))
	b.Must(b.Orders.Receive(ctx, who.id, p.Order, 1))
}

// buys is an order of one piece that somebody paid and has received.
func (b *bench) buys(who person) checkout.Placed {
	b.t.Helper()
	p := b.pays(who, 1)
	b.completes(who, p)
	b.tell()
	return p
}

func (b *bench) refund(p checkout.Placed, n int64, key string) {
	b.t.Helper()
	_, err := b.Cases.Refund(ctx, aftersale.Refund{By: aftersale.Party{Operator: true}, Order: p.Order, Seq: 1,
		Lines: []order.Units{{Line: 1, Units: n}}, Reason: aftersale.Other, Key: key})
	b.Must(err)
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

// tick tells all that happened and decides what is due.
func (b *bench) tick() {
	b.t.Helper()
	b.tell()
	_, err := b.R.Judge(ctx)
	b.Must(err)
	b.tell()
}

// of is what an inviter sees, oldest first: "rewarded", "refused person".
func (b *bench) of(by person) (all []string) {
	b.t.Helper()
	mine, err := b.R.Mine(ctx, by.id, "")
	b.Must(err)
	for _, r := range mine {
		s := string(r.State)
		if r.Why != "" {
			s += " " + string(r.Why)
		}
		all = append([]string{s}, all...)
	}
	return all
}

// see fails the test unless an inviter sees this.
func (b *bench) see(by person, want ...string) {
	b.t.Helper()
	if got := b.of(by); fmt.Sprint(got) != fmt.Sprint(want) {
		b.t.Fatalf("the inviter sees %q, want %q", got, want)
	}
}

// gifts are how many vouchers somebody holds.
func (b *bench) gifts(who person) int {
	b.t.Helper()
	all, err := b.Vouchers.Wallet(ctx, who.id)
	b.Must(err)
	all = slices.DeleteFunc(all, func(v voucher.Voucher) bool { return v.State == voucher.Void }) // taken back, yet shown
	return len(all)
}

// used is how much of a programme's budget is taken.
func (b *bench) used(p referral.Programme) (used int64) {
	b.t.Helper()
	name := quota.Budget(string(p.ID))
	b.Must(b.DB.Read(ctx, func(tx *db.Tx) error {
		all, err := quota.Counts(tx, []string{name})
		used = all[name].Used
		return err
	}))
	return used
}
