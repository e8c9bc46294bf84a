package reference_test

import (
	"crypto/rand"
	"math/big"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hutong/base/clock"
	"hutong/base/db"
	"hutong/base/db/dbtest"
	"hutong/base/fault"
	"hutong/base/id"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/reference"
)

var start = time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)

// deals are the sales of some SKUs.
type deals map[string][]reference.Deal

func (d deals) Lowest(_ *db.Tx, sku string, from, until time.Time) (low reference.Deal, found bool, _ error) {
	for _, x := range d[sku] {
		if !x.At.Before(from) && x.At.Before(until) && (!found || x.Amount < low.Amount) {
			low, found = x, true
		}
	}
	return low, found, nil
}

func (d deals) LowestAlone(tx *db.Tx, sku string, from, until time.Time, newToo bool) (reference.Deal, bool, error) {
	return d.Lowest(tx, sku, from, until)
}

func (d deals) Last(_ *db.Tx, sku string, before time.Time) (last reference.Deal, found bool, _ error) {
	for _, x := range d[sku] {
		if x.At.Before(before) && (!found || x.At.After(last.At)) {
			last, found = x, true
		}
	}
	return last, found, nil
}

func days(n int) time.Time { return start.AddDate(0, 0, -n) }

func prior(amount int64) reference.Prior {
	return reference.Prior{Price: reference.Price{Amount: amount, Source: "ord_1", At: days(3)}, Basis: reference.LowestDeal}
}

// T1.2b: 7-day lowest deal 89.00, list 129.00, sale 85.00.
func TestT1_2b_TheStruckPriceIsWhatWasPaid(t *testing.T) {
	p := prior(8900)
	if err := p.Bears(reference.Claim{Sale: 8500, OffPPM: 45_000}); err != nil {
		t.Error("4.5 % off 89.00:", err)
	}
	if err := p.Bears(reference.Claim{Sale: 8500, OffPPM: 341_000}); !fault.Is(err, "reference.percent") {
		t.Error("34.1 % off a price that nobody paid:", err)
	}
	for sale, percent := range map[int64]string{8500: "4.5", 4450: "50", 8899: "0"} { // as it is said, not as it is counted
		err := fault.As(p.Bears(reference.Claim{Sale: sale, OffPPM: 900_000}))
		pairs := []any{}
		for _, one := range err.Params {
			pairs = append(pairs, one.Name, one.Value)
		}
		for lang, unit := range map[text.Lang]string{text.Zh: percent + "%", text.En: " " + percent + " %"} {
			if said := reference.Texts.Text(lang, err.Code, pairs...); !strings.Contains(said, unit) ||
				strings.Contains(said, "ppm") || strings.Contains(said, "{") {
				t.Errorf("%d is told %q", sale, said)
			}
		}
	}
	if err := p.Bears(reference.Claim{Sale: 8500, Strike: 12900}); !fault.Is(err, "reference.strike") {
		t.Error("129.00 struck:", err)
	}
	if err := p.Bears(reference.Claim{Sale: 8500, Strike: 8900, OffPPM: 44_000}); err != nil {
		t.Error(err)
	}
	if got := reference.LabelOf(8500, p); got.Percent != 4 || got.Prior != 8900 {
		t.Error("what is shown is rounded down:", got)
	}
	for _, x := range []struct {
		p    reference.Prior
		c    reference.Claim
		code string
	}{
		{reference.Prior{}, reference.Claim{Sale: 1, Strike: 2}, "reference.none"},
		{p, reference.Claim{Sale: 8900, Strike: 8900}, "reference.no_reduction"},
		{p, reference.Claim{Sale: 9000, OffPPM: 1000}, "reference.no_reduction"},
		{p, reference.Claim{Sale: 8500, OffPPM: 46_000}, "reference.percent"},
	} {
		if err := x.p.Bears(x.c); !fault.Is(err, x.code) {
			t.Errorf("%+v: %v", x, err)
		}
	}
	if err := (reference.Prior{}).Bears(reference.Claim{Sale: 1}); err != nil {
		t.Error("nothing was claimed:", err)
	}
}

