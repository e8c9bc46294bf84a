package campaign

import (
	"context"
	"errors"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/job"
	"hutong/base/money"
	"hutong/funds/settle"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/party/audit"
	"hutong/party/login"
	"hutong/party/merchant"
)

// lockBatch is how many enrolments a job reads at once.
const lockBatch = 100

// shortRetry is how long a pledge that stock does not cover waits before it is tried again.
const shortRetry = time.Minute

// returnDays is how long after a sale's end its pools are still looked at for pieces that came back.
const returnDays = 180

// Lock fixes accepted enrolments whose time has come: their pledged pieces move into a pool of their own. It is a job's
// Run and safe to repeat. Where less is free than was pledged nothing moves and no order is touched: the shop is told,
// and it is tried again (FAULTS R18).
func (s *Service) Lock(ctx context.Context) (done int, err error) {
	now := clock.Now(ctx, s.Clock)
	due := func(tx *db.Tx, limit int) ([]EnrolmentID, error) { return toLock(tx, now, limit) }
	done, err = s.each(ctx, due, func(tx *db.Tx, id EnrolmentID) error { return s.lock(ctx, tx, now, id) })
	if done == 0 {
		return 0, err
	}
	return done, errors.Join(err, s.felt(ctx))
}

// each decides each enrolment that is due in a transaction of its own.
func (s *Service) each(ctx context.Context, due func(tx *db.Tx, limit int) ([]EnrolmentID, error),
	do func(*db.Tx, EnrolmentID) error) (int, error) {
	next := func(limit int) (all []EnrolmentID, err error) {
		err = s.DB.Read(ctx, func(tx *db.Tx) (err error) { all, err = due(tx, limit); return err })
		return all, err
	}
	return job.Walk(ctx, lockBatch, job.Self, next, func(some []EnrolmentID) (int, error) {
		return job.Each(ctx, some, func(id EnrolmentID) error {
			return s.DB.Write(ctx, func(tx *db.Tx) error { return do(tx, id) })
		})
	})
}

func (s *Service) lock(ctx context.Context, tx *db.Tx, now time.Time, id EnrolmentID) error {
	e, err := enrolmentIn(tx, id, forWriting)
	if err != nil || e.State != Accepted || now.Before(e.LockAt) {
		return err // another node was here
	}
	if !now.Before(e.Selling.Until) {
		e.State = Ended
		if err := s.put(tx, &e); err != nil {
			return err
		}
		return s.left(ctx, tx, Leaving{ID: e.ID, Why: "enrolment.short", At: now})
	}
	if placed, err := s.placed(tx, e); err != nil {
		return err
	} else if !placed {
		return s.unplaced(ctx, tx, now, e)
	}
	p, err := s.Stock.PoolAt(tx, e.Shop, e.SKU, string(e.ID))
	if err != nil {
		return err
	}
	err = s.pledge(tx, now, e, p.ID, e.Quantity)
	if fault.Is(err, "stock.sold_out") {
		return s.short(tx, now, e, err)
	}
	if err != nil {
		return err
	}
	if err := stock.SetOpen(tx, []stock.PoolID{p.ID}, true); err != nil {
		return err
	}
	e.State, e.Pool, e.Reasons = Pledged, p.ID, nil
	if err := s.put(tx, &e); err != nil {
		return err
	}
	return s.tell(tx, EnrolmentLocked, e, now)
}

// unplaced ends an enrolment that has no place at the lock, and tells the shop why.
func (s *Service) unplaced(ctx context.Context, tx *db.Tx, now time.Time, e Enrolment) error {
	e.State, e.Reasons, e.Decided = Ended, []Reason{reason("enrolment.no_place")}, now
	if err := s.put(tx, &e); err != nil {
		return err
	}
	if err := s.left(ctx, tx, Leaving{ID: e.ID, ByMarket: true, Why: "enrolment.no_place", At: now}); err != nil {
		return err
	}
	return s.tell(tx, EnrolmentRefused, e, now)
}

