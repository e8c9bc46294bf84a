package node_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/tune"
	"hutong/deal/campaign"
	"hutong/deal/promo/rulebook"
	"hutong/deal/promo/standard"
	"hutong/deal/quota"
	"hutong/deal/voucher"
	"hutong/funds/pay"
	"hutong/node"
	"hutong/party/shopper"
	"hutong/trade/aftersale"
	"hutong/trade/group"
	"hutong/trade/order"
)

// storm is a market where everything happens to everything, as a seed says.
type storm struct {
	*market
	ctx       context.Context
	r         *rand.Rand
	who, home []string
	templates []voucher.TemplateID
	presold   campaign.EnrolmentID // of the second shop's first goods
	team      group.Offer
	drawn     campaign.EnrolmentID // sold to those who win a lot
	sale      campaign.ID          // in which places are sold
	at        string               // the database
	nodes     []*node.Market       // that serve it; a step is at one of them, which is the market's then
	wallets   []*moody
	undone    complaints

	steps    int
	orders   []order.ID
	attempts []pay.Attempt // begun, not paid yet
	paid     []pay.Attempt
	cases    []aftersale.Case
	did      map[string]int
	log      []string
}

// TestStorm plays random sales in which shoppers, shops, wallets, banks and the clock do what they like: flash prices,
// presales with balances paid together with goods, groups, cuts of shops and of the market, gifts, vouchers, red
// packets, falling prices, refunds in part, money taken back and given again; wallets that refuse, keep silent or
// confuse what they tell, words said at the same moment, places that are bid for, paid, left and called off, deposits and payouts, shops that close, and a node that
// starts anew. The auditor looks on, and so do some promises that it does not recompute. HUTONG_STORM plays so many
// seeds more, and a tenth of them on PostgreSQL with two nodes.
func TestStorm(t *testing.T) {
	more, _ := strconv.Atoi(os.Getenv("HUTONG_STORM"))
	dbtest.Engines(t, func(t *testing.T) {
		want := []string{"place", "preorder", "bill", "group", "fact applied", "fact refunded", "fact suspense", "open",
			"refund", "ship", "receive", "end taken", "go on", "cancel", "payout", "draw", "retry", "by hand",
			"match suspense", "race", "guarantee", "lot", "restart", "rush", "a fee that went back", "a place forfeited",
			"a place that sold", "priced again", "choose"}
		did := map[string]int{}
		for seed := range 12 + more { // three are enough for nearly all, and a seed plays otherwise when the market does
			if seed >= 3+more && len(lacking(did, want)) == 0 {
				break
			}
			blow(t, onSQLite(t), uint64(seed), 400, did)
		}
		came(t, did, want...)
	}, func(t *testing.T) { // fewer, since each commit waits for the server: until all that must come about has
		want := []string{"place", "preorder", "bill", "group", "fact applied", "fact refunded", "fact suspense", "open"}
		did := map[string]int{}
		for seed := range uint64(6 + more/10) {
			if seed > uint64(more/10) && len(lacking(did, want)) == 0 {
				break
			}
			blow(t, dbtest.PostgresURL(t, node.Schemas()...), 7+seed, 140, did)
		}
		came(t, did, want...)
	})
}

// lacking are those that never came about.
func lacking(did map[string]int, all []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(what string) bool { return did[what] > 0 })
}

// came fails for what never came about: then nothing is known of it.
func came(t *testing.T, did map[string]int, all ...string) {
	t.Helper()
	for _, what := range lacking(did, all) {
		t.Errorf("nothing came of %q: %v", what, did)
	}
}

