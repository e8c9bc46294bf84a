package node_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"hutong/base/money"
	"hutong/deal/campaign"
	"hutong/funds/pay"
	"hutong/goods/offer"
	"hutong/reach/notice"
	"hutong/trade/aftersale"
	"hutong/trade/order"
)

// boughtOf is a piece that the caller bought and paid.
func (c *caller) boughtOf(o offer.Offer) (id string) {
	c.m.t.Helper()
	_, token := c.goods(1, o)
	id = c.must(201, "POST", "/api/v1/orders", fmt.Sprintf(`{"token":%q}`, token)).text("order")
	c.payAt(c.begin(id, "redbean"))
	c.m.settle()
	return id
}

// taken has the wallet take back what an order was paid with, as after a dispute with the shopper's bank.
func (m *market) taken(id string) {
	m.t.Helper()
	all, err := m.Pay.Attempts(m.t.Context(), id)
	m.ok(err)
	a := all[len(all)-1]
	_, err = m.Pay.ApplyFacts(m.t.Context(), []pay.Fact{{Provider: a.Wallet, Txn: "taken-" + id, Kind: pay.KindRefund,
		Attempt: a.ID, Amount: money.New(a.Captured, a.Amount.Currency), Account: a.Account, At: m.clock.Now()}})
	m.ok(err)
	m.settle()
}

func (m *market) toldShop(topic notice.Topic) (n int) {
	m.t.Helper()
	all, err := m.Notices.Inbox(m.t.Context(), notice.To{Kind: notice.Shop, ID: string(m.shops[0].ID)}, "", 50)
	m.ok(err)
	for _, one := range all {
		if one.Topic == topic {
			n++
		}
	}
	return n
}

// showTaken looks at the pages of an order and a presale whose money was taken back.
func (m *market) showTaken(a, shop, desk *caller, ends, presale string) {
	m.t.Helper()
	for _, page := range []struct {
		who  *caller
		path string
		says []string
	}{
		{shop, "/desk/orders/" + ends, []string{"请不要发货", "货款已被退回"}},
		{shop, "/desk/orders?show=held", []string{"货款已被退回", "支付平台", ends, presale}},
		{shop, "/desk", []string{"另有 4 单暂停发货", "/desk/orders?show=held"}},
		{desk, "/operator/orders/" + ends, []string{"支付平台已退回货款", `value="end"`, `value="go_on"`}},
		{desk, "/operator/suspense", []string{"/operator/orders/" + ends}},
		{a, "/orders/" + ends, []string{"暂停发货"}},
		{a, "/orders/" + presale, []string{"现在取消没有损失"}},
	} {
		body := string(page.who.must(200, "GET", page.path, "").body)
		for _, want := range page.says {
			if !strings.Contains(body, want) {
				m.t.Errorf("%s lacks %q", page.path, want)
			}
		}
		if strings.Contains(body, `id="ship"`) {
			m.t.Errorf("%s offers to ship", page.path)
		}
	}
	if n := len(shop.must(200, "GET", "/api/v1/merchant/orders?filter=held", "").items()); n != 4 {
		m.t.Errorf("%d orders are held", n)
	}
	for _, list := range []string{"to_ship", "to_pay"} {
		if body := string(shop.must(200, "GET", "/desk/orders?show="+list, "").body); strings.Contains(body, "货款已被退回") {
			m.t.Errorf("%s counts what is held", list)
		}
	}
	if body := string(shop.must(200, "GET", "/desk", "").body); strings.Contains(body, "待发货的订单") {
		m.t.Error("what is held counts as work")
	}
}

// TestR15_TakenBackOverHTTP: of three orders and a presale whose money wallets take back before anything is sent, the shop
// hears, sees it and cannot send them; the operator ends one, lets one go on, the shopper gives one up, and the presale
// ends. Nothing is paid twice, and the auditor finds nothing.
func TestR15_TakenBackOverHTTP(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		o := m.offers[0]
		item, _ := m.presale(o, campaign.Terms{Price: 1800, Quantity: 20, PerShopper: 9, Earnest: 300, Worth: 900,
			Part: campaign.Part{Presale: true}})
		a, shop, desk := m.guest("a"), m.login("merchant-x"), m.login("operator")
		ends, goesOn, givenUp := a.boughtOf(o), a.boughtOf(o), a.boughtOf(o)
		m.at(start.Add(time.Hour))
		presale := a.preorder(item, o)
		a.payAt(a.begin(presale, "redbean"))
		m.settle()
		desk.refused(409, "order.not_taken_back", "POST", "/api/v1/operator/orders/"+ends+"/end", `{}`)
		for _, id := range []string{ends, goesOn, givenUp, presale} {
			m.taken(id)
		}
		if n := m.toldShop(notice.ShopTaken); n != 4 {
			t.Errorf("the shop was told %d times", n)
		}
		for _, id := range []string{ends, goesOn, givenUp} {
			shop.refused(409, "order.taken_back", "POST", "/api/v1/merchant/orders/"+id+"/suborders/1/ship", `{}`)
			if at := shop.must(200, "GET", "/api/v1/merchant/orders/"+id, "").text("taken_back_at"); at == "" {
				t.Error("the shop's order does not say so")
			}
		}
		shop.refused(409, "order.taken_back", "POST", "/api/v1/merchant/orders/"+presale+"/default", `{}`)
		m.showTaken(a, shop, desk, ends, presale)
		m.audit()
		if got := desk.form("/operator/orders/"+ends+"/taken", url.Values{"do": {"end"}}); got.status != 303 {
			t.Errorf("%d %s", got.status, got.body)
		}
		if got := desk.form("/operator/orders/"+ends+"/taken", url.Values{"do": {"end"}}); got.status != 409 {
			t.Errorf("ended twice: %d", got.status)
		}
		desk.must(200, "POST", "/api/v1/operator/orders/"+goesOn+"/go-on", `{}`)
		desk.must(200, "POST", "/api/v1/operator/orders/"+presale+"/end", `{}`)
		_, err := m.Aftersale.Open(t.Context(), aftersale.Open{Shopper: m.shopperOf(givenUp), Order: order.ID(givenUp), Seq: 1,
			Reason: aftersale.Unwanted, Key: "mine"})
		m.ok(err)
		m.settle()
		shop.must(201, "POST", "/api/v1/merchant/orders/"+goesOn+"/suborders/1/ship", `{}`)
		if n := m.toldShop(notice.ShopGoesOn); n != 1 {
			t.Errorf("the shop was told %d times that it goes on", n)
		}
		for _, id := range []string{ends, givenUp, presale} {
			m.state(a, "/api/v1/orders/"+id, "cancelled")
			back, err := m.Pay.Refunds(t.Context(), id)
			m.ok(err)
			if len(back) != 1 || slices.ContainsFunc(back, func(r pay.Refund) bool { return r.State != pay.RefundTaken }) {
				t.Errorf("%+v", back)
			}
		}
		m.audit()
	})
}
