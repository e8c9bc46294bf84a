package ruleset_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/deal/promo"
	"hutong/deal/promo/crossshop"
	"hutong/deal/promo/price"
	"hutong/deal/promo/subsidy"
	"hutong/deal/quota"
	"hutong/deal/ruleset"
	"hutong/goods/stock"
)

var ctx = context.Background()

// shelf is a room whose promotions a test changes.
type shelf struct {
	all  []promo.Promotion
	err  error
	mark any
}

func (s *shelf) source(name string) ruleset.Source {
	return ruleset.Source{Name: name, List: func(context.Context) ([]promo.Promotion, any, error) {
		return s.all, s.mark, s.err
	}}
}

func cross(id string, version, off int64) promo.Promotion {
	return promo.Promotion{ID: id, Version: version, Kind: crossshop.Name, Terms: &crossshop.Terms{Every: 1000, Off: off}}
}

func open(t *testing.T, d *db.DB, shelves ...*shelf) *ruleset.Service {
	t.Helper()
	deps := ruleset.Deps{DB: d, Clock: clock.NewManual(time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)),
		Log: slog.New(slog.DiscardHandler)}
	for i, s := range shelves {
		deps.Sources = append(deps.Sources, s.source(string(rune('a'+i))))
	}
	s, err := ruleset.New(ctx, deps)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func refresh(t *testing.T, s *ruleset.Service) int64 {
	t.Helper()
	if err := s.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	return s.Rules().Version()
}

func each(t *testing.T, run func(t *testing.T, d *db.DB)) {
	dbtest.Each(t, []db.Schema{ruleset.Schema, quota.Schema, stock.Schema}, run)
}

// TestAModeIsAnotherSet: the same promotions price otherwise in another mode, so they have another number in it, and the
// former one again when the mode comes back. A set's row says what its thresholds were held against.
func TestAModeIsAnotherSet(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := open(t, d, &shelf{all: []promo.Promotion{cross("b", 1, 5)}})
		first := s.Rules().Version()
		mode := promo.Progressive
		s.Mode = func() promo.Mode { return mode }
		second := refresh(t, s)
		if second == first || s.Rules().Mode() != promo.Progressive {
			t.Fatalf("%d after %d, %s", second, first, s.Rules().Mode())
		}
		mode = promo.Parallel
		if third := refresh(t, s); third != first || s.Rules().Mode() != promo.Parallel {
			t.Errorf("%d after %d, %s", third, first, s.Rules().Mode())
		}
		var modes []string
		if err := d.Read(ctx, func(tx *db.Tx) error {
			return tx.Each(`SELECT mode FROM rule_sets ORDER BY version`, func(r db.Row) error {
				var m string
				err := r.Scan(&m)
				modes = append(modes, m)
				return err
			})
		}); err != nil || len(modes) != 2 || modes[0] != "parallel" || modes[1] != "progressive" {
			t.Errorf("%v %v", modes, err)
		}
	})
}

// TestSetsKeepTheirNumbers: what prices alike has one number, on every node and when it comes back; anything else another.
func TestSetsKeepTheirNumbers(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		one, two := &shelf{}, &shelf{all: []promo.Promotion{cross("b", 1, 5)}}
		s := open(t, d, one, two)
		first := s.Rules().Version()
		if again := refresh(t, s); again != first || s.Rules().Len() != 1 {
			t.Fatalf("nothing changed: %d after %d", again, first)
		}
		one.all = []promo.Promotion{cross("a", 1, 5)}
		second := refresh(t, s)
		two.all = []promo.Promotion{cross("b", 2, 5)} // another version that takes the same off
		third := refresh(t, s)
		if second == first || third == second || third == first {
			t.Fatalf("numbers %d %d %d", first, second, third)
		}
		if other := open(t, d, one, two); other.Rules().Version() != third {
			t.Fatalf("another node says %d, this one %d", other.Rules().Version(), third)
		}
		one.all, two.all = nil, []promo.Promotion{cross("b", 1, 5)}
		if back := refresh(t, s); back != first {
			t.Fatalf("the first set is %d now, was %d", back, first)
		}
	})
}