func blow(t *testing.T, at string, seed uint64, steps int, did map[string]int) {
	t.Helper()
	m := openStorm(t, at, seed)
	defer m.closes()
	m.did = did
	for i := range steps {
		// The earnest is taken for an hour, its balance from half an hour later, a session at flash prices begins
		// at three.
		to := map[int]time.Duration{10: 61 * time.Minute, 60: 155 * time.Minute, 100: 181 * time.Minute}[i]
		if at := start.Add(to); to > 0 && m.clock.Now().Before(at) {
			m.clock.Set(at)
			m.settle()
		}
		if i > 10 && i < 30 {
			m.preorder(m.someone())
			m.pays()
		}
		if i == 30 {
			m.appoints()
		}
		for range 3 * min(1, max(0, 60-i)) {
			m.places()
		}
		if i > 100 && i < 112 {
			m.wins()
			m.buysThere()
		}
		m.step()
		if i == steps/2 {
			m.again()
		}
		if i%100 == 99 {
			m.holds(seed)
		}
	}
	m.cheers(true)
	m.sendsAll()
	for range 9 { // a place is settled once nothing can be asked for any more
		m.clock.Advance(200 * time.Hour)
		m.settle()
		_, err := m.Settle.CloseAll(m.ctx, m.clock.Now().Truncate(24*time.Hour))
		m.may("close", err)
	}
	m.nothingWaits()
	m.settled()
	m.holds(seed)
}

// opens starts the node; where more than a look is asked for, two stand beside each other on PostgreSQL.
func (m *storm) opens() {
	m.t.Helper()
	m.nodes = nil
	many := 1
	if os.Getenv("HUTONG_STORM") != "" && strings.HasPrefix(m.at, "postgres") {
		many = 2
	}
	for range many {
		n, err := node.Open(m.ctx, node.Config{URL: m.at, Clock: m.clock, Log: slog.New(&m.undone),
			Wallets: []pay.Provider{m.wallets[0], m.wallets[1]}})
		m.ok(err)
		m.nodes = append(m.nodes, n)
	}
	m.Market = m.nodes[0]
}

func (m *storm) starts() {
	m.t.Helper()
	for _, n := range m.nodes {
		m.ok(n.Start(m.ctx))
	}
}

func (m *storm) closes() {
	m.t.Helper()
	for _, n := range m.nodes {
		m.ok(n.Close())
	}
}

func openStorm(t *testing.T, at string, seed uint64) *storm {
	m := &storm{market: &market{t: t, clock: clock.NewManual(start), currency: "CNY"}, ctx: t.Context(),
		r: rand.New(rand.NewPCG(seed, 7)), did: map[string]int{}, at: at,
		undone:  complaints{Handler: slog.NewTextHandler(io.Discard, nil)},
		wallets: []*moody{newMoody("red", seed), newMoody("blue", seed)}}
	m.opens()
	m.stockUp("xi", "青瓷茶杯", "celadon tea cup", 1990)
	m.stockUp("yang", "竹编灯笼", "bamboo lantern", 4500)
	m.more(6, m.r)
	m.starts()
	for range 6 {
		id, err := m.Shoppers.Create(m.ctx)
		m.ok(err)
		a, err := m.Shoppers.AddAddress(m.ctx, id, shopper.Address{Country: "CN", Division: "330106",
			Recipient: "李雷", Phone: "13800138000", Street: "文三路 1 号"})
		m.ok(err)
		m.who, m.home = append(m.who, string(id)), append(m.home, string(a.ID))
	}
	m.opensBooks()
	m.deals()
	if seed%2 > 0 { // what is left after a refund is priced again
		_, err := m.Tune.Set(m.ctx, map[string]string{"refund.reprice": tune.Yes})
		m.ok(err)
	}
	return m
}

