package node_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/deal/place"
	"hutong/funds/deposit"
	"hutong/funds/settle"
	torder "hutong/trade/order"
)

// placed has the first shop's tea in a Juhuasuan sale on the third day, with a place whose fee its deposit paid: 5.00,
// and 5 % of what is sold.
func (m *market) placed() (item campaign.EnrolmentID, bid place.BidID, from time.Time) {
	m.t.Helper()
	ctx, tea, both := m.t.Context(), m.offers[0], text.Entry{Zh: "聚划算", En: "Juhuasuan"}
	after := func(days int) time.Time { return start.AddDate(0, 0, days) }
	c, err := m.Campaigns.Save(ctx, "", 0, campaign.Plan{Title: both, Channel: campaign.Juhuasuan,
		Recruit: campaign.Window{From: start, Until: after(1)}, Lock: campaign.Window{From: after(1), Until: after(4)},
		Waves: []campaign.Wave{{Title: both, Phases: []campaign.Phase{
			{Stage: campaign.Spot, Window: campaign.Window{From: after(2), Until: after(3)}}}}}})
	m.ok(err)
	c, err = m.Campaigns.Publish(ctx, c.ID, c.Version)
	m.ok(err)
	o, err := m.Places.Publish(ctx, "lgn_op", place.Offer{Campaign: c.ID, Wave: 1, Places: 1, Currency: tea.Currency,
		Fee: 500, Terms: place.Fixed, Commission: 50_000, PayBy: after(1), ShipHours: 24})
	m.ok(err)
	e, err := m.Campaigns.Enrol(ctx, campaign.Enrol{Shop: tea.Shop, Campaign: c.ID, Slot: campaign.Slot{Wave: 1},
		Offer: tea.ID, Terms: campaign.Terms{Price: 991, Quantity: 20, Part: campaign.Part{Spot: true}}})
	m.ok(err)
	_, err = m.Campaigns.Decide(ctx, campaign.Decide{By: "lgn_op", ID: e.ID, Version: e.Version, Accept: true})
	m.ok(err)
	b, err := m.Places.Apply(ctx, tea.Shop, o.ID, e.ID)
	m.ok(err)
	b, err = m.Places.Decide(ctx, place.Decide{By: "lgn_op", ID: b.ID, Version: b.Version, Shortlist: true})
	m.ok(err)
	m.ok(m.Deposits.PayIn(ctx, deposit.Move{Shop: tea.Shop, Currency: tea.Currency, Amount: 500, Ref: "bank-1", By: "lgn_op"}))
	page := string(m.login("merchant-x").must(200, "GET", "/desk/places?bid="+string(b.ID), "").body)
	if !strings.Contains(page, `value="deposit" checked`) || strings.Contains(page, `value="owed" checked`) {
		m.t.Error("what is not enough is chosen to pay from")
	}
	b, err = m.Places.Pay(ctx, place.Pay{Shop: tea.Shop, ID: b.ID, From: settle.Deposit})
	m.ok(err)
	m.onDeposit(b.ID)
	return e.ID, b.ID, after(2)
}

// onDeposit reads that the fee of a place stands on the page of the deposit and leads to the place, for its shop alone.
func (m *market) onDeposit(bid place.BidID) {
	m.t.Helper()
	desk, at := m.login("merchant-x"), "/desk/places?only="+string(bid)
	rows := strings.Split(string(desk.must(200, "GET", "/desk/deposit", "").body), "<tr")
	if at := rows[len(rows)-2:]; !strings.Contains(at[0], "-") || !strings.Contains(at[0], "5.00") ||
		!strings.Contains(at[0], "/desk/places?only="+string(bid)) || !strings.Contains(at[1], "bank-1") {
		m.t.Errorf("the deposit's page says %q", at)
	}
	if page := string(desk.must(200, "GET", at, "").body); !strings.Contains(page, ">已付费<") {
		m.t.Error("the fee leads to no place")
	}
	if got := m.login("merchant-y").call("GET", at, ""); got.status != 404 {
		m.t.Errorf("another shop sees it: %d", got.status)
	}
}

// TestT3_2_APlaceIsSettledByWhatItSold goes over real orders: what was sold from the place counts, less what went back
// before and after it was sent; what ended unpaid, or was sold after the day, does not. The commission is charged once,
// when nobody can ask for anything back any more.
func TestT3_2_APlaceIsSettledByWhatItSold(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		ctx, tea := t.Context(), m.offers[0]
		item, bid, from := m.placed()
		m.at(start.AddDate(0, 0, 1))
		m.at(from)
		a := m.guest("a")
		bought := func(n int) torder.ID {
			id := a.order(n, tea)
			a.payAt(a.begin(id, "redbean"))
			m.settle()
			return torder.ID(id)
		}
		three, gone := bought(3), bought(1)
		if o, err := m.Orders.Any(ctx, three); err != nil || o.Lines()[0].Paid != 2973 ||
			o.Lines()[0].Pool != string(m.Campaigns.Live().Item(item, from).Pool) {
			t.Fatalf("%+v %v", o.Lines(), err)
		}
		a.order(1, tea)                               // and never paid
		for _, id := range []torder.ID{three, gone} { // a piece of each, before they are sent
			a.must(201, "POST", "/api/v1/orders/"+string(id)+"/suborders/1/cases",
				`{"lines":[{"line":1,"quantity":1}],"reason":"unwanted"}`)
		}
		m.settle()
		m.at(from.AddDate(0, 0, 1))
		m.at(from.AddDate(0, 0, 1))
		later := bought(1)
		m.receive(string(three))
		m.receive(string(later))
		settled := func() place.Bid {
			t.Helper()
			_, err := m.Places.Settle(ctx)
			m.ok(err)
			b, err := m.Places.Bid(ctx, tea.Shop, bid)
			m.ok(err)
			return b
		}
		m.clock.Set(from.AddDate(0, 0, 7))
		if b := settled(); b.State != place.Paid {
			t.Errorf("settled while the shopper may still give the goods back: %+v", b)
		}
		m.clock.Set(from.AddDate(0, 0, 25)) // a claim can be made still: it is not late
		m.audit()
		m.clock.Set(from.AddDate(0, 2, 0))
		for range 2 {
			// Two of three pieces stayed: 1982, and 5 % of that is 99.10.
			if b := settled(); b.State != place.Settled || b.Sold != 1982 || b.Commission != 99 || b.Charged != 99 {
				t.Fatalf("%+v", b)
			}
		}
		all, err := m.Settle.Charges(ctx, tea.Shop)
		if m.ok(err); len(all) != 2 || all[0].Amount != 99 || all[0].From != settle.Owed || all[1].From != settle.Deposit {
			t.Errorf("charged %+v", all)
		}
		m.audit()
	})
}

