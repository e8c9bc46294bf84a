package node_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"hutong/deal/campaign"
	"hutong/goods/offer"
	"hutong/surface/gate"
)

// minor reads an amount out of a problem or a quote.
func (a answer) minor(of, name string) float64 {
	part, _ := a.tree()[of].(map[string]any)
	amount, _ := part[name].(map[string]any)
	n, _ := amount["minor"].(float64)
	return n
}

// agreed places the quote that came with a refusal.
func (c *caller) agreed(refused answer, want float64) {
	c.m.t.Helper()
	quote, _ := refused.tree()["quote"].(map[string]any)
	token, _ := quote["token"].(string)
	order := c.must(201, "POST", "/api/v1/orders", fmt.Sprintf(`{"token":%q}`, token)).text("order")
	if got := c.must(200, "GET", "/api/v1/orders/"+order, "").tree()["goods"].(map[string]any)["minor"]; got != want {
		c.m.t.Errorf("the order agreed to costs %v, want %v", got, want)
	}
}

// gone places a token whose terms are gone, and holds what is told beside the refusal.
func (c *caller) gone(token string, status int, code string, was, now float64) answer {
	c.m.t.Helper()
	got := c.call("POST", "/api/v1/orders", fmt.Sprintf(`{"token":%q}`, token))
	got.problem(c.m.t, status, code)
	if got.minor("promised", "goods") != was || got.minor("quote", "goods") != now {
		c.m.t.Errorf("%s: promised %v, now %v: %s", code, got.minor("promised", "goods"), got.minor("quote", "goods"), got.body)
	}
	return got
}

// TestR22_TermsThatChangedAreShownBesideTheOld: a sale's price falls, then it is withdrawn, while shoppers hold quotes; a
// voucher lapses before it is used. Each is told what was promised and what holds now, and buys by agreeing to that;
// nobody pays what they did not see.
func TestR22_TermsThatChangedAreShownBesideTheOld(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		o := m.offers[0]
		id, from := m.session(o, campaign.Terms{Price: 1200, Quantity: 20})
		m.at(from.Add(-2 * time.Hour))
		m.at(from)
		a, b := m.guest("a"), m.guest("b")
		_, token := a.goods(1, o)
		e, err := m.Campaigns.Enrolment(t.Context(), o.Shop, id)
		m.ok(err)
		e, err = m.Campaigns.Change(t.Context(), campaign.Change{Shop: o.Shop, ID: id, Version: e.Version, Price: 990,
			Quantity: e.Quantity})
		m.ok(err)
		m.at(from.Add(time.Minute))
		a.agreed(a.gone(token, 409, "flash.terms_changed", 1200, 990), 990)

		_, token = a.goods(1, o)
		shown := b.bought(o)
		_, err = m.Campaigns.Remove(t.Context(), campaign.Remove{By: "lgn_op", ID: id, Version: e.Version, Why: "a typo"})
		m.ok(err)
		m.at(from.Add(2 * time.Minute))
		a.agreed(a.gone(token, 409, "flash.withdrawn", 990, 1990), 1990)
		b.consents(shown)

		m.claim(a, m.publish(half(m)))
		if was, held := a.goods(2, o); was != 2980 {
			t.Fatalf("with a voucher %v", was)
		} else {
			m.at(from.Add(74 * time.Hour))
			a.agreed(a.gone(held, 410, "checkout.expired", 2980, 3980), 3980)
		}
		m.audit()
	})
}

var hidden = regexp.MustCompile(`<input type="hidden" name="(token|back|seen)" value="([^"]*)">`)

// page is a page as a browser without script would read it.
func (c *caller) page(r *http.Request) answer {
	r.Header.Set("Cookie", gate.SessionCookie+"="+c.token)
	r.Header.Del("Authorization")
	r.Header.Set("Accept-Language", "en")
	return c.send(r)
}

// bought looks at the checkout of one piece bought at once.
func (c *caller) bought(o offer.Offer) answer {
	c.m.t.Helper()
	c.must(201, "POST", "/api/v1/addresses", addressBody)
	got := c.page(c.request("GET", "/checkout?buy="+string(o.ID)+".1", ""))
	if got.status != 200 || !strings.Contains(string(got.body), "Place the order<") {
		c.m.t.Fatalf("%d %s", got.status, got.body)
	}
	return got
}

// submit presses the button of a checkout page.
func (c *caller) submit(shown answer) answer {
	c.m.t.Helper()
	fields := url.Values{}
	for _, f := range hidden.FindAllStringSubmatch(string(shown.body), -1) {
		fields.Add(f[1], strings.ReplaceAll(f[2], "&amp;", "&"))
	}
	r := c.request("POST", "/checkout", fields.Encode())
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return c.page(r)
}

// consents presses the button of a page whose price was withdrawn meanwhile, is shown both, and presses again.
func (c *caller) consents(shown answer) {
	c.m.t.Helper()
	anew := c.submit(shown)
	for _, want := range []string{"The price has changed", "¥9.90", "¥19.90", "No longer taken off",
		"Place the order at the new price", "was withdrawn"} {
		if anew.status != 409 || !strings.Contains(string(anew.body), want) {
			c.m.t.Fatalf("%d without %q: %s", anew.status, want, anew.body)
		}
	}
	placed := c.submit(anew)
	if placed.status != 303 || !strings.HasPrefix(placed.header.Get("Location"), "/orders/") {
		c.m.t.Fatalf("%d %s", placed.status, placed.body)
	}
	goods := c.must(200, "GET", "/api/v1"+placed.header.Get("Location"), "").tree()["goods"].(map[string]any)["minor"]
	if goods != 1990.0 {
		c.m.t.Errorf("the order agreed to costs %v", goods)
	}
}