// TestI_P2_TheShareIsRoundedDown: the percentage shown is never above 1 - new/prior, and less than a step below it.
func TestI_P2_TheShareIsRoundedDown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := rapid.Int64Range(1, 1<<62).Draw(t, "prior")
		now := rapid.Int64Range(0, before).Draw(t, "now")
		exact := new(big.Rat).SetFrac64(before-now, before)
		off := reference.Off(now, before)
		if big.NewRat(int64(off), int64(money.Whole)).Cmp(exact) > 0 || big.NewRat(int64(off)+1, int64(money.Whole)).Cmp(exact) <= 0 {
			t.Fatalf("%d of %d: %d ppm", now, before, off)
		}
		percent := reference.Percent(off)
		if big.NewRat(percent, 100).Cmp(exact) > 0 || big.NewRat(percent+1, 100).Cmp(exact) <= 0 {
			t.Fatalf("%d of %d: %d %%", now, before, percent)
		}
		if got := reference.PercentOff(now, before); got != percent {
			t.Fatalf("%d of %d: %d %% beside the struck price", now, before, got)
		}
		if reference.Off(before, now) != 0 && now != 0 {
			t.Fatal("a rise is a reduction")
		}
	})
}

// TestThePercentBesideAStruckPrice has worked numbers: what is said beside them is rounded down, and less than one
// percent is not said.
func TestThePercentBesideAStruckPrice(t *testing.T) {
	for _, x := range []struct{ now, struck, percent int64 }{
		{8800, 10000, 12}, {8799, 10000, 12}, {8801, 10000, 11}, // 88.01 of 100.00 is 11.99 % off
		{8500, 8900, 4},  // 4.49 %
		{1590, 1990, 20}, // 20.1 %
		{6666, 9999, 33}, // a third
		{9901, 10000, 0}, // 0.99 %
		{9900, 10000, 1}, // 1 %
		{1, 10000, 99},   // 99.99 %
		{0, 10000, 100}, {10000, 10000, 0}, {10001, 10000, 0}, {100, 0, 0},
		{2980, 3980, 25}, // yen: 25.1 %
	} {
		if got := reference.PercentOff(x.now, x.struck); got != x.percent {
			t.Errorf("%d beside a struck %d: %d %%, want %d", x.now, x.struck, got, x.percent)
		}
	}
}

func onBoth(t *testing.T, test func(t *testing.T, d reference.Deps)) {
	dbtest.Each(t, []db.Schema{reference.Schema}, func(t *testing.T, d *db.DB) {
		c := clock.NewManual(start)
		test(t, reference.Deps{DB: d, Clock: c, IDs: id.NewMaker(c, rand.Reader)})
	})
}

func claim(sale, strike int64) reference.Claim {
	return reference.Claim{Shop: "shp", Offer: "off", SKU: "sku", Sale: sale, Strike: strike, From: start, Until: start.Add(time.Hour)}
}

