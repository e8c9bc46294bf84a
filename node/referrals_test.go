package node_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/text"
	"hutong/deal/voucher"
	"hutong/party/login"
	"hutong/trade/aftersale"
	"hutong/trade/order"
	"hutong/trade/referral"
	"hutong/trade/ship"
)

// invite opens a programme of 5.00 for both.
func (m *market) invite() referral.Programme {
	m.t.Helper()
	now := m.clock.Now()
	until := now.Add(30 * 24 * time.Hour)
	gift := m.publish(voucher.Terms{Kind: voucher.KindVoucher, Title: text.Entry{Zh: "邀请礼券", En: "Gift"}, Off: 500,
		Issue: 100, PerShopper: 1, FromUS: clock.Micros(now), UntilUS: clock.Micros(until.Add(60 * 24 * time.Hour)),
		ClaimFromUS: clock.Micros(now), ClaimUntilUS: clock.Micros(until), Audience: voucher.Audience{Kind: voucher.Everyone}})
	p, err := m.Referrals.Draft(m.t.Context(), referral.Terms{Title: text.Entry{Zh: "邀请有礼", En: "Bring a friend"},
		Inviter: gift, Invitee: gift, Budget: 10_000, PerInviter: 5, ReturnDays: 7, FromUS: clock.Micros(now),
		UntilUS: clock.Micros(until)})
	m.ok(err)
	m.ok(m.Referrals.Seed(m.t.Context(), p.ID))
	return p
}

// send has a shop hand an order's first part to its carrier.
func (m *market) send(shop string, id order.ID) {
	m.t.Helper()
	_, err := m.Ship.Dispatch(m.t.Context(), ship.Dispatch{Shop: shop, Order: id, Seq: 1})
	m.ok(err)
}

// receive has an order's parts sent and received.
func (m *market) receive(id string) {
	m.t.Helper()
	o, err := m.Orders.Any(m.t.Context(), order.ID(id))
	m.ok(err)
	m.send(o.Subs[0].Shop, o.ID)
	m.ok(m.Orders.Receive(m.t.Context(), o.Shopper, o.ID, 1))
	m.settle()
}

// TestP1_InvitingOverHTTP: a guest follows a link, logs in, buys; the reward comes after the time of return, once, and
// the books hold. Who follows their own link, or one that is none, is told so.
func TestP1_InvitingOverHTTP(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		m.invite()
		_, err := m.Login.Register(t.Context(), login.Register{Role: login.Shopper, Name: "shopper", Password: password})
		m.ok(err)
		a, b := m.login("shopper"), m.guest("b")
		code := a.must(200, "GET", "/api/v1/me/invitations", "").text("code")
		if page := a.must(200, "GET", "/me/invites", ""); !strings.Contains(string(page.body), "/i/"+code) {
			t.Fatalf("the page has no link: %s", page.body)
		}
		if got := a.form("/i/"+code, url.Values{}); got.status != 422 {
			t.Fatalf("one's own link: %d", got.status)
		}
		b.must(404, "GET", "/i/0000000000000000", "")
		b.must(200, "GET", "/i/"+strings.ToLower(code), "")
		if got := b.form("/i/"+code, url.Values{}); got.status != 303 ||
			!strings.HasPrefix(got.header.Get("Location"), "/register") {
			t.Fatalf("accepting: %d %v", got.status, got.header)
		}
		m.byCode(b, "friend@example.com")
		id := b.order(1, m.offers[0])
		b.payAt(b.begin(id, "redbean"))
		m.settle()
		seen := func(want string) {
			t.Helper()
			items := a.must(200, "GET", "/api/v1/me/invitations", "").items()
			if len(items) != 1 || items[0]["state"] != want {
				t.Fatalf("the inviter sees %v, want %s", items, want)
			}
		}
		seen("pending")
		m.receive(id)
		judge := func(after time.Duration) {
			m.clock.Advance(after)
			for _, j := range m.Referrals.Jobs() {
				_, err := j.Run(t.Context())
				m.ok(err)
			}
			m.audit()
		}
		judge(7 * 24 * time.Hour)
		seen("pending")
		judge(2 * 24 * time.Hour)
		judge(time.Hour)
		seen("rewarded")
		for _, c := range []*caller{a, b} {
			if held := c.must(200, "GET", "/api/v1/me/vouchers", "").items(); len(held) != 1 {
				t.Errorf("%s holds %v", c.name, held)
			}
		}
		o, err := m.Orders.Any(t.Context(), order.ID(id))
		m.ok(err)
		_, err = m.Aftersale.Refund(t.Context(), aftersale.Refund{By: aftersale.Party{Operator: true}, Order: o.ID, Seq: 1,
			Lines: []order.Units{{Line: 1, Units: 1}}, Reason: aftersale.Other, Key: "late"})
		m.ok(err)
		m.audit()
		m.settle()
		seen("refused")
		a.reads("/me/notices", "邀请的好友已下单", "邀请奖励已到账", "邀请奖励已收回")
		if strings.Contains(string(a.must(200, "GET", "/me/notices", "").body), id) {
			t.Error("the inviter is told the friend's order")
		}
		b.reads("/me/notices", "邀请奖励已收回")
	})
}
