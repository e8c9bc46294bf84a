package offer_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/money"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/party/audit"
)

var start = time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)

type shelf struct {
	*offer.Service
	t     *testing.T
	db    *db.DB
	clock *clock.Manual
	stock *stock.Service
}

func onBoth(t *testing.T, test func(t *testing.T, s *shelf)) {
	dbtest.Each(t, []db.Schema{event.Schema, audit.Schema, stock.Schema, offer.Schema}, func(t *testing.T, d *db.DB) {
		c := clock.NewManual(start)
		ids := id.NewMaker(c, rand.Reader)
		test(t, &shelf{offer.New(d, c, ids), t, d, c, stock.New(d, c, ids)})
	})
}

func (s *shelf) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// listing is a SKU of a shop at a price, with a pool of ten pieces.
func (s *shelf) listing(shop, sku string, unit, list int64) offer.Listing {
	s.t.Helper()
	var pools []stock.PoolID
	s.ok(s.db.Write(context.Background(), func(tx *db.Tx) (err error) {
		pools, err = s.stock.Receive(tx, start, []stock.Receipt{{Shop: shop, SKU: sku, Quantity: 10, Ref: "test"}})
		return err
	}))
	return offer.Listing{Shop: shop, Product: "prd_" + sku, SKU: sku, Pool: pools[0], Currency: "CNY", UnitPrice: unit,
		ListPrice: list}
}

func (s *shelf) list(all ...offer.Listing) (offers []offer.Offer, changed int, err error) {
	err = s.db.Write(context.Background(), func(tx *db.Tx) (err error) {
		offers, changed, err = s.List(tx, s.clock.Now(), all)
		return err
	})
	return offers, changed, err
}

// history is "version unit/list at seconds after start" of every price that the offer had.
func (s *shelf) history(o offer.ID) (rows []string) {
	s.t.Helper()
	s.ok(s.db.Read(context.Background(), func(tx *db.Tx) (err error) {
		rows, err = db.List(tx, func(r db.Row) (string, error) {
			var version, unit, list, from int64
			err := r.Scan(&version, &unit, &list, &from)
			return fmt.Sprintf("%d %d/%d at %d", version, unit, list, (from-clock.Micros(start))/1e6), err
		}, `SELECT version, unit_price, list_price, from_us FROM price_history WHERE offer_id = $1 ORDER BY version`,
			string(o))
		return err
	}))
	return rows
}

func (s *shelf) load(o offer.ID) (got offer.Offer) {
	s.t.Helper()
	s.ok(s.db.Read(context.Background(), func(tx *db.Tx) error {
		all, err := offer.Load(tx, []offer.ID{o, o, "off_nobody"})
		if got = all[o]; err == nil && len(all) != 1 {
			err = fmt.Errorf("%d offers of one id", len(all))
		}
		return err
	}))
	return got
}

// open tells whether the pool may be sold from.
func (s *shelf) open(p stock.PoolID) (open bool) {
	s.t.Helper()
	s.ok(s.db.Read(context.Background(), func(tx *db.Tx) (err error) {
		open, _, err = db.Value[bool](tx, `SELECT c.open FROM pools p JOIN pool_counts c ON c.no = p.no WHERE p.id = $1`, string(p))
		return err
	}))
	return open
}

// told is the products that shops' Changed events name, in order.
func (s *shelf) told() (all []string) {
	s.t.Helper()
	s.ok(s.db.Read(context.Background(), func(tx *db.Tx) (err error) {
		all, err = db.List(tx, func(r db.Row) (b string, err error) { err = r.Scan(&b); return b, err },
			`SELECT subject || ' ' || body FROM outbox WHERE topic = $1 ORDER BY id`, string(offer.Changed))
		return err
	}))
	return all
}

func (s *shelf) want(o offer.ID, unit, version int64, state offer.State, history ...string) {
	s.t.Helper()
	got := s.load(o)
	if got.UnitPrice != unit || got.Version != version || got.State != state {
		s.t.Errorf("%d, version %d, %s; want %d, %d, %s", got.UnitPrice, got.Version, got.State, unit, version, state)
	}
	if rows := s.history(o); !slices.Equal(rows, history) {
		s.t.Errorf("history %q, want %q", rows, history)
	}
}

