package tally_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/trade/checkout"
	"hutong/trade/tally"
	"hutong/trade/tradetest"
)

type desk struct {
	*tradetest.Market
	t     *testing.T
	bus   *event.Bus
	tally *tally.Service
}

func open(t *testing.T, d *db.DB) *desk {
	m := tradetest.New(t, d)
	k := &desk{Market: m, t: t, bus: event.NewBus(d, m.Clock, slog.New(slog.DiscardHandler)), tally: tally.New(d, m.Clock)}
	k.tally.Listen(k.bus)
	return k
}

func (k *desk) tell() {
	k.t.Helper()
	_, err := k.bus.Dispatch(context.Background())
	k.Must(err)
}

func (k *desk) hours(shop string, n int) []tally.Hour {
	k.t.Helper()
	all, err := k.tally.Hours(context.Background(), shop, tradetest.Start, tradetest.Start.Add(time.Duration(n)*time.Hour))
	k.Must(err)
	return all
}

func each(t *testing.T, run func(k *desk)) {
	dbtest.Each(t, append(tradetest.Schemas(), tally.Schema), func(t *testing.T, d *db.DB) { run(open(t, d)) })
}

// TestHoursOfShopsAndMarket: one order of two shops paid in the hour after, one that lapses, and what shops see of them.
func TestHoursOfShopsAndMarket(t *testing.T) {
	each(t, func(k *desk) {
		a, b := k.Shop("shop-a"), k.Shop("shop-b")
		cup, lamp := k.Sell(a, "cup", 1000, 10), k.Sell(b, "lamp", 5000, 10)
		who, address := k.Shopper()
		k.Clock.Set(tradetest.Start.Add(50 * time.Minute))
		both := k.Place(who, address, checkout.BasketLine{Offer: string(cup.ID), Quantity: 2},
			checkout.BasketLine{Offer: string(lamp.ID), Quantity: 1})
		k.Place(who, address, checkout.BasketLine{Offer: string(cup.ID), Quantity: 1})
		k.tell()
		k.Clock.Advance(12 * time.Minute) // into the next hour
		k.Capture(both, "txn-1")
		k.Clock.Advance(10 * time.Minute)
		_, err := k.Orders.Expire(context.Background())
		k.Must(err)
		k.tell()
		for range 3 {
			k.tally.Viewed(a)
		}
		_, err = k.tally.Flush(context.Background())
		k.Must(err)

		f := int64(tradetest.Freight)
		for _, c := range []struct {
			shop  string
			hours [3]tally.Hour
		}{
			{tally.Market, [3]tally.Hour{{Placed: 2, PlacedAmount: 8000 + 3*f},
				{Paid: 1, PaidAmount: 7000 + 2*f, Lapsed: 1, Views: 3}, {}}},
			{a, [3]tally.Hour{{Placed: 2, PlacedAmount: 3000 + 2*f}, {Paid: 1, PaidAmount: 2000 + f, Lapsed: 1, Views: 3}, {}}},
			{b, [3]tally.Hour{{Placed: 1, PlacedAmount: 5000 + f}, {Paid: 1, PaidAmount: 5000 + f}, {}}},
		} {
			got := k.hours(c.shop, 3)
			for i, want := range c.hours {
				want.From = tradetest.Start.Add(time.Duration(i) * time.Hour)
				if len(got) != 3 || got[i] != want {
					t.Errorf("shop %q, hour %d: %+v, want %+v", c.shop, i, got, want)
				}
			}
		}
		best, err := k.tally.Best(context.Background(), tradetest.Start, tradetest.Start.Add(2*time.Hour), 5)
		k.Must(err)
		if len(best) != 2 || best[0].Shop != b || best[0].PaidAmount != 5000+f || best[1].Shop != a {
			t.Errorf("best: %+v", best)
		}
		if got := tally.Sum(k.hours(a, 3)); got.Conversion() != 333 {
			t.Errorf("one order of three views converts %d of a thousand", got.Conversion())
		}
		if got := (tally.Hour{Views: 6, Paid: 4}).Conversion(); got != 667 {
			t.Errorf("four orders of six views convert %d of a thousand", got)
		}
		if more := (tally.Hour{Views: 1, Paid: 167}); more.Converts() || more.Conversion() != 0 {
			t.Errorf("more orders than views convert %d of a thousand", more.Conversion())
		}
	})
}

// TestEventToldTwiceCountsOnce: the bus tells at least once, also after its consumers took an event and it died.
func TestEventToldTwiceCountsOnce(t *testing.T) {
	each(t, func(k *desk) {
		cup := k.Sell(k.Shop("shop-a"), "cup", 1000, 10)
		who, address := k.Shopper()
		k.Place(who, address, checkout.BasketLine{Offer: string(cup.ID), Quantity: 1})
		var saved [][]any
		k.Must(k.DB.Read(context.Background(), func(tx *db.Tx) error {
			return tx.Each(`SELECT id, topic, subject, shop_id, shopper_id, body, at_us FROM outbox`, func(r db.Row) error {
				var id, topic, subject, shop, shopper, body string
				var at int64
				err := r.Scan(&id, &topic, &subject, &shop, &shopper, &body, &at)
				saved = append(saved, []any{id, topic, subject, shop, shopper, body, at})
				return err
			})
		}))
		k.tell()
		k.Must(k.DB.Write(context.Background(), func(tx *db.Tx) error {
			return tx.Insert("outbox", []string{"id", "topic", "subject", "shop_id", "shopper_id", "body", "at_us"}, saved)
		}))
		k.tell()
		if got := tally.Sum(k.hours(tally.Market, 1)); got.Placed != 1 {
			t.Errorf("%d orders were counted", got.Placed)
		}
	})
}

// TestSweepForgetsOldEventsOnly: what may still be told again is remembered.
func TestSweepForgetsOldEventsOnly(t *testing.T) {
	each(t, func(k *desk) {
		cup := k.Sell(k.Shop("shop-a"), "cup", 1000, 10)
		who, address := k.Shopper()
		for range 2 {
			k.Place(who, address, checkout.BasketLine{Offer: string(cup.ID), Quantity: 1})
			k.tell()
			k.Clock.Advance(29 * 24 * time.Hour)
		}
		jobs := k.tally.Jobs()
		n, err := jobs[len(jobs)-1].Run(context.Background())
		k.Must(err)
		if n == 0 {
			t.Fatal("nothing was forgotten")
		}
		var left int64
		k.Must(k.DB.Read(context.Background(), func(tx *db.Tx) (err error) {
			left, _, err = db.Value[int64](tx, `SELECT COUNT(*) FROM tally_events`)
			return err
		}))
		if left == 0 {
			t.Error("everything was forgotten")
		}
	})
}
