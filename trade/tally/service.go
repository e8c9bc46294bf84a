package tally

import (
	"context"
	"sync"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/job"
	"hutong/trade/order"
)

// The bounds of what this room holds and is asked for.
const (
	HoursMax   = 24 * 100 // hours of one question
	rememberIt = 30 * 24 * time.Hour
	forgetMax  = 1000
	placesMax  = 20_000 // shops whose views are counted between two writes; more wait in the market's own figure
)

// Service counts. Several nodes may count side by side.
type Service struct {
	db    *db.DB
	clock clock.Clock

	mu    sync.Mutex
	views sheet // shown since they were last written
}

// New makes the Service.
func New(d *db.DB, c clock.Clock) *Service { return &Service{db: d, clock: c, views: sheet{}} }

// Listen counts what orders tell. Placed orders come with their sums, since there are many of them; the others are
// read, beside the writer, which has their like to place.
func (s *Service) Listen(bus *event.Bus) {
	bus.OnBatch(order.TopicPlaced, "tally", func(ctx context.Context, events []event.Event) error {
		told, err := placed(events)
		if err != nil {
			return err
		}
		return s.db.Write(ctx, func(tx *db.Tx) error { return told.save(tx) })
	})
	bus.OnBatch(order.TopicReleased, "tally", func(ctx context.Context, events []event.Event) error {
		told, err := s.released(ctx, events)
		if err != nil {
			return err
		}
		return s.db.Write(ctx, func(tx *db.Tx) error { return told.save(tx) })
	})
	for topic, count := range counts {
		bus.OnBatch(topic, "tally", func(ctx context.Context, events []event.Event) error {
			told, err := s.read(ctx, events, count)
			if err != nil {
				return err
			}
			return s.db.Write(ctx, func(tx *db.Tx) error { return told.save(tx) })
		})
	}
}

// counting says at which hour an order counts, and as what; the zero time is never.
type counting func(o order.Order) (at time.Time, one func(amount int64) Hour)

var counts = map[event.Topic]counting{
	order.TopicPaid: func(o order.Order) (time.Time, func(int64) Hour) {
		return o.PaidAt, func(amount int64) Hour { return Hour{Paid: 1, PaidAmount: amount} }
	},
	order.TopicCancelled: func(o order.Order) (time.Time, func(int64) Hour) {
		if !o.PaidAt.IsZero() { // a late payment brought it back meanwhile
			return time.Time{}, nil
		}
		return o.ClosedAt, func(int64) Hour { return Hour{Lapsed: 1} }
	},
}

// told is what one event brings.
type told struct {
	event event.Event
	sheet sheet
}

type tolds []told

// placed takes what the events of placed orders say of themselves.
func placed(events []event.Event) (tolds, error) {
	all := make(tolds, len(events))
	for i, e := range events {
		var m order.Sums
		if err := e.Read(&m); err != nil {
			return nil, err
		}
		all[i] = told{e, sheet{}}
		for _, sum := range m.Sums {
			all[i].sheet.count(sum.Shop, clock.FromMicros(sum.Hour), Hour{Placed: sum.Orders, PlacedAmount: sum.Amount})
		}
	}
	return all, nil
}

// read finds out what each event brings.
func (s *Service) read(ctx context.Context, events []event.Event, count counting) (tolds, error) {
	all := make(tolds, len(events))
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		for i, e := range events {
			var m order.Moved
			if err := e.Read(&m); err != nil {
				return err
			}
			ids := make([]order.ID, len(m.Orders))
			for n, o := range m.Orders {
				ids[n] = o.Order
			}
			orders, err := order.WithParts(tx, ids)
			if err != nil {
				return err
			}
			all[i] = told{e, sheetOf(orders, count)}
		}
		return nil
	})
	return all, err
}