func TestListAndReprice(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shelf) {
		tea, cup := s.listing("shp_a", "sku_tea", 1999, 2999), s.listing("shp_a", "sku_cup", 500, 0)
		offers, changed, err := s.list(tea, cup)
		s.ok(err)
		if changed != 2 || offers[0].SKU != "sku_tea" || offers[1].SKU != "sku_cup" || !s.open(tea.Pool) {
			t.Fatalf("%d changed: %+v", changed, offers)
		}
		if got := s.load(offers[0].ID); got != offers[0] {
			t.Fatalf("stored %+v, told %+v", got, offers[0])
		}
		s.clock.Advance(time.Second)
		same, changed, err := s.list(cup, tea)
		s.ok(err)
		if changed != 0 || same[0] != offers[1] || same[1] != offers[0] {
			t.Errorf("listing the same again changed %d: %+v", changed, same)
		}
		s.want(offers[0].ID, 1999, 1, offer.Listed, "1 1999/2999 at 0")
		tea.UnitPrice = 1899
		again, changed, err := s.list(tea, cup)
		s.ok(err)
		if changed != 1 || again[0].ID != offers[0].ID {
			t.Errorf("repricing one of two changed %d and gave %s for %s", changed, again[0].ID, offers[0].ID)
		}
		tea.ListPrice = 0 // a struck price that goes is a change too
		_, _, err = s.list(tea)
		s.ok(err)
		s.want(offers[0].ID, 1899, 3, offer.Listed, "1 1999/2999 at 0", "2 1899/2999 at 1", "3 1899/0 at 1")
		s.want(offers[1].ID, 500, 1, offer.Listed, "1 500/0 at 0")
	})
}

func TestRepriceTellsAndAForeignShopFindsNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shelf) {
		ctx := context.Background()
		offers, _, err := s.list(s.listing("shp_a", "sku_tea", 1999, 0))
		s.ok(err)
		o := offers[0].ID
		price := func(unit, list int64) error {
			return s.Reprice(ctx, "shp_a", o, money.New(unit, "CNY"), money.New(list, "CNY"))
		}
		s.ok(price(1500, 1999))
		s.ok(price(1500, 1999)) // a retry makes no version
		s.want(o, 1500, 2, offer.Listed, "1 1999/0 at 0", "2 1500/1999 at 0")
		if told := s.told(); len(told) == 0 || told[0] != `shp_a {"ids":["prd_sku_tea"]}` {
			t.Errorf("told %q", told)
		}
		before := len(s.told())
		for name, c := range map[string]struct {
			err         error
			code, field string
		}{
			"another's":       {s.Reprice(ctx, "shp_b", o, money.New(1, "CNY"), money.New(0, "CNY")), "offer.not_found", ""},
			"nobody's shop":   {s.Reprice(ctx, "", o, money.New(1, "CNY"), money.New(0, "CNY")), "offer.not_found", ""},
			"withdraw theirs": {s.Withdraw(ctx, "shp_b", o), "offer.not_found", ""},
			"no such":         {s.Withdraw(ctx, "shp_a", "off_none"), "offer.not_found", ""},
			"free":            {price(0, 0), "offer.price", "unit_price"},
			"negative":        {price(-1, 0), "offer.price", "unit_price"},
			"too dear":        {price(offer.PriceMax+1, 0), "offer.price", "unit_price"},
			"other currency":  {s.Reprice(ctx, "shp_a", o, money.New(1, "USD"), money.New(0, "USD")), "offer.price", "unit_price"},
			"struck below":    {price(1500, 1499), "offer.list_price", "list_price"},
			"struck too dear": {price(1500, offer.PriceMax+1), "offer.list_price", "list_price"},
		} {
			if !fault.Is(c.err, c.code) || fault.As(c.err).Field != c.field {
				t.Errorf("%s: %v, want %s at %q", name, c.err, c.code, c.field)
			}
		}
		s.want(o, 1500, 2, offer.Listed, "1 1999/0 at 0", "2 1500/1999 at 0")
		if after := len(s.told()); after != before {
			t.Errorf("a refused call told %d events", after-before)
		}
	})
}

