package node_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"hutong/base/db"
	"hutong/base/text"
	"hutong/funds/pay"
	"hutong/party/login"
	"hutong/reach/notice"
	"hutong/trade/aftersale"
	"hutong/trade/order"
)

// unpaid is a refund of an order's first part that its wallet refuses for good.
func (m *market) unpaid(id string) pay.Refund {
	m.t.Helper()
	_, err := m.Aftersale.Open(m.t.Context(), aftersale.Open{Shopper: m.shopperOf(id), Order: order.ID(id), Seq: 1,
		Reason: aftersale.Unwanted, Key: "mine"})
	m.ok(err)
	m.ok(m.DB.Write(m.t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE refunds SET state = 'refused', next_try_us = 0 WHERE order_id = $1`, id)
		return err
	}))
	all, err := m.Pay.Refunds(m.t.Context(), id)
	m.ok(err)
	return all[0]
}

// TestARefundByHandOverHTTP: what a wallet refuses for good is sent from a bank, by one person up to the market's limit,
// above it by two; shopper and operator read that, and a wallet that pays all the same is shown as a second payment.
func TestARefundByHandOverHTTP(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		_, err := m.Login.Register(t.Context(), login.Register{Role: login.Operator, Name: "second", Password: password})
		m.ok(err)
		a, op, second := m.guest("a"), m.login("operator"), m.login("second")
		one, two := a.boughtOf(m.offers[0]), a.boughtOf(m.offers[0])
		small, dear := m.unpaid(one), m.unpaid(two)
		a.reads("/orders/"+one, "暂时退不回你的钱包")
		const list = "/api/v1/operator/refunds"
		if all := op.must(200, "GET", list, "").items(); len(all) != 2 || all[0]["refund"] != string(small.ID) {
			t.Errorf("refused are %v", all)
		}
		hand := func(r pay.Refund) string { return fmt.Sprintf("%s/%s/by-hand", list, r.ID) }
		const said = `{"ref":"B-1","why":"账户已注销"}`
		m.login("merchant-x").refused(404, "gate.not_found", "POST", hand(small), said)
		a.refused(404, "gate.not_found", "POST", hand(small), said)
		op.refused(400, "pay.why", "POST", hand(small), `{"ref":"B-1","why":""}`)
		if left := op.must(200, "POST", hand(small), said).items(); len(left) != 1 {
			t.Errorf("still refused are %v", left)
		}
		op.refused(409, "pay.not_refused", "POST", hand(small), `{"ref":"B-2","why":"so"}`)
		op.refused(404, "pay.no_refund", "POST", fmt.Sprintf("%s/%s/retry", list, small.ID), `{}`)
		_, err = m.Tune.Set(t.Context(), map[string]string{"refund.alone": "0"})
		m.ok(err)
		op.refused(409, "pay.ref_known", "POST", hand(dear)+"/requests", said)
		op.refused(403, "pay.two", "POST", hand(dear), `{"ref":"B-2","why":"so"}`)
		op.twoByHand(second, dear)
		m.settle()
		for _, id := range []string{one, two} {
			a.reads("/orders/"+id, "平台已于", "通过银行汇给你")
		}
		op.reads("/operator/orders/"+one, "已人工汇款", "银行流水号 B-1", "账户已注销")
		op.reads("/operator/orders/"+two, "operator → second")
		op.reads("/operator/books", "平台银行账户")
		op.reads("/operator/audit", "人工退款")
		m.toldByHand(m.shopperOf(one))
		m.audit()
		f := pay.Fact{Provider: dear.Wallet, Txn: "late", Kind: pay.KindRefund, Attempt: dear.Attempt, Refund: dear.ID,
			Amount: dear.Amount, At: m.clock.Now()}
		attempts, err := m.Pay.Attempts(t.Context(), two)
		m.ok(err)
		f.Account = attempts[0].Account
		if got, err := m.Pay.ApplyFacts(t.Context(), []pay.Fact{f}); err != nil || got[0].Effect != pay.Suspended {
			t.Errorf("%+v, %v", got, err)
		}
		op.reads("/operator/suspense", "已人工汇款，钱包又付了一次", "/operator/orders/"+two)
		m.audit()
	})
}

// twoByHand asks on the page for a refund by hand above the limit; another person confirms it over the API.
func (c *caller) twoByHand(second *caller, r pay.Refund) {
	c.m.t.Helper()
	form := url.Values{"do": {"hand"}, "refund": {string(r.ID)}, "ref": {"B-1"}, "why": {"账户已注销"}}
	if got := c.form("/operator/suspense", form); got.status != 409 || !strings.Contains(string(got.body), `value="B-1"`) {
		c.m.t.Errorf("another's reference: %d %s", got.status, got.body)
	}
	form.Set("ref", "B-2")
	for _, want := range []int{303, 409} { // pressed twice
		if got := c.form("/operator/suspense", form); got.status != want {
			c.m.t.Errorf("%d %s", got.status, got.body)
		}
	}
	second.reads("/operator/approvals", "银行流水号 B-2")
	const at = "/api/v1/operator/approvals"
	asked := second.must(200, "GET", at, "").items()[0]
	if of := asked["refund"].(map[string]any); of["refund"] != string(r.ID) || of["ref"] != "B-2" || asked["may"] != true {
		c.m.t.Errorf("asked for is %v", asked)
	}
	decision := fmt.Sprintf("%s/%s/decision", at, asked["approval"])
	c.refused(403, "approval.own", "POST", decision, `{"approve":true}`)
	second.must(200, "POST", decision, `{"approve":true}`)
}

// toldByHand tells that a shopper has a notice of each of two refunds by hand.
func (m *market) toldByHand(who string) {
	m.t.Helper()
	all, err := m.Notices.Inbox(m.t.Context(), notice.To{Kind: notice.Shopper, ID: who}, "", 50)
	m.ok(err)
	n := 0
	for _, one := range all {
		if one.Topic == notice.Refunded && strings.Contains(one.Words(text.Zh).Body, "通过银行汇给你") {
			n++
		}
	}
	if n != 2 {
		m.t.Errorf("the shopper was told %d times", n)
	}
}
