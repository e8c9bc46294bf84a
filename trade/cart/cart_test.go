package cart_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/idempotency"
	"hutong/base/money"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/party/audit"
	"hutong/party/shopper"
	"hutong/trade/cart"
)

var start = time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)

var schemas = []db.Schema{event.Schema, audit.Schema, idempotency.Schema, shopper.Schema, stock.Schema, offer.Schema, cart.Schema}

type market struct {
	*cart.Service
	db       *db.DB
	clock    *clock.Manual
	ids      *id.Maker
	offers   *offer.Service
	shoppers *shopper.Service
}

func open(d *db.DB) market {
	c := clock.NewManual(start)
	ids := id.NewMaker(c, rand.Reader)
	return market{cart.New(d, c), d, c, ids, offer.New(d, c, ids), shopper.New(d, c, ids)}
}

// failer is a *testing.T or a *rapid.T.
type failer interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func (m market) someone(t failer) string {
	t.Helper()
	who, err := m.shoppers.Create(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return string(who)
}

const shop = "shp_tea"

// list puts n offers up for sale.
func (m market) list(t failer, n int, currency money.Currency) (all []offer.ID) {
	t.Helper()
	listings := make([]offer.Listing, n)
	for i := range listings {
		listings[i] = offer.Listing{Shop: shop, Product: m.ids.New("prd"), SKU: m.ids.New("sku"),
			Pool: stock.PoolID(m.ids.New("pol")), Currency: currency, UnitPrice: 100}
	}
	err := m.db.Write(context.Background(), func(tx *db.Tx) error {
		offers, _, err := m.offers.List(tx, m.clock.Now(), listings)
		for _, o := range offers {
			all = append(all, o.ID)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (m market) withdraw(t failer, o offer.ID) {
	t.Helper()
	if err := m.offers.Withdraw(context.Background(), shop, o); err != nil {
		t.Fatal(err)
	}
}

func (m market) put(t failer, who string, o offer.ID, quantity int64) {
	t.Helper()
	if err := m.Put(context.Background(), who, o, quantity); err != nil {
		t.Fatal(err)
	}
}

func (m market) shows(t failer, who string, want ...cart.Line) {
	t.Helper()
	got, err := m.Lines(context.Background(), who)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("%d lines, want %d: %v", len(got), len(want), got)
	}
	for i := range got {
		if got[i].Offer != want[i].Offer || got[i].Quantity != want[i].Quantity || !got[i].Added.Equal(want[i].Added) {
			t.Fatalf("line %d is %+v, want %+v", i, got[i], want[i])
		}
	}
}

func TestALineIsSetNotAdded(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d)
		o, who, other := m.list(t, 2, "CNY"), m.someone(t), m.someone(t)
		m.put(t, who, o[1], 2)
		m.clock.Advance(time.Second)
		m.put(t, who, o[0], 1)
		m.put(t, who, o[1], 5)
		m.put(t, who, o[1], 5)
		m.shows(t, who, cart.Line{Offer: o[1], Quantity: 5, Added: start},
			cart.Line{Offer: o[0], Quantity: 1, Added: start.Add(time.Second)})
		m.shows(t, other)
		m.put(t, other, o[0], 9)
		m.put(t, who, o[1], 0)
		m.put(t, who, o[1], 0)
		m.shows(t, who, cart.Line{Offer: o[0], Quantity: 1, Added: start.Add(time.Second)})
		m.shows(t, other, cart.Line{Offer: o[0], Quantity: 9, Added: start.Add(time.Second)})
	})
}

func TestM1_QuantitiesOutsideTheirBounds(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d)
		o, who := m.list(t, 1, "CNY"), m.someone(t)
		for _, q := range []int64{-1, cart.QuantityMax + 1, 1<<63 - 1, -1 << 63} {
			err := m.Put(context.Background(), who, o[0], q)
			if !fault.Is(err, "cart.quantity") || fault.As(err).Field != "quantity" || fault.Of(err) != fault.Invalid {
				t.Errorf("%d: %v", q, err)
			}
		}
		m.shows(t, who)
		m.put(t, who, o[0], cart.QuantityMax)
		// The schema says the same.
		err := d.Write(context.Background(), func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE cart_lines SET quantity = $1`, cart.QuantityMax+1)
			return err
		})
		if !errors.Is(err, db.ErrCheck) {
			t.Fatal(err)
		}
	})
}

func TestM6_OneCartIsOneCurrency(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d)
		cny, eur := m.list(t, 2, "CNY"), m.list(t, 1, "EUR")
		who := m.someone(t)
		m.put(t, who, cny[0], 1)
		err := m.Put(context.Background(), who, eur[0], 1)
		if !fault.Is(err, "cart.currency") || fault.Of(err).Status() != 422 || fault.As(err).Field != "offer" {
			t.Fatal(err)
		}
		m.withdraw(t, cny[0]) // it is still what the cart is counted in
		if err := m.Put(context.Background(), who, eur[0], 1); !fault.Is(err, "cart.currency") {
			t.Fatal(err)
		}
		m.put(t, who, cny[0], 0)
		m.put(t, who, eur[0], 1)
		m.shows(t, who, cart.Line{Offer: eur[0], Quantity: 1, Added: start})
	})
}

func TestA1_WhatIsNotForSaleOrNobodysDoesNotComeIn(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, ctx := open(d), context.Background()
		o, who := m.list(t, 2, "CNY"), m.someone(t)
		m.withdraw(t, o[1])
		for _, name := range []offer.ID{o[1], "", "off_", "off_01jcdefghjkmnpqrstvwxyz012", "a\x00b", "\xff", "' OR 1=1"} {
			if err := m.Put(ctx, who, name, 1); !fault.Is(err, "cart.offer_not_found") || fault.Of(err) != fault.NotFound {
				t.Errorf("%q: %v", name, err)
			}
		}
		for _, nobody := range []string{"", "shr_nobody"} {
			if err := m.Put(ctx, nobody, o[0], 1); !fault.Is(err, "shopper.not_found") {
				t.Errorf("%q: %v", nobody, err)
			}
			m.shows(t, nobody)
		}
		m.shows(t, who)
		// What was in the cart when it was withdrawn stays until it is taken out.
		m.put(t, who, o[0], 1)
		m.withdraw(t, o[0])
		m.put(t, who, o[0], 2)
		m.shows(t, who, cart.Line{Offer: o[0], Quantity: 2, Added: start})
		m.put(t, who, o[0], 0)
		m.shows(t, who)
	})
}

// The row of FAULTS R6, for a cart: many requests of one shopper at once pass no limit together.
func TestR6_LimitsHoldAgainstManyRequestsAtOnce(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, ctx := open(d), context.Background()
		o, who := m.list(t, cart.LinesMax+30, "CNY"), m.someone(t)
		var wg sync.WaitGroup
		var mu sync.Mutex
		refused := 0
		for _, name := range o {
			wg.Go(func() {
				err := m.Put(ctx, who, name, 1)
				if err != nil && (!fault.Is(err, "cart.lines_many") || fault.Of(err).Status() != 422) {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					refused++
				}
			})
		}
		wg.Wait()
		lines, err := m.Lines(ctx, who)
		if err != nil || len(lines) != cart.LinesMax || refused != 30 {
			t.Fatal(len(lines), refused, err)
		}
		m.put(t, who, lines[0].Offer, 7) // a full cart can still be changed
		m.put(t, who, lines[1].Offer, 0)
		m.put(t, who, lines[1].Offer, 1)
	})
}

func TestR6_OneOfferManyTimesAtOnceIsOneLine(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, ctx := open(d), context.Background()
		o, eur, who := m.list(t, 1, "CNY"), m.list(t, 1, "EUR"), m.someone(t)
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				name := o[0]
				if i%2 == 1 { // two currencies race for the empty cart
					name = eur[0]
				}
				if err := m.Put(ctx, who, name, int64(i+1)); err != nil && !fault.Is(err, "cart.currency") {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if lines, err := m.Lines(ctx, who); err != nil || len(lines) != 1 {
			t.Fatal(lines, err)
		}
	})
}

func TestClearTakesWhatWasOrderedOnly(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m := open(d)
		o, a, b := m.list(t, 3, "CNY"), m.someone(t), m.someone(t)
		for _, who := range []string{a, b} {
			for _, name := range o {
				m.put(t, who, name, 1)
			}
		}
		stop := errors.New("the order was refused")
		for _, end := range []error{stop, nil, nil} {
			err := d.Write(context.Background(), func(tx *db.Tx) error {
				taken := []cart.Taken{{Shopper: a, Offer: o[0]}, {Shopper: a, Offer: o[2]}, {Shopper: b, Offer: o[1]},
					{Shopper: b, Offer: "off_never"}, {Shopper: "", Offer: o[0]}}
				if err := cart.Clear(tx, taken); err != nil {
					return err
				}
				return end
			})
			if err != end {
				t.Fatal(err)
			}
			if end == stop {
				if lines, err := m.Lines(context.Background(), a); err != nil || len(lines) != 3 {
					t.Fatal("a refused order emptied the cart", lines, err)
				}
			}
		}
		m.shows(t, a, cart.Line{Offer: o[1], Quantity: 1, Added: start})
		m.shows(t, b, cart.Line{Offer: o[0], Quantity: 1, Added: start}, cart.Line{Offer: o[2], Quantity: 1, Added: start})
		if err := d.Write(context.Background(), func(tx *db.Tx) error { return cart.Clear(tx, nil) }); err != nil {
			t.Fatal(err)
		}
	})
}

func TestR16_MergesThatMeet(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, ctx := open(d), context.Background()
		o, a, b := m.list(t, 2, "CNY"), m.someone(t), m.someone(t)
		m.put(t, a, o[0], 3)
		m.put(t, b, o[1], 4)
		var wg sync.WaitGroup
		for i := range 20 { // into each other, and the same again and again
			wg.Go(func() {
				from, into := a, b
				if i%2 == 1 {
					from, into = b, a
				}
				if left, err := m.Merge(ctx, from, into); err != nil || left != 0 {
					t.Error(left, err)
				}
			})
		}
		wg.Wait()
		if left, err := m.Merge(ctx, a, b); err != nil || left != 0 {
			t.Fatal(left, err)
		}
		m.shows(t, a)
		got, err := m.Lines(ctx, b)
		if err != nil || len(got) != 2 {
			t.Fatal(got, err)
		}
		for _, l := range got {
			if want := map[offer.ID]int64{o[0]: 3, o[1]: 4}[l.Offer]; l.Quantity != want {
				t.Errorf("%+v, want %d", l, want)
			}
		}
		if left, err := m.Merge(ctx, b, b); err != nil || left != 0 {
			t.Fatal(left, err)
		}
		for _, pair := range [][2]string{{"", b}, {b, ""}, {"shr_nobody", b}} {
			if _, err := m.Merge(ctx, pair[0], pair[1]); !fault.Is(err, "shopper.not_found") {
				t.Error(pair, err)
			}
		}
	})
}

func TestR1_PuttingIsRecordedOnce(t *testing.T) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		m, ctx := open(d), context.Background()
		idem := idempotency.New(d, m.clock, m.ids, idempotency.Settings{})
		o, who := m.list(t, 1, "CNY"), m.someone(t)
		render := func(v any) (idempotency.Reply, error) {
			return idempotency.Reply{Status: 200, Body: fmt.Appendf(nil, "%d", v.(cart.Line).Quantity)}, nil
		}
		for i, quantity := range []int64{2, 0, 7} {
			r, err := idem.Within(ctx, idempotency.Request{Principal: who, Key: "k", Hash: "h"}, render,
				func(ctx context.Context) error { return m.Put(ctx, who, o[0], quantity) })
			if err != nil || string(r.Body) != "2" || r.Replayed != (i > 0) {
				t.Fatal(i, r, err)
			}
		}
		m.shows(t, who, cart.Line{Offer: o[0], Quantity: 2, Added: start})
	})
}

func BenchmarkPut(b *testing.B) {
	m := open(dbtest.SQLite(b, db.Options{}, schemas...))
	o := m.list(b, 1000, "CNY")
	shoppers := make([]string, 1000)
	for i := range shoppers {
		shoppers[i] = m.someone(b)
	}
	var mu sync.Mutex
	n := 0
	b.SetParallelism(64)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			mu.Lock()
			n++
			i := n
			mu.Unlock()
			if err := m.Put(context.Background(), shoppers[i%1000], o[i/1000%100], 1); err != nil {
				b.Error(err)
			}
		}
	})
}
