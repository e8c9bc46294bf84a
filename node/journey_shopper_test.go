package node_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/text"
	"hutong/goods/offer"
	"hutong/node"
	"hutong/node/demo"
	"hutong/party/login"
	"hutong/surface/page/browsertest"
	"hutong/trade/order"
	"hutong/trade/ship"
)

// lane is a demo's market on a server, whose clock stands until it is moved.
type lane struct {
	*demo.Market
	t     *testing.T
	clock *clock.Manual
	base  string
}

func openLane(t *testing.T) *lane {
	t.Helper()
	l := &lane{t: t, clock: clock.NewManual(time.Date(2026, 11, 11, 2, 0, 0, 0, time.UTC))}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	l.ok(err)
	l.base = "http://" + listener.Addr().String()
	m, err := node.Open(t.Context(), node.Config{URL: onSQLite(t),
		Dir: t.TempDir(), Clock: l.clock, PublicAt: l.base, Logins: login.Settings{Cost: demo.PasswordCost}})
	l.ok(err)
	t.Cleanup(func() { l.ok(m.Close()) })
	l.Market, err = demo.Seed(t.Context(), m)
	l.ok(err)
	m.Config.Pictures, err = demo.EmbeddedPictures(m.Pictures)
	l.ok(err)
	handler, err := m.Handler()
	l.ok(err)
	l.ok(m.Start(t.Context()))
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: handler}}
	server.Start()
	t.Cleanup(server.Close)
	return l
}

