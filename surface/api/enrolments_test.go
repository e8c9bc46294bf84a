package api

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"hutong/base/money"
	"hutong/deal/campaign"
	"hutong/goods/offer"
)

// wants is a body that enrols an offer in the first wave at a price.
func wants(o offer.Offer, price int64) string {
	return fmt.Sprintf(`{"offer":%q,"wave":1,"price":{"minor":%d,"currency":"CNY"},"quantity":2,"per_shopper":1}`, o.ID, price)
}

func (h *hall) joins() string { return "/merchant/campaigns/" + string(h.sale.ID) + "/enrolments" }

func TestASaleSaysWhatItAsksFor(t *testing.T) {
	rule := campaign.Rule{Categories: []string{"fb-1", "sg"}, QuantityMin: 5, NewToo: true, FlashRange: true, PenaltyPPM: 50_000,
		Caps: []campaign.Cap{{Category: "sg", Price: 990}}}
	said := joinOf(campaign.Campaign{Plan: campaign.Plan{Rule: rule}}, func(n int64) money.Money { return money.New(n, "CNY") }).Rule
	if !slices.Equal(said.Categories, rule.Categories) || said.QuantityMin != 5 || !said.NewToo || !said.FlashRange ||
		said.PenaltyPPM != 50_000 || !slices.Equal(said.PriceCaps, []capForm{{"sg", money.New(990, "CNY")}}) {
		t.Errorf("%+v", said)
	}
}

// TestAShopTakesPartOverTheAPI is the whole way: the sale is found, an offer enrolled, changed and taken back, and another
// one lost its place with its fee.
func TestAShopTakesPartOverTheAPI(t *testing.T) {
	h := openHall(t)
	sales := h.did(h.merchant, 200, "GET", "/merchant/campaigns", "")["items"].([]any)
	sale := sales[0].(map[string]any)
	wave := sale["waves"].([]any)[0].(map[string]any)
	if len(sales) != 1 || sale["campaign"] != string(h.sale.ID) || sale["channel"] != "juhuasuan" || sale["hourly"] != false ||
		wave["wave"] != 1.0 || wave["from"] != "2026-11-16T04:00:00Z" || sale["until"] != "2026-11-13T04:00:00Z" {
		t.Fatal(sales)
	}
	if all, is := sale["rule"].(map[string]any)["categories"].([]any); !is || len(all) != 0 {
		t.Error("a sale that all are invited to names categories:", sale["rule"])
	}
	e := h.did(h.merchant, 201, "POST", h.joins(), wants(h.tea, 900))
	id := e["enrolment"].(string)
	if e["state"] != "applied" || minor(e["price"]) != 900.0 || e["quantity"] != 2.0 || e["spot"] != true ||
		e["presale"] != false || e["from"] != wave["from"] || e["version"] != 1.0 {
		t.Fatal(e)
	}
	at := "/merchant/enrolments/" + id
	again := h.did(h.merchant, 201, "POST", h.joins(), wants(h.tea, 900))
	if why := again["reasons"].([]any)[0].(map[string]any); again["state"] != "refused" || why["code"] != "enrolment.taken" {
		t.Error(again)
	}
	h.refused(said{h.other, "GET", at, "", 404, "enrolment.not_found", ""},
		said{h.other, "POST", at + "/withdraw", `{"version":1}`, 404, "enrolment.not_found", ""},
		said{h.merchant, "POST", at + "/withdraw", `{"version":2}`, 409, "enrolment.changed", ""})
	change := `{"version":1,"price":{"minor":800,"currency":"CNY"},"quantity":3}`
	if e = h.did(h.merchant, 200, "POST", at+"/change", change); minor(e["price"]) != 800.0 || e["quantity"] != 3.0 {
		t.Error(e)
	}
	if e = h.did(h.merchant, 200, "POST", at+"/withdraw", `{"version":2}`); e["state"] != "withdrawn" {
		t.Error(e)
	}
	h.refused(said{h.merchant, "POST", at + "/withdraw", `{"version":3}`, 410, "enrolment.too_late", ""})
	mine := h.did(h.merchant, 200, "GET", "/merchant/enrolments?limit=1", "")
	first := mine["items"].([]any)[0].(map[string]any)["enrolment"]
	if first != again["enrolment"] || mine["next"] != first {
		t.Error(mine)
	}
	mine = h.did(h.merchant, 200, "GET", fmt.Sprintf("/merchant/enrolments?limit=1&cursor=%s", first), "")
	if all := mine["items"].([]any); len(all) != 1 || all[0].(map[string]any)["enrolment"] != id || mine["next"] != nil {
		t.Error(mine)
	}
	if theirs := h.did(h.other, 200, "GET", "/merchant/enrolments", "")["items"].([]any); len(theirs) != 0 {
		t.Errorf("another shop reads %v", theirs)
	}
	bid := h.bids(h.merchant, h.opening(), h.tea)
	h.owe(h.tea.Shop)
	paid := h.did(h.merchant, 200, "POST", "/merchant/bids/"+bid+"/pay", `{"from":"owed"}`)
	leave := fmt.Sprintf("/merchant/enrolments/%s/withdraw", paid["enrolment"])
	h.did(h.merchant, 200, "POST", leave, `{"version":2}`)
	if b := h.did(h.merchant, 200, "GET", "/merchant/bids/"+bid, ""); b["state"] != "forfeited" {
		t.Error(b)
	}
}

