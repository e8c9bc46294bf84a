package node_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hutong/goods/catalog/taxonomy"
	"hutong/party/login"
	"hutong/surface/gate"
)

// secrets are words of shopper A's order that only A, the seller and the operator may read.
var secrets = []string{"独孤求败", "13912345678", "暗香路", "悄悄话"}

// crowd is everybody of FAULTS A1 that exists: the shopper A whose order it is, the merchant X who sold, and others.
type crowd struct {
	*market
	order, bill string
	who         []*caller
	role        map[*caller]login.Role
	mine        map[*caller]bool // may read A's order
}

func gather(t *testing.T, m *market) *crowd {
	t.Helper()
	a, b := m.guest("a"), m.guest("b")
	x, y, o := m.login("merchant-x"), m.login("merchant-y"), m.login("operator")
	n := m.anonymous()
	c := &crowd{market: m, order: a.order(2, m.offers[0]), who: []*caller{n, b, y, a, x, o}, // those who change nothing first
		role: map[*caller]login.Role{n: login.Anonymous, a: login.Shopper, b: login.Shopper, x: login.Merchant,
			y: login.Merchant, o: login.Operator},
		mine: map[*caller]bool{a: true, x: true, o: true}}
	page := a.begin(c.order, "redbean")
	c.bill = page[strings.LastIndex(page, "/")+1:]
	return c
}

var hole = regexp.MustCompile(`\{[^}]*\}`)

// fill puts A's and X's objects into the path of a route.
func (c *crowd) fill(path string) string {
	known := map[string]string{"order": c.order, "shop": string(c.shops[0].ID), "code": c.shops[0].Code,
		"product": c.offers[0].Product, "offer": string(c.offers[0].ID), "sku": c.offers[0].SKU, "seq": "1",
		"wallet": "redbean", "bill": c.bill, "category": "el", "picture": "none", "token": "none", "size": "s", "file": "none.css",
		"component": "none", "statement": "stm_00000000000000000000000000", "job": "none", "run": "imp_00000000000000000000000000",
		"endpoint": "whe_00000000000000000000000000", "login": "lgn_00000000000000000000000000", "item": "enr_00000000000000000000000000", "campaign": "cmp_00000000000000000000000000",
		"opening": "plo_00000000000000000000000000", "bid": "plb_00000000000000000000000000", "enrolment": "enr_00000000000000000000000000",
		"promotion": "prm_00000000000000000000000000", "template": "vtp_00000000000000000000000000",
		"hold": "dph_00000000000000000000000000", "refund": "rfd_00000000000000000000000000", "programme": "rfp_00000000000000000000000000", "segment": "seg_00000000000000000000000000",
		"group_offer": "gof_00000000000000000000000000", "group": "grp_00000000000000000000000000", "request": "apr_00000000000000000000000000", "case": "cas_00000000000000000000000000", "review": "rev_00000000000000000000000000"}
	return hole.ReplaceAllStringFunc(path, func(h string) string {
		name := strings.Trim(h, "{}")
		if name == "$" {
			return ""
		}
		v, ok := known[name]
		if !ok {
			c.t.Errorf("%s: nothing is known for %s", path, h)
		}
		return v
	})
}

// try calls a route as its form says: as a program, or as a page's form does.
func (c *crowd) try(who *caller, row gate.Row, body string) answer {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 20*time.Second)
	defer cancel()
	if row.Name == "shop.order.news" && who.name == "a" {
		return answer{status: 200} // it goes on until the shopper leaves; the pages' own test reads it
	}
	path := c.fill(row.Path)
	if row.Page && row.Method == http.MethodPost {
		return who.form(path, c.fields())
	}
	if row.Method == http.MethodGet {
		body = ""
	}
	return who.send(who.request(row.Method, path, body).WithContext(ctx))
}

func (c *crowd) fields() url.Values {
	return url.Values{"offer": {string(c.offers[0].ID)}, "product": {c.offers[0].Product}, "sku": {c.offers[0].SKU},
		"quantity": {"1"}, "wallet": {"redbean"}, "order": {c.order}, "seq": {"1"}, "shop": {string(c.shops[0].ID)},
		"price": {"1"}, "stock": {"1"}, "next": {"/"}, "back": {"/"}, "key": {"k"}, "kind": {"refund"}, "line": {"1"}}
}

// owned are the routes whose path names an object of one shopper or of one shop.
func owned(row gate.Row) bool {
	if strings.Contains(row.Path, "{order}") {
		return true
	}
	return strings.HasPrefix(row.Name, "api.merchant.") && strings.Contains(row.Path, "{")
}

