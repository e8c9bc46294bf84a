package checkout_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/deal/promo"
	"hutong/deal/promo/price"
	"hutong/deal/quota"
	"hutong/deal/voucher"
	"hutong/funds/pay"
	"hutong/funds/pay/paytest"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/tradetest"
)

// till is a market with a wallet that names who paid, and an item of a sale of which one shopper may buy two.
type till struct {
	*tradetest.Market
	t      *testing.T
	wallet *paytest.Script
	bus    *event.Bus
	item   offer.Offer
}

const itemID = "enr_item"

func eachTill(t *testing.T, test func(t *till)) {
	t.Helper()
	dbtest.Each(t, tradetest.Schemas(), func(t *testing.T, d *db.DB) {
		b := &till{t: t, wallet: paytest.NewScript("alpha")}
		b.Market = tradetest.New(t, d, b.wallet)
		b.bus = event.NewBus(d, b.Clock, slog.New(slog.DiscardHandler))
		b.Orders.Listen(b.bus)
		b.item = b.Sell(b.Shop("shop-a"), "tea", 9900, 100)
		b.Hold([]promo.Promotion{{ID: itemID, Version: 1, Kind: price.Name, Terms: price.At(990), PerShopper: 2,
			Scope: promo.Scope{SKUs: []string{b.item.SKU}}, Pool: string(b.item.Pool)}})
		test(b)
	})
}

// paid has an account of the wallet pay an order, and gives what became of the money.
func (b *till) paid(who string, p checkout.Placed, payer string) pay.Result {
	ctx := context.Background()
	a, _, err := b.Pay.Begin(ctx, pay.Begin{Order: string(p.Order), Shopper: who, Wallet: b.wallet.Wallet})
	if err != nil {
		b.t.Error(err)
		return pay.Result{}
	}
	f := b.wallet.Capture(a, "txn-"+string(p.Order))
	f.Payer = payer
	out, err := b.Pay.ApplyFacts(ctx, []pay.Fact{f})
	if err != nil {
		b.t.Error(err)
		return pay.Result{}
	}
	return out[0]
}

// account is how much of the item an account of the wallet has bought.
func (b *till) account(payer string) int64 {
	mark := voucher.NewPartyMarks([]byte("marks of tests")).Account(b.wallet.Wallet, payer)
	return used(b.Market, quota.Account(itemID, mark))[0]
}

func (b *till) state(p checkout.Placed) order.Order {
	o, err := b.Orders.Any(context.Background(), p.Order)
	b.Must(err)
	return o
}

// TestR6_OneWalletBehindManyAccounts: fifty shoppers, one wallet account, all paying at once: the account buys what one
// shopper may. The others' money goes back, their orders are cancelled and their pieces are free again.
func TestR6_OneWalletBehindManyAccounts(t *testing.T) {
	eachTill(t, func(b *till) {
		const shoppers = 50
		var who [shoppers]string
		var orders [shoppers]checkout.Placed
		for i := range who {
			var home string
			who[i], home = b.Shopper()
			orders[i] = b.Place(who[i], home, line(string(b.item.ID), 1))
		}
		var wg sync.WaitGroup
		for i := range who {
			wg.Go(func() { b.paid(who[i], orders[i], "wallet-1") })
		}
		wg.Wait()
		kept := 0
		for i, p := range orders {
			o := b.state(p)
			refunds, err := b.Pay.Refunds(context.Background(), string(p.Order))
			b.Must(err)
			switch {
			case o.State == order.Paid && len(refunds) == 0:
				kept++
			case o.State == order.Cancelled && o.Reason == order.WhyAccount && o.PaidAt.IsZero() && len(refunds) == 1 &&
				refunds[0].Reason == "order.account_limit" && refunds[0].Amount.Minor == p.Total:
			default:
				b.t.Errorf("%d: %s %q, refunds %+v", i, o.State, o.Reason, refunds)
			}
			if n := used(b.Market, quota.Limit(itemID, who[i]), quota.Unpaid(who[i])); n[1] != 0 ||
				(n[0] == 1) != (o.State == order.Paid) {
				b.t.Errorf("%d: %s uses %v", i, o.State, n)
			}
		}
		if pool := b.Pool(b.item.Pool); kept != 2 || pool.Sold != 2 || pool.Held != 0 || b.account("wallet-1") != 2 {
			b.t.Fatalf("%d orders kept, the account bought %d, %+v", kept, b.account("wallet-1"), pool)
		}
	})
}

