package node_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"hutong/deal/campaign"
	"hutong/party/approval"
	"hutong/party/login"
)

// TestI_M13_ADepositIsWhatTheBooksSay: one of the market's staff records what came in and sets a score, another agrees
// to pay out; the shop reads what enrolment rules see, and the books hold.
func TestI_M13_ADepositIsWhatTheBooksSay(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		_, err := m.Login.Register(t.Context(), login.Register{Role: login.Operator, Name: "second", Password: password})
		m.ok(err)
		shop := string(m.shops[0].ID)
		path := "/operator/shops/" + shop + "/standing"
		op := m.login("operator")
		take := func(status int, fields url.Values) {
			t.Helper()
			if got := op.form(path, fields); got.status != status {
				t.Errorf("%v: %d %s", fields, got.status, got.body)
			}
		}
		take(303, url.Values{"do": {"in"}, "amount": {"1000"}, "ref": {"bank-7"}})
		take(409, url.Values{"do": {"in"}, "amount": {"1000"}, "ref": {"bank-7"}})
		take(400, url.Values{"do": {"in"}, "amount": {"0"}, "ref": {"bank-8"}})
		take(422, url.Values{"do": {"out"}, "amount": {"1000.01"}})
		take(303, url.Values{"do": {"score"}, "score": {"4.8"}, "source": {"October report"}})
		take(400, url.Values{"do": {"score"}, "score": {"5.01"}, "source": {"October report"}})
		take(303, url.Values{"do": {"out"}, "amount": {"400"}})
		who, err := m.Login.Resolve(t.Context(), op.token)
		m.ok(err)
		all, err := m.Approvals.Requests(t.Context(), approval.Query{By: who})
		m.ok(err)
		name := string(all.Requests[0].ID)
		decide := url.Values{"request": {name}, "do": {"approve"}}
		if got := op.form("/operator/approvals", decide); got.status != 403 {
			t.Errorf("one person pays out: %d", got.status)
		}
		if got := m.login("second").form("/operator/approvals", decide); got.status != 303 {
			t.Errorf("the second person: %d %s", got.status, got.body)
		}
		for who, at := range map[string]string{"operator": path, "merchant-x": "/desk/sales"} {
			page := string(m.login(who).must(200, "GET", at, "").body)
			for _, want := range []string{"¥600.00", "4.80", "October report"} {
				if !strings.Contains(page, want) {
					t.Errorf("%s does not read %s", who, want)
				}
			}
		}
		m.audit()
	})
}

// TestI_M13_ADrawReachesTheHarmedShopper goes over HTTP: a deposit is frozen and drawn on for a shopper; the shop is told,
// appeals and reads the answer; the money comes to the wallet that paid; a shop below what is required joins no sale; and
// the books hold at every step.
func TestI_M13_ADrawReachesTheHarmedShopper(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		_, err := m.Login.Register(t.Context(), login.Register{Role: login.Operator, Name: "second", Password: password})
		m.ok(err)
		shop, goods := string(m.shops[0].ID), m.offers[0]
		op, second, desk := m.login("operator"), m.login("second"), m.login("merchant-x")
		buyer := m.guest("buyer")
		id := buyer.order(2, goods)
		buyer.payAt(buyer.begin(id, "redbean"))
		m.settle()
		m.receive(id)
		at := "/api/v1/operator/shops/" + shop + "/deposit"
		form := func(do string, fields url.Values) {
			t.Helper()
			fields.Set("do", do)
			if got := op.form("/operator/shops/"+shop+"/standing", fields); got.status != 303 {
				t.Errorf("%s: %d %s", do, got.status, got.body)
			}
		}
		form("in", url.Values{"amount": {"1000"}, "ref": {"bank-7"}})
		form("require", url.Values{"amount": {"900"}})
		op.must(201, "POST", at+"/holds", `{"amount":{"minor":20000,"currency":"CNY"},"why":"尺码问题"}`)
		m.login("merchant-y").must(200, "GET", "/api/v1/merchant/deposit", "")
		stands := desk.must(200, "GET", "/api/v1/merchant/deposit", "").tree()
		if top := stands["top_up"].(map[string]any)["minor"]; top != 10000.0 {
			t.Errorf("the shop reads %v", stands)
		}
		m.audit()
		draw := `{"amount":{"minor":3000,"currency":"CNY"},"payee":"shopper","order":"` + id + `","why":"假货"}`
		op.refused(422, "deposit.order", "POST", at+"/draws", strings.Replace(draw, id, "ord_x", 1))
		op.refused(403, "deposit.two", "POST", at+"/draws", strings.Replace(draw, "3000", "100001", 1))
		op.asksToDraw(shop, draw, second)
		hold := op.must(201, "POST", at+"/draws", draw).text("hold")
		m.login("merchant-y").refused(404, "deposit.no_hold", "POST", "/api/v1/merchant/deposit/holds/"+hold+"/appeal",
			`{"appeal":"x"}`)
		desk.reads("/desk/deposit", "appeal-"+hold)
		desk.reads("/desk", "拟扣划的保证金", "保证金不足", "还差 ¥130.00")
		if got := desk.form("/desk/deposit/"+hold, url.Values{"appeal": {"是正品"}}); got.status != 303 {
			t.Errorf("appealing: %d %s", got.status, got.body)
		}
		stood := readAppeal(op, second, shop, hold)
		answer := `{"draw":true,"why":"鉴定为假"}`
		op.refused(403, "deposit.own", "POST", at+"/holds/"+hold+"/answer", answer)
		m.audit()
		page := url.Values{"hold": {hold}, "verdict": {"draw"}, "why": {"鉴定为假"}}
		if got := second.form("/operator/shops/"+shop+"/standing/answer", page); got.status != 303 {
			t.Errorf("answering: %d %s", got.status, got.body)
		}
		m.audit()
		var back int64
		refunds, err := m.Pay.Refunds(t.Context(), id)
		m.ok(err)
		for _, r := range refunds {
			back += r.Amount.Minor
		}
		if back != 3000 {
			t.Errorf("%d went back to the shopper: %+v", back, refunds)
		}
		op.reads(stood, "答复：鉴定为假", "已扣划", "-¥30.00")
		desk.reads("/desk/notices", "保证金冻结", "拟扣划保证金", "已扣划保证金", "鉴定为假")
		st, err := m.Campaigns.StandingOf(t.Context(), shop)
		if m.ok(err); st.Deposit != 77_000 || st.Required != 90_000 {
			t.Errorf("enrolment reads %+v", st)
		}
		if why := (campaign.Rule{}).Judge(campaign.Terms{}, campaign.Facts{Shop: st}); !slices.ContainsFunc(why,
			func(r campaign.Reason) bool { return r.Code == "enrolment.deposit" }) {
			t.Errorf("a shop below what is required is kept out by %v", why)
		}
	})
}

