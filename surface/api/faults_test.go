package api

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hutong/base/idempotency"
	"hutong/base/strict"
	"hutong/goods/offer"
	"hutong/party/login"
	"hutong/surface/page/webtest"
)

// The tests of this file are named after the fault that they guard against: what no program may send, refused over
// HTTP with the field that is wrong and a sentence in the caller's language, and nothing changed.

type desk struct {
	*webtest.Market
	t                 *testing.T
	server            *httptest.Server
	tea, cup          offer.Offer
	shopper, merchant string // sessions
	calls             int
}

func openDesk(t *testing.T) *desk {
	t.Helper()
	m := webtest.New(t)
	m.Must(m.DB.Migrate(t.Context(), idempotency.Schema))
	shop := m.Shop("tea", "巷口茶舍", "Corner Tea")
	_, teas := m.Sell(webtest.Goods{Shop: shop, Zh: "龙井茶", En: "Longjing tea", Prices: []int64{1990}, Pieces: 10})
	_, cups := m.Sell(webtest.Goods{Shop: shop, Zh: "茶杯", En: "Cup", Prices: []int64{990}, Pieces: 10})
	m.Login(login.Merchant, "tea", shop)
	routes := Routes(Deps{Reference: m.Campaigns.Reference, Keys: idempotency.New(m.DB, m.Clock, m.IDs, idempotency.Defaults), Logins: m.Logins,
		Shoppers: m.Shoppers, Shops: m.Shops, Catalog: m.Catalog, Offers: m.Offers, Stock: m.Stock, Search: m.Search,
		Ledger: m.Ledger, Settle: m.Settle, Pay: m.Pay, Carts: m.Carts, Checkout: m.Checkout, Orders: m.Orders,
		Ship: m.Ship, Cases: m.Cases, Campaigns: m.Campaigns, Places: m.Places})
	d := &desk{Market: m, t: t, tea: teas[0], cup: cups[0],
		server: httptest.NewServer(m.Handler(m.Pages(Texts, idempotency.Texts, strict.Texts), routes...))}
	t.Cleanup(d.server.Close)
	d.shopper = d.session(`{}`)
	d.merchant = d.session(fmt.Sprintf(`{"name":"tea","password":%q}`, webtest.Password))
	return d
}

func (d *desk) session(body string) string {
	d.t.Helper()
	status, said := d.call("", "POST", "/sessions", body)
	if status != http.StatusCreated {
		d.t.Fatalf("no session: %d %v", status, said)
	}
	return said["token"].(string)
}

func (d *desk) call(session, method, path, body string) (int, map[string]any) {
	d.t.Helper()
	return d.send(session, method, path, strings.NewReader(body))
}