// TestP7_RaisedBeforeTheDiscount: a merchant raises the price a week before the sale and strikes it through. The label
// is refused, and the refusal is on the operator's list.
func TestP7_RaisedBeforeTheDiscount(t *testing.T) {
	onBoth(t, func(t *testing.T, d reference.Deps) {
		d.Deals = deals{"sku": {{Amount: 8900, Order: "ord_1", At: days(6)}, {Amount: 12900, Order: "ord_2", At: days(2)}}}
		s := reference.New(d)
		_, err := s.Publish(t.Context(), claim(8500, 12900))
		if !fault.Is(err, "reference.strike") || fault.As(err).Params[1].Value != "ord_1" {
			t.Fatal(err)
		}
		list, err := s.Refused(t.Context(), "", 10)
		if err != nil || len(list) != 1 || list[0].Code != "reference.strike" || list[0].Strike != 12900 || list[0].Prior.Source != "ord_1" ||
			list[0].Shop != "shp" || !list[0].From.Equal(start) {
			t.Fatal(list, err)
		}
		if _, err := s.Publish(t.Context(), claim(8500, 8900)); err != nil {
			t.Fatal(err)
		}
		if list, err = s.Refused(t.Context(), "", 10); err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		if mine, err := s.ByShop(t.Context(), "shp", "", 10); err != nil || len(mine) != 2 || mine[0].Code != "" {
			t.Fatal(mine, err)
		}
		if other, err := s.ByShop(t.Context(), "another", "", 10); err != nil || len(other) != 0 {
			t.Fatal(other, err)
		}
		if _, err := s.Publish(t.Context(), claim(0, 1)); !fault.Is(err, "reference.claim") {
			t.Fatal(err)
		}
	})
}

func TestTheLawOfEachMarket(t *testing.T) {
	onBoth(t, func(t *testing.T, d reference.Deps) {
		at := func(s *reference.Service, shop string) (p reference.Prior) {
			err := d.DB.Read(t.Context(), func(tx *db.Tx) (err error) { p, err = s.Prior(tx, shop, "sku", start); return err })
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		d.Deals = deals{"sku": {{Amount: 100, Order: "old", At: days(40)}, {Amount: 300, Order: "newer", At: days(8)}},
			"twin": {{Amount: 500, Order: "week", At: days(7)}}}
		if p := at(reference.New(d), "shp"); p.Amount != 300 || p.Basis != reference.LastDeal || p.Source != "newer" {
			t.Error("no deal in seven days: the last one", p)
		}
		d.Twins = func(_ *db.Tx, shop, sku string) ([]string, error) { return []string{sku, "twin"}, nil }
		if p := at(reference.New(d), "shp"); p.Amount != 500 || p.Basis != reference.LowestDeal {
			t.Error("the same goods under another listing", p)
		}
		d.Regime = reference.EU
		s := reference.New(d)
		if p := at(s, "shp"); p.Found() {
			t.Error("nothing was offered", p)
		}
		s.Plug(offered{400, 30}, offered{350, 31}, offered{450, 0})
		if p := at(s, "shp"); p.Amount != 400 || p.Basis != reference.LowestOffered {
			t.Error(p)
		}
		s.PlugCuts(cuts{{29, 5, 40}, {40, 29, 10}, {5, 0, 401}}) // at 29 days nothing was offered; at 30 days, for 390
		if p := at(s, "shp"); p.Amount != 390 || p.Basis != reference.LowestOffered || p.Source != "prm_10" {
			t.Error("a public cut is the price that everybody was asked:", p)
		}
		s.PlugCuts(nil)
		l, err := s.LabelOf(t.Context(), "shp", "sku", 300, start)
		if err != nil || l.Percent != 25 || l.Prior != 400 {
			t.Error(l, err)
		}
	})
}

// cuts are spans, in days before the start, in which so much was taken off.
type cuts [][3]int64

func (c cuts) CutsOf(_ *db.Tx, _, sku string, from, until time.Time) (all []reference.Cut, _ error) {
	for _, x := range c {
		w := reference.Window{From: days(int(x[0])), Until: days(int(x[1]))}
		if w.From.Before(from) {
			w.From = from
		}
		all = append(all, reference.Cut{Window: w, Unit: func(price int64) (int64, string, error) {
			return price - x[2], "prm_" + strconv.FormatInt(x[2], 10), nil
		}})
	}
	return all, nil
}

// offered is a price that was offered on one day, so many days before the start.
type offered struct {
	amount int64
	ago    int
}

func (o offered) LowestOffered(_ *db.Tx, _, _ string, from, until time.Time) (reference.Price, bool, error) {
	at := days(o.ago)
	return reference.Price{Amount: o.amount, At: at}, !at.Before(from) && at.Before(until), nil
}
