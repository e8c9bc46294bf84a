package order

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/funds/pay"
	"hutong/party/audit"
)

// A wallet can take money back by itself, as after a shopper's dispute with their bank. The order then keeps its state,
// and nothing more of it is sent (Order.TakenAt) until one of two things happens: as much of it is given back, which is
// not paid a second time (aftersale.EndTaken, or any refund); or the operator says that the money is there again
// (GoOn).

// HoldOrders holds orders until the commit: pay.Purchases.
func (s *Service) HoldOrders(tx *db.Tx, orders []string) error {
	_, err := Headers(tx, called(orders))
	return err
}

// TakenBack marks orders of whose money a wallet took something back by itself: pay.Purchases. What is marked already
// is not told of again.
func (s *Service) TakenBack(tx *db.Tx, at time.Time, orders []string) error {
	ids := called(orders)
	heads, err := Headers(tx, ids)
	if err != nil {
		return err
	}
	if now := s.Clock.Now(); now.After(at) { // what was sent before the orders were held here was sent before this
		at = now
	}
	var fresh []Order
	for _, id := range keys(ids) {
		if o, ok := heads[ID(id)]; ok && o.TakenAt.IsZero() {
			fresh = append(fresh, o)
		}
	}
	if err := saveTaken(tx, fresh, at); err != nil {
		return err
	}
	return s.emit(tx, TopicTakenBack, at, fresh)
}

// TakenMet says that all that wallets took back of orders is given back, so that what is left of them is paid:
// pay.Purchases. They go on by themselves. Of orders that were paid together those that the caller does not hold are
// taken here, late; two who do that at once are told apart by the database.
func (s *Service) TakenMet(tx *db.Tx, at time.Time, orders []string) error {
	heads, err := Headers(tx, called(orders))
	if err != nil {
		return err
	}
	return s.free(tx, at, heads)
}

// free takes the mark from orders that have it, and tells of it.
func (s *Service) free(tx *db.Tx, at time.Time, heads map[ID]Order) error {
	var marked []Order
	for _, id := range slices.Sorted(maps.Keys(heads)) {
		if !heads[id].TakenAt.IsZero() {
			marked = append(marked, heads[id])
		}
	}
	if err := saveTaken(tx, marked, time.Time{}); err != nil {
		return err
	}
	return s.emit(tx, TopicGoesOn, at, marked)
}

// GoOn is the operator's word that the money that a wallet took back of an order is there again: the dispute was won,
// or the shopper paid by another way. The order goes on where it stood, with all that were paid together with it, and
// refunds that were met by that money are sent, also of an order that has ended. The record keeps it.
// Codes: order.not_found, order.not_taken_back.
func (s *Service) GoOn(ctx context.Context, id ID) error {
	at := clock.Now(ctx, s.Clock)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		all, err := pay.PaidTogether(tx, string(id))
		if err != nil {
			return err
		}
		heads, err := Headers(tx, called(all)) // orders are locked before attempts
		if err != nil {
			return err
		}
		o, ok := heads[id]
		if !ok {
			return fault.New(fault.NotFound, "order.not_found")
		}
		free, amount, err := s.Refunds.MadeGood(tx, at, string(id))
		if err == nil && amount == 0 {
			err = fault.New(fault.Conflict, "order.not_taken_back")
		}
		if err != nil {
			return err
		}
		if heads, err = Headers(tx, called(free)); err != nil {
			return err
		}
		err = audit.Note(ctx, tx, s.IDs, audit.Entry{At: at, What: "order.goes_on", On: string(id),
			After: audit.Facts{"amount": strconv.FormatInt(amount, 10), "currency": string(o.Currency)}})
		if err != nil {
			return err
		}
		return s.free(tx, at, heads)
	})
}

// EndUnpaid ends an order that is not paid whole and whose money was taken back, in the caller's transaction: the
// caller holds it, and keeps the record. Codes: order.state.
func (s *Service) EndUnpaid(tx *db.Tx, o Order, c Cause) error {
	if o.State != AwaitingPayment || o.TakenAt.IsZero() {
		return fault.New(fault.Conflict, "order.state", fault.P("state", string(o.State)))
	}
	c.Why = WhyTakenBack
	return s.lapse(tx, []Order{o}, c)
}

// endTaken ends presales whose earnest, or a part of it, was taken back: there is nothing to forfeit. All of it goes
// back; what the wallet took is met by that.
func (s *Service) endTaken(tx *db.Tx, orders []Order, ps map[ID]*Presale, c Cause) error {
	c.Why = WhyTakenBack
	for _, o := range orders {
		p := ps[o.ID]
		if err := s.freeEarnest(tx, c.At, o, p); err != nil {
			return err
		}
		err := s.sendBack(tx, c.At, o, pay.RefundAsk{Case: caseEarnest, Amount: p.Earnest, Reason: whyTaken})
		if err != nil {
			return err
		}
	}
	return s.endPresales(tx, orders, ps, TakenBack, c)
}

// called are the ids of orders as other rooms call them.
func called(orders []string) []ID {
	ids := make([]ID, len(orders))
	for i, id := range orders {
		ids[i] = ID(id)
	}
	return ids
}