// pledge moves pieces from the offer's ordinary pool into that of the enrolment.
func (s *Service) pledge(tx *db.Tx, now time.Time, e Enrolment, to stock.PoolID, pieces int64) error {
	o, err := ownOffer(tx, e.Shop, e.Offer)
	if err != nil {
		return err
	}
	_, err = s.Stock.Move(tx, now, e.Shop, []stock.Movement{{From: o.Pool, To: to, Quantity: pieces, Ref: string(e.ID)}})
	return err
}

// short reports a pledge that stock does not cover, once, and waits.
func (s *Service) short(tx *db.Tx, now time.Time, e Enrolment, err error) error {
	first := len(e.Reasons) == 0
	e.Reasons = []Reason{reason("enrolment.short", "pledged", e.Quantity)}
	for _, p := range fault.As(err).Params {
		if p.Name == "free" {
			e.Reasons = []Reason{reason("enrolment.stock", "free", p.Value)}
		}
	}
	e.LockAt = now.Add(shortRetry)
	if err := s.put(tx, &e); err != nil || !first {
		return err
	}
	return s.tell(tx, EnrolmentShort, e, now)
}

// Change is new terms of a shop's enrolment.
type Change struct {
	Shop     string
	ID       EnrolmentID
	Version  int64
	Price    int64
	Quantity int64
}

// Change changes price and pledge. Before the lock anything that the rule bears goes, and is reviewed anew; from the
// lock on the price only falls and the pledge only grows, at once.
// Codes: enrolment.not_found (also another shop's), enrolment.changed, enrolment.too_late, enrolment.price_up,
// enrolment.stock_down, enrolment.below_floor, those of Terms.Check and Judge, stock.sold_out.
func (s *Service) Change(ctx context.Context, cmd Change) (e Enrolment, err error) {
	now := clock.Now(ctx, s.Clock)
	p, err := s.pastOf(ctx, cmd.ID, now)
	if err != nil {
		return Enrolment{}, err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		var c Campaign
		if e, c, err = s.own(tx, cmd.Shop, cmd.ID, cmd.Version); err != nil {
			return err
		}
		if !e.State.Open() || !now.Before(e.Selling.Until) {
			return fault.New(fault.Expired, "enrolment.too_late")
		}
		more, locked := cmd.Quantity-e.Quantity, s.locked(c, e, now)
		switch {
		case locked && cmd.Price > e.Price:
			return fault.New(fault.Unprocessable, "enrolment.price_up",
				fault.P("price", money.New(e.Price, e.Currency))).At("price")
		case locked && more < 0:
			return fault.New(fault.Unprocessable, "enrolment.stock_down", fault.P("pledged", e.Quantity)).At("quantity")
		}
		was := priceOf(e)
		if locked && cmd.Price < e.Price {
			e.FellFrom = max(e.FellFrom, e.Price)
		}
		e.Price, e.Quantity = cmd.Price, cmd.Quantity
		if err := e.Check(); err != nil {
			return err
		}
		if e.State == Pledged {
			if err = errors.Join(aboveFloor(tx, e), s.stillFlash(tx, c.Rule, e)); err == nil {
				err = s.pledge(tx, now, e, e.Pool, more)
			}
		} else if err = s.fit(tx, c, &e, p); !locked {
			e.State = Applied
		}
		if err == nil {
			err = s.priced(ctx, tx, now, e, was)
		}
		if err != nil {
			return err
		}
		return s.put(tx, &e)
	})
	if err != nil {
		return Enrolment{}, err
	}
	return e, s.felt(ctx)
}

// locked tells whether the lock has come for an enrolment, also where its pledge is still short: LockAt is when that is
// tried again.
func (s *Service) locked(c Campaign, e Enrolment, now time.Time) bool {
	w, ok := c.WaveOf(e.Slot, s.Zone)
	return e.State == Pledged || !now.Before(e.LockAt) || ok && !now.Before(c.LockOf(w).From)
}

// own is changing for a shop.
func (s *Service) own(tx *db.Tx, shop string, id EnrolmentID, version int64) (Enrolment, Campaign, error) {
	e, c, err := s.changing(tx, id, version)
	if e.Shop != shop {
		return Enrolment{}, Campaign{}, notFound()
	}
	return e, c, err
}

