package node_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/funds/pay"
	"hutong/node"
	"hutong/node/demo"
	"hutong/party/login"
	"hutong/party/merchant"
	"hutong/surface/page/browsertest"
)

// journeyLooks are how the journeys look at pages. The rooms of the pages judge most of them in browsertest.Two.
var journeyLooks = browsertest.OtherTwo()

// busyMarket is a demo's market in the middle of its second day: sales yesterday and today, statements of yesterday,
// money that nobody knows, and shops that wait for a word.
type busyMarket struct {
	*demo.Market
	clock *clock.Manual
	base  string
	order string
}

func busy(t *testing.T) *busyMarket {
	t.Helper()
	ctx := t.Context()
	b := &busyMarket{clock: clock.NewManual(time.Date(2026, 11, 10, 1, 0, 0, 0, time.UTC))}
	m, err := node.Open(ctx, node.Config{URL: onSQLite(t), Dir: t.TempDir(),
		Clock: b.clock, PublicAt: "http://127.0.0.1:8080", Logins: login.Settings{Cost: demo.PasswordCost}})
	b.must(t, err)
	t.Cleanup(func() { b.must(t, m.Close()) })
	b.Market, err = demo.Seed(ctx, m)
	b.must(t, err)
	h, err := m.Handler()
	b.must(t, err)
	b.must(t, m.Start(ctx))
	crowd, err := b.Crowd(ctx, 11)
	b.must(t, err)
	for i := range 48 { // one piece of either day after the other: 9 h of it, busier towards its end
		if i == 22 {
			b.clock.Set(time.Date(2026, 11, 11, 0, 30, 0, 0, time.UTC))
			_, err := b.Settle.CloseAll(ctx, time.Date(2026, 11, 10, 16, 0, 0, 0, time.UTC))
			b.must(t, err)
		}
		placed, err := crowd.Buy(ctx)
		if err != nil {
			continue // a shop that sells out refuses, as it must
		}
		b.order = string(placed.Order)
		b.step(t, time.Duration(10+i%4*6)*time.Minute)
	}
	_, err = b.Pay.ApplyFacts(ctx, []pay.Fact{{Provider: "redbean", Txn: "T-20261111-77", Kind: pay.KindCapture,
		Attempt: "att_none", Amount: money.New(12_800, "CNY"), Account: "HT-0001", At: b.clock.Now()}})
	b.must(t, err)
	for i := range journeyLooks {
		_, err := m.Shops.Apply(ctx, merchant.OpenShop{Code: fmt.Sprintf("new-%d", i), Name: text.Entry{
			Zh: fmt.Sprintf("新巷小铺%d", i), En: fmt.Sprintf("New Lane %d", i)}, Intro: text.Entry{Zh: "手作竹器", En: "Bamboo, by hand"}})
		b.must(t, err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	b.base = server.URL
	return b
}

// step lets the market do what became due, with some people looking at goods meanwhile.
func (b *busyMarket) step(t *testing.T, d time.Duration) {
	t.Helper()
	for i := range 18 + int(d/time.Minute) {
		b.Tally.Viewed(string(b.Shops[i%len(b.Shops)].ID))
	}
	b.clock.Advance(d)
	for _, j := range b.Jobs() {
		if j.Name == "checkup.run" {
			continue // the journey asks for it
		}
		_, err := j.Run(t.Context())
		b.must(t, err)
	}
}

func (b *busyMarket) must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestJourneyOperator is an operator's morning in a browser: the numbers, a shop that waits for a word, an order, an
// audit, the books; and every page of the desk is held to what all pages are held to.
func TestJourneyOperator(t *testing.T) {
	if testing.Short() {
		t.Skip("the journeys take long")
	}
	_ = browsertest.Open(t, nil, browsertest.Look{}) // skips where there is no browser, before a market is made
	b := busy(t)
	t.Run("desk", func(t *testing.T) {
		for i, look := range journeyLooks {
			t.Run(look.String(), func(t *testing.T) {
				t.Parallel() // two people at the desk at once
				o := &operator{Tab: browsertest.At(t, b.base, look), t: t}
				o.morning(fmt.Sprintf("new-%d", i), b.order)
			})
		}
	})
	all, err := b.Market.Market.Shops.Shops(context.Background())
	b.must(t, err)
	for _, s := range all {
		if s.State != merchant.Open {
			t.Errorf("%s is %s", s.Code, s.State)
		}
	}
}

// morning is what an operator does first, and then a look at everything else.
func (o *operator) morning(shop, order string) {
	o.t.Helper()
	o.enter()
	o.see("today", "/operator")
	if o.Look().Lang == text.Zh && !o.Look().Dark {
		o.Focus()
	}
	o.see("today-week", "/operator?of=week")
	o.openShop(shop)
	o.see("order", "/operator/orders/"+order)
	o.audit()
	o.Go("/operator/books")
	o.says("#accounts .notice-good")
	o.judge("books")
	for _, page := range strings.Fields(`orders statements fees suspense approvals jobs jobs/event.dispatch audit staff
		help switches settings catalog reviews notices`) {
		o.see(strings.ReplaceAll(page, "/", "-"), "/operator/"+page)
	}
}

// operator is somebody at the desk.
type operator struct {
	*browsertest.Tab
	t *testing.T
}

// judge holds the page to what all pages are held to, and keeps a picture of it.
func (o *operator) judge(name string) {
	o.t.Helper()
	o.Check()
	o.Shot("operator/" + name)
}

func (o *operator) see(name, path string) {
	o.t.Helper()
	o.Go(path)
	o.judge(name)
}

func (o *operator) says(selector string) {
	o.t.Helper()
	if !o.Has(selector) {
		o.t.Errorf("%s: %s is missing", o.Path(), selector)
	}
}

func (o *operator) enter() {
	o.t.Helper()
	o.enterAs(demo.Operator)
}

func (o *operator) enterAs(name string) {
	o.t.Helper()
	o.Go("/login?way=password&next=/operator")
	o.Fill("input[name=name]", name)
	o.Fill("input[name=password]", demo.Password)
	o.Follow("form[action='/login'] button[type=submit]")
	if o.Path() != "/operator" {
		o.t.Fatalf("the login leads to %s", o.Path())
	}
}

// openShop finds a shop that waits for a word, and opens it with a reason.
func (o *operator) openShop(code string) {
	o.t.Helper()
	o.see("shops", "/operator/shops")
	o.Fill("#filter-q", code)
	o.Follow(".filter button[type=submit]")
	o.Follow("#shops-table tbody a")
	o.judge("shop-applied")
	o.Click("#open_shop summary")
	o.Wait("#open_shop-reason")
	o.judge("shop-dialog")
	o.Fill("#open_shop-reason", "OK 2026")
	o.Follow("#open_shop form button[type=submit]")
	o.says(".notice-good")
	o.says("h1 .badge-done")
	o.judge("shop-open")
}

func (o *operator) audit() {
	o.t.Helper()
	o.Allow("409") // somebody else asks at the same time: theirs will do
	o.Go("/operator/integrity")
	if o.Has("form[action='/operator/integrity'] button") {
		o.Follow("form[action='/operator/integrity'] button")
	}
	for range 40 { // it runs in the background
		if o.Go("/operator/integrity"); o.Has("#checks tbody") && !o.Has("[hx-trigger]") {
			break
		}
		time.Sleep(250 * time.Millisecond)
	}
	if broken := browsertest.Read[string](o.Tab, `[...document.querySelectorAll("#checks tr:has(.badge-bad)")].map(e => e.textContent).join("\n")`); broken != "" {
		o.t.Errorf("the audit found:\n%s", broken)
	}
	o.judge("integrity")
}
