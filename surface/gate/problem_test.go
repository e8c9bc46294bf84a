package gate_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/party/login"
	"hutong/surface/gate"
)

func TestAPanicIsAnsweredAndLoggedUnderTheRequestID(t *testing.T) {
	var log bytes.Buffer
	o := options()
	o.Log = slog.New(slog.NewJSONHandler(&log, nil))
	o.Texts = text.Merge(o.Texts, text.Bundle{"internal.error": {Zh: "系统内部错误", En: "internal error"}})
	m := open(t, o,
		gate.Route{Name: "boom", Method: "GET", Path: "/api/boom", Roles: gate.Anyone(),
			Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret detail") })},
		gate.Route{Name: "half", Method: "GET", Path: "/half", Roles: gate.Anyone(),
			Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "half"); panic("x") })},
		gate.Route{Name: "abort", Method: "GET", Path: "/abort", Roles: gate.Anyone(),
			Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })})
	w := ask{method: "GET", path: "/api/boom"}.of(m)
	p := problemOf(t, w)
	if w.Code != 500 || p.Code != "internal.error" || strings.Contains(w.Body.String(), "secret") {
		t.Fatal(w.Code, w.Body)
	}
	if !strings.Contains(log.String(), p.RequestID) || !strings.Contains(log.String(), "secret detail") ||
		!strings.Contains(log.String(), `"route":"boom"`) {
		t.Fatal(log.String())
	}
	for _, path := range []string{"/half", "/abort"} {
		func() {
			defer func() {
				if got := recover(); got != http.ErrAbortHandler {
					t.Errorf("%s: %v: the connection was not cut", path, got)
				}
			}()
			ask{method: "GET", path: path}.of(m)
		}()
	}
}

func TestA34_TheCauseIsLoggedNeverShown(t *testing.T) {
	var log bytes.Buffer
	o := options()
	o.Log = slog.New(slog.NewJSONHandler(&log, nil))
	o.Texts = text.Merge(o.Texts, text.Bundle{
		"internal.error": {Zh: "系统内部错误", En: "internal error"},
		"stock.sold_out": {Zh: "{title}已售罄", En: "{title} is sold out"},
	})
	fails := func(err error) http.Handler {
		return gate.Verb(func(http.ResponseWriter, *http.Request) error { return err })
	}
	soldOut := fault.New(fault.SoldOut, "stock.sold_out", fault.P("title", "茶"), fault.P("free", int64(2)),
		fault.P("kind", login.Role("x"))).At("lines.0").After(1500 * time.Millisecond)
	m := open(t, o,
		gate.Route{Name: "raw", Method: "GET", Path: "/api/raw", Roles: gate.Anyone(),
			Handler: fails(fmt.Errorf("password=hunter2\nforged line"))},
		gate.Route{Name: "sold", Method: "GET", Path: "/api/sold", Roles: gate.Anyone(), Handler: fails(soldOut)},
		gate.Route{Name: "page", Method: "GET", Path: "/page", Roles: gate.Anyone(), Page: true, Handler: fails(soldOut)})
	w := ask{method: "GET", path: "/api/raw?q=personal"}.of(m)
	if p := problemOf(t, w); w.Code != 500 || p.Detail != "系统内部错误" || strings.Contains(w.Body.String(), "hunter2") {
		t.Fatal(p)
	}
	if lines := strings.Count(log.String(), "\n"); lines != 1 || !strings.Contains(log.String(), "hunter2") ||
		strings.Contains(log.String(), "personal") {
		t.Fatal(log.String())
	}
	w = ask{method: "GET", path: "/api/sold", header: map[string]string{"Accept-Language": "en-GB,zh;q=0.5"}}.of(m)
	p := problemOf(t, w)
	if w.Code != 409 || p.Detail != "茶 is sold out" || p.Field != "lines.0" || p.Title != "sold out" ||
		p.Type != "urn:hutong:problem:stock.sold_out" || p.Params["free"] != 2.0 || p.Params["kind"] != "x" ||
		w.Header().Get("Retry-After") != "2" || w.Header().Get("Content-Language") != "en" ||
		w.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("%+v %v", p, w.Header())
	}
	if w := (ask{method: "GET", path: "/page"}).of(m); w.Code != 409 || w.Body.String() != "page stock.sold_out zh-CN" {
		t.Fatal(w.Code, w.Body)
	}
}

func TestProblemWorksOutsideOfTheGate(t *testing.T) {
	w := httptest.NewRecorder()
	gate.Problem(w, httptest.NewRequest("GET", "/", nil), fault.New(fault.NotFound, "gate.not_found"))
	if w.Code != 404 || !strings.Contains(w.Body.String(), "gate.not_found") {
		t.Fatal(w.Code, w.Body)
	}
	if gate.Who(context.Background()) != login.Nobody || gate.Lang(context.Background()) != text.Zh {
		t.Fatal("nobody is somebody")
	}
}

// TestAProblemNamesAmounts: a person reads them as money, a program as a decimal and a currency.
func TestAProblemNamesAmounts(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/x", nil)
	w := httptest.NewRecorder()
	gate.Problem(w, r, fault.New(fault.Invalid, "gate.body", fault.P("max", money.New(2990, "CNY"))))
	if body := w.Body.String(); !strings.Contains(body, `"max":"29.90 CNY"`) || !strings.Contains(body, "¥29.90") {
		t.Error(body)
	}
}
