package rulebook_test

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/text"
	"hutong/deal/promo"
	"hutong/deal/promo/crossshop"
	"hutong/deal/promo/direct"
	"hutong/deal/promo/price"
	"hutong/deal/promo/rulebook"
	"hutong/deal/promo/spend"
	"hutong/deal/promo/standard"
	"hutong/deal/promo/voucher"
	"hutong/deal/quota"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/party/approval"
	"hutong/party/audit"
	"hutong/party/login"
)

var (
	start   = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	ctx     = context.Background()
	schemas = []db.Schema{event.Schema, audit.Schema, login.Schema, approval.Schema, quota.Schema, stock.Schema, offer.Schema,
		rulebook.Schema}
)

// shelf is what there is to sell.
type shelf struct {
	goods []promo.Line
	err   error
}

func (s *shelf) Goods(*db.Tx, promo.Scope) ([]promo.Line, error) { return s.goods, s.err }

// book is the room with what stands below it.
type book struct {
	*rulebook.Service
	t     *testing.T
	db    *db.DB
	clock *clock.Manual
	ids   *id.Maker
	shelf *shelf
}

func onBoth(t *testing.T, test func(b *book)) {
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		c := clock.NewManual(start)
		b := &book{t: t, db: d, clock: c, ids: id.NewMaker(c, rand.Reader), shelf: &shelf{}}
		b.Service = b.node()
		test(b)
	})
}

// node is another node on the same database.
func (b *book) node() *rulebook.Service {
	return rulebook.New(rulebook.Deps{DB: b.db, Clock: b.clock, IDs: b.ids, Kinds: standard.Kinds(),
		Settings: rulebook.Defaults(), Shelf: b.shelf})
}

func (b *book) ok(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *book) want(err error, code string) {
	b.t.Helper()
	if !fault.Is(err, code) {
		b.t.Fatalf("got %v, want %s", err, code)
	}
}

// spendAndSave is a shop's promotion.
func spendAndSave(shop string) promo.Promotion {
	return promo.Promotion{Kind: spend.Name, Title: text.Entry{Zh: "满减", En: "Spend and save"}, Scope: promo.Scope{Shop: shop},
		Terms: &spend.Terms{Tiers: []spend.Tier{{Threshold: 10_000, Off: 1_000}}}, Budget: 50_000,
		From: start, Until: start.Add(24 * time.Hour)}
}

// crossShop is the market's.
func crossShop() promo.Promotion {
	return promo.Promotion{Kind: crossshop.Name, Title: text.Entry{Zh: "跨店满减", En: "Cross-shop"}, Budget: 500_000,
		Terms:   &crossshop.Terms{Every: 30_000, Off: 5_000},
		Funding: []promo.Share{{Party: promo.Platform, PPM: 500_000}, {Party: promo.Merchant, PPM: 500_000}}}
}

func (b *book) draft(shop string, p promo.Promotion) rulebook.Publish {
	b.t.Helper()
	e, err := b.SaveDraft(ctx, rulebook.SaveDraft{Shop: shop, Promotion: p})
	b.ok(err)
	return rulebook.Publish{Shop: shop, ID: e.Promotion.ID, Version: e.Promotion.Version}
}

func (b *book) publish(shop string, p promo.Promotion) rulebook.Publish {
	b.t.Helper()
	cmd := b.draft(shop, p)
	b.ok(b.Publish(ctx, cmd))
	return cmd
}

// holds is what a node would compile.
func (b *book) holds(n *rulebook.Service) (ids []string, mark any) {
	b.t.Helper()
	all, mark, err := n.List(ctx)
	b.ok(err)
	for _, p := range all {
		ids = append(ids, p.ID)
	}
	return ids, mark
}

