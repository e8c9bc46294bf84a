package notice_test

import (
	"strings"
	"testing"
	"time"

	"hutong/base/event"
	"hutong/trade/order"
)

// TestNewsOfABalanceThatComesLateIsNotTold: that a balance is open, or ends, is for who still owes it; not for who has
// paid meanwhile, nor after its end.
func TestNewsOfABalanceThatComesLateIsNotTold(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		tell := func(of order.ID) {
			for _, topic := range []event.Topic{order.TopicBalanceOpen, order.TopicBalanceEnds} {
				b.emit(event.Event{Topic: topic, At: b.Clock.Now(), Body: event.Body(map[string]any{
					"orders": []map[string]any{{"order": of, "shopper": b.who}}})})
			}
		}
		owed, paid, over := b.place(), b.place(), b.place()
		b.pay(paid)
		b.dispatch()
		was, _ := b.inbox(b.shopper())
		tell(paid.Order)
		b.dispatch()
		if now, _ := b.inbox(b.shopper()); now != was {
			t.Errorf("who has paid is told %q after %q", now, was)
		}
		tell(owed.Order)
		b.dispatch()
		now, _ := b.inbox(b.shopper())
		told, kept := strings.CutPrefix(now, was) // what is told at one instant stands in any order
		if !kept || told != "balance_open balance_ends " && told != "balance_ends balance_open " {
			t.Errorf("who owes is told %q after %q", now, was)
		}
		tell(over.Order)
		b.Clock.Advance(24 * time.Hour) // no job has ended it yet
		b.dispatch()
		if late, _ := b.inbox(b.shopper()); late != now {
			t.Errorf("after its end %q is told after %q", late, now)
		}
	})
}
