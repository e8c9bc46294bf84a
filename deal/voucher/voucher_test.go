package voucher_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/text"
	"hutong/deal/quota"
	"hutong/deal/voucher"
	"hutong/party/approval"
	"hutong/party/audit"
	"hutong/party/login"
	"hutong/party/shopper"
)

var start = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// market is the room with what stands below it.
type market struct {
	*voucher.Service
	t        testing.TB
	db       *db.DB
	clock    *clock.Manual
	ids      *id.Maker
	shoppers *shopper.Service
	bought   bought
}

// bought answers for new shoppers in tests: those who bought are not new.
type bought map[string]bool

func (b bought) Members(_ *db.Tx, _ voucher.Audience, shoppers []string) (map[string]bool, error) {
	in := map[string]bool{}
	for _, who := range shoppers {
		in[who] = !b[who]
	}
	return in, nil
}

var schemas = []db.Schema{event.Schema, audit.Schema, login.Schema, shopper.Schema, approval.Schema, quota.Schema,
	voucher.Schema}

func onBoth(t *testing.T, test func(t *testing.T, m *market)) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) { test(t, newMarket(t, d)) })
}

func newMarket(t testing.TB, d *db.DB) *market {
	c := clock.NewManual(start)
	ids := id.NewMaker(c, rand.Reader)
	m := &market{t: t, db: d, clock: c, ids: ids, shoppers: shopper.New(d, c, ids), bought: bought{}}
	m.Service = voucher.New(voucher.Deps{DB: d, Clock: c, IDs: ids, Random: rand.Reader,
		Audiences: map[voucher.AudienceKind]voucher.Members{voucher.NewShoppers: m.bought,
			voucher.InCityTiers: voucher.Cities{Tiers: voucher.DefaultTiers()}},
		Settings: voucher.Settings{TriesNetworkMax: 20, WalletMax: 8}, Marks: voucher.NewPartyMarks([]byte("0123456789abcdef0123456789abcdef"))})
	t.Cleanup(m.Close)
	return m
}

func (m *market) ok(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *market) want(err error, code string) {
	m.t.Helper()
	if !fault.Is(err, code) {
		m.t.Fatalf("got %v, want %s", err, code)
	}
}

func (m *market) write(fn func(tx *db.Tx) error) error { return m.db.Write(context.Background(), fn) }

func (m *market) shopper() string {
	m.t.Helper()
	who, err := m.shoppers.Create(context.Background())
	m.ok(err)
	return string(who)
}

// terms are a voucher of 40 off 300, for all, 100 of them, one each.
func terms() voucher.Terms {
	return voucher.Terms{Kind: voucher.KindVoucher, Title: text.Entry{Zh: "满300减40", En: "40 off 300"}, Threshold: 30_000,
		Off: 4_000, FromUS: clock.Micros(start), UntilUS: clock.Micros(start.Add(20 * day)), Listed: true,
		ClaimFromUS: clock.Micros(start), ClaimUntilUS: clock.Micros(start.Add(10 * day)), Issue: 100, PerShopper: 1,
		Audience: voucher.Audience{Kind: voucher.Everyone}}
}

const day = 24 * time.Hour

// publish makes an open template of the market's.
func (m *market) publish(terms voucher.Terms) voucher.TemplateID {
	m.t.Helper()
	return m.publishFor("", terms)
}

func (m *market) publishFor(shop string, terms voucher.Terms) voucher.TemplateID {
	m.t.Helper()
	t, err := m.Draft(context.Background(), voucher.Draft{Shop: shop, Terms: terms})
	m.ok(err)
	m.ok(m.Publish(context.Background(), voucher.Publish{Shop: shop, Template: t.ID, Version: t.Newest}))
	return t.ID
}

func (m *market) claim(who string, of voucher.TemplateID) (voucher.Voucher, error) {
	got, err := m.Claim(context.Background(), voucher.Claim{Shopper: who, Template: of})
	return got.Voucher, err
}

