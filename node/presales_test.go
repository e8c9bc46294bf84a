package node_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/goods/offer"
	"hutong/trade/aftersale"
	"hutong/trade/order"
)

// presale has an offer in a presale: earnest from one to two hours after the start, the balance half an hour later for a
// day. It gives the item and the balance's window.
func (m *market) presale(o offer.Offer, terms campaign.Terms) (campaign.EnrolmentID, campaign.Window) {
	m.t.Helper()
	ctx := m.t.Context()
	h := func(n time.Duration) time.Time { return start.Add(n * time.Hour) }
	due := campaign.Window{From: h(2).Add(30 * time.Minute), Until: h(26)}
	c, err := m.Campaigns.Save(ctx, "", 0, campaign.Plan{Title: text.Entry{Zh: "预售", En: "Presale"},
		Channel: campaign.Sale, Switches: campaign.Switches{Presale: true},
		Recruit: campaign.Window{From: h(-1), Until: h(0).Add(time.Minute)}, Lock: campaign.Window{From: h(0).Add(time.Minute), Until: h(50)},
		Waves: []campaign.Wave{{Title: text.Entry{Zh: "一", En: "One"}, Phases: []campaign.Phase{
			{Stage: campaign.Earnest, Window: campaign.Window{From: h(1), Until: h(2)}},
			{Stage: campaign.Balance, Window: due}, {Stage: campaign.Spot, Window: campaign.Window{From: h(2), Until: h(26)}}}}}})
	m.ok(err)
	c, err = m.Campaigns.Publish(ctx, c.ID, c.Version)
	m.ok(err)
	e, err := m.Campaigns.Enrol(ctx, campaign.Enrol{Shop: o.Shop, Campaign: c.ID, Slot: campaign.Slot{Wave: 1}, Offer: o.ID,
		Terms: terms})
	m.ok(err)
	_, err = m.Campaigns.Decide(ctx, campaign.Decide{By: "lgn_op", ID: e.ID, Version: e.Version, Accept: true})
	m.ok(err)
	return e.ID, due
}

// preorder places one piece of a presale's item over HTTP.
func (c *caller) preorder(item campaign.EnrolmentID, o offer.Offer) string {
	c.m.t.Helper()
	address := c.must(201, "POST", "/api/v1/addresses", addressBody).text("address")
	q := c.must(200, "POST", "/api/v1/quotes", fmt.Sprintf(`{"presale":%q,"lines":[{"offer":%q,"quantity":1}],"address":%q}`,
		item, o.ID, address))
	c.refused(422, "checkout.presale_agree", "POST", "/api/v1/orders", fmt.Sprintf(`{"token":%q}`, q.text("token")))
	return c.must(201, "POST", "/api/v1/orders", fmt.Sprintf(`{"token":%q,"agreed":true}`, q.text("token"))).text("order")
}

