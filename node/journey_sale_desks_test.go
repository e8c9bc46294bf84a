package node_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hutong/base/text"
	"hutong/deal/campaign"
	"hutong/node/demo"
	"hutong/party/login"
	"hutong/surface/page/browsertest"
)

// bigSale publishes a sale that shops can join, with one wave two days from now.
func (m *market) bigSale() campaign.Campaign {
	m.t.Helper()
	h := func(n time.Duration) time.Time { return m.clock.Now().Add(n * time.Hour) }
	c, err := m.Campaigns.Save(m.t.Context(), "", 0, campaign.Plan{Title: text.Entry{Zh: "胡同狂欢节", En: "Hutong Carnival"},
		Channel: campaign.Sale, Recruit: campaign.Window{From: h(0), Until: h(24)}, Lock: campaign.Window{From: h(25), Until: h(99)},
		Waves: []campaign.Wave{{Title: text.Entry{Zh: "第一波", En: "First wave"}, Phases: []campaign.Phase{
			{Stage: campaign.Spot, Window: campaign.Window{From: h(48), Until: h(72)}}}}},
		Rule: campaign.Rule{QuantityMin: 10, LimitMax: 2}})
	m.ok(err)
	c, err = m.Campaigns.Publish(m.t.Context(), c.ID, c.Version)
	m.ok(err)
	return c
}

// TestJourneySaleMerchant is a shop before a sale, in a browser: it joins with one thing, makes a promotion of its own,
// tries it on a basket before anybody else sees it, publishes it, and offers the same thing to groups.
func TestJourneySaleMerchant(t *testing.T) {
	if testing.Short() {
		t.Skip("the journeys take long")
	}
	_ = browsertest.Open(t, nil, browsertest.Look{}) // skips where there is no browser, before a market is made
	m := open(t, onSQLite(t))
	m.bigSale()
	for i, look := range saleLooks {
		s := &seller{newcomer{Tab: browsertest.At(t, m.url, look), t: t, name: []string{"merchant-x", "merchant-y"}[i]},
			m.offers[i].SKU}
		s.enter()
		s.joins()
		s.promotes()
		s.groups()
	}
	all, err := m.Campaigns.Queue(t.Context(), "", 9)
	m.ok(err)
	if len(all) != len(saleLooks) || m.Rules.Rules().Len() < len(saleLooks) {
		t.Errorf("%d enrolments wait, %d rules hold", len(all), m.Rules.Rules().Len())
	}
}

// seller is a merchant at the desk, with one thing to sell.
type seller struct {
	newcomer
	sku string
}

// judge holds the page to what all pages are held to, and keeps a picture of it.
func (s *seller) judge(name string) {
	s.t.Helper()
	s.Check()
	s.Shot("sale/desk-" + name)
}

// open opens a page and judges it.
func (s *seller) open(name, path string) {
	s.t.Helper()
	s.Go(path)
	s.judge(name)
}

// joins enrols the shop's only product: first with too little, which the rule says, then as the sale wants it.
func (s *seller) joins() {
	s.t.Helper()
	s.open("sales", "/desk/sales")
	s.Follow("#open-table tbody a")
	s.Follow("#goods-table tbody a")
	s.Wait("#enrol-price")
	s.Fill("#enrol-price", "15.00")
	s.Fill("#enrol-quantity", "5")
	s.judge("enrol")
	s.Do(`document.querySelector("#enrol form, form#enrol").noValidate = true`) // as a browser that knows no min
	s.Allow("status of 4")                                                      // too few pieces are refused, and the form says why
	s.Follow("#enrol button.button-main")
	s.says("#enrol .notice-bad", "10")
	s.judge("enrol-refused")
	s.Fill("#enrol-quantity", "20")
	s.Fill("#enrol-per_shopper", "2")
	s.Follow("#enrol button.button-main")
	s.Wait("#mine-table .badge-wait")
	s.judge("enrolled")
}