func (m *market) claimed(who string, of voucher.TemplateID) voucher.Voucher {
	m.t.Helper()
	v, err := m.claim(who, of)
	m.ok(err)
	return v
}

// use puts a voucher into an order, as the order lane does.
func (m *market) use(order string, v voucher.Voucher, off int64, marks ...string) error {
	return m.write(func(tx *db.Tx) error {
		needs := v.Needs(off, marks...)
		names := make([]string, len(needs))
		for i, n := range needs {
			names[i] = n.Quota
		}
		b, err := quota.LoadBook(tx, names)
		if err != nil {
			return err
		}
		if err := b.Take(order, needs); err != nil {
			return err
		}
		return b.Save(tx)
	})
}

func (m *market) usable(who string) (all []voucher.Voucher) {
	m.t.Helper()
	m.ok(m.db.Read(context.Background(), func(tx *db.Tx) (err error) {
		all, err = m.Usable(tx, who, m.clock.Now())
		return err
	}))
	return all
}

// states are the states of a shopper's vouchers, those that end last first.
func (m *market) states(who string) string {
	m.t.Helper()
	all, err := m.Wallet(context.Background(), who)
	m.ok(err)
	s := ""
	for _, v := range all {
		s += string(v.State) + " "
	}
	return s
}

// TestIC1_AThousandForAHundred: a thousand shoppers at once for a hundred vouchers, each twice: a hundred have one.
func TestIC1_AThousandForAHundred(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		tpl := m.publish(terms())
		var mu sync.Mutex
		got := map[string]voucher.ID{}
		var wg sync.WaitGroup
		for i := range 2000 {
			wg.Go(func() {
				who := fmt.Sprint("shr_", i%1000)
				v, err := m.claim(who, tpl)
				if fault.Is(err, "voucher.none_left") {
					return
				}
				mu.Lock()
				defer mu.Unlock()
				if was := got[who]; err != nil || was != "" && was != v.ID {
					t.Errorf("%s: %v, %v after %v", who, err, v.ID, was)
				}
				got[who] = v.ID
			})
		}
		wg.Wait()
		_, counts, err := m.Template(t.Context(), "", tpl)
		if m.ok(err); len(got) != 100 || counts.Issued != 100 {
			t.Fatalf("%d shoppers have one, %d were issued", len(got), counts.Issued)
		}
	})
}

// TestR6_FiftyTabs: one shopper in fifty tabs, limit two: the second tab's claim is the same voucher, the third's is
// refused.
func TestR6_FiftyTabs(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		of := terms()
		of.PerShopper = 2
		tpl, who := m.publish(of), m.shopper()
		seen := map[voucher.ID]bool{}
		var mu sync.Mutex
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				v, err := m.claim(who, tpl)
				mu.Lock()
				defer mu.Unlock()
				if seen[v.ID] = true; err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		second, err := m.Claim(t.Context(), voucher.Claim{Shopper: who, Template: tpl, Nth: 2})
		if m.ok(err); len(seen) != 1 || seen[second.Voucher.ID] || second.Replayed {
			t.Fatalf("the first claims gave %d vouchers, the second %+v", len(seen), second)
		}
		again, err := m.Claim(t.Context(), voucher.Claim{Shopper: who, Template: tpl, Nth: 2})
		if m.ok(err); !again.Replayed || again.Voucher.ID != second.Voucher.ID {
			t.Fatalf("the second again: %+v", again)
		}
		_, err = m.Claim(t.Context(), voucher.Claim{Shopper: who, Template: tpl, Nth: 3})
		m.want(err, "voucher.limit_reached")
		_, err = m.Claim(t.Context(), voucher.Claim{Shopper: who, Template: tpl, Nth: 5})
		m.want(err, "voucher.nth")
		_, err = m.Claim(t.Context(), voucher.Claim{Shopper: who, Guest: true, Template: tpl})
		m.want(err, "voucher.login")
	})
}

