package event

import (
	"context"
	"log/slog"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
)

const (
	pageMax  = 500 // events read at once: a few milliseconds of work
	triesMax = 10  // then the event is a dead letter, which the operator sees
)

// Consumer is told of events. It is told at least once: after a crash, again.
type Consumer func(ctx context.Context, e Event) error

// Batch is a Consumer that is told of all the events of its topic in one page of the outbox at once: for what is much
// cheaper done together. If it fails, it is told of each again, alone.
type Batch func(ctx context.Context, events []Event) error

type consumer struct {
	name string
	fn   Batch
}

// Bus dispatches the outbox to consumers. Register all consumers before the first Dispatch.
type Bus struct {
	db        *db.DB
	clock     clock.Clock
	log       *slog.Logger
	consumers map[Topic][]consumer // told one by one
	batches   map[Topic][]consumer // told of a whole page
}

// NewBus makes a Bus without consumers.
func NewBus(d *db.DB, c clock.Clock, log *slog.Logger) *Bus {
	return &Bus{db: d, clock: c, log: log, consumers: map[Topic][]consumer{},
		batches: map[Topic][]consumer{}}
}

// On registers a consumer of a topic under a name that is unique for the topic and never changes.
func (b *Bus) On(topic Topic, name string, fn Consumer) {
	b.consumers[topic] = append(b.consumers[topic], consumer{name, fn.each})
}

// each tells of events one by one; the first failure ends it, which is harmless where each page has one event.
func (fn Consumer) each(ctx context.Context, events []Event) error {
	for _, e := range events {
		if err := fn(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// OnBatch registers a Batch of a topic, under a name like On's.
func (b *Bus) OnBatch(topic Topic, name string, fn Batch) {
	b.batches[topic] = append(b.batches[topic], consumer{name, fn})
}

// Dispatch tells the consumers one page of events and drops what all of them took. A consumer that fails is told that
// event again later, with growing pauses, while the others go on. It is a job; done is 0 when it saw the last of them.
func (b *Bus) Dispatch(ctx context.Context) (done int, err error) {
	var page []Event
	err = b.db.Read(ctx, func(tx *db.Tx) (err error) {
		page, err = db.List(tx, scan, `SELECT id, topic, subject, shop_id, shopper_id, body, at_us
			FROM outbox ORDER BY id LIMIT $1`, pageMax)
		return err
	})
	if err != nil || len(page) == 0 {
		return 0, err
	}
	failures := b.tell(ctx, page)
	gone := make([][]any, len(page))
	for i, e := range page {
		gone[i] = []any{e.ID}
	}
	if len(page) == pageMax {
		done = len(page) // there may be more; otherwise what comes meanwhile is gathered for the next page
	}
	return done, b.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Many(failureSQL, failures); err != nil {
			return err
		}
		_, err := tx.Many(`DELETE FROM outbox WHERE id = $1`, gone)
		return err
	})
}

// tell tells the consumers of a page and gives the failures.
func (b *Bus) tell(ctx context.Context, page []Event) (failures [][]any) {
	byTopic := map[Topic][]Event{}
	for _, e := range page {
		for _, c := range b.consumers[e.Topic] {
			if err := c.fn(ctx, []Event{e}); err != nil {
				failures = append(failures, b.failure(e, c.name, 1, err))
			}
		}
		if len(b.batches[e.Topic]) > 0 {
			byTopic[e.Topic] = append(byTopic[e.Topic], e)
		}
	}
	for topic, events := range byTopic {
		for _, c := range b.batches[topic] {
			failures = append(failures, b.tellBatch(ctx, c, events)...)
		}
	}
	return failures
}

func (b *Bus) tellBatch(ctx context.Context, c consumer, events []Event) (failures [][]any) {
	if err := c.fn(ctx, events); err != nil {
		for _, e := range events {
			failures = append(failures, b.failure(e, c.name, 1, err))
		}
	}
	return failures
}

// Waiting tells how many events nobody has been told of yet.
func (b *Bus) Waiting(ctx context.Context) (n int64, err error) {
	err = b.db.Read(ctx, func(tx *db.Tx) (err error) {
		n, _, err = db.Value[int64](tx, `SELECT COUNT(*) FROM outbox`)
		return err
	})
	return n, err
}

const failureSQL = `INSERT INTO outbox_failures (event_id, consumer, tries, next_us, dead, topic, subject, shop_id,
	shopper_id, body, at_us, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
	ON CONFLICT (event_id, consumer) DO UPDATE SET tries = EXCLUDED.tries, next_us = EXCLUDED.next_us,
	dead = EXCLUDED.dead, reason = EXCLUDED.reason`

func (b *Bus) failure(e Event, name string, tries int64, cause error) []any {
	b.log.Warn("event consumer failed", slog.String("consumer", name), slog.String("topic", string(e.Topic)),
		slog.String("event", e.ID), slog.Int64("tries", tries), slog.Any("err", cause))
	next := b.clock.Now().Add(time.Second << min(tries, 12))
	return []any{e.ID, name, tries, clock.Micros(next), tries >= triesMax, string(e.Topic), e.Subject, e.Shop,
		e.Shopper, e.Body, clock.Micros(e.At), cause.Error()}
}

// Retry tells failed consumers again whose pause is over. It is a job.
func (b *Bus) Retry(ctx context.Context) (done int, err error) {
	type failed struct {
		e     Event
		name  string
		tries int64
	}
	var due []failed
	err = b.db.Read(ctx, func(tx *db.Tx) (err error) {
		due, err = db.List(tx, func(r db.Row) (f failed, err error) {
			var at int64
			err = r.Scan(&f.e.ID, &f.name, &f.tries, &f.e.Topic, &f.e.Subject, &f.e.Shop, &f.e.Shopper, &f.e.Body, &at)
			f.e.At = clock.FromMicros(at)
			return f, err
		}, `SELECT event_id, consumer, tries, topic, subject, shop_id, shopper_id, body, at_us
			FROM outbox_failures WHERE NOT dead AND next_us <= $1 ORDER BY event_id LIMIT $2`,
			clock.Micros(b.clock.Now()), pageMax)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, f := range due {
		if err := b.retry(ctx, f.e, f.name, f.tries); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

func (b *Bus) retry(ctx context.Context, e Event, name string, tries int64) error {
	var cause error
	for _, c := range append(b.consumers[e.Topic], b.batches[e.Topic]...) {
		if c.name == name {
			cause = c.fn(ctx, []Event{e})
		}
	}
	return b.db.Write(ctx, func(tx *db.Tx) error {
		if cause != nil {
			_, err := tx.Many(failureSQL, [][]any{b.failure(e, name, tries+1, cause)})
			return err
		}
		_, err := tx.Exec(`DELETE FROM outbox_failures WHERE event_id = $1 AND consumer = $2`, e.ID, name)
		return err
	})
}
