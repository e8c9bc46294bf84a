package node_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"hutong/base/db"
	"hutong/deal/voucher"
	"hutong/goods/offer"
	"hutong/node/verify"
	"hutong/trade/aftersale"
	"hutong/trade/order"
)

// TestT1_6c_WhatIsLeftIsPricedAgain: the operator switches the mode on; the reference basket is quoted and placed under
// it, and its shopper reads so before; returning all A2 is shown to bring 89.80 in the place of 131.22, and to keep 41.42,
// before it is asked for, and brings that. What the other shop's goods cost is priced again with it. Orders from before
// the switch give back the share. The auditor finds nothing, and misses nothing.
func TestT1_6c_WhatIsLeftIsPricedAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		goods, packet := m.reference()
		early, before := m.buysE1("early", "share", goods, packet)
		desk := m.login("operator")
		if got := desk.form("/operator/settings", url.Values{"refund.reprice": {"yes"}}); got.status != 303 {
			t.Fatalf("the setting: %d %.300s", got.status, got.body)
		}
		c, id := m.buysE1("buyer", "repriced", goods, packet)
		seq, a2 := m.partOf(id, goods[1].SKU)
		asked := url.Values{"seq": {fmt.Sprint(seq)}, "reason": {"unwanted"}, "key": {"k1"},
			fmt.Sprintf("units.%d", a2): {"2"}}
		page := c.form("/orders/"+id+"/refund", asked)
		for _, says := range []string{"¥89.80", "¥131.22", "¥41.42", `name="agreed" value="8980"`} {
			if page.status != 200 || !strings.Contains(string(page.body), says) {
				t.Errorf("before it is asked for, %d, the page does not say %s", page.status, says)
			}
		}
		if m.given(id) != 0 {
			t.Error("looking gave something back")
		}
		look := c.must(200, "POST", fmt.Sprintf("/api/v1/orders/%s/suborders/%d/cases/look", id, seq),
			fmt.Sprintf(`{"reason":"unwanted","lines":[{"line":%d,"quantity":2}]}`, a2)).tree()
		if look["amount"].(map[string]any)["minor"] != 8980.0 || look["kept"].(map[string]any)["minor"] != 4142.0 {
			t.Errorf("the API shows %v", look)
		}
		m.unseen(c, id, seq, a2)
		asked.Set("agreed", "8979") // what was agreed to is what is given, or it is shown again
		if again := c.form("/orders/"+id+"/refund", asked); again.status != 200 || m.given(id) != 0 {
			t.Errorf("another amount than was shown: %d", again.status)
		}
		asked.Set("agreed", "8980")
		if done := c.form("/orders/"+id+"/refund", asked); done.status != 303 || m.given(id) != 8980 {
			t.Errorf("%d, %d came back", done.status, m.given(id))
		}
		m.settle()
		body := string(c.must(200, "GET", "/orders/"+id, "").body)
		for _, says := range []string{"¥172.93", "¥225.07", "¥41.42"} {
			if !strings.Contains(body, says) {
				t.Errorf("the order's page does not say %s", says)
			}
		}
		if v := c.must(200, "GET", "/api/v1/cases", "").tree()["items"].([]any)[0].(map[string]any); v["repriced"] != true {
			t.Errorf("the API says %v", v)
		}
		// Before the switch it is the share; by the shop's fault the share at least.
		seqB, a2B := m.partOf(before, goods[1].SKU)
		if got := early.form("/orders/"+before+"/refund", url.Values{"seq": {fmt.Sprint(seqB)}, "reason": {"unwanted"},
			"key": {"k2"}, fmt.Sprintf("units.%d", a2B): {"2"}}); got.status != 303 || m.given(before) != 13122 {
			t.Errorf("the order from before: %d, %d", got.status, m.given(before))
		}
		_, fair := m.buysE1("fair", "repriced", goods, packet)
		seqF, a2F := m.partOf(fair, goods[1].SKU)
		got, err := m.Aftersale.Refund(t.Context(), aftersale.Refund{By: aftersale.Party{Shop: goods[1].Shop},
			Order: order.ID(fair), Seq: seqF, Lines: []order.Units{{Line: a2F, Units: 2}}, Reason: aftersale.OutOfStock, Key: "out"})
		if m.ok(err); got.Amount != 13122 || got.Kept != 0 || !got.Repriced {
			t.Errorf("the shop cannot send it: %+v", got)
		}
		m.audit()
		m.breaks(id)
	})
}