// TestAPromotionFromDraftToReplaced: a draft holds nothing; published it holds, on every node; a newer version takes its
// place, and every version can be read for ever as it was.
func TestAPromotionFromDraftToReplaced(t *testing.T) {
	onBoth(t, func(b *book) {
		cmd, other := b.draft("shp_a", spendAndSave("shp_a")), b.node()
		if ids, _ := b.holds(b.Service); len(ids) != 0 {
			t.Fatalf("a draft holds: %v", ids)
		}
		b.ok(b.Publish(ctx, cmd))
		b.want(b.Publish(ctx, cmd), "promo.state")
		for _, n := range []*rulebook.Service{b.Service, other} {
			if ids, _ := b.holds(n); !slices.Equal(ids, []string{cmd.ID}) {
				t.Fatalf("%v holds", ids)
			}
		}
		p := spendAndSave("shp_a")
		p.ID, p.Terms = cmd.ID, &spend.Terms{Tiers: []spend.Tier{{Threshold: 10_000, Off: 2_000}}}
		b.clock.Advance(time.Hour)
		second := b.publish("shp_a", p)
		if second.Version != 2 || second.ID != cmd.ID {
			t.Fatalf("%+v", second)
		}
		all, err := b.Versions(ctx, rulebook.Find{Shop: "shp_a", ID: cmd.ID})
		b.ok(err)
		if len(all) != 2 || all[0].State != rulebook.Published || all[1].State != rulebook.Replaced ||
			!all[1].Ended.Equal(start.Add(time.Hour)) || all[1].Promotion.Terms.(*spend.Terms).Tiers[0].Off != 1_000 ||
			!all[1].Promotion.From.Equal(start) || all[1].DraftedBy != audit.System {
			t.Errorf("%+v", all)
		}
		list, _, err := other.List(ctx)
		b.ok(err)
		if len(list) != 1 || list[0].Version != 2 || list[0].Terms.(*spend.Terms).Tiers[0].Off != 2_000 {
			t.Errorf("%+v", list)
		}
		old := b.draft("shp_a", p)
		newer := b.draft("shp_a", p)
		b.ok(b.Publish(ctx, newer))
		b.want(b.Publish(ctx, old), "promo.older")
	})
}

// TestP14_WithdrawnIsWithdrawnAtOnce: the mark changes with it, so that every node reads anew; whoever asks twice is
// told the same.
func TestP14_WithdrawnIsWithdrawnAtOnce(t *testing.T) {
	onBoth(t, func(b *book) {
		cmd, other := b.publish("shp_a", spendAndSave("shp_a")), b.node()
		_, before := b.holds(other)
		if _, again := b.holds(other); again != before {
			t.Error("nothing changed, and the mark did")
		}
		b.want(b.Withdraw(ctx, rulebook.Withdraw{Shop: "shp_b", ID: cmd.ID}), "promo.not_found")
		b.want(b.Withdraw(ctx, rulebook.Withdraw{ID: cmd.ID}), "promo.not_found")
		if ids, mark := b.holds(other); len(ids) != 1 || mark != before {
			t.Fatal("another shop's hand")
		}
		for range 2 {
			b.ok(b.Withdraw(ctx, rulebook.Withdraw{Shop: "shp_a", ID: cmd.ID}))
			if ids, mark := b.holds(other); len(ids) != 0 || mark == before {
				t.Fatalf("withdrawn and %v holds, mark %v after %v", ids, mark, before)
			}
		}
		operators := b.publish("shp_a", spendAndSave("shp_a"))
		b.ok(b.Withdraw(ctx, rulebook.Withdraw{Any: true, ID: operators.ID}))
		if ids, _ := b.holds(other); len(ids) != 0 {
			t.Errorf("%v holds", ids)
		}
		b.want(b.Publish(ctx, operators), "promo.state")
	})
}

