package node_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hutong/base/text"
	"hutong/reach/notice"
	"hutong/surface/shopweb"
	"hutong/trade/group"
	"hutong/trade/order"
)

// buyIn places and pays one piece under a claim, over HTTP, and lets the market learn of it.
func (c *caller) buyIn(goods, claim string) (id string) {
	c.m.t.Helper()
	address := c.must(201, "POST", "/api/v1/addresses", addressBody).text("address")
	q := c.must(200, "POST", "/api/v1/quotes", fmt.Sprintf(
		`{"lines":[{"offer":%q,"quantity":1}],"address":%q,"claims":[%q]}`, goods, address, claim))
	id = c.must(201, "POST", "/api/v1/orders", fmt.Sprintf(`{"token":%q}`, q.text("token"))).text("order")
	c.payAt(c.begin(id, "redbean"))
	c.m.settle()
	return id
}

// shopperOf is whose an order is.
func (m *market) shopperOf(id string) string {
	m.t.Helper()
	o, err := m.Orders.Any(m.t.Context(), order.ID(id))
	m.ok(err)
	return o.Shopper
}

// told are the topics of a shopper's notices.
func (m *market) told(who string) (all []notice.Topic) {
	m.t.Helper()
	inbox, err := m.Notices.Inbox(m.t.Context(), notice.To{Kind: notice.Shopper, ID: who}, "", 20)
	m.ok(err)
	for _, n := range inbox {
		all = append(all, n.Topic)
	}
	return all
}

// runGroups runs the groups' jobs until they find nothing to do.
func (m *market) runGroups() {
	m.t.Helper()
	for _, job := range m.Groups.Jobs() {
		_, err := job.Run(m.t.Context())
		m.ok(err)
	}
	m.settle()
}

// TestGroupsOverHTTP goes from a merchant's offer to a group that forms, one whose ladder gives back and one that fails,
// and has the whole market audited after each.
func TestGroupsOverHTTP(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		goods := m.offers[0]
		two, err := m.Groups.SetUp(t.Context(), group.SetUp{Shop: goods.Shop, Goods: string(goods.ID),
			Steps: []group.Step{{Size: 2, Price: 1490}, {Size: 3, Price: 1290}}, Window: time.Hour})
		m.ok(err)
		m.settle() // the rules in force hear of it
		merchant := m.login("merchant-x")
		all := []*caller{m.guest("a"), m.guest("b"), m.guest("c"), m.guest("d")}
		orders := []string{all[0].buyIn(string(goods.ID), group.ClaimOpen(two.ID, false))}
		box, err := m.Groups.OfProduct(t.Context(), goods.Product)
		m.ok(err)
		if len(box) != 1 || len(box[0].Groups) != 1 {
			t.Fatalf("the box is %+v", box)
		}
		join := group.ClaimJoin(box[0].Groups[0])
		for _, c := range all[1:3] {
			orders = append(orders, c.buyIn(string(goods.ID), join))
		}
		merchant.must(404, "GET", "/api/v1/merchant/orders/"+orders[0], "")
		m.audit()
		m.clock.Advance(time.Hour)
		m.runGroups()
		merchant.must(200, "GET", "/api/v1/merchant/orders/"+orders[0], "")
		m.audit()
		alone := all[3].buyIn(string(goods.ID), group.ClaimOpen(two.ID, true))
		m.clock.Advance(time.Hour)
		m.runGroups()
		m.audit()
		merchant.must(404, "GET", "/api/v1/merchant/orders/"+alone, "")
		o := all[3].must(200, "GET", "/api/v1/orders/"+alone, "")
		if o.text("state") != "cancelled" {
			t.Errorf("the failed group's order: %s", o.body)
		}
		states := map[group.MemberState]int{}
		for i, id := range append(orders, alone) {
			mine, err := m.Groups.ByShopper(t.Context(), m.shopperOf(id), "", 5)
			m.ok(err)
			if len(mine) != 1 {
				t.Fatalf("order %d has %d places", i, len(mine))
			}
			states[mine[0].State]++
			told, want := m.told(m.shopperOf(id)), notice.GroupFormed
			if id == alone {
				want = notice.GroupFailed
			}
			if !slices.Contains(told, want) {
				t.Errorf("order %d was told of %v", i, told)
			}
		}
		paid := 0
		inbox, err := m.Notices.Inbox(t.Context(), notice.To{Kind: notice.Shop, ID: goods.Shop}, "", 20)
		m.ok(err)
		for _, n := range inbox {
			if n.Topic == notice.ShopPaid {
				paid++
			}
		}
		if paid != 3 {
			t.Errorf("the shop was told of %d orders", paid)
		}
		if states[group.In] != 3 || states[group.Refunded] != 1 {
			t.Errorf("places %v", states)
		}
	})
}

// TestTwoOrdersForOneGroup: a shopper has two orders for one place that wait to be paid. Each page says that only one of
// them gets in; once one is paid, the other's says that a payment would come back, also after the group has formed, and
// it does.
func TestTwoOrdersForOneGroup(t *testing.T) {
	m := open(t, onSQLite(t))
	goods := m.offers[0]
	trio, err := m.Groups.SetUp(t.Context(), group.SetUp{Shop: goods.Shop, Goods: string(goods.ID),
		Steps: []group.Step{{Size: 3, Price: 1490}}, Window: time.Hour})
	m.ok(err)
	m.settle()
	lead := m.guest("lead").buyIn(string(goods.ID), group.ClaimOpen(trio.ID, false))
	mine, err := m.Groups.OfOrder(t.Context(), m.shopperOf(lead), order.ID(lead))
	m.ok(err)
	join := group.ClaimJoin(mine[0].Group)
	a := m.guest("a")
	address := a.must(201, "POST", "/api/v1/addresses", addressBody).text("address")
	place := func() string {
		q := a.must(200, "POST", "/api/v1/quotes", fmt.Sprintf(
			`{"lines":[{"offer":%q,"quantity":1}],"address":%q,"claims":[%q]}`, goods.ID, address, join))
		return a.must(201, "POST", "/api/v1/orders", fmt.Sprintf(`{"token":%q}`, q.text("token"))).text("order")
	}
	says := func(order, one string) {
		t.Helper()
		body := string(a.must(200, "GET", "/orders/"+order, "").body)
		for _, key := range []string{"group_joins", "group_twin", "group_twice", "group_filled"} {
			if strings.Contains(body, shopweb.Texts.Text(text.Zh, "shopweb."+key)) != (key == one) {
				t.Errorf("%s on a page that is to say %s", key, one)
			}
		}
	}
	first := place()
	says(first, "group_joins")
	second := place()
	says(first, "group_twin")
	says(second, "group_twin")
	a.payAt(a.begin(first, "redbean"))
	m.settle()
	says(second, "group_twice")
	m.guest("b").buyIn(string(goods.ID), join) // the last place
	says(second, "group_twice")
	a.payAt(a.begin(second, "redbean"))
	m.settle()
	m.runGroups()
	back, err := m.Groups.OfOrder(t.Context(), m.shopperOf(second), order.ID(second))
	m.ok(err)
	if len(back) != 1 || back[0].State != group.Refunded || back[0].Why != group.WhyTwice {
		t.Errorf("the second: %+v", back)
	}
	m.audit()
}
