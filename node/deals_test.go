package node_test

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/deal/campaign"
	"hutong/deal/flash"
	"hutong/deal/promo"
	"hutong/deal/reference"
	"hutong/deal/voucher"
	"hutong/party/audit"
	"hutong/party/login"
)

// half is the market's voucher: 10.00 off 30.00, half of it paid by the platform.
func half(m *market) voucher.Terms {
	now := m.clock.Now()
	return voucher.Terms{Kind: voucher.KindVoucher, Title: m.shops[0].Name, Threshold: 3_000, Off: 1_000,
		Funding: []promo.Share{{Party: promo.Platform, PPM: 500_000}, {Party: promo.Merchant, PPM: 500_000}},
		FromUS:  clock.Micros(now), UntilUS: clock.Micros(now.Add(72 * time.Hour)), Listed: true,
		ClaimFromUS: clock.Micros(now), ClaimUntilUS: clock.Micros(now.Add(24 * time.Hour)), Issue: 10, PerShopper: 1,
		Budget: 100_000, Audience: voucher.Audience{Kind: voucher.Everyone}}
}

// TestAVoucherFromItsTemplateToTheBooks: the operator publishes it, a shopper claims it and buys from two shops with it
// over HTTP, one piece comes back, everything is settled, and the books hold with the platform's part in them.
func TestAVoucherFromItsTemplateToTheBooks(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		ctx := t.Context()
		template := m.publish(half(m))
		a := m.guest("a")
		who := m.claim(a, template)
		address := a.must(201, "POST", "/api/v1/addresses", addressBody).text("address")
		q := a.must(200, "POST", "/api/v1/quotes", fmt.Sprintf(`{"lines":[{"offer":%q,"quantity":2}],"address":%q}`,
			m.offers[0].ID, address))
		if goods := q.tree()["goods"].(map[string]any)["minor"]; goods != float64(2*1990-1000) {
			t.Fatalf("the goods cost %v: %s", goods, q.body)
		}
		order := a.must(201, "POST", "/api/v1/orders", fmt.Sprintf(`{"token":%q}`, q.text("token"))).text("order")
		m.settle()
		held, err := m.Vouchers.Wallet(ctx, who)
		m.ok(err)
		if len(held) != 1 || held[0].State != voucher.Used {
			t.Fatalf("the wallet says %+v", held)
		}
		a.payAt(a.begin(order, "redbean"))
		x := m.login("merchant-x")
		x.must(201, "POST", "/api/v1/merchant/orders/"+order+"/suborders/1/ship", `{}`)
		a.must(200, "POST", "/api/v1/orders/"+order+"/suborders/1/receive", `{}`)
		m.state(a, "/api/v1/orders/"+order, "completed")
		m.settle()
		balances := m.login("operator").must(200, "GET", "/api/v1/operator/books", "").items()
		if got := standing(balances, "funder:platform"); got != -500 {
			t.Fatalf("the platform's balance is %v: %v", got, balances)
		}
		m.audit()
	})
}

// publish puts a template into force.
func (m *market) publish(terms voucher.Terms) voucher.TemplateID {
	m.t.Helper()
	drafted, err := m.Vouchers.Draft(m.t.Context(), voucher.Draft{Terms: terms})
	m.ok(err)
	m.ok(m.Vouchers.Publish(m.t.Context(), voucher.Publish{Template: drafted.ID, Version: drafted.Newest}))
	m.settle()
	return drafted.ID
}

// claim gives the caller a voucher and tells which shopper they are.
func (m *market) claim(c *caller, template voucher.TemplateID) string {
	m.t.Helper()
	who, err := m.Login.Resolve(m.t.Context(), c.token)
	m.ok(err)
	_, err = m.Vouchers.Claim(m.t.Context(), voucher.Claim{Shopper: who.Shopper, Template: template})
	m.ok(err)
	return who.Shopper
}