// deals publishes what there is to be had.
func (m *storm) deals() {
	const all = `"title":{"zh":"优惠","en":"offer"},"budget":50000,"funding":[{"party":"platform","ppm":1000000}]`
	const half = `"title":{"zh":"优惠","en":"offer"},"budget":100000,
		"funding":[{"party":"platform","ppm":500000},{"party":"merchant","ppm":500000}]`
	own := fmt.Sprintf(`"title":{"zh":"优惠","en":"offer"},"shop":%q`, m.shops[0].ID)
	sku := func(n int) string { return fmt.Sprintf(`"skus":[%q]`, m.offers[n].SKU) }
	for _, s := range []string{
		`"kind":"direct","rate_ppm":150000,` + own,
		`"kind":"spend","tiers":[{"threshold":5000,"off":333},{"threshold":20000,"off":2001}],` + own,
		`"kind":"crossshop","every":3000,"off":501,` + half,
		`"kind":"subsidy","off":77,` + sku(5) + `,` + all,
		`"kind":"gift","buy":2,"get":1,` + sku(6) + `,` + all,
		`"kind":"price","unit_price":500,"per_shopper":3,` + sku(7) + `,` + all,
	} {
		p, err := standard.Kinds().Decode([]byte(`{"id":"new",` + s + `}`))
		m.ok(err)
		p.ID = ""
		e, err := m.Promotions.SaveDraft(m.ctx, rulebook.SaveDraft{Shop: p.Scope.Shop, Promotion: p})
		m.ok(err)
		m.ok(m.Promotions.Publish(m.ctx, rulebook.Publish{Shop: p.Scope.Shop, ID: e.Promotion.ID, Version: e.Promotion.Version}))
	}
	terms := lasting(m.market)
	packet := terms
	packet.Kind, packet.Threshold, packet.Off, packet.Budget, packet.Total, packet.Random = voucher.KindRedPacket, 0, 0, 0, 40_000, true
	m.templates = append(m.templates, m.publish(terms), m.publish(packet))
	m.presold, _ = m.presale(m.offers[1], campaign.Terms{Price: 4000, Quantity: 20, PerShopper: 9, Earnest: 200, Worth: 500,
		Part: campaign.Part{Presale: true, Spot: true}})
	m.session(m.offers[0], campaign.Terms{Price: 1490, Quantity: 15, PerShopper: 4})
	m.drawn, _ = m.session(m.offers[3], campaign.Terms{Price: 600, Quantity: 9, PerShopper: 2, Appointments: 4, Lottery: true})
	m.sellsPlaces()
	goods := m.offers[2]
	var err error
	m.team, err = m.Groups.SetUp(m.ctx, group.SetUp{Shop: goods.Shop, Goods: string(goods.ID), PerShopper: 9, Stacks: true,
		Steps: []group.Step{{Size: 2, Price: goods.UnitPrice * 8 / 10}, {Size: 3, Price: goods.UnitPrice * 7 / 10}}, Window: 2 * time.Hour})
	m.ok(err)
	m.settle()
	for _, n := range m.nodes {
		m.ok(n.Rules.Refresh(m.ctx))
	}
	for range 6 * len(m.who) {
		m.claims()
	}
}

// lasting is a voucher for all of a storm.
func lasting(m *market) voucher.Terms {
	terms := half(m)
	terms.UntilUS, terms.ClaimUntilUS = clock.Micros(start.Add(720*time.Hour)), clock.Micros(start.Add(700*time.Hour))
	terms.Issue, terms.PerShopper = 50, 8
	return terms
}

// apart are jobs that a storm does without, or says by itself.
var apart = []string{"settle.close", "checkup.run", "storage.refill", "search.stock", "search.shelf", "ship.track",
	"notice.send", "webhook.deliver", "tally.flush"}

// settle runs what runs by itself, until nothing is found, on all nodes at once.
func (m *storm) settle() {
	m.t.Helper()
	errs := make([]error, len(m.nodes))
	var wg sync.WaitGroup
	for i, n := range m.nodes {
		wg.Go(func() { errs[i] = runs(m.ctx, n) })
	}
	wg.Wait()
	m.ok(errors.Join(errs...))
}

