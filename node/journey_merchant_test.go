package node_test

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hutong/base/fault"
	"hutong/base/text"
	"hutong/funds/settle"
	"hutong/goods/catalog"
	"hutong/node/demo"
	"hutong/party/merchant"
	"hutong/surface/page/browsertest"
	"hutong/trade/order"
)

// newcomer is somebody who opens a shop, in a browser.
type newcomer struct {
	*browsertest.Tab
	t          *testing.T
	code, name string // of the shop, and to log in
}

// TestJourneyMerchant is a shop's first two days in a browser: sign-up, papers, the first product, the first order
// picked and shipped, the statement paid out; and every page of the desk is held to what all pages are held to. What
// others do meanwhile, the operator and the shopper, is done by verbs.
func TestJourneyMerchant(t *testing.T) {
	if testing.Short() {
		t.Skip("the journeys take long")
	}
	_ = browsertest.Open(t, nil, browsertest.Look{}) // skips where there is no browser, before a market is made
	m := open(t, onSQLite(t))
	picture := licencePicture(t)
	each := func(name string, do func(n *newcomer)) {
		t.Run(name, func(t *testing.T) {
			for i, look := range journeyLooks {
				t.Run(look.String(), func(t *testing.T) {
					t.Parallel() // two shops at once
					code := fmt.Sprintf("corner-%d", i)
					do(&newcomer{browsertest.At(t, m.url, look), t, code, "owner-" + code})
				})
			}
		})
	}
	each("begins", func(n *newcomer) { n.begins(picture) })
	a := m.guest("a")
	orders := map[string]string{}
	for i := range journeyLooks {
		code := fmt.Sprintf("corner-%d", i)
		orders[code] = m.firstOrder(a, code)
	}
	m.settle()
	each("ships", func(n *newcomer) { n.ships(orders[n.code]) })
	m.received(a, orders)
	each("is paid", func(n *newcomer) { n.isPaid() })
	m.audit()
}

// firstOrder opens a shop as the operator does, and buys two of its only product.
func (m *market) firstOrder(a *caller, code string) string {
	m.t.Helper()
	ctx := m.t.Context()
	shop, err := m.Market.Shops.ByCode(ctx, code)
	m.ok(err)
	if _, found, err := m.Market.Shops.Papers(ctx, shop.ID); err != nil || !found || shop.State != merchant.Applied {
		m.t.Fatalf("%s hands in no papers: %s %v", code, shop.State, err)
	}
	m.ok(m.Market.Shops.Reopen(ctx, shop.ID))
	all, err := m.Catalog.ByShop(ctx, catalog.ByShop{Shop: string(shop.ID), State: catalog.Listed, Limit: 5})
	m.ok(err)
	if len(all.Products) != 1 {
		m.t.Fatalf("%s has %d products on sale", code, len(all.Products))
	}
	product := string(all.Products[0].ID)
	offers, err := m.Offers.ByProducts(ctx, []string{product})
	m.ok(err)
	id := a.order(2, offers[product][0])
	a.payAt(a.begin(id, "redbean"))
	return id
}

// received lets the shopper take the parcels, and the market close the day and pay it out.
func (m *market) received(a *caller, orders map[string]string) {
	m.t.Helper()
	ctx := m.t.Context()
	for _, id := range orders {
		a.must(200, "POST", "/api/v1/orders/"+id+"/suborders/1/receive", `{}`)
	}
	m.settle()
	m.clock.Advance(48 * time.Hour)
	_, err := m.Settle.CloseAll(ctx, m.clock.Now().Truncate(24*time.Hour))
	m.ok(err)
	for code, id := range orders {
		shop, err := m.Market.Shops.ByCode(ctx, code)
		m.ok(err)
		all, err := m.Settle.Statements(ctx, string(shop.ID))
		m.ok(err)
		o, err := m.Orders.Any(ctx, order.ID(id))
		m.ok(err)
		if len(all) != 1 || o.State != order.Completed || all[0].Due != 3956 { // 2 × 19.90 less 0.6 %
			m.t.Fatalf("%s: %+v, the order is %s", code, all, o.State)
		}
		if _, err := m.Settle.Payout(ctx, all[0].ID); !fault.Is(err, "statement.no_account") {
			m.t.Errorf("%s is paid out to nowhere: %v", code, err)
		}
		_, owner, err := m.Login.Login(ctx, "owner-"+code, password, text.Zh)
		m.ok(err)
		_, operator, err := m.Login.Login(ctx, "operator", password, text.Zh)
		m.ok(err)
		m.ok((&demo.Market{Market: m.Market}).Account(ctx, owner, operator, merchant.PayoutAccount{Holder: "李大茶",
			Bank: "巷口银行", Number: "6222600012345678"}))
		st, err := m.Settle.Payout(ctx, all[0].ID)
		if m.ok(err); st.State() != settle.PaidOut {
			m.t.Errorf("%s: %s", code, st.State())
		}
	}
}

