package node_test

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/goods/offer"
	"hutong/goods/stock"
)

// session has an offer in the hourly session from 11 to 12 in Shanghai, three hours after the market's start.
func (m *market) session(o offer.Offer, terms campaign.Terms) (campaign.EnrolmentID, time.Time) {
	m.t.Helper()
	ctx, days := m.t.Context(), campaign.Window{From: start, Until: start.Add(24 * time.Hour)}
	c, err := m.Campaigns.Save(ctx, "", 0, campaign.Plan{Title: text.Entry{Zh: "整点秒杀", En: "On the hour"},
		Channel: campaign.Seckill, Recruit: days, Timetable: campaign.EveryHour(days)})
	m.ok(err)
	c, err = m.Campaigns.Publish(ctx, c.ID, c.Version)
	m.ok(err)
	from := start.Add(3 * time.Hour)
	terms.Spot = true
	e, err := m.Campaigns.Enrol(ctx, campaign.Enrol{Shop: o.Shop, Campaign: c.ID, Slot: campaign.Slot{Session: from},
		Offer: o.ID, Terms: terms})
	m.ok(err)
	_, err = m.Campaigns.Decide(ctx, campaign.Decide{By: "lgn_op", ID: e.ID, Version: e.Version, Accept: true})
	m.ok(err)
	return e.ID, from
}

// at moves the clock and lets the jobs of sales and of orders run.
func (m *market) at(t time.Time) {
	m.t.Helper()
	m.clock.Set(t)
	for _, name := range []string{"order.expire", "campaign.lock", "campaign.return", "campaign.refresh", "ruleset.refresh"} {
		for _, j := range m.Jobs() {
			if j.Name == name {
				_, err := j.Run(m.t.Context())
				m.ok(err)
			}
		}
	}
}

// goods is what a quote asks for the goods, in minor units, with its token.
func (c *caller) goods(n int, o offer.Offer) (minor float64, token string) {
	c.m.t.Helper()
	address := c.must(201, "POST", "/api/v1/addresses", addressBody).text("address")
	q := c.must(200, "POST", "/api/v1/quotes", fmt.Sprintf(`{"lines":[{"offer":%q,"quantity":%d}],"address":%q}`, o.ID, n,
		address))
	return q.tree()["goods"].(map[string]any)["minor"].(float64), q.text("token")
}

// TestR19_ASessionOverHTTP: a millisecond before its start the ordinary price holds, at its start the sale's; the limit
// of a shopper is kept, the sale's own pool is sold once and no more, and what was not paid goes back to the shelf.
func TestR19_ASessionOverHTTP(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		o := m.offers[0]
		id, from := m.session(o, campaign.Terms{Price: 990, Quantity: 20, PerShopper: 2})
		m.at(from.Add(-2 * time.Hour))
		a := m.guest("a")
		for _, x := range []struct {
			at   time.Time
			want float64
		}{{from.Add(-time.Millisecond), 3980}, {from, 1980}, {from.Add(time.Millisecond), 1980}} {
			m.at(x.at)
			if got, _ := a.goods(2, o); got != x.want {
				t.Errorf("%v: %v, want %v", x.at.Sub(from), got, x.want)
			}
		}
		_, token := a.goods(2, o)
		a.must(201, "POST", "/api/v1/orders", fmt.Sprintf(`{"token":%q}`, token))
		if got, _ := a.goods(1, o); got != 1990 {
			t.Errorf("beyond the limit: %v", got)
		}
		m.rush(o, 30, 18)
		pool := m.Campaigns.Live().Item(id, from).Pool
		m.at(from.Add(time.Hour))
		if got, _ := a.goods(1, o); got != 1990 {
			t.Errorf("after the session: %v", got)
		}
		m.at(from.Add(3 * time.Hour))
		m.at(from.Add(3 * time.Hour))
		free, err := m.Stock.FreeOf(t.Context(), []stock.PoolID{o.Pool, pool})
		m.ok(err)
		if _, open := free[pool]; open || free[o.Pool] != 100 {
			t.Errorf("what nobody paid is not back on the shelf: %v", free)
		}
		m.audit()
	})
}

// rush has so many shoppers buy one piece at once; want of them get it at the sale's price, the others are told that it
// is sold out.
func (m *market) rush(o offer.Offer, shoppers, want int) {
	m.t.Helper()
	tokens := make([]string, shoppers)
	callers := make([]*caller, shoppers)
	for i := range callers {
		callers[i] = m.guest(fmt.Sprint("rush", i))
		var price float64
		if price, tokens[i] = callers[i].goods(1, o); price != 990 {
			m.t.Fatalf("shopper %d is asked %v", i, price)
		}
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	got, gone := 0, 0
	for i, c := range callers {
		wg.Go(func() {
			r := c.call("POST", "/api/v1/orders", fmt.Sprintf(`{"token":%q}`, tokens[i]))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case r.status == 201:
				got++
			case r.status == 409 && r.text("code") == "stock.sold_out":
				gone++
			default:
				m.t.Errorf("%d %s", r.status, r.body)
			}
		})
	}
	wg.Wait()
	if got != want || gone != shoppers-want {
		m.t.Errorf("%d bought, %d were told that it is sold out", got, gone)
	}
}

