package webhook

import (
	"context"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
)

// The bounds of what is read and replayed at once.
const (
	PageMax   = 100
	ReplayMax = 1000
)

// Query picks deliveries of an endpoint.
type Query struct {
	Endpoint EndpointID
	State    State // "" any
	Before   DeliveryID
	Limit    int // at most PageMax; 0: 50
}

// Deliveries are an endpoint's messages, newest first; none when it is another shop's.
func (s *Service) Deliveries(ctx context.Context, shop string, q Query) (all []Delivery, err error) {
	if q.Limit <= 0 {
		q.Limit = 50
	}
	q.Limit = min(q.Limit, PageMax)
	if q.Before == "" {
		q.Before = "~" // sorts after every id
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error { all, err = deliveries(tx, shop, q); return err })
	return all, err
}

// Delivery is one message. Codes: webhook.delivery_not_found, also for another shop's.
func (s *Service) Delivery(ctx context.Context, shop string, id DeliveryID) (d Delivery, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error { d, err = delivery(tx, shop, id, ``); return err })
	return d, err
}

// Replay sends a finished message again, under the same webhook-id; one that waits is left as it is.
// Codes: webhook.delivery_not_found, webhook.off.
func (s *Service) Replay(ctx context.Context, shop string, id DeliveryID) error {
	now := clock.Now(ctx, s.Clock)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		d, err := delivery(tx, shop, id, ` {lock}`)
		if err != nil {
			return err
		}
		if _, err := s.open(tx, shop, d.Endpoint); err != nil {
			return err
		}
		_, err = requeue(tx, []DeliveryID{id}, now)
		return err
	})
}

// ReplaySince sends an endpoint's finished messages since a time again, oldest first, at most ReplayMax of them, and
// tells how many. Codes: webhook.not_found, webhook.off.
func (s *Service) ReplaySince(ctx context.Context, shop string, id EndpointID, at time.Time) (n int, err error) {
	now := clock.Now(ctx, s.Clock)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		e, err := s.open(tx, shop, id)
		if err != nil {
			return err
		}
		ids, err := since(tx, e.Endpoint, at, ReplayMax)
		if err != nil {
			return err
		}
		n, err = requeue(tx, ids, now)
		return err
	})
	return n, err
}

// open reads an endpoint that is switched on.
func (s *Service) open(tx *db.Tx, shop string, id EndpointID) (keyed, error) {
	e, err := endpoint(tx, shop, id)
	if err == nil && !e.On {
		err = fault.New(fault.Conflict, "webhook.off")
	}
	return e, err
}

// Ping sends a test message now, once, also to an endpoint that is switched off, and gives the delivery with the
// answer. Codes: webhook.not_found, webhook.busy.
func (s *Service) Ping(ctx context.Context, shop string, id EndpointID) (Delivery, error) {
	now := clock.Now(ctx, s.Clock)
	name := DeliveryID(s.IDs.New("msg"))
	d := Delivery{ID: name, Endpoint: id, Shop: shop, Event: string(name), Topic: Ping, Subject: string(id),
		State: Queued, Tries: 1, NextTry: now.Add(s.lease()), CreatedAt: now,
		Body: event.Body(message{Type: Ping, Timestamp: now.UTC(), Data: map[string]any{"endpoint": id}})}
	if !s.enter(id, s.set.PerEndpoint) {
		return Delivery{}, fault.New(fault.Limited, "webhook.busy").After(s.set.Timeout)
	}
	defer s.leave(id)
	var e keyed
	err := s.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if e, err = endpoint(tx, shop, id); err != nil {
			return err
		}
		return insertDeliveries(tx, []Delivery{d})
	})
	if err != nil {
		return Delivery{}, err
	}
	return s.finish(ctx, e, d, s.post(ctx, e, d))
}
