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

// SendWithin notes that a line of the part is promised to be sent within so many hours of being paid; of several
// promises the shortest holds for all, because a part is sent as one. 0 promises nothing.
func (s *Sub) SendWithin(hours int64) {
	if hours > 0 && (s.ShipHours == 0 || hours < s.ShipHours) {
		s.ShipHours = hours
	}
}

// ShipBy is the instant before which a part of an order is to be sent: what its presale says, once that is paid whole,
// or so many hours after it was paid as its lines were sold under. Zero: nothing was promised, or it is not paid yet.
func (o Order) ShipBy(s Sub) time.Time {
	switch p := o.Presale; {
	case p != nil && p.State == BalancePaid:
		return p.ShipBy
	case p != nil || s.ShipHours == 0 || o.PaidAt.IsZero():
		return time.Time{}
	}
	return o.PaidAt.Add(time.Duration(s.ShipHours) * time.Hour)
}

// Sending is how a part of an order stands by what was promised: nothing is due of what is not paid whole, or was
// refunded before it was sent.
func (o Order) Sending(s Sub, now time.Time) Sending {
	if s.State == SubCancelled || o.State == AwaitingPayment {
		return ""
	}
	return SendingOf(o.ShipBy(s), s.ShippedAt, now)
}