// One listing that is wrong refuses all of them, and nothing is written.
func TestARefusedListingChangesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shelf) {
		tea, cup := s.listing("shp_a", "sku_tea", 1999, 0), s.listing("shp_a", "sku_cup", 0, 0)
		if _, _, err := s.list(tea, cup); !fault.Is(err, "offer.price") {
			t.Fatal(err)
		}
		all, err := s.ByProducts(context.Background(), []string{tea.Product, cup.Product})
		if err != nil || len(all) != 0 {
			t.Errorf("%v, %v", all, err)
		}
	})
}

func TestWithdrawnAndListedAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shelf) {
		ctx := context.Background()
		tea := s.listing("shp_a", "sku_tea", 1999, 0)
		offers, _, err := s.list(tea)
		s.ok(err)
		o := offers[0].ID
		s.ok(s.Withdraw(ctx, "shp_a", o))
		s.ok(s.Withdraw(ctx, "shp_a", o)) // safe to repeat
		s.want(o, 1999, 1, offer.Withdrawn, "1 1999/0 at 0")
		if s.open(tea.Pool) {
			t.Error("a withdrawn offer's pool is open for orders")
		}
		all, err := s.ByProducts(ctx, []string{tea.Product})
		if err != nil || len(all[tea.Product]) != 1 || all[tea.Product][0].State != offer.Withdrawn {
			t.Errorf("the merchant no longer sees it: %v %v", all, err)
		}
		s.clock.Advance(time.Second)
		_, changed, err := s.list(tea)
		if err != nil || changed != 1 || !s.open(tea.Pool) {
			t.Errorf("listed again: %d changed, open %v, %v", changed, s.open(tea.Pool), err)
		}
		s.want(o, 1999, 1, offer.Listed, "1 1999/0 at 0") // the same price is the same version
		s.ok(s.Withdraw(ctx, "shp_a", o))
		s.ok(s.Reprice(ctx, "shp_a", o, money.New(1800, "CNY"), money.New(0, "CNY")))
		s.want(o, 1800, 2, offer.Listed, "1 1999/0 at 0", "2 1800/0 at 1")
	})
}

// The same SKU sold by two shops is two offers, each at its own price.
func TestTwoShopsSellOneSKU(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shelf) {
		offers, changed, err := s.list(s.listing("shp_a", "sku_tea", 1999, 0), s.listing("shp_b", "sku_tea", 1899, 0))
		s.ok(err)
		if changed != 2 || offers[0].ID == offers[1].ID {
			t.Fatalf("%d changed: %+v", changed, offers)
		}
		s.want(offers[0].ID, 1999, 1, offer.Listed, "1 1999/0 at 0")
		s.want(offers[1].ID, 1899, 1, offer.Listed, "1 1899/0 at 0")
	})
}

// A merchant's clicks at once: every price is a version of its own, none is lost, the last version is what stands.
func TestRepricedAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shelf) {
		offers, _, err := s.list(s.listing("shp_a", "sku_tea", 1000, 0))
		s.ok(err)
		o := offers[0].ID
		const clicks = 12
		errs := make([]error, clicks)
		var wg sync.WaitGroup
		for i := range clicks {
			wg.Go(func() {
				errs[i] = s.Reprice(context.Background(), "shp_a", o, money.New(2000+int64(i), "CNY"), money.New(0, "CNY"))
			})
		}
		wg.Wait()
		for _, err := range errs {
			s.ok(err)
		}
		got, rows := s.load(o), s.history(o)
		if got.Version != clicks+1 || len(rows) != clicks+1 {
			t.Fatalf("version %d, history %q", got.Version, rows)
		}
		if last := fmt.Sprintf("%d %d/0 at 0", got.Version, got.UnitPrice); rows[clicks] != last {
			t.Errorf("stands at %s, the history ends with %s", last, rows[clicks])
		}
	})
}