// TestT1_3_APresaleOverHTTP walks four presale orders from the enrolment to their ends, with the campaign's own windows,
// two wallets, a return after the balance, and the auditor at the end.
func TestT1_3_APresaleOverHTTP(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		o := m.offers[0] // of 19.90
		item, due := m.presale(o, campaign.Terms{Price: 1800, Quantity: 20, PerShopper: 9, Earnest: 300, Worth: 900,
			Part: campaign.Part{Presale: true, Spot: true}})
		m.at(start.Add(time.Hour - time.Millisecond))
		a := m.guest("a")
		a.refused(409, "campaign.earnest_not_open", "POST", "/api/v1/quotes",
			fmt.Sprintf(`{"presale":%q,"lines":[{"offer":%q,"quantity":1}]}`, item, o.ID))
		m.at(start.Add(time.Hour))
		paid, back, lost, failed := a.preorder(item, o), a.preorder(item, o), a.preorder(item, o), a.preorder(item, o)
		for _, id := range []string{paid, back, lost, failed} {
			a.payAt(a.begin(id, "redbean"))
			m.settle()
		}
		a.refused(409, "pay.balance_not_open", "POST", "/api/v1/orders/"+paid+"/payments", `{"wallet":"redbean"}`)
		m.login("merchant-x").must(200, "POST", "/api/v1/merchant/orders/"+failed+"/default", `{}`)
		m.settle()
		m.at(start.Add(2*time.Hour - time.Millisecond)) // T1.1a: the last instant
		a.preorder(item, o)
		m.at(start.Add(2 * time.Hour))
		a.refused(410, "campaign.earnest_closed", "POST", "/api/v1/quotes",
			fmt.Sprintf(`{"presale":%q,"lines":[{"offer":%q,"quantity":1}]}`, item, o.ID))
		if got, _ := a.goods(1, o); got != 1800 { // T1.1b: the spot sale opens before the balance
			t.Errorf("spot costs %v", got)
		}
		m.at(due.From)
		for _, id := range []string{paid, back} {
			a.payAt(a.begin(id, "bluejay"))
			m.settle()
		}
		bought, err := m.Orders.Any(t.Context(), order.ID(back))
		m.ok(err)
		_, err = m.Aftersale.Open(t.Context(), aftersale.Open{Shopper: bought.Shopper, Order: bought.ID, Seq: 1,
			Reason: aftersale.Unwanted, Key: "back"})
		m.ok(err)
		m.at(due.Until)
		m.settle()
		for id, want := range map[string]order.PresaleState{paid: order.BalancePaid, back: order.BalancePaid,
			lost: order.Forfeited, failed: order.Returned} {
			got := a.must(200, "GET", "/api/v1/orders/"+id, "").tree()["presale"].(map[string]any)["state"]
			if got != string(want) {
				t.Errorf("%s is %v, want %s", id, got, want)
			}
		}
		// The goods, 18.00 with 3.00 that count for 9.00, are 12.00: of the earnest 2.40 are lost, 0.60 go back.
		books := m.login("operator").must(200, "GET", "/api/v1/operator/books", "").items()
		if got := standing(books, "earnest"); got != 0 {
			t.Errorf("the earnest account holds %v", got)
		}
		m.audit()
	})
}

