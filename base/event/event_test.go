package event_test

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/id"
)

func TestDispatchIsAtLeastOnceInOrderAndRetriesOneConsumerOnly(t *testing.T) {
	dbtest.Each(t, []db.Schema{event.Schema}, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		c := clock.NewManual(time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC))
		ids := id.NewMaker(c, rand.Reader)
		bus := event.NewBus(d, c, slog.New(slog.DiscardHandler))
		var seen, flaky []string
		fails := true
		bus.On("order.paid", "seen", func(_ context.Context, e event.Event) error {
			seen = append(seen, e.Subject)
			return nil
		})
		bus.On("order.paid", "flaky", func(_ context.Context, e event.Event) error {
			if fails && e.Subject == "b" {
				return errors.New("not now")
			}
			flaky = append(flaky, e.Subject)
			return nil
		})
		err := d.Write(ctx, func(tx *db.Tx) error {
			return event.Emit(tx, ids, event.Event{Topic: "order.paid", Subject: "a", At: c.Now()},
				event.Event{Topic: "order.paid", Subject: "b", At: c.Now()},
				event.Event{Topic: "nobody.listens", Subject: "c", At: c.Now()})
		})
		if err != nil {
			t.Fatal(err)
		}
		together := 0
		bus.OnBatch("order.paid", "together", func(_ context.Context, events []event.Event) error {
			together = len(events)
			return nil
		})
		if _, err := bus.Dispatch(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := bus.Dispatch(ctx); err != nil || together != 2 {
			t.Fatal("events stay in the outbox, or come one by one", err, together)
		}
		if !slices.Equal(seen, []string{"a", "b"}) || !slices.Equal(flaky, []string{"a"}) {
			t.Fatal(seen, flaky)
		}
		if n, _ := bus.Retry(ctx); n != 0 {
			t.Fatal("retried without a pause")
		}
		fails = false
		c.Advance(time.Minute)
		if n, err := bus.Retry(ctx); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if !slices.Equal(flaky, []string{"a", "b"}) || len(seen) != 2 {
			t.Fatal(seen, flaky)
		}
	})
}

// TestABodyIsReadAsFarAsItsReaderCares: what a reader does not ask for is passed over; what it cannot read says of which
// event it was.
func TestABodyIsReadAsFarAsItsReaderCares(t *testing.T) {
	e := event.Event{ID: "evt_1", Topic: "order.placed",
		Body: event.Body(map[string]any{"orders": []map[string]any{{"order": "ord_1", "new": 1}}, "sums": []int{1}})}
	var told struct {
		Orders []struct {
			Order string `json:"order"`
		} `json:"orders"`
	}
	if err := e.Read(&told); err != nil || len(told.Orders) != 1 || told.Orders[0].Order != "ord_1" {
		t.Errorf("%+v, %v", told, err)
	}
	e.Body = `{"orders":{}}`
	if err := e.Read(&told); err == nil || !strings.Contains(err.Error(), "order.placed evt_1") {
		t.Errorf("%v", err)
	}
}

func TestHubWakesWithoutBlocking(t *testing.T) {
	h := event.NewHub()
	news, cancel, err := h.Subscribe("ord_1")
	if err != nil {
		t.Fatal(err)
	}
	h.Publish("ord_1")
	h.Publish("ord_1")
	h.Publish("ord_2")
	<-news
	select {
	case <-news:
		t.Fatal("woken twice for what was looked at once")
	default:
	}
	cancel()
	h.Publish("ord_1")
}

// Somebody who opens the same page again and again costs the market no more than sixteen waiting requests.
func TestAHubHasSoManyListenersAndNoMore(t *testing.T) {
	h := event.NewHub()
	var ends []func()
	for range 16 {
		_, end, err := h.Subscribe("ord_1")
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, end)
	}
	if _, _, err := h.Subscribe("ord_1"); !fault.Is(err, "event.listeners") || fault.As(err).RetryAfter == 0 {
		t.Errorf("a seventeenth listens: %v", err)
	}
	if _, _, err := h.Subscribe("ord_2"); err != nil {
		t.Errorf("another order is refused: %v", err)
	}
	ends[0]()
	if _, _, err := h.Subscribe("ord_1"); err != nil {
		t.Errorf("when one has gone: %v", err)
	}
}