// TestP3_OnePersonBehindTwoAccounts: a voucher for new shoppers is used by one account; another one that has its parcels
// brought to the same door with the same phone number sees the full price, and why.
func TestP3_OnePersonBehindTwoAccounts(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		terms := half(m)
		terms.Audience = voucher.Audience{Kind: voucher.NewShoppers}
		template := m.publish(terms)
		quote := func(c *caller) answer {
			address := c.must(201, "POST", "/api/v1/addresses", addressBody).text("address")
			return c.must(200, "POST", "/api/v1/quotes", fmt.Sprintf(`{"lines":[{"offer":%q,"quantity":2}],"address":%q}`,
				m.offers[0].ID, address))
		}
		a, b := m.guest("a"), m.guest("b")
		for _, c := range []*caller{a, b} { // whoever is given one by hand brings no phone number that could be compared
			who, err := m.Login.Resolve(t.Context(), c.token)
			m.ok(err)
			m.ok(m.Vouchers.Seed(t.Context(), voucher.Grant{Template: template, Shoppers: []string{who.Shopper}, By: audit.System}))
		}
		first := quote(a)
		bought := a.must(201, "POST", "/api/v1/orders", fmt.Sprintf(`{"token":%q}`, first.text("token"))).text("order")
		second := quote(b)
		refused := second.tree()["refused"].([]any)
		if first.tree()["goods"].(map[string]any)["minor"] != float64(2980) ||
			second.tree()["goods"].(map[string]any)["minor"] != float64(3980) ||
			len(refused) != 1 || refused[0].(map[string]any)["code"] != voucher.CodeMarked {
			t.Fatalf("first %s\nsecond %s", first.body, second.body)
		}
		a.payAt(a.begin(bought, "redbean"))
		m.settle()
		for newToo, want := range map[bool]bool{true: true, false: false} { // RULES 1.2: it caps no sale
			m.ok(m.DB.Read(t.Context(), func(tx *db.Tx) error {
				p, err := m.Reference.LowestAlone(tx, m.offers[0].Shop, m.offers[0].SKU,
					reference.Window{From: start, Until: m.clock.Now().Add(time.Second)}, newToo)
				if p.Found() != want {
					t.Errorf("a new shopper's price, counted %v: %+v", newToo, p)
				}
				return err
			}))
		}
		m.audit()
	})
}

// TestP3_OneWalletBehindTwoNewShoppers: nothing tells two accounts apart but the wallet account that both pay with. The
// voucher for new shoppers is had once with it; the second order is cancelled, its money goes back, and whoever placed it
// sees the full price, and why, from then on.
func TestP3_OneWalletBehindTwoNewShoppers(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		terms := half(m)
		terms.Audience = voucher.Audience{Kind: voucher.NewShoppers}
		template := m.publish(terms)
		buy := func(name, division, phone string) (c *caller, quote func() answer, order string) {
			c = m.guest(name)
			who, err := m.Login.Resolve(t.Context(), c.token)
			m.ok(err)
			m.ok(m.Vouchers.Seed(t.Context(), voucher.Grant{Template: template, Shoppers: []string{who.Shopper}, By: audit.System}))
			home := strings.NewReplacer("330106", division, "13912345678", phone).Replace(addressBody)
			address := c.must(201, "POST", "/api/v1/addresses", home).text("address")
			quote = func() answer {
				return c.must(200, "POST", "/api/v1/quotes", fmt.Sprintf(`{"lines":[{"offer":%q,"quantity":2}],"address":%q}`,
					m.offers[0].ID, address))
			}
			q := quote()
			if goods := q.tree()["goods"].(map[string]any)["minor"]; goods != float64(2980) {
				t.Fatalf("%s: %s", name, q.body)
			}
			order = c.must(201, "POST", "/api/v1/orders", fmt.Sprintf(`{"token":%q}`, q.text("token"))).text("order")
			return c, quote, order
		}
		a, _, first := buy("a", "330106", "13912345678")
		b, again, second := buy("b", "110101", "13811112222")
		a.payAs(a.begin(first, "redbean"), "one-wallet")
		m.state(a, "/api/v1/orders/"+first, "paid")
		b.payAs(b.begin(second, "redbean"), "one-wallet")
		m.state(b, "/api/v1/orders/"+second, "cancelled")
		m.settle()
		q := again()
		refused := q.list("refused")
		if q.tree()["goods"].(map[string]any)["minor"] != float64(3980) || len(refused) != 1 ||
			refused[0]["code"] != voucher.CodeMarked {
			t.Fatalf("the next quote is %s", q.body)
		}
		a.must(201, "POST", "/api/v1/orders/"+first+"/suborders/1/cases", `{"reason":"unwanted"}`) // not sent: all of it goes back
		m.settle()
		if q := again(); q.tree()["goods"].(map[string]any)["minor"] != float64(2980) {
			t.Fatalf("once the first came back, %s", q.body)
		}
		m.audit()
	})
}

