package segment_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/fault"
	"hutong/base/text"
	"hutong/deal/voucher"
	"hutong/goods/offer"
	"hutong/party/shopper"
	"hutong/reach/segment"
	"hutong/trade/checkout"
	"hutong/trade/order"
	"hutong/trade/tradetest"
)

var ctx = context.Background()

const day = 24 * time.Hour

// bench is a market whose orders are listed when it is told to.
type bench struct {
	*tradetest.Market
	t   testing.TB
	S   *segment.Service
	Bus *event.Bus
}

func each(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	dbtest.Each(t, append(tradetest.Schemas(), segment.Schema), func(t *testing.T, d *db.DB) {
		b := &bench{Market: tradetest.New(t, d), t: t}
		b.S = segment.New(segment.Deps{DB: d, Clock: b.Clock, IDs: b.IDs, Catalog: b.Catalog, Currency: "CNY"})
		b.Bus = event.NewBus(d, b.Clock, slog.New(slog.NewTextHandler(t.Output(), nil)))
		b.Orders.Listen(b.Bus)
		test(t, b)
	})
}

// goods are on sale in a category.
func (b *bench) goods(name, category string, price int64) offer.Offer {
	b.t.Helper()
	o := b.Sell(b.Shop(name), name, price, 100)
	b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE products SET category_id = $2 WHERE id = $1`, o.Product, category)
		return err
	}))
	return o
}

// buys is a paid order.
func (b *bench) buys(who, home string, o offer.Offer, n int64) order.ID {
	b.t.Helper()
	p := b.Place(who, home, checkout.BasketLine{Offer: string(o.ID), Quantity: n})
	b.Capture(p, "in-"+string(p.Order))
	for {
		if n, err := b.Bus.Waiting(ctx); err != nil || n == 0 {
			b.Must(err)
			return p.Order
		}
		_, err := b.Bus.Dispatch(ctx)
		b.Must(err)
	}
}

func (b *bench) make(rules []segment.Rule, people ...string) segment.Segment {
	b.t.Helper()
	g, err := b.S.Make(ctx, segment.Terms{Title: text.Entry{Zh: "人群", En: "Set"}, Rules: rules}, people)
	b.Must(err)
	return g
}

// in are those of the shoppers who are in a set.
func (b *bench) in(g segment.Segment, of ...string) (some []string) {
	b.t.Helper()
	b.Must(b.DB.Read(ctx, func(tx *db.Tx) error {
		all, err := b.S.Members(tx, voucher.Audience{Kind: voucher.InSegment, Segment: string(g.ID)}, of)
		for _, who := range of {
			if all[who] {
				some = append(some, who)
			}
		}
		return err
	}))
	return some
}

// TestWhoIsInASet: rules over what was bought, kept and paid, in time and category, for a batch at once.
func TestWhoIsInASet(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		tea, shirt := b.goods("tea", "fb-1-9", 2000), b.goods("shirt", "aa-1", 9000)
		old, home := b.Shopper()
		fresh, near := b.Shopper()
		sorry, back := b.Shopper()
		never, _ := b.Shopper()
		all := []string{old, fresh, sorry, never}
		b.buys(old, home, shirt, 1)
		b.Clock.Advance(60 * day)
		b.buys(fresh, near, tea, 2)
		b.buys(fresh, near, tea, 1)
		gone := b.buys(sorry, back, tea, 1)
		b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
			_, err := b.Orders.Refund(tx, order.Refund{Order: gone, Seq: 1, Lines: []order.Units{{Line: 1, Units: 1}},
				Cause: order.Cause{Actor: "shopper", Why: "unwanted", At: b.Clock.Now()}})
			return err
		}))
		for name, c := range map[string]struct {
			rules []segment.Rule
			want  []string
		}{
			"tea":               {[]segment.Rule{{Kind: segment.Bought, Category: "fb-1"}}, []string{fresh}},
			"neighbour":         {[]segment.Rule{{Kind: segment.Bought, Category: "fb-2"}}, nil},
			"lately":            {[]segment.Rule{{Kind: segment.Bought, Days: 30}}, []string{fresh}},
			"never":             {[]segment.Rule{{Kind: segment.NotBought}}, []string{sorry, never}},
			"no shirt":          {[]segment.Rule{{Kind: segment.NotBought, Category: "aa"}}, []string{fresh, sorry, never}},
			"spent":             {[]segment.Rule{{Kind: segment.Spent, Least: 6000}}, []string{old, fresh}},
			"spent more":        {[]segment.Rule{{Kind: segment.Spent, Least: 6001}}, []string{old}},
			"spent lately":      {[]segment.Rule{{Kind: segment.Spent, Least: 1, Days: 60}}, []string{fresh}},
			"twice":             {[]segment.Rule{{Kind: segment.Orders, Least: 2}}, []string{fresh}},
			"away":              {[]segment.Rule{{Kind: segment.Idle, Days: 60}}, []string{old}},
			"away but not tea":  {[]segment.Rule{{Kind: segment.Idle, Days: 30}, {Kind: segment.NotBought, Category: "fb"}}, []string{old}},
			"nobody can do all": {[]segment.Rule{{Kind: segment.Idle, Days: 30}, {Kind: segment.Bought, Days: 30}}, nil},
		} {
			g := b.make(c.rules)
			if got := b.in(g, all...); !slices.Equal(got, c.want) {
				t.Errorf("%s: %q, want %q", name, got, c.want)
			}
		}
		named := b.make([]segment.Rule{{Kind: segment.Bought, Days: 30}}, never, old, never)
		if got := b.in(named, all...); !slices.Equal(got, []string{old, fresh, never}) || named.Named != 2 {
			t.Errorf("named: %q", got)
		}
		for range 2 {
			_, err := b.S.Count(ctx)
			b.Must(err)
		}
		if g, err := b.S.Segment(ctx, named.ID); err != nil || g.Members != 3 || g.Counted.IsZero() || g.Named != 2 {
			t.Errorf("counted %+v %v", g, err)
		}
		b.Must(b.S.Close(ctx, named.ID))
		b.Must(b.S.Close(ctx, named.ID))
		if got := b.in(named, all...); got != nil {
			t.Errorf("a closed set has %q", got)
		}
		if got := b.in(segment.Segment{ID: "seg_x"}, all...); got != nil {
			t.Errorf("no set has %q", got)
		}
	})
}

// TestSetsAreRefused: what says nothing, or nothing that can be found.
func TestSetsAreRefused(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		who, _ := b.Shopper()
		for name, c := range map[string]struct {
			rules  []segment.Rule
			people []string
			code   string
		}{
			"nothing":      {nil, nil, "segment.rules"},
			"kind":         {[]segment.Rule{{Kind: "young"}}, nil, "segment.rules"},
			"days":         {[]segment.Rule{{Kind: segment.Bought, Days: -1}}, nil, "segment.days"},
			"away":         {[]segment.Rule{{Kind: segment.Idle}}, nil, "segment.days"},
			"least":        {[]segment.Rule{{Kind: segment.Spent}}, nil, "segment.least"},
			"least bought": {[]segment.Rule{{Kind: segment.Bought, Least: 1}}, nil, "segment.least"},
			"category":     {[]segment.Rule{{Kind: segment.Bought, Category: "zz-9"}}, nil, "segment.category"},
			"people":       {nil, []string{who, "x"}, "segment.people"},
			"many":         {slices.Repeat([]segment.Rule{{Kind: segment.Bought}}, 9), nil, "segment.rules"},
		} {
			_, err := b.S.Make(ctx, segment.Terms{Title: text.Entry{Zh: "人群", En: "Set"}, Rules: c.rules}, c.people)
			if !fault.Is(err, c.code) {
				t.Errorf("%s: %v, want %s", name, err, c.code)
			}
		}
		if _, err := b.S.Segment(ctx, "seg_x"); !fault.Is(err, "segment.not_found") {
			t.Error(err)
		}
	})
}

// TestErasureTakesPeopleOutOfSets: who is named is told so in their export, and is nowhere after they are erased.
func TestErasureTakesPeopleOutOfSets(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		who, _ := b.Shopper()
		g := b.make(nil, who)
		b.Must(b.DB.Write(ctx, func(tx *db.Tx) error {
			told, err := segment.Person{}.Export(tx, shopper.ID(who))
			if err != nil || !strings.Contains(fmt.Sprint(told), "人群") {
				t.Errorf("the export says %v %v", told, err)
			}
			return segment.Person{}.Erase(tx, b.Clock.Now(), shopper.ID(who))
		}))
		if got := b.in(g, who); got != nil {
			t.Errorf("still in it: %q", got)
		}
	})
}
