package group

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/funds/pay"
	"hutong/trade/aftersale"
	"hutong/trade/order"
)

// Settle does what the end of a group brings to each member: it pays back where the group failed, and gives the
// difference back where a ladder's lower step was reached. It is a job, and safe to repeat: a refund and a difference
// are asked under a key of their own. A member that cannot be settled now does not keep the others waiting.
func (s *Service) Settle(ctx context.Context) (done int, err error) {
	for after := order.ID(""); ; {
		var members []Member
		err := s.DB.Read(ctx, func(tx *db.Tx) (err error) { members, err = toSettle(tx, after, pageMax); return err })
		if err != nil {
			return done, err
		}
		for _, m := range members {
			after = m.Order
			if err := s.settle(ctx, m); err != nil {
				s.Log.ErrorContext(ctx, "a member of a group is not settled", slog.String("order", string(m.Order)),
					slog.String("group", string(m.Group)), slog.Any("err", err))
				continue
			}
			done++
		}
		if len(members) < pageMax {
			return done, nil
		}
	}
}

func (s *Service) settle(ctx context.Context, m Member) error {
	if m.State == Lowering {
		return s.lower(ctx, m)
	}
	return s.refund(ctx, m)
}

// refund pays a member back: the pieces go back on sale, the freight and whatever the order used go back with them.
// Where a merchant sent the goods of a group that fell apart in that very moment, the member keeps them.
func (s *Service) refund(ctx context.Context, m Member) error {
	o, err := s.Orders.Any(ctx, m.Order)
	if err != nil {
		return err
	}
	end := Refunded
	if left := lineOf(o, m.Line).Left(); left > 0 {
		_, err := s.Cases.Refund(ctx, aftersale.Refund{By: aftersale.Party{Operator: true}, Order: m.Order, Seq: m.Seq,
			Lines: []order.Units{{Line: m.Line, Units: left}}, Reason: aftersale.NoGroup, Unsent: true,
			Key: "group"})
		switch {
		case fault.Is(err, "aftersale.sent"):
			end = In
		case err != nil:
			return err
		}
	}
	at := clock.Now(ctx, s.Clock)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		if m.State, m.LeftAt = end, at; end == In {
			m.Why, m.LeftAt = "", time.Time{}
		}
		if m.Group != "" {
			s.wake(tx, Group{ID: m.Group})
		}
		return saveMembers(tx, []Member{m})
	})
}

// lower gives a member of a ladder the difference back and the goods to the merchant, in one transaction.
func (s *Service) lower(ctx context.Context, m Member) error {
	at := clock.Now(ctx, s.Clock)
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		g, _, err := lockGroup(tx, m.Group)
		if err != nil {
			return err
		}
		o, _, err := offerByID(tx, m.Offer)
		if err != nil {
			return err
		}
		now, _, err := memberBy(tx, m.Order, m.Line)
		if err != nil || now.State != Lowering {
			return err
		}
		if err := s.difference(tx, m, fall{offer: o.ID, from: o.Price(), to: g.Price, at: at}); err != nil {
			return err
		}
		now.State = In
		if err := saveMembers(tx, []Member{now}); err != nil {
			return err
		}
		return s.Orders.Release(tx, at, []order.SubKey{{Order: m.Order, Seq: m.Seq}})
	})
}

// difference gives back what the pieces that are left cost more than at the price now, of what is still paid for them.
func (s *Service) difference(tx *db.Tx, m Member, off fall) error {
	if err := order.Hold(tx, m.Order); err != nil {
		return err
	}
	orders, err := order.Locked(tx, []order.ID{m.Order})
	if err != nil || len(orders) == 0 {
		return errors.Join(err, lost(len(orders) > 0))
	}
	l := lineOf(orders[0], m.Line)
	amount, err := off.of(l)
	if err != nil || amount < 1 {
		return err
	}
	out, err := s.Orders.Lower(tx, order.Lower{Order: m.Order, Seq: m.Seq, Line: m.Line, Amount: amount,
		Ref: string(m.Group), Cause: order.Cause{Actor: "time", Why: "group.ladder_back", At: off.at}})
	if err != nil || out.Total == 0 {
		return err
	}
	_, err = s.Pay.Ask(tx, off.at, []pay.RefundAsk{{Order: string(m.Order), Case: string(m.Group), Amount: out.Total,
		Currency: out.Currency, Reason: "group.ladder_back"}})
	return err
}

// fall is a group's price that came down.
type fall struct {
	offer    OfferID
	from, to int64
	at       time.Time
}

// of is what a line brings back: what the pieces that are left cost, without what they cost at the lower price. Where
// more than the group's price was taken off the line, the order knows that.
func (f fall) of(l order.Line) (int64, error) {
	now := max(l.Paid-(f.from-f.to)*l.Quantity, 0)
	discounts, err := order.DecodeDiscounts(l.Discounts)
	for _, d := range discounts {
		for _, r := range d.Rungs {
			if d.Promotion == string(f.offer) && r.Price == f.to {
				now = r.Paid
			}
		}
	}
	if err != nil {
		return 0, err
	}
	was, err := money.UnitsRefund(l.Paid, l.Quantity, l.RefundedQuantity, l.Left())
	if err != nil {
		return 0, err
	}
	now, err = money.UnitsRefund(now, l.Quantity, l.RefundedQuantity, l.Left())
	return min(was-now, l.Lowerable()), err
}
