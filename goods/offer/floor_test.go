package offer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"hutong/base/db"
	"hutong/base/fault"
	"hutong/base/money"
	"hutong/goods/offer"
)

// floors is "floor at seconds after start" of every floor that a SKU of shp_a had.
func (s *shelf) floors(sku string) (rows []string) {
	s.t.Helper()
	s.ok(s.db.Read(context.Background(), func(tx *db.Tx) error {
		all, err := offer.FloorsOf(tx, "shp_a", sku, start.Add(time.Hour))
		for _, f := range all {
			rows = append(rows, fmt.Sprintf("%d at %d", f.Price, int(f.From.Sub(start).Seconds())))
		}
		return err
	}))
	return rows
}

// TestP14_AFloorStaysUntilItsShopChangesIt: whoever prices without a word about it leaves it, a price below it is
// refused, and each floor that ever was can be told. It is no version of the price.
func TestP14_AFloorStaysUntilItsShopChangesIt(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shelf) {
		at := func(minor int64) *int64 { return &minor }
		tea := s.listing("shp_a", "sku_tea", 2000, 0)
		tea.FloorPrice = at(1500)
		offers, _, err := s.list(tea)
		s.ok(err)
		o := offers[0].ID
		want := func(unit, floor, version int64, rows ...string) {
			t.Helper()
			got := s.load(o)
			if got.UnitPrice != unit || got.FloorPrice != floor || got.Version != version || !slices.Equal(s.floors("sku_tea"), rows) {
				t.Errorf("%+v, floors %q", got, s.floors("sku_tea"))
			}
		}
		want(2000, 1500, 1, "1500 at 0")
		tea.FloorPrice, tea.UnitPrice = nil, 1900
		_, _, err = s.list(tea)
		s.ok(err)
		s.ok(s.Reprice(context.Background(), "shp_a", o, money.New(1500, "CNY"), money.New(0, "CNY")))
		want(1500, 1500, 3, "1500 at 0")
		s.clock.Advance(time.Second)
		told := len(s.told())
		changed, err := s.set("shp_a", offer.Terms{Offer: o, UnitPrice: 1500, FloorPrice: at(1200), State: offer.Listed})
		if err != nil || len(changed) != 1 || changed[0].FloorPrice != 1200 || len(s.told()) != told+1 {
			t.Errorf("%+v, %v", changed, err)
		}
		want(1500, 1200, 3, "1500 at 0", "1200 at 1")
		tea.UnitPrice, tea.FloorPrice = 1500, at(1300)
		if _, n, err := s.list(tea); err != nil || n != 1 { // at the same instant: the later stays
			t.Errorf("%d changed, %v", n, err)
		}
		want(1500, 1300, 3, "1500 at 0", "1300 at 1")
		before := len(s.told())
		floor := func(minor int64, c money.Currency) *money.Money { m := money.New(minor, c); return &m }
		price := func(unit int64, f *money.Money) error {
			_, err := s.Price(context.Background(), offer.Pricing{Shop: "shp_a", Offer: o, Unit: money.New(unit, "CNY"),
				List: money.New(0, "CNY"), Floor: f})
			return err
		}
		set := func(unit int64, f *int64) error {
			_, err := s.set("shp_a", offer.Terms{Offer: o, UnitPrice: unit, FloorPrice: f, State: offer.Listed})
			return err
		}
		for name, c := range map[string]struct {
			err         error
			code, field string
		}{
			"a price below it":    {price(1299, nil), "offer.below_floor", "unit_price"},
			"many below":          {set(1299, nil), "offer.below_floor", "unit_price"},
			"above the price":     {price(1500, floor(1501, "CNY")), "offer.floor_price", "floor_price"},
			"many above":          {set(1500, at(1501)), "offer.floor_price", "floor_price"},
			"below nothing":       {price(1500, floor(-1, "CNY")), "offer.floor_price", "floor_price"},
			"in another currency": {price(1500, floor(1400, "USD")), "offer.floor_price", "floor_price"},
		} {
			if !fault.Is(c.err, c.code) || fault.As(c.err).Field != c.field {
				t.Errorf("%s: %v, want %s at %q", name, c.err, c.code, c.field)
			}
		}
		want(1500, 1300, 3, "1500 at 0", "1300 at 1")
		if len(s.told()) != before {
			t.Error("a refused call told something")
		}
		s.clock.Advance(time.Second)
		s.ok(price(900, floor(0, "CNY")))
		want(900, 0, 4, "1500 at 0", "1300 at 1", "0 at 2")
	})
}

// TestTheTableHasNoFloorAboveItsPrice: also where a statement forgets to look.
func TestTheTableHasNoFloorAboveItsPrice(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shelf) {
		offers, _, err := s.list(s.listing("shp_a", "sku_tea", 2000, 0))
		s.ok(err)
		for _, floor := range []int64{2001, -1} {
			err := s.db.Write(context.Background(), func(tx *db.Tx) error {
				_, err := tx.Exec(`UPDATE offers SET floor_price = $1 WHERE id = $2`, floor, string(offers[0].ID))
				return err
			})
			if !errors.Is(err, db.ErrCheck) {
				t.Errorf("a floor of %d: %v", floor, err)
			}
		}
	})
}

// promised is what a shop has promised of offers.
type promised map[offer.ID]int64

func (p promised) Promised(_ *db.Tx, _ time.Time, offers []offer.ID) (map[offer.ID]int64, error) {
	some := map[offer.ID]int64{}
	for _, o := range offers {
		if price, there := p[o]; there {
			some[o] = price
		}
	}
	return some, nil
}

// TestAFloorTakesNoPromiseBack: it cannot rise above a price that was promised, and nothing else asks.
func TestAFloorTakesNoPromiseBack(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shelf) {
		tea := s.listing("shp_a", "sku_tea", 2000, 0)
		cup := s.listing("shp_a", "sku_cup", 2000, 0)
		offers, _, err := s.list(tea, cup)
		s.ok(err)
		s.Plug(promised{offers[0].ID: 1500})
		at := func(minor int64) *int64 { return &minor }
		both := func(first, second int64) error {
			tea.FloorPrice, cup.FloorPrice = at(first), at(second)
			_, _, err := s.list(tea, cup)
			return err
		}
		s.ok(both(1500, 2000))
		if err := both(1501, 1999); !fault.Is(err, "offer.floor_promised") || fault.As(err).Field != "floor_price" {
			t.Errorf("a floor above the promise: %v", err)
		}
		s.ok(s.db.Read(context.Background(), func(tx *db.Tx) error {
			was := []offer.Offer{s.load(offers[0].ID), s.load(offers[1].ID)}
			high, cheap := tea, cup
			high.FloorPrice, cheap.FloorPrice, cheap.UnitPrice = at(1501), nil, 1999
			refused, err := s.Refused(tx, start, was, []offer.Listing{high, cheap})
			if !fault.Is(refused[was[0].ID], "offer.floor_promised") || !fault.Is(refused[was[1].ID], "offer.below_floor") {
				t.Errorf("asked before: %v", refused)
			}
			return err
		}))
		s.Plug(promised{offers[0].ID: 1400}) // one that rests may be below what is promised since
		s.ok(both(1450, 1900))
	})
}
