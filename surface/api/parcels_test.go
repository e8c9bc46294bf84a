package api

import (
	"fmt"
	"testing"
	"time"

	"hutong/trade/ship"
)

// within goes into what the API said: names and positions.
func within(t *testing.T, said any, path ...any) any {
	t.Helper()
	for _, p := range path {
		var there bool
		switch v := said.(type) {
		case map[string]any:
			said, there = v[p.(string)]
		case []any:
			if i := p.(int); i < len(v) {
				said, there = v[i], true
			}
		}
		if !there {
			t.Fatalf("no %v of %v in %v", p, path, said)
		}
	}
	return said
}

// TestAPickupFromQuoteToStatement: a program finds out where a parcel can be fetched, chooses the place, shows its shopper
// the code, and the shop's program hands the parcel out; what it earned stands in a statement down to its lines.
func TestAPickupFromQuoteToStatement(t *testing.T) {
	d := openDesk(t)
	shop := d.cup.Shop
	d.Must(d.Ship.SavePoint(t.Context(), shop, ship.Point{Code: "gate", Zh: "东门", En: "East gate", Address: "胡同 1 号"}))
	home := d.did(d.shopper, 201, "POST", "/addresses", `{"country":"CN","division":"330106","recipient":"王小明",
		"phone":"13800138000","street":"文三路 1 号"}`)["address"]
	quote := func(want int, carriers string) map[string]any {
		return d.did(d.shopper, want, "POST", "/quotes", fmt.Sprintf(`{"address":%q,"lines":[{"offer":%q,"quantity":2},
			{"offer":%q,"quantity":1}],"carriers":{%s}}`, home, d.cup.ID, d.tea.ID, carriers))
	}
	ways := within(t, quote(200, ""), "shops", 0, "carriers").([]any)
	var points []any
	for _, w := range ways {
		if within(t, w, "carrier") == "selfpickup" {
			points = within(t, w, "points").([]any)
		}
	}
	if len(points) != 1 || within(t, points[0], "name", "en") != "East gate" || within(t, points[0], "address") != "胡同 1 号" {
		t.Fatalf("points: %v", points)
	}
	for _, wrong := range []string{"", `,"pickup":"west"`} {
		said := quote(422, fmt.Sprintf(`%q:{"carrier":"selfpickup"%s}`, shop, wrong))
		if said["code"] != "checkout.pickup" || said["field"] != "pickup" {
			t.Errorf("%v", said)
		}
	}
	q := quote(200, fmt.Sprintf(`%q:{"carrier":"selfpickup","pickup":%q}`, shop, within(t, points[0], "code")))
	id := d.did(d.shopper, 201, "POST", "/orders", fmt.Sprintf(`{"token":%q}`, q["token"]))["order"].(string)
	d.did(d.shopper, 201, "POST", "/orders/"+id+"/payments", `{"wallet":"redbean"}`)
	d.PayNewest(id)
	sent := d.did(d.merchant, 201, "POST", "/merchant/orders/"+id+"/suborders/1/ship", `{}`)
	shown := within(t, d.did(d.shopper, 200, "GET", "/orders/"+id+"/parcels", ""), "items", 0)
	code := within(t, shown, "pickup_code").(string)
	if sent["pickup_code"] != nil || len(code) < 8 || within(t, shown, "point") != "gate" {
		t.Fatalf("the shop is told %v, the shopper %v", sent, shown)
	}
	if told := within(t, d.did(d.merchant, 200, "GET", "/merchant/orders/"+id+"/parcels", ""), "items", 0); within(t, told,
		"state") != "booked" || told.(map[string]any)["pickup_code"] != nil {
		t.Errorf("the shop is told %v", told)
	}
	d.did(d.merchant, 404, "GET", "/merchant/orders/ord_other/parcels", "")
	d.did(d.merchant, 404, "POST", "/merchant/pickups", `{"code":"00000000"}`)
	out := d.did(d.merchant, 200, "POST", "/merchant/pickups", fmt.Sprintf(`{"code":%q}`, code))
	if out["order"] != id || out["state"] != "delivered" || within(t, out, "events", 0, "code") != "signed" ||
		out["pickup_code"] != nil {
		t.Errorf("handed out as %v", out)
	}
	if said := d.did(d.merchant, 409, "POST", "/merchant/pickups", fmt.Sprintf(`{"code":%q}`, code)); said["code"] != "ship.picked_up" {
		t.Errorf("%v", said)
	}
	if o := d.did(d.shopper, 200, "GET", "/orders/"+id, ""); o["state"] != "completed" {
		t.Errorf("%v", o)
	}
	d.stated(id)
}

// stated closes the shop's day and holds the statement against its lines, one page for each.
func (d *desk) stated(id string) {
	d.t.Helper()
	d.Clock.Advance(24 * time.Hour)
	_, err := d.Settle.Close(d.t.Context(), d.cup.Shop, d.Clock.Now())
	d.Must(err)
	st := within(d.t, d.did(d.merchant, 200, "GET", "/merchant/statements?limit=1", ""), "items", 0)
	at := "/merchant/statements/" + within(d.t, st, "statement").(string) + "/lines"
	sums, pages, next := map[string]float64{}, 0, ""
	for more := true; more && pages < 9; pages++ {
		said := d.did(d.merchant, 200, "GET", at+"?limit=1&cursor="+next, "")
		for _, l := range said["items"].([]any) {
			if within(d.t, l, "order") != id || within(d.t, l, "kind") != "sale" {
				d.t.Errorf("%v", l)
			}
			for _, what := range []string{"base", "fee", "net"} {
				sums[what] += within(d.t, l, what, "minor").(float64)
			}
		}
		next, more = said["next"].(string)
	}
	minor := func(what string) float64 { return within(d.t, st, what, "minor").(float64) }
	if pages != 2 || sums["base"] != 3970 || sums["base"] != minor("gross") || sums["fee"] != minor("fees") ||
		sums["fee"] != 24 || sums["net"] != minor("due") {
		d.t.Errorf("%d pages, lines sum to %v, the statement is %v", pages, sums, st)
	}
	if left := d.did(d.merchant, 200, "GET", "/merchant/statements?cursor="+within(d.t, st, "statement").(string), ""); len(
		left["items"].([]any)) != 0 || left["next"] != nil {
		d.t.Errorf("after the last: %v", left)
	}
	d.did(d.merchant, 404, "GET", "/merchant/statements/stm_other/lines", "")
	if said := d.did(d.merchant, 400, "GET", at+"?cursor=there", ""); said["code"] != "statement.cursor" {
		d.t.Errorf("%v", said)
	}
}