func runs(ctx context.Context, n *node.Market) error {
	for range 2 {
		for _, j := range n.Jobs() {
			found := 1
			for i := 0; i < 50 && found > 0 && !slices.Contains(apart, j.Name); i++ {
				var err error
				if found, err = j.Run(ctx); err != nil {
					return fmt.Errorf("%s: %w", j.Name, err)
				}
			}
		}
	}
	return nil
}

// may takes what is refused in words, and nothing else.
func (m *storm) may(what string, err error) bool {
	m.t.Helper()
	m.log = append(m.log, fmt.Sprintf("%s %s: %v", m.clock.Now().Format("02 15:04:05"), what, err))
	if err == nil {
		m.did[what]++
		return true
	}
	if f := fault.As(err); f.Kind == fault.Internal || f.Kind == fault.Unavailable || f.Code == "" {
		m.t.Fatalf("%s: %v\n%s", what, err, m.lately())
	}
	return false
}

func (m *storm) lately() string { return strings.Join(m.log[max(0, len(m.log)-40):], "\n") }

// holds looks whether all promises are kept.
func (m *storm) holds(seed uint64) {
	m.t.Helper()
	m.settle()
	m.audit()
	if len(m.undone.all) > 0 {
		m.t.Errorf("left undone: %s", strings.Join(m.undone.all, "\n"))
	}
	all, bills, ids := map[string]order.Order{}, map[order.ID][]order.Order{}, []string(nil)
	for _, id := range m.orders {
		o, err := m.Orders.Any(m.ctx, id)
		m.ok(err)
		all[string(id)], bills[o.Bill], ids = o, append(bills[o.Bill], o), append(ids, string(id))
		m.whole(o)
	}
	var uses map[string][]quota.Use
	m.ok(m.DB.Read(m.ctx, func(tx *db.Tx) (err error) { uses, err = quota.UsesOf(tx, ids); return err }))
	for id, some := range uses {
		with := []order.Order{all[id]}
		if bill := all[id].Bill; bill != "" {
			with = bills[bill]
		}
		for _, u := range some {
			if claim, ok := strings.CutPrefix(u.Quota, "vch:"); ok && u.Amount > 0 && m.needless(claim, with) {
				m.t.Errorf("%s keeps the voucher %s, though all that it was used for was refunded before it was sent", id, claim)
			}
		}
	}
	if m.t.Failed() {
		m.t.Fatalf("seed %d, after\n%s", seed, m.lately())
	}
}

// whole holds an order to giving back all that was paid where nothing of it is left, and never more.
func (m *storm) whole(o order.Order) {
	m.t.Helper()
	captured, refunded, left, sent := int64(0), int64(0), int64(0), false
	attempts, err := m.Pay.Attempts(m.ctx, string(o.ID))
	m.ok(err)
	for _, a := range attempts {
		captured += a.Captured
	}
	back, err := m.Pay.Refunds(m.ctx, string(o.ID))
	m.ok(err)
	for _, r := range back {
		if !r.Extra {
			refunded += r.Amount.Minor
		}
	}
	for _, sub := range o.Subs {
		sent = sent || !sub.ShippedAt.IsZero()
		for _, l := range sub.Lines {
			left += l.Left()
		}
	}
	gone := !o.PaidAt.IsZero() && left == 0 && !sent || o.State == order.Cancelled && o.Presale == nil
	if refunded > captured || gone && refunded != captured {
		m.t.Errorf("of order %s %d were paid and %d given back", o.ID, captured, refunded)
	}
}

// needless tells whether nothing is left of what a voucher was used for in some orders, and nothing of it was sent.
func (m *storm) needless(claim string, orders []order.Order) bool {
	for _, o := range orders {
		for _, sub := range o.Subs {
			for _, l := range sub.Lines {
				all, err := order.DecodeDiscounts(l.Discounts)
				m.ok(err)
				used := slices.ContainsFunc(all, func(d order.Discount) bool { return d.Claim == claim })
				if used && (l.Left() > 0 || !sub.ShippedAt.IsZero()) {
					return false
				}
			}
		}
	}
	return true
}
