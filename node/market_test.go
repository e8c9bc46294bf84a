package node_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/goods/catalog"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/node"
	"hutong/node/demo"
	"hutong/node/verify"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/surface/gate"
	"hutong/trade/checkout"
)

var start = time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)

const password = "correct horse battery"

// market is a whole node behind a real HTTP server, with two shops of one product each.
type market struct {
	*node.Market
	t      *testing.T
	clock  *clock.Manual
	routes []gate.Row
	url    string
	shops  []merchant.Shop
	offers []offer.Offer
	post   *letters

	currency money.Currency
}

// onBoth runs a test over HTTP on every engine that is here, at once.
func onBoth(t *testing.T, test func(t *testing.T, m *market)) {
	t.Helper()
	dbtest.Engines(t,
		func(t *testing.T) { test(t, open(t, onSQLite(t))) },
		func(t *testing.T) { test(t, open(t, dbtest.PostgresURL(t, node.Schemas()...))) })
}

// onSQLite is the address of a database with all tables and nothing in them.
func onSQLite(t *testing.T) string {
	t.Helper()
	return dbtest.SQLiteURL(t, node.Schemas()...)
}

func open(t *testing.T, at string, extra ...gate.Route) *market {
	t.Helper()
	return openIn(t, "CNY", at, extra...)
}

// openIn opens a market of another currency. Its prices are of as many minor units.
func openIn(t *testing.T, c money.Currency, at string, extra ...gate.Route) *market {
	t.Helper()
	m := &market{t: t, clock: clock.NewManual(start), post: &letters{}, currency: c}
	var err error
	m.Market, err = node.Open(t.Context(), node.Config{URL: at, Dir: t.TempDir(), Clock: m.clock, Sender: m.post,
		Logins: login.Settings{Cost: demo.PasswordCost}, Checkout: checkout.Settings{Currency: c}})
	m.ok(err)
	handler, err := m.Handler(extra...)
	m.ok(err)
	m.routes = handler.(interface{ RouteTable() []gate.Row }).RouteTable()
	server := httptest.NewServer(handler)
	m.url = server.URL
	t.Cleanup(func() {
		server.Close()
		if err := m.Market.Close(); err != nil {
			t.Error(err)
		}
	})
	m.stockUp("xi", "青瓷茶杯", "celadon tea cup", 1990)
	m.stockUp("yang", "竹编灯笼", "bamboo lantern", 4500)
	for _, l := range []login.Register{{Role: login.Operator, Name: "operator"},
		{Role: login.Merchant, Name: "merchant-x", Shop: string(m.shops[0].ID)},
		{Role: login.Merchant, Name: "merchant-y", Shop: string(m.shops[1].ID)}} {
		l.Password = password
		_, err := m.Login.Register(t.Context(), l)
		m.ok(err)
	}
	m.ok(m.Start(t.Context()))
	return m
}

// stockUp opens a shop and lists 100 pieces of one product in it.
func (m *market) stockUp(code, zh, en string, price int64) {
	m.t.Helper()
	shop, err := m.Market.Shops.OpenShop(m.t.Context(), merchant.OpenShop{Code: code, Name: text.Entry{Zh: code, En: code}})
	m.ok(err)
	m.list(shop, code, catalog.Words{Zh: zh, En: en}, price)
	m.shops = append(m.shops, shop)
}

// list puts 100 pieces of one product up in a shop.
func (m *market) list(shop merchant.Shop, code string, title catalog.Words, price int64) {
	m.t.Helper()
	ctx := m.t.Context()
	m.ok(m.DB.Write(ctx, func(tx *db.Tx) error {
		at := m.clock.Now()
		saved, err := m.Catalog.Save(tx, at, []catalog.Product{{Shop: string(shop.ID), Source: "test", ExternalID: code,
			State: catalog.Listed, Title: title,
			SKUs: []catalog.SKU{{ExternalID: "only", WeightG: 300}}}})
		if err != nil {
			return err
		}
		sku := string(saved[0].SKUs[0])
		pools, err := m.Stock.Receive(tx, at, []stock.Receipt{{Shop: string(shop.ID), SKU: sku, Quantity: 100, Ref: "test"}})
		if err != nil {
			return err
		}
		offers, _, err := m.Offers.List(tx, at, []offer.Listing{{Shop: string(shop.ID), Product: string(saved[0].Product),
			SKU: sku, Pool: pools[0], Currency: m.currency, UnitPrice: price}})
		m.offers = append(m.offers, offers...)
		return err
	}))
}

