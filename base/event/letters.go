package event

import (
	"context"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/id"
)

// Lag is how far delivery is behind.
type Lag struct {
	Waiting int64     // events that nobody has been told of yet
	Oldest  time.Time // when the oldest of them was made; zero where none waits
	Failing int64     // consumers that failed and are told again by themselves
	Dead    int64     // consumers that were given up on: somebody must look
}

// Lag tells how far delivery is behind.
func (b *Bus) Lag(ctx context.Context) (l Lag, err error) {
	err = b.db.Read(ctx, func(tx *db.Tx) error {
		var oldest string
		if _, err := tx.One(`SELECT id FROM outbox ORDER BY id LIMIT 1`, nil, &oldest); err != nil {
			return err
		}
		if oldest != "" {
			l.Oldest = id.Time(oldest)
		}
		if _, err := tx.One(`SELECT COUNT(*) FROM outbox`, nil, &l.Waiting); err != nil {
			return err
		}
		if _, err := tx.One(`SELECT COUNT(*) FROM outbox_failures WHERE dead`, nil, &l.Dead); err != nil {
			return err
		}
		_, err := tx.One(`SELECT COUNT(*) FROM outbox_failures WHERE NOT dead`, nil, &l.Failing)
		return err
	})
	return l, err
}

// Letter is an event that a consumer failed to take. Dead means that it is not told again by itself.
type Letter struct {
	Event    Event
	Consumer string
	Tries    int64
	Next     time.Time // when it is told again
	Dead     bool
	Reason   string // the failure's own words, for whoever runs the market
}

// LettersMax bounds the list of letters.
const LettersMax = 200

// Letters are the events that consumers failed to take, the dead first, then the oldest.
func (b *Bus) Letters(ctx context.Context) (all []Letter, err error) {
	err = b.db.Read(ctx, func(tx *db.Tx) (err error) {
		all, err = db.List(tx, func(r db.Row) (l Letter, err error) {
			var at, next int64
			e := &l.Event
			err = r.Scan(&e.ID, &l.Consumer, &l.Tries, &next, &l.Dead, &e.Topic, &e.Subject, &e.Shop, &e.Shopper,
				&at, &l.Reason)
			e.At, l.Next = clock.FromMicros(at), clock.FromMicros(next)
			return l, err
		}, `SELECT event_id, consumer, tries, next_us, dead, topic, subject, shop_id, shopper_id, at_us, reason
			FROM outbox_failures ORDER BY dead DESC, event_id, consumer LIMIT $1`, LettersMax)
		return err
	})
	return all, err
}

// Again has a consumer told of an event once more, at the next run of Retry, with all its tries before it. It is safe
// to repeat. Also, unless it is nil, runs in the same transaction: the record of who asked.
// Codes: event.letter (no such failure: it was taken meanwhile).
func (b *Bus) Again(ctx context.Context, event, consumer string, also func(tx *db.Tx) error) error {
	return b.db.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(`UPDATE outbox_failures SET dead = $3, tries = $4, next_us = $5
			WHERE event_id = $1 AND consumer = $2`, event, consumer, false, 1, clock.Micros(b.clock.Now()))
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "event.letter")
		}
		if err == nil && also != nil {
			err = also(tx)
		}
		return err
	})
}
