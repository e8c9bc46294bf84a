package event_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/id"
)

// A consumer that is given up on leaves a letter; asked again, it is told once more and the letter goes.
func TestADeadLetterIsSeenAndToldAgain(t *testing.T) {
	dbtest.Each(t, []db.Schema{event.Schema}, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		c := clock.NewManual(time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC))
		ids := id.NewMaker(c, rand.Reader)
		bus := event.NewBus(d, c, slog.New(slog.DiscardHandler))
		broken, told := true, 0
		bus.On("order.paid", "books", func(context.Context, event.Event) error {
			if told++; broken {
				return errors.New("no such table")
			}
			return nil
		})
		err := d.Write(ctx, func(tx *db.Tx) error {
			return event.Emit(tx, ids, event.Event{Topic: "order.paid", Subject: "ord_1", At: c.Now()})
		})
		if err != nil {
			t.Fatal(err)
		}
		if l, err := bus.Lag(ctx); err != nil || l.Waiting != 1 || l.Dead != 0 || c.Now().Sub(l.Oldest) > time.Second {
			t.Fatalf("%+v %v", l, err)
		}
		must := func(_ int, err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		must(bus.Dispatch(ctx))
		if l, _ := bus.Lag(ctx); l != (event.Lag{Failing: 1}) {
			t.Fatalf("%+v", l)
		}
		for range 12 {
			c.Advance(2 * time.Hour)
			must(bus.Retry(ctx))
		}
		if l, _ := bus.Lag(ctx); l != (event.Lag{Dead: 1}) || told != 10 {
			t.Fatalf("%+v after %d tries", l, told)
		}
		letters, err := bus.Letters(ctx)
		if err != nil || len(letters) != 1 || !letters[0].Dead || letters[0].Reason != "no such table" ||
			letters[0].Consumer != "books" || letters[0].Event.Subject != "ord_1" || letters[0].Tries != 10 {
			t.Fatalf("%+v %v", letters, err)
		}
		broken = false
		if err := bus.Again(ctx, letters[0].Event.ID, "books", nil); err != nil {
			t.Fatal(err)
		}
		must(bus.Retry(ctx))
		if l, _ := bus.Lag(ctx); l != (event.Lag{}) || told != 11 {
			t.Fatalf("%+v after %d tries", l, told)
		}
		if err := bus.Again(ctx, letters[0].Event.ID, "books", nil); !fault.Is(err, "event.letter") {
			t.Fatalf("what was taken is told again: %v", err)
		}
	})
}