// TestA1_ForeignObjectsAreNotFound goes over the whole route table as everybody: no route answers 500, nobody reads
// what is another's, and another's object is not found whatever the verb.
func TestA1_ForeignObjectsAreNotFound(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		c := gather(t, m)
		before := string(c.who[3].must(200, "GET", "/api/v1/orders/"+c.order, "").body)
		for _, who := range c.who {
			if c.mine[who] && before != "" {
				if after := string(c.who[3].must(200, "GET", "/api/v1/orders/"+c.order, "").body); after != before {
					t.Fatalf("strangers changed the order from %s to %s", before, after)
				}
				before = ""
			}
			rows := slices.Clone(m.routes)
			slices.SortStableFunc(rows, func(x, y gate.Row) int { return last(x) - last(y) })
			for _, row := range rows {
				c.check(who, row, c.try(who, row, bodies[row.Name]))
			}
		}
		m.audit()
	})
}

// last puts what ends a session, or closes a shop, behind everything else.
func last(row gate.Row) int {
	switch row.Name {
	case "operator.shops.move":
		return 1
	case "api.session.close", "login.leave":
		return 2
	}
	return 0
}

// bodies are such as would do something if it were the caller's own.
var bodies = map[string]string{"api.session.open": `{}`, "api.payment.begin": `{"wallet":"bluejay"}`,
	"api.merchant.price": `{"price":{"minor":1,"currency":"CNY"}}`, "api.merchant.stock": `{"on_hand":50}`,
	"api.merchant.ship": `{}`, "api.order.cancel": `{}`, "api.operator.order.end": `{}`, "api.operator.order.go_on": `{}`,
	"api.presale.fix": `{"balance":{"minor":1,"currency":"CNY"}}`, "api.order.receive": `{}`, "api.cart.put": `{"quantity":1}`,
	"api.merchant.deposit.appeal": `{"appeal":"x"}`, "hook.pay": `{}`, "api.guarantee.claim": `{"line":1}`,
	"api.merchant.group.turn": `{"to":"withdrawn"}`, "api.case.ask": `{"lines":[],"reason":"other"}`,
	"api.case.look":            `{"lines":[],"reason":"other"}`,
	"api.merchant.case.refuse": `{"note":"x"}`, "api.operator.case.refuse": `{"note":"x"}`,
	"api.operator.case.refund": `{"note":"x"}`, "api.merchant.place.bid": `{"enrolment":"enr_x"}`,
	"api.merchant.bid.retract": `{"version":1}`, "api.merchant.bid.pay": `{"from":"owed"}`,
	"api.merchant.enrolment.enrol":    `{"offer":"off_x","wave":1,"price":{"minor":1,"currency":"CNY"},"quantity":1}`,
	"api.merchant.enrolment.change":   `{"version":1,"price":{"minor":1,"currency":"CNY"},"quantity":1}`,
	"api.merchant.enrolment.withdraw": `{"version":1}`,
	"api.operator.place.call_off":     `{"version":1}`, "api.operator.bid.decide": `{"version":1,"shortlist":true}`}

func (c *crowd) check(who *caller, row gate.Row, got answer) {
	c.t.Helper()
	say := fmt.Sprintf("%s: %s %s: %d", who.name, row.Method, row.Path, got.status)
	if got.status >= 500 || got.status < 200 {
		c.t.Errorf("%s %s", say, got.body)
	}
	may := slices.Contains(row.Roles, c.role[who])
	want := []int{http.StatusNotFound}
	switch {
	case c.role[who] == login.Anonymous && row.Page:
		want = []int{http.StatusSeeOther}
	case c.role[who] == login.Anonymous:
		want = []int{http.StatusUnauthorized}
	case row.Page && who.name != "merchant-x" && who.name != "merchant-y" && who.name != "operator" && !may:
		want = []int{http.StatusSeeOther, http.StatusNotFound} // a guest may yet log in
	}
	if (!may || owned(row) && !c.mine[who]) && !slices.Contains(want, got.status) {
		c.t.Errorf("%s, want %v: %.300s", say, want, got.body)
	}
	if c.mine[who] {
		return
	}
	for _, secret := range secrets {
		if strings.Contains(string(got.body), secret) {
			c.t.Errorf("%s shows %s", say, secret)
		}
	}
}

