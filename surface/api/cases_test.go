package api

import (
	"context"
	"fmt"
	"testing"
	"time"

	"hutong/trade/order"
	"hutong/trade/ship"
)

// TestARequestIsAskedAndWithdrawnOverTheAPI: a program asks for a piece back and thinks better of it.
func TestARequestIsAskedAndWithdrawnOverTheAPI(t *testing.T) {
	d := openDesk(t)
	did := func(want int, method, path, body string) map[string]any {
		t.Helper()
		status, said := d.call(d.shopper, method, path, body)
		if status != want {
			t.Fatalf("%s %s: %d %v", method, path, status, said)
		}
		return said
	}
	home := did(201, "POST", "/addresses", `{"country":"CN","division":"330106","recipient":"王小明","phone":"13800138000",
		"street":"文三路 1 号"}`)["address"]
	q := did(200, "POST", "/quotes", fmt.Sprintf(`{"address":%q,"lines":[{"offer":%q,"quantity":2}]}`, home, d.cup.ID))
	id := did(201, "POST", "/orders", fmt.Sprintf(`{"token":%q}`, q["token"]))["order"].(string)
	did(201, "POST", "/orders/"+id+"/payments", `{"wallet":"redbean"}`)
	d.PayNewest(id)
	_, err := d.Ship.Dispatch(context.Background(), ship.Dispatch{Shop: d.cup.Shop, Order: order.ID(id), Seq: 1})
	d.Must(err)
	ask := `{"lines":[{"line":1,"quantity":1}],"reason":"damaged","note":"裂了"}`
	c := did(201, "POST", "/orders/"+id+"/suborders/1/cases", ask)
	if c["state"] != "opened" || c["answer_by"] == nil || len(c["lines"].([]any)) != 1 {
		t.Fatalf("%v", c)
	}
	at := "/cases/" + c["case"].(string)
	for range 2 {
		if c = did(200, "POST", at+"/withdraw", `{}`); c["state"] != "withdrawn" || c["closed_at"] == nil {
			t.Fatalf("%v", c)
		}
	}
	if c = did(200, "GET", at, ""); len(c["steps"].([]any)) != 2 {
		t.Errorf("%v", c)
	}
	did(201, "POST", "/orders/"+id+"/suborders/1/cases", `{"lines":[],"reason":"other"}`)
	if all := did(200, "GET", "/cases", "")["items"].([]any); len(all) != 2 || all[0].(map[string]any)["state"] != "opened" {
		t.Errorf("%v", all)
	}
	d.returns(t, did)
	did(404, "POST", "/cases/cas_other/withdraw", `{}`)
	did(422, "POST", "/orders/"+id+"/suborders/1/cases", ask) // both pieces are asked for
}

// returns has the silent shop take the open case back, and say where to.
func (d *desk) returns(t *testing.T, did func(int, string, string, string) map[string]any) {
	t.Helper()
	d.Clock.Advance(6 * 24 * time.Hour)
	_, err := d.Cases.AgreeSilent(context.Background())
	d.Must(err)
	newest := func() map[string]any { return did(200, "GET", "/cases", "")["items"].([]any)[0].(map[string]any) }
	if c := newest(); c["state"] != "agreed" || c["send_to"] != nil || c["back_by"] != nil {
		t.Errorf("%v", c)
	}
	for _, one := range []struct {
		method, body string
		want         int
	}{{"GET", "", 200}, {"PUT", `{"country":"CN","recipient":"李四","phone":"13800138000","street":"文三路 9 号"}`, 400},
		{"PUT", `{"country":"CN","division":"330106","recipient":"李四","phone":"13800138000","street":"文三路 9 号"}`, 200}} {
		if status, said := d.call(d.merchant, one.method, "/merchant/return-address", one.body); status != one.want {
			t.Errorf("%s %s: %d %v", one.method, one.body, status, said)
		}
	}
	c := newest()
	if to, ok := c["send_to"].(map[string]any); !ok || to["street"] != "文三路 9 号" || c["back_by"] == nil {
		t.Errorf("%v", c)
	}
}
