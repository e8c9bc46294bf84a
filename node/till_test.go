package node_test

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"hutong/base/fault"
	"hutong/base/text"
	"hutong/deal/voucher"
)

var ticked = regexp.MustCompile(`name="use" type="checkbox" value="([^"]*)"( checked)?`)

// till is a checkout page as a shopper without script reads it.
type till struct {
	c *caller
	answer
}

// looks opens a page of the till.
func (c *caller) looks(path string) till {
	c.m.t.Helper()
	got := till{c, c.page(c.request("GET", path, ""))}
	if got.status != 200 {
		c.m.t.Fatalf("%s: %d %s", path, got.status, got.body)
	}
	return got
}

// presses sends the till's form with these vouchers ticked, by the button of that name.
func (p till) presses(button string, use ...string) till {
	p.c.m.t.Helper()
	fields := url.Values{"choose": {"1"}, "use": use}
	for _, f := range hidden.FindAllStringSubmatch(string(p.body), -1) {
		fields.Add(f[1], strings.ReplaceAll(f[2], "&amp;", "&"))
	}
	if button != "" {
		fields.Set(button, "1")
	}
	r := p.c.request("POST", "/checkout", fields.Encode())
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return till{p.c, p.c.page(r)}
}

// says holds the page to a status, to the vouchers that are ticked, and to words.
func (p till) says(status int, on []string, words ...string) till {
	p.c.m.t.Helper()
	var is []string
	for _, one := range ticked.FindAllStringSubmatch(string(p.body), -1) {
		if one[2] != "" {
			is = append(is, one[1])
		}
	}
	if p.status != status || strings.Join(is, ",") != strings.Join(on, ",") {
		p.c.m.t.Fatalf("%d with %v ticked, want %d with %v: %s", p.status, is, status, on, p.body)
	}
	for _, want := range words {
		if !strings.Contains(string(p.body), want) {
			p.c.m.t.Errorf("the till does not say %q: %s", want, p.body)
		}
	}
	return p
}

// placed is what the goods of the order cost that a press placed.
func (p till) placed() float64 {
	p.c.m.t.Helper()
	if p.status != 303 || !strings.HasPrefix(p.header.Get("Location"), "/orders/") {
		p.c.m.t.Fatalf("%d %s", p.status, p.body)
	}
	at := "/api/v1" + p.header.Get("Location")
	goods := p.c.must(200, "GET", at, "").tree()["goods"].(map[string]any)["minor"].(float64)
	p.c.must(200, "POST", at+"/cancel", `{}`) // the vouchers come back
	return goods
}

// holds publishes a voucher and gives it to the caller.
func (c *caller) holds(title string, change func(*voucher.Terms)) (id string) {
	c.m.t.Helper()
	terms := half(c.m)
	terms.Title = text.Entry{Zh: title, En: title}
	change(&terms)
	who := c.m.claim(c, c.m.publish(terms))
	all, err := c.m.Vouchers.Wallet(c.m.t.Context(), who)
	c.m.ok(err)
	for _, v := range all {
		if v.Terms.Title.En == title {
			id = string(v.ID)
		}
	}
	return id
}

// TestVouchersAreChosenAtTheTill: without script, the best are chosen for the shopper, who takes another one, none, or
// what was kept from being spent on next to nothing (FAULTS M9); the price and the order follow, and nothing is placed
// with other vouchers than the page that was read had ticked.
func TestVouchersAreChosenAtTheTill(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		o, a := m.offers[0], m.guest("a")
		a.must(201, "POST", "/api/v1/addresses", addressBody)
		big := a.holds("Big", func(*voucher.Terms) {})
		small := a.holds("Small", func(v *voucher.Terms) { v.Off = 600 })
		a.holds("Far", func(v *voucher.Terms) { v.Threshold = 900_000 })
		b := m.guest("b")
		another := b.holds("Theirs", func(v *voucher.Terms) { v.Threshold = 900_000 })
		last := half(m)
		last.Title, last.Off, last.Budget = text.Entry{Zh: "Last", En: "Last"}, 500, 500
		spent := m.publish(last)
		m.claim(a, spent)
		m.claim(b, spent)
		b.order(2, o) // takes all that there was
		a.holds("Stopped", func(*voucher.Terms) {})
		m.stops("Stopped")
		at := "/checkout?buy=" + string(o.ID) + ".2"
		auto := a.looks(at).says(200, []string{big}, "The best of yours are chosen for you.", "−CN¥10.00",
			"Alone takes CN¥6.00 off", "A better one is applied", "untick the one that is used", "Not for this order (3)", "Paused for now", "The threshold is not reached", "is used up")
		if strings.Contains(string(auto.body), "Theirs") {
			t.Error("another shopper's voucher is shown")
		}
		own := auto.presses("reprice", small).says(200, []string{small}, "Priced with your choice.", "−CN¥6.00",
			"Alone takes CN¥10.00 off", "Not for this order (3)")
		if n := own.presses("", small).placed(); n != 3380 {
			t.Errorf("with the smaller one the goods cost %v", n)
		}
		none := auto.presses("reprice").says(200, nil, "None is used; all are kept for later.", "Choose the best for me")
		if n := none.presses("").placed(); n != 3980 {
			t.Errorf("without any the goods cost %v", n)
		}
		a.looks(at+"&choose=1&use="+another+"&use="+small).says(200, []string{small}, "cannot be used now")
		held := auto.presses("").says(409, nil, "You changed the vouchers", "The price has changed", "No longer taken off")
		if n := held.presses("").placed(); n != 3980 {
			t.Errorf("after the second look the goods cost %v", n)
		}
		if n := auto.presses("", big).placed(); n != 2980 {
			t.Errorf("as it stood the goods cost %v", n)
		}
		m.wasted(a, at, big, small)
		m.audit()
	})
}

