package reference_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/event"
	"hutong/base/id"
	"hutong/base/money"
	"hutong/deal/reference"
	"hutong/goods/offer"
	"hutong/goods/stock"
	"hutong/party/audit"
)

// stall is one shop with real offers, and sales that tests write down.
type stall struct {
	t      testing.TB
	db     *db.DB
	clock  *clock.Manual
	offers *offer.Service
	bus    *event.Bus
	ref    *reference.Service
	sales  deals
}

func newStall(t testing.TB, d *db.DB, law reference.Regime) *stall {
	c := clock.NewManual(start)
	s := &stall{t: t, db: d, clock: c, sales: deals{}, offers: offer.New(d, c, id.NewMaker(c, rand.Reader)),
		bus: event.NewBus(d, c, slog.New(slog.NewTextHandler(t.Output(), nil)))}
	s.ref = reference.New(reference.Deps{DB: d, Clock: c, IDs: id.NewMaker(c, rand.Reader), Regime: law, Deals: s.sales})
	s.ref.Plug(reference.Offers{})
	s.ref.Listen(s.bus)
	return s
}

var labelSchemas = []db.Schema{event.Schema, audit.Schema, stock.Schema, offer.Schema, reference.Schema}

func (s *stall) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// list puts a SKU on sale, or gives it another price.
func (s *stall) list(sku string, unit, strike int64) (o offer.Offer) {
	s.t.Helper()
	s.must(s.db.Write(context.Background(), func(tx *db.Tx) error {
		all, _, err := s.offers.List(tx, s.clock.Now(), []offer.Listing{{Shop: "shp", Product: "prd_" + sku, SKU: sku,
			Pool: "pol", Currency: money.Currency("CNY"), UnitPrice: unit, ListPrice: strike}})
		o = all[0]
		return err
	}))
	_, err := s.ref.Relabel(context.Background())
	s.must(err)
	return o
}

// tell tells all that happened.
func (s *stall) tell() {
	s.t.Helper()
	for {
		n, err := s.bus.Waiting(context.Background())
		s.must(err)
		if n == 0 {
			return
		}
		_, err = s.bus.Dispatch(context.Background())
		s.must(err)
	}
}

// shown is the struck price that a page shows of an offer, 0 for none; both ways of asking must agree.
func (s *stall) shown(o offer.Offer) int64 {
	s.t.Helper()
	one, all := o, map[string][]offer.Offer{"p": {o}}
	s.must(s.db.Read(context.Background(), func(tx *db.Tx) error {
		if err := reference.Bear(tx, []*offer.Offer{&one}); err != nil {
			return err
		}
		cards, err := reference.Borne(tx, []string{o.Product})
		if got := cards[reference.Key{Product: o.Product, Sale: o.UnitPrice, Strike: o.ListPrice}]; got != (one.ListPrice > 0) {
			s.t.Errorf("a card shows %v, the page %d", got, one.ListPrice)
		}
		return err
	}))
	s.must(s.ref.Bear(context.Background(), all))
	if all["p"][0].ListPrice != one.ListPrice {
		s.t.Errorf("%d and %d", all["p"][0].ListPrice, one.ListPrice)
	}
	return one.ListPrice
}

// TestI_P2_NothingIsStruckThatNobodyPaid: a price is struck when it was paid before, not when it was only asked for.
func TestI_P2_NothingIsStruckThatNobodyPaid(t *testing.T) {
	dbtest.Each(t, labelSchemas, func(t *testing.T, d *db.DB) {
		s := newStall(t, d, reference.CN)
		o := s.list("sku", 8500, 12900)
		if got := s.shown(o); got != 0 {
			t.Errorf("nothing was sold, and %d is struck", got)
		}
		s.sales["sku"] = []reference.Deal{{Amount: 12900, Order: "ord_1", At: s.clock.Now()}}
		s.clock.Advance(time.Hour)
		s.must(s.offers.Reprice(t.Context(), "shp", o.ID, money.New(8400, "CNY"), money.New(12900, "CNY")))
		s.tell()
		o.UnitPrice, o.Version = 8400, 2
		if got := s.shown(o); got != 12900 {
			t.Errorf("it was paid, and %d is struck", got)
		}
		s.sales["sku"] = append(s.sales["sku"], reference.Deal{Amount: 8900, Order: "ord_2", At: s.clock.Now()})
		s.clock.Advance(6 * 24 * time.Hour)
		o = s.list("sku", 8500, 12900) // raised, and lowered again
		if got := s.shown(o); got != 0 {
			t.Errorf("the lowest deal is 89.00, and %d is struck", got)
		}
		all, err := s.ref.StruckBy(t.Context(), "shp", 0, 10)
		if err != nil || len(all) != 1 || all[0].Code != "reference.strike" || all[0].Prior.Source != "ord_2" ||
			all[0].Strike != 12900 || all[0].Version != 3 {
			t.Errorf("%+v %v", all, err)
		}
		if list, err := s.ref.Refused(t.Context(), "", 10); err != nil || len(list) != 2 {
			t.Errorf("the operator reads %+v %v", list, err)
		}
		if n, err := s.ref.Relabel(t.Context()); n != 0 || err != nil {
			t.Errorf("%d are judged twice: %v", n, err)
		}
		s.must(d.Write(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(`DELETE FROM price_labels`); return err }))
		if n, err := s.ref.Relabel(t.Context()); n != 1 || err != nil || s.shown(o) != 0 {
			t.Errorf("%d are found again: %v", n, err)
		}
	})
}

