package gate_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hutong/base/fault"
	"hutong/base/text"
	"hutong/party/login"
	"hutong/surface/gate"
)

// people are the sessions of these tests, by token.
var people = map[string]login.Principal{
	"guest":    {Role: login.Shopper, Shopper: "shr_g", Lang: text.Zh},
	"shopper":  {Role: login.Shopper, Login: "lgn_s", Shopper: "shr_s", Lang: text.Zh},
	"merchant": {Role: login.Merchant, Login: "lgn_m", Shop: "shp_m", Lang: text.Zh, May: login.PermissionsOf(login.Owner)},
	"operator": {Role: login.Operator, Login: "lgn_o", Lang: text.En, May: login.PermissionsOf(login.Admin)},
	"clerk":    {Role: login.Merchant, Login: "lgn_c", Shop: "shp_m", Lang: text.Zh, May: login.PermissionsOf(login.Clerk)},
	"auditor":  {Role: login.Operator, Login: "lgn_a", Lang: text.Zh, May: login.PermissionsOf(login.Auditor)},
	"program":  {Role: login.Merchant, Login: "key_p", Shop: "shp_m", Lang: text.Zh, May: login.SetOf(login.OrdersRead)},
	"nothing":  {Role: login.Merchant, Login: "lgn_n", Shop: "shp_m", Lang: text.Zh},
	"helper":   {Role: login.Shopper, Login: "lgn_s", Shopper: "shr_s", Lang: text.Zh, Helper: "lgn_o"},
	"looker": {Role: login.Merchant, Login: "lgn_m", Shop: "shp_m", Lang: text.Zh, Helper: "lgn_o",
		May: login.PermissionsOf(login.Owner)},
}

type sessions struct{ err error }

func (s sessions) Resolve(_ context.Context, token string) (login.Principal, error) {
	if s.err != nil {
		return login.Nobody, s.err
	}
	if p, ok := people[token]; ok {
		return p, nil
	}
	return login.Nobody, fault.New(fault.Unauthenticated, "login.session")
}

type serial struct{}

func (serial) New(prefix string) string { return prefix + "_01jcdefghjkmnpqrstvwxyz012" }

func options() gate.Options {
	return gate.Options{
		Sessions: sessions{}, IDs: serial{}, Texts: text.Merge(gate.Texts, login.Texts),
		Fault: func(w http.ResponseWriter, r *http.Request, err error) {
			f := fault.As(err)
			w.WriteHeader(f.Kind.Status())
			fmt.Fprintf(w, "page %s %s", f.Code, gate.Lang(r.Context()))
		},
	}
}

// whoami answers with what the gate told the handler.
var whoami = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	fmt.Fprintf(w, "%s %s %s %s", gate.Who(ctx).Role, gate.Lang(ctx), gate.Network(ctx), gate.RouteName(ctx))
})

