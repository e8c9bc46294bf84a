package webhook

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/party/audit"
)

// lease is how long a try may be under way before it is taken to have died with its node.
func (s *Service) lease() time.Duration { return s.set.Timeout + time.Minute }

// enter takes a place for a try at an endpoint, if one is free.
func (s *Service) enter(e EndpointID, most int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[e] >= most || s.all >= s.set.AtOnce || s.ctx.Err() != nil {
		return false
	}
	s.busy[e]++
	s.all++
	return true
}

func (s *Service) leave(e EndpointID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.busy[e]--; s.busy[e] == 0 {
		delete(s.busy, e)
	}
}

// enterMany takes up to n places and tells how many it got.
func (s *Service) enterMany(e keyed, n int) (got int) {
	most := s.set.PerEndpoint
	if !e.FailingSince.IsZero() {
		most = 1
	}
	for got < n && s.enter(e.ID, most) {
		got++
	}
	return got
}

// Deliver starts tries of messages whose time has come and tells how many. It does not wait for them: each endpoint has
// a bounded number of places, so that a slow one is waited for by nobody but its own messages. It is a job, harmless on
// several nodes at once.
func (s *Service) Deliver(ctx context.Context) (started int, err error) {
	now := clock.Now(ctx, s.Clock)
	var endpoints map[EndpointID]keyed
	var ids []string
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		if ids, err = hungry(tx, now, s.set.AtOnce); err != nil {
			return err
		}
		endpoints, err = byIDs(tx, ids)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		n, err := s.serve(ctx, EndpointID(id), endpoints[EndpointID(id)], now)
		if err != nil {
			return started, err
		}
		started += n
	}
	return started, nil
}

// serve starts as many of an endpoint's messages as it has places. Messages that came in while the endpoint was
// switched off or removed are ended.
func (s *Service) serve(ctx context.Context, id EndpointID, e keyed, now time.Time) (started int, err error) {
	if !e.On {
		return 0, s.DB.Write(ctx, func(tx *db.Tx) error { return failQueue(tx, id, now) })
	}
	places := s.enterMany(e, s.set.PerEndpoint)
	if places == 0 {
		return 0, nil
	}
	defer func() {
		for range places - started {
			s.leave(e.ID)
		}
	}()
	var all, mine []Delivery
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		mine = nil
		if all, err = due(tx, e.ID, now, places); err != nil {
			return err
		}
		won, err := claim(tx, all, now.Add(s.lease()))
		for i, d := range all {
			if err == nil && won[i] {
				d.Tries++
				mine = append(mine, d)
			}
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, d := range mine {
		started++
		s.wg.Go(func() {
			defer s.leave(e.ID)
			r := s.post(s.ctx, e, d)
			if s.ctx.Err() != nil {
				return // the node ends; the message is claimed again later
			}
			if _, err := s.finish(s.ctx, e, d, r); err != nil {
				s.Log.Error("webhook outcome not kept", slog.String("delivery", string(d.ID)), slog.Any("err", err))
			}
		})
	}
	return started, nil
}

// finish writes how a try ended, on the message and on its endpoint.
func (s *Service) finish(ctx context.Context, e keyed, d Delivery, r result) (Delivery, error) {
	now := clock.Now(ctx, s.Clock)
	d.Status, d.Reason, d.Excerpt, d.TookMS = r.status, r.reason, r.excerpt, r.took.Milliseconds()
	switch at, again := next(d.Tries, now, s.Rand); {
	case r.reason == "":
		d.State, d.DoneAt = Delivered, now
	case again && d.Topic != Ping:
		d.NextTry = at
	default:
		d.State, d.DoneAt = Failed, now
	}
	return d, s.DB.Write(ctx, func(tx *db.Tx) error {
		// The endpoint's row first: switching it off takes the rows in the same order.
		was, err := endpoint(tx, e.Shop, e.ID)
		if err != nil {
			return err
		}
		if err := saveTry(tx, d); err != nil {
			return err
		}
		return s.judge(ctx, tx, was, r, now)
	})
}

// judge keeps since when an endpoint fails, and switches it off when it said that it is gone or failed for days.
func (s *Service) judge(ctx context.Context, tx *db.Tx, e keyed, r result, now time.Time) error {
	before := e
	switch {
	case r.reason == "":
		e.FailingSince = time.Time{}
	case e.FailingSince.IsZero():
		e.FailingSince = now
	}
	why := ""
	switch {
	case r.status == http.StatusGone:
		why = "gone"
	case r.reason != "" && now.Sub(e.FailingSince) >= s.set.DisableAfter:
		why = "failing"
	}
	if why == "" || !e.On {
		if e.FailingSince.Equal(before.FailingSince) {
			return nil
		}
		return saveEndpoint(tx, e)
	}
	e.On, e.Reason = false, why
	if err := saveEndpoint(tx, e); err != nil {
		return err
	}
	if err := failQueue(tx, e.ID, now); err != nil {
		return err
	}
	err := audit.Note(ctx, tx, s.IDs, audit.Entry{At: now, Who: audit.System, Shop: e.Shop, What: string(TopicDisabled),
		On: string(e.ID), After: audit.Facts{"state": "off", "reason": why}})
	if err != nil {
		return err
	}
	return event.Emit(tx, s.IDs, event.Event{Topic: TopicDisabled, Subject: string(e.ID), Shop: e.Shop, At: now,
		Body: event.Body(map[string]any{"reason": why})})
}

// Sweep deletes finished messages that are older than they are to be kept, up to a batch at once. It is a job.
func (s *Service) Sweep(ctx context.Context) (done int, err error) {
	cut := clock.Now(ctx, s.Clock).Add(-s.set.KeepFor)
	err = s.DB.Write(ctx, func(tx *db.Tx) error { done, err = sweep(tx, cut, batchMax); return err })
	if done < batchMax {
		done = 0 // the rest is young
	}
	return done, err
}
