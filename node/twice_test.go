package node_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hutong/base/text"
	"hutong/funds/pay"
	"hutong/goods/offer"
	"hutong/node/demo"
	"hutong/surface/gate"
	"hutong/trade/aftersale"
	"hutong/trade/order"
	"hutong/trade/review"
	"hutong/trade/ship"
)

// sheet is a form as it stands on a page, with one of its buttons pressed.
type sheet struct {
	on, action, name string
	fields           url.Values
}

// clerk presses the buttons of one person's pages, each twice.
type clerk struct {
	*caller
	routes  *http.ServeMux // by pattern
	seen    map[string]int // pages of a pattern
	pressed map[string]int // by route
	done    map[string]bool
	queue   []string
	waiting []sheet
	changed map[string]string // what a second press added, by form and table
}

// TestEveryFormTwice goes over the pages of everybody, presses each button that it finds as a foreign site would, and
// then twice, the second time in the other language: a double click, a page sent again, two tabs. No answer is a failure
// of ours, a foreign site changes nothing, the second press adds no row to what counts, and the auditor finds nothing
// wrong. A form that is found nowhere stands in unpressed, with why.
func TestEveryFormTwice(t *testing.T) {
	b := busy(t)
	m := &market{t: t, Market: b.Market.Market, clock: b.clock, url: b.base, currency: "CNY"}
	handler, err := m.Handler()
	m.ok(err)
	m.routes = handler.(interface{ RouteTable() []gate.Row }).RouteTable()
	m.busier(b.Offers)
	pressed := map[string]int{}
	for _, c := range []struct {
		who   string
		roots []string
	}{{demo.Shopper, []string{"/"}}, {demo.Merchant, []string{"/desk"}}, {demo.Operator, []string{"/operator"}}} {
		one := m.clerk(c.who, c.roots)
		one.work()
		for route, n := range one.pressed {
			pressed[route] += n
		}
		for what, table := range one.changed {
			t.Errorf("%s: pressed twice, %s: there are more rows of %s", c.who, what, table)
		}
	}
	for _, row := range m.routes {
		why, listed := unpressed[row.Name]
		if row.Method == http.MethodPost && row.Page && (pressed[row.Name] > 0) == listed {
			t.Errorf("%s %s: pressed %d times, %q", row.Name, row.Path, pressed[row.Name], why)
		}
	}
	m.audit()
}

// busier gives the demo's shopper orders in every state, and the desks what follows from them.
func (m *market) busier(goods []offer.Offer) {
	m.t.Helper()
	ctx := m.t.Context()
	m.offers = goods[:1]
	c := &caller{m: m, name: "api"}
	token, _, err := m.Login.Login(ctx, demo.Shopper, demo.Password, text.Zh)
	m.ok(err)
	c.token = token
	for range 2 {
		c.order(1, goods[0]) // to pay, to cancel
	}
	m.paidFor(c.order(1, goods[0]))
	for _, id := range []string{c.order(1, goods[0]), c.order(1, goods[0])} {
		m.paidFor(id)
		m.unpaid(id)
	}
	taken := c.order(1, goods[0])
	m.paidFor(taken)
	m.taken(taken)
	for _, then := range []string{"shipped", "asked", "asked", "asked", "asked", "received"} {
		id := c.order(2, goods[0])
		m.paidFor(id)
		_, err := m.Ship.Dispatch(ctx, ship.Dispatch{Shop: goods[0].Shop, Order: order.ID(id), Seq: 1})
		m.ok(err)
		switch who := m.shopperOf(id); then {
		case "asked":
			_, err = m.Aftersale.Open(ctx, aftersale.Open{Shopper: who, Order: order.ID(id), Seq: 1, Reason: aftersale.Damaged,
				Lines: []order.Units{{Line: 1, Units: 1}}, Key: "asked"})
		case "received":
			if err = m.Orders.Receive(ctx, who, order.ID(id), 1); err == nil {
				_, err = m.Reviews.Write(ctx, review.Write{Shopper: who, Order: order.ID(id), Line: 1, Stars: 5,
					Said: review.Said{Text: "很好"}})
			}
		}
		m.ok(err)
	}
	m.settle()
}

// paidFor pays an order.
func (m *market) paidFor(id string) {
	m.t.Helper()
	a, _, err := m.Pay.Begin(m.t.Context(), pay.Begin{Order: id, Shopper: m.shopperOf(id), Wallet: "redbean"})
	m.ok(err)
	_, err = m.Pay.ApplyFacts(m.t.Context(), []pay.Fact{{Provider: a.Wallet, Txn: "in-" + id, Kind: pay.KindCapture,
		Attempt: a.ID, Amount: a.Asked(), Account: a.Account, At: m.clock.Now()}})
	m.ok(err)
}

// anew are the rows that a second press writes on purpose.
var anew = map[string]string{
	"desk.staff.change":     "invites",            // a link is shown once, on the answer: who missed it needs another
	"operator.staff.change": "invites",            // the same
	"desk.sale.enrol":       "enrolments",         // a refused one is kept with its reasons; of open ones there is one
	"desk.webhook.change":   "webhook_deliveries", // a message to try the endpoint out, each time
	// Drafts: nothing is sold by one before it is published, and each stands in the list, to be dropped.
	"desk.promotions.draft":     "promotions",
	"operator.promotions.draft": "promotions",
	"operator.segments.make":    "segments",
}

