package pay

import (
	"context"
	"errors"
	"time"

	"hutong/base/clock"
	"hutong/base/outside"
)

// desk is where one wallet is called.
type desk struct {
	Provider
	line *outside.Line
}

const (
	callsMax     = 256              // at once
	silentMax    = 5                // in a row until the wallet counts as down
	breakerPause = 30 * time.Second // then one more try
)

func newDesk(p Provider, c clock.Clock, timeout time.Duration) *desk {
	return &desk{p, outside.New(p.Name(), outside.Options{Clock: c, Timeout: timeout, Calls: callsMax, Silent: silentMax,
		Pause: breakerPause})}
}

// errGiver says that a wallet cannot send money on top of a payment.
var errGiver = errors.New("pay: this wallet sends no money of the market's own")

// give sends money that comes on top of a capture, if the wallet can.
func (d *desk) give(ctx context.Context, r Refund) ([]Fact, Outcome, error) {
	if g, ok := d.Provider.(Giver); ok {
		return g.Give(ctx, r)
	}
	return nil, REFUSED, errGiver
}
