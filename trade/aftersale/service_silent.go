package aftersale

import (
	"context"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/job"
	"hutong/trade/order"
)

// silent is who decides a case whose time is up.
const silent = "market"

// Unsent says of a case that it ended because the goods did not come back, Nowhere that its money went back because the
// shop did not say where they go.
const (
	Unsent  = "unsent"
	Nowhere = "nowhere"
)

// Silent is what a step says of somebody who did nothing in time: "silent" where a shop's silence agreed, "elsewhere"
// where the pieces had been given back otherwise meanwhile, Unsent where the goods did not arrive, Nowhere where they
// had nowhere to go; "" for any other step.
func (s Step) Silent() string {
	switch {
	case s.Actor != silent:
		return ""
	case s.From == Agreed && s.To == Refunded:
		return Nowhere
	case s.From == Agreed:
		return Unsent
	case s.From != Opened:
		return ""
	case s.To == Refused:
		return "elsewhere"
	}
	return "silent"
}

// silentPage is how many unanswered cases are read at once.
const silentPage = 100

// Jobs are what happens by itself here.
func (s *Service) Jobs() []job.Job {
	return []job.Job{{Name: "aftersale.agree", Every: time.Minute, Run: s.AgreeSilent},
		{Name: "aftersale.nowhere", Every: time.Minute, Run: s.RefundNowhere},
		{Name: "aftersale.unsent", Every: time.Minute, Run: s.CloseUnsent}}
}

// sendToMax is how many shoppers are told at once where their goods go.
const sendToMax = 500

// saysWhere tells the shoppers whose goods go back to a shop that it says, or says anew, where to.
func (s *Service) saysWhere(ctx context.Context, e event.Event) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		for after := ID(""); ; {
			some, err := agreedAt(tx, e.Shop, after, sendToMax)
			if err != nil || len(some) == 0 {
				return err
			}
			told := make([]event.Event, len(some))
			for i, c := range some {
				told[i] = event.Event{Topic: TopicSendTo, Subject: string(c.ID), Shop: c.Shop, Shopper: c.Shopper, At: e.At,
					Body: event.Body(map[string]any{"order": c.Order, "seq": c.Seq})}
				tx.After(func() { s.Hub.Publish(string(c.Order)) })
			}
			if err := event.Emit(tx, s.IDs, told...); err != nil {
				return err
			}
			after = some[len(some)-1].ID
		}
	})
}

// unsentPage is how many cases whose goods did not come back are read at once.
const unsentPage = 100

// CloseUnsent ends the agreed cases whose goods have not arrived within Settings.BackDays: the shopper keeps them, may
// ask anew while the order's own time lasts, and the operator may refund what was sent all the same. It is a job, and
// harmless on several nodes: each case is decided under its row's lock.
func (s *Service) CloseUnsent(ctx context.Context) (done int, err error) {
	if s.set.BackDays == 0 {
		return 0, nil
	}
	now := clock.Now(ctx, s.Clock)
	due := func(limit int) (ids []ID, err error) {
		err = s.DB.Read(ctx, func(tx *db.Tx) (err error) {
			ids, err = notBack(tx, now.AddDate(0, 0, -s.set.BackDays), limit)
			return err
		})
		return ids, err
	}
	return job.Walk(ctx, unsentPage, job.Self, due, func(some []ID) (int, error) {
		return job.Each(ctx, some, func(id ID) error { return s.closeUnsent(ctx, id, now) })
	})
}

func (s *Service) closeUnsent(ctx context.Context, id ID, at time.Time) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := one(tx, Party{Operator: true}, id, forWriting)
		if by := s.set.backBy(c); err != nil || by.IsZero() || at.Before(by) { // the shop was quicker
			return err
		}
		return s.close(tx, &c, word{actor: silent, at: at}, func(_ *db.Tx, c *Case, w word) error {
			return c.move(Refused, w.actor, "", w.at)
		})
	})
}

