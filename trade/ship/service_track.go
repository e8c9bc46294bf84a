package ship

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/outside"
	"hutong/trade/order"
)

const (
	pollsPerRun = 64 // parcels that one run of Track asks about
	callsAtOnce = 8
)

// Track asks the carriers about parcels whose time has come, and takes what they report. It is a job; done tells how
// many parcels it asked about. Two nodes at once are harmless: each parcel is claimed before its carrier is called, and
// one that is lost with its node is asked about at its next time.
func (s *Service) Track(ctx context.Context) (done int, err error) {
	now := clock.Now(ctx, s.Clock)
	var due []Shipment
	err = s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		due, err = claimPolls(tx, now, now.Add(s.set.PollEvery), pollsPerRun)
		return err
	})
	if err != nil || len(due) == 0 {
		return 0, err
	}
	reports := make([]Report, len(due))
	slots := make(chan struct{}, callsAtOnce)
	var wg sync.WaitGroup
	for i, v := range due {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			reports[i] = s.ask(ctx, v, now)
		})
	}
	wg.Wait()
	return len(due), s.Report(ctx, reports)
}

// ask asks the carrier of one parcel. No answer is a report without news, so that its next time is set.
func (s *Service) ask(ctx context.Context, v Shipment, now time.Time) Report {
	r := Report{Carrier: v.Carrier, TrackingNo: v.TrackingNo}
	d := s.desks[v.Carrier]
	if d == nil {
		s.Log.LogAttrs(ctx, slog.LevelError, "parcel at a carrier that is gone", slog.String("carrier", v.Carrier),
			slog.String("shipment", v.ID))
		return r
	}
	got := outside.Call(ctx, d.line, func(ctx context.Context) ([]Event, Outcome, error) {
		return d.Track(ctx, v.TrackingNo, v.BookedAt, now)
	})
	if got.Outcome != OK {
		s.Log.LogAttrs(ctx, slog.LevelWarn, "parcel not tracked", slog.String("carrier", v.Carrier),
			slog.String("shipment", v.ID), slog.String("outcome", string(got.Outcome)), slog.Any("err", got.Err))
		return r
	}
	r.Events = got.Value
	return r
}

// Report is what a carrier tells of one parcel: all of its events or only some, in any order.
type Report struct {
	Carrier    string
	TrackingNo string
	Events     []Event
}

// Report takes what carriers tell, by being asked or by calling us: it keeps the events that are news, sees where the
// parcels stand now, and tells the orders of those that were delivered. All in one transaction. The order of reports
// and repeats make no difference. Parcels that are not ours, and events that cannot be of the parcel, are logged and
// left out.
func (s *Service) Report(ctx context.Context, reports []Report) error {
	now := clock.Now(ctx, s.Clock)
	byNumber := map[number][]Event{}
	numbers := make([]number, 0, len(reports))
	for _, r := range reports {
		n := number{r.Carrier, r.TrackingNo}
		numbers = append(numbers, n)
		byNumber[n] = append(byNumber[n], r.Events...)
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		parcels, err := lockNumbers(tx, numbers)
		if err != nil {
			return err
		}
		if len(parcels) != len(byNumber) {
			s.Log.LogAttrs(ctx, slog.LevelWarn, "reports about parcels that are not ours",
				slog.Int("reported", len(byNumber)), slog.Int("ours", len(parcels)))
		}
		return s.take(ctx, tx, parcels, byNumber, now)
	})
}

func (s *Service) take(ctx context.Context, tx *db.Tx, parcels []Shipment, said map[number][]Event,
	now time.Time) error {
	if err := loadEvents(tx, parcels); err != nil { // their parcels are locked: nobody adds any meanwhile
		return err
	}
	var events []told
	fresh := map[number]bool{}
	for i := range parcels {
		v := &parcels[i]
		news := fitting(v.Events, s.believe(ctx, *v, said[v.number()], now))
		for _, e := range news {
			events = append(events, told{v.number(), e})
		}
		fresh[v.number()] = len(news) > 0
		v.Events = append(v.Events, news...)
		sortEvents(v.Events)
	}
	if err := addEvents(tx, events); err != nil {
		return err
	}
	return s.settle(tx, parcels, fresh, now)
}

// believe leaves out what cannot be of the parcel.
func (s *Service) believe(ctx context.Context, v Shipment, said []Event, now time.Time) []Event {
	if len(said) > eventsMax {
		s.Log.LogAttrs(ctx, slog.LevelWarn, "carrier told too many events", slog.String("carrier", v.Carrier),
			slog.String("shipment", v.ID), slog.Int("events", len(said)))
		return nil
	}
	var all []Event
	for _, e := range said {
		if e = e.tidy(); e.believable(v.BookedAt, now) {
			all = append(all, e)
			continue
		}
		s.Log.LogAttrs(ctx, slog.LevelWarn, "tracking event left out", slog.String("carrier", v.Carrier),
			slog.String("shipment", v.ID), slog.Int("code", int(e.Code)), slog.Time("at", e.At))
	}
	return all
}

// settle sees where parcels stand now, writes it and tells their orders.
func (s *Service) settle(tx *db.Tx, parcels []Shipment, fresh map[number]bool, now time.Time) error {
	var delivered, held []order.SubKey
	var returned []event.Event
	next := make([]time.Time, len(parcels))
	for i := range parcels {
		v := &parcels[i]
		st, was := Stand(v.Events), *v
		v.State, v.DeliveredAt = st.State, st.DeliveredAt
		if fresh[v.number()] {
			v.ChangedAt = later(v.ChangedAt, now)
			tx.After(func() { s.Hub.Publish(string(v.Order)) })
		}
		next[i] = s.set.nextPoll(*v, now)
		if was.DeliveredAt.IsZero() && !v.DeliveredAt.IsZero() {
			delivered = append(delivered, order.SubKey{Order: v.Order, Seq: v.Seq})
		}
		if was.State != Returned && v.State == Returned {
			held = append(held, order.SubKey{Order: v.Order, Seq: v.Seq})
			returned = append(returned, event.Event{Topic: TopicReturned, Subject: string(v.Order), Shop: v.Shop,
				Shopper: v.Shopper, Body: event.Body(map[string]any{"seq": v.Seq}), At: now})
		}
	}
	if err := saveStandings(tx, parcels, next); err != nil {
		return err
	}
	if err := event.Emit(tx, s.IDs, returned...); err != nil {
		return err
	}
	if len(delivered) > 0 {
		slices.SortFunc(delivered, bySub) // orders are locked in the order of their ids
		if err := s.Orders.Delivered(tx, now, delivered); err != nil {
			return err
		}
	}
	slices.SortFunc(held, bySub)
	return s.Orders.Hold(tx, held, now.Add(s.set.ReturnedConfirm))
}

func bySub(a, b order.SubKey) int {
	switch {
	case a.Order < b.Order:
		return -1
	case a.Order > b.Order:
		return 1
	}
	return int(a.Seq - b.Seq)
}
