package gate_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"hutong/surface/gate"
)

func TestLanguages(t *testing.T) {
	m := market(t, options())
	for _, c := range []struct {
		name string
		ask  ask
		want string
	}{
		{"nothing said", ask{}, "zh-CN"},
		{"browser", ask{header: map[string]string{"Accept-Language": "fr,en-US;q=0.8"}}, "en"},
		{"browser speaks neither", ask{header: map[string]string{"Accept-Language": "fr"}}, "zh-CN"},
		{"session", ask{cookie: "operator"}, "en"},
		{"browser before session", ask{cookie: "operator", header: map[string]string{"Accept-Language": "zh-TW"}}, "zh-CN"},
		{"cookie before browser", ask{header: map[string]string{"Cookie": "lang=en", "Accept-Language": "zh"}}, "en"},
		{"bad cookie", ask{header: map[string]string{"Cookie": "lang='; DROP TABLE"}}, "zh-CN"},
		{"address before cookie", ask{path: "?lang=zh", header: map[string]string{"Cookie": "lang=en"}}, "zh-CN"},
		{"bad address", ask{path: "?lang=xx", header: map[string]string{"Cookie": "lang=en"}}, "en"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.ask.method, c.ask.path = "GET", "/"+c.ask.path
			w := c.ask.of(m)
			if got := strings.Fields(w.Body.String())[1]; got != c.want {
				t.Fatal(got)
			}
			set := w.Header().Get("Set-Cookie")
			if asked := strings.Contains(c.ask.path, "lang=zh"); asked != strings.HasPrefix(set, "lang=zh-CN; Path=/") {
				t.Fatalf("cookie %q", set)
			}
		})
	}
}

func TestA15_ALanguageOfTheAddressIsOneOfOurs(t *testing.T) {
	w := ask{method: "GET", path: "/?lang=" + strings.Repeat("%0d%0aSet-Cookie:x=y", 3)}.of(market(t, options()))
	if got := w.Header()["Set-Cookie"]; len(got) != 0 {
		t.Fatal(got)
	}
}

// TestALinkThatLeavesTheMarketIsWhole: what is sent to a friend says how the market is reached.
func TestALinkThatLeavesTheMarketIsWhole(t *testing.T) {
	o := options()
	o.Proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	m := open(t, o, gate.Route{Name: "link", Method: "GET", Path: "/link", Roles: gate.Anyone(),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte(gate.Origin(r)))
		})})
	for remote, want := range map[string]string{"192.0.2.1:99": "http://", "10.1.2.3:99": "https://"} {
		got := ask{method: "GET", path: "/link", remote: remote,
			header: map[string]string{"X-Forwarded-Proto": "https"}}.of(m).Body.String()
		if !strings.HasPrefix(got, want) || len(got) == len(want) {
			t.Errorf("from %s: %q", remote, got)
		}
	}
}

func TestSessionCookie(t *testing.T) {
	set := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		gate.SetSession(w, r, "tok", time.Hour)
	})
	end := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if gate.Token(r.Context()) != "shopper" {
			t.Error("no token to log out")
		}
		gate.EndSession(w, r)
	})
	o := options()
	o.Proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	m := open(t, o,
		gate.Route{Name: "in", Method: "POST", Path: "/in", Roles: gate.Anyone(), Handler: set},
		gate.Route{Name: "out", Method: "POST", Path: "/out", Roles: gate.Anyone(), Handler: end})
	in := ask{method: "POST", path: "/in"}
	if got := in.of(m).Header().Get("Set-Cookie"); got != "hutong=tok; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax" {
		t.Fatal(got)
	}
	forged := in
	forged.header, forged.remote = map[string]string{"X-Forwarded-Proto": "https"}, "192.0.2.1:99"
	if got := forged.of(m).Header().Get("Set-Cookie"); strings.Contains(got, "Secure") {
		t.Fatal("a stranger's header was believed", got)
	}
	proxied := forged
	proxied.remote = "10.1.2.3:99"
	w := proxied.of(m)
	if got := w.Header().Get("Set-Cookie"); !strings.HasSuffix(got, "; Secure; SameSite=Lax") ||
		w.Header().Get("Strict-Transport-Security") == "" {
		t.Fatal(got)
	}
	r := httptest.NewRequest("POST", "/in", nil)
	r.TLS = &tls.ConnectionState{}
	w = httptest.NewRecorder()
	m.ServeHTTP(w, r)
	if got := w.Header().Get("Set-Cookie"); !strings.Contains(got, "; Secure") {
		t.Fatal(got)
	}
	out := ask{method: "POST", path: "/out", cookie: "shopper"}.of(m)
	if got := out.Header().Get("Set-Cookie"); got != "hutong=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax" {
		t.Fatal(got)
	}
}