// TestWhoeverPaysPublishes: a shop its own goods at its own cost, the market what it says who pays for; nobody has a
// shop pay alone for what it did not publish.
func TestWhoeverPaysPublishes(t *testing.T) {
	onBoth(t, func(b *book) {
		platform := []promo.Share{{Party: promo.Platform, PPM: 1_000_000}}
		for name, c := range map[string]struct {
			shop   string
			p      promo.Promotion
			change func(*promo.Promotion)
			code   string
		}{
			"a shop's own":           {"shp_a", spendAndSave("shp_a"), nil, ""},
			"says so":                {"shp_a", spendAndSave("shp_a"), func(p *promo.Promotion) { p.Funding = []promo.Share{{Party: promo.Merchant, PPM: 1_000_000}} }, ""},
			"another shop's goods":   {"shp_a", spendAndSave("shp_b"), nil, "promo.scope_own"},
			"everybody's goods":      {"shp_a", crossShop(), nil, "promo.scope_own"},
			"at the platform's cost": {"shp_a", spendAndSave("shp_a"), func(p *promo.Promotion) { p.Funding = platform }, "promo.funder_own"},
			"the market's":           {"", crossShop(), nil, ""},
			"that nobody pays for":   {"", crossShop(), func(p *promo.Promotion) { p.Funding = nil }, "promo.funder_missing"},
			"at one shop's cost":     {"", spendAndSave("shp_a"), func(p *promo.Promotion) { p.Funding = crossShop().Funding }, "promo.funder_shop"},
			"named goods, at their shop's cost": {"", crossShop(), func(p *promo.Promotion) { p.Scope.SKUs = []string{"sku_1"} },
				"promo.funder_shop"},
			"named goods, its own cost": {"", crossShop(), func(p *promo.Promotion) {
				p.Scope.SKUs, p.Funding = []string{"sku_1"}, platform
			}, ""},
			"for one shop, its own cost": {"", spendAndSave("shp_a"), func(p *promo.Promotion) { p.Funding = platform }, ""},
			"without a title":            {"shp_a", spendAndSave("shp_a"), func(p *promo.Promotion) { p.Title.En = "" }, "promo.title"},
			"a window turned round":      {"shp_a", spendAndSave("shp_a"), func(p *promo.Promotion) { p.Until = p.From }, "promo.window_order"},
			"terms that are none":        {"shp_a", spendAndSave("shp_a"), func(p *promo.Promotion) { p.Terms = &spend.Terms{} }, "promo.tiers"},
			"what is claimed": {"shp_a", promo.Promotion{Kind: voucher.Name, Title: spendAndSave("").Title, Claim: true,
				Scope: promo.Scope{Shop: "shp_a"}, Terms: &voucher.Terms{Off: 1}}, nil, "promo.claimed_kind"},
			"M8: free by mistake": {"shp_a", promo.Promotion{Kind: price.Name, Title: spendAndSave("").Title,
				Scope: promo.Scope{Shop: "shp_a"}, Terms: price.At(0)}, nil, "promo.free"},
			"too long": {"shp_a", spendAndSave("shp_a"), func(p *promo.Promotion) {
				p.Scope.SKUs = make([]string, 1000)
				for i := range p.Scope.SKUs {
					p.Scope.SKUs[i] = string(make([]byte, 100))
				}
			}, "promo.too_long"},
		} {
			if c.change != nil {
				c.change(&c.p)
			}
			_, err := b.SaveDraft(ctx, rulebook.SaveDraft{Shop: c.shop, Promotion: c.p})
			if c.code == "" && err != nil || c.code != "" && !fault.Is(err, c.code) {
				t.Errorf("%s: %v, want %q", name, err, c.code)
			}
		}
		mine := b.draft("shp_a", spendAndSave("shp_a"))
		theirs := spendAndSave("shp_b")
		theirs.ID = mine.ID
		_, err := b.SaveDraft(ctx, rulebook.SaveDraft{Shop: "shp_b", Promotion: theirs})
		b.want(err, "promo.not_found")
		theirs.ID = "prm_none"
		_, err = b.SaveDraft(ctx, rulebook.SaveDraft{Shop: "shp_b", Promotion: theirs})
		b.want(err, "promo.not_found")
		b.want(b.Publish(ctx, rulebook.Publish{Shop: "shp_b", ID: mine.ID, Version: 1}), "promo.not_found")
		b.want(b.Publish(ctx, rulebook.Publish{Shop: "shp_a", ID: mine.ID, Version: 2}), "promo.not_found")
		_, err = b.Versions(ctx, rulebook.Find{Shop: "shp_b", ID: mine.ID})
		b.want(err, "promo.not_found")
	})
}

