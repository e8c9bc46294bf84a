package aftersale

import (
	"slices"
	"time"

	"hutong/base/fault"
)

// State is a case's position.
type State string

// The states of a case, with who acts next.
const (
	Opened    State = "opened"    // the merchant agrees or refuses, the shopper may withdraw; silence agrees in the end
	Agreed    State = "agreed"    // the shopper sends the goods back; the merchant says that they arrived; time ends it
	Refunded  State = "refunded"  // nobody; the wallet pays the money out
	Refused   State = "refused"   // nobody; the shopper may ask anew, the operator may refund
	Withdrawn State = "withdrawn" // nobody; the shopper did, and may ask anew
)

// transitions are the legal edges. An agreed case is refused when the goods never came back.
var transitions = map[State][]State{
	"":        {Opened, Refunded},
	Opened:    {Agreed, Refunded, Refused, Withdrawn},
	Agreed:    {Refunded, Refused},
	Refunded:  {},
	Refused:   {},
	Withdrawn: {},
}

// Valid tells whether s is a state.
func (s State) Valid() bool { _, ok := transitions[s]; return ok && s != "" }

// Can tells whether a case in s may go to next.
func (s State) Can(next State) bool { return slices.Contains(transitions[s], next) }

// Terminal tells whether nobody acts on the case any more.
func (s State) Terminal() bool { return len(transitions[s]) == 0 }

// move takes the case to next; an illegal edge is a conflict.
func (c *Case) move(next State, actor, note string, at time.Time) error {
	if !c.State.Can(next) {
		return fault.New(fault.Conflict, "aftersale.state", fault.P("state", string(c.State)))
	}
	c.step++
	c.Steps = append(c.Steps, Step{From: c.State, To: next, Actor: actor, Note: note, At: at})
	c.State = next
	if next.Terminal() {
		c.ClosedAt = at
	}
	return nil
}
