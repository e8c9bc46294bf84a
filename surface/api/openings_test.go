package api

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/idempotency"
	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/deal/place"
	"hutong/funds/deposit"
	"hutong/funds/ledger"
	"hutong/goods/offer"
	"hutong/party/login"
	"hutong/surface/page/webtest"
)

// hall is a market with a Juhuasuan sale that two shops may join.
type hall struct {
	*desk
	market, other string // sessions of the operator and of another shop
	bowl          offer.Offer
	sale          campaign.Campaign
}

const day = 24 * time.Hour

func openHall(t *testing.T) *hall {
	t.Helper()
	h := &hall{desk: openDesk(t)}
	shop := h.Shop("other", "别家", "Another")
	_, bowls := h.Sell(webtest.Goods{Shop: shop, Zh: "碗", En: "Bowl", Prices: []int64{2990}, Pieces: 10})
	h.bowl = bowls[0]
	h.Login(login.Operator, "market", "")
	h.Login(login.Merchant, "other", shop)
	h.market = h.session(fmt.Sprintf(`{"name":"market","password":%q}`, webtest.Password))
	h.other = h.session(fmt.Sprintf(`{"name":"other","password":%q}`, webtest.Password))
	h.Must(h.DB.Migrate(t.Context(), deposit.Schema))
	h.sale = h.draft()
	var err error
	h.sale, err = h.Campaigns.Publish(t.Context(), h.sale.ID, h.sale.Version)
	h.Must(err)
	return h
}

// draft is a sale of one day: enrolment for two days, lock from the third, sold on the fifth.
func (h *hall) draft() campaign.Campaign {
	h.t.Helper()
	span := func(from, until time.Duration) campaign.Window {
		return campaign.Window{From: webtest.Start.Add(from), Until: webtest.Start.Add(until)}
	}
	title := text.Entry{Zh: "聚划算日", En: "Juhuasuan day"}
	c, err := h.Campaigns.Save(h.t.Context(), "", 0, campaign.Plan{Title: title, Channel: campaign.Juhuasuan,
		Recruit: span(0, 2*day), Lock: span(3*day, 30*day), Waves: []campaign.Wave{{Title: title,
			Phases: []campaign.Phase{{Stage: campaign.Spot, Window: span(5*day, 6*day)}}}}})
	h.Must(err)
	return c
}

// enrolled is what a shop enrolled, accepted if so said.
func (h *hall) enrolled(o offer.Offer, accepted bool) campaign.EnrolmentID {
	h.t.Helper()
	e, err := h.Campaigns.Enrol(h.t.Context(), campaign.Enrol{Shop: o.Shop, Campaign: h.sale.ID,
		Slot: campaign.Slot{Wave: 1}, Offer: o.ID, Terms: campaign.Terms{Price: o.UnitPrice / 2, Quantity: 2,
			Part: campaign.Part{Spot: true}}})
	h.Must(err)
	if accepted {
		h.accepted(e.ID)
	}
	return e.ID
}

func (h *hall) accepted(id campaign.EnrolmentID) {
	h.t.Helper()
	e, err := h.Campaigns.Enrolment(h.t.Context(), "", id)
	h.Must(err)
	_, err = h.Campaigns.Decide(h.t.Context(), campaign.Decide{By: "lgn_op", ID: id, Version: e.Version, Accept: true})
	h.Must(err)
}

