package ship_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/goods/stock"
	"hutong/trade/order"
	"hutong/trade/ship"
	"hutong/trade/tradetest"
)

func poolOf(o bought) stock.PoolID { return stock.PoolID(o.Subs[0].Lines[0].Pool) }

func (b *bench) trackAll(want int) {
	b.t.Helper()
	for total := 0; ; {
		n, err := b.Ship.Track(ctx)
		b.Must(err)
		if total += n; n == 0 {
			if total != want {
				b.t.Fatalf("asked about %d parcels, want %d", total, want)
			}
			return
		}
	}
}

func TestTrackUntilDeliveredAndBeyond(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy("")
		b.send(o)
		b.trackAll(0) // not yet due
		b.Clock.Advance(30*time.Minute - 1)
		b.trackAll(0)
		b.Clock.Advance(time.Microsecond)
		b.Van.events = []ship.Event{b.event(ship.Collected, time.Minute)}
		b.trackAll(1)
		if v := b.parcel(o); v.State != ship.InTransit || len(v.Events) != 1 {
			t.Errorf("%+v", v)
		}
		b.Clock.Advance(30 * time.Minute)
		b.Van.events = append(b.Van.events, b.event(ship.Signed, 40*time.Minute))
		b.trackAll(1)
		if v := b.parcel(o); v.State != ship.Delivered || !v.DeliveredAt.Equal(tradetest.Start.Add(40*time.Minute)) ||
			b.sub(o).State != order.SubDelivered {
			t.Errorf("%+v, order %s", v, b.sub(o).State)
		}
		b.Clock.Advance(23 * time.Hour)
		b.trackAll(0)
		b.Clock.Advance(time.Hour)
		b.Van.events = append(b.Van.events, b.event(ship.Moving, 20*time.Hour)) // a late report changes nothing
		b.trackAll(1)
		if v := b.parcel(o); v.State != ship.Delivered || len(v.Events) != 3 {
			t.Errorf("%+v", v)
		}
		b.Clock.Advance(24 * time.Hour)
		b.Van.events = append(b.Van.events, b.event(ship.SentBack, 40*time.Hour))
		b.trackAll(1)
		if v := b.parcel(o); v.State != ship.Returned || v.DeliveredAt.IsZero() || b.sub(o).State != order.SubDelivered {
			t.Errorf("%+v, order %s", v, b.sub(o).State)
		}
		if until := clock.FromMicros(clock.Micros(b.Clock.Now())).Add(30 * 24 * time.Hour); !b.sub(o).ConfirmBy.Equal(until) {
			t.Errorf("receipt confirms itself at %v, not at %v: the shopper has no parcel", b.sub(o).ConfirmBy, until)
		}
		if n := b.outbox(ship.TopicReturned); n != 1 {
			t.Errorf("told %d times that it came back", n)
		}
		b.Clock.Advance(1000 * time.Hour)
		b.trackAll(0)
	})
}

func (b *bench) outbox(topic event.Topic) (n int64) {
	b.t.Helper()
	b.Must(b.DB.Read(ctx, func(tx *db.Tx) (err error) {
		n, _, err = db.Value[int64](tx, `SELECT COUNT(*) FROM outbox WHERE topic = $1`, topic)
		return err
	}))
	return n
}

func TestAParcelThatNobodyHearsOfIsGivenUp(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.send(b.buy(""))
		asked := 0
		for _, outcome := range []ship.Outcome{ship.UNKNOWN, ship.REFUSED, ship.OK} {
			b.Van.track = outcome
			b.Clock.Advance(30 * time.Minute)
			b.trackAll(1)
			asked++
		}
		b.Van.track = ship.UNKNOWN
		b.Clock.Advance(60 * 24 * time.Hour)
		b.trackAll(1)
		b.Clock.Advance(24 * time.Hour)
		b.trackAll(0)
		if b.Van.asked != asked+1 {
			t.Errorf("asked %d times", b.Van.asked)
		}
	})
}

func TestTwoNodesAskAboutAParcelOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		const parcels = 10
		for range parcels {
			b.send(b.buy(""))
		}
		b.Clock.Advance(time.Hour)
		other := b.ship(b.Van)
		var wg sync.WaitGroup
		for _, s := range []*ship.Service{b.Ship, other, b.Ship, other} {
			wg.Go(func() {
				if _, err := s.Track(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if b.Van.asked != parcels {
			t.Errorf("asked %d times about %d parcels", b.Van.asked, parcels)
		}
	})
}

func TestReportsThatCannotBe(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy("")
		b.Clock.Advance(100 * time.Hour)
		v := b.send(o)
		many := make([]ship.Event, 201)
		for i := range many {
			many[i] = b.event(ship.Moving, 100*time.Hour+time.Duration(i))
		}
		for name, events := range map[string][]ship.Event{
			"signed before it was sent": {b.event(ship.Signed, 99*time.Hour)},
			"signed tomorrow":           {b.event(ship.Signed, 101*time.Hour)},
			"no such code":              {b.event(7777, 100*time.Hour)},
			"far too many":              many,
		} {
			b.Must(b.Ship.Report(ctx, []ship.Report{{Carrier: "van", TrackingNo: v.TrackingNo, Events: events}}))
			if v := b.parcel(o); v.State != ship.Booked || len(v.Events) != 0 || b.sub(o).State != order.SubShipped {
				t.Errorf("%s: %+v", name, v)
			}
		}
		b.Must(b.Ship.Report(ctx, []ship.Report{{Carrier: "owl", TrackingNo: v.TrackingNo,
			Events: []ship.Event{b.event(ship.Signed, 100*time.Hour)}}}))
		if v := b.parcel(o); v.State != ship.Booked {
			t.Errorf("another carrier's report: %+v", v)
		}
	})
}