// TestR6_AccountOfAWallet: what was refunded before shipping can be bought again with the account, a shopper whose
// accounts have bought their share is told before paying, and a payment that comes late is held to the limit too.
func TestR6_AccountOfAWallet(t *testing.T) {
	eachTill(t, func(b *till) {
		ctx := context.Background()
		first, home := b.Shopper()
		p := b.Place(first, home, line(string(b.item.ID), 2))
		if got := b.paid(first, p, "wallet-1"); got.Effect != pay.Applied {
			b.t.Fatalf("%+v", got)
		}
		second, there := b.Shopper()
		promised := b.Quote(second, there, line(string(b.item.ID), 1))
		refused := b.Place(second, there, line(string(b.item.ID), 1))
		if got := b.paid(second, refused, "wallet-1"); got.Effect != pay.Returned || got.Reason != "order.account_limit" {
			b.t.Fatalf("%+v", got)
		}
		for n := 1; n > 0; {
			var err error
			n, err = b.bus.Dispatch(ctx)
			b.Must(err)
		}
		q := b.Quote(second, there, line(string(b.item.ID), 1))
		if q.Order.Goods != 9900 || q.Why.Refused[0].Code != "checkout.account_limit" {
			b.t.Fatalf("the next quote is %d: %+v", q.Order.Goods, q.Why.Refused)
		}
		b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
			_, err := b.Orders.Refund(tx, order.Refund{Order: p.Order, Seq: 1, Lines: []order.Units{{Line: 1, Units: 1}},
				Cause: order.Cause{Actor: "shopper", Why: "refunded", At: b.Clock.Now()}})
			return err
		}))
		if b.account("wallet-1") != 1 {
			b.t.Fatalf("after a refund the account stands at %d", b.account("wallet-1"))
		}
		q = b.Quote(second, there, line(string(b.item.ID), 1))
		last, err := b.Checkout.Place(ctx, checkout.Place{Shopper: second, Token: q.Token})
		b.Must(err)
		if got := b.paid(second, last, "wallet-1"); q.Order.Goods != 990 || got.Effect != pay.Applied {
			b.t.Fatalf("%d %+v", q.Order.Goods, got)
		}
		_, err = b.Checkout.Place(ctx, checkout.Place{Shopper: second, Token: promised.Token})
		b.Must(err) // nothing was known of the account when it was promised
		b.late("wallet-1")
	})
}

// late pays an order that has lapsed with an account that has bought its share.
func (b *till) late(payer string) {
	who, home := b.Shopper()
	p := b.Place(who, home, line(string(b.item.ID), 1))
	a, _, err := b.Pay.Begin(context.Background(), pay.Begin{Order: string(p.Order), Shopper: who,
		Wallet: b.wallet.Wallet})
	b.Must(err)
	b.Clock.Advance(time.Hour)
	_, err = b.Orders.Expire(context.Background())
	b.Must(err)
	before, sold := b.account(payer), b.Pool(b.item.Pool)
	f := b.wallet.Capture(a, "late")
	f.Payer = payer
	out, err := b.Pay.ApplyFacts(context.Background(), []pay.Fact{f})
	b.Must(err)
	if o := b.state(p); out[0].Reason != "order.account_limit" || o.State != order.Cancelled || o.Reason != "expired" ||
		b.account(payer) != before || b.Pool(b.item.Pool) != sold || used(b.Market, quota.Limit(itemID, who))[0] != 0 {
		b.t.Fatalf("%+v: %s, account %d, pool %+v", out[0], o.State, b.account(payer), b.Pool(b.item.Pool))
	}
}

// TestR6_MatchedMoneyIsOfItsAccount: money that named no attempt, and that the operator matches with an order, counts for
// the account that sent it; one that has bought its share has it back.
func TestR6_MatchedMoneyIsOfItsAccount(t *testing.T) {
	eachTill(t, func(b *till) {
		ctx := context.Background()
		matched := func(txn string, pieces int64) pay.Result {
			who, home := b.Shopper()
			p := b.Place(who, home, line(string(b.item.ID), pieces))
			a, _, err := b.Pay.Begin(ctx, pay.Begin{Order: string(p.Order), Shopper: who, Wallet: b.wallet.Wallet})
			b.Must(err)
			f := b.wallet.Capture(a, txn)
			f.Attempt, f.Payer = "att_none", "wallet-1"
			_, err = b.Pay.ApplyFacts(ctx, []pay.Fact{f})
			b.Must(err)
			got, err := b.Pay.MatchSuspense(ctx, f.Key(), a.ID)
			b.Must(err)
			return got
		}
		if got := matched("first", 2); got.Effect != pay.Applied || b.account("wallet-1") != 2 {
			b.t.Fatalf("%+v, the account bought %d", got, b.account("wallet-1"))
		}
		if got := matched("second", 1); got.Reason != "order.account_limit" || b.account("wallet-1") != 2 {
			b.t.Fatalf("%+v, the account bought %d", got, b.account("wallet-1"))
		}
	})
}