// TestACityTiersVoucherFollowsTheParcel: who adds a far address to claim a voucher for its cities has nothing of it for a
// parcel that goes elsewhere, and is told why, whether the voucher is named or not (RULES 12).
func TestACityTiersVoucherFollowsTheParcel(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		terms := half(m)
		terms.Audience = voucher.Audience{Kind: voucher.InCityTiers, Tiers: []int64{3, 4, 5}}
		template := m.publish(terms)
		a := m.guest("a")
		to := func(division string) string {
			return a.must(201, "POST", "/api/v1/addresses", strings.Replace(addressBody, "330106", division, 1)).text("address")
		}
		home, far := to("330106"), to("653101")
		m.claim(a, template)
		mine := a.must(200, "GET", "/api/v1/me/vouchers", "").items()[0]["voucher"]
		near := to("653122") // the newest is in its cities, too
		for _, c := range []struct {
			address, claims string
			goods           float64
		}{{home, "", 3980}, {home, fmt.Sprintf(`,"claims":[%q]`, mine), 3980}, {far, "", 2980}, {near, "", 2980}, {"", "", 2980}} {
			q := a.must(200, "POST", "/api/v1/quotes", fmt.Sprintf(`{"lines":[{"offer":%q,"quantity":2}],"address":%q%s}`,
				m.offers[0].ID, c.address, c.claims))
			told := slices.ContainsFunc(q.list("refused"), func(r map[string]any) bool {
				return r["code"] == promo.RefusedElsewhere && r["claim"] == mine
			})
			if got := q.tree()["goods"].(map[string]any)["minor"]; got != c.goods || told != (c.goods == 3980) {
				t.Errorf("to %q, claims %q: %s", c.address, c.claims, q.body)
			}
			if c.address == home {
				id := a.must(201, "POST", "/api/v1/orders", fmt.Sprintf(`{"token":%q}`, q.text("token"))).text("order")
				a.must(200, "POST", "/api/v1/orders/"+id+"/cancel", `{}`)
			}
		}
		for lang, want := range map[string]string{"zh-CN": "寄往指定城市", "en": "for parcels to certain cities"} {
			if a.lang = lang; !strings.Contains(string(a.must(200, "GET", "/me/vouchers", "").body), want) {
				t.Errorf("the card does not say so in %s", lang)
			}
		}
		a.refused(404, "shopper.address_not_found", "POST", "/api/v1/quotes", fmt.Sprintf(
			`{"lines":[{"offer":%q,"quantity":2}],"address":%q}`, m.offers[0].ID, m.ofAnother()))
		m.audit()
	})
}