// readAppeal looks at a shop's page while an appeal waits: who announced the draw is not offered to answer it, and what is
// sent in vain is shown again.
func readAppeal(op, second *caller, shop, hold string) (stood string) {
	op.m.t.Helper()
	stood = "/operator/shops/" + shop + "/standing"
	if body := string(second.must(200, "GET", "/operator", "").body); !strings.Contains(body, `href="`+stood+`"`) {
		op.m.t.Error("the first page does not lead to the appeal")
	}
	op.reads(stood, "商家提出申诉", "是正品", "须由发起人以外的同事答复")
	second.reads(stood, "verdict_draw-"+hold, "verdict_release-"+hold)
	if page := string(op.must(200, "GET", stood, "").body); strings.Contains(page, "verdict_draw-"+hold) {
		op.m.t.Error("who announced a draw is offered to answer the appeal")
	}
	wrong := op.form(stood, url.Values{"do": {"draw"}, "amount": {"30"}, "payee": {"shopper"}, "order": {"ord_x"},
		"why": {"假货"}})
	if got := string(wrong.body); wrong.status != 422 || !strings.Contains(got, `id="draw" name="acts" open`) ||
		!strings.Contains(got, `value="ord_x"`) || !strings.Contains(got, `value="shopper" checked`) {
		op.m.t.Errorf("what was sent in vain is not shown again: %d %s", wrong.status, got)
	}
	return stood
}

// asksToDraw asks for a draw over the API, as more than one person may draw is asked for.
func (c *caller) asksToDraw(shop, draw string, second *caller) {
	c.m.t.Helper()
	const at = "/api/v1/operator/shops/%s/deposit/draws/requests"
	c.refused(422, "deposit.short", "POST", fmt.Sprintf(at, shop), strings.Replace(draw, "3000", "100001", 1))
	c.refused(404, "merchant.not_found", "POST", fmt.Sprintf(at, "shp_x"), draw)
	if got := c.must(202, "POST", fmt.Sprintf(at, shop), draw); got.text("state") != string(approval.Asked) {
		c.m.t.Errorf("asking for a draw says %s", got.body)
	}
	c.reads("/operator/approvals", "30.00", "假货")
	second.decidesOnDraw(c, shop)
}

// decidesOnDraw approves over the API what asksToDraw asked for: not the one who asked, nor a shop; once; and the draw is
// announced with it. What is announced is let go again.
func (c *caller) decidesOnDraw(asker *caller, shop string) {
	c.m.t.Helper()
	const at = "/api/v1/operator/approvals"
	mine, theirs := asker.must(200, "GET", at, "").items(), c.must(200, "GET", at, "").items()
	if len(mine) != 1 || len(theirs) != 1 || mine[0]["may"] != false || theirs[0]["may"] != true ||
		theirs[0]["shop"] != shop || theirs[0]["draw"].(map[string]any)["why"] != "假货" {
		c.m.t.Fatalf("whoever asked reads %v, another %v", mine, theirs)
	}
	decision := fmt.Sprintf("%s/%s/decision", at, theirs[0]["approval"])
	asker.refused(403, "approval.own", "POST", decision, `{"approve":true}`)
	c.m.login("merchant-x").refused(404, "gate.not_found", "POST", decision, `{"approve":true}`)
	c.refused(403, "approval.may_not_ask", "POST", fmt.Sprintf("%s/%s/withdraw", at, theirs[0]["approval"]), `{}`)
	if got := c.must(200, "POST", decision, `{"approve":true,"note":"查实"}`); got.text("state") != "approved" {
		c.m.t.Errorf("approving says %s", got.body)
	}
	asker.refused(403, "approval.own", "POST", decision, `{"approve":false}`)
	c.refused(409, "approval.decided", "POST", decision, `{"approve":false}`)
	deposit := "/api/v1/operator/shops/" + shop + "/deposit"
	for _, h := range c.must(200, "GET", deposit, "").tree()["holds"].([]any) {
		if h := h.(map[string]any); h["state"] == "announced" {
			c.must(200, "POST", fmt.Sprintf("%s/holds/%s/release", deposit, h["hold"]), `{"why":"另行处理"}`)
			return
		}
	}
	c.m.t.Error("no draw was announced")
}

// reads fails the test unless a page says all that.
func (c *caller) reads(path string, want ...string) {
	c.m.t.Helper()
	page := string(c.must(200, "GET", path, "").body)
	for _, line := range want {
		if !strings.Contains(page, line) {
			c.m.t.Errorf("%s does not tell %s of %s", path, c.name, line)
		}
	}
}
