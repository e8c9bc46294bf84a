package node_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestThePurchase walks the whole way over HTTP: found in two Chinese characters, paid at the wallet's page, shipped,
// received, settled.
func TestThePurchase(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.guest("a")
		found := a.must(200, "GET", "/api/v1/products?q=茶杯", "").items()
		if len(found) != 1 {
			t.Fatalf("茶杯 found %v", found)
		}
		cup := found[0]["skus"].([]any)[0].(map[string]any)["offer"].(string)
		if cup != string(m.offers[0].ID) {
			t.Fatalf("茶杯 found offer %s, want %s", cup, m.offers[0].ID)
		}
		a.must(200, "PUT", "/api/v1/cart/lines/"+cup, `{"quantity":2}`)
		a.must(200, "PUT", "/api/v1/cart/lines/"+string(m.offers[1].ID), `{"quantity":2}`)
		if n := len(a.must(200, "GET", "/api/v1/cart", "").items()); n != 2 {
			t.Fatalf("%d lines in the cart", n)
		}
		order := a.order(2, m.offers...)
		path := "/api/v1/orders/" + order
		a.payAt(a.begin(order, "redbean"))
		m.state(a, path, "paid")
		for i, shop := range []string{"merchant-x", "merchant-y"} {
			x := m.login(shop)
			if n := len(x.must(200, "GET", "/api/v1/merchant/orders?filter=to_ship", "").items()); n != 1 {
				t.Fatalf("%s has %d orders to ship", shop, n)
			}
			x.must(400, "GET", "/api/v1/merchant/orders?filter=paid", "")
			part := fmt.Sprintf("%s/suborders/%d", order, i+1)
			x.must(201, "POST", "/api/v1/merchant/orders/"+part+"/ship", `{}`)
			a.must(200, "POST", "/api/v1/orders/"+part+"/receive", `{}`)
		}
		m.state(a, path, "completed")
		m.settle()
		m.clock.Advance(48 * time.Hour)
		if n, err := m.Settle.CloseAll(t.Context(), m.clock.Now().Truncate(24*time.Hour)); err != nil || n == 0 {
			t.Fatalf("closed %d statements: %v", n, err)
		}
		statements := m.login("merchant-x").must(200, "GET", "/api/v1/merchant/statements", "").items()
		if len(statements) != 1 || statements[0]["due"].(map[string]any)["minor"] != float64(2*1990-24) { // 0.6 % of 3,980 is 23.88
			t.Fatalf("statements: %v", statements)
		}
		m.audit()
	})
}

// state fails the test unless the order is in that state.
func (m *market) state(c *caller, path, want string) {
	m.t.Helper()
	if got := c.must(200, "GET", path, ""); got.text("state") != want {
		m.t.Fatalf("the order is %s, want %s: %s", got.text("state"), want, got.body)
	}
}

// TestR14_BothWalletsOverHTTP: one paid order, and the other payment goes back by itself.
func TestR14_BothWalletsOverHTTP(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.guest("a")
		order := a.order(1, m.offers[0])
		red, blue := a.begin(order, "redbean"), a.begin(order, "bluejay")
		a.payAt(red)
		a.payAt(blue)
		m.settle()
		m.state(a, "/api/v1/orders/"+order, "paid")
		refunds, err := m.Pay.Refunds(t.Context(), order)
		m.ok(err)
		if len(refunds) != 1 || refunds[0].Wallet != "bluejay" || refunds[0].Done.IsZero() {
			t.Fatalf("refunds: %+v", refunds)
		}
		if page := a.call("GET", blue, ""); !strings.Contains(string(page.body), "已退款</dt><dd>¥25.90") {
			t.Fatalf("the wallet's page: %s", page.body)
		}
		m.audit()
	})
}