// unpressed are the routes of forms that stand on no page that this test comes to, with why.
var unpressed = map[string]string{
	"shop.review.report":        "reviews of others; this shopper's own cannot be reported",
	"shop.me.erase":             "nobody with open orders is erased",
	"shop.sale.appoint":         "the hall opens later",
	"login.ask":                 "a market without mail sends no codes",
	"login.use":                 "the same",
	"login.contacts.ask":        "the same",
	"login.contacts.add":        "the same",
	"login.contacts.drop":       "the same",
	"login.join.take":           "an invitation's link is shown once",
	"login.passkeys.rename":     "passkeys need an authenticator",
	"login.passkeys.drop":       "the same",
	"desk.orders.shipped":       "takes a file",
	"desk.import.turn":          "the same",
	"desk.papers.save":          "the same",
	"desk.order.default":        "no presale is due",
	"operator.order.default":    "the same",
	"desk.payout.decide":        "one owner",
	"desk.member.change":        "the same",
	"operator.approvals.decide": "one operator",
	"operator.events.again":     "no event was given up",
	"operator.statements.pay":   "nothing is payable within the two days",
	"operator.groups.halt":      "no shop has a group at that hour",
	"wallet.act":                "the wallet's own phone",
}

func (m *market) clerk(name string, roots []string) *clerk {
	m.t.Helper()
	token, _, err := m.Login.Login(m.t.Context(), name, demo.Password, text.Zh)
	m.ok(err)
	c := &clerk{caller: &caller{m: m, name: name, token: token, lang: "zh"}, routes: http.NewServeMux(),
		seen: map[string]int{}, pressed: map[string]int{}, done: map[string]bool{}, queue: roots,
		changed: map[string]string{}}
	for _, row := range m.routes {
		c.routes.Handle(row.Method+" "+row.Path, http.NotFoundHandler())
	}
	return c
}

// pagesMax bounds the pages of one pattern that are looked at.
const pagesMax = 40

// work looks at pages until there are none, and presses what it found; what ends the session or the shop comes last.
func (c *clerk) work() {
	for len(c.queue)+len(c.waiting) > 0 {
		for len(c.queue) > 0 {
			path := c.queue[0]
			c.queue = c.queue[1:]
			c.look(path)
		}
		if len(c.waiting) > 0 {
			slices.SortStableFunc(c.waiting, func(x, y sheet) int { return ends(x) - ends(y) })
			next := c.waiting[0]
			c.waiting = c.waiting[1:]
			c.press(next)
		}
	}
}

// ends puts last what leaves nothing to press.
func ends(s sheet) int {
	for i, word := range []string{"/taken", "/settings", "/shops", "/switches", "/login", "/security", "erase", "/logout"} {
		if strings.Contains(s.action, word) {
			return i + 1
		}
	}
	return 0
}

func (c *clerk) pattern(method, path string) string {
	r, err := http.NewRequest(method, c.m.url+path, nil)
	if err != nil {
		return ""
	}
	_, pattern := c.routes.Handler(r)
	return pattern
}

func (c *clerk) look(path string) {
	pattern := c.pattern(http.MethodGet, path)
	if c.seen[pattern] >= pagesMax || pattern == "" || strings.Contains(pattern, "/news") || c.done[path] {
		return
	}
	c.done[path] = true
	c.seen[pattern]++
	got := c.send(c.page(sheet{action: path}, "same-origin"))
	if got.status >= 500 {
		c.m.t.Errorf("%s: GET %s: %d", c.name, path, got.status)
	}
	if strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
		c.read(path, got.body)
	}
}

// read takes the links and the forms of a page.
func (c *clerk) read(path string, body []byte) {
	doc, err := html.Parse(strings.NewReader(string(body)))
	c.m.ok(err)
	for n := range doc.Descendants() {
		switch n.Data {
		case "a":
			if to := of(n, "href"); strings.HasPrefix(to, "/") {
				to, _, _ = strings.Cut(to, "#")
				c.queue = append(c.queue, to)
			}
		case "form":
			if of(n, "method") == "post" {
				c.take(path, doc, n)
			}
		}
	}
}

func (c *clerk) take(path string, doc, form *html.Node) {
	action := of(form, "action")
	if action == "" {
		action = path
	}
	pattern := c.pattern(http.MethodPost, action)
	fields, buttons := filled(doc, form)
	for _, b := range buttons {
		s := sheet{on: path, action: action, name: pattern, fields: maps.Clone(fields)}
		if name := of(b, "name"); name != "" {
			s.fields.Set(name, of(b, "value"))
		}
		word := of(b, "value")
		if len(word) > 25 { // it names the thing, not what is done with it
			word = ""
		}
		key := strings.Join(append(slices.Sorted(maps.Keys(s.fields)), pattern, s.fields.Get("do"), word), " ")
		if !c.done[key] {
			c.done[key] = true
			c.waiting = append(c.waiting, s)
		}
	}
}

func of(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
