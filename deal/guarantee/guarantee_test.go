package guarantee_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hutong/deal/guarantee"
	"hutong/deal/promo"
	"hutong/deal/promo/standard"
)

var set = guarantee.DefaultSettings()

func TestTheWindowIsOverAtItsVeryEnd(t *testing.T) {
	got := time.Date(2026, 11, 11, 0, 0, 0, 0, time.UTC)
	if end := set.Until(got); !end.Equal(time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)) {
		t.Error(end)
	}
}

func TestDecide(t *testing.T) {
	type p = guarantee.Price
	for name, c := range map[string]struct {
		held guarantee.Held
		now  p
		want guarantee.Answer
	}{
		"T1.8":          {guarantee.Held{Price: p{16915, 16915}, Pieces: 1, Most: 16915}, p{15900, 15900}, guarantee.Answer{Each: 1015, Amount: 1015, OwnEach: 1015, Own: 1015}},
		"the same":      {guarantee.Held{Price: p{15900, 15900}, Pieces: 1, Most: 15900}, p{15900, 15900}, guarantee.Answer{}},
		"dearer":        {guarantee.Held{Price: p{15900, 15900}, Pieces: 1, Most: 15900}, p{16000, 16000}, guarantee.Answer{}},
		"capped":        {guarantee.Held{Price: p{100, 100}, Pieces: 2, Most: 30}, p{50, 50}, guarantee.Answer{Each: 50, Amount: 30, OwnEach: 50, Own: 30}},
		"huge":          {guarantee.Held{Price: p{math.MaxInt64, math.MaxInt64}, Pieces: 9, Most: 30}, p{1, 1}, guarantee.Answer{Each: math.MaxInt64 - 1, Amount: 30, OwnEach: math.MaxInt64 - 1, Own: 30}},
		"gift":          {guarantee.Held{Price: p{100, 100}, Pieces: 2}, p{50, 50}, guarantee.Answer{}},
		"none left":     {guarantee.Held{Price: p{100, 100}, Most: 9}, p{50, 50}, guarantee.Answer{}},
		"others pay":    {guarantee.Held{Price: p{100, 100}, Pieces: 1, Most: 100}, p{50, 100}, guarantee.Answer{Each: 50, Amount: 50}},
		"shop's part":   {guarantee.Held{Price: p{100, 100}, Pieces: 1, Most: 100}, p{50, 90}, guarantee.Answer{Each: 50, Amount: 50, OwnEach: 10, Own: 10}},
		"others' ended": {guarantee.Held{Price: p{80, 100}, Pieces: 1, Most: 80}, p{70, 70}, guarantee.Answer{Each: 10, Amount: 10, OwnEach: 10, Own: 10}},
		"less is paid":  {guarantee.Held{Price: p{100, 100}, Pieces: 2, Most: 31}, p{40, 80}, guarantee.Answer{Each: 60, Amount: 31, OwnEach: 20, Own: 11}},
		"dearer own":    {guarantee.Held{Price: p{80, 100}, Pieces: 1, Most: 80}, p{60, 110}, guarantee.Answer{Each: 20, Amount: 20}},
		"too often":     {guarantee.Held{Price: p{100, 100}, Pieces: 1, Most: 100, Claims: set.Claims}, p{50, 50}, guarantee.Answer{Reason: guarantee.UsedUp}},
	} {
		if got := set.Decide(c.held, c.now); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// TestNothingIsGivenBackTwice: however the price walks, what is given back for a piece is never more than the fall from
// the first price to the lowest, and a shop never pays more than its own price fell.
func TestNothingIsGivenBackTwice(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		first := rapid.Int64Range(1, 1000).Draw(r, "first")
		h := guarantee.Held{Price: guarantee.Price{Public: first, Own: first}, Pieces: 1, Most: first}
		set := set
		set.Budget = rapid.Int64Range(0, 1).Draw(r, "budget")
		given, byShop, low, lowOwn := int64(0), int64(0), first, first
		for range rapid.IntRange(1, 20).Draw(r, "steps") {
			own := rapid.Int64Range(1, 1000).Draw(r, "own")
			now := guarantee.Price{Public: own - rapid.Int64Range(0, own).Draw(r, "funded"), Own: own}
			low, lowOwn = min(low, now.Public), min(lowOwn, own)
			a := set.Decide(h, now)
			given += a.Amount
			byShop += a.Own
			h.Price, h.Most = h.Less(a.Each, a.OwnEach), h.Most-a.Amount
		}
		if given > first-low || byShop > first-lowOwn {
			r.Fatalf("%d given back; fell from %d to %d, the shop's own to %d", given, first, low, lowOwn)
		}
	})
}