// terms are a body that is taken, with one member changed.
func terms(name, value string) string {
	parts := []string{`"wave":1`, `"places":1`, `"fee":{"minor":250000,"currency":"CNY"}`, `"terms":"guarantee"`,
		`"commission_ppm":50000`, `"pay_by":"2026-11-14T00:00:00Z"`, `"ship_hours":24`}
	for i, p := range parts {
		if name != "" && strings.HasPrefix(p, `"`+name+`"`) {
			parts[i] = `"` + name + `":` + value
		}
	}
	if name == "category" || name == "price" {
		parts = append(parts, `"`+name+`":`+value)
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func (h *hall) offered() string { return "/operator/campaigns/" + string(h.sale.ID) + "/places" }

func (h *hall) opening() string {
	h.t.Helper()
	return h.did(h.market, 201, "POST", h.offered(), terms("", ""))["opening"].(string)
}

// bids bids for a place and is shortlisted.
func (h *hall) bids(session, opening string, o offer.Offer) (bid string) {
	h.t.Helper()
	b := h.did(session, 201, "POST", "/merchant/places/"+opening+"/bids",
		fmt.Sprintf(`{"enrolment":%q}`, h.enrolled(o, true)))
	bid = b["bid"].(string)
	b = h.did(h.market, 200, "POST", "/operator/bids/"+bid+"/decide", `{"version":1,"shortlist":true,"note":"好货"}`)
	if b["state"] != "shortlisted" || b["note"] != "好货" || b["version"] != 2.0 {
		h.t.Fatal(b)
	}
	return bid
}

// owe has the market owe a shop a fee.
func (h *hall) owe(shop string) {
	h.t.Helper()
	h.Must(h.DB.Write(h.t.Context(), func(tx *db.Tx) error {
		return ledger.Post(tx, h.Clock.Now(), []ledger.Transfer{
			{Debit: ledger.Wallet("w"), Credit: ledger.Escrow, Amount: 250_000, Currency: "CNY", Kind: ledger.Capture, Order: shop},
			{Debit: ledger.Escrow, Credit: ledger.Merchant(shop), Amount: 250_000, Currency: "CNY", Kind: ledger.Goods,
				Order: shop, Shop: shop}})
	}))
}

func (h *hall) has(account ledger.Account, want int64) {
	h.t.Helper()
	h.Must(h.DB.Read(h.t.Context(), func(tx *db.Tx) error {
		got, err := ledger.Balance(tx, account, "CNY")
		if got != want {
			h.t.Errorf("%s has %d, want %d", account, got, want)
		}
		return err
	}))
}

// said is a refusal as a program reads it.
type said struct {
	session, method, path, body string
	status                      int
	code, field                 string
}

func (h *hall) refused(all ...said) {
	h.t.Helper()
	for _, x := range all {
		status, got := h.call(x.session, x.method, x.path, x.body)
		field, _ := got["field"].(string)
		if status != x.status || got["code"] != x.code || field != x.field {
			h.t.Errorf("%s %s %s: %d %v, want %d %s at %q", x.method, x.path, x.body, status, got, x.status, x.code, x.field)
		}
	}
}

func minor(amount any) any { return amount.(map[string]any)["minor"] }

// TestAPlaceIsSoldOverTheAPI is the whole way: offered, bid for, shortlisted, paid for once, and called off.
func TestAPlaceIsSoldOverTheAPI(t *testing.T) {
	h := openHall(t)
	tea := h.tea.Shop
	o := h.opening()
	seen := h.did(h.merchant, 200, "GET", "/merchant/campaigns/"+string(h.sale.ID)+"/places", "")["items"].([]any)
	if one := seen[0].(map[string]any); len(seen) != 1 || one["opening"] != o || one["left"] != 1.0 ||
		minor(one["fee"]) != 250000.0 || one["takes_bids"] != true {
		t.Fatal(seen)
	}
	enrolled := h.enrolled(h.tea, false)
	apply := fmt.Sprintf(`{"enrolment":%q}`, enrolled)
	at := "/merchant/places/" + o + "/bids"
	h.refused(said{h.other, "POST", at, apply, 404, "enrolment.not_found", ""})
	first := h.did(h.merchant, 201, "POST", at, apply)["bid"].(string)
	h.refused(said{h.merchant, "POST", at, apply, 409, "place.bid_open", ""},
		said{h.merchant, "POST", "/merchant/bids/" + first + "/pay", `{"from":"owed"}`, 409, "place.state", ""},
		said{h.merchant, "POST", "/merchant/bids/" + first + "/retract", `{"version":2}`, 409, "place.changed", ""},
		said{h.other, "POST", "/merchant/bids/" + first + "/retract", `{"version":1}`, 404, "place.no_bid", ""},
		said{h.market, "POST", "/operator/bids/" + first + "/decide", `{"version":1,"shortlist":true}`, 422, "place.unreviewed", ""})
	if b := h.did(h.merchant, 200, "POST", "/merchant/bids/"+first+"/retract", `{"version":1}`); b["state"] != "withdrawn" {
		t.Fatal(b)
	}
	bid := h.did(h.merchant, 201, "POST", at, apply)["bid"].(string)
	h.accepted(enrolled)
	decide := "/operator/bids/" + bid + "/decide"
	h.refused(said{h.market, "POST", decide, `{"version":3,"shortlist":true}`, 409, "place.changed", ""})
	h.did(h.market, 200, "POST", decide, `{"version":1,"shortlist":true}`)
	pay := "/merchant/bids/" + bid + "/pay"
	h.refused(said{h.market, "POST", decide, `{"version":1,"shortlist":false}`, 409, "place.changed", ""},
		said{h.merchant, "POST", pay, `{"from":"owed"}`, 422, "settle.short", ""},
		said{h.merchant, "POST", pay, `{"from":"deposit"}`, 422, "deposit.short", ""},
		said{h.other, "POST", pay, `{"from":"owed"}`, 404, "place.no_bid", ""},
		said{h.other, "GET", "/merchant/bids/" + bid, "", 404, "place.no_bid", ""})
	h.owe(tea)
	h.has(ledger.Merchant(tea), 250_000)
	for range 2 { // two calls, each with a key of its own: the fee is taken once
		if b := h.did(h.merchant, 200, "POST", pay, `{"from":"owed"}`); b["state"] != "paid" || b["paid_at"] == nil {
			t.Fatal(b)
		}
		h.has(ledger.Merchant(tea), 0)
	}
	h.refused(said{h.merchant, "POST", "/merchant/bids/" + bid + "/retract", `{"version":3}`, 409, "place.paid", ""})
	h.Clock.Advance(5*day + time.Hour)
	b := h.did(h.merchant, 200, "GET", "/merchant/bids/"+bid, "")
	if b["stage"] != "live" || minor(b["fee"]) != 250000.0 || minor(b["commission"]) != 0.0 || minor(b["charged"]) != 0.0 {
		t.Error(b)
	}
	off := "/operator/places/" + o + "/call-off"
	h.refused(said{h.market, "POST", off, `{"version":2}`, 409, "place.changed", ""},
		said{h.market, "POST", off, `{"version":1,"why":"` + strings.Repeat("长", 301) + `"}`, 400, "place.note", "why"})
	if got := h.did(h.market, 200, "POST", off, `{"version":1,"why":"场地取消"}`); got["state"] != "called_off" ||
		got["takes_bids"] != false || got["left"] != 1.0 {
		t.Error(got)
	}
	h.has(ledger.Merchant(tea), 250_000)
	h.refused(said{h.market, "POST", off, `{"version":2}`, 410, "place.called_off", ""})
	all := h.did(h.market, 200, "GET", "/operator/places/"+o+"/bids", "")["items"].([]any)
	if last := all[1].(map[string]any); len(all) != 2 || last["state"] != "called_off" || last["note"] != "场地取消" {
		t.Error(all)
	}
}

// TestWhoComesTooLateOverTheAPIPaysNothing: another shop has the last place; the deposit of who came late is whole.
func TestWhoComesTooLateOverTheAPIPaysNothing(t *testing.T) {
	h := openHall(t)
	o := h.opening()
	mine, theirs := h.bids(h.merchant, o, h.tea), h.bids(h.other, o, h.bowl)
	deposits := deposit.New(h.DB, h.Clock, h.IDs)
	for _, shop := range []string{h.tea.Shop, h.bowl.Shop} {
		h.Must(deposits.PayIn(t.Context(), deposit.Move{Shop: shop, Currency: "CNY", Amount: 250_000, Ref: "in-" + shop}))
	}
	h.did(h.other, 200, "POST", "/merchant/bids/"+theirs+"/pay", `{"from":"deposit"}`)
	h.has(ledger.Deposit(h.bowl.Shop), 0)
	for range 2 {
		h.refused(said{h.merchant, "POST", "/merchant/bids/" + mine + "/pay", `{"from":"deposit"}`, 409, "place.sold_out", ""})
	}
	h.has(ledger.Deposit(h.tea.Shop), 250_000)
	if b := h.did(h.merchant, 200, "GET", "/merchant/bids/"+mine, ""); b["state"] != "shortlisted" {
		t.Error(b)
	}
	if b := h.did(h.market, 200, "GET", "/operator/places/"+o, ""); b["left"] != 0.0 {
		t.Error(b)
	}
	mineNow := h.did(h.merchant, 200, "GET", "/merchant/bids", "")["items"].([]any)
	if len(mineNow) != 1 || mineNow[0].(map[string]any)["bid"] != mine {
		t.Errorf("a shop reads %v", mineNow)
	}
	refuse := h.did(h.market, 200, "POST", "/operator/bids/"+mine+"/decide", `{"version":2,"shortlist":false,"note":"满了"}`)
	if refuse["state"] != "refused" || refuse["note"] != "满了" {
		t.Error(refuse)
	}
}

// TestWhatIsNoPlaceIsRefused: what no program may send, with the field as the document calls it, and nothing is offered.
func TestWhatIsNoPlaceIsRefused(t *testing.T) {
	h := openHall(t)
	for _, x := range []struct{ name, value, code, field string }{
		{"wave", `2`, "place.wave", "wave"}, {"wave", `"x"`, "json.type", "wave"}, {"wave", `null`, "api.required", "wave"},
		{"places", `0`, "place.places", "places"}, {"places", `1.5`, "json.type", "places"},
		{"fee", `{"minor":0,"currency":"CNY"}`, "place.fee", "fee"},
		{"fee", `{"minor":1,"currency":"USD"}`, "api.currency", "fee.currency"},
		{"fee", `{"minor":1}`, "api.required", "fee.currency"}, {"terms", `"free"`, "place.terms", "terms"},
		{"commission_ppm", `1000001`, "place.commission", "commission_ppm"},
		{"commission_ppm", `-1`, "place.commission", "commission_ppm"}, {"pay_by", `"tomorrow"`, "api.time", "pay_by"},
		{"pay_by", `"2026-11-14T04:00:00.000001Z"`, "place.pay_by", "pay_by"},
		{"pay_by", `"2026-11-11T04:00:00Z"`, "place.pay_by", "pay_by"}, {"ship_hours", `0`, "place.ship_hours", "ship_hours"},
		{"category", `"zz"`, "place.category", "category"}, {"price", `1`, "json.unknown", "price"},
	} {
		h.refused(said{h.market, "POST", h.offered(), terms(x.name, x.value), 400, x.code, x.field})
	}
	draft := "/operator/campaigns/" + string(h.draft().ID) + "/places"
	none := "/operator/campaigns/cmp_00000000000000000000000000/places"
	forShops := func(at string) string { return strings.Replace(at, "/operator", "/merchant", 1) }
	h.refused(said{h.market, "POST", draft, terms("", ""), 422, "place.channel", ""},
		said{h.market, "POST", none, terms("", ""), 404, "campaign.not_found", ""},
		said{h.market, "GET", none, "", 404, "campaign.not_found", ""},
		said{h.merchant, "GET", forShops(draft), "", 404, "campaign.not_found", ""},
		said{h.merchant, "POST", h.offered(), terms("", ""), 404, "gate.not_found", ""},
		said{h.shopper, "GET", forShops(h.offered()), "", 404, "gate.not_found", ""},
		said{h.market, "GET", "/operator/places/plo_x", "", 404, "place.not_found", ""},
		said{h.market, "GET", "/operator/places/plo_x/bids", "", 404, "place.not_found", ""},
		said{h.market, "POST", "/operator/bids/plb_x/decide", `{"version":1,"shortlist":true}`, 404, "place.no_bid", ""},
		said{h.market, "POST", "/operator/bids/plb_x/decide", `{"version":1}`, 400, "api.required", "shortlist"},
		said{h.market, "POST", "/operator/bids/plb_x/decide", `{"version":"1","shortlist":true}`, 400, "json.type", "version"},
		said{h.merchant, "POST", "/merchant/bids/plb_x/pay", `{"from":"wallet"}`, 400, "place.source", "from"},
		said{h.merchant, "GET", "/merchant/bids?cursor=plo_00000000000000000000000000", "", 400, "api.cursor", "cursor"},
		said{h.market, "GET", h.offered() + "?limit=101", "", 400, "api.limit", "limit"})
	if all := h.did(h.market, 200, "GET", h.offered(), "")["items"].([]any); len(all) != 0 {
		t.Errorf("offered %v", all)
	}
	h.did(h.market, 200, "GET", draft, "")
}

// TestPlacesArePaged: the largest page knows that there is more, and what is over is no more in a shop's list.
func TestPlacesArePaged(t *testing.T) {
	h := openHall(t)
	const n = 102
	for i := range n {
		by := webtest.Start.Add(3 * day)
		if i == 0 {
			by = webtest.Start.Add(day)
		}
		_, err := h.Places.Publish(t.Context(), "lgn_op", place.Offer{Campaign: h.sale.ID, Wave: 1, Places: 1, Currency: "CNY",
			Fee: 1, Terms: place.Fixed, PayBy: by, ShipHours: 24})
		h.Must(err)
	}
	count := func(session, at string) (items int) {
		seen := map[string]bool{}
		for next := ""; ; {
			got := h.did(session, 200, "GET", at+"?limit=100"+next, "")
			for _, o := range got["items"].([]any) {
				seen[o.(map[string]any)["opening"].(string)] = true
			}
			cursor, more := got["next"].(string)
			if !more {
				return len(seen)
			}
			next = "&cursor=" + cursor
		}
	}
	shops := strings.Replace(h.offered(), "/operator", "/merchant", 1)
	if market, shop := count(h.market, h.offered()), count(h.merchant, shops); market != n || shop != n {
		t.Errorf("%d and %d of %d", market, shop, n)
	}
	h.Clock.Advance(day)
	if market, shop := count(h.market, h.offered()), count(h.merchant, shops); market != n || shop != n-1 {
		t.Errorf("%d and %d of %d when one is over", market, shop, n)
	}
}

// TestPlacesAreOfferedOncePerKey: the same call under the same key is one offer, answered byte for byte.
func TestPlacesAreOfferedOncePerKey(t *testing.T) {
	h := openHall(t)
	send := func(body string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), "POST", h.server.URL+prefix+h.offered(), strings.NewReader(body))
		h.Must(err)
		r.Header = http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + h.market},
			idempotency.Header: {"mine"}}
		answer, err := h.server.Client().Do(r)
		h.Must(err)
		defer answer.Body.Close()
		got, err := io.ReadAll(answer.Body)
		h.Must(err)
		return answer.StatusCode, string(got)
	}
	status, first := send(terms("", ""))
	if again, got := send(terms("", "")); status != 201 || again != 201 || got != first {
		t.Errorf("%d %s, then %d %s", status, first, again, got)
	}
	if status, got := send(terms("places", "2")); status != 409 && status != 422 {
		t.Errorf("another offer under the key: %d %s", status, got)
	}
	if all := h.did(h.market, 200, "GET", h.offered(), "")["items"].([]any); len(all) != 1 {
		t.Errorf("%d are offered", len(all))
	}
}