// stops pauses the voucher of that title.
func (m *market) stops(title string) {
	m.t.Helper()
	all, _, err := m.Vouchers.Centre(m.t.Context(), voucher.Centre{})
	m.ok(err)
	for _, one := range all {
		if one.Terms.Title.En == title {
			m.ok(m.Vouchers.Turn(m.t.Context(), voucher.Turn{Template: one.ID, To: voucher.TemplatePaused, Reason: "a look"}))
		}
	}
	m.settle()
}

// wasted puts the floor so high that each voucher would be spent on some cents.
func (m *market) wasted(a *caller, at, big, small string) {
	m.t.Helper()
	m.login("merchant-x").must(200, "PUT", "/api/v1/merchant/offers/"+string(m.offers[0].ID)+"/price",
		`{"price":{"minor":1990,"currency":"CNY"},"floor_price":{"minor":1970,"currency":"CNY"}}`)
	kept := a.looks(at).says(200, nil, "None was chosen for you", "it is kept for another order", "Alone takes CN¥0.40 off")
	if n := kept.presses("").placed(); n != 3980 {
		m.t.Errorf("what is kept made it %v", n)
	}
	if n := kept.presses("reprice", small).says(200, []string{small}).presses("", small).placed(); n != 3940 {
		m.t.Errorf("what was named made it %v", n)
	}
}

// TestAVoucherThatIsGoneIsRefusedAtTheTill: another order took it, or its maker paused it, between the choice and the
// press. The page says so in words, shows what holds now, and placing that is the consent; over the API, too, where what
// the shopper left out stays left out.
func TestAVoucherThatIsGoneIsRefusedAtTheTill(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		o, a := m.offers[0], m.guest("a")
		address := a.must(201, "POST", "/api/v1/addresses", addressBody).text("address")
		big := a.holds("Big", func(*voucher.Terms) {})
		small := a.holds("Small", func(v *voucher.Terms) { v.Off = 600 })
		quote := func(claims string) answer {
			return a.must(200, "POST", "/api/v1/quotes", fmt.Sprintf(
				`{"lines":[{"offer":%q,"quantity":2}],"address":%q,"claims":[%s]}`, o.ID, address, claims))
		}
		q := quote(`"` + small + `"`)
		if got := q.list("choices"); len(got) != 2 || got[0]["claim"] != big || got[0]["used"] != false ||
			got[0]["off"].(map[string]any)["minor"] != 1000.0 || got[1]["claim"] != small || got[1]["used"] != true {
			t.Errorf("the choices are %v", got)
		}
		chose := a.looks("/checkout?buy="+string(o.ID)+".2&choose=1&use="+small).says(200, []string{small})
		taken := a.must(201, "POST", "/api/v1/orders", fmt.Sprintf(`{"token":%q}`, quote(`"`+small+`"`).text("token"))).
			text("order")
		anew := chose.presses("", small).says(409, nil, "This voucher has been used", "cannot be used now",
			"No longer taken off: Small", "Place the order at the new price", "Alone takes CN¥10.00 off")
		a.gone(q.text("token"), 409, "promo.claim_used", 3380, 3980)
		if n := anew.presses("").placed(); n != 3980 {
			t.Errorf("agreed to, the goods cost %v", n)
		}
		a.must(200, "POST", "/api/v1/orders/"+taken+"/cancel", `{}`)
		auto := a.looks("/checkout?buy="+string(o.ID)+".2").says(200, []string{big})
		all, err := m.Vouchers.Wallet(t.Context(), m.claimant(a))
		m.ok(err)
		for _, v := range all {
			if string(v.ID) == big {
				m.ok(m.Vouchers.Cancel(t.Context(), voucher.Cancel{Voucher: v.ID, Reason: "a mistake"}))
			}
		}
		if n := auto.presses("", big).says(409, []string{small}, "This voucher has been used").presses("", small).
			placed(); n != 3380 {
			t.Errorf("with what is left the goods cost %v", n)
		}
		m.audit()
	})
}

// claimant is which shopper the caller is.
func (m *market) claimant(c *caller) string {
	m.t.Helper()
	who, err := m.Login.Resolve(m.t.Context(), c.token)
	m.ok(err)
	return who.Shopper
}

var turn = regexp.MustCompile(`name="turn" value="([^"]*)"[^>]*>(?:<svg.*?</svg>)?(?:<span class="pick-text">)?(?:<strong>)?([^<]*)`)