func (d *desk) send(session, method, path string, body io.Reader) (int, map[string]any) {
	d.t.Helper()
	d.calls++
	r, err := http.NewRequestWithContext(d.t.Context(), method, d.server.URL+prefix+path, body)
	d.Must(err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept-Language", "zh-CN")
	r.Header.Set(idempotency.Header, fmt.Sprint("key-", d.calls))
	if session != "" {
		r.Header.Set("Authorization", "Bearer "+session)
	}
	answer, err := d.server.Client().Do(r)
	d.Must(err)
	defer answer.Body.Close()
	var said map[string]any
	d.Must(json.NewDecoder(answer.Body).Decode(&said))
	return answer.StatusCode, said
}

// bad is one request that must be refused.
type bad struct{ session, method, path, body, code, field string }

func (d *desk) refuses(all ...bad) {
	d.t.Helper()
	before := d.state()
	for _, b := range all {
		status, said := d.call(b.session, b.method, b.path, b.body)
		field, _ := said["field"].(string)
		detail, _ := said["detail"].(string)
		if status != http.StatusBadRequest || said["code"] != b.code || field != b.field {
			d.t.Errorf("%s %.50s: %d %v, want %s at %q", b.path, b.body, status, said, b.code, b.field)
		}
		if !strings.ContainsFunc(detail, func(c rune) bool { return c >= 0x4E00 && c <= 0x9FFF }) {
			d.t.Errorf("%s %.50s: not in the caller's language: %q", b.path, b.body, detail)
		}
	}
	if after := d.state(); after != before {
		d.t.Errorf("refused calls changed %s to %s", before, after)
	}
}

// state is everything that the refused calls could have changed.
func (d *desk) state() string {
	d.t.Helper()
	_, cart := d.call(d.shopper, "GET", "/cart", "")
	_, product := d.call("", "GET", "/products/"+d.tea.Product, "")
	_, orders := d.call(d.shopper, "GET", "/orders", "")
	return fmt.Sprint(cart, product, orders)
}

func (d *desk) line() string { return "/cart/lines/" + string(d.tea.ID) }

func (d *desk) price() string { return "/merchant/offers/" + string(d.tea.ID) + "/price" }

func TestM1_QuantitiesThatAreNone(t *testing.T) {
	d := openDesk(t)
	if status, said := d.call(d.shopper, "PUT", d.line(), `{"quantity":3}`); status != http.StatusOK {
		t.Fatal(status, said)
	}
	quote := func(quantity string) string {
		return fmt.Sprintf(`{"lines":[{"offer":%q,"quantity":%s}]}`, d.tea.ID, quantity)
	}
	for _, none := range []string{`1.5`, `"1e3"`, `1e3`, `9223372036854775808`, `true`, `[1]`, `{}`} {
		d.refuses(bad{d.shopper, "PUT", d.line(), `{"quantity":` + none + `}`, "json.type", "quantity"},
			bad{d.shopper, "POST", "/quotes", quote(none), "json.type", "lines.0.quantity"})
	}
	d.refuses(bad{d.shopper, "PUT", d.line(), `{"quantity":-1}`, "json.type", "quantity"},
		bad{d.shopper, "PUT", d.line(), `{"quantity":4294967296}`, "json.type", "quantity"},
		bad{d.shopper, "PUT", d.line(), `{"quantity":10000}`, "cart.quantity", "quantity"},
		bad{d.shopper, "PUT", d.line(), `{"quantity":null}`, "api.required", "quantity"})
	d.refuses(bad{d.shopper, "POST", "/quotes", quote("null"), "api.required", "lines.0.quantity"})
	for _, out := range []string{`0`, `-1`, `10000`, `4294967297`} { // here 0 does not mean "take it out"
		d.refuses(bad{d.shopper, "POST", "/quotes", quote(out), "checkout.quantity", "lines.0.quantity"})
	}
}

// A price that could make a line wrap is refused where it is set, so that no line ever does.
func TestM2_PricesOutOfRange(t *testing.T) {
	d := openDesk(t)
	for minor, code := range map[string]string{`9223372036854775807`: "offer.price", `10000000001`: "offer.price",
		`0`: "offer.price", `-1`: "offer.price"} {
		d.refuses(bad{d.merchant, "PUT", d.price(), `{"price":{"minor":` + minor + `,"currency":"CNY"}}`, code, "price"})
	}
}

func TestM3_TooManyLines(t *testing.T) {
	d := openDesk(t)
	lines := make([]string, 101)
	for i := range lines {
		lines[i] = fmt.Sprintf(`{"offer":"off_%026d","quantity":9999}`, i)
	}
	d.refuses(bad{d.shopper, "POST", "/quotes", `{"lines":[` + strings.Join(lines, ",") + `]}`, "checkout.lines", "lines"})
}

func TestM4_AmountsThatAreNoIntegers(t *testing.T) {
	d := openDesk(t)
	for minor, code := range map[string]string{`0.005`: "json.type", `1e3`: "json.type", `"5"`: "json.type",
		`"１２"`: "json.type", `9223372036854775808`: "json.type", `NaN`: "json.malformed", `１２`: "json.malformed"} {
		d.refuses(bad{d.merchant, "PUT", d.price(), `{"price":{"minor":` + minor + `,"currency":"CNY"}}`, code, "price.minor"})
	}
}

func TestM20_HugeNumbersDeepAndLargeBodies(t *testing.T) {
	d := openDesk(t)
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	d.refuses(
		bad{d.shopper, "PUT", d.line(), `{"quantity":1e400}`, "json.type", "quantity"},
		bad{d.shopper, "PUT", d.line(), `{"quantity":-1E+999999999}`, "json.type", "quantity"},
		bad{d.shopper, "POST", "/quotes", `{"lines":[{"offer":"x","quantity":1e400}]}`, "json.type", "lines.0.quantity"},
		bad{d.merchant, "PUT", d.price(), `{"price":{"minor":1e400,"currency":"CNY"}}`, "json.type", "price.minor"},
		bad{d.shopper, "PUT", d.line(), `{"quantity":` + deep(16) + `}`, "json.too_deep", ""},
		bad{d.shopper, "PUT", d.line(), `{"quantity":` + deep(30_000) + `}`, "json.too_deep", ""},
		bad{d.shopper, "PUT", d.line(), strings.Repeat(`{"quantity":`, 5_000), "json.too_deep", ""},
	)
	before := d.state()
	for name, body := range map[string]string{
		"10^5 levels": `{"quantity":` + deep(100_000) + `}`,
		"70,000":      `{"quantity":1,"note":"` + strings.Repeat("x", 70_000) + `"}`,
		"spaces":      `{"quantity":1` + strings.Repeat(" ", 64<<10) + `}`,
	} {
		for how, r := range map[string]io.Reader{"with its length": strings.NewReader(body),
			"in chunks": io.MultiReader(strings.NewReader(body))} {
			status, said := d.send(d.shopper, "PUT", d.line(), r)
			if status != http.StatusRequestEntityTooLarge || said["code"] != "gate.body" {
				t.Errorf("%s %s: %d %v", name, how, status, said)
			}
		}
	}
	if after := d.state(); after != before {
		t.Errorf("refused calls changed %s to %s", before, after)
	}
	full := `{"quantity":2` + strings.Repeat(" ", 64<<10-len(`{"quantity":2}`)) + `}`
	if status, said := d.call(d.shopper, "PUT", d.line(), full); status != http.StatusOK {
		t.Errorf("the largest body that may come: %d %v", status, said)
	}
}

// A request that says less than it means is refused, and never read as something else.
func TestHalfARequestIsNoOther(t *testing.T) {
	d := openDesk(t)
	d.refuses(
		bad{"", "POST", "/sessions", `{"password":"hutong-demo"}`, "api.required", "name"}, // no guest's session
		bad{d.shopper, "POST", "/quotes", `{"lines":[{"quantity":1}]}`, "api.required", "lines.0.offer"},
		bad{d.shopper, "POST", "/quotes", `{"lines":[null]}`, "api.required", "lines.0"},
		bad{d.merchant, "PUT", d.price(), `{"price":{"minor":1990,"currency":"CNY"},"list_price":{"currency":"CNY"}}`,
			"api.required", "list_price.minor"}, // the struck price is not taken away
		bad{"", "GET", "/products?in_stock=yes", "", "api.truth", "in_stock"},
		bad{"", "GET", "/products?q=tea;limit=1", "", "api.text", ""}, // Go drops such a pair without a word
		bad{"", "GET", "/products?q=" + strings.Repeat("x", 301), "", "search.text_long", "q"},
	)
	if status, said := d.call("", "GET", "/categories?parent=none", ""); status != http.StatusNotFound ||
		!strings.Contains(said["detail"].(string), "none") {
		t.Errorf("an unknown parent: %d %v", status, said)
	}
	if status, said := d.call("", "GET", "/products/prd_none/groups", ""); status != http.StatusNotFound {
		t.Errorf("the groups of no product: %d %v", status, said)
	}
}

// What can be got can be looked at: HEAD is GET without its body.
func TestHEAD(t *testing.T) {
	d := openDesk(t)
	for path, session := range map[string]string{"/products": "", "/orders": d.shopper, "/merchant/orders": d.merchant} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodHead, d.server.URL+prefix+path, nil)
		d.Must(err)
		if session != "" {
			r.Header.Set("Authorization", "Bearer "+session)
		}
		answer, err := d.server.Client().Do(r)
		d.Must(err)
		d.Must(answer.Body.Close())
		if answer.StatusCode != http.StatusOK {
			t.Errorf("HEAD %s: %d", path, answer.StatusCode)
		}
	}
}

// R2: two keys are no name of a call.
func TestR2_TwoKeysForOneCall(t *testing.T) {
	d := openDesk(t)
	before := d.state()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, d.server.URL+prefix+d.line(),
		strings.NewReader(`{"quantity":1}`))
	d.Must(err)
	r.Header = http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + d.shopper},
		idempotency.Header: {"one", "two"}}
	answer, err := d.server.Client().Do(r)
	d.Must(err)
	defer answer.Body.Close()
	var said map[string]any
	d.Must(json.NewDecoder(answer.Body).Decode(&said))
	if answer.StatusCode != http.StatusBadRequest || said["code"] != "api.key_twice" || d.state() != before {
		t.Errorf("%d %v", answer.StatusCode, said)
	}
}