// TestR5_OneVoucherAThousandTimes: one voucher in a thousand orders at once: one use.
func TestR5_OneVoucherAThousandTimes(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		who := m.shopper()
		v := m.claimed(who, m.publish(terms()))
		var mu sync.Mutex
		var wg sync.WaitGroup
		uses := 0
		for i := range 1000 {
			wg.Go(func() {
				err := m.use(fmt.Sprint("ord_", i), v, 4_000)
				for err != nil && !fault.Is(err, "voucher.used") { // quotas made at once: a lane runs it again
					err = m.use(fmt.Sprint("ord_", i), v, 4_000)
				}
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					uses++
				}
			})
		}
		wg.Wait()
		if uses != 1 || m.states(who) != "used " || len(m.usable(who)) != 0 {
			t.Fatalf("%d uses, %s", uses, m.states(who))
		}
	})
}

// TestIC1_BudgetForTwo: a template whose budget is good for two uses, ten at once: two, and 4,000 of 9,000 stay.
func TestIC1_BudgetForTwo(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		of := terms()
		of.Budget = 9_000
		tpl := m.publish(of)
		held := make([]voucher.Voucher, 10)
		for i := range held {
			held[i] = m.claimed(m.shopper(), tpl)
		}
		errs := make([]error, len(held))
		var wg sync.WaitGroup
		for i, v := range held {
			wg.Go(func() { errs[i] = m.use(fmt.Sprint("ord_", i), v, 4_000) })
		}
		wg.Wait()
		uses := 0
		for _, err := range errs {
			if err == nil {
				uses++
			} else {
				m.want(err, "voucher.budget")
			}
		}
		if _, c, err := m.Template(t.Context(), "", tpl); err != nil || uses != 2 || c.Spent != 8_000 {
			t.Fatalf("%d uses, %+v, %v", uses, c, err)
		}
	})
}

// TestIC3_AVoucherComesBackWithItsOrder: what an unpaid order held can be used again, until the very end of its time.
func TestIC3_AVoucherComesBackWithItsOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		of := terms()
		of.FromUS, of.Days = clock.Micros(start.Add(time.Hour)), 7
		who := m.shopper()
		v := m.claimed(who, m.publish(of))
		if len(m.usable(who)) != 0 || m.states(who) != "open " {
			t.Fatal("it can be used before its time")
		}
		m.clock.Advance(time.Hour)
		if len(m.usable(who)) != 1 || !v.Until.Equal(start.Add(time.Hour+7*day)) {
			t.Fatalf("usable %v until %s", m.usable(who), v.Until)
		}
		m.ok(m.use("ord_1", v, 100))
		m.want(m.use("ord_2", v, 100), "voucher.used")
		m.ok(m.write(func(tx *db.Tx) error { return quota.Release(tx, []string{"ord_1"}) }))
		if len(m.usable(who)) != 1 {
			t.Fatal("it did not come back")
		}
		m.clock.Set(v.Until.Add(-time.Microsecond))
		if len(m.usable(who)) != 1 {
			t.Fatal("it ended too early")
		}
		m.clock.Set(v.Until)
		if len(m.usable(who)) != 0 || m.states(who) != "expired " {
			t.Fatal("it did not end")
		}
		m.clock.Advance(31 * day)
		if m.states(who) != "" {
			t.Fatalf("a wallet shows what ended long ago: %s", m.states(who))
		}
	})
}

// packet are n red packets for all, of a total.
func packet(total, n int64, random bool) voucher.Terms {
	of := terms()
	of.Kind, of.Threshold, of.Off = voucher.KindRedPacket, 0, 0
	of.Total, of.Issue, of.Random = total, n, random
	return of
}

