package node_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"hutong/deal/campaign"
	"hutong/node/demo"
	"hutong/party/login"
	"hutong/surface/page/browsertest"
	"hutong/trade/order"
)

// saleLooks are how the journeys of a sale look at pages, of which some are judged nowhere else.
var saleLooks = browsertest.Two()

// TestJourneySaleShopper is a sale in a browser: a price of the hour and a voucher, why the cart costs what it costs,
// the purchase, and the order that remembers what was taken off; then a presale, whose earnest is paid on one day and
// whose balance on another; and a price that ends while somebody is about to pay it.
func TestJourneySaleShopper(t *testing.T) {
	if testing.Short() {
		t.Skip("the journeys take long")
	}
	browsertest.Open(t, http.NotFoundHandler(), browsertest.Look{}) // skips where there is no browser, before all else
	l := openLane(t)
	var all []*bargainer
	for _, look := range saleLooks {
		b := &bargainer{&visitor{Tab: browsertest.At(t, l.base, look), t: t, lane: l}, "bargain-" + look.String()}
		_, err := l.Login.Register(t.Context(), login.Register{Role: login.Shopper, Name: b.name, Password: demo.Password})
		l.ok(err)
		b.hall()
		b.claim()
		b.cart()
		b.buy()
		b.earnest()
		all = append(all, b)
	}
	l.clock.Set(l.clock.Now().Truncate(time.Hour).Add(time.Hour - time.Minute))
	l.work()
	for _, b := range all {
		b.hurry()
	}
	l.clock.Advance(2 * time.Minute)
	l.work()
	for _, b := range all {
		b.late()
	}
	l.clock.Set(l.balanceDay())
	l.work()
	for _, b := range all {
		b.balance()
	}
}

// presold is the item that is sold for earnest money.
func (l *lane) presold() campaign.Item {
	l.t.Helper()
	for _, i := range l.Campaigns.Live().Items {
		if i.Stage == campaign.Earnest {
			return i
		}
	}
	l.t.Fatal("nothing is sold for earnest money")
	return campaign.Item{}
}

// balanceDay is when the balance of what is presold can be paid.
func (l *lane) balanceDay() time.Time {
	i := l.presold()
	return i.Wave.Phase(campaign.Balance).From
}

// bargainer is a visitor who came for the sale.
type bargainer struct {
	*visitor
	name string // to log in by
}

// judge holds the page to what all pages are held to, and keeps a picture of it.
func (b *bargainer) judge(name string) {
	b.t.Helper()
	b.Check()
	b.Shot("sale/" + name)
}

// hall goes from the sale's hall to a product, whose price says what it is for, and takes two of it.
func (b *bargainer) hall() {
	b.t.Helper()
	b.Go("/sale")
	b.judge("hall")
	if n := browsertest.Read[int](b.Tab, `document.querySelectorAll(".flash").length`); n == 0 {
		b.t.Fatalf("%s: the hall is empty", b.Look())
	}
	b.Follow(".flash h3 a")
	b.says(".price-big .price-why", "整点秒杀", "On the hour")
	b.judge("product")
	b.take()
	b.Go("/p/" + b.lane.elsewhere(strings.TrimPrefix(strings.Split(b.Path(), "?")[0], "/p/")))
	b.take()
}

// claim takes two of the market's vouchers, for which a guest is asked to log in first.
func (b *bargainer) claim() {
	b.t.Helper()
	b.Go("/vouchers")
	b.Follow(".ticket form .button-main")
	b.Fill("input[name=name]", b.name)
	b.Fill("input[name=password]", string(demo.Password))
	b.Follow("form[action='/login'] button[type=submit]")
	if b.Path() != "/vouchers" {
		b.t.Fatalf("%s: the login leads to %s", b.Look(), b.Path())
	}
	b.judge("vouchers")
	for _, one := range []string{"1", "3"} { // the sale's and a red packet; between them one that takes an address first
		b.Click(".tickets li:nth-child(" + one + ") form .button-main")
		b.Gone(".tickets li:nth-child(" + one + ") form")
	}
	b.judge("vouchers-claimed")
	b.Go("/me/vouchers")
	if n := browsertest.Read[int](b.Tab, `document.querySelectorAll(".ticket").length`); n != 2 {
		b.t.Errorf("%s: %d vouchers are in the wallet", b.Look(), n)
	}
	b.judge("wallet")
}

// cart asks why the cart costs what it costs.
func (b *bargainer) cart() {
	b.t.Helper()
	b.Go("/cart")
	b.why(".split-side .why", "整点秒杀", "On the hour")
	b.judge("cart")
}

// why unfolds an explanation, which names the sale and at least one thing more.
func (b *bargainer) why(selector, zh, en string) {
	b.t.Helper()
	b.Click(selector + " summary")
	b.says(selector+" .why-steps", zh, en)
	steps := `document.querySelectorAll("` + selector + ` .why-steps li").length`
	if n := browsertest.Read[int](b.Tab, steps); n < 2 {
		b.t.Errorf("%s %s: the price came about in %d steps", b.Look(), b.Path(), n)
	}
}