// TestWhatIsMarkedAsKnownIsNotLookedInto, until its mark changes.
func TestWhatIsMarkedAsKnownIsNotLookedInto(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := &shelf{mark: 1, all: []promo.Promotion{cross("a", 1, 5)}}
		n := open(t, d, s)
		s.all = []promo.Promotion{cross("a", 2, 6)}
		if refresh(t, n) != 1 {
			t.Fatal("looked into what was marked as known")
		}
		if s.mark = 2; refresh(t, n) != 2 {
			t.Fatal("a new mark was not looked into")
		}
	})
}

// TestNodesThatFindANewSetAtOnceNumberItOnce.
func TestNodesThatFindANewSetAtOnceNumberItOnce(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := &shelf{}
		nodes := make([]*ruleset.Service, 8)
		for i := range nodes {
			nodes[i] = open(t, d, s)
		}
		s.all = []promo.Promotion{cross("a", 1, 7)}
		var wg sync.WaitGroup
		for _, n := range nodes {
			wg.Go(func() {
				if err := n.Refresh(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, n := range nodes {
			if got := n.Rules().Version(); got != nodes[0].Rules().Version() || got != 2 {
				t.Fatalf("numbers %d and %d", got, nodes[0].Rules().Version())
			}
		}
	})
}

// TestADefectOfOneRoomTakesNoPricesAway: a promotion that the engine refuses is left out, a room that cannot be read
// leaves the last set in force.
func TestADefectOfOneRoomTakesNoPricesAway(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := &shelf{all: []promo.Promotion{cross("good", 1, 5), cross("bad", 1, -5)}}
		n := open(t, d, s)
		if _, ok := n.Rules().Find("good"); !ok || n.Rules().Len() != 1 {
			t.Fatalf("%d promotions in force", n.Rules().Len())
		}
		s.err = errors.New("no such table")
		if err := n.Refresh(ctx); err == nil || n.Rules().Len() != 1 {
			t.Fatal("a failed reading", err, n.Rules().Len())
		}
	})
}

// TestShelf: what anybody sees on a shelf is the price after what is taken off each piece, until the first promotion of
// it ends, and the full price again once there is nothing left.
func TestShelf(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		noon := time.Date(2026, 11, 11, 12, 0, 0, 0, time.UTC)
		low := promo.Promotion{ID: "low", Version: 1, Kind: price.Name, Terms: price.At(800), Until: noon, Pool: "pol_1",
			Scope: promo.Scope{SKUs: []string{"sku_1"}}}
		help := promo.Promotion{ID: "help", Version: 1, Kind: subsidy.Name, Terms: &subsidy.Terms{Off: 50}, Budget: 100,
			Until: noon.Add(time.Hour)}
		s := open(t, d, &shelf{all: []promo.Promotion{low, help, cross("cross", 1, 500)}})
		run := s.Jobs()[0].Run
		at := func(when time.Time) ruleset.Shelf {
			t.Helper()
			v, err := s.Shelf(promo.Line{ID: "1", Shop: "shp_1", SKU: "sku_1", UnitPrice: 1000}, "CNY", when)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		early := noon.Add(-12 * time.Hour)
		if v := at(early); v.Price != 750 || v.Promotion != "help" || !v.Until.Equal(noon) || v.Pool != "pol_1" {
			t.Fatalf("%+v", v)
		}
		if v := at(noon); v.Price != 950 || v.Pool != "" {
			t.Fatalf("after the first ended: %+v", v)
		}
		if _, err := run(ctx); err != nil { // there is no such pool: nothing is left of it
			t.Fatal(err)
		}
		if v := at(early); v.Price != 950 || !s.Empty("low") || s.Empty("help") {
			t.Fatalf("sold out: %+v", v)
		}
		err := d.Write(ctx, func(tx *db.Tx) error {
			b, err := quota.LoadBook(tx, []string{quota.Budget("help")})
			if err != nil {
				return err
			}
			if err := b.Take("ord_1", []quota.Need{{Quota: quota.Budget("help"), Amount: 100, Cap: 100}}); err != nil {
				return err
			}
			return b.Save(tx)
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := run(ctx); err != nil {
			t.Fatal(err)
		}
		if v := at(early); v.Price != 1000 || v.Promotion != "" {
			t.Fatalf("spent: %+v", v)
		}
	})
}
