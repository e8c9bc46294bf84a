package ship

import (
	"time"

	"hutong/base/clock"
	"hutong/base/outside"
)

// callsMax bounds the calls to one carrier that are under way, so that one that hangs costs its own parcels only.
const callsMax = 64

// desk is where one carrier is called. A silent one is asked again each time: its parcels have nobody else to ask.
type desk struct {
	Carrier
	line *outside.Line
}

func newDesk(c Carrier, at clock.Clock, timeout time.Duration) *desk {
	return &desk{c, outside.New(c.Name(), outside.Options{Clock: at, Timeout: timeout, Calls: callsMax})}
}