func open(t testing.TB, o gate.Options, routes ...gate.Route) *gate.Mux {
	t.Helper()
	m, err := gate.NewMux(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Add(routes...); err != nil {
		t.Fatal(err)
	}
	return m
}

var (
	merchants = []login.Role{login.Merchant}
	shoppers  = []login.Role{login.Shopper}
)

func market(t testing.TB, o gate.Options) *gate.Mux {
	t.Helper()
	return open(t, o,
		gate.Route{Name: "home", Method: "GET", Path: "/{$}", Roles: gate.Anyone(), Page: true, Handler: whoami},
		gate.Route{Name: "login", Method: "POST", Path: "/login", Roles: gate.Anyone(), Page: true, Handler: whoami},
		gate.Route{Name: "orders", Method: "GET", Path: "/orders", Roles: shoppers, Page: true, Handler: whoami},
		gate.Route{Name: "cart", Method: "POST", Path: "/cart", Roles: shoppers, Page: true, Handler: whoami},
		gate.Route{Name: "desk", Method: "GET", Path: "/desk", Roles: merchants, Needs: login.OrdersRead,
			Page: true, Handler: whoami},
		gate.Route{Name: "desk.staff", Method: "POST", Path: "/desk/staff", Roles: merchants, Needs: login.StaffManage,
			Page: true, Handler: whoami},
		gate.Route{Name: "operator", Method: "GET", Path: "/operator", Roles: []login.Role{login.Operator},
			Needs: login.MarketHelp, Page: true, Handler: whoami},
		gate.Route{Name: "sessions", Method: "POST", Path: "/sessions", Needs: login.Self, Page: true, Handler: whoami,
			Roles: []login.Role{login.Shopper, login.Merchant, login.Operator}},
		gate.Route{Name: "logout", Method: "POST", Path: "/logout", Roles: gate.Anyone(), Leaves: true, Page: true,
			Handler: whoami},
		gate.Route{Name: "api.product", Method: "GET", Path: "/api/v1/products/{id}", Roles: gate.Anyone(), Handler: whoami},
		gate.Route{Name: "api.cart", Method: "PUT", Path: "/api/v1/cart/{offer}", Roles: shoppers, Handler: read,
			Takes: "application/json", BodyMax: 16},
		gate.Route{Name: "api.desk", Method: "GET", Path: "/api/v1/desk", Roles: merchants, Needs: login.MoneyRead,
			Handler: whoami},
	)
}

var read = gate.Verb(func(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	_, err = w.Write(body)
	return err
})

type ask struct {
	method, path, body string
	cookie, bearer     string
	header             map[string]string
	remote             string
}

func (a ask) of(h http.Handler) *httptest.ResponseRecorder {
	r := httptest.NewRequest(a.method, "http://market.example"+a.path, strings.NewReader(a.body))
	if a.cookie != "" {
		r.Header.Set("Cookie", "a=b; hutong="+a.cookie+"; c=d")
	}
	if a.bearer != "" {
		r.Header.Set("Authorization", "Bearer "+a.bearer)
	}
	for k, v := range a.header {
		r.Header.Set(k, v)
	}
	if a.remote != "" {
		r.RemoteAddr = a.remote
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

type problemBody struct {
	Type, Title, Detail, Code, Field string
	Status                           int
	Params                           map[string]any
	RequestID                        string `json:"request_id"`
}

func problemOf(t *testing.T, w *httptest.ResponseRecorder) (p problemBody) {
	t.Helper()
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Fatalf("%d %s %s", w.Code, got, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	if p.Status != w.Code || p.RequestID != w.Header().Get("X-Request-Id") || p.Detail == "" || p.Detail == p.Code {
		t.Fatalf("%d: %+v", w.Code, p)
	}
	return p
}

func TestARouteWithoutRolesCannotBeAdded(t *testing.T) {
	good := gate.Route{Name: "a", Method: "GET", Path: "/a", Roles: gate.Anyone(), Handler: whoami}
	for name, change := range map[string]func(r *gate.Route){
		"no roles":     func(r *gate.Route) { r.Roles = nil },
		"unknown role": func(r *gate.Route) { r.Roles = []login.Role{"admin"} },
		"empty role":   func(r *gate.Route) { r.Roles = []login.Role{""} },
		"role twice":   func(r *gate.Route) { r.Roles = []login.Role{login.Shopper, login.Shopper} },
		"no name":      func(r *gate.Route) { r.Name = "" },
		"no method":    func(r *gate.Route) { r.Method = "" },
		"no path":      func(r *gate.Route) { r.Path = "b" },
		"no handler":   func(r *gate.Route) { r.Handler = nil },
		"bad path":     func(r *gate.Route) { r.Path = "/{" },
		"same name":    func(r *gate.Route) { r.Name = "a" },
		"same path":    func(r *gate.Route) { r.Path = "/a" },
		"bad limit":    func(r *gate.Route) { r.BodyMax = -1 },

		"merchants without a permission": func(r *gate.Route) { r.Roles = merchants },
		"operators without a permission": func(r *gate.Route) { r.Roles = []login.Role{login.Operator} },
		"unknown permission":             func(r *gate.Route) { r.Roles, r.Needs = merchants, "root" },
		"the other side's permission":    func(r *gate.Route) { r.Roles, r.Needs = merchants, login.MarketHelp },
		"one side's for both": func(r *gate.Route) {
			r.Roles, r.Needs = []login.Role{login.Merchant, login.Operator}, login.OrdersRead
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := open(t, options(), good)
			bad := good
			bad.Name, bad.Path = "b", "/b"
			change(&bad)
			if err := m.Add(bad); err == nil {
				t.Fatal("added")
			}
			if n := len(m.RouteTable()); n != 1 {
				t.Fatalf("%d routes in the table", n)
			}
		})
	}
}

// Every route as everybody: the table alone says what comes out.
func TestA1_EveryRouteAsEveryRole(t *testing.T) {
	m := market(t, options())
	for _, row := range m.RouteTable() {
		path := strings.NewReplacer("{$}", "", "{id}", "prd_1", "{offer}", "off_1").Replace(row.Path)
		for _, as := range []string{"", "guest", "shopper", "merchant", "operator", "clerk", "auditor", "program", "nothing",
			"helper", "looker"} {
			for _, by := range []string{"cookie", "bearer"} {
				a := ask{method: row.Method, path: path}
				who := people[as]
				if by == "cookie" {
					a.cookie = as
				} else {
					a.bearer = as
				}
				if as == "" {
					who = login.Nobody
				}
				t.Run(row.Name+"/"+as+"/"+by, func(t *testing.T) {
					if got, want := a.of(m).Code, expected(row, who); got != want {
						t.Fatalf("%d, want %d", got, want)
					}
				})
			}
		}
	}
}

func expected(row gate.Row, who login.Principal) int {
	for _, role := range row.Roles {
		if role != who.Role {
			continue
		}
		staff := role == login.Merchant || role == login.Operator
		changes := row.Method != "GET" && row.Name != "logout"
		if staff && row.Needs != "" && !who.Can(row.Needs) || who.Helper != "" && changes {
			return http.StatusForbidden
		}
		return http.StatusOK
	}
	switch {
	case row.Page && who.Login == "":
		return http.StatusSeeOther
	case who.Role == login.Anonymous:
		return http.StatusUnauthorized
	}
	return http.StatusNotFound
}

func TestLoginIsAskedForWithTheWayBack(t *testing.T) {
	m := market(t, options())
	w := ask{method: "GET", path: "/orders?after=%2F&b=1"}.of(m)
	if got := w.Header().Get("Location"); got != "/login?next=%2Forders%3Fafter%3D%252F%26b%3D1" {
		t.Fatal(got)
	}
	if got := (ask{method: "POST", path: "/cart"}).of(m).Header().Get("Location"); got != "/login" {
		t.Fatal(got) // a form that was posted cannot be read again
	}
}

// Another role's desk looks exactly like nothing at all.
func TestA22_AForeignDeskIsLikeAPathThatIsNot(t *testing.T) {
	m := market(t, options())
	for _, paths := range [][2]string{{"/desk", "/dusk"}, {"/api/v1/desk", "/api/v1/dusk"}} {
		foreign := ask{method: "GET", path: paths[0], cookie: "shopper"}.of(m)
		nothing := ask{method: "GET", path: paths[1], cookie: "shopper"}.of(m)
		cut := func(w *httptest.ResponseRecorder) string {
			return strings.ReplaceAll(w.Body.String(), w.Header().Get("X-Request-Id"), "")
		}
		if foreign.Code != nothing.Code || cut(foreign) != cut(nothing) {
			t.Fatalf("%d %s\n%d %s", foreign.Code, foreign.Body, nothing.Code, nothing.Body)
		}
	}
	w := ask{method: "POST", path: "/api/v1/desk", cookie: "shopper"}.of(m)
	if w.Code != http.StatusNotFound || w.Header().Get("Allow") != "" {
		t.Fatal("another method tells that a desk exists", w.Code, w.Header())
	}
}

func TestA3_TokensThatStandForNobody(t *testing.T) {
	m := market(t, options())
	for _, h := range []string{"Bearer ", "Bearer", "Bearer stale", "Basic Zm9vOmJhcg==", "", "bearer  shopper"} {
		a := ask{method: "GET", path: "/api/v1/products/1", header: map[string]string{"Authorization": h}}
		w := a.of(m)
		if p := problemOf(t, w); w.Code != 401 || p.Code != "login.session" || w.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%q: %d %+v", h, w.Code, p)
		}
	}
	a := ask{method: "GET", path: "/api/v1/products/1", cookie: "merchant", header: map[string]string{"Authorization": "Bearer stale"}}
	if got := a.of(m).Code; got != 401 {
		t.Errorf("a cookie stood in for a bad bearer token: %d", got)
	}
	if w := (ask{method: "GET", path: "/", cookie: "stale"}).of(m); w.Code != 200 || !strings.HasPrefix(w.Body.String(), "anonymous ") {
		t.Errorf("an expired cookie: %d %s", w.Code, w.Body)
	}
	r := httptest.NewRequest("GET", "/api/v1/products/1", nil)
	r.Header["Authorization"] = []string{"Bearer shopper", "Bearer merchant"}
	w := httptest.NewRecorder()
	if m.ServeHTTP(w, r); w.Code != 401 {
		t.Errorf("two tokens: %d", w.Code)
	}
}

func TestSessionsThatCannotBeReadAreNoLogout(t *testing.T) {
	o := options()
	o.Sessions = sessions{fault.New(fault.Unavailable, "storage.failed")}
	o.Texts = text.Merge(o.Texts, text.Bundle{"storage.failed": {Zh: "存储故障", En: "storage failed"}})
	w := ask{method: "GET", path: "/api/v1/products/1", cookie: "shopper"}.of(market(t, o))
	if p := problemOf(t, w); w.Code != 503 || p.Code != "storage.failed" || w.Header().Get("Retry-After") != "1" {
		t.Fatal(w.Code, p, w.Header())
	}
}

func TestA18_FormsOfOtherSitesAreRefused(t *testing.T) {
	m := market(t, options())
	cross := map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
	same := map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://market.example"}
	for _, c := range []struct {
		name string
		ask  ask
		want int
	}{
		{"cookie, other site", ask{method: "POST", path: "/cart", cookie: "shopper", header: cross}, 403},
		{"cookie, same site", ask{method: "POST", path: "/cart", cookie: "shopper", header: same}, 200},
		{"cookie, old browser, other site", ask{method: "POST", path: "/cart", cookie: "shopper",
			header: map[string]string{"Origin": "https://evil.example"}}, 403},
		{"cookie, sandboxed frame", ask{method: "POST", path: "/cart", cookie: "shopper",
			header: map[string]string{"Origin": "null"}}, 403},
		{"login, other site", ask{method: "POST", path: "/login", header: cross}, 403},
		{"login, same site", ask{method: "POST", path: "/login", header: same}, 200},
		{"put, other site", ask{method: "PUT", path: "/api/v1/cart/o", cookie: "shopper", header: cross}, 403},
		{"bearer needs no origin", ask{method: "PUT", path: "/api/v1/cart/o", bearer: "shopper", header: cross}, 200},
		{"reading is free", ask{method: "GET", path: "/orders", cookie: "shopper", header: cross}, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			if w := c.ask.of(m); w.Code != c.want {
				t.Fatal(w.Code, w.Body)
			}
		})
	}
	o := options()
	o.Origins = []string{"https://shop.example"}
	w := ask{method: "POST", path: "/cart", cookie: "shopper",
		header: map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://shop.example"}}.of(market(t, o))
	if w.Code != 200 {
		t.Fatal("a trusted origin was refused", w.Code)
	}
}

func TestA18_AFormCannotPoseAsJSON(t *testing.T) {
	m := market(t, options())
	for media, want := range map[string]int{
		"application/json": 200, "application/json; charset=utf-8": 200, "Application/JSON": 200,
		"text/plain": 415, "application/x-www-form-urlencoded": 415, "": 415, "application/json5": 415, ";": 415,
	} {
		w := ask{method: "PUT", path: "/api/v1/cart/o", cookie: "shopper", body: `{}`,
			header: map[string]string{"Content-Type": media}}.of(m)
		if w.Code != want {
			t.Errorf("%q: %d, want %d", media, w.Code, want)
		}
	}
}

func TestA28_BodiesAreLimitedDeclaredOrNot(t *testing.T) {
	m := market(t, options())
	js := map[string]string{"Content-Type": "application/json"}
	long := strings.Repeat("x", 17)
	w := ask{method: "PUT", path: "/api/v1/cart/o", cookie: "shopper", body: long, header: js}.of(m)
	if p := problemOf(t, w); w.Code != 413 || p.Code != "gate.body" || p.Params["max"] != 16.0 {
		t.Fatal(w.Code, p)
	}
	r := httptest.NewRequest("PUT", "/api/v1/cart/o", io.MultiReader(strings.NewReader(long))) // of unknown length
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Cookie", "hutong=shopper")
	w = httptest.NewRecorder()
	m.ServeHTTP(w, r)
	if p := problemOf(t, w); w.Code != 413 || p.Code != "gate.body" {
		t.Fatal(w.Code, p)
	}
	w = ask{method: "POST", path: "/cart", cookie: "shopper", body: strings.Repeat("x", 1<<20+1)}.of(m)
	if w.Code != 400 || w.Body.String() != "page gate.body zh-CN" { // its handler reads no body: the length told enough
		t.Fatal(w.Code, w.Body)
	}
	w = ask{method: "PUT", path: "/api/v1/cart/o", cookie: "shopper", body: long[:16], header: js}.of(m)
	if w.Code != 200 || w.Body.String() != long[:16] {
		t.Fatal(w.Code, w.Body)
	}
}

func TestA19_EveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	m := market(t, options())
	for _, a := range []ask{
		{method: "GET", path: "/"}, {method: "GET", path: "/nothing"}, {method: "GET", path: "/orders"},
		{method: "GET", path: "/api/v1/desk"}, {method: "POST", path: "/"}, {method: "GET", path: "//evil.example/"},
	} {
		h := a.of(m).Header()
		csp := h.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'self'") || !strings.Contains(csp, "frame-ancestors 'none'") ||
			strings.Contains(csp, "unsafe") || h.Get("X-Content-Type-Options") != "nosniff" ||
			h.Get("X-Frame-Options") != "DENY" || h.Get("Referrer-Policy") == "" || h.Get("X-Request-Id") == "" {
			t.Errorf("%s %s: %v", a.method, a.path, h)
		}
		if h.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s: HSTS in the clear", a.path)
		}
	}
}