// TestR6_PlacingLooksAtTheAccount: what a quote promised is refused at placing when the account bought its share since.
func TestR6_PlacingLooksAtTheAccount(t *testing.T) {
	eachTill(t, func(b *till) {
		ctx := context.Background()
		who, home := b.Shopper()
		b.paid(who, b.Place(who, home, line(string(b.item.ID), 1)), "wallet-1")
		for n := 1; n > 0; {
			var err error
			n, err = b.bus.Dispatch(ctx)
			b.Must(err)
		}
		q := b.Quote(who, home, line(string(b.item.ID), 1))
		other, there := b.Shopper()
		b.paid(other, b.Place(other, there, line(string(b.item.ID), 1)), "wallet-1")
		_, err := b.Checkout.Place(ctx, checkout.Place{Shopper: who, Token: q.Token})
		if fault.As(err).Code != "checkout.account_limit" || b.account("wallet-1") != 2 || used(b.Market, quota.Limit(itemID, who))[0] != 1 {
			b.t.Fatalf("placed with %d bought: %v", b.account("wallet-1"), err)
		}
	})
}

// TestR6_BillOfAnAccountThatHasItsShare: where the account has bought its share of the goods, nothing of the bill is paid:
// all its money goes back, the goods' order is cancelled, and the balance beside it is open again.
func TestR6_BillOfAnAccountThatHasItsShare(t *testing.T) {
	eachTill(t, func(b *till) {
		ctx := context.Background()
		item := b.Presell(b.Sell(b.Shop("shop-b"), "phone", 21000, 10), 20000, 1000, 3000,
			fmt.Sprintf(`{"id":%q,"kind":"price","skus":[%q],"unit_price":990,"per_shopper":2,"pool":%q}`, itemID, b.item.SKU,
				b.item.Pool), `{"id":"cross","kind":"crossshop","every":18000,"off":1000}`)
		who, home := b.Shopper()
		owed := b.Preorder(who, home, item, 1)
		b.paid(who, owed, "wallet-2")
		b.Clock.Set(item.Opens)
		other, there := b.Shopper()
		b.paid(other, b.Place(other, there, line(string(b.item.ID), 2)), "wallet-1")
		q, err := b.Checkout.Quote(ctx, who, checkout.Basket{Lines: []checkout.BasketLine{line(string(b.item.ID), 1)},
			Address: home, Lang: text.Zh, Balances: []order.ID{owed.Order}})
		b.Must(err)
		lead, err := b.Checkout.Place(ctx, checkout.Place{Shopper: who, Token: q.Token})
		b.Must(err)
		a, _, err := b.Pay.Begin(ctx, pay.Begin{Order: string(lead.Order), Shopper: who, Wallet: b.wallet.Wallet})
		b.Must(err)
		f := b.wallet.Capture(a, "together")
		f.Payer = "wallet-1"
		out, err := b.Pay.ApplyFacts(ctx, []pay.Fact{f})
		b.Must(err)
		o, with := b.state(lead), b.state(owed)
		if out[0].Reason != "order.account_limit" || o.State != order.Cancelled || o.Reason != order.WhyAccount ||
			!o.PaidAt.IsZero() || b.account("wallet-1") != 2 {
			t.Errorf("%+v: %s %q", out[0], o.State, o.Reason)
		}
		if with.State != order.AwaitingPayment || with.Bill != "" || with.Presale.State != order.EarnestPaid ||
			!with.Presale.FixedAt.IsZero() || with.Goods != 18000 {
			t.Errorf("the balance is %s of %d, %+v", with.State, with.Goods, with.Presale)
		}
		back := int64(0)
		for _, p := range []checkout.Placed{lead, owed} {
			all, err := b.Pay.Refunds(ctx, string(p.Order))
			b.Must(err)
			for _, r := range all {
				back += r.Amount.Minor
			}
		}
		pool, phone := b.Pool(b.item.Pool), b.Pool(stock.PoolID(with.Lines()[0].Pool))
		if back != a.Amount.Minor || pool.Sold != 2 || pool.Held != 0 || phone.Held != 1 || phone.Sold != 0 {
			t.Errorf("%d of %d go back, %+v, %+v", back, a.Amount.Minor, pool, phone)
		}
		alone, _, err := b.Pay.Begin(ctx, pay.Begin{Order: string(owed.Order), Shopper: who, Wallet: b.wallet.Wallet})
		b.Must(err)
		out, err = b.Pay.ApplyFacts(ctx, []pay.Fact{b.wallet.Capture(alone, "alone")})
		if b.Must(err); out[0].Effect != pay.Applied || b.state(owed).State != order.Paid {
			t.Errorf("the balance alone: %+v", out[0])
		}
	})
}
