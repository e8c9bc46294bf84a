package webhook_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"hutong/base/fault"
	"hutong/reach/webhook"
)

// A shop's address is there once, also when it is sent twice at once.
func TestAnAddressSentTwiceAtOnceIsOne(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		p := newProgram(t)
		for round := range webhook.EndpointsMax {
			url := fmt.Sprint(p.URL, "/", round)
			var all sync.WaitGroup
			var made atomic.Int64
			for range 8 {
				all.Go(func() {
					_, _, err := b.Hooks.Make(ctx, webhook.Make{Shop: b.shop, URL: url, Topics: []webhook.Topic{"order.shipped"}})
					if err == nil {
						made.Add(1)
					} else if !fault.Is(err, "webhook.known") && !fault.Is(err, "webhook.many") {
						t.Error(err)
					}
				})
			}
			if all.Wait(); made.Load() != 1 {
				t.Errorf("it is there %d times", made.Load())
			}
		}
	})
}