func rules(t *testing.T, all ...string) *promo.Rules {
	t.Helper()
	some := make([]promo.Promotion, len(all))
	for i, one := range all {
		var err error
		if some[i], err = standard.Kinds().Decode([]byte(one)); err != nil {
			t.Fatal(err)
		}
		some[i].Version = 7
	}
	r, err := promo.Compile(promo.Parallel, some)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestPublicIsWhatEverybodyPays(t *testing.T) {
	ask := guarantee.Ask{Currency: "CNY", Line: promo.Line{ID: "a", Shop: "shp_a", SKU: "sku_a", UnitPrice: 1000, Quantity: 3}}
	for name, c := range map[string]struct {
		all   []string
		want  guarantee.Price
		cited int
	}{
		"no rules": {nil, guarantee.Price{Public: 1000, Own: 1000}, 0},
		"the shop's": {[]string{`{"id":"p","kind":"price","unit_price":900,"skus":["sku_a"]}`},
			guarantee.Price{Public: 900, Own: 900}, 1},
		"the market's": {[]string{`{"id":"p","kind":"price","unit_price":900,"skus":["sku_a"],"funding":[{"party":"platform","ppm":1000000}]}`},
			guarantee.Price{Public: 900, Own: 1000}, 1},
		"claimed": {[]string{`{"id":"p","kind":"price","unit_price":900,"skus":["sku_a"],"claim":true}`},
			guarantee.Price{Public: 1000, Own: 1000}, 0},
	} {
		p, b, err := guarantee.Public(rules(t, c.all...), ask)
		if err != nil || p != c.want || len(b.Promotions) != c.cited {
			t.Errorf("%s: %+v %+v %v", name, p, b, err)
		}
		if c.cited > 0 && b.Promotions[0] != (guarantee.Cited{Promotion: "p", Version: 7}) {
			t.Errorf("%s cites %+v", name, b)
		}
	}
}

// TestWithoutABudgetTheShopAloneGivesBack is the rule where the market pays for none of it.
func TestWithoutABudgetTheShopAloneGivesBack(t *testing.T) {
	set := set
	set.Budget = 0
	held := guarantee.Held{Price: guarantee.Price{Public: 100, Own: 100}, Pieces: 1, Most: 100}
	if a := set.Decide(held, guarantee.Price{Public: 50, Own: 100}); a != (guarantee.Answer{Reason: guarantee.PlatformFunded}) {
		t.Errorf("%+v", a)
	}
	want := guarantee.Answer{Each: 10, Amount: 10, OwnEach: 10, Own: 10}
	if a := set.Decide(held, guarantee.Price{Public: 50, Own: 90}); a != want {
		t.Errorf("%+v", a)
	}
}

// TestSplit: who pays more than before gives back, and no cent is lost.
func TestSplit(t *testing.T) {
	type s = guarantee.Share
	of := func(party string, amount int64) s { return s{Party: party, Amount: amount} }
	for name, c := range map[string]struct {
		amount      int64
		before, now []s
		want        []s
	}{
		"one":           {7, nil, []s{of("platform", 20)}, []s{of("platform", 7)}},
		"two":           {5, nil, []s{of("platform", 20), of("redbean", 20)}, []s{of("platform", 3), of("redbean", 2)}},
		"the newcomer":  {5, []s{of("platform", 20)}, []s{of("platform", 20), of("redbean", 5)}, []s{of("redbean", 5)}},
		"who left":      {5, []s{of("brand", 20)}, []s{of("redbean", 25)}, []s{of("redbean", 5)}},
		"nobody's more": {4, []s{of("platform", 20)}, []s{of("platform", 20)}, []s{of("platform", 4)}},
		"nothing":       {0, nil, nil, nil},
	} {
		if got, err := guarantee.Split(c.amount, c.before, c.now); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
}