// released counts what waited until now for its shop: to it, it is placed and paid at this hour.
func (s *Service) released(ctx context.Context, events []event.Event) (tolds, error) {
	all := make(tolds, len(events))
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		for i, e := range events {
			named, err := order.ReleasedBy(e)
			if err != nil {
				return err
			}
			ids := make([]order.ID, 0, len(named))
			for k := range named {
				ids = append(ids, k.Order)
			}
			orders, err := order.WithParts(tx, ids)
			if err != nil {
				return err
			}
			all[i] = told{e, releasedSheet(orders, named, e.At)}
		}
		return nil
	})
	return all, err
}

func releasedSheet(orders []order.Order, named map[order.SubKey]bool, at time.Time) sheet {
	all := sheet{}
	for _, o := range orders {
		for _, sub := range o.Subs {
			if amount := sub.Goods + sub.Freight; named[order.SubKey{Order: o.ID, Seq: sub.Seq}] {
				all.count(sub.Shop, at, Hour{Placed: 1, PlacedAmount: amount, Paid: 1, PaidAmount: amount})
			}
		}
	}
	return all
}

func sheetOf(orders []order.Order, count counting) sheet {
	all := sheet{}
	for _, o := range orders {
		at, one := count(o)
		if at.IsZero() {
			continue
		}
		all.count(Market, at, one(o.Total))
		for _, sub := range o.Subs {
			if sub.Waits == "" {
				all.count(sub.Shop, at, one(sub.Goods+sub.Freight))
			}
		}
	}
	return all
}

// save counts the events that were not counted before.
func (t tolds) save(tx *db.Tx) error {
	all := sheet{}
	for _, v := range t {
		fresh, err := first(tx, v.event.ID, v.event.At)
		if err != nil {
			return err
		}
		if fresh {
			all.join(v.sheet)
		}
	}
	return all.save(tx)
}

// Viewed notes that a product page of a shop was shown. It costs a look into a map and is written later, by a job.
func (s *Service) Viewed(shop string) {
	now := s.clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.views.count(Market, now, Hour{Views: 1})
	if len(s.views) < placesMax {
		s.views.count(shop, now, Hour{Views: 1})
	}
}

// Flush writes the views that were noted. It is a job.
func (s *Service) Flush(ctx context.Context) (done int, err error) {
	s.mu.Lock()
	seen := s.views
	s.views = sheet{}
	s.mu.Unlock()
	if len(seen) == 0 {
		return 0, nil
	}
	return 0, s.db.Write(ctx, seen.save)
}

// sweep forgets events that nobody can tell again. It is a job.
func (s *Service) sweep(ctx context.Context) (done int, err error) {
	var n int64
	err = s.db.Write(ctx, func(tx *db.Tx) (err error) {
		n, err = forget(tx, clock.Now(ctx, s.clock).Add(-rememberIt), forgetMax)
		return err
	})
	return int(n), err
}

// Jobs are what this room does by itself.
func (s *Service) Jobs() []job.Job {
	return []job.Job{
		{Name: "tally.flush", Every: 10 * time.Second, Run: s.Flush},
		{Name: "tally.sweep", Every: time.Hour, Run: s.sweep},
	}
}

// Hours are the hours of [from, until) of a shop, or of Market, each of them, at most HoursMax.
func (s *Service) Hours(ctx context.Context, shop string, from, until time.Time) ([]Hour, error) {
	if last := from.Add(HoursMax * time.Hour); until.After(last) {
		until = last
	}
	var known map[time.Time]Hour
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		known, err = hours(tx, shop, from.UTC().Truncate(time.Hour), until)
		return err
	})
	return dense(from, until, known), err
}

// Ranked is a shop and what it took.
type Ranked struct {
	Shop             string
	Paid, PaidAmount int64
}

// Best are the shops that took the most money in [from, until), richest first.
func (s *Service) Best(ctx context.Context, from, until time.Time, limit int) (all []Ranked, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		all, err = best(tx, from, until, limit)
		return err
	})
	return all, err
}
