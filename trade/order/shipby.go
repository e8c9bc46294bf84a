package order

import "time"

// Sending is how a suborder stands by the instant before which its shop promised to send it.
type Sending string

// The ways to stand by a promise; "" is none.
const (
	SendDue  Sending = "due"  // it is still to be sent, and there is time
	SendLate Sending = "late" // it should have been sent
	SentKept Sending = "kept" // it was sent in time
	SentLate Sending = "sent_late"
)

// SendingOf holds what was promised against when it was sent, or against now while it was not: what leaves at the very
// instant is late.
func SendingOf(by, sent, now time.Time) Sending {
	switch {
	case by.IsZero():
		return ""
	case sent.IsZero() && now.Before(by):
		return SendDue
	case sent.IsZero():
		return SendLate
	case sent.Before(by):
		return SentKept
	}
	return SentLate
}

// Sending is how a part of an order stands by the promise of its presale: nothing is due of what is not paid whole, or
// was refunded before it was sent.
func (o Order) Sending(s Sub, now time.Time) Sending {
	p := o.Presale
	if p == nil || p.State != BalancePaid || s.State == SubCancelled || o.State == AwaitingPayment {
		return ""
	}
	return SendingOf(p.ShipBy, s.ShippedAt, now)
}