// TestA1_ReferencesInsideTheBody: an id in the body is an object too.
func TestA1_ReferencesInsideTheBody(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a, b := m.guest("a"), m.guest("b")
		address := a.must(201, "POST", "/api/v1/addresses", addressBody).text("address")
		line := fmt.Sprintf(`{"offer":%q,"quantity":1}`, m.offers[0].ID)
		b.refused(404, "shopper.address_not_found", "POST", "/api/v1/quotes",
			fmt.Sprintf(`{"lines":[%s],"address":%q}`, line, address))
		b.refused(400, "checkout.token", "POST", "/api/v1/orders", fmt.Sprintf(`{"token":%q}`, a.quote(1, m.offers[0])))
		got := b.must(200, "POST", "/api/v1/quotes", `{"lines":[{"offer":"off_00000000000000000000000000","quantity":1}]}`)
		if got.text("token") != "" || !strings.Contains(string(got.body), "offer.not_found") {
			t.Errorf("an unknown offer was quoted: %s", got.body)
		}
		if n := len(b.must(200, "GET", "/api/v1/orders", "").items()); n != 0 {
			t.Errorf("b has %d orders", n)
		}
	})
}

// TestA4_UnknownAndDuplicateFields, with M1, M4 and M20 at the surface: all refused with the field, and nothing
// changes.
func TestA4_UnknownAndDuplicateFields(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a, x := m.guest("a"), m.login("merchant-x")
		cart := "/api/v1/cart/lines/" + string(m.offers[0].ID)
		a.must(200, "PUT", cart, `{"quantity":3}`)
		price := "/api/v1/merchant/offers/" + string(m.offers[0].ID) + "/price"
		stock := "/api/v1/merchant/skus/" + m.offers[0].SKU + "/stock"
		deep := strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)
		for _, c := range []struct {
			who               *caller
			method, path      string
			body, code, field string
		}{
			{a, "PUT", cart, `{"quantity":1,"price":1}`, "json.unknown", "price"},
			{a, "PUT", cart, `{"quantity":1,"quantity":2}`, "json.duplicate", "quantity"},
			{a, "PUT", cart, `{"Quantity":1}`, "json.unknown", "Quantity"},
			{a, "PUT", cart, ``, "api.required", "quantity"},
			{a, "PUT", cart, `{}`, "api.required", "quantity"},
			{a, "PUT", cart, `{"quantity":null}`, "api.required", "quantity"}, // M1
			{a, "PUT", cart, `{"quantity":-1}`, "json.type", "quantity"},
			{a, "PUT", cart, `{"quantity":1.5}`, "json.type", "quantity"},
			{a, "PUT", cart, `{"quantity":"1e3"}`, "json.type", "quantity"},
			{a, "PUT", cart, `{"quantity":9223372036854775808}`, "json.type", "quantity"},
			{a, "PUT", cart, `{"quantity":10000}`, "cart.quantity", "quantity"},
			{a, "PUT", cart, `{"quantity":1e400}`, "json.type", "quantity"}, // M20
			{a, "PUT", cart, `{"quantity":` + deep + `}`, "json.too_deep", ""},
			{a, "PUT", cart, `[]`, "json.object", ""},
			{a, "PUT", cart, `{"quantity":1`, "json.malformed", ""},
			{a, "POST", "/api/v1/orders", `{"token":"x","state":"paid"}`, "json.unknown", "state"},
			{a, "POST", "/api/v1/orders", `{"token":"x","token":"y"}`, "json.duplicate", "token"},
			{a, "POST", "/api/v1/orders", `{}`, "checkout.token", "token"},
			{a, "POST", "/api/v1/sessions", `{"role":"operator"}`, "json.unknown", "role"},
			{a, "POST", "/api/v1/quotes", `{"lines":[{"offer":"x","quantity":1.5}]}`, "json.type", "lines.0.quantity"},
			{a, "POST", "/api/v1/quotes", `{"lines":[{"offer":"x","quantity":0}]}`, "checkout.quantity", "lines.0.quantity"},
			{x, "PUT", price, `{"price":{"minor":0.005,"currency":"CNY"}}`, "json.type", "price.minor"}, // M4
			{x, "PUT", price, `{"price":{"minor":1e3,"currency":"CNY"}}`, "json.type", "price.minor"},
			{x, "PUT", price, `{"price":{"minor":"１２","currency":"CNY"}}`, "json.type", "price.minor"},
			{x, "PUT", price, `{"price":{"minor":NaN,"currency":"CNY"}}`, "json.malformed", "price.minor"},
			{x, "PUT", price, `{"price":{"minor":5,"currency":"XXQ"}}`, "api.money", "price"},
			{x, "PUT", stock, `{}`, "api.required", "on_hand"},
		} {
			got := c.who.call(c.method, c.path, c.body)
			if got.status != 400 || got.text("code") != c.code || got.text("field") != c.field {
				t.Errorf("%s %s %.60s: %d %s, want %s at %q", c.method, c.path, c.body, got.status, got.body, c.code, c.field)
			}
		}
		large := a.call("PUT", cart, `{"quantity":1,"note":"`+strings.Repeat("x", 70_000)+`"}`)
		large.problem(t, http.StatusRequestEntityTooLarge, "gate.body")
		lines := a.must(200, "GET", "/api/v1/cart", "").items()
		if len(lines) != 1 || lines[0]["quantity"] != float64(3) {
			t.Errorf("a refused call changed the cart: %v", lines)
		}
	})
}

