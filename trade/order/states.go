package order

import (
	"slices"

	"hutong/base/fault"
)

// State is an order's position.
type State string

// The states of an order, with who acts next.
const (
	AwaitingPayment State = "awaiting_payment" // the shopper pays or cancels; at the deadline it lapses
	Paid            State = "paid"             // each seller ships its suborder
	Completed       State = "completed"        // nobody: every suborder is completed or cancelled
	Cancelled       State = "cancelled"        // nobody: never paid, or refunded whole
)

// SubState is a suborder's position.
type SubState string

// The states of a suborder, with who acts next.
const (
	SubOpen      SubState = "open"      // follows its order; once that is paid, the merchant ships
	SubShipped   SubState = "shipped"   // the carrier delivers; the shopper may confirm receipt
	SubDelivered SubState = "delivered" // the shopper confirms receipt, or time does
	SubCompleted SubState = "completed" // nobody; its money is settled
	SubCancelled SubState = "cancelled" // nobody; refunded whole before it was shipped
)

// transitions are the legal edges of an order. A paid order that is cancelled was refunded whole; a cancelled one that
// is paid was paid late, while its stock could be taken again.
var transitions = map[State][]State{
	AwaitingPayment: {Paid, Cancelled},
	Paid:            {Completed, Cancelled},
	Cancelled:       {Paid},
	Completed:       {},
}

var subTransitions = map[SubState][]SubState{
	SubOpen:      {SubShipped, SubCancelled},
	SubShipped:   {SubDelivered, SubCompleted},
	SubDelivered: {SubCompleted},
	SubCompleted: {},
	SubCancelled: {},
}

// Valid tells whether s is a state.
func (s State) Valid() bool { _, ok := transitions[s]; return ok }

// Can tells whether an order in s may go to next.
func (s State) Can(next State) bool { return slices.Contains(transitions[s], next) }

// Valid tells whether s is a state.
func (s SubState) Valid() bool { _, ok := subTransitions[s]; return ok }

// Can tells whether a suborder in s may go to next.
func (s SubState) Can(next SubState) bool { return slices.Contains(subTransitions[s], next) }

// Terminal tells whether nobody acts on the suborder any more.
func (s SubState) Terminal() bool { return len(subTransitions[s]) == 0 }

// Unpaid says why nothing of a part can be sent or given back: its order waits for the payment, or all of it is over.
func (o *Order) Unpaid(sub *Sub) error {
	if o.State == AwaitingPayment {
		return fault.New(fault.Conflict, "order.not_paid")
	}
	state := string(o.State)
	if o.State == Paid {
		state = string(sub.State)
	}
	return fault.New(fault.Conflict, "order.state", fault.P("state", state))
}
