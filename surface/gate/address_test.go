package gate_test

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestAddressesThatNoEngineCanLookUp(t *testing.T) {
	m := market(t, options())
	for path, want := range map[string]int{
		"/api/v1/products/%00": 404, "/api/v1/products/a%00b": 404, "/api/v1/products/%ff": 404,
		"/api/v1/products/%e8%8c": 404, "/api/v1/products/%c0%80": 404, "/api/v1/products/%ed%a0%80": 404,
		"/api/v1/products/x?q=%00": 400, "/api/v1/products/x?q=%ff": 400, "/api/v1/products/x?%00=a": 400,
		"/api/v1/products/x?%ff": 400, "/api/v1/products/x?a=b&a=%e8%8c": 400, "/api/v1/products/%00?q=%00": 404,
		"/orders?after=%00": 400, "/desk?after=%ff": 400, "/?q=%00": 400, "/?next=/%2500": 200,
		"/api/v1/products/%e8%8c%b6?q=%e8%8c%b6": 200, "/?q=%ef%bf%bd": 200, "/?utm=50%off": 200, "/?a;b=%zz": 200,
	} {
		for _, cookie := range []string{"", "shopper"} {
			got := ask{method: "GET", path: path, cookie: cookie, header: map[string]string{"Accept-Language": "en"}}.of(m)
			if got.Code != want && !(cookie == "shopper" && want == 200) {
				t.Errorf("%s as %q: %d %s, want %d", path, cookie, got.Code, got.Body, want)
			}
			if got.Code == 303 || strings.ContainsRune(got.Body.String(), 0) {
				t.Errorf("%s as %q: %d %q", path, cookie, got.Code, got.Body)
			}
		}
	}
	got := ask{method: "PUT", path: "/api/v1/cart/x?q=%00", bearer: "shopper", body: `{}`,
		header: map[string]string{"Content-Type": "application/json", "Accept-Language": "en"}}.of(m)
	var said struct{ Code, Detail string }
	if err := json.Unmarshal(got.Body.Bytes(), &said); err != nil || got.Code != 400 || said.Code != "gate.query" ||
		said.Detail != "the address has characters that cannot be read" {
		t.Errorf("%d %s %v", got.Code, got.Body, err)
	}
	if got := (ask{method: "GET", path: "/orders?after=%00", cookie: "shopper"}).of(m); got.Body.String() != "page gate.query zh-CN" {
		t.Errorf("a page's refusal: %s", got.Body)
	}
}