// TestWhatCouldCostTooMuchTakesTwo: the worst case is the budget, or what the goods in the scope could lose; what
// nothing bounds takes two people of the market.
func TestWhatCouldCostTooMuchTakesTwo(t *testing.T) {
	onBoth(t, func(b *book) {
		cut := promo.Promotion{Kind: direct.Name, Title: crossShop().Title, Terms: &direct.Terms{Rate: 500_000},
			Scope: promo.Scope{Shop: "shp_a"}}
		for name, c := range map[string]struct {
			shop   string
			p      promo.Promotion
			budget int64
			goods  []promo.Line
			code   string
		}{
			"within":                      {"", crossShop(), 1_000_000, nil, ""},
			"a fen above":                 {"", crossShop(), 1_000_001, nil, "promo.second_person"},
			"nothing bounds it":           {"", crossShop(), 0, nil, "promo.second_person_open"},
			"the goods bound it":          {"", crossShop(), 0, []promo.Line{{UnitPrice: 3_000_000, Quantity: 2}}, ""},
			"they do not":                 {"", crossShop(), 0, []promo.Line{{UnitPrice: 3_000_000, Quantity: 3}}, "promo.second_person"},
			"a shop's half":               {"shp_a", cut, 0, []promo.Line{{Shop: "shp_a", UnitPrice: 1_000_000, Quantity: 2}}, ""},
			"half of more":                {"shp_a", cut, 0, []promo.Line{{Shop: "shp_a", UnitPrice: 1_000_000, Quantity: 3}}, "promo.second_person"},
			"a floor that the shop keeps": {"shp_a", cut, 0, []promo.Line{{Shop: "shp_a", UnitPrice: 1_000_000, Floor: 700_000, Quantity: 3}}, ""},
			"a floor it may take away":    {"", crossShop(), 0, []promo.Line{{UnitPrice: 3_000_000, Floor: 2_900_000, Quantity: 3}}, "promo.second_person"},
			"of goods that nobody counts": {"shp_a", cut, 0, nil, ""},
		} {
			c.p.Budget, b.shelf.goods = c.budget, c.goods
			cmd := b.draft(c.shop, c.p)
			if err := b.Publish(ctx, cmd); c.code == "" && err != nil || c.code != "" && !fault.Is(err, c.code) {
				t.Errorf("%s: %v, want %q", name, err, c.code)
			}
		}
		b.shelf.err = errors.New("no shelf")
		if err := b.Publish(ctx, b.draft("", crossShop())); !errors.Is(err, b.shelf.err) {
			t.Errorf("%v", err)
		}
		if _, err := b.Worst(ctx, crossShop()); !errors.Is(err, b.shelf.err) {
			t.Errorf("%v", err)
		}
		b.shelf.err, b.shelf.goods = nil, nil
		if w, err := b.Worst(ctx, crossShop()); err != nil || w.Total != 500_000 || w.Parties[promo.Platform] != 250_000 {
			t.Errorf("%+v, %v", w, err)
		}
	})
}

func (b *book) person(may ...login.Permission) login.Principal {
	return login.Principal{Role: login.Operator, Login: login.ID(b.ids.New("lgn")), May: login.SetOf(may...)}
}

// TestASecondPersonPublishes what one may not: another one than who asked, and than who wrote it.
func TestASecondPersonPublishes(t *testing.T) {
	onBoth(t, func(b *book) {
		may := []login.Permission{login.MarketSaleAsk, login.MarketSaleApprove}
		desk, err := approval.New(b.db, b.clock, b.ids, rulebook.PublishKind(b.Service, may[:1], may[1:]))
		b.ok(err)
		writer, asker, third := b.person(may...), b.person(may...), b.person(may...)
		as := audit.As(ctx, audit.Person{Who: string(writer.Login)})
		p := crossShop()
		p.Budget = 9_000_000
		e, err := b.SaveDraft(as, rulebook.SaveDraft{Promotion: p})
		b.ok(err)
		ask := approval.Ask{By: asker, Kind: rulebook.PublishRequest, Subject: e.Promotion.ID, Payload: rulebook.PublishPayload{Version: 1}}
		b.want(b.Publish(ctx, rulebook.Publish{ID: e.Promotion.ID, Version: 1}), "promo.second_person")
		r, err := desk.Ask(ctx, ask)
		b.ok(err)
		for _, by := range []login.Principal{asker, writer} {
			_, err := desk.Decide(ctx, approval.Decide{By: by, Request: r.ID, Approve: true})
			b.want(err, "approval.own")
		}
		_, err = desk.Decide(ctx, approval.Decide{By: third, Request: r.ID, Approve: true})
		b.ok(err)
		if ids, _ := b.holds(b.Service); !slices.Equal(ids, []string{e.Promotion.ID}) {
			t.Errorf("%v holds", ids)
		}
		_, err = desk.Ask(ctx, ask)
		b.want(err, "promo.state")
		ask.Payload = "x"
		_, err = desk.Ask(ctx, ask)
		b.want(err, "approval.payload")
	})
}