func TestA24_ForgedForwardingHeadersAreNotBelieved(t *testing.T) {
	o := options()
	o.Proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	m := market(t, o)
	for _, c := range []struct{ name, remote, forwarded, want string }{
		{"no proxy", "192.0.2.1:99", "", "192.0.2.1"},
		{"no proxy, forged", "192.0.2.1:99", "1.2.3.4", "192.0.2.1"},
		{"proxy", "10.0.0.1:99", "192.0.2.1", "192.0.2.1"},
		{"proxy, forged on the left", "10.0.0.1:99", "1.2.3.4, 192.0.2.1", "192.0.2.1"},
		{"two proxies", "10.0.0.1:99", "1.2.3.4, 192.0.2.1, 10.0.0.2", "192.0.2.1"},
		{"rubbish", "10.0.0.1:99", "1.2.3.4, rubbish", "10.0.0.1"},
		{"nothing but proxies", "10.0.0.1:99", "10.0.0.3, 10.0.0.2", "10.0.0.3"},
		{"no header", "10.0.0.1:99", "", "10.0.0.1"},
		{"IPv6 proxy", "[fd00::1]:99", "2001:db8::1", "2001:db8::1"},
		{"IPv4 in IPv6", "[::ffff:10.0.0.1]:99", "::ffff:192.0.2.1", "192.0.2.1"},
		{"pipe", "@", "1.2.3.4", "invalid IP"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := ask{method: "GET", path: "/", remote: c.remote, header: map[string]string{
				"X-Real-IP": "9.9.9.9", "Forwarded": "for=9.9.9.9"}}
			if c.forwarded != "" {
				a.header["X-Forwarded-For"] = c.forwarded
			}
			got := a.of(m).Body.String()
			if !strings.Contains(got, " "+c.want+" ") {
				t.Fatal(got)
			}
		})
	}
}

func TestEventsReachAWaitingPage(t *testing.T) {
	m := open(t, options(), gate.Route{Name: "events", Method: "GET", Path: "/events", Roles: gate.Anyone(),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if _, ok := w.(http.Flusher); !ok {
				t.Error("no Flusher")
			}
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
		})})
	w := ask{method: "GET", path: "/events"}.of(m)
	if !w.Flushed {
		t.Fatal("nothing was flushed")
	}
}

func BenchmarkAnonymous(b *testing.B) {
	answer := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	bare := http.NewServeMux()
	bare.Handle("POST /api/v1/orders", answer)
	gated := open(b, options(), gate.Route{Name: "orders", Method: "POST", Path: "/api/v1/orders",
		Roles: gate.Anyone(), Takes: "application/json", Handler: answer})
	for name, h := range map[string]http.Handler{"bare": bare, "gate": gated} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			r, w := httptest.NewRequest("POST", "/api/v1/orders", nil), discard{http.Header{}}
			for b.Loop() {
				clear(w.h)
				h.ServeHTTP(w, r)
			}
		})
	}
}

func BenchmarkCookie(b *testing.B) {
	answer := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	m := open(b, options(), gate.Route{Name: "orders", Method: "POST", Path: "/api/v1/orders", Roles: shoppers, Handler: answer})
	r := httptest.NewRequest("POST", "/api/v1/orders", nil)
	r.Header.Set("Cookie", "lang=zh-CN; hutong=shopper")
	r.Header.Set("Origin", "http://example.com")
	b.ReportAllocs()
	w := discard{http.Header{}}
	for b.Loop() {
		clear(w.h)
		m.ServeHTTP(w, r)
	}
}

type discard struct{ h http.Header }

func (d discard) Header() http.Header         { return d.h }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}