// Withdraw takes a shop's enrolment back. Before the lock it is free; after it the penalty of the rule is owed; once
// the sale runs it is too late. Codes: enrolment.not_found (also another shop's), enrolment.changed,
// enrolment.running, enrolment.too_late.
func (s *Service) Withdraw(ctx context.Context, shop string, id EnrolmentID, version int64) (e Enrolment, err error) {
	now := clock.Now(ctx, s.Clock)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		var c Campaign
		if e, c, err = s.own(tx, shop, id, version); err != nil {
			return err
		}
		switch {
		case !e.State.Open():
			return fault.New(fault.Expired, "enrolment.too_late")
		case e.State == Pledged && !now.Before(e.Selling.From):
			return fault.New(fault.Conflict, "enrolment.running")
		}
		if e.State == Pledged || e.State == Accepted && s.locked(c, e, now) {
			if err := s.owe(tx, now, c.Rule, &e); err != nil {
				return err
			}
		}
		return s.take(ctx, tx, &e, "enrolment.withdrawn", Leaving{ID: e.ID, Why: "enrolment.withdrawn", At: now})
	})
	if err != nil {
		return Enrolment{}, err
	}
	return e, s.felt(ctx)
}

// owe charges a shop for leaving after the lock, once, and tells it.
func (s *Service) owe(tx *db.Tx, now time.Time, r Rule, e *Enrolment) (err error) {
	if e.Penalty, err = penalty(r, *e); err != nil || e.Penalty == 0 {
		return err
	}
	err = settle.Take(tx, settle.Charge{ID: string(e.ID), Shop: e.Shop, Currency: e.Currency, Amount: e.Penalty,
		Why: "sale.penalty", At: now})
	if err != nil {
		return err
	}
	return s.tell(tx, EnrolmentPenalty, *e, now)
}

// penalty is the rule's share of what the pledged pieces were to bring at the price that was locked: who lets it fall
// to nothing before leaving owes no less.
func penalty(r Rule, e Enrolment) (int64, error) {
	worth, err := money.New(max(e.FellFrom, e.Price), e.Currency).Times(e.Quantity)
	if err != nil {
		return 0, err
	}
	owed, err := worth.Rate(r.PenaltyPPM, money.RoundHalfUp)
	return owed.Minor, err
}

// Remove is the operator's word that an enrolment leaves the sale.
type Remove struct {
	By      login.ID
	ID      EnrolmentID
	Version int64
	Why     string
}

// Remove takes an enrolment out of the sale at once, by the operator: a wrong price, a fraud. Orders that were placed
// stand. Codes: enrolment.not_found, enrolment.changed, enrolment.too_late, enrolment.note.
func (s *Service) Remove(ctx context.Context, cmd Remove) (e Enrolment, err error) {
	if err := note(cmd.Why); err != nil {
		return Enrolment{}, err
	}
	now := clock.Now(ctx, s.Clock)
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if e, _, err = s.changing(tx, cmd.ID, cmd.Version); err != nil {
			return err
		}
		return s.remove(ctx, tx, now, &e, cmd)
	})
	if err != nil {
		return Enrolment{}, err
	}
	return e, s.felt(ctx)
}

// RemoveIn is Remove in the caller's transaction, whatever version the enrolment has by then; one that is over
// stays as it is. The caller has the live items read again (Refresh) after it. Codes: enrolment.not_found.
func (s *Service) RemoveIn(ctx context.Context, tx *db.Tx, now time.Time, cmd Remove) error {
	e, err := enrolmentIn(tx, cmd.ID, forWriting)
	if err != nil || !e.State.Open() {
		return err
	}
	return s.remove(ctx, tx, now, &e, cmd)
}

func (s *Service) remove(ctx context.Context, tx *db.Tx, now time.Time, e *Enrolment, cmd Remove) error {
	if !e.State.Open() {
		return fault.New(fault.Expired, "enrolment.too_late")
	}
	e.DecidedBy, e.Note = cmd.By, cmd.Why
	if err := s.tell(tx, EnrolmentRemoved, *e, now); err != nil {
		return err
	}
	return s.take(ctx, tx, e, "enrolment.removed", Leaving{ID: e.ID, ByMarket: true, By: cmd.By, Why: cmd.Why, At: now})
}

