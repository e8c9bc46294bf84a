package order

import (
	"strings"

	"hutong/base/event"
	"hutong/base/money"
)

// GroupPrice begins the id of every promotion that is a group's price: what is bought under it waits for the group.
const GroupPrice = "gof_"

// WaitsGroup says that a suborder waits for the group that it was bought in to form.
const WaitsGroup = "group"

// wait sets what the suborders of a new order wait for, as the discounts of their lines say. It looks at the stored
// form: nearly every order passes here, and nearly none waits.
func (o *Order) wait() {
	for i := range o.Subs {
		for n := range o.Subs[i].Lines {
			if strings.Contains(o.Subs[i].Lines[n].Discounts, `["`+GroupPrice) {
				o.Subs[i].Waits = WaitsGroup
			}
		}
	}
}

// Brings is what so many further pieces of the line bring when they are given back: the k-th of the pieces that were
// there when the price was last lowered returns its part of what was still paid for them (RULES C4).
func (l *Line) Brings(units int64) (int64, error) {
	return money.UnitsRefund(l.Paid-l.Lowered-l.refundedBefore, l.Quantity-l.piecesBefore,
		l.RefundedQuantity-l.piecesBefore, units)
}

// lower takes an amount off what is still paid for the pieces that are left.
func (l *Line) lower(amount int64) {
	l.Lowered += amount
	l.piecesBefore, l.refundedBefore = l.RefundedQuantity, l.Refunded
}

// ReleasedBy are the suborders that a TopicReleased event names.
func ReleasedBy(e event.Event) (map[SubKey]bool, error) {
	var m Moved
	if err := e.Read(&m); err != nil {
		return nil, err
	}
	all := map[SubKey]bool{}
	for _, o := range m.Orders {
		for _, seq := range o.Seqs {
			all[SubKey{o.Order, seq}] = true
		}
	}
	return all, nil
}
