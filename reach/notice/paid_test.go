package notice

import (
	"strings"
	"testing"

	"hutong/base/event"
	"hutong/base/text"
	"hutong/trade/order"
)

// TestAPaymentPromisesWhatFollows: nobody is told that goods are sent soon that wait for a group, or for the shopper.
func TestAPaymentPromisesWhatFollows(t *testing.T) {
	for want, subs := range map[string][]order.Sub{
		"尽快发货": {{Pickup: "front"}, {}}, "未成团自动全额退款": {{Waits: order.WaitsGroup}}, "通知你来取": {{Pickup: "front"}},
	} {
		said := paid(event.Event{}, order.Order{ID: "ord_1", Total: 500, Currency: "CNY", Subs: subs})[0].Words(text.Zh).Body
		if !strings.Contains(said, want) || !strings.Contains(said, "¥5.00") {
			t.Errorf("%q does not say %q", said, want)
		}
	}
}
