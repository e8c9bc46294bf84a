package node_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"hutong/base/db/dbtest"
	"hutong/base/money"
	"hutong/deal/campaign"
	"hutong/goods/offer"
	"hutong/node"
	"hutong/party/login"
	"hutong/trade/order"
)

// coin is a currency with other decimals than the yuan, and how amounts of it are written.
type coin struct {
	currency money.Currency
	mark     string         // stands before its digits
	amount   *regexp.Regexp // the digits of an amount
}

var coins = []coin{
	{currency: "JPY", mark: `¥`, amount: regexp.MustCompile(`^\d{1,3}(,\d{3})*$`)},
	{currency: "KWD", mark: `KWD`, amount: regexp.MustCompile(`^\d{1,3}(,\d{3})*\.\d{3}$`)},
}

// TestM5_AMarketWithoutOrWithThreeDecimals walks from an import to the statement in a currency without decimals, and in one
// with three: a form's price, a promotion, a voucher, a sale's session, an order of two shops, part of it given back before
// and after it was sent, the settlement and its file; then every page that a reader of each role comes to by links is held to
// the currency's own decimals.
func TestM5_AMarketWithoutOrWithThreeDecimals(t *testing.T) {
	for _, c := range coins {
		walk := func(t *testing.T, at string) { m := openIn(t, c.currency, at); m.walkIn(c) }
		t.Run(string(c.currency), func(t *testing.T) {
			dbtest.Engines(t, func(t *testing.T) { walk(t, onSQLite(t)) },
				func(t *testing.T) { walk(t, dbtest.PostgresURL(t, node.Schemas()...)) })
		})
	}
}

func (m *market) walkIn(c coin) {
	typed := func(minor int64) string { return money.New(minor, c.currency).Decimal() }
	_, err := m.Login.Register(m.t.Context(), login.Register{Role: login.Shopper, Name: "amy", Password: password})
	m.ok(err)
	shop, desk, a := m.login("merchant-x"), m.login("operator"), m.login("amy")
	fan := m.imports("silk fan", typed(2990), "")
	if fan.UnitPrice != 2990 || fan.Currency != c.currency {
		m.t.Fatalf("imported as %+v", fan)
	}
	m.settle() // the search hears of it
	found := string(a.must(200, "GET", "/search?min="+typed(2900)+"&max="+typed(2990), "").body)
	if !strings.Contains(found, "silk fan") || strings.Contains(found, "竹编灯笼") {
		m.t.Error("a search by price does not find what costs as much")
	}
	form := string(shop.must(200, "GET", "/desk/products/"+fan.Product, "").body)
	if !strings.Contains(form, fmt.Sprintf(`name="price_0" type="text" value=%q`, typed(2990))) {
		m.t.Errorf("the product's form does not hold %s", typed(2990))
	}
	id := m.boughtIn(c, a, shop, desk, fan)
	m.givenBackIn(c, a, shop, id)
	m.audit()
	for _, who := range []*caller{a, shop, desk} {
		for _, lang := range []string{"en", "zh-CN"} {
			m.crawl(c, who, lang)
		}
	}
}

// boughtIn sells two cups, a fan and a lantern under a promotion, a voucher and a sale whose amounts were typed into forms.
func (m *market) boughtIn(c coin, a, shop, desk *caller, fan offer.Offer) (id string) {
	typed := func(minor int64) string { return money.New(minor, c.currency).Decimal() }
	at := func(d time.Duration) []string {
		return []string{m.clock.Now().Add(d).In(time.FixedZone("", 8*60*60)).Format("2006-01-02T15:04")}
	}
	off := shop.made("/desk/promotions/new?kind=spend", url.Values{"title_zh": {"满减"}, "title_en": {"Spend"},
		"tiers": {typed(3000) + " " + typed(333)}, "from": at(-time.Hour), "until": at(48 * time.Hour), "budget": {typed(100_000)}})
	shop.made("/desk/promotions/"+off, url.Values{"do": {"publish"}, "version": {"1"}})
	template := desk.made("/operator/vouchers/new", url.Values{"kind": {"voucher"}, "title_zh": {"立减"},
		"title_en": {"Off"}, "off": {typed(101)}, "from": at(-time.Hour), "until": at(48 * time.Hour),
		"claim_from": at(-time.Hour), "claim_until": at(24 * time.Hour), "listed": {"on"}, "issue": {"10"},
		"per_shopper": {"1"}, "audience": {"all"}, "fund_platform": {"100"}})
	desk.made("/operator/vouchers/"+template, url.Values{"do": {"publish"}, "version": {"1"}})
	m.ok(m.Rules.Refresh(m.t.Context()))
	a.must(201, "POST", "/api/v1/vouchers/"+template+"/claims", `{"nth":1}`)
	_, from := m.session(m.offers[0], campaign.Terms{Price: 990, Quantity: 20, PerShopper: 2})
	m.at(from.Add(-2 * time.Hour))
	m.at(from)
	id = a.order(2, m.offers[0], fan, m.offers[1])
	o, err := m.Orders.Any(m.t.Context(), order.ID(id))
	m.ok(err)
	discount := int64(0)
	for _, l := range o.Lines() {
		discount += l.Discount
	}
	if discount != 2*(1990-990)+333+101 || o.Goods != 2*(1990+2990+4500)-discount {
		m.t.Errorf("goods %d, discount %d", o.Goods, discount)
	}
	a.payAt(a.begin(id, "redbean"))
	m.settle()
	m.state(a, "/api/v1/orders/"+id, "paid")
	return id
}