func (l *lane) ok(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// work lets the market do what is due.
func (l *lane) work() {
	l.t.Helper()
	for _, j := range l.Jobs() {
		if strings.HasPrefix(j.Name, "checkup") {
			continue // an audit of its own is no part of a purchase
		}
		_, err := j.Run(l.t.Context())
		l.ok(err)
	}
}

// send lets the merchants hand all parts of an order to their carriers.
func (l *lane) send(id order.ID) {
	l.t.Helper()
	o, err := l.Orders.Any(l.t.Context(), id)
	l.ok(err)
	for _, s := range o.Subs {
		_, err := l.Ship.Dispatch(l.t.Context(), ship.Dispatch{Shop: s.Shop, Order: id, Seq: s.Seq})
		l.ok(err)
	}
}

// travel lets days pass, with the carriers' reports.
func (l *lane) travel(days int) {
	for range 2 * days {
		l.clock.Advance(12 * time.Hour)
		_, err := l.Ship.Track(l.t.Context())
		l.ok(err)
	}
	l.work()
}

// elsewhere is something to buy in another shop than the product's.
func (l *lane) elsewhere(product string) string {
	l.t.Helper()
	shop := ""
	for _, o := range l.Offers {
		if o.Product == product {
			shop = o.Shop
		}
	}
	free := func(o offer.Offer) bool { return o.Shop != shop && o.Product != product }
	for _, o := range l.Offers {
		if shop != "" && free(o) {
			return o.Product
		}
	}
	l.t.Fatalf("no other shop than that of %s", product)
	return ""
}

// TestJourneyShopper is a purchase in a browser, from the first look to money back: search, two shops, a guest's
// checkout, a wallet, a page that turns by itself, parcels, receipt, a review, a refund. Each page on the way is held to
// what all pages are held to.
func TestJourneyShopper(t *testing.T) {
	if testing.Short() {
		t.Skip("the journeys take long")
	}
	browsertest.Open(t, http.NotFoundHandler(), browsertest.Look{}) // skips where there is no browser, before all else
	l := openLane(t)
	for _, look := range journeyLooks {
		t.Run(look.String(), func(t *testing.T) {
			v := &visitor{Tab: browsertest.At(t, l.base, look), t: t, lane: l}
			v.choose()
			v.place()
			v.pay()
			v.follow()
			v.say()
			v.askBack()
			v.account()
		})
	}
}

// visitor is somebody with a browser.
type visitor struct {
	*browsertest.Tab
	t     *testing.T
	lane  *lane
	order order.ID
}

// judge holds the page to what all pages are held to, and keeps a picture of it.
func (v *visitor) judge(name string) {
	v.t.Helper()
	v.Check()
	v.Shot("shopper/" + name)
}

// says waits until an element says something.
func (v *visitor) says(selector, zh, en string) {
	v.t.Helper()
	want := zh
	if v.Look().Lang == text.En {
		want = en
	}
	v.Wait(selector)
	if got := v.Text(selector); !strings.Contains(got, want) {
		v.t.Errorf("%s says %q, not %q", selector, got, want)
	}
}

// choose searches with a suggestion, looks at a product, and takes one thing from each of two shops.
func (v *visitor) choose() {
	v.Go("/")
	v.judge("home")
	word := "茶"
	if v.Look().Lang == text.En {
		word = "tea"
	}
	v.Fill("#q", word)
	v.Wait(".suggested a")
	v.Shot("shopper/suggested") // the page was judged; the list lies over it until the next key
	v.Follow(".find-go")
	v.judge("found")
	v.Follow(".shelf .card:not(.card-out)")
	v.judge("product")
	first := strings.TrimPrefix(v.Path(), "/p/")
	v.take()
	v.Go("/p/" + v.lane.elsewhere(first))
	v.Click(".keep")
	v.Wait(".keep-on")
	v.take()
	v.Go("/cart")
	v.judge("cart")
	v.Click(`[id^="more-"]`)
	v.Wait(".line-row .quiet.number")
	v.Follow("#checkout button")
}

// take puts what the page shows into the cart, without leaving it.
func (v *visitor) take() {
	v.t.Helper()
	v.Click(".buy .button:not(.button-main)")
	v.Wait(".toast a[href='/cart']")
}

// place gives an address as a guest, lets one part be picked up, and places the order.
func (v *visitor) place() {
	v.says("#checkout .button-main", "新增收货地址", "New address")
	v.judge("checkout-guest")
	v.Follow("#checkout .button-main")
	v.Choose("#region", "CN-33")
	v.Follow("form[method=get] .button-main")
	v.Choose("#division", "330106")
	v.Fill("#street", "文三路 478 号")
	v.Fill("#recipient", "王小明")
	v.Fill("#phone", "13800138000")
	v.judge("address")
	v.Follow("form[action='/addresses/new'][method=post] .button-main")
	v.Fill("#remark", "门铃坏了")
	v.Click("section.sheet:last-child button.pick:not(.pick-on)")
	v.Wait("section.sheet:last-child button.pick-on:last-child")
	v.Wait("#remark[value='门铃坏了']")
	v.judge("checkout")
	if v.Has("#final") {
		v.Click("#final")
	}
	v.Follow("#checkout form .button-main")
	v.order = order.ID(strings.TrimPrefix(v.Path(), "/orders/"))
}

// pay chooses a wallet, pays at its page as a phone would, and sees the order's page turn by itself.
func (v *visitor) pay() {
	v.judge("cashier")
	v.Follow(".wallets .button")
	v.judge("cashier-code")
	link := browsertest.Read[string](v.Tab, `document.querySelector(".qr-card a.button").href`)
	phone := browsertest.At(v.t, v.lane.base, v.Look())
	phone.Go(strings.TrimPrefix(link, v.lane.base))
	phone.Axe()
	phone.Fits()
	phone.Shot("shopper/wallet")
	phone.Follow("button[value=pay]")
	v.lane.work()
	v.says(".notice-good", "付款成功", "Paid, thank you")
	v.judge("paid")
}

// follow sees the parcels on their way and receives the first.
func (v *visitor) follow() {
	at := "/orders/" + string(v.order)
	v.lane.send(v.order)
	v.lane.travel(4)
	v.Go(at)
	v.judge("arrived")
	if n := browsertest.Read[int](v.Tab, `document.querySelectorAll(".moments li").length`); n < 3 {
		v.t.Errorf("the parcels' way has %d steps", n)
	}
	v.Follow("form[action$='/receive'] .button-main")
	v.Wait("a[href*='/review?line=']")
	v.judge("received")
}

// say writes a review.
func (v *visitor) say() {
	v.Follow("a[href*='/review?line=']")
	v.judge("review")
	v.Do(`document.querySelector("#stars input[value='5']").click()`)
	v.Do(`document.querySelector("#text").value = "茶香很正，包装结实。"`)
	v.Follow("form[enctype] .button-main")
	v.says(".notice-good", "评价已发布", "Published")
}

// askBack asks for a piece of what is still on its way, and sees where that stands.
func (v *visitor) askBack() {
	v.Click("details.fold summary")
	for n := range 9 {
		if field := "#units-" + strconv.Itoa(n); v.Has("details.fold[open] " + field) {
			v.Fill(field, "1")
			break
		}
	}
	v.Choose("details.fold[open] select[name=reason]", "damaged")
	v.judge("refund")
	v.Follow("details.fold[open] form .button")
	v.Wait(".case .steps .here")
	v.judge("refund-asked")
}

// account looks at everything that is kept about the visitor.
func (v *visitor) account() {
	for name, path := range map[string]string{"me": "/me", "orders": "/orders", "refunds": "/orders?show=refund",
		"favourites": "/me/favourites", "lately": "/me/lately", "reviews": "/me/reviews", "addresses": "/me/addresses",
		"notices": "/me/notices", "data": "/me/data", "shop": "/shop/tea"} {
		v.Go(path)
		v.judge(name)
	}
}