// turns presses the choice that says those words, with a remark typed and these vouchers ticked.
func (p till) turns(words, remark string, use ...string) till {
	p.c.m.t.Helper()
	fields := url.Values{"choose": {"1"}, "use": use, "remark": {remark}}
	for _, f := range hidden.FindAllStringSubmatch(string(p.body), -1) {
		if f[1] != "remark" {
			fields.Add(f[1], html.UnescapeString(f[2]))
		}
	}
	for _, c := range turn.FindAllStringSubmatch(string(p.body), -1) {
		if strings.Contains(c[2], words) {
			fields.Set("turn", html.UnescapeString(c[1]))
		}
	}
	r := p.c.request("POST", "/checkout", fields.Encode())
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return till{p.c, p.c.page(r)}
}

// TestWhatIsTypedAtTheTillStays: another address, another choice and a basket that cannot be placed for a while keep
// the remark; ticks that were not priced yet go with the address, and a choice of all of them counts instead.
func TestWhatIsTypedAtTheTillStays(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		o, a := m.offers[0], m.guest("a")
		a.must(201, "POST", "/api/v1/addresses", addressBody)
		a.must(201, "POST", "/api/v1/addresses", strings.Replace(addressBody, "独孤求败", "韩梅梅", 1))
		big := a.holds("Big", func(*voucher.Terms) {})
		small := a.holds("Small", func(v *voucher.Terms) { v.Off = 600 })
		p := a.looks(fmt.Sprintf("/checkout?buy=%s.2", o.ID)).says(200, []string{big})
		const kept = `value="at the &#34;gate&#34;"`
		p = p.turns("韩梅梅", `at the "gate"`, small).says(200, []string{small}, kept, "pick-on")
		p = p.turns("Choose the best for me", `at the "gate"`, small).says(200, []string{big}, kept)
		p = p.turns("独孤求败", `at the "gate"`, big).says(200, []string{big}, kept, "The best of yours are chosen for you.")
		p.turns("Use none", `at the "gate"`, small).says(200, nil, kept, "None is used; all are kept for later.")
		m.ok(m.Stock.SetStock(t.Context(), o.Shop, o.SKU, 1))
		p.turns("韩梅梅", `at the "gate"`, big).says(200, []string{big}, `type="hidden" name="remark" `+kept)
	})
}

// TestAClaimThatIsNotTheCallersIsSaid: a quote answers alike of another shopper's voucher, of one that was never made and
// of one of the caller's own that is used, and prices the basket with the rest.
func TestAClaimThatIsNotTheCallersIsSaid(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		o, a, b := m.offers[0], m.guest("a"), m.guest("b")
		address := a.must(201, "POST", "/api/v1/addresses", addressBody).text("address")
		mine := a.holds("Mine", func(*voucher.Terms) {})
		theirs := b.holds("Theirs", func(*voucher.Terms) {})
		quote := func(claims ...string) answer {
			return a.must(200, "POST", "/api/v1/quotes", fmt.Sprintf(
				`{"lines":[{"offer":%q,"quantity":2}],"address":%q,"claims":["%s"]}`, o.ID, address, strings.Join(claims, `","`)))
		}
		said := func(q answer) (all []string) {
			for _, r := range q.list("refused") {
				if r["promotion"] == "" {
					all = append(all, fmt.Sprint(r["claim"], " ", r["code"]))
				}
			}
			return all
		}
		never := m.IDs.New("vch")
		q := quote(mine, theirs, never, theirs)
		want := []string{theirs + " checkout.no_voucher", never + " checkout.no_voucher"}
		if got := said(q); !slices.Equal(got, want) {
			t.Errorf("refused %v, want %v", got, want)
		}
		if got := q.tree()["goods"].(map[string]any)["minor"]; got != 2980.0 {
			t.Errorf("the goods cost %v", got)
		}
		a.must(201, "POST", "/api/v1/orders", fmt.Sprintf(`{"token":%q}`, q.text("token")))
		if got := said(quote(mine)); !slices.Equal(got, []string{mine + " checkout.no_voucher"}) {
			t.Errorf("of one that is used: %v", got)
		}
	})
}

// TestAVoucherNeedsGoodsThatThereAre: the market as it is built asks its catalogue, on both engines.
func TestAVoucherNeedsGoodsThatThereAre(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		o := m.offers[0]
		for shop, want := range map[string]string{"": "", o.Shop: "", "shp_other": "voucher.goods"} {
			terms := half(m)
			terms.SKUs = []string{o.SKU}
			if shop != "" {
				terms.Funding = nil
			}
			_, err := m.Vouchers.Draft(t.Context(), voucher.Draft{Shop: shop, Terms: terms})
			if want == "" && err != nil || want != "" && !fault.Is(err, want) {
				t.Errorf("of %q: %v", shop, err)
			}
		}
		terms := half(m)
		terms.SKUs = []string{o.SKU, "sku_none"}
		if _, err := m.Vouchers.Draft(t.Context(), voucher.Draft{Terms: terms}); !fault.Is(err, "voucher.goods") {
			t.Errorf("of none: %v", err)
		}
	})
}