// promotes drafts a promotion, tries it, and publishes it.
func (s *seller) promotes() {
	s.t.Helper()
	s.open("promotions", "/desk/promotions")
	s.Go("/desk/promotions/new?kind=spend")
	for name, value := range map[string]string{"title_zh": "满三十减五", "title_en": "Five off thirty",
		"budget": "1000"} {
		s.Fill("[name="+name+"]", value)
	}
	s.Do(`document.querySelector("[name=tiers]").value = "30 5"`)
	s.judge("promotion-new")
	s.Follow(".sale-ask button[type=submit]")
	draft := s.Path()
	s.judge("promotion-draft")
	s.Follow("a[href*='/promotions/try']")
	s.Choose("#add", s.sku)
	s.Follow(".sale-ask button[type=submit]")
	s.Fill("#n1", "2")
	s.Follow(".sale-ask .button-main")
	s.says("#sums", "5.00")
	s.judge("promotion-try")
	s.Go(draft)
	s.Click("#do-publish summary")
	s.Wait("#do-publish button[value=publish]")
	s.judge("promotion-publish")
	s.Follow("#do-publish button[value=publish]")
	s.Wait("h1 .badge-done")
	s.judge("promotion")
}

// groups offers the product to groups of two, and cheaper to groups of three.
func (s *seller) groups() {
	s.t.Helper()
	s.open("groups", "/desk/groups")
	s.Follow("#goods-table tbody a")
	s.Wait("#group-price")
	s.Fill("#group-price", "14.90")
	s.Fill("#group-steps", "3:12.90")
	s.judge("group-new")
	s.Follow("#group button.button-main")
	s.Wait("#groups-table .badge-go")
	s.says("#groups-table", "12.90")
	s.judge("group")
}

// TestJourneySaleOperator is an operator before a sale, in a browser: plans one and publishes it, decides about a shop
// that wants to join another, makes a voucher that takes a second person, who agrees at a desk of their own, and looks
// at groups and invitations.
func TestJourneySaleOperator(t *testing.T) {
	if testing.Short() {
		t.Skip("the journeys take long")
	}
	_ = browsertest.Open(t, nil, browsertest.Look{}) // skips where there is no browser, before a market is made
	l := openLane(t)
	_, err := l.Login.Register(t.Context(), login.Register{Role: login.Operator, Name: "second", Password: demo.Password})
	l.ok(err)
	crowd, err := l.Crowd(t.Context(), 11)
	l.ok(err)
	for range 3 {
		_, err := crowd.BuyTogether(t.Context())
		l.ok(err)
	}
	l.work()
	l.wantIn(len(saleLooks))
	for i, look := range saleLooks {
		o := &planner{operator{Tab: browsertest.At(t, l.base, look), t: t}, l}
		o.enter()
		o.plans()
		o.reviews(len(saleLooks) - i)
		o.vouches()
		for _, page := range strings.Fields("price-claims vouchers vouchers/given groups groups?of=formed invites") {
			o.open(strings.NewReplacer("/", "-", "?of=", "-").Replace(page), "/operator/"+page)
		}
	}
}

// wantIn has n shops ask to join the big sale.
func (l *lane) wantIn(n int) {
	l.t.Helper()
	for _, c := range l.Campaigns.Live().Campaigns {
		if c.Channel != campaign.Sale || c.Allows("presale") {
			continue
		}
		for _, o := range l.Offers {
			e, err := l.Campaigns.Enrol(l.t.Context(), campaign.Enrol{Shop: o.Shop, Campaign: c.ID,
				Slot: campaign.Slot{Wave: 1}, Offer: o.ID, Terms: campaign.Terms{Price: o.UnitPrice * 9 / 10, Quantity: 10,
					PerShopper: 2, Part: campaign.Part{Spot: true}}})
			if err == nil && e.State == campaign.Applied {
				n--
			}
			if n == 0 {
				return
			}
		}
	}
	l.t.Fatalf("%d shops are missing", n)
}

