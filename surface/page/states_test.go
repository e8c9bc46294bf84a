package page_test

import (
	"testing"

	"hutong/base/text"
	"hutong/surface/page"
	"hutong/trade/order"
)

// TestWhatIsPickedUpIsNotSent: nobody reads that a parcel is sent, or is on its way, that the shopper comes for.
func TestWhatIsPickedUpIsNotSent(t *testing.T) {
	tongue := newSet(t).In(text.Zh)
	for _, c := range []struct {
		state             order.SubState
		pickup, desk, sum string
	}{
		{order.SubOpen, "", "待发货 等你发货", "已付款 等商家发货"},
		{order.SubOpen, "front", "待备货 等你备货", "已付款 等商家备货"},
		{order.SubShipped, "", "运输中 等买家收货", "运输中 等你收货"},
		{order.SubShipped, "front", "待取货 等买家取货", "待取货 等你取货"},
	} {
		sub := order.Sub{State: c.state, Pickup: c.pickup}
		o := order.Order{State: order.Paid, Subs: []order.Sub{sub}}
		desk, sum := tongue.SubBadge(page.Desk, o, sub), tongue.OrderBadge(page.Shop, o)
		if got := desk.Text + " " + desk.Who; got != c.desk {
			t.Errorf("%s %q: the shop reads %q, want %q", c.state, c.pickup, got, c.desk)
		}
		if got := sum.Text + " " + sum.Who; got != c.sum {
			t.Errorf("%s %q: the shopper reads %q, want %q", c.state, c.pickup, got, c.sum)
		}
		o.Subs = append(o.Subs, order.Sub{State: c.state})
		if got := tongue.OrderBadge(page.Shop, o).Who; got != "等商家发货" && got != "等你收货" {
			t.Errorf("an order of which a part is sent: %q", got)
		}
	}
}
