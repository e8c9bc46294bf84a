package checkout_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/tradetest"
)

func each(t *testing.T, test func(t *testing.T, m *tradetest.Market)) {
	t.Helper()
	dbtest.Each(t, tradetest.Schemas(), func(t *testing.T, d *db.DB) { test(t, tradetest.New(t, d)) })
}

func line(offer string, n int64) checkout.BasketLine {
	return checkout.BasketLine{Offer: offer, Quantity: n}
}

func TestQuoteAndPlaceOverTwoShops(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		a, b := m.Shop("tea"), m.Shop("toys")
		tea, cup, kite := m.Sell(a, "tea", 19900, 5), m.Sell(a, "cup", 8990, 5), m.Sell(b, "kite", 25900, 5)
		who, home := m.Shopper()
		q := m.Quote(who, home, line(string(tea.ID), 1), line(string(kite.ID), 1), line(string(cup.ID), 2))
		if q.Order.Goods != 63780 || q.Order.Freight != 2*tradetest.Freight || q.Order.Total != 64980 {
			t.Fatalf("goods %d freight %d total %d", q.Order.Goods, q.Order.Freight, q.Order.Total)
		}
		if len(q.Order.Subs) != 2 || q.Order.Subs[0].Shop != a || len(q.Order.Subs[0].Lines) != 2 {
			t.Fatalf("suborders %+v", q.Order.Subs)
		}
		p, err := m.Checkout.Place(context.Background(), checkout.Place{Token: q.Token, Shopper: who, Remark: "快点"})
		m.Must(err)
		got, err := m.Orders.Order(context.Background(), who, p.Order)
		m.Must(err)
		if got.Total != 64980 || got.Remark != "快点" || len(got.Lines()) != 3 || got.Lines()[2].Title != "商品kite" {
			t.Fatalf("order %+v", got)
		}
		if pool := m.Pool(cup.Pool); pool.Held != 2 || pool.Free() != 3 {
			t.Fatalf("cup pool %+v", pool)
		}
	})
}