// TestAShopMayPutAllThatItHasIntoASale: nothing is left beside the session's own pieces. Until it begins the goods are
// out of stock; then its pieces are in stock on the shelf, on the product's page, in the cart and to programs, and are
// bought; a presale of everything takes its earnest.
func TestAShopMayPutAllThatItHasIntoASale(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		o, ahead := m.offers[0], m.offers[1]
		_, from := m.session(o, campaign.Terms{Price: 990, Quantity: 100, PerShopper: 3})
		item, _ := m.presale(ahead, campaign.Terms{Price: 1000, Quantity: 100, Earnest: 100, Worth: 200,
			Part: campaign.Part{Presale: true}})
		m.at(start.Add(time.Hour))
		m.settle()
		a := m.guest("a")
		page := func(path string, want bool, parts ...string) {
			t.Helper()
			body := string(a.must(200, "GET", path, "").body)
			for _, part := range parts {
				if strings.Contains(body, part) != want {
					t.Errorf("%s: %q should be there: %v", path, part, want)
				}
			}
		}
		listed := func(want bool) {
			t.Helper()
			m.ok(m.Search.RefreshStock(t.Context()))
			page("/search?stock=1", want, "/p/"+o.Product)
			if body := string(a.must(200, "GET", "/api/v1/products?in_stock=true", "").body); strings.Contains(body, o.Product) != want {
				t.Errorf("to programs it should be in stock: %v", want)
			}
		}
		buy := `name="offer" value="` + string(o.ID)
		page("/p/"+o.Product, false, buy)
		listed(false)
		page("/p/"+ahead.Product, true, `href="#presale"`, string(item))
		a.preorder(item, ahead)

		m.at(from)
		m.settle()
		page("/p/"+o.Product, true, buy, `max="3"`)
		listed(true)
		_, card, _ := strings.Cut(string(a.must(200, "GET", "/", "").body), `href="/p/`+o.Product)
		if card, _, _ = strings.Cut(card, `href="/p/`); card == "" || strings.Contains(card, "售罄") {
			t.Errorf("its card: %q", card)
		}
		sku := a.must(200, "GET", "/api/v1/products/"+o.Product, "").tree()["skus"].([]any)[0].(map[string]any)
		if sku["in_stock"] != true {
			t.Errorf("to programs it is %v", sku)
		}
		a.form("/cart", url.Values{"offer": {string(o.ID)}, "quantity": {"2"}})
		page("/cart", true, "19.80")
		page("/cart", false, "line-bad")
		if goods, token := a.goods(3, o); goods != 2970 || token == "" {
			t.Errorf("three cost %v", goods)
		}
		m.audit()
	})
}

// TestAnItemIsTakenOutWhileOrdersWaitForTheirPayment: the operator takes an item out of its session. Of three orders that
// were placed before, one is paid at the price that it was promised, one lapses and its piece comes back to the shelf,
// and one is paid after it lapsed: its money goes back, and no piece is taken from anybody.
func TestAnItemIsTakenOutWhileOrdersWaitForTheirPayment(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		o := m.offers[0]
		id, from := m.session(o, campaign.Terms{Price: 990, Quantity: 20, PerShopper: 9})
		m.at(from.Add(-time.Hour))
		m.at(from)
		a := m.guest("a")
		var orders [3]string
		for i := range orders {
			_, token := a.goods(1, o)
			orders[i] = a.must(201, "POST", "/api/v1/orders", fmt.Sprintf(`{"token":%q}`, token)).text("order")
		}
		_, token := a.goods(1, o)
		late := a.begin(orders[2], "redbean")
		pool := m.Campaigns.Live().Item(id, from).Pool
		e, err := m.Campaigns.Enrolment(t.Context(), "", id)
		m.ok(err)
		_, err = m.Campaigns.Remove(t.Context(), campaign.Remove{By: "lgn_op", ID: id, Version: e.Version, Why: "a wrong price"})
		m.ok(err)
		for _, since := range []time.Duration{0, time.Minute} { // also before the rules know
			if since > 0 {
				m.at(from.Add(since))
			}
			a.refused(409, "flash.withdrawn", "POST", "/api/v1/orders", fmt.Sprintf(`{"token":%q}`, token))
		}
		a.payAt(a.begin(orders[0], "redbean"))
		m.settle()
		m.at(from.Add(time.Hour))
		m.at(from.Add(time.Hour))
		a.payAt(late)
		m.settle()
		m.at(from.Add(time.Hour + time.Minute))
		for i, want := range []string{"paid", "cancelled", "cancelled"} {
			if got := a.must(200, "GET", "/api/v1/orders/"+orders[i], "").text("state"); got != want {
				t.Errorf("order %d is %s, want %s", i, got, want)
			}
		}
		pools, err := m.Stock.FreeOf(t.Context(), []stock.PoolID{o.Pool, pool})
		m.ok(err)
		if _, open := pools[pool]; open || pools[o.Pool] != 99 {
			t.Errorf("free %v, want 99 on the shelf", pools)
		}
		m.audit()
	})
}