// givenBackIn gives one cup back before the order is sent and a fan afterwards, and settles the rest.
func (m *market) givenBackIn(c coin, a, shop *caller, id string) {
	ask := func(line int) {
		m.t.Helper()
		got := a.must(201, "POST", "/api/v1/orders/"+id+"/suborders/1/cases",
			fmt.Sprintf(`{"lines":[{"line":%d,"quantity":1}],"reason":"damaged"}`, line))
		shop.form("/desk/cases/"+got.text("case"), url.Values{"word": {"agree"}})
		if back := a.must(200, "GET", "/api/v1/cases/"+got.text("case"), ""); back.text("state") != "refunded" {
			m.t.Errorf("line %d: %s", line, back.body)
		}
		m.settle()
	}
	ask(1)
	shop.must(201, "POST", "/api/v1/merchant/orders/"+id+"/suborders/1/ship", `{}`)
	m.login("merchant-y").must(201, "POST", "/api/v1/merchant/orders/"+id+"/suborders/2/ship", `{}`)
	a.must(200, "POST", "/api/v1/orders/"+id+"/suborders/1/receive", `{}`)
	a.must(200, "POST", "/api/v1/orders/"+id+"/suborders/2/receive", `{}`)
	ask(2)
	m.audit()
	m.clock.Advance(48 * time.Hour)
	_, err := m.Settle.CloseAll(m.t.Context(), m.clock.Now().Truncate(24*time.Hour))
	m.ok(err)
	statement := shop.must(200, "GET", "/api/v1/merchant/statements", "").items()[0]
	if due := statement["due"].(map[string]any); due["minor"] != float64(943+5696-2847) || due["currency"] != string(c.currency) {
		m.t.Errorf("due %v", due)
	}
	typed := func(minor int64) string { return money.New(minor, c.currency).Decimal() }
	file := string(shop.must(200, "GET", "/desk/money/"+statement["statement"].(string)+"/lines.csv", "").body)
	for _, line := range [][4]int64{{949, 948, 6, 943}, {5730, 0, 34, 5696}, {-2864, 2864, -17, -2847}} { // 0.6 %, half up
		want := fmt.Sprintf(",%s,%s,%s,0.6 %%,%s,%s,", c.currency, typed(line[0]), typed(line[1]), typed(line[2]), typed(line[3]))
		if !strings.Contains(file, want) {
			m.t.Errorf("the file lacks %s:\n%s", want, file)
		}
	}
}

// crawl reads every page that links lead to, and holds its amounts to the currency.
func (m *market) crawl(c coin, who *caller, lang string) {
	m.t.Helper()
	who.lang = lang
	amount := regexp.MustCompile(c.mark + `[\s\x{a0}]?([\d,.]*\d)`)
	seen := map[string]bool{}
	shapes := map[string]int{}
	queue := []string{"/", "/desk", "/operator"}
	found, pages := 0, 0
	for len(queue) > 0 && pages < 150 {
		path := queue[0]
		queue = queue[1:]
		got := who.call("GET", path, "")
		if got.status != 200 || !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
			if got.status >= 500 {
				m.t.Errorf("%s reads %s: %d", who.name, path, got.status)
			}
			continue
		}
		pages++
		doc, err := html.Parse(strings.NewReader(string(got.body)))
		m.ok(err)
		words, links := readPage(doc)
		for _, one := range amount.FindAllStringSubmatch(words, -1) {
			found++
			if !c.amount.MatchString(one[1]) {
				m.t.Errorf("%s reads %q at %s", who.name, one[0], path)
			}
		}
		for _, link := range links {
			if at := shapeOf(link); !seen[link] && shapes[at] < 2 {
				seen[link] = true
				shapes[at]++
				queue = append(queue, link)
			}
		}
	}
	if pages < 100 || found < 500 {
		m.t.Errorf("%s read %d amounts on %d pages in %s", who.name, found, pages, lang)
	}
}

var named = regexp.MustCompile(`[a-z]{3}_[0-9a-z]{20,}|\d+|=[^&]*`)

// shapeOf is an address without what it is about.
func shapeOf(path string) string { return named.ReplaceAllString(path, "*") }

// readPage gives a page's words, each piece on a line of its own but for a price, which is written in several; and where
// its links lead on this market.
func readPage(doc *html.Node) (words string, links []string) {
	var all strings.Builder
	var walk func(n *html.Node, joined bool)
	walk = func(n *html.Node, joined bool) {
		if n.Type == html.ElementNode && (n.Data == "script" || n.Data == "style" || n.Data == "svg") { // a chart's scale is short
			return
		}
		if n.Type == html.TextNode {
			all.WriteString(n.Data)
		}
		for _, a := range n.Attr {
			joined = joined || a.Key == "class" && a.Val == "price-now"
			if n.Data == "a" && a.Key == "href" && strings.HasPrefix(a.Val, "/") {
				links = append(links, a.Val)
			}
		}
		for k := n.FirstChild; k != nil; k = k.NextSibling {
			walk(k, joined)
		}
		if !joined {
			all.WriteString("\n")
		}
	}
	walk(doc, false)
	return all.String(), links
}