// planner is an operator who prepares a sale.
type planner struct {
	operator
	lane *lane
}

// judge holds the page to what all pages are held to, and keeps a picture of it.
func (o *planner) judge(name string) {
	o.t.Helper()
	o.Check()
	o.Shot("sale/operator-" + name)
}

// open opens a page and judges it.
func (o *planner) open(name, path string) {
	o.t.Helper()
	o.Go(path)
	o.judge(name)
}

// plans drafts a sale in the builder and publishes it.
func (o *planner) plans() {
	o.t.Helper()
	o.open("sales", "/operator/sales")
	for name, value := range map[string]string{"title_zh": "年货节", "title_en": "New Year Fair",
		"recruit_from": "2026-11-12", "recruit_until": "2026-11-20", "lock_from": "2026-11-21 00:00:00",
		"lock_until": "2026-12-05", "days": "30", "factor": "90", "quantity_min": "10"} {
		o.Fill("#sale-"+name, value)
	}
	o.set("waves", "# 第一波 | First wave\nspot 2026-11-25 00:00:00 ~ 2026-11-27 23:59:59")
	o.Follow("#draft button[type=submit]")
	o.judge("sale-draft")
	o.Click("#do-publish summary")
	o.Wait("#do-publish button[value=publish]")
	o.Follow("#do-publish button[value=publish]")
	o.says("h1 .badge-done")
	o.judge("sale")
}

// set sets a field's value.
func (o *planner) set(name, value string) {
	o.t.Helper()
	o.Do(fmt.Sprintf("document.querySelector('[name=%s]').value = %q", name, value))
}

// reviews accepts one of those who wait.
func (o *planner) reviews(wait int) {
	o.t.Helper()
	o.open("enrolments", "/operator/enrolments")
	rows := `document.querySelectorAll("#enrolments-table button[value=accept]").length`
	if n := browsertest.Read[int](o.Tab, rows); n != wait {
		o.t.Errorf("%s: %d enrolments wait, not %d", o.Look(), n, wait)
	}
	o.Follow("#enrolments-table button[value=accept]")
	o.says(".notice-good")
	if n := browsertest.Read[int](o.Tab, rows); n != wait-1 {
		o.t.Errorf("%s: %d enrolments wait, not %d", o.Look(), n, wait-1)
	}
}

// vouches makes a voucher that is too dear for one person; somebody else agrees to it.
func (o *planner) vouches() {
	o.t.Helper()
	o.Go("/operator/vouchers/new")
	for name, value := range map[string]string{"title_zh": "年货券", "title_en": "Fair voucher", "threshold": "300", "off": "40",
		"issue": "1000", "per_shopper": "1", "fund_platform": "100"} {
		o.Fill("[name="+name+"]", value)
	}
	for name, value := range map[string]string{"claim_from": "2026-11-12T00:00", "claim_until": "2026-11-29T00:00",
		"from": "2026-11-12T00:00", "until": "2026-11-30T00:00"} {
		o.set(name, value) // how a time is typed is the browser's
	}
	o.judge("voucher-new")
	o.Follow(".sale-ask button[type=submit]")
	at := o.Path()
	o.Allow("status of 4") // it is refused to one person
	o.Click("#do-publish summary")
	o.Wait("#do-publish button[value=publish]")
	o.Follow("#do-publish button[value=publish]")
	o.Wait("#do-ask button[value=ask]")
	o.judge("voucher-refused")
	o.Follow("#do-ask button[value=ask]")
	o.says("#requests .badge-wait")
	o.judge("voucher-asked")
	second := &planner{operator{Tab: browsertest.At(o.t, o.lane.base, o.Look()), t: o.t}, o.lane}
	second.enterAs("second")
	second.open("voucher-second", at)
	second.Follow("#requests button[value=approve]")
	second.says("#requests .badge-done")
	second.says("h1 .badge-done")
	second.judge("voucher")
}
