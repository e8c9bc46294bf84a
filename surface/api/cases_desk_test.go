package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"hutong/base/idempotency"
	"hutong/party/login"
	"hutong/surface/page/webtest"
	"hutong/trade/order"
	"hutong/trade/ship"
)

// did is a call that must end so.
func (d *desk) did(session string, want int, method, path, body string) map[string]any {
	d.t.Helper()
	status, said := d.call(session, method, path, body)
	if status != want {
		d.t.Fatalf("%s %s: %d %v, want %d", method, path, status, said, want)
	}
	return said
}

// asksFor buys, receives and asks back pieces, one request for each.
func (d *desk) asksFor(pieces int) (cases []string) {
	d.t.Helper()
	home := d.did(d.shopper, 201, "POST", "/addresses", `{"country":"CN","division":"330106","recipient":"王小明",
		"phone":"13800138000","street":"文三路 1 号"}`)["address"]
	q := d.did(d.shopper, 200, "POST", "/quotes", fmt.Sprintf(`{"address":%q,"lines":[{"offer":%q,"quantity":%d}]}`, home,
		d.cup.ID, pieces))
	id := d.did(d.shopper, 201, "POST", "/orders", fmt.Sprintf(`{"token":%q}`, q["token"]))["order"].(string)
	d.did(d.shopper, 201, "POST", "/orders/"+id+"/payments", `{"wallet":"redbean"}`)
	d.PayNewest(id)
	_, err := d.Ship.Dispatch(context.Background(), ship.Dispatch{Shop: d.cup.Shop, Order: order.ID(id), Seq: 1})
	d.Must(err)
	for range pieces {
		c := d.did(d.shopper, 201, "POST", "/orders/"+id+"/suborders/1/cases",
			`{"lines":[{"line":1,"quantity":1}],"reason":"damaged","note":"裂了"}`)
		cases = append(cases, c["case"].(string))
	}
	return cases
}