// TestRedPacketsAreWorthTheirTotal: claimed by many at once, the packets are worth the total together, none nothing.
func TestRedPacketsAreWorthTheirTotal(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		tpl := m.publish(packet(1_003, 100, true))
		amounts := make([]int64, 100)
		var wg sync.WaitGroup
		for i := range amounts {
			wg.Go(func() {
				v, err := m.claim(fmt.Sprint("shr_", i), tpl)
				if amounts[i] = v.Amount; err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		sum, kinds := int64(0), map[int64]bool{}
		for _, a := range amounts {
			if sum, kinds[a] = sum+a, true; a < 1 {
				t.Fatalf("amounts %v", amounts)
			}
		}
		if sum != 1_003 || len(kinds) < 5 {
			t.Fatalf("%d in all, %d sorts", sum, len(kinds))
		}
	})
}

// TestAPublishedPromiseIsKept: a further version may hand out otherwise, but not promise otherwise.
func TestAPublishedPromiseIsKept(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		ctx := t.Context()
		tpl := m.publish(terms())
		for _, change := range []func(*voucher.Terms){
			func(o *voucher.Terms) { o.Off-- }, func(o *voucher.Terms) { o.Threshold++ },
			func(o *voucher.Terms) { o.UntilUS++ }, func(o *voucher.Terms) { o.Category = "x" },
			func(o *voucher.Terms) { o.Excludes = []string{"points"} }, func(o *voucher.Terms) { o.Days = 3 },
		} {
			of := terms()
			change(&of)
			_, err := m.Draft(ctx, voucher.Draft{Template: tpl, Terms: of})
			m.want(err, "voucher.promised")
		}
		for range 7 {
			m.claimed(m.shopper(), tpl)
		}
		of := terms()
		of.Issue, of.Title.En = 8, "Forty off three hundred"
		next, err := m.Draft(ctx, voucher.Draft{Template: tpl, Terms: of})
		m.ok(err)
		m.ok(m.Publish(ctx, voucher.Publish{Template: tpl, Version: next.Newest}))
		if v := m.claimed(m.shopper(), tpl); v.Version != 2 {
			t.Fatalf("claimed under version %d", v.Version)
		}
		_, err = m.claim(m.shopper(), tpl)
		m.want(err, "voucher.none_left")
		of.Issue = 7
		next, err = m.Draft(ctx, voucher.Draft{Template: tpl, Terms: of})
		m.ok(err)
		m.want(m.Publish(ctx, voucher.Publish{Template: tpl, Version: next.Newest}), "quota.below_used")
		m.want(m.Publish(ctx, voucher.Publish{Template: tpl, Version: 1}), "voucher.version")
		m.want(m.Publish(ctx, voucher.Publish{Shop: "shp", Template: tpl, Version: 3}), "voucher.not_found")
		_, err = m.Draft(ctx, voucher.Draft{Shop: "shp", Template: tpl, Terms: of})
		m.want(err, "voucher.not_found")

		packets := m.publish(packet(500, 10, true))
		more := packet(600, 11, true)
		_, err = m.Draft(ctx, voucher.Draft{Template: packets, Terms: more})
		m.want(err, "voucher.promised")
		again, err := m.Draft(ctx, voucher.Draft{Template: packets, Terms: packet(500, 10, true)})
		if m.ok(err); again.Terms.Seed == 0 {
			t.Fatal("the draw was drawn anew")
		}
	})
}

