package order

import (
	"context"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/job"
	"hutong/base/lane"
	"hutong/funds/settle"
	"hutong/goods/stock"
)

// Shipment says that a suborder left the merchant.
type Shipment struct {
	Order     ID
	Seq       int64
	Shop      string
	Carrier   string
	ConfirmBy time.Time // when receipt confirms itself
}

// Shipped marks suborders as shipped, in the caller's transaction. All or nothing, and at one instant: who is told of
// it knows by that which parts of an order it is about.
// Codes: order.not_found (also for another shop's), order.not_paid, order.taken_back, order.state.
func (s *Service) Shipped(tx *db.Tx, at time.Time, shipments []Shipment) error {
	w, pieces, err := s.openBare(tx, keysOf(shipments, func(v Shipment) SubKey { return SubKey{v.Order, v.Seq} }))
	if err != nil {
		return err
	}
	var sent []stock.Reservation
	for _, v := range shipments {
		o, sub, err := w.sub(SubKey{v.Order, v.Seq})
		if err != nil {
			return err
		}
		if sub.Shop != v.Shop || sub.Waits != "" {
			return fault.New(fault.NotFound, "order.not_found")
		}
		if o.State != Paid {
			return o.Unpaid(sub)
		}
		if !o.TakenAt.IsZero() {
			return fault.New(fault.Conflict, "order.taken_back")
		}
		sub.Carrier, sub.ConfirmBy = v.Carrier, v.ConfirmBy
		if err := w.move(sub, SubShipped, Cause{Actor: "merchant", Why: "shipped", At: at}); err != nil {
			return err
		}
		sent = append(sent, pieces[SubKey{v.Order, v.Seq}]...)
	}
	if err := stock.Ship(tx, sent); err != nil {
		return err
	}
	return s.save(tx, w, TopicShipped, at)
}

// Delivered marks suborders whose parcels the carrier handed over; others of them are left as they are.
func (s *Service) Delivered(tx *db.Tx, at time.Time, subs []SubKey) error {
	w, err := s.open(tx, subs)
	if err != nil {
		return err
	}
	for _, k := range subs {
		_, sub, err := w.sub(k)
		if err != nil {
			return err
		}
		if sub.State != SubShipped {
			continue
		}
		if err := w.move(sub, SubDelivered, Cause{Actor: "carrier", Why: "delivered", At: at}); err != nil {
			return err
		}
	}
	return s.save(tx, w, TopicDelivered, at)
}

// Hold puts off the automatic receipt of suborders that are on their way, at least until then: their goods may not
// have arrived after all. Others of them are left as they are. It moves no state, so it tells nothing.
func (s *Service) Hold(tx *db.Tx, subs []SubKey, until time.Time) error {
	w, err := s.open(tx, subs)
	if err != nil {
		return err
	}
	var held []Sub
	for _, k := range subs {
		_, sub, err := w.sub(k)
		if err != nil {
			return err
		}
		if !sub.ConfirmBy.IsZero() && sub.ConfirmBy.Before(until) {
			sub.ConfirmBy = until
			held = append(held, *sub)
		}
	}
	return saveSubs(tx, held)
}

// Receive confirms that the shopper has the goods of one suborder, which settles it. Many at once are settled together.
// Codes: order.not_found, order.state, lane.full. It is safe to repeat: what is completed stays so, with a conflict.
func (s *Service) Receive(ctx context.Context, shopper string, id ID, seq int64) error {
	_, err := s.receipts.Do(ctx, receipt{shopper: shopper, key: SubKey{id, seq}, at: clock.Now(ctx, s.Clock)})
	return err
}

// receipt is one Receive on its way.
type receipt struct {
	shopper string
	key     SubKey
	at      time.Time
}

// receiveAll decides one batch of receipts in order and settles what they completed, at the latest of their times: who
// is told of it knows by that which parts of an order it is about.
func (s *Service) receiveAll(batch []receipt) (outs []lane.Outcome[struct{}], err error) {
	err = s.DB.Write(context.Background(), func(tx *db.Tx) error {
		outs = make([]lane.Outcome[struct{}], len(batch))
		w, err := openSums(tx, keysOf(batch, func(r receipt) SubKey { return r.key }))
		if err != nil {
			return err
		}
		var subs []*Sub
		at := batch[0].at
		for _, r := range batch[1:] {
			if r.at.After(at) {
				at = r.at
			}
		}
		for i, r := range batch {
			sub, err := w.received(r)
			if err != nil {
				outs[i].Err = err
				continue
			}
			if err := w.move(sub, SubCompleted, Cause{Actor: "shopper", Why: "received", At: at}); err != nil {
				return err
			}
			subs = append(subs, sub)
		}
		return s.settled(tx, w, subs, at)
	})
	return outs, err
}

// received is the suborder of a receipt, if it is the shopper's and can be received now.
func (w *work) received(r receipt) (*Sub, error) {
	o, sub, err := w.sub(r.key)
	if err != nil || o.Shopper != r.shopper || r.shopper == "" {
		return nil, fault.New(fault.NotFound, "order.not_found").Because(err)
	}
	if !sub.State.Can(SubCompleted) {
		return nil, fault.New(fault.Conflict, "order.state", fault.P("state", string(sub.State)))
	}
	return sub, nil
}

// AutoReceive confirms receipt of what was shipped long enough ago, up to a batch at once. It is a job. A suborder that
// cannot be settled keeps no other one waiting: it is the error.
func (s *Service) AutoReceive(ctx context.Context) (done int, err error) {
	at := clock.Now(ctx, s.Clock)
	next := func(limit int) (due []SubKey, err error) {
		err = s.DB.Read(ctx, func(tx *db.Tx) (err error) { due, err = confirmDue(tx, at, limit); return err })
		return due, err
	}
	return job.Walk(ctx, batchMax, job.Self, next, func(due []SubKey) (int, error) {
		return job.Halves(ctx, due, func(some []SubKey) (int, error) { return s.receive(ctx, some, at) })
	})
}

// complete settles suborders and closes the orders that have no other one left.
func (s *Service) complete(tx *db.Tx, w *work, subs []*Sub, c Cause) error {
	for _, sub := range subs {
		if err := w.move(sub, SubCompleted, c); err != nil {
			return err
		}
	}
	return s.settled(tx, w, subs, c.At)
}

// settled turns suborders that were completed into claims, and writes them.
func (s *Service) settled(tx *db.Tx, w *work, subs []*Sub, at time.Time) error {
	sales := make([]settle.Sale, len(subs))
	for i, sub := range subs {
		var err error
		if sales[i], err = sale(w.orders[sub.Order], sub); err != nil {
			return err
		}
	}
	if err := s.Settle.Accrue(tx, at, sales); err != nil {
		return err
	}
	return s.save(tx, w, TopicCompleted, at)
}

func sale(o *Order, sub *Sub) (settle.Sale, error) {
	v := settle.Sale{Order: string(o.ID), Sub: int(sub.Seq), Shop: sub.Shop, Currency: o.Currency, Carrier: sub.Carrier,
		Freight: sub.Freight - sub.FreightRefunded}
	v.Lines = make([]settle.SaleLine, 0, len(sub.Lines))
	for i := range sub.Lines {
		l := &sub.Lines[i]
		funding, err := l.funding()
		if err != nil {
			return settle.Sale{}, err
		}
		v.Lines = append(v.Lines, settle.SaleLine{Line: int(l.No), Value: l.Value() + l.rise(),
			Refunded: l.gone(), Funding: funding,
			FeePPM: l.FeePPM, FeeRule: settle.RuleID(l.FeeRule)})
	}
	return v, nil
}