// TestR1_RepeatedWriteOverHTTP: same key and body, same bytes; on another body the key is refused (R2).
func TestR1_RepeatedWriteOverHTTP(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.guest("a")
		send := func(key, body string) answer {
			r := a.request("POST", "/api/v1/addresses", body)
			if r.Header.Set("Idempotency-Key", key); key == "" {
				r.Header.Del("Idempotency-Key")
			}
			return a.send(r)
		}
		first, again := send("one", addressBody), send("one", addressBody)
		if first.status != 201 || again.status != 201 || string(first.body) != string(again.body) ||
			first.header.Get("Idempotent-Replay") != "" || again.header.Get("Idempotent-Replay") != "true" {
			t.Fatalf("first %d %s, again %d %v %s", first.status, first.body, again.status, again.header, again.body)
		}
		if n := len(a.must(200, "GET", "/api/v1/addresses", "").items()); n != 1 {
			t.Fatalf("%d addresses", n)
		}
		other := strings.Replace(addressBody, "7", "8", 1)
		send("one", other).problem(t, 422, "idempotency.mismatch")
		send("", addressBody).problem(t, 400, "api.key_missing")
		if got := m.guest("b"); got.must(201, "POST", "/api/v1/addresses", addressBody).text("address") == first.text("address") {
			t.Fatal("another shopper's key gave this shopper's reply")
		}

		token := a.quote(1, m.offers[0])
		body := fmt.Sprintf(`{"token":%q}`, token)
		placed, twice := a.must(201, "POST", "/api/v1/orders", body), a.must(201, "POST", "/api/v1/orders", body)
		if string(placed.body) != string(twice.body) || twice.header.Get("Idempotent-Replay") != "true" {
			t.Fatalf("placed %s, twice %v %s", placed.body, twice.header, twice.body)
		}
		a.refused(422, "checkout.mismatch", "POST", "/api/v1/orders", fmt.Sprintf(`{"token":%q,"remark":"other"}`, token))
		m.audit()
	})
}

// TestR2_SameKeyOtherWallet: beginning to pay takes two transactions with the wallet's call between them; a key that was
// used is refused before the first one has written anything.
func TestR2_SameKeyOtherWallet(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.guest("a")
		path := "/api/v1/orders/" + a.order(1, m.offers[0]) + "/payments"
		send := func(key, wallet string) answer {
			r := a.request("POST", path, fmt.Sprintf(`{"wallet":%q}`, wallet))
			r.Header.Set("Idempotency-Key", key)
			return a.send(r)
		}
		first, again := send("one", "redbean"), send("one", "redbean")
		if first.status != 201 || string(first.body) != string(again.body) ||
			again.header.Get("Idempotent-Replay") != "true" {
			t.Fatalf("first %d %s, again %d %v %s", first.status, first.body, again.status, again.header, again.body)
		}
		send("one", "bluejay").problem(t, 422, "idempotency.mismatch")
		if n := len(a.must(200, "GET", path, "").items()); n != 1 {
			t.Fatalf("%d attempts", n)
		}
		if other := send("two", "redbean"); other.text("attempt") != first.text("attempt") {
			t.Fatalf("an open attempt is given again: %s", other.body)
		}
		m.audit()
	})
}

// TestEveryWriteAsksForAKey goes over the document's own list: a write without a key is refused before it has an effect.
func TestEveryWriteAsksForAKey(t *testing.T) {
	m := open(t, onSQLite(t))
	callers := map[string]*caller{"shopper": m.guest("a"), "merchant": m.login("merchant-x"), "operator": m.login("operator")}
	keyless := map[string]bool{"api.session.open": true, "api.session.close": true, "api.quote": true, "api.order.place": true,
		"api.case.look": true}
	asked := 0
	for _, row := range m.routes {
		if !strings.HasPrefix(row.Name, "api.") || row.Method == "GET" || keyless[row.Name] {
			continue
		}
		asked++
		c := callers[string(row.Roles[0])]
		r := c.request(row.Method, row.Path, `{}`)
		r.Header.Del("Idempotency-Key")
		c.send(r).problem(t, 400, "api.key_missing")
	}
	if asked < 8 {
		t.Fatalf("only %d writes were found", asked)
	}
}

// TestRefusalsSpeakBothLanguages holds problems to RFC 9457 in the caller's language.
func TestRefusalsSpeakBothLanguages(t *testing.T) {
	m := open(t, onSQLite(t))
	a := m.guest("a")
	for lang, want := range map[string]string{"zh-CN": "没有这个订单", "en": "there is no such order"} {
		a.lang = lang
		got := a.refused(404, "order.not_found", "GET", "/api/v1/orders/ord_00000000000000000000000000", "")
		if got.text("detail") != want || got.header.Get("Content-Language") != lang {
			t.Errorf("%s: %v %s", lang, got.header, got.body)
		}
	}
	m.anonymous().refused(401, "login.session", "GET", "/api/v1/orders", "")
	m.anonymous().refused(404, "gate.not_found", "GET", "/api/v1/nothing", "")
}