func TestA20_NoRedirectLeavesTheMarket(t *testing.T) {
	m := market(t, options())
	for _, path := range []string{"//evil.example/", "/\\evil.example", "/orders/../../evil", "//evil.example/orders"} {
		r := httptest.NewRequest("GET", "http://market.example/", nil)
		r.URL.Path = path
		r.RequestURI = path
		w := httptest.NewRecorder()
		m.ServeHTTP(w, r)
		to := w.Header().Get("Location")
		if strings.HasPrefix(to, "//") || strings.HasPrefix(to, "/\\") || strings.Contains(to, "://") {
			t.Errorf("%s leads to %s", path, to)
		}
	}
}

func TestA34_RequestIDsAreOursUnlessHarmless(t *testing.T) {
	m := market(t, options())
	for given, kept := range map[string]bool{
		"req-12345678.A_z": true, "short": false, strings.Repeat("a", 65): false, "": false,
		"12345678\nERROR forged": false, "12345678 9": false, "十二三四五六七八": false, "12345678;": false,
	} {
		w := ask{method: "GET", path: "/", header: map[string]string{"X-Request-Id": given}}.of(m)
		if got := w.Header().Get("X-Request-Id"); (got == given) != kept || len(got) < 8 {
			t.Errorf("%q became %q", given, got)
		}
	}
	a, b := ask{method: "GET", path: "/"}.of(m), ask{method: "GET", path: "/"}.of(m)
	if a.Header().Get("X-Request-Id") == b.Header().Get("X-Request-Id") {
		t.Error("two requests have one id")
	}
}

func TestUnknownPathsAndMethods(t *testing.T) {
	m := market(t, options())
	w := ask{method: "GET", path: "/nothing", header: map[string]string{"Accept-Language": "en"}}.of(m)
	if w.Code != 404 || w.Body.String() != "page gate.not_found en" {
		t.Fatal(w.Code, w.Body)
	}
	w = ask{method: "GET", path: "/api/nothing"}.of(m)
	if p := problemOf(t, w); w.Code != 404 || p.Code != "gate.not_found" || p.Detail != "没有这个页面" {
		t.Fatal(p)
	}
	w = ask{method: "DELETE", path: "/api/v1/products/1"}.of(m)
	if p := problemOf(t, w); w.Code != 405 || w.Header().Get("Allow") != "GET" || p.Code != "gate.method" {
		t.Fatal(w.Code, w.Header(), p)
	}
	if w := (ask{method: "HEAD", path: "/api/v1/products/1"}).of(m); w.Code != 200 {
		t.Fatal(w.Code)
	}
}