// TestAParcelHasSoManyEventsAndNoMore: a carrier that invents 200 new stops at every question. What it says of the end is
// heard all the same.
func TestAParcelHasSoManyEventsAndNoMore(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o := b.buy("")
		v := b.send(o)
		for poll := range 3 {
			stops := make([]ship.Event, 150)
			for i := range stops {
				stops[i] = b.event(ship.Moving, time.Duration(poll*1000+i)*time.Millisecond)
			}
			b.Must(b.Ship.Report(ctx, []ship.Report{{Carrier: "van", TrackingNo: v.TrackingNo, Events: stops}}))
		}
		if n := len(b.parcel(o).Events); n != 200 {
			t.Errorf("%d events are kept", n)
		}
		b.Must(b.Ship.Report(ctx, []ship.Report{{Carrier: "van", TrackingNo: v.TrackingNo,
			Events: []ship.Event{b.event(ship.Signed, time.Second)}}}))
		if v := b.parcel(o); v.State != ship.Delivered || len(v.Events) != 201 {
			t.Errorf("%s with %d events", v.State, len(v.Events))
		}
	})
}

// TestAnyOrderOfReportsIsTheSameState tells two parcels the same events, in another order and in other pieces each, and
// expects them to stand the same, and their orders too.
func TestAnyOrderOfReportsIsTheSameState(t *testing.T) {
	b := newBench(t, dbtest.SQLite(t, db.Options{}, tradetest.Schemas()...))
	b.t = t
	rapid.Check(t, func(rt *rapid.T) {
		var pair [2]bought
		var no [2]string
		for i := range pair {
			pair[i] = b.buy("")
			no[i] = b.send(pair[i]).TrackingNo
		}
		sent := b.parcel(pair[0]).BookedAt
		events := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) ship.Event {
			return ship.Event{Code: rapid.SampledFrom([]ship.Code{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 99}).Draw(rt, "code"),
				At:      sent.Add(time.Duration(rapid.IntRange(0, 5).Draw(rt, "minute")) * time.Minute),
				PlaceZh: rapid.SampledFrom([]string{"甲", "乙"}).Draw(rt, "place"), PlaceEn: "x"}
		}), 1, 8).Draw(rt, "events")
		for i := range pair {
			left := rapid.Permutation(events).Draw(rt, "order")
			for len(left) > 0 {
				n := rapid.IntRange(1, len(left)).Draw(rt, "together")
				r := ship.Report{Carrier: "van", TrackingNo: no[i], Events: left[:n]}
				if err := b.Ship.Report(ctx, []ship.Report{r, r}); err != nil {
					rt.Fatal(err)
				}
				left = left[n:]
			}
		}
		one, two := b.parcel(pair[0]), b.parcel(pair[1])
		if one.State != two.State || !one.DeliveredAt.Equal(two.DeliveredAt) || len(one.Events) != len(two.Events) {
			rt.Fatalf("%+v\n%+v", one, two)
		}
		if one.State != ship.Stand(events).State {
			rt.Fatalf("stored as %s, the events say %s", one.State, ship.Stand(events).State)
		}
		if s, u := b.sub(pair[0]).State, b.sub(pair[1]).State; s != u || (s == order.SubDelivered) == one.DeliveredAt.IsZero() {
			rt.Fatalf("orders %s and %s, delivered %s", s, u, one.DeliveredAt)
		}
	})
}

func TestReceiptConfirmsItselfTenDaysAfterShipping(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		o, picked := b.buy(""), b.buy("front")
		b.send(o)
		b.send(picked)
		day := 24 * time.Hour
		for _, c := range []struct {
			after          time.Duration
			parcel, pickup order.SubState
		}{{2*day - time.Microsecond, order.SubShipped, order.SubShipped}, {2 * day, order.SubShipped, order.SubCompleted},
			{10*day - time.Microsecond, order.SubShipped, order.SubCompleted}, {10 * day, order.SubCompleted, order.SubCompleted}} {
			b.Clock.Set(tradetest.Start.Add(c.after))
			_, err := b.Orders.AutoReceive(ctx)
			b.Must(err)
			if s, p := b.sub(o).State, b.sub(picked).State; s != c.parcel || p != c.pickup {
				t.Errorf("after %s: %s, pickup %s", c.after, s, p)
			}
		}
	})
}

func TestTrackGoesOnWhenOneCarrierFails(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		bad := newScript("bad", 1)
		b.Ship = b.ship(b.Van, bad)
		one, two := b.buy(""), b.buy("")
		b.send(one)
		if _, err := b.Ship.Dispatch(ctx, ship.Dispatch{Shop: two.Shop, Order: two.ID, Seq: 1, Carrier: "bad"}); err != nil {
			t.Fatal(err)
		}
		b.Clock.Advance(time.Hour)
		b.Van.events = []ship.Event{b.event(ship.Signed, time.Minute)}
		b.Ship = b.ship(b.Van, panicking{bad})
		b.trackAll(2)
		if b.parcel(one).State != ship.Delivered || b.parcel(two).State != ship.Booked {
			t.Errorf("%s and %s", b.parcel(one).State, b.parcel(two).State)
		}
	})
}

// panicking is a carrier whose tracking is broken.
type panicking struct{ *script }

func (p panicking) Track(_ context.Context, _ string, _, _ time.Time) ([]ship.Event, ship.Outcome, error) {
	panic(errors.New("nil pointer"))
}
