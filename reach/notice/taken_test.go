package notice

import (
	"testing"
	"time"

	"hutong/base/event"
	"hutong/trade/order"
)

// R15: what comes to a shop's desk while its money is taken back, because it is paid or released only then, is not to be
// sent; what was paid before that is told as it was.
func TestR15_WhatIsTakenBackIsNoneToSend(t *testing.T) {
	at := time.Unix(1000, 0)
	part := []order.Sub{{Order: "ord_1", Seq: 1, Shop: "shp_1", State: order.SubOpen}}
	body := event.Body(order.Moved{Orders: []order.MovedOrder{{Order: "ord_1", Seqs: []int64{1}}}})
	for name, c := range map[string]struct {
		tell  func(event.Event, order.Order) []Notice
		taken time.Time
		want  Topic
	}{
		"paid":                       {paid, time.Time{}, ShopPaid},
		"paid, and taken afterwards": {paid, at.Add(1), ShopPaid},
		"paid after it was taken":    {paid, at.Add(-1), ShopTaken},
		"released":                   {released, time.Time{}, ShopPaid},
		"released while it is taken": {released, at.Add(1), ShopTaken},
	} {
		o := order.Order{ID: "ord_1", Shopper: "shr_1", State: order.Paid, PaidAt: at, TakenAt: c.taken, Subs: part}
		var got []Topic
		for _, n := range c.tell(event.Event{Body: body}, o) {
			if n.To.Kind == Shop {
				got = append(got, n.Topic)
			}
		}
		if len(got) != 1 || got[0] != c.want {
			t.Errorf("%s: the shop is told %v, want %s", name, got, c.want)
		}
	}
}