func (m *market) ok(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

// settle runs jobs until they find nothing more to do.
func (m *market) settle() {
	m.t.Helper()
	for _, j := range m.Jobs() {
		switch j.Name {
		case "event.dispatch", "pay.send_refunds", "sandbox.deliver":
			for range 100 {
				n, err := j.Run(m.t.Context())
				m.ok(err)
				if n == 0 {
					break
				}
			}
		}
	}
}

// audit fails the test when the books do not hold.
func (m *market) audit() {
	m.t.Helper()
	m.settle()
	r, err := verify.Run(m.t.Context(), m.DB, verify.Options{Now: m.clock.Now()})
	m.ok(err)
	for _, c := range r.Checks {
		if !c.OK {
			m.t.Errorf("%s (%s): %v", c.Name, c.Rule, c.Violations)
		}
	}
	if len(r.Checks) < 20 {
		m.t.Errorf("only %d checks were made", len(r.Checks))
	}
}

// caller is somebody who calls over HTTP.
type caller struct {
	m     *market
	name  string
	token string
	lang  string
	plain bool // takes no packed answers
	keys  int
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

func (m *market) anonymous() *caller { return &caller{m: m, name: "anonymous"} }

func (m *market) guest(name string) *caller {
	m.t.Helper()
	c := &caller{m: m, name: name}
	c.token = c.must(201, "POST", "/api/v1/sessions", "").text("token")
	return c
}

func (m *market) login(name string) *caller {
	m.t.Helper()
	c := &caller{m: m, name: name}
	c.token = c.must(201, "POST", "/api/v1/sessions", fmt.Sprintf(`{"name":%q,"password":%q}`, name, password)).text("token")
	return c
}

// request makes a call; a write has an Idempotency-Key of its own.
func (c *caller) request(method, path, body string) *http.Request {
	c.m.t.Helper()
	r, err := http.NewRequestWithContext(c.m.t.Context(), method, c.m.url+path, strings.NewReader(body))
	c.m.ok(err)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.lang != "" {
		r.Header.Set("Accept-Language", c.lang)
	}
	if c.plain {
		r.Header.Set("Accept-Encoding", "identity")
	}
	if method != http.MethodGet {
		c.keys++
		r.Header.Set("Idempotency-Key", fmt.Sprint(c.name, "-", c.keys))
	}
	return r
}

// browser follows no redirect: where an answer leads is part of it.
var browser = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func (c *caller) send(r *http.Request) answer {
	c.m.t.Helper()
	got, err := browser.Do(r)
	c.m.ok(err)
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil && r.Context().Err() == nil {
		c.m.t.Fatal(err)
	}
	return answer{got.StatusCode, got.Header, body}
}

func (c *caller) call(method, path, body string) answer {
	c.m.t.Helper()
	return c.send(c.request(method, path, body))
}

func (c *caller) form(path string, fields url.Values) answer {
	c.m.t.Helper()
	r := c.request(http.MethodPost, path, fields.Encode())
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return c.send(r)
}

func (c *caller) must(status int, method, path, body string) answer {
	c.m.t.Helper()
	got := c.call(method, path, body)
	if got.status != status {
		c.m.t.Fatalf("%s: %s %s %s: %d %s, want %d", c.name, method, path, body, got.status, got.body, status)
	}
	return got
}

// refused calls and holds the answer to the shape of RFC 9457.
func (c *caller) refused(status int, code string, method, path, body string) answer {
	c.m.t.Helper()
	got := c.must(status, method, path, body)
	got.problem(c.m.t, status, code)
	return got
}

func (a answer) problem(t *testing.T, status int, code string) {
	t.Helper()
	p := a.tree()
	if a.status != status || p["code"] != code || p["status"] != float64(status) || p["type"] != "urn:hutong:problem:"+code {
		t.Fatalf("%d %s, want %d %s", a.status, a.body, status, code)
	}
	if p["title"] == "" || p["detail"] == "" || p["detail"] == code || p["request_id"] != a.header.Get("X-Request-Id") ||
		a.header.Get("Content-Type") != "application/problem+json" || a.header.Get("Content-Language") == "" {
		t.Fatalf("not RFC 9457: %v %s", a.header, a.body)
	}
}

func (a answer) tree() map[string]any {
	var v map[string]any
	d := json.NewDecoder(bytes.NewReader(a.body))
	if d.Decode(&v) != nil {
		return nil
	}
	return v
}

// text is a top-level string of the answer.
func (a answer) text(name string) string { s, _ := a.tree()[name].(string); return s }

// items are the objects of a list.
func (a answer) items() []map[string]any {
	var v struct{ Items []map[string]any }
	if json.Unmarshal(a.body, &v) != nil {
		return nil
	}
	return v.Items
}

const addressBody = `{"country":"CN","division":"330106","recipient":"独孤求败","phone":"13912345678","street":"暗香路 7 号"}`

// order quotes and places n pieces of each of these offers, and gives the order's id.
func (c *caller) order(n int, offers ...offer.Offer) string {
	c.m.t.Helper()
	return c.must(201, "POST", "/api/v1/orders", fmt.Sprintf(`{"token":%q,"remark":"悄悄话"}`, c.quote(n, offers...))).text("order")
}

func (c *caller) quote(n int, offers ...offer.Offer) string {
	c.m.t.Helper()
	address := c.must(201, "POST", "/api/v1/addresses", addressBody).text("address")
	lines := make([]string, len(offers))
	for i, o := range offers {
		lines[i] = fmt.Sprintf(`{"offer":%q,"quantity":%d}`, o.ID, n)
	}
	q := c.must(200, "POST", "/api/v1/quotes", fmt.Sprintf(`{"lines":[%s],"address":%q}`, strings.Join(lines, ","), address))
	if q.text("token") == "" {
		c.m.t.Fatalf("no token: %s", q.body)
	}
	return q.text("token")
}

// begin begins to pay, and gives the wallet's page behind the QR code.
func (c *caller) begin(order, wallet string) string {
	c.m.t.Helper()
	a := c.must(201, "POST", "/api/v1/orders/"+order+"/payments", fmt.Sprintf(`{"wallet":%q}`, wallet))
	scanned := c.must(303, "GET", "/wallet/scan?qr="+url.QueryEscape(a.text("qr")), "")
	return scanned.header.Get("Location")
}

func (c *caller) payAt(page string) { c.m.t.Helper(); c.payAs(page, "") }

// payAs pays with an account of the wallet; "" is an own one of each bill.
func (c *caller) payAs(page, payer string) {
	c.m.t.Helper()
	if got := c.form(page, url.Values{"do": {"pay"}, "payer": {payer}}); got.status != http.StatusSeeOther {
		c.m.t.Fatalf("paying at %s: %d %s", page, got.status, got.body)
	}
}
