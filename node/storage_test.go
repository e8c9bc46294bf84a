package node_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"hutong/base/db"
	"hutong/node"
)

// TestX4_FullDiskOverHTTP: on a full disk an order is refused with 503 in words, and the shop can still be looked at.
func TestX4_FullDiskOverHTTP(t *testing.T) {
	at := "sqlite:" + filepath.Join(t.TempDir(), "market.db")
	m := open(t, at)
	a := m.guest("a")
	full, err := node.Open(t.Context(), node.Config{URL: at, Dir: t.TempDir(), Clock: m.clock,
		Storage: db.Options{PagesMax: 1}}) // SQLite makes it what the file has now
	m.ok(err)
	m.ok(full.Start(t.Context()))
	handler, err := full.Handler()
	m.ok(err)
	server := httptest.NewServer(handler)
	defer func() {
		server.Close()
		m.ok(full.Close())
	}()
	m.url = server.URL
	refused := answer{}
	for n := 0; n < 2_000 && refused.status == 0; n++ {
		got := a.call("POST", "/api/v1/addresses", addressBody)
		if got.status != http.StatusCreated {
			refused = got
		}
	}
	refused.problem(t, http.StatusServiceUnavailable, "storage.full")
	a.must(http.StatusOK, "GET", "/api/v1/products?q=茶杯", "")
	a.must(http.StatusOK, "GET", fmt.Sprint("/p/", m.offers[0].Product), "")
	m.audit()
}