// buy goes through the checkout to a paid order, which still says what was taken off.
func (b *bargainer) buy() {
	b.t.Helper()
	b.Follow("#checkout button")
	b.address()
	b.says("aside .less", "−", "−")
	b.judge("checkout")
	b.chooses()
	saved, total := b.Text("aside .less"), b.Text("aside .total .price-now")
	b.place()
	b.pay()
	if got := b.Text("aside .less"); got != saved {
		b.t.Errorf("%s: the order saved %q, the checkout %q", b.Look(), got, saved)
	}
	if got := b.Text("aside .total .price-now"); got != total {
		b.t.Errorf("%s: the order costs %q, the checkout said %q", b.Look(), got, total)
	}
	b.why("aside .why", "整点秒杀", "On the hour")
	b.judge("paid")
}

// chooses leaves a voucher out at the till, by the keyboard, uses none, and takes the best again: the total follows.
func (b *bargainer) chooses() {
	b.t.Helper()
	total := b.Text("aside .total .price-now")
	follows := func(zh, en string, same bool) {
		b.t.Helper()
		b.Wait("#vouchers")
		b.says("#vouchers > p.quiet", zh, en)
		if now := b.Text("aside .total .price-now"); (now == total) != same {
			b.t.Errorf("%s, %s: the total is %s, of the best %s", b.Look(), en, now, total)
		}
	}
	follows("已为你自动选好", "are chosen for you", true)
	b.Do(`document.querySelector("#vouchers input:checked").focus()`)
	b.Press(" ")
	const best, none = `#vouchers > .till-ways button:not([value*="choose"])`, `#vouchers > .till-ways button[value*="choose"]`
	b.Wait(best)
	if !b.Has("#vouchers input:focus") {
		b.t.Errorf("%s: the keyboard's place is lost", b.Look())
	}
	if b.Has(none) { // of several, one was left out
		follows("按你的选择", "with your choice", false)
		b.Click(none)
		b.Gone("#vouchers input:checked")
	}
	follows("都留着下次用", "all are kept for later", false)
	b.judge("checkout-chosen")
	b.Click(best)
	b.Wait("#vouchers input:checked")
	follows("已为你自动选好", "are chosen for you", true)
}

func (b *bargainer) address() {
	b.t.Helper()
	b.Follow("#checkout .button-main")
	b.Choose("#region", "CN-33")
	b.Follow("form[method=get] .button-main")
	b.Choose("#division", "330106")
	for field, value := range map[string]string{"street": "文三路 478 号", "recipient": "王小明", "phone": "13800138000"} {
		b.Fill("#"+field, value)
	}
	b.Follow("form[action='/addresses/new'][method=post] .button-main")
}

// place ticks what has to be ticked, and places the order.
func (b *bargainer) place() {
	b.t.Helper()
	for _, tick := range []string{"#final", "#agreed"} {
		if b.Has(tick) {
			b.Click(tick)
		}
	}
	b.Follow("#checkout form .button-main")
	b.order = order.ID(strings.TrimPrefix(b.Path(), "/orders/"))
}

// pay pays at the wallet's page, as a phone would, and sees the order's page turn by itself.
func (b *bargainer) pay() {
	b.t.Helper()
	b.Follow(".wallets .button")
	b.Wait(".qr-card a.button")
	link := browsertest.Read[string](b.Tab, `document.querySelector(".qr-card a.button").href`)
	phone := browsertest.At(b.t, b.lane.base, b.Look())
	phone.Go(strings.TrimPrefix(link, b.lane.base))
	phone.Follow("button[value=pay]")
	b.lane.work()
	b.Gone("#pay")
}

// earnest pays the first part of a presale, after the consent that it takes.
func (b *bargainer) earnest() {
	b.t.Helper()
	i := b.lane.presold()
	b.Go("/p/" + i.Product + "?sku=" + i.SKU)
	b.judge("presale-product")
	b.Follow("#presale form .button-main")
	if !b.Has("#agreed[required]") {
		b.t.Errorf("%s: the earnest is taken without consent", b.Look())
	}
	b.judge("presale-checkout")
	b.place()
	b.judge("presale-cashier")
	b.pay()
	b.says("#presale .countdown", "距尾款开放", "The balance opens in")
	b.judge("presale-earnest")
}

// hurry is about to pay a price of the hour, a minute before the hour ends.
func (b *bargainer) hurry() {
	b.t.Helper()
	b.Go("/sale")
	href := browsertest.Read[string](b.Tab, `[...document.querySelectorAll(".flash h3 a")][1].getAttribute("href")`)
	b.Go(href)
	b.Follow(".buy .button-main")
	b.Wait("#checkout form .button-main")
}

// late is told that the price is another by now, and is asked again.
func (b *bargainer) late() {
	b.t.Helper()
	b.Allow("status of 4") // the refusal is what is looked at
	if b.Has("#final") {
		b.Click("#final")
	}
	b.Follow("#checkout form .button-main")
	b.says("#checkout > section h2", "价格有变", "The price has changed")
	b.says("#checkout > section", "不再享有：", "No longer taken off: ")
	b.says("#checkout form .button-main", "按现在的价格", "at the new price")
	b.judge("price-changed")
}

// balance pays the second part of the presale on the day that it opens.
func (b *bargainer) balance() {
	b.t.Helper()
	b.Go("/orders/" + string(b.order))
	b.Wait(".wallets .button")
	b.judge("presale-balance")
	b.pay()
	o, err := b.lane.Orders.Any(b.t.Context(), b.order)
	b.lane.ok(err)
	if o.State != order.Paid || o.Presale.State != order.BalancePaid {
		b.t.Errorf("%s: the order is %s, its presale %s", b.Look(), o.State, o.Presale.State)
	}
	b.judge("presale-paid")
	b.Go("/me/invites")
	b.judge("invites")
}
