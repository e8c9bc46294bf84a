package node_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/deal/campaign"
	"hutong/node"
	"hutong/trade/order"
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

// TestX4_AFullDiskForfeitsNoEarnest: whose balance ended while the market could take no payment has an hour to pay it from
// when there is room again; an order that waited for its earnest ends meanwhile, as any unpaid one, and so does who does
// not pay in that hour.
func TestX4_AFullDiskForfeitsNoEarnest(t *testing.T) {
	const reserved = 256 // pages
	at := "sqlite:" + filepath.Join(t.TempDir(), "market.db")
	m := open(t, at)
	o := m.offers[0]
	item, due := m.presale(o, campaign.Terms{Price: 1800, Quantity: 20, PerShopper: 9, Earnest: 300, Worth: 900,
		Part: campaign.Part{Presale: true}})
	m.at(start.Add(time.Hour))
	a := m.guest("a")
	kept, lost, unpaid := a.preorder(item, o), a.preorder(item, o), a.preorder(item, o)
	for _, id := range []string{kept, lost} {
		a.payAt(a.begin(id, "redbean"))
		m.settle()
	}
	var pages int64
	m.ok(m.DB.Read(t.Context(), func(tx *db.Tx) error {
		_, err := tx.One(`PRAGMA page_count`, nil, &pages)
		return err
	}))
	full := m.onSmallDisk(at, db.Options{PagesMax: pages + reserved, Reserve: reserved * 4096})
	run := func(name string) (n int) {
		for _, j := range full.Jobs() {
			if j.Name == name {
				done, err := j.Run(t.Context())
				m.ok(err)
				n += done
			}
		}
		return n
	}
	stands := func(when string, want ...order.PresaleState) {
		t.Helper()
		for i, id := range []string{kept, lost, unpaid} {
			if got, err := full.Orders.Any(t.Context(), order.ID(id)); err != nil || got.Presale.State != want[i] {
				t.Errorf("%s: %v, %v, want %s", when, got.Presale, err, want[i])
			}
		}
	}
	run("order.expire")
	a.fillUp()
	m.clock.Set(due.Until.Add(-time.Minute))
	a.refused(503, "storage.full", "POST", "/api/v1/orders/"+kept+"/payments", `{"wallet":"redbean"}`)
	m.clock.Set(due.Until.Add(time.Hour))
	run("order.expire")
	stands("the disk is full", order.EarnestPaid, order.EarnestPaid, order.Lapsed)
	if run("storage.refill") != 1 || run("order.expire") != 0 {
		t.Error("an earnest was forfeited before anybody could pay the balance")
	}
	a.payAt(a.begin(kept, "bluejay"))
	for _, name := range []string{"sandbox.deliver", "event.dispatch"} {
		run(name)
	}
	stands("there is room", order.BalancePaid, order.EarnestPaid, order.Lapsed)
	m.clock.Advance(time.Hour + 2*time.Minute)
	run("order.expire")
	stands("the hour is over", order.BalancePaid, order.Forfeited, order.Lapsed)
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