// TestAShopAnswersAndTheMarketDecidesOverTheAPI: every word that the pages have, by those who may say it, once however
// often it is sent.
func TestAShopAnswersAndTheMarketDecidesOverTheAPI(t *testing.T) {
	d := openDesk(t)
	d.Login(login.Operator, "market", "")
	d.Login(login.Merchant, "other", d.Shop("other", "别家", "Another"))
	in := func(name string) string {
		return d.session(fmt.Sprintf(`{"name":%q,"password":%q}`, name, webtest.Password))
	}
	market, other := in("market"), in("other")
	c := d.asksFor(6)
	says := func(session string, want int, at, id, word, body, state string) {
		t.Helper()
		path := "/" + at + "/cases/" + id + "/" + word
		for range 2 { // a further word is another request: the verb itself may be repeated
			if got := d.did(session, want, "POST", path, body); want == 200 && got["state"] != state {
				t.Errorf("%s: %v, want %s", path, got["state"], state)
			}
		}
	}
	if all := d.did(d.merchant, 200, "GET", "/merchant/cases?filter=opened", "")["items"].([]any); len(all) != 6 {
		t.Fatalf("the shop reads %v", all)
	}
	says(d.merchant, 200, "merchant", c[0], "agree", `{"restock":true,"note":"好的"}`, "refunded")
	says(d.merchant, 422, "merchant", c[1], "return", `{}`, "") // it has not said where to
	d.did(d.merchant, 200, "PUT", "/merchant/return-address", `{"country":"CN","division":"330106","recipient":"李四",
		"phone":"13800138000","street":"文三路 9 号"}`)
	says(d.merchant, 200, "merchant", c[1], "return", `{"note":"请寄回"}`, "agreed")
	if seen := d.did(market, 200, "GET", "/operator/cases/"+c[1], ""); seen["send_to"] != nil {
		t.Errorf("the market reads where goods go: %v", seen)
	}
	says(d.merchant, 200, "merchant", c[1], "back", `{"restock":true}`, "refunded")
	says(d.merchant, 200, "merchant", c[2], "refuse", `{"note":"没有裂"}`, "refused")
	says(market, 200, "operator", c[3], "refund", `{"note":"看过照片"}`, "refunded")
	says(market, 200, "operator", c[4], "refuse", `{"note":"看过照片"}`, "refused")
	again := d.did(market, 200, "POST", "/operator/cases/"+c[2]+"/refund", `{"note":"照片清楚"}`)
	if again["state"] != "refunded" || again["case"] == c[2] { // what was refused is refunded as a case of its own
		t.Errorf("%v", again)
	}
	for _, x := range []struct {
		session, path, body string
		status              int
		code, field         string
	}{
		{d.merchant, "/merchant/cases/" + c[5] + "/refuse", `{"note":" "}`, 400, "aftersale.note_why", "note"},
		{d.merchant, "/merchant/cases/" + c[5] + "/refuse", `{}`, 400, "api.required", "note"},
		{d.merchant, "/merchant/cases/" + c[5] + "/agree", `{"amount":1}`, 400, "json.unknown", "amount"},
		{d.merchant, "/merchant/cases/" + c[5] + "/back", `{}`, 409, "aftersale.state", ""},
		{d.merchant, "/merchant/cases/" + c[2] + "/agree", `{}`, 409, "aftersale.state", ""},
		{other, "/merchant/cases/" + c[5] + "/agree", `{}`, 404, "aftersale.not_found", ""},
		{market, "/operator/cases/" + c[5] + "/refund", `{"note":""}`, 400, "aftersale.note_why", "note"},
		{market, "/operator/cases/cas_none/refund", `{"note":"x"}`, 404, "aftersale.not_found", ""},
		{d.merchant, "/operator/cases/" + c[5] + "/refund", `{"note":"x"}`, 404, "gate.not_found", ""},
		{d.shopper, "/merchant/cases/" + c[5] + "/agree", `{}`, 404, "gate.not_found", ""},
	} {
		status, said := d.call(x.session, "POST", x.path, x.body)
		if field, _ := said["field"].(string); status != x.status || said["code"] != x.code || field != x.field {
			t.Errorf("%s %s: %d %v, want %d %s at %q", x.path, x.body, status, said, x.status, x.code, x.field)
		}
	}
	if seen := d.did(market, 200, "GET", "/operator/cases?filter=open", "")["items"].([]any); len(seen) != 1 {
		t.Errorf("the market reads %v", seen)
	}
	if status, said := d.call(market, "GET", "/operator/cases?filter=odd", ""); status != 400 || said["field"] != "filter" {
		t.Errorf("%d %v", status, said)
	}
}

// TestAnAnswerIsKeyed: an answer takes a key; the same call gets the same reply, byte for byte, another one a refusal.
func TestAnAnswerIsKeyed(t *testing.T) {
	d := openDesk(t)
	c := d.asksFor(1)[0]
	send := func(key, said string) (int, string, bool) {
		r, err := http.NewRequestWithContext(t.Context(), "POST", d.server.URL+prefix+"/merchant/cases/"+c+"/refuse",
			strings.NewReader(said))
		d.Must(err)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+d.merchant)
		if key != "" {
			r.Header.Set(idempotency.Header, key)
		}
		answer, err := d.server.Client().Do(r)
		d.Must(err)
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		d.Must(err)
		return answer.StatusCode, string(body), answer.Header.Get(idempotency.ReplayHeader) == "true"
	}
	if status, _, _ := send("", `{"note":"a"}`); status != 400 {
		t.Errorf("without a key: %d", status)
	}
	status, first, replayed := send("mine", `{"note":"a"}`)
	if status != 200 || replayed {
		t.Fatalf("%d %s", status, first)
	}
	if status, again, replayed := send("mine", `{"note":"a"}`); status != 200 || again != first || !replayed {
		t.Errorf("again: %d %v %s", status, replayed, again)
	}
	if status, _, _ := send("mine", `{"note":"b"}`); status != 409 && status != 422 {
		t.Errorf("another request under the key: %d", status)
	}
}