// TestWhatARuleDoesNotBearIsKeptWithItsReasons: the amounts among them are money, and one key enrols once.
func TestWhatARuleDoesNotBearIsKeptWithItsReasons(t *testing.T) {
	h := openHall(t)
	e := h.did(h.merchant, 201, "POST", h.joins(), wants(h.tea, 90_000_000))
	why := e["reasons"].([]any)[0].(map[string]any)
	price := why["amounts"].(map[string]any)["price"]
	if e["state"] != "refused" || why["code"] != "enrolment.not_below" || minor(price) != float64(h.tea.UnitPrice) {
		t.Error(e)
	}
	var ids []any
	for range 2 {
		calls := h.calls // its key is made of it
		ids = append(ids, h.did(h.merchant, 201, "POST", h.joins(), wants(h.tea, 90_000_000))["enrolment"])
		h.calls = calls
	}
	h.calls++
	if ids[0] != ids[1] {
		t.Errorf("one key enrolled %v", ids)
	}
	if all := h.did(h.merchant, 200, "GET", "/merchant/enrolments", "")["items"].([]any); len(all) != 2 {
		t.Errorf("%d enrolments", len(all))
	}
}

// TestWhatIsNoEnrolmentIsRefused names the field as the document calls it, and enrols nothing.
func TestWhatIsNoEnrolmentIsRefused(t *testing.T) {
	h := openHall(t)
	body := wants(h.tea, 900)
	with := func(was, is string) string {
		if !strings.Contains(body, was) {
			t.Fatal(was)
		}
		return strings.Replace(body, was, is, 1)
	}
	for _, x := range []struct {
		body   string
		status int
		code   string
		field  string
	}{
		{with(`"wave":1`, `"wave":2`), 400, "enrolment.slot", "wave"},
		{with(`"wave":1`, `"session":"soon"`), 400, "api.time", "session"},
		{with(`"wave":1`, `"session":"2026-11-16T04:00:00Z"`), 400, "enrolment.slot", "wave"},
		{with(`"CNY"`, `"USD"`), 400, "api.currency", "price.currency"},
		{with(`"minor":900`, `"minor":0`), 400, "enrolment.price", "price"},
		{with(`"quantity":2`, `"quantity":0`), 400, "enrolment.pieces", "quantity"},
		{with(`"quantity":2`, `"strike":{"minor":9900,"currency":"USD"},"quantity":2`), 400, "api.currency", "strike.currency"},
		{with(`"quantity":2`, `"ship_by":"later","quantity":2`), 400, "api.time", "ship_by"},
		{with(string(h.tea.ID), string(h.bowl.ID)), 404, "offer.not_found", ""},
		{with(`"quantity":2`, `"presale":true,"quantity":2`), 400, "enrolment.presale", "earnest"},
		{with(`"quantity":2,`, ``), 400, "api.required", "quantity"},
		{with(`"quantity":2`, `"place":1,"quantity":2`), 400, "json.unknown", "place"},
	} {
		h.refused(said{h.merchant, "POST", h.joins(), x.body, x.status, x.code, x.field})
	}
	none := "/merchant/campaigns/cmp_00000000000000000000000000/enrolments"
	h.refused(said{h.merchant, "POST", none, body, 404, "campaign.not_found", ""},
		said{h.market, "POST", h.joins(), body, 404, "gate.not_found", ""},
		said{h.merchant, "GET", "/merchant/enrolments?cursor=plb_00000000000000000000000000", "", 400, "api.cursor", "cursor"},
		said{h.merchant, "POST", "/merchant/enrolments/enr_x/change", `{"version":1,"price":{"minor":1,"currency":"USD"},"quantity":1}`,
			400, "api.currency", "price.currency"})
	if all := h.did(h.merchant, 200, "GET", "/merchant/enrolments", "")["items"].([]any); len(all) != 0 {
		t.Errorf("enrolled %v", all)
	}
	h.Clock.Advance(2 * day)
	h.refused(said{h.merchant, "POST", h.joins(), body, 422, "enrolment.not_recruiting", ""})
	if all := h.did(h.merchant, 200, "GET", "/merchant/campaigns", "")["items"].([]any); len(all) != 0 {
		t.Errorf("what takes nothing any more can be joined: %v", all)
	}
}

// TestEnrolmentsArePaged: the largest page knows that there is more.
func TestEnrolmentsArePaged(t *testing.T) {
	h := openHall(t)
	const n = 103
	for range n {
		_, err := h.Campaigns.Enrol(t.Context(), campaign.Enrol{Shop: h.tea.Shop, Campaign: h.sale.ID,
			Slot: campaign.Slot{Wave: 1}, Offer: h.tea.ID, Terms: campaign.Terms{Price: 90_000_000, Quantity: 1,
				Part: campaign.Part{Spot: true}}})
		h.Must(err)
	}
	seen := map[string]bool{}
	for next := ""; ; {
		got := h.did(h.merchant, 200, "GET", "/merchant/enrolments?limit=100"+next, "")
		for _, e := range got["items"].([]any) {
			seen[e.(map[string]any)["enrolment"].(string)] = true
		}
		cursor, more := got["next"].(string)
		if !more {
			break
		}
		next = "&cursor=" + cursor
	}
	if len(seen) != n {
		t.Errorf("%d of %d", len(seen), n)
	}
}