// TestAPresaleOnPages walks a presale through the shop's pages without script.
func TestAPresaleOnPages(t *testing.T) {
	m := open(t, onSQLite(t))
	o := m.offers[0]
	item, due := m.presale(o, campaign.Terms{Price: 1800, Quantity: 20, Earnest: 300, Worth: 900,
		Part: campaign.Part{Presale: true}})
	m.at(start.Add(time.Hour))
	a := m.guest("a")
	has := func(path string, parts ...string) string {
		t.Helper()
		body := string(a.must(200, "GET", path, "").body)
		for _, p := range parts {
			if !strings.Contains(body, p) {
				t.Errorf("%s lacks %q", path, p)
			}
		}
		return body
	}
	a.must(201, "POST", "/api/v1/addresses", addressBody)
	has("/p/"+o.Product, `name="presale" value="`+string(item)+`"`, "3.00", "9.00", "12.00", "付清尾款后 7 天内发货")
	has("/sale", "9.00")
	for _, want := range []string{`"presale":{"item":"` + string(item) + `","open":true,"price":{"minor":1800,"currency":"CNY"}`,
		`"balance":{"minor":900,"currency":"CNY"}`, `"balance_due":"` + due.Until.Format(time.RFC3339)} {
		if got := string(a.must(200, "GET", "/api/v1/products/"+o.Product, "").body); !strings.Contains(got, want) {
			t.Errorf("the product's terms of presale lack %s: %s", want, got)
		}
	}
	page := has("/checkout?presale="+string(item)+"&buy="+string(o.ID)+"&pieces=1", `name="agreed"`, "2.40", "5.40", "0.60",
		"付清尾款后 7 天内发货")
	_, token, _ := strings.Cut(page, `name="token" value="`)
	token, _, _ = strings.Cut(token, `"`)
	form := url.Values{"token": {token}, "back": {"/checkout?presale=" + string(item) + "&buy=" + string(o.ID) + ".1"}}
	if got := a.form("/checkout", form); got.status != 422 || !strings.Contains(string(got.body), `name="agreed"`) {
		t.Errorf("without consent: %d", got.status)
	}
	form.Set("agreed", "1")
	placed := a.form("/checkout", form)
	if placed.status != http.StatusSeeOther {
		t.Fatalf("placing: %d %s", placed.status, placed.body)
	}
	at := placed.header.Get("Location")
	has(at, `id="presale"`, "3.00", `action="`+at+`/pay"`)
	a.payAt(a.begin(strings.TrimPrefix(at, "/orders/"), "redbean"))
	m.settle()
	if body := has(at, `id="give-up"`, "2.40"); strings.Contains(body, `action="`+at+`/pay"`) {
		t.Error("the balance can be paid before it opens")
	}
	m.at(due.From)
	has(at, `action="`+at+`/pay"`)
	a.payAt(a.begin(strings.TrimPrefix(at, "/orders/"), "bluejay"))
	m.settle()
	x := m.login("merchant-x")
	list := func(lang string) string {
		return string(x.must(200, "GET", "/desk/orders?show=dated&lang="+lang, "").body)
	}
	if body := list("zh-CN"); !strings.Contains(body, "前发货") || strings.Contains(body, "发货逾期") {
		t.Error("the shop does not see by when it is to be sent")
	}
	m.clock.Set(due.From.Add(7 * 24 * time.Hour))
	if body := list("zh-CN"); !strings.Contains(body, "发货逾期") {
		t.Error("the shop does not see what is late")
	}
	has(at, "商家已超过约定的发货时间")
	late := x.must(200, "GET", "/api/v1/merchant/orders?filter=dated", "").items()
	if len(late) != 1 || late[0]["presale"].(map[string]any)["ship_by"] == nil {
		t.Errorf("the API has %v", late)
	}
}

// TestTheOperatorSetsWhenABalanceIsSpokenOf: the lead of the reminder is a setting with bounds that holds at once, and
// whatever it is set to, each reminder goes out once.
func TestTheOperatorSetsWhenABalanceIsSpokenOf(t *testing.T) {
	m := open(t, onSQLite(t))
	o := m.offers[0]
	item, due := m.presale(o, campaign.Terms{Price: 1800, Quantity: 20, Earnest: 300, Worth: 900,
		Part: campaign.Part{Presale: true}})
	m.at(start.Add(time.Hour))
	a := m.guest("a")
	a.payAt(a.begin(a.preorder(item, o), "redbean"))
	m.settle()
	remind := func(at time.Time) (n int) {
		m.at(at)
		for _, j := range m.Jobs() {
			if j.Name == "order.remind" {
				done, err := j.Run(t.Context())
				m.ok(err)
				n += done
			}
		}
		return n
	}
	set := func(hours string) error {
		_, err := m.Tune.Set(t.Context(), map[string]string{"presale.remind_hours": hours})
		return err
	}
	for _, wrong := range []string{"-1", "73", "six"} {
		if err := set(wrong); err == nil {
			t.Errorf("%q was set", wrong)
		}
	}
	m.ok(set("2"))
	for _, step := range []struct {
		at    time.Time
		hours string
		want  int
	}{{due.From, "2", 1}, {due.Until.Add(-6 * time.Hour), "2", 0}, {due.Until.Add(-3 * time.Hour), "0", 0},
		{due.Until.Add(-time.Hour), "0", 0}, {due.Until.Add(-time.Hour), "2", 1}, {due.Until.Add(-time.Minute), "72", 0}} {
		m.ok(set(step.hours))
		if n := remind(step.at); n != step.want {
			t.Errorf("%s before the end, with %s hours: %d told, want %d", due.Until.Sub(step.at), step.hours, n, step.want)
		}
	}
}

