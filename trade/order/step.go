package order

import (
	"time"

	"hutong/base/fault"
)

// Cause says who moves an order, and why, for its steps: Actor is "shopper", "merchant", "carrier", "wallet",
// "operator", "market" or "time".
type Cause struct {
	Actor, Why string
	At         time.Time
}

// move takes the order to next and gives the step; an illegal edge is a conflict.
func (o *Order) move(next State, c Cause) (Step, error) {
	if !o.State.Can(next) {
		return Step{}, fault.New(fault.Conflict, "order.state", fault.P("state", string(o.State)))
	}
	o.Step++
	s := Step{Order: o.ID, No: o.Step, From: string(o.State), To: string(next), Actor: c.Actor, Cause: c.Why, At: c.At}
	o.State = next
	switch next {
	case Paid:
		o.PaidAt, o.ClosedAt, o.Reason = c.At, time.Time{}, ""
	case Cancelled:
		o.ClosedAt, o.Reason = c.At, c.Why
	case Completed:
		o.ClosedAt = c.At
	}
	return s, nil
}

// move takes the suborder to next and gives the step.
func (s *Sub) move(next SubState, c Cause) (Step, error) {
	if !s.State.Can(next) {
		return Step{}, fault.New(fault.Conflict, "order.state", fault.P("state", string(s.State)))
	}
	s.Step++
	step := Step{Order: s.Order, Seq: s.Seq, No: s.Step, From: string(s.State), To: string(next), Actor: c.Actor,
		Cause: c.Why, At: c.At}
	s.State = next
	switch next {
	case SubShipped:
		s.ShippedAt = c.At
	case SubCompleted, SubCancelled:
		s.ClosedAt, s.ConfirmBy = c.At, time.Time{}
	}
	return step, nil
}

// close tells the state that the suborders leave the order in, once all of them are terminal.
func (o *Order) close() (next State, ok bool) {
	next = Cancelled
	for _, s := range o.Subs {
		if !s.State.Terminal() {
			return "", false
		}
		if s.State == SubCompleted {
			next = Completed
		}
	}
	return next, true
}
