package node_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/node"
)

// TestX4_FullDiskOverHTTP: on a full disk an order is refused with 503 in words, and the shop can still be looked at.
func TestX4_FullDiskOverHTTP(t *testing.T) {
	at := "sqlite:" + filepath.Join(t.TempDir(), "market.db")
	m := open(t, at)
	a := m.guest("a")
	m.onSmallDisk(at, db.Options{PagesMax: 1}) // SQLite makes it what the file has now
	a.fillUp()
	a.must(http.StatusOK, "GET", "/api/v1/products?q=茶杯", "")
	a.must(http.StatusOK, "GET", fmt.Sprint("/p/", m.offers[0].Product), "")
	m.audit()
}

// TestX4_AFullNodeEndsWhatLapses: with a reserve beside the database, unpaid orders end and their pieces are free again
// although nothing can be ordered.
func TestX4_AFullNodeEndsWhatLapses(t *testing.T) {
	const reserved = 128 // pages
	at := "sqlite:" + filepath.Join(t.TempDir(), "market.db")
	m := open(t, at)
	a := m.guest("a")
	order := a.order(1, m.offers[0])
	var pages int64
	m.ok(m.DB.Read(t.Context(), func(tx *db.Tx) error {
		_, err := tx.One(`PRAGMA page_count`, nil, &pages)
		return err
	}))
	full := m.onSmallDisk(at, db.Options{PagesMax: pages + reserved, Reserve: reserved * 4096})
	a.fillUp()
	m.clock.Advance(time.Hour)
	ended := 0
	for _, j := range full.Jobs() {
		if j.Name == "order.expire" {
			n, err := j.Run(t.Context())
			m.ok(err)
			ended += n
		}
	}
	m.state(a, "/api/v1/orders/"+order, "cancelled")
	got := a.call("POST", "/api/v1/addresses", addressBody)
	got.problem(t, http.StatusServiceUnavailable, "storage.full")
	if ended != 1 || got.header.Get("Retry-After") == "" {
		t.Errorf("%d orders ended; Retry-After %q", ended, got.header.Get("Retry-After"))
	}
	m.audit()
}

// onSmallDisk has the market served by another node, whose disk ends.
func (m *market) onSmallDisk(at string, storage db.Options) *node.Market {
	m.t.Helper()
	full, err := node.Open(m.t.Context(), node.Config{URL: at, Dir: m.t.TempDir(), Clock: m.clock, Storage: storage})
	m.ok(err)
	m.ok(full.Start(m.t.Context()))
	handler, err := full.Handler()
	m.ok(err)
	server := httptest.NewServer(handler)
	m.t.Cleanup(func() {
		server.Close()
		m.ok(full.Close())
	})
	m.url = server.URL
	return full
}

// fillUp writes until the disk is full, which is said in words.
func (c *caller) fillUp() {
	c.m.t.Helper()
	for range 2_000 {
		if got := c.call("POST", "/api/v1/addresses", addressBody); got.status != http.StatusCreated {
			got.problem(c.m.t, http.StatusServiceUnavailable, "storage.full")
			return
		}
	}
	c.m.t.Fatal("the disk does not end")
}
