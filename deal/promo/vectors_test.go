package promo_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hutong/base/money"
	"hutong/deal/promo"
	"hutong/deal/promo/presale"
	"hutong/deal/promo/wire"
)

// sharedFile reads a file of the data set that lies beside the module, not in it. Where it is absent the test is
// skipped, unless HUTONG_REQUIRE names "shared".
func sharedFile(t *testing.T, name string) []byte {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "vectors", name)
	data, err := os.ReadFile(path)
	if err == nil {
		return data
	}
	if required := strings.Split(os.Getenv("HUTONG_REQUIRE"), ","); slices.Contains(required, "shared") || !os.IsNotExist(err) {
		t.Fatal(err)
	}
	t.Skipf("no shared data: %s", path)
	return nil
}

func ask(t *testing.T, question string) (promo.Answer, wire.Question) {
	t.Helper()
	q, err := wire.Read(strings.NewReader(question), kinds, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return answer(t, q), q
}

func answer(t *testing.T, q wire.Question) promo.Answer {
	t.Helper()
	rules, err := promo.Compile(q.Mode, q.Promotions)
	if err != nil {
		t.Fatal(err)
	}
	a, err := rules.Price(q.Basket)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// referenceBasket is RULES 1.6 E1, so that it is tested without the shared files too.
const referenceBasket = `{"currency": "CNY", "threshold_mode": "parallel",
 "lines": [{"id": "A1", "shop": "A", "sku": "a1", "unit_price": 19900, "quantity": 1},
  {"id": "A2", "shop": "A", "sku": "a2", "unit_price": 8990, "quantity": 2},
  {"id": "B1", "shop": "B", "sku": "b1", "unit_price": 25900, "quantity": 1}],
 "promotions": [{"id": "shopA", "kind": "voucher", "shop": "A", "threshold": 30000, "off": 4000},
  {"id": "cross", "kind": "crossshop", "every": 30000, "off": 5000,
   "funding": [{"party": "platform", "ppm": 500000}, {"party": "merchant", "ppm": 500000}]},
  {"id": "packet", "kind": "redpacket", "off": 1000, "funding": [{"party": "platform", "ppm": 1000000}]}],
 "vouchers": ["shopA"]}`

func TestTheReferenceBasketIs48780(t *testing.T) {
	a, q := ask(t, referenceBasket)
	if a.Total != 48780 || a.List != 63780 {
		t.Errorf("total %d of %d", a.Total, a.List)
	}
	want := map[string][4]int64{ // paid, shopA, cross, packet
		"A1": {14524, 2101, 2977, 298}, "A2": {13122, 1899, 2690, 269}, "B1": {21134, 0, 4333, 433}}
	for _, l := range a.Lines {
		got := [4]int64{l.Paid}
		for _, d := range l.Discounts {
			got[1+slices.Index([]string{"shopA", "cross", "packet"}, d.Promotion)] = d.Amount
		}
		if got != want[l.ID] {
			t.Errorf("%s: %v, want %v", l.ID, got, want[l.ID])
		}
	}
	q.Mode = promo.Progressive
	if a := answer(t, q); a.Total != 53780 {
		t.Errorf("progressive: %d", a.Total)
	}
}

func TestTheReferenceBasketAsItIsShared(t *testing.T) {
	var c struct {
		Input  json.RawMessage
		Expect struct {
			Total     int64 `json:"total"`
			List      int64 `json:"list_total"`
			Paid      map[string]int64
			Discounts map[string]map[string]int64
			Platform  map[string][]int64 `json:"platform_funds"`
			Units     map[string][]int64 `json:"unit_refunds"`
			Other     int64              `json:"progressive_total"`
		}
	}
	if err := json.Unmarshal(sharedFile(t, "basket-e1.json"), &c); err != nil {
		t.Fatal(err)
	}
	_, q := ask(t, string(c.Input))
	a, err := q.Price()
	if err != nil {
		t.Fatal(err)
	}
	if a.Total != c.Expect.Total || a.ListTotal != c.Expect.List {
		t.Errorf("total %d of %d", a.Total, a.ListTotal)
	}
	for _, l := range a.Lines {
		if l.Paid != c.Expect.Paid[l.ID] || len(l.Discounts) != len(c.Expect.Discounts[l.ID]) {
			t.Errorf("line %+v", l)
		}
		var platform []int64
		for _, d := range l.Discounts {
			if d.Amount != c.Expect.Discounts[l.ID][d.Promotion] {
				t.Errorf("%s: %+v", l.ID, d)
			}
			for _, f := range d.Funding {
				if f.Party == promo.Platform {
					platform = append(platform, f.Amount)
				}
			}
		}
		if !slices.Equal(platform, c.Expect.Platform[l.ID]) {
			t.Errorf("%s: the platform pays %v, want %v", l.ID, platform, c.Expect.Platform[l.ID])
		}
		if want := c.Expect.Units[l.ID]; want != nil && !slices.Equal(l.UnitRefunds, want) {
			t.Errorf("%s: unit refunds %v, want %v", l.ID, l.UnitRefunds, want)
		}
	}
	q.Mode = promo.Progressive
	if a := answer(t, q); a.Total != c.Expect.Other {
		t.Errorf("progressive: %d", a.Total)
	}
}

// TestWorkedNumbers holds the shared numbers against the engine: splits as a deduction over lines of those prices, unit
// refunds of a paid line, cuts of a price, presales.
func TestWorkedNumbers(t *testing.T) {
	var cases []struct {
		ID, Fn string
		Input  json.RawMessage
		Expect json.RawMessage
	}
	if err := json.Unmarshal(sharedFile(t, "worked.json"), &cases); err != nil {
		t.Fatal(err)
	}
	tests := map[string]func(*testing.T, workedInput) any{"apportion": workedSplit, "direct_cut_15pct_per_unit": workedCut,
		"unit_refunds": workedUnits, "presale": workedPresale}
	seen := map[string]int{}
	for _, c := range cases {
		run := tests[c.Fn]
		if run == nil {
			continue
		}
		seen[c.Fn]++
		t.Run(c.ID, func(t *testing.T) {
			var in workedInput
			if err := json.Unmarshal(c.Input, &in); err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(run(t, in))
			if err != nil {
				t.Fatal(err)
			}
			if !sameJSON(t, got, c.Expect) {
				t.Errorf("%s, want %s", got, c.Expect)
			}
		})
	}
	for fn := range tests {
		if seen[fn] == 0 {
			t.Errorf("the shared numbers have no case of %s", fn)
		}
	}
}

type workedInput struct {
	Total, Price, Paid, Qty, Deposit, Worth int64
	Weights                                 []int64
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal(a, &x); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &y); err != nil {
		t.Fatal(err)
	}
	one, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	other, err := json.Marshal(y)
	return err == nil && string(one) == string(other)
}

func workedSplit(t *testing.T, in workedInput) any {
	b := naiveBasket{Currency: "CNY", Mode: "parallel", Vouchers: []string{},
		Promotions: []naivePromotion{{ID: "r", Kind: "redpacket", Off: in.Total}}}
	for i, w := range in.Weights {
		b.Lines = append(b.Lines, naiveLine{ID: string('a' + rune(i)), Shop: "A", SKU: "s", UnitPrice: w, Quantity: 1})
	}
	a, _ := ask(t, marshal(t, b))
	shares := make([]int64, len(in.Weights))
	for i, l := range a.Lines {
		shares[i] = l.List - l.Paid
	}
	return shares
}

func workedCut(t *testing.T, in workedInput) any {
	a, _ := ask(t, marshal(t, naiveBasket{Currency: "CNY", Mode: "parallel", Vouchers: []string{},
		Promotions: []naivePromotion{{ID: "d", Kind: "direct", RatePPM: 150_000}},
		Lines:      []naiveLine{{ID: "a", Shop: "A", SKU: "s", UnitPrice: in.Price, Quantity: 1}}}))
	return a.Total
}

func workedUnits(t *testing.T, in workedInput) any {
	l := promo.LineAnswer{Quantity: in.Qty, Paid: in.Paid}
	var units []int64
	for k := range in.Qty {
		b, err := l.Return(k, 1)
		if err != nil {
			t.Fatal(err)
		}
		units = append(units, b.Paid)
	}
	return units
}

func workedPresale(t *testing.T, in workedInput) any {
	terms := presale.Terms{Earnest: in.Deposit, Worth: in.Worth}
	d, err := terms.Deal(in.Price, 1, presale.LegalCap)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := ask(t, marshal(t, naiveBasket{Currency: "CNY", Mode: "parallel", Vouchers: []string{},
		Promotions: []naivePromotion{{ID: "d", Kind: "presale", Earnest: in.Deposit, Worth: in.Worth}},
		Lines:      []naiveLine{{ID: "a", Shop: "A", SKU: "s", UnitPrice: in.Price, Quantity: 1}}}))
	return map[string]int64{"balance": d.Balance, "total": a.Total, "threshold_base": a.Lines[0].AfterUnitStages,
		"forfeit": d.Forfeit, "give_back": d.GiveBack, "seller_default": d.SellerDefault}
}

func marshal(t *testing.T, b naiveBasket) string {
	t.Helper()
	data, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestThePublishedChain is RULES 1.6d, whose shares a printed tutorial adds up to 450.01.
func TestThePublishedChain(t *testing.T) {
	a, _ := ask(t, `{"currency": "CNY", "lines": [
	  {"id": "A", "shop": "A", "sku": "a", "unit_price": 10000, "quantity": 1},
	  {"id": "B", "shop": "A", "sku": "b", "unit_price": 20000, "quantity": 1},
	  {"id": "C", "shop": "C", "sku": "c", "unit_price": 30000, "quantity": 1}],
	 "promotions": [{"id": "shop", "kind": "spend", "shop": "A", "tiers": [{"threshold": 20000, "off": 5000}]},
	  {"id": "platform", "kind": "crossshop", "every": 20000, "off": 10000, "max_times": 1},
	  {"id": "voucher", "kind": "redpacket", "off": 15000}], "vouchers": []}`)
	for i, want := range []int64{4545, 9091, 16364} {
		if a.Lines[i].Paid != want {
			t.Errorf("%s pays %d, want %d", a.Lines[i].ID, a.Lines[i].Paid, want)
		}
	}
	if a.Total != 30000 {
		t.Errorf("total %d", a.Total)
	}
}

// TestParallelThresholds is the notice of RULES 1.4: 400 less 380 by a shop's voucher, and cross-shop 50 for 400 still
// holds and takes the 20 that are left. Progressive it does not reach its threshold.
func TestParallelThresholds(t *testing.T) {
	question := `{"currency": "CNY", "threshold_mode": "parallel",
	 "lines": [{"id": "1", "shop": "A", "sku": "a", "unit_price": 40000, "quantity": 1}],
	 "promotions": [{"id": "v", "kind": "voucher", "shop": "A", "threshold": 40000, "off": 38000},
	  {"id": "x", "kind": "crossshop", "every": 40000, "off": 5000}], "vouchers": ["v"]}`
	a, q := ask(t, question)
	if a.Total != 0 || a.Applied[1].Amount != 2000 || a.Applied[1].Base != 40000 {
		t.Errorf("%+v", a)
	}
	q.Mode = promo.Progressive
	if a := answer(t, q); a.Total != 2000 || a.Refused[0] != (promo.Refused{Promotion: "x", Code: promo.RefusedThreshold}) {
		t.Errorf("progressive: %+v", a)
	}
}

// TestTheFeeBaseOfTheReferenceBasket: what merchants are owed before fees is what was paid and what others fund.
func TestTheFeeBaseOfTheReferenceBasket(t *testing.T) {
	a, _ := ask(t, referenceBasket)
	for i, want := range []int64{16311, 14736, 23734} {
		base := a.Lines[i].Paid
		for _, d := range a.Lines[i].Discounts {
			for _, f := range d.Funding() {
				if f.Party != promo.Merchant {
					base += f.Amount
				}
			}
		}
		fee, err := money.Fee(base, 6_000)
		if base != want || err != nil || fee != []int64{98, 88, 142}[i] {
			t.Errorf("%s: base %d, fee %d, %v", a.Lines[i].ID, base, fee, err)
		}
	}
}