// TestBalanceVouchersOverHTTP: the shopper sees which vouchers would be used for a balance, unticks one, and pays what
// the page then shows; the API says the same, and refuses a sum that was not shown.
func TestBalanceVouchersOverHTTP(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		o := m.offers[0]
		item, due := m.presale(o, campaign.Terms{Price: 1800, Quantity: 20, Earnest: 300, Worth: 900,
			Part: campaign.Part{Presale: true}})
		five := half(m)
		five.Threshold, five.Off = 1000, 500
		template := m.publish(five)
		m.at(start.Add(time.Hour))
		a := m.guest("a")
		m.claim(a, template)
		id := a.preorder(item, o)
		a.payAt(a.begin(id, "redbean"))
		m.settle()
		m.at(due.From)
		shows := func(path string, minor, off float64, used bool) string {
			t.Helper()
			got := a.must(200, "GET", "/api/v1/orders/"+id+"/balance"+path, "").tree()
			one := got["choices"].([]any)[0].(map[string]any)
			if got["balance"].(map[string]any)["minor"] != minor || got["off"].(map[string]any)["minor"] != off ||
				one["used"] != used || one["off"].(map[string]any)["minor"] != 500.0 || got["open"] != true {
				t.Errorf("%s: %v", path, got)
			}
			return one["claim"].(string)
		}
		whole := 900 + float64(a.freight(id))
		voucher := shows("", whole-500, 500, true)
		shows("?claims=", whole, 0, false)
		shows("?claims=vch_x,"+voucher, whole-500, 500, true)
		body := string(a.must(200, "GET", "/orders/"+id, "").body)
		for _, want := range []string{`name="use" type="checkbox" value="` + voucher + `" checked`,
			fmt.Sprintf(`name="balance" value="%.0f"`, whole-500)} {
			if !strings.Contains(body, want) {
				t.Errorf("the page lacks %s", want)
			}
		}
		if body = string(a.must(200, "GET", "/orders/"+id+"?choose=1", "").body); strings.Contains(body, `" checked`) ||
			!strings.Contains(body, fmt.Sprintf(`name="balance" value="%.0f"`, whole)) {
			t.Error("what was unticked is counted")
		}
		a.refused(400, "api.currency", "POST", "/api/v1/orders/"+id+"/balance",
			`{"claims":[],"balance":{"minor":1,"currency":"USD"}}`)
		many := strings.Repeat("vch_none,", 101)
		a.refused(400, "api.claims", "GET", "/api/v1/orders/"+id+"/balance?claims="+many, "")
		a.refused(409, "order.balance_changed", "POST", "/api/v1/orders/"+id+"/balance",
			`{"claims":[],"balance":{"minor":1,"currency":"CNY"}}`)
		form := url.Values{"wallet": {"bluejay"}, "choose": {"1"}, "balance": {fmt.Sprintf("%.0f", whole-500)}}
		if got := a.form("/orders/"+id+"/pay", form); got.status != 409 {
			t.Errorf("a sum that was not shown: %d", got.status)
		}
		form.Set("balance", fmt.Sprintf("%.0f", whole))
		if got := a.form("/orders/"+id+"/pay", form); got.status != http.StatusSeeOther {
			t.Fatalf("paying: %d %s", got.status, got.body)
		}
		a.payAt(a.begin(id, "bluejay"))
		m.settle()
		if held := a.must(200, "GET", "/api/v1/me/vouchers", "").items(); held[0]["state"] != "open" {
			t.Errorf("what was kept for later is %v", held[0])
		}
		m.state(a, "/api/v1/orders/"+id, "paid")
		m.audit()
	})
}

// freight is what the carriage of an order costs.
func (c *caller) freight(order string) int64 {
	got := c.must(200, "GET", "/api/v1/orders/"+order, "").tree()["freight"].(map[string]any)["minor"]
	return int64(got.(float64))
}