// walk is what a naive reader knows of a SKU: every price it had and every deal, in order of time.
type walk struct {
	prices []struct {
		unit int64
		at   time.Time
	}
	deals []reference.Deal
}

// may is I-P2 by one pass over everything that ever happened.
func (w *walk) may(law reference.Regime, now, strike int64, at time.Time) bool {
	prior, last := int64(0), time.Time{}
	if law == reference.EU {
		for i, p := range w.prices {
			ended := at
			if i+1 < len(w.prices) {
				ended = w.prices[i+1].at
			}
			if p.at.Before(at) && ended.After(at.AddDate(0, 0, -30)) && (prior == 0 || p.unit < prior) {
				prior = p.unit
			}
		}
		return strike > now && strike <= prior
	}
	for _, d := range w.deals {
		if week := at.AddDate(0, 0, -7); !d.At.Before(week) && d.At.Before(at) && (prior == 0 || d.Amount < prior) {
			prior = d.Amount
		}
	}
	for _, d := range w.deals {
		if prior == 0 && d.At.Before(at) && d.At.After(last) {
			last = d.At
		}
	}
	for _, d := range w.deals {
		if prior == 0 && !last.IsZero() && d.At.Equal(last) {
			prior = d.Amount
		}
	}
	return strike > now && strike <= prior && prior > now
}

// TestI_P2_StruckAsANaiveReaderWould holds random prices and deals of months against one pass over all of them, under
// either law.
func TestI_P2_StruckAsANaiveReaderWould(t *testing.T) {
	d := dbtest.SQLite(t, db.Options{}, labelSchemas...)
	for _, law := range []reference.Regime{reference.CN, reference.EU} {
		s, n := newStall(t, d, law), 0
		shown := 0
		rapid.Check(t, func(r *rapid.T) {
			n++
			sku := string(law) + time.Duration(n).String()
			var w walk
			var said struct { // of the listing that stands
				unit, strike int64
				shown        bool
			}
			for range rapid.IntRange(1, 8).Draw(r, "steps") {
				s.clock.Advance(time.Duration(rapid.Int64Range(1, 15*24).Draw(r, "hours")) * time.Hour)
				at := s.clock.Now()
				if rapid.Bool().Draw(r, "sold") {
					w.deals = append(w.deals, reference.Deal{Amount: rapid.Int64Range(50, 150).Draw(r, "deal"), Order: "ord", At: at})
					s.sales[sku] = w.deals
					continue
				}
				unit := rapid.Int64Range(50, 150).Draw(r, "unit")
				strike := unit + rapid.Int64Range(1, 100).Draw(r, "more")
				want := w.may(law, unit, strike, at)
				if unit == said.unit && strike == said.strike { // nothing new is claimed: what held when it began holds
					want = said.shown
				}
				got := s.shown(s.list(sku, unit, strike)) > 0
				if got != want {
					r.Fatalf("%s: %d struck beside %d is shown: %v, history bears it: %v; %+v", law, strike, unit, got, want, w)
				}
				if got {
					shown++
				}
				said.unit, said.strike, said.shown = unit, strike, got
				w.prices = append(w.prices, struct {
					unit int64
					at   time.Time
				}{unit, at})
			}
		})
		if shown == 0 {
			t.Errorf("%s: nothing was ever shown", law)
		}
	}
}