// RefundNowhere gives back the money of the cases to which a shop's silence agreed, and whose goods it has not said
// where to send within Settings.AnswerDays more: the shopper keeps them. Else such a case would wait for ever. It is a
// job, and harmless on several nodes: each case is decided under its row's lock.
func (s *Service) RefundNowhere(ctx context.Context) (done int, err error) {
	if s.set.AnswerDays == 0 {
		return 0, nil
	}
	now := clock.Now(ctx, s.Clock)
	due := func(limit int) (ids []ID, err error) {
		err = s.DB.Read(ctx, func(tx *db.Tx) (err error) {
			ids, err = goNowhere(tx, now.AddDate(0, 0, -s.set.AnswerDays), limit)
			return err
		})
		return ids, err
	}
	return job.Walk(ctx, unsentPage, job.Self, due, func(some []ID) (int, error) {
		return job.Each(ctx, some, func(id ID) error { return s.refundNowhere(ctx, id, now) })
	})
}

func (s *Service) refundNowhere(ctx context.Context, id ID, at time.Time) error {
	o, err := s.orderOf(ctx, id)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := one(tx, Party{Operator: true}, id, forWriting)
		if by := s.set.sayBy(c); err != nil || by.IsZero() || at.Before(by) { // the shop was quicker
			return err
		}
		return s.close(tx, &c, word{actor: silent, at: at}, func(tx *db.Tx, c *Case, w word) error {
			if !c.left(o) {
				return c.move(Refused, w.actor, "", w.at)
			}
			return s.refund(tx, c, c.units(), w)
		})
	})
}

// orderOf is the order that a case is of.
func (s *Service) orderOf(ctx context.Context, id ID) (order.Order, error) {
	c, err := s.Case(ctx, Party{Operator: true}, id)
	if err != nil {
		return order.Order{}, err
	}
	return s.Orders.Any(ctx, c.Order)
}

// AgreeSilent agrees to the cases that their shops have not answered within Settings.AnswerDays: the goods go back, and
// the shop says that they arrived, or refuses, as with any other return; where there is nothing to send back, the money
// goes back at once. It is a job, and harmless on several nodes: each case is decided under its row's lock.
func (s *Service) AgreeSilent(ctx context.Context) (done int, err error) {
	if s.set.AnswerDays == 0 {
		return 0, nil
	}
	now := clock.Now(ctx, s.Clock)
	var due []ID
	for {
		var page []ID
		err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
			page, err = unanswered(tx, now.AddDate(0, 0, -s.set.AnswerDays), lastOf(due), silentPage)
			return err
		})
		if err != nil {
			return 0, err
		}
		if due = append(due, page...); len(page) < silentPage {
			break
		}
	}
	return job.Each(ctx, due, func(id ID) error { return s.agreeSilent(ctx, id, now) })
}

// left tells whether what a case asks back has not been given back otherwise meanwhile.
func (c Case) left(o order.Order) bool {
	sub, err := subOf(o, c.Seq)
	for _, l := range c.Lines {
		if line, ok := lineOf(sub, l.Line); !ok || line.Left() < l.Units {
			return false
		}
	}
	return err == nil && sub.State != order.SubCancelled
}

func lastOf(ids []ID) ID {
	if len(ids) == 0 {
		return ""
	}
	return ids[len(ids)-1]
}

func (s *Service) agreeSilent(ctx context.Context, id ID, at time.Time) error {
	o, err := s.orderOf(ctx, id)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := one(tx, Party{Operator: true}, id, forWriting)
		if err != nil || c.State != Opened { // the shop was quicker
			return err
		}
		_, received := receivedAt(o, c.Seq)
		return s.close(tx, &c, word{actor: silent, at: at}, func(tx *db.Tx, c *Case, w word) error {
			switch {
			case !c.left(o):
				return c.move(Refused, w.actor, "", w.at)
			case c.sendsBack(received):
				return c.move(Agreed, w.actor, "", w.at)
			}
			return s.refund(tx, c, c.units(), w)
		})
	})
}
