package node_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/text"
	"hutong/deal/voucher"
	"hutong/party/approval"
	"hutong/party/login"
	"hutong/trade/referral"
)

// made follows a form's answer to what it made, and gives the last part of its address.
func (c *caller) made(path string, fields url.Values) string {
	c.m.t.Helper()
	got := c.form(path, fields)
	to := got.header.Get("Location")
	if got.status != 303 || to == "" {
		c.m.t.Fatalf("%s: %d %s", path, got.status, got.body)
	}
	c.must(200, "GET", to, "")
	return to[strings.LastIndex(to, "/")+1:]
}

// TestAVoucherForASegment: the operator makes a set of those who never bought at the desk, and a voucher for it; who
// bought is told that it is not theirs.
func TestAVoucherForASegment(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		o := m.login("operator")
		id := o.made("/operator/segments/new", url.Values{"title_zh": {"没买过"}, "title_en": {"Never bought"},
			"never": {"on"}})
		if got := o.form("/operator/segments/new", url.Values{"title_zh": {"空"}, "title_en": {"Empty"}}); got.status != 400 {
			t.Fatalf("a set of nothing: %d", got.status)
		}
		tea := o.made("/operator/segments/new", url.Values{"title_zh": {"茶客"}, "title_en": {"Tea drinkers"},
			"bought": {"茶饮品"}, "bought_days": {"30"}})
		if page := o.must(200, "GET", "/operator/segments/"+tea, ""); !strings.Contains(string(page.body), "茶饮品") {
			t.Error("a rule does not name its category")
		}
		unknown := o.form("/operator/segments/new", url.Values{"title_zh": {"空"}, "not_bought": {"没有这个类目"}})
		if unknown.status != 400 || !strings.Contains(string(unknown.body), "没有叫“没有这个类目”的类目") {
			t.Errorf("a category that nothing is called: %d", unknown.status)
		}
		now := m.clock.Now()
		at := func(d time.Duration) []string {
			return []string{now.Add(d).In(time.FixedZone("", 8*60*60)).Format("2006-01-02T15:04")}
		}
		template := o.made("/operator/vouchers/new", url.Values{"kind": {"voucher"}, "title_zh": {"回来吧"},
			"title_en": {"Come in"}, "off": {"5"}, "from": at(-time.Hour), "until": at(48 * time.Hour),
			"claim_from": at(-time.Hour), "claim_until": at(24 * time.Hour), "listed": {"on"}, "issue": {"10"},
			"per_shopper": {"1"}, "audience": {"segment"}, "segment": {id}, "fund_platform": {"100"}})
		o.made("/operator/vouchers/"+template, url.Values{"do": {"publish"}, "version": {"1"}})
		if page := o.must(200, "GET", "/operator/vouchers/"+template, ""); !strings.Contains(string(page.body), "没买过") {
			t.Error("the voucher does not say for whom it is")
		}
		claims := func(c *caller, status int) {
			t.Helper()
			if got := c.call("POST", "/api/v1/vouchers/"+template+"/claims", `{"nth":1}`); got.status != status {
				t.Errorf("%s: %d %s", c.name, got.status, got.body)
			}
		}
		var both []*caller
		for _, name := range []string{"one", "two", "three"} {
			_, err := m.Login.Register(t.Context(), login.Register{Role: login.Shopper, Name: name, Password: password})
			m.ok(err)
			both = append(both, m.login(name))
		}
		claims(both[0], 201)
		bought := both[1].order(1, m.offers[0])
		both[1].payAt(both[1].begin(bought, "redbean"))
		m.settle()
		claims(both[1], 403)
		o.made("/operator/segments/"+id, url.Values{"do": {"close"}})
		claims(both[2], 403)
		m.audit()
	})
}

// TestP15_ProgrammesTakeTwo: whoever wrote a programme of invitations, or asked for it, cannot open it alone.
func TestP15_ProgrammesTakeTwo(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		_, err := m.Login.Register(t.Context(), login.Register{Role: login.Operator, Name: "second", Password: password})
		m.ok(err)
		o, second := m.login("operator"), m.login("second")
		now := m.clock.Now()
		until := now.Add(30 * 24 * time.Hour)
		gift := m.publish(voucher.Terms{Kind: voucher.KindVoucher, Title: text.Entry{Zh: "礼券", En: "Gift"}, Off: 500,
			Issue: 100, PerShopper: 1, FromUS: clock.Micros(now), UntilUS: clock.Micros(until.Add(60 * 24 * time.Hour)),
			ClaimFromUS: clock.Micros(now), ClaimUntilUS: clock.Micros(until), Audience: voucher.Audience{Kind: voucher.Everyone}})
		day := func(at time.Time) []string { return []string{at.Format("2006-01-02T15:04")} }
		fields := url.Values{"title_zh": {"邀请有礼"}, "title_en": {"Bring a friend"}, "inviter": {string(gift)},
			"invitee": {""}, "budget": {"100"}, "per_inviter": {"3"}, "minimum": {"10"}, "return_days": {"6"},
			"from": day(now), "until": day(until)}
		if got := o.form("/operator/invites/new", fields); got.status != 400 || !strings.Contains(string(got.body), "退货期") {
			t.Fatalf("too short a time of return: %d %s", got.status, got.body)
		}
		fields.Set("return_days", "7")
		id := o.made("/operator/invites/new", fields)
		o.made("/operator/invites/"+id, url.Values{"do": {"ask"}})
		who, err := m.Login.Resolve(t.Context(), o.token)
		m.ok(err)
		asked, err := m.Approvals.Requests(t.Context(), approval.Query{By: who, Limit: 5})
		if m.ok(err); len(asked.Requests) != 1 || asked.Requests[0].Kind != referral.OpenRequest {
			t.Fatalf("%+v", asked.Requests)
		}
		decide := url.Values{"do": {"approve"}, "request": {string(asked.Requests[0].ID)}}
		if got := o.form("/operator/invites/"+id, decide); got.status == 303 {
			t.Fatal("one person opened it")
		}
		if page := o.must(200, "GET", "/operator/approvals", ""); !strings.Contains(string(page.body), "邀请有礼") {
			t.Error("the list of requests does not name it")
		}
		second.made("/operator/invites/"+id, decide)
		if p, found, err := m.Referrals.InForce(t.Context()); err != nil || !found || string(p.ID) != id || p.Reward != 500 {
			t.Fatalf("%+v %v %v", p, found, err)
		}
		o.made("/operator/invites/"+id, url.Values{"do": {"stop"}})
		if _, found, err := m.Referrals.InForce(t.Context()); err != nil || found {
			t.Fatal("it was not stopped", err)
		}
		m.audit()
	})
}