// unseen asks over the API for another amount than was shown, and for one of another currency: nothing comes of either.
func (m *market) unseen(c *caller, id string, seq, line int64) {
	m.t.Helper()
	ask := func(minor int, currency string) answer {
		return c.call("POST", fmt.Sprintf("/api/v1/orders/%s/suborders/%d/cases", id, seq), fmt.Sprintf(
			`{"reason":"unwanted","lines":[{"line":%d,"quantity":2}],"amount":{"minor":%d,"currency":%q}}`, line, minor, currency))
	}
	got := ask(8979, "CNY")
	if got.problem(m.t, 409, "aftersale.amount_changed"); !strings.Contains(string(got.body), "¥89.80") {
		m.t.Errorf("what would come back is not named: %s", got.body)
	}
	if ask(8980, "USD").problem(m.t, 400, "api.currency"); m.given(id) != 0 {
		m.t.Errorf("%d came back", m.given(id))
	}
}

// buysE1 has a guest buy the reference basket, and holds what is told before against the mode.
func (m *market) buysE1(name, mode string, goods []offer.Offer, packet voucher.TemplateID) (c *caller, id string) {
	m.t.Helper()
	c = m.guest(name)
	m.claim(c, packet)
	lines := make([]string, len(goods))
	for j, o := range goods {
		c.must(200, "PUT", "/api/v1/cart/lines/"+string(o.ID), fmt.Sprintf(`{"quantity":%d}`, 1+j%2))
		lines[j] = fmt.Sprintf(`{"offer":%q,"quantity":%d}`, o.ID, 1+j%2)
	}
	home := c.must(201, "POST", "/api/v1/addresses", addressBody).text("address")
	body := string(c.must(200, "GET", "/checkout", "").body)
	q := c.must(200, "POST", "/api/v1/quotes", fmt.Sprintf(`{"lines":[%s],"address":%q}`, strings.Join(lines, ","), home))
	told := strings.Contains(body, "剩余商品按下单时的优惠规则重新计价")
	if got := q.text("refunds"); got != mode || told != (mode == "repriced") || (q.tree()["refund_terms"] != nil) != told {
		m.t.Errorf("%s: the quote says %q, the page says so: %v", name, got, told)
	}
	id = c.must(201, "POST", "/api/v1/orders", fmt.Sprintf(`{"token":%q}`, q.text("token"))).text("order")
	c.payAt(c.begin(id, "redbean"))
	m.settle()
	return c, id
}

// partOf is where an order has the line of a SKU.
func (m *market) partOf(id, sku string) (seq, line int64) {
	m.t.Helper()
	o, err := m.Orders.Any(m.t.Context(), order.ID(id))
	m.ok(err)
	for _, l := range o.Lines() {
		if l.SKU == sku {
			return l.Seq, l.No
		}
	}
	m.t.Fatalf("order %s has no %s", id, sku)
	return 0, 0
}

// given is what cases gave back of an order.
func (m *market) given(id string) (sum int64) {
	m.t.Helper()
	all, err := m.Aftersale.ByOrder(m.t.Context(), aftersale.Party{Operator: true}, order.ID(id))
	m.ok(err)
	for _, c := range all {
		if c.State == aftersale.Refunded {
			sum += c.Amount
		}
	}
	return sum
}

// breaks damages an order that was priced again, in ways that the tables' own checks let pass, and asks the auditor each
// time before it is made good.
func (m *market) breaks(id string) {
	m.t.Helper()
	do := func(sql string) {
		m.ok(m.DB.Write(m.t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(sql, id); return err }))
	}
	for _, c := range []struct{ check, harm, mend string }{
		{"order.repriced", `UPDATE order_repricings SET rest = rest - 1, back = back + 1 WHERE order_id = $1`,
			`UPDATE order_repricings SET back = back - 1, rest = rest + 1 WHERE order_id = $1`},
		{"order.repriced", `UPDATE order_repricings SET before = before + 1, rest = rest + 1 WHERE order_id = $1`,
			`UPDATE order_repricings SET before = before - 1, rest = rest - 1 WHERE order_id = $1`},
		{"order.repriced", `UPDATE order_lines SET kept = kept + 1 WHERE order_id = $1 AND line_no = 1`,
			`UPDATE order_lines SET kept = kept - 1 WHERE order_id = $1 AND line_no = 1`},
		{"order.discounts", `UPDATE order_lines SET kept_funded = kept_funded + 1 WHERE order_id = $1 AND line_no = 1`,
			`UPDATE order_lines SET kept_funded = kept_funded - 1 WHERE order_id = $1 AND line_no = 1`},
		{"case.amounts", `UPDATE cases SET kept = kept + 1 WHERE order_id = $1`,
			`UPDATE cases SET kept = kept - 1 WHERE order_id = $1`},
		{"order.repriced", `DELETE FROM order_modes WHERE order_id = $1`, ``},
	} {
		do(c.harm)
		r, err := verify.Run(m.t.Context(), m.DB, verify.Options{Now: m.clock.Now()})
		m.ok(err)
		seen := false
		for _, v := range r.Checks {
			seen = seen || v.Name == c.check && !v.OK
		}
		if !seen {
			m.t.Errorf("%s does not see %s", c.check, c.harm)
		}
		if c.mend != "" {
			do(c.mend)
		}
	}
}