// take withdraws an enrolment: its pool closes, a job moves back what is free there, and its place ends with it.
func (s *Service) take(ctx context.Context, tx *db.Tx, e *Enrolment, what string, l Leaving) error {
	was := e.State
	e.State, e.Decided = Withdrawn, l.At
	if err := s.put(tx, e); err != nil {
		return err
	}
	if err := s.left(ctx, tx, l); err != nil {
		return err
	}
	if e.Pool != "" {
		if err := stock.SetOpen(tx, []stock.PoolID{e.Pool}, false); err != nil {
			return err
		}
	}
	return s.note(ctx, tx, audit.Entry{At: l.At, Shop: e.Shop, What: what, On: string(e.ID),
		Before: audit.Facts{"state": string(was)},
		After:  audit.Facts{"state": string(Withdrawn), "penalty": itoa(e.Penalty)}})
}

// Return ends enrolments whose sale is over and moves what lies free in the pools of those that ended or were
// withdrawn back to the ordinary pools: also what orders give back weeks later. It is a job's Run, safe to repeat and
// harmless at several nodes at once: only what is free moves.
func (s *Service) Return(ctx context.Context) (done int, err error) {
	now := clock.Now(ctx, s.Clock)
	over := func(tx *db.Tx, limit int) ([]EnrolmentID, error) { return toEnd(tx, now, limit) }
	ended, stuck := s.each(ctx, over, func(tx *db.Tx, id EnrolmentID) error { return s.end(ctx, tx, now, id) })
	back := func(tx *db.Tx, limit int) ([]EnrolmentID, error) {
		return toReturn(tx, now.AddDate(0, 0, -returnDays), limit)
	}
	returned, err := s.each(ctx, back, func(tx *db.Tx, id EnrolmentID) error { return s.giveBack(tx, now, id) })
	if err = errors.Join(stuck, err); ended > 0 {
		err = errors.Join(err, s.felt(ctx))
	}
	return ended + returned, err
}

func (s *Service) end(ctx context.Context, tx *db.Tx, now time.Time, id EnrolmentID) error {
	e, err := enrolmentIn(tx, id, forWriting)
	if err != nil || !e.State.Open() || now.Before(e.Selling.Until) {
		return err
	}
	was, held := e.State, e.State == Pledged
	e.State = Ended
	if err := s.put(tx, &e); err != nil {
		return err
	}
	if !held { // nobody reviewed it; or the shop never had what it pledged
		l := Leaving{ID: e.ID, ByMarket: was == Applied, Why: "enrolment.ended", At: now}
		if err := s.left(ctx, tx, l); err != nil {
			return err
		}
	}
	if e.Pool == "" {
		return nil
	}
	if held {
		if err := s.tell(tx, EnrolmentEnded, e, now); err != nil {
			return err
		}
	}
	return stock.SetOpen(tx, []stock.PoolID{e.Pool}, false)
}

func (s *Service) giveBack(tx *db.Tx, now time.Time, id EnrolmentID) error {
	e, err := enrolmentIn(tx, id, forWriting)
	if err != nil || e.State.Open() || e.Pool == "" {
		return err
	}
	o, err := ownOffer(tx, e.Shop, e.Offer)
	if err != nil {
		return err
	}
	_, err = s.Stock.Move(tx, now, e.Shop, []stock.Movement{{From: e.Pool, To: o.Pool, Quantity: stock.QuantityMax,
		AtMost: true, Ref: string(e.ID)}})
	return err
}

// Listen has the live items follow what becomes of goods and shops: what nobody can buy is in no sale.
func (s *Service) Listen(bus *event.Bus) {
	for _, topic := range []event.Topic{offer.Changed, catalog.Changed} {
		bus.On(topic, "campaign", func(ctx context.Context, e event.Event) error {
			var changed offer.ChangedBody // a catalog.ChangedBody reads the same
			if err := e.Read(&changed); err != nil {
				return err
			}
			if !s.live.Load().sells(changed.IDs) {
				return nil
			}
			return s.felt(ctx)
		})
	}
	for _, topic := range []event.Topic{merchant.ShopClosed, merchant.ShopOpened} {
		bus.On(topic, "campaign", func(ctx context.Context, _ event.Event) error { return s.felt(ctx) })
	}
}