func licencePicture(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "licence.png")
	f, err := os.Create(name)
	if err == nil {
		err = png.Encode(f, image.NewNRGBA(image.Rect(0, 0, 320, 240)))
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// judge holds the page to what all pages are held to, and keeps a picture of it.
func (n *newcomer) judge(name string) {
	n.t.Helper()
	n.Check()
	n.Shot("merchant/" + name)
}

func (n *newcomer) see(name, path string) {
	n.t.Helper()
	n.Go(path)
	n.judge(name)
}

func (n *newcomer) says(selector, words string) {
	n.t.Helper()
	if got := n.Text(selector); !strings.Contains(got, words) {
		n.t.Errorf("%s: %s says %q, without %q", n.Path(), selector, got, words)
	}
}

// begins opens a shop: three forms.
func (n *newcomer) begins(picture string) {
	n.t.Helper()
	n.see("open", "/open")
	for field, value := range map[string]string{"shop": "巷口茶舍 Corner Tea", "code": n.code, "name": n.name, "password": password} {
		n.Fill("#"+field, value)
	}
	n.Follow("form[action='/open'] button[type=submit]")
	n.judge("papers")
	n.Fill("#holder", "巷口茶业有限公司")
	n.Fill("#licence", "91350100M000100Y43")
	n.Upload("#picture", picture)
	n.Follow("form[action='/desk/papers'] button[type=submit]")
	n.judge("waits")
	n.Follow(".start-steps a[href='/desk/products/new']")
	n.Fill("#title_zh", "明前龙井 125 克")
	n.Fill("#price_0", "19.90")
	n.Fill("#stock_0", "20")
	n.judge("product-new")
	n.Follow("button[value=publish]")
	n.judge("product")
	n.see("waits-with-goods", "/desk")
}

func (n *newcomer) enter() {
	n.t.Helper()
	n.Go("/login?way=password&next=/desk")
	n.Fill("input[name=name]", n.name)
	n.Fill("input[name=password]", password)
	n.Follow("form[action='/login'] button[type=submit]")
	if n.Path() != "/desk" {
		n.t.Fatalf("the login leads to %s", n.Path())
	}
}

// ships finds the first order under what is to do, picks and ships it.
func (n *newcomer) ships(id string) {
	n.t.Helper()
	n.enter()
	n.judge("today")
	n.Follow(".todo a")
	n.Click("input[name=order]")
	n.Wait(".bulk button[value=pick]")
	n.judge("orders")
	n.Follow(".bulk button[value=pick]")
	n.says("main", "明前龙井 125 克")
	n.judge("pick")
	n.Follow(".head a.button-main")
	n.judge("ship")
	n.Follow("form[action='/desk/orders/ship'] button[type=submit]")
	n.says("main", "HT") // the carrier's number
	n.judge("shipped")
	n.see("order", "/desk/orders/"+id)
}

// isPaid reads the statement to its lines, and looks at everything else.
func (n *newcomer) isPaid() {
	n.t.Helper()
	n.enter()
	n.see("money", "/desk/money")
	n.says(".stats", "39.56")
	n.Follow("#statements-table tbody a")
	n.says("#lines-table", "明前龙井 125 克")
	n.judge("statement")
	for _, page := range strings.Fields("cases pickup products reviews payout settings staff keys webhooks record sessions") {
		n.see(page, "/desk/"+page)
	}
}
