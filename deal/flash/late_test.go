package flash_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/fault"
	"hutong/deal/campaign"
	"hutong/deal/flash"
)

// TestWhoEntersAsTheLotsAreDrawnIsInTheDrawOrTooLate: a shopper who came a moment before the close may be written after
// the draw. Then there is no appointment; whoever has one was among those who drew.
func TestWhoEntersAsTheLotsAreDrawnIsInTheDrawOrTooLate(t *testing.T) {
	onBoth(t, func(t *testing.T, h *hall) {
		e := h.sell("sku", campaign.Terms{Price: 1000, Quantity: 3, Appointments: 100, Lottery: true})
		h.at(hour(8))
		h.ok(h.Appoint(t.Context(), "shr_early", e.ID))
		closes := flash.Closes(h.campaigns.Live().Item(e.ID, hour(8)))
		h.clock.Set(closes)
		in := clock.Pin(t.Context(), closes.Add(-time.Millisecond))
		var all sync.WaitGroup
		var mu sync.Mutex
		entered := int64(1)
		for n := range 16 {
			all.Go(func() {
				err := h.Appoint(in, fmt.Sprint("shr_", n), e.ID)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					entered++
				} else if !fault.Is(err, "flash.appointments_closed") {
					t.Error(err)
				}
			})
		}
		all.Go(func() {
			if _, err := h.Draw(t.Context()); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
		if err := h.Appoint(in, "shr_late", e.ID); !fault.Is(err, "flash.appointments_closed") {
			t.Errorf("after the draw: %v", err)
		}
		l, err := h.Lottery(t.Context(), e.ID)
		if err != nil || l.Drawn.IsZero() || l.Entrants != entered {
			t.Errorf("%d entered and %d drew, %v", entered, l.Entrants, err)
		}
	})
}