// TestTheClaimCentre: it shows what is for somebody, and how it stands.
func TestTheClaimCentre(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		ctx := t.Context()
		open := m.publishFor("shp_a", terms())
		hidden, late, soon, far, tier, segment, fresh := terms(), terms(), terms(), terms(), terms(), terms(), terms()
		hidden.Listed = false
		late.ClaimFromUS, late.ClaimUntilUS = clock.Micros(start.Add(-2*day)), clock.Micros(start)
		soon.ClaimFromUS = clock.Micros(start.Add(time.Hour))
		far.ClaimFromUS = clock.Micros(start.Add(2 * day))
		tier.Audience = voucher.Audience{Kind: voucher.InCityTiers, Tiers: []int64{1, 2}}
		segment.Audience = voucher.Audience{Kind: voucher.InSegment, Segment: "vip"}
		fresh.Audience = voucher.Audience{Kind: voucher.NewShoppers}
		for _, of := range []voucher.Terms{hidden, late, far, segment} {
			m.publish(of)
		}
		soonID, tierID, freshID := m.publish(soon), m.publish(tier), m.publish(fresh)
		who, away := m.withHome("13800138000", "文三路 90 号"), m.shopper()
		m.settle(away, "13900139000", "人民路 1 号", "653101")
		m.bought[who] = true
		see := func(who, shop string) (all []voucher.TemplateID) {
			offers, _, err := m.Centre(ctx, voucher.Centre{Shopper: who, Shop: shop})
			m.ok(err)
			for _, o := range offers {
				all = append(all, o.ID)
				if o.Early(m.clock.Now()) != (o.ID == soonID) {
					t.Errorf("%+v", o)
				}
			}
			return all
		}
		for _, c := range []struct {
			who, shop string
			want      []voucher.TemplateID
		}{{who, "", []voucher.TemplateID{tierID, soonID, open}}, {away, "", []voucher.TemplateID{freshID, soonID, open}},
			{"", "shp_a", []voucher.TemplateID{open}}, {"", "shp_b", nil}} {
			if got := see(c.who, c.shop); fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("%s at %q sees %v, want %v", c.who, c.shop, got, c.want)
			}
		}
		_, err := m.claim(away, tierID)
		m.want(err, "voucher.audience")
		m.claimed(who, tierID)
		_, err = m.claim(who, soonID)
		m.want(err, "voucher.early")
		m.claimed(who, open)
		offers, _, err := m.Centre(ctx, voucher.Centre{Shopper: who, Shop: "shp_a"})
		if m.ok(err); len(offers) != 1 || offers[0].Left != 99 || !offers[0].Full() || offers[0].Nth() != 2 {
			t.Fatalf("%+v", offers)
		}
		m.clock.Set(start.Add(10 * day))
		_, err = m.claim(away, open)
		m.want(err, "voucher.late")
		if again := m.claimed(who, open); again.Nth != 1 { // it is theirs, however late they ask
			t.Fatalf("%+v", again)
		}
		if m.Answers(ctx, voucher.InSegment) || !m.Answers(ctx, voucher.Everyone) || !m.Answers(ctx, voucher.InCityTiers) {
			t.Fatal("who answers for which audience")
		}
	})
}

// TestAPersonsVouchers: they follow a guest into an account, stand in an export, and end with the person.
func TestAPersonsVouchers(t *testing.T) {
	onBoth(t, func(t *testing.T, m *market) {
		tpl, guest, account := m.publish(terms()), m.shopper(), m.shopper()
		for _, who := range []string{guest, guest, account} {
			m.ok(m.Seed(t.Context(), voucher.Grant{Template: tpl, Shoppers: []string{who}, By: "test"}))
		}
		p := voucher.Person{}
		m.ok(m.write(func(tx *db.Tx) error { return p.Inherit(tx, start, shopper.ID(guest), shopper.ID(account)) }))
		if m.states(guest) != "" || m.states(account) != "open open open " {
			t.Fatalf("%q and %q", m.states(guest), m.states(account))
		}
		m.ok(m.write(func(tx *db.Tx) error {
			held, err := p.Export(tx, shopper.ID(account))
			if fmt.Sprintf("%T", held) != "[]voucher.personVoucher" {
				t.Errorf("the export is %T", held)
			}
			m.ok(err)
			m.ok(p.Hold(tx, shopper.ID(account)))
			return p.Erase(tx, start, shopper.ID(account))
		}))
		if m.states(account) != "void void void " || len(m.usable(account)) != 0 {
			t.Fatalf("after the erasure: %s", m.states(account))
		}
	})
}
