package api

import (
	"fmt"
	"testing"
)

// TestABalanceIsPaidTogetherOverTheAPI walks a program's way: the open balances, a quote with one, the order of both, one
// payment, and what each order says of it.
func TestABalanceIsPaidTogetherOverTheAPI(t *testing.T) {
	d := openDesk(t)
	item := d.Presell(d.tea, 1800, 200, 400, `{"id":"cross","kind":"crossshop","every":2000,"off":500}`)
	ok := func(method, path, body string) map[string]any {
		t.Helper()
		status, said := d.call(d.shopper, method, path, body)
		if status/100 != 2 {
			t.Fatalf("%s %s: %d %v", method, path, status, said)
		}
		return said
	}
	minor := func(of any) int64 { return int64(of.(map[string]any)["minor"].(float64)) }
	home := ok("POST", "/addresses", `{"country":"CN","division":"330106","recipient":"王小明","phone":"13800138000",
		"street":"文三路 1 号"}`)["address"]
	q := ok("POST", "/quotes", fmt.Sprintf(`{"presale":%q,"address":%q,"lines":[{"offer":%q,"quantity":1}]}`, item.ID, home,
		d.tea.ID))
	owed := ok("POST", "/orders", fmt.Sprintf(`{"token":%q,"agreed":true}`, q["token"]))
	balance := owed["order"].(string)
	ok("POST", "/orders/"+balance+"/payments", `{"wallet":"redbean"}`)
	d.PayNewest(balance)
	d.Tell()
	if all := ok("GET", "/balances", "")["items"].([]any); len(all) != 0 {
		t.Errorf("before it opens: %v", all)
	}
	d.Clock.Set(item.Opens)
	if all := ok("GET", "/balances", "")["items"].([]any); len(all) != 1 || all[0].(map[string]any)["order"] != balance {
		t.Errorf("the open balances are %v", all)
	}
	q = ok("POST", "/quotes", fmt.Sprintf(`{"balances":[%q],"address":%q,"lines":[{"offer":%q,"quantity":1}]}`, balance, home,
		d.cup.ID))
	line := q["balances"].([]any)[0].(map[string]any)
	if minor(q["together"]) != minor(q["total"])+minor(line["amount"]) || minor(line["off"]) < 1 {
		t.Fatalf("%v", q)
	}
	placed := ok("POST", "/orders", fmt.Sprintf(`{"token":%q}`, q["token"]))
	if minor(placed["together"]) != minor(q["together"]) || minor(placed["total"]) != minor(q["total"]) {
		t.Errorf("%v", placed)
	}
	a := ok("POST", "/orders/"+balance+"/payments", `{"wallet":"bluejay"}`)
	same := ok("POST", "/orders/"+placed["order"].(string)+"/payments", `{"wallet":"bluejay"}`)
	if a["attempt"] != same["attempt"] || minor(a["amount"]) != minor(q["together"]) {
		t.Errorf("%v, %v", a, same)
	}
	d.PayNewest(placed["order"].(string))
	for _, id := range []string{balance, placed["order"].(string)} {
		o := ok("GET", "/orders/"+id, "")
		p := ok("GET", "/orders/"+id+"/payments", "")["items"].([]any)[0].(map[string]any)
		if o["state"] != "paid" || o["bill"] != placed["order"] || minor(p["amount"]) != minor(q["together"]) ||
			minor(p["part"]) >= minor(p["amount"]) || p["attempt"] != a["attempt"] {
			t.Errorf("%v, paid by %v", o, p)
		}
	}
}