// readsBoth holds a page against what it says in both languages, and what in none.
func (c *caller) readsBoth(path, zh, en string, lacks ...string) {
	c.m.t.Helper()
	for lang, want := range map[string]string{"zh-CN": zh, "en": en} {
		c.lang = lang
		body := string(c.must(200, "GET", path, "").body)
		if !strings.Contains(body, want) {
			c.m.t.Errorf("%s in %s lacks %q", path, lang, want)
		}
		for _, no := range lacks {
			if strings.Contains(body, no) {
				c.m.t.Errorf("%s in %s has %q", path, lang, no)
			}
		}
	}
	c.lang = ""
}

// list is a list of objects in the answer.
func (a answer) list(name string) (all []map[string]any) {
	rows, _ := a.tree()[name].([]any)
	for _, r := range rows {
		row, _ := r.(map[string]any)
		all = append(all, row)
	}
	return all
}

// TestT3_2_WhatAPlaceSoldIsSentWithinItsHours goes over pages and the API: the shopper reads it before paying, and at the
// order; the shop finds it in its list, and what is late marked; the operator reads it. Another shop's part of the same
// order is promised nothing.
func TestT3_2_WhatAPlaceSoldIsSentWithinItsHours(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		tea, lantern := m.offers[0], m.offers[1]
		_, _, from := m.placed()
		m.at(start.AddDate(0, 0, 1))
		m.at(from)
		a := m.guest("a")
		id := a.order(1, tea, lantern)
		basket := fmt.Sprintf(`{"lines":[{"offer":%q,"quantity":1},{"offer":%q,"quantity":1}]}`, tea.ID, lantern.ID)
		shops := a.must(200, "POST", "/api/v1/quotes", basket).list("shops")
		if shops[0]["ship_hours"] != 24.0 || shops[1]["ship_hours"] != nil {
			t.Errorf("the quote says %v", shops)
		}
		a.readsBoth("/checkout?buy="+string(tea.ID)+".1", "付款后 24 小时内发货", "Sent within 24 hours of payment")
		a.readsBoth("/orders/"+id, "付款后 24 小时内发货", "Sent within 24 hours of payment")
		x, y, op := m.login("merchant-x"), m.login("merchant-y"), m.login("operator")
		x.readsBoth("/desk/orders/"+id, "付款后 24 小时内", "within 24 hours of payment")
		op.readsBoth("/operator/orders/"+id, "付款后 24 小时内", "24 hours of payment")
		a.payAt(a.begin(id, "redbean"))
		m.settle()
		o, err := m.Orders.Any(t.Context(), torder.ID(id))
		m.ok(err)
		by := o.PaidAt.Add(24 * time.Hour)
		subs := a.must(200, "GET", "/api/v1/orders/"+id, "").list("suborders")
		if subs[0]["ship_by"] != by.UTC().Format(time.RFC3339Nano) || subs[1]["ship_by"] != nil || subs[0]["shipped_at"] != nil {
			t.Errorf("%v, due %v", subs, by)
		}
		when := by.In(campaign.Shanghai).Format("15:04:05")[:5]
		a.readsBoth("/orders/"+id, when+" 前发货", "Sent before", "逾期", "should have sent")
		x.readsBoth("/desk/orders?show=dated", when+" 前发货", "before ", "发货逾期", "Late")
		op.readsBoth("/operator/orders/"+id, when+" 前", "before ", "已逾期")
		y.readsBoth("/desk/orders/"+id, "灯笼", "灯笼", "前发货", "To be sent")
		dated := func(who *caller, n int) {
			t.Helper()
			if all := who.must(200, "GET", "/api/v1/merchant/orders?filter=dated", "").items(); len(all) != n {
				t.Errorf("%d dated, want %d: %v", len(all), n, all)
			}
		}
		dated(x, 1)
		dated(y, 0)
		m.clock.Set(by)
		a.readsBoth("/orders/"+id, "商家已超过约定的发货时间", "The shop should have sent it by now")
		x.readsBoth("/desk/orders?show=dated", "发货逾期", "Late")
		x.readsBoth("/desk/orders/"+id, "发货逾期", "should have been sent before")
		op.readsBoth("/operator/orders/"+id, "已逾期", "late: it should have been sent before")
		m.audit()
		m.send(tea.Shop, o.ID)
		x.readsBoth("/desk/orders/"+id, "晚于约定的", "sent later than", "逾期")
		op.readsBoth("/operator/orders/"+id, "晚于约定的", "sent later than")
		dated(x, 0)
		subs = x.must(200, "GET", "/api/v1/merchant/orders/"+id, "").list("suborders")
		if subs[0]["shipped_at"] != subs[0]["ship_by"] {
			t.Errorf("%v", subs)
		}
		m.audit()
	})
}