func TestR1_SameTokenGivesTheSameOrder(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		o := m.Sell(m.Shop("shop-one"), "tea", 100, 10)
		who, home := m.Shopper()
		cmd := checkout.Place{Token: m.Quote(who, home, line(string(o.ID), 2)).Token, Shopper: who}
		var wg sync.WaitGroup
		answers := make([]checkout.Placed, 30)
		for i := range answers {
			wg.Go(func() {
				var err error
				if answers[i], err = m.Checkout.Place(context.Background(), cmd); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		fresh := 0
		for _, a := range answers {
			if !a.Replayed {
				fresh++
			}
			a.Replayed = answers[0].Replayed
			if a != answers[0] {
				t.Fatalf("%+v and %+v", a, answers[0])
			}
		}
		if p := m.Pool(o.Pool); fresh != 1 || p.Held != 2 {
			t.Fatalf("%d orders, %d held", fresh, p.Held)
		}
		m.Clock.Advance(time.Hour) // long after the quote lapsed, the answer is still the same (R3)
		if a, err := m.Checkout.Place(context.Background(), cmd); err != nil || a.Order != answers[0].Order {
			t.Fatal(a, err)
		}
	})
}

// TestOrdersAreNamedAsTheyArePlaced: an order that was quoted first and placed last has the last name, so that new rows
// land at the right edge of their tables; a table of its own rule keeps a quote from becoming two orders.
func TestOrdersAreNamedAsTheyArePlaced(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		o := m.Sell(m.Shop("shop-one"), "tea", 100, 10)
		who, home := m.Shopper()
		var tokens []string
		for range 3 {
			tokens = append(tokens, m.Quote(who, home, line(string(o.ID), 1)).Token)
			m.Clock.Advance(time.Second)
		}
		var last order.ID
		for _, i := range []int{2, 0, 1} {
			p, err := m.Checkout.Place(context.Background(), checkout.Place{Token: tokens[i], Shopper: who})
			m.Must(err)
			got, err := m.Orders.Order(context.Background(), who, p.Order)
			m.Must(err)
			if p.Order <= last || got.ID != p.Order || got.Subs[0].Order != p.Order || got.Lines()[0].Order != p.Order {
				t.Errorf("placed as %s after %s: %+v", p.Order, last, got)
			}
			last = p.Order
		}
		err := m.DB.Write(context.Background(), func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE orders SET quote = (SELECT MIN(quote) FROM orders)`)
			return err
		})
		if !errors.Is(err, db.ErrUnique) {
			t.Errorf("two orders of one quote: %v", err)
		}
	})
}

func TestR2_SameTokenOtherRequestIsRefused(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		o := m.Sell(m.Shop("shop-one"), "tea", 100, 10)
		who, home := m.Shopper()
		token := m.Quote(who, home, line(string(o.ID), 2)).Token
		_, err := m.Checkout.Place(context.Background(), checkout.Place{Token: token, Shopper: who, Remark: "a"})
		m.Must(err)
		_, err = m.Checkout.Place(context.Background(), checkout.Place{Token: token, Shopper: who, Remark: "b"})
		if !fault.Is(err, "checkout.mismatch") || fault.Of(err) != fault.Unprocessable {
			t.Fatalf("got %v", err)
		}
	})
}

func TestR4_ThousandBuyersForHundredPieces(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		o := m.Sell(m.Shop("shop-one"), "tea", 100, 100)
		who, home := m.Shopper()
		tokens := make([]string, 1000)
		for i := range tokens {
			tokens[i] = m.Quote(who, home, line(string(o.ID), 1)).Token
		}
		var sold, refused atomic.Int64
		var wg sync.WaitGroup
		for _, token := range tokens {
			wg.Go(func() {
				switch _, err := m.Checkout.Place(context.Background(), checkout.Place{Token: token, Shopper: who}); {
				case err == nil:
					sold.Add(1)
				case fault.Is(err, "stock.sold_out"):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if p := m.Pool(o.Pool); sold.Load() != 100 || refused.Load() != 900 || p.Held != 100 || p.Free() != 0 {
			t.Fatalf("sold %d refused %d pool %+v", sold.Load(), refused.Load(), p)
		}
	})
}

func TestR6_ManyPlacesOfOneShopperEachTakeStockOnce(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		shop := m.Shop("shop-one")
		o := m.Sell(shop, "tea", 100, 3)
		who, home := m.Shopper()
		twice := []checkout.BasketLine{line(string(o.ID), 1), line(string(o.ID), 1)}
		_, err := m.Checkout.Quote(context.Background(), who, checkout.Basket{Lines: twice, Address: home})
		if !fault.Is(err, "checkout.duplicate") {
			t.Fatalf("one offer in two lines: %v", err)
		}
	})
}

func TestR17_PriceOfTheQuoteIsHonouredUntilItLapses(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		shop := m.Shop("shop-one")
		o := m.Sell(shop, "tea", 100, 10)
		who, home := m.Shopper()
		first, second := m.Quote(who, home, line(string(o.ID), 1)), m.Quote(who, home, line(string(o.ID), 1))
		m.Must(m.Offers.Reprice(context.Background(), shop, o.ID, money.New(150, "CNY"), money.New(0, "CNY")))
		p, err := m.Checkout.Place(context.Background(), checkout.Place{Token: first.Token, Shopper: who})
		m.Must(err)
		if p.Total != 100+tradetest.Freight {
			t.Fatalf("total %d", p.Total)
		}
		m.Clock.Advance(checkout.DefaultSettings().QuoteHolds)
		_, err = m.Checkout.Place(context.Background(), checkout.Place{Token: second.Token, Shopper: who})
		if !fault.Is(err, "checkout.expired") || fault.Of(err) != fault.Expired {
			t.Fatalf("at the very instant of lapsing: %v", err)
		}
		if q := m.Quote(who, home, line(string(o.ID), 1)); q.Order.Goods != 150 {
			t.Fatalf("a new quote costs %d", q.Order.Goods)
		}
	})
}

func TestWithdrawnOfferIsNotPlaced(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		shop := m.Shop("shop-one")
		o := m.Sell(shop, "tea", 100, 10)
		who, home := m.Shopper()
		q := m.Quote(who, home, line(string(o.ID), 1))
		m.Must(m.Offers.Withdraw(context.Background(), shop, o.ID))
		_, err := m.Checkout.Place(context.Background(), checkout.Place{Token: q.Token, Shopper: who})
		if !fault.Is(err, "stock.closed") {
			t.Fatalf("got %v", err)
		}
	})
}

func TestTokensOfOthersAndTamperedOnesAreRefused(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, tradetest.Schemas()...)
	m := tradetest.New(t, d)
	o := m.Sell(m.Shop("shop-one"), "tea", 100, 10)
	who, home := m.Shopper()
	thief, _ := m.Shopper()
	token := m.Quote(who, home, line(string(o.ID), 1)).Token
	flipped := []byte(token)
	flipped[len(flipped)/2] ^= 1
	for name, cmd := range map[string]checkout.Place{
		"another shopper": {Token: token, Shopper: thief},
		"nobody":          {Token: token},
		"flipped":         {Token: string(flipped), Shopper: who},
		"cut":             {Token: token[:len(token)-4], Shopper: who},
		"empty":           {Shopper: who},
		"huge":            {Token: "ck1." + strings.Repeat("A", checkout.TokenMax(100)), Shopper: who},
	} {
		if _, err := m.Checkout.Place(context.Background(), cmd); !fault.Is(err, "checkout.token") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if p := m.Pool(o.Pool); p.Held != 0 {
		t.Fatalf("refused calls hold %d", p.Held)
	}
}

func TestTextsThatCannotBeKeptAreRefusedBeforeTheBatch(t *testing.T) {
	each(t, func(t *testing.T, m *tradetest.Market) {
		o := m.Sell(m.Shop("shop-one"), "tea", 100, 10)
		who, home := m.Shopper()
		token := m.Quote(who, home, line(string(o.ID), 1)).Token
		for _, c := range []struct {
			code string
			cmd  checkout.Place
		}{
			{"checkout.remark", checkout.Place{Token: token, Shopper: who, Remark: "a\x00b"}},
			{"checkout.remark", checkout.Place{Token: token, Shopper: who, Remark: "a\x1b[31mb"}},
			{"checkout.remark", checkout.Place{Token: token, Shopper: who, Remark: "\u202eb"}},
			{"checkout.source", checkout.Place{Token: token, Shopper: who, Source: "\xff"}},
			{"checkout.source", checkout.Place{Token: token, Shopper: who, Source: "a\nb"}},
		} {
			if _, err := m.Checkout.Place(context.Background(), c.cmd); !fault.Is(err, c.code) {
				t.Errorf("%+v: %v, want %s", c.cmd, err, c.code)
			}
		}
		placed, err := m.Checkout.Place(context.Background(), checkout.Place{Token: token, Shopper: who,
			Remark: "leave it\r\nat 3A"})
		m.Must(err)
		kept, err := m.Orders.Any(context.Background(), placed.Order)
		m.Must(err)
		if kept.Remark != "leave it\nat 3A" {
			t.Errorf("a note of two lines is kept as %q", kept.Remark)
		}
	})
}

func TestQuoteRefusesBadBaskets(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, tradetest.Schemas()...)
	m := tradetest.New(t, d)
	o := m.Sell(m.Shop("shop-one"), "tea", 9_999_999_999, 10_000)
	who, home := m.Shopper()
	_, foreign := m.Shopper()
	many := make([]checkout.BasketLine, 101)
	for i := range many {
		many[i] = line(strings.Repeat("x", i+1), 1)
	}
	for _, c := range []struct {
		name, code, address string
		lines               []checkout.BasketLine
	}{
		{"empty", "checkout.empty", home, nil},
		{"M1 zero", "checkout.quantity", home, []checkout.BasketLine{line(string(o.ID), 0)}},
		{"M1 negative", "checkout.quantity", home, []checkout.BasketLine{line(string(o.ID), -1)}},
		{"M1 too many", "checkout.quantity", home, []checkout.BasketLine{line(string(o.ID), 10_000)}},
		{"M3 too many lines", "checkout.lines", home, many},
		{"M2 amount", "checkout.amount_range", home, []checkout.BasketLine{line(string(o.ID), 9_999)}},
		{"A2 foreign address", "address.not_found", foreign, []checkout.BasketLine{line(string(o.ID), 1)}},
	} {
		_, err := m.Checkout.Quote(context.Background(), who, checkout.Basket{Lines: c.lines, Address: c.address})
		if fault.As(err) == nil || (fault.As(err).Code != c.code && fault.Of(err) != fault.NotFound) {
			t.Errorf("%s: got %v, want %s", c.name, err, c.code)
		}
	}
	for field, second := range map[string]checkout.BasketLine{"lines.1.quantity": line("off_unknown", 0),
		"lines.1.offer": line(string(o.ID), 1)} {
		_, err := m.Checkout.Quote(context.Background(), who, checkout.Basket{Address: home,
			Lines: []checkout.BasketLine{line(string(o.ID), 1), second}})
		if f := fault.As(err); f == nil || f.Field != field {
			t.Errorf("%v is not at %s", err, field)
		}
	}
	q, err := m.Checkout.Quote(context.Background(), who, checkout.Basket{Address: home, Lang: text.En,
		Lines: []checkout.BasketLine{line("off_unknown", 1)}})
	if err != nil || q.Token != "" || len(q.Problems) != 1 || !fault.Is(q.Problems[0].Err, "offer.not_found") {
		t.Fatalf("unknown offer: %+v %v", q, err)
	}
}

func TestOrdersOfManyShoppersAtPinnedInstants(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, tradetest.Schemas()...)
	m := tradetest.New(t, d)
	o := m.Sell(m.Shop("shop-one"), "tea", 100, 10)
	who, home := m.Shopper()
	then := tradetest.Start.Add(-24 * time.Hour)
	ctx := clock.Pin(context.Background(), then)
	q, err := m.Checkout.Quote(ctx, who, checkout.Basket{Lines: []checkout.BasketLine{line(string(o.ID), 1)}, Address: home})
	m.Must(err)
	p, err := m.Checkout.Place(ctx, checkout.Place{Token: q.Token, Shopper: who})
	m.Must(err)
	if want := then.Add(checkout.DefaultSettings().PayWithin); !p.ExpiresAt.Equal(want) {
		t.Fatalf("expires %v, want %v", p.ExpiresAt, want)
	}
}
