package pay

import (
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