// TestOrdersPageByCursor reads a list in pieces: nothing twice, nothing left out.
func TestOrdersPageByCursor(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a, b := m.guest("a"), m.guest("b")
		var placed []string
		for range 5 {
			m.clock.Advance(time.Second)
			placed = append(placed, a.order(1, m.offers[0]))
			b.order(1, m.offers[0])
		}
		var seen []string
		cursor := ""
		for range 5 {
			page := a.must(200, "GET", "/api/v1/orders?limit=2&cursor="+cursor, "")
			for _, o := range page.items() {
				seen = append(seen, o["order"].(string))
			}
			if cursor = page.text("next"); cursor == "" {
				break
			}
		}
		if len(seen) != 5 {
			t.Fatalf("saw %d orders: %v", len(seen), seen)
		}
		for i := range seen {
			if seen[i] != placed[4-i] {
				t.Fatalf("saw %v, placed %v", seen, placed)
			}
		}
		for _, limit := range []string{"0", "101", "-1", "x", "1e2", "99999999999999999999"} {
			if got := a.call("GET", "/api/v1/orders?limit="+limit, ""); got.status != 400 || got.text("field") != "limit" {
				t.Errorf("limit %s: %d %s", limit, got.status, got.body)
			}
		}
		m.oddCursors()
	})
}

// oddCursors asks every list of the document for what is no cursor of it.
func (m *market) oddCursors() {
	m.t.Helper()
	a, x, o := m.guest("odd"), m.login("merchant-x"), m.login("operator")
	lists := 0
	for path, ops := range m.document().Paths {
		if !strings.Contains(string(ops["get"]), `"name":"cursor"`) {
			continue
		}
		lists++
		who := a
		if strings.HasPrefix(path, "/merchant") {
			who = x
		} else if strings.HasPrefix(path, "/operator") {
			who = o
		}
		for _, odd := range []string{"%27", "zzz", "%00", "~", "ord_", "0", "0.x", "adr_01m73yf0000vjfa2n427jap67z",
			strings.Repeat("9", 5000)} {
			if got := who.call("GET", "/api/v1"+path+"?cursor="+odd, ""); got.status != 400 || odd != "%00" && got.text("field") != "cursor" {
				m.t.Errorf("%s, cursor %.20s: %d %s", path, odd, got.status, got.body)
			}
		}
	}
	if lists < 10 {
		m.t.Errorf("the document has %d lists", lists)
	}
}

// apiSchema is what the document says of a body.
type apiSchema struct {
	Ref        string `json:"$ref"`
	Type       any
	Properties map[string]apiSchema
	Items      *apiSchema
}

// apiDocument is the API's document: its operations as they stand there, by path and method.
type apiDocument struct {
	Paths      map[string]map[string]json.RawMessage
	Components struct{ Schemas map[string]apiSchema }
}

func (m *market) document() (doc apiDocument) {
	m.t.Helper()
	var short bytes.Buffer
	if err := json.Compact(&short, m.anonymous().must(200, "GET", "/api/openapi.json", "").body); err != nil {
		m.t.Fatal(err)
	}
	if err := json.Unmarshal(short.Bytes(), &doc); err != nil {
		m.t.Fatal(err)
	}
	return doc
}

// TestA27_OneRequestIsBounded: a basket of more lines than an order may have, and a page of more items than a list gives,
// are refused before any of them is looked at.
func TestA27_OneRequestIsBounded(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.guest("a")
		lines := strings.Repeat(`{"offer":"off_01jcdefghjkmnpqrstvwxyz012","quantity":1},`, 900)
		a.refused(400, "checkout.lines", "POST", "/api/v1/quotes", `{"lines":[`+strings.TrimSuffix(lines, ",")+`]}`)
		a.refused(413, "gate.body", "POST", "/api/v1/quotes", `{"lines":[`+strings.Repeat(lines, 20)+`]}`)
		for _, path := range []string{"/api/v1/orders", "/api/v1/products"} {
			a.refused(400, "api.limit", "GET", path+"?limit=100000", "")
		}
	})
}