// TestOddCharacters: a NUL or broken UTF-8, which PostgreSQL takes in no text, is the caller's mistake and not a
// defect.
func TestOddCharacters(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		a := m.guest("a")
		for _, path := range []string{"/orders?cursor=%00", "/orders?cursor=%ff", "/products?q=%00", "/products?q=%e8%8c",
			"/products?cursor=%00", "/products?category=%00", "/shops/%00", "/shops/%ff", "/orders/%00", "/products/a%00b"} {
			if got := a.call("GET", "/api/v1"+path, ""); got.status < 400 || got.status >= 500 {
				t.Errorf("%s: %d %s", path, got.status, got.body)
			}
		}
		for _, body := range []string{strings.Replace(addressBody, "7", `\u0000`, 1), strings.Replace(addressBody, "7", "\xff", 1)} {
			if got := a.call("POST", "/api/v1/addresses", body); got.status != 400 {
				t.Errorf("%s: %d %s", body, got.status, got.body)
			}
		}
		for _, remark := range []string{`\u0000`, `\ud800`, "\xff"} {
			body := fmt.Sprintf(`{"token":%q,"remark":"%s"}`, a.quote(1, m.offers[0]), remark)
			if got := a.call("POST", "/api/v1/orders", body); got.status != 400 {
				t.Errorf("remark %s: %d %s", remark, got.status, got.body)
			}
		}
		m.login("operator").refused(400, "api.text", "POST", "/api/v1/operator/shops",
			`{"code":"nul","name":{"zh":"\u0000","en":"x"},"intro":{"zh":"","en":""}}`)
		r := a.request("POST", "/api/v1/addresses", addressBody)
		r.Header.Set("Idempotency-Key", "\xff")
		if got := a.send(r); got.status != 400 {
			t.Errorf("key: %d %s", got.status, got.body)
		}
	})
}

// TestX16_DatesAreHeldToTheirRange: a date that is none, or is out of reach, is refused at the surface.
func TestX16_DatesAreHeldToTheirRange(t *testing.T) {
	m := open(t, onSQLite(t))
	o := m.login("operator")
	categories := taxonomy.Roots() // one change of a fee is open per scope
	for from, status := range map[string]int{
		"1970-01-01T00:00:00Z": 422, "0000-01-01T00:00:00Z": 422, "0001-01-01T00:00:00Z": 422,
		"2027-02-29T00:00:00Z": 400, "10000-01-01T00:00:00Z": 400, "2028-02-29T24:00:00Z": 400, "": 400, "tomorrow": 400,
		"2028-02-29T00:00:00Z": 202, "2038-01-19T03:14:08Z": 202, "9999-12-31T23:59:59Z": 202,
	} {
		body := fmt.Sprintf(`{"scope":"category","id":%q,"ppm":5000,"from":%q}`, categories[0].ID, from)
		categories = categories[1:]
		if got := o.call("POST", "/api/v1/operator/fees", body); got.status != status || status != 202 && got.text("field") != "from" {
			t.Errorf("a fee from %q: %d %s, want %d", from, got.status, got.body, status)
		}
	}
	m.clock.Set(time.Date(2038, 1, 19, 3, 14, 8, 0, time.UTC))
	a := m.guest("a")
	order := a.must(200, "GET", "/api/v1/orders/"+a.order(1, m.offers[0]), "")
	if !strings.HasPrefix(order.text("placed_at"), "2038-01-19T03:14:0") {
		t.Errorf("an order of 2038 says %s", order.text("placed_at"))
	}
}

// TestX18_APanicIsOneRequests: a handler that panics costs its own request an answer of 500, and nobody else's.
func TestX18_APanicIsOneRequests(t *testing.T) {
	m := open(t, onSQLite(t), gate.Route{Name: "test.panic", Method: http.MethodGet,
		Path: "/api/panic", Roles: gate.Anyone(), Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			panic("secret of a defect")
		})})
	a := m.guest("a")
	for range 3 {
		got := a.refused(500, "internal.error", "GET", "/api/panic", "")
		if strings.Contains(string(got.body), "secret") {
			t.Errorf("the answer shows the panic: %s", got.body)
		}
		a.must(200, "GET", "/api/v1/products?q=茶杯", "")
	}
	a.order(1, m.offers[0])
	m.audit()
}