// TestALotteryAndACodeOverTheAPI: a program enters a lottery, checks its draw by the seed that is published, buys at its
// price, reads the draw again once the sale is over, and turns a code into a voucher. A guest does none of it.
func TestALotteryAndACodeOverTheAPI(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		terms := half(m)
		terms.Codes, terms.Listed, terms.UntilUS = 5, false, clock.Micros(m.clock.Now().Add(96*time.Hour))
		codes, err := m.Vouchers.Draw(t.Context(), voucher.Draw{Template: m.publish(terms), Count: 1})
		m.ok(err)
		item, from := m.session(m.offers[0], campaign.Terms{Price: 990, Quantity: 4, PerShopper: 1, Appointments: 9, Lottery: true})
		_, err = m.Login.Register(t.Context(), login.Register{Role: login.Shopper, Name: "shopper", Password: "correct horse battery"})
		m.ok(err)
		a, guest := m.login("shopper"), m.guest("guest")
		path := "/api/v1/sales/items/" + string(item)
		m.at(from.Add(-time.Hour))
		before := a.must(200, "GET", path, "").tree()
		lottery := before["lottery"]
		guest.must(401, "POST", path+"/appointment", `{}`)
		a.must(404, "POST", "/api/v1/sales/items/enr_x/appointment", `{}`)
		mine := a.must(201, "POST", path+"/appointment", `{}`)
		if again := a.must(201, "POST", path+"/appointment", `{}`); mine.text("as") == "" || mine.text("as") != again.text("as") {
			t.Fatalf("appointed as %s, then %s", mine.body, again.body)
		}
		if lottery == nil { // it is announced with the first lot at the latest
			lottery = a.must(200, "GET", path, "").tree()["lottery"]
		}
		promised := lottery.(map[string]any)["commitment"]
		m.at(from)
		_, err = m.Flash.Draw(t.Context())
		m.ok(err)
		drawn := a.must(200, "GET", path, "").tree()
		proof, won := drawn["lottery"].(map[string]any), drawn["appointment"].(map[string]any)["won"]
		seed, err := hex.DecodeString(proof["seed"].(string))
		m.ok(err)
		if flash.Commitment(seed) != promised || won != true || proof["entrants"] != float64(1) ||
			hex.EncodeToString(flash.Rank(seed, mine.text("as"))) != proof["last_rank"] {
			t.Fatalf("the draw %v, promised %v", drawn, promised)
		}
		for c, want := range map[*caller]float64{a: 990, guest: 1990} {
			if got, _ := c.goods(1, m.offers[0]); got != want {
				t.Errorf("it costs %v, want %v", got, want)
			}
		}
		m.at(from.Add(2 * time.Hour))
		over := a.must(200, "GET", path, "").tree()
		if over["item"].(map[string]any)["state"] != "over" || over["lottery"].(map[string]any)["seed"] != proof["seed"] {
			t.Fatalf("later: %v", over)
		}
		guest.must(401, "POST", "/api/v1/me/vouchers/codes", fmt.Sprintf(`{"code":%q}`, codes[0]))
		a.must(404, "POST", "/api/v1/me/vouchers/codes", `{"code":"<b>"}`)
		first := a.must(201, "POST", "/api/v1/me/vouchers/codes", fmt.Sprintf(`{"code":%q}`, strings.ToUpper(codes[0]))).text("voucher")
		held := a.must(200, "GET", "/api/v1/me/vouchers", "").items()
		if len(held) != 1 || held[0]["voucher"] != first || held[0]["off"].(map[string]any)["minor"] != float64(1_000) {
			t.Fatalf("holds %v", held)
		}
	})
}

// ofAnother is an address of somebody else.
func (m *market) ofAnother() string {
	m.t.Helper()
	return m.guest("another").must(201, "POST", "/api/v1/addresses", strings.Replace(addressBody, "330106", "653101", 1)).
		text("address")
}

func standing(all []map[string]any, account string) float64 {
	for _, s := range all {
		if s["account"] == account {
			in, out := s["credits"].(map[string]any), s["debits"].(map[string]any)
			return in["minor"].(float64) - out["minor"].(float64)
		}
	}
	return 0
}

// TestTheSaleOverTheAPI: a program lists what can be claimed, claims it, sees it in the wallet and reads the hall.
func TestTheSaleOverTheAPI(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		template := string(m.publish(half(m)))
		_, err := m.Login.Register(t.Context(), login.Register{Role: login.Shopper, Name: "shopper",
			Password: "correct horse battery"})
		m.ok(err)
		a := m.login("shopper")
		offered := a.must(200, "GET", "/api/v1/vouchers", "").items()
		if len(offered) != 1 || offered[0]["template"] != template || offered[0]["left"] != float64(10) {
			t.Fatalf("offered %v", offered)
		}
		claim := func() string {
			return a.must(201, "POST", "/api/v1/vouchers/"+template+"/claims", `{"nth":1}`).text("voucher")
		}
		first, again := claim(), claim()
		held := a.must(200, "GET", "/api/v1/me/vouchers", "").items()
		if first != again || len(held) != 1 || held[0]["voucher"] != first || held[0]["state"] != "open" {
			t.Fatalf("claimed %s and %s, holds %v", first, again, held)
		}
		if sales := a.must(200, "GET", "/api/v1/sales", "").items(); len(sales) != 0 {
			t.Fatalf("sales %v", sales)
		}
	})
}
