package node_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"hutong/base/clock"
	"hutong/node"
	"hutong/party/login"
)

// TestA24_BehindAProxyEverybodyIsSomebody: a market is reached through a proxy that ends TLS. Who guesses at passwords
// there keeps nobody else out, and cookies go by https alone.
func TestA24_BehindAProxyEverybodyIsSomebody(t *testing.T) {
	m, err := node.Open(t.Context(), node.Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "market.db"),
		Clock: clock.NewManual(start), PublicAt: "https://shop.example",
		Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	_, err = m.Login.Register(t.Context(), login.Register{Role: login.Operator, Name: "operator", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	handler, err := m.Handler()
	if err != nil {
		t.Fatal(err)
	}
	enter := func(from, word string) *http.Response {
		r := httptest.NewRequest("POST", "/login", strings.NewReader(url.Values{"name": {"operator"}, "password": {word}}.Encode()))
		r.RemoteAddr = "127.0.0.1:4711"
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Forwarded-For", "192.0.2.200, "+from) // the first was written by the caller
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w.Result()
	}
	limited := 0
	for range login.Defaults.PerPair.Burst + 2 {
		if enter("198.51.100.7", "wrong password").StatusCode == http.StatusTooManyRequests {
			limited++
		}
	}
	if limited != 2 {
		t.Errorf("%d guesses were stopped, want 2", limited)
	}
	got := enter("203.0.113.9", password)
	if got.StatusCode != http.StatusSeeOther {
		t.Errorf("the owner, from elsewhere: %d", got.StatusCode)
	}
	for _, c := range got.Cookies() {
		if !c.Secure {
			t.Errorf("the cookie %s goes by http too", c.Name)
		}
	}
	if len(got.Cookies()) == 0 || got.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("%d cookies, %q", len(got.Cookies()), got.Header.Get("Strict-Transport-Security"))
	}
}
