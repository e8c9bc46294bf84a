package promo_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"hutong/base/text"
	"hutong/deal/promo"
	"hutong/deal/promo/promotest"
	"hutong/deal/promo/redpacket"
	"hutong/deal/promo/standard"
	"hutong/deal/promo/wire"
)

// TestM10_AStackStopsAtTheFloor: what would go below a shop's floor is cut there to the cent, whoever pays for it, in
// the unit stages, among sums and of a gift; the line says so, and what comes after it is told why it takes nothing.
func TestM10_AStackStopsAtTheFloor(t *testing.T) {
	half := `"funding": [{"party": "platform", "ppm": 500000}, {"party": "merchant", "ppm": 500000}]`
	for name, c := range map[string]struct {
		lines, promotions string
		paid              []int64
		least             []int
		platform          int64 // of all that is taken off
		refused           string
	}{
		"a cut of the unit price": {
			`{"id": "1", "shop": "A", "sku": "a", "unit_price": 1000, "quantity": 3, "floor": 901}`,
			`{"id": "cut", "kind": "direct", "rate_ppm": 200000, ` + half + `}`, []int64{2703}, []int{0}, 149, ""},
		"a sum over two lines, one at its floor": {
			`{"id": "1", "shop": "A", "sku": "a", "unit_price": 10000, "quantity": 1, "floor": 9999},
			 {"id": "2", "shop": "B", "sku": "b", "unit_price": 300, "quantity": 1}`,
			`{"id": "packet", "kind": "redpacket", "off": 1000, ` + half + `}`, []int64{9999, 0}, []int{0}, 151, ""},
		"a sum that has room is not held up": {
			`{"id": "1", "shop": "A", "sku": "a", "unit_price": 10000, "quantity": 1, "floor": 9000}`,
			`{"id": "packet", "kind": "redpacket", "off": 1000, ` + half + `}`, []int64{9000}, nil, 500, ""},
		"nothing is left for what comes after": {
			`{"id": "1", "shop": "A", "sku": "a", "unit_price": 1000, "quantity": 2, "floor": 800}`,
			`{"id": "price", "kind": "price", "unit_price": 800}, {"id": "packet", "kind": "redpacket", "off": 1}`,
			[]int64{1600}, []int{0}, 0, promo.RefusedFloor},
		"a second cut of the unit": {
			`{"id": "1", "shop": "A", "sku": "a", "unit_price": 1000, "quantity": 1, "floor": 800}`,
			`{"id": "price", "kind": "price", "unit_price": 700}, {"id": "sub", "kind": "subsidy", "off": 10}`,
			[]int64{800}, []int{0}, 0, promo.RefusedFloor},
		"a gift": {
			`{"id": "1", "shop": "A", "sku": "a", "unit_price": 1000, "quantity": 2, "floor": 1000}`,
			`{"id": "gift", "kind": "gift", "buy": 1, "get": 1}`, []int64{2000}, nil, 0, promo.RefusedFloor},
	} {
		a, q := ask(t, `{"currency": "CNY", "lines": [`+c.lines+`], "promotions": [`+c.promotions+`]}`)
		promotest.Hold(t, q.Basket, a)
		var platform int64
		for i, l := range a.Lines {
			if l.Paid != c.paid[i] {
				t.Errorf("%s: line %d: %+v", name, i, l)
			}
			for _, d := range l.Discounts {
				platform += d.By(promo.Platform)
			}
		}
		if platform != c.platform || !slices.Equal(a.Least, c.least) {
			t.Errorf("%s: the platform pays %d, want %d; at their floors %v", name, platform, c.platform, a.Least)
		}
		if code := slices.IndexFunc(a.Refused, func(r promo.Refused) bool { return r.Code == promo.RefusedFloor }); code >= 0 != (c.refused != "") {
			t.Errorf("%s: refused %+v", name, a.Refused)
		}
	}
}

// TestAFloorIsToldWithoutItsAmount: why a price is what it is says that the shop lets it go no lower, of all items or
// of some; the price of the line says how low that is, and nothing else does.
func TestAFloorIsToldWithoutItsAmount(t *testing.T) {
	const one, other = `{"id": "1", "shop": "A", "sku": "a", "unit_price": 1000, "quantity": 1, "floor": 983}`,
		`{"id": "2", "shop": "A", "sku": "b", "unit_price": 1000, "quantity": 1}`
	for lines, want := range map[string][2]string{
		one: {"The price is as low as the shop lets it go; nothing more is taken off", "已减到商家允许的最低价，不再继续减"},
		one + "," + other: {"1 of the items are as low as their shops let the price go; nothing more is taken off them",
			"1 种商品已减到商家允许的最低价，不再继续减"},
		other: {"", ""},
	} {
		a, q := ask(t, `{"currency": "CNY", "lines": [`+lines+`], "promotions": [{"id": "p", "kind": "direct", "rate_ppm": 500000}]}`)
		rules := compile(t, q.Promotions...)
		for i, lang := range []text.Lang{text.En, text.Zh} {
			said := rules.Explain(a, promo.Words{Lang: lang, Kinds: standard.Texts})
			if said.Floor != want[i] || strings.Contains(said.Floor, "9.83") {
				t.Errorf("%s: %q, want %q", lines, said.Floor, want[i])
			}
		}
	}
}

// TestWhatWasAgreedIsNoFloorOfTheShop: what is left of an agreed price is kept for the earnest, which no shop set.
func TestWhatWasAgreedIsNoFloorOfTheShop(t *testing.T) {
	l := promo.Line{ID: "1", Shop: "A", SKU: "a", UnitPrice: 1000, Quantity: 1, Floor: 900, Agreed: true}
	a, err := compile(t, packet("big", func(p *promo.Promotion) { p.Terms = &redpacket.Terms{Off: 500} })).Price(promo.Basket{
		Currency: "CNY", Lines: []promo.Line{l}})
	if err != nil || a.Total != 900 || a.Least != nil {
		t.Errorf("%+v, %v", a, err)
	}
}

// TestM10_NeverBelowTheFloor: in random baskets whose every line has a floor, under up to 14 promotions of all kinds and
// the best stack of all claims, no line costs less than its floor, nor does any piece of it come back for less.
func TestM10_NeverBelowTheFloor(t *testing.T) {
	met := 0
	for seed := range uint64(3_000) {
		r := rand.New(rand.NewPCG(seed, 77))
		b := randomBasket(r)
		for i := range b.Lines {
			b.Lines[i].Floor = r.Int64N(b.Lines[i].UnitPrice + 1)
		}
		question, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		q, err := wire.Read(bytes.NewReader(question), kinds, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		rules, err := promo.Compile(q.Mode, q.Promotions)
		if err != nil {
			t.Fatal(err)
		}
		a, _, err := rules.Best(q.Basket)
		if err != nil {
			t.Fatal(err)
		}
		promotest.Hold(t, q.Basket, a)
		met += len(a.Least)
		for i := range a.Lines {
			l, floor := &a.Lines[i], q.Basket.Lines[i].Floor
			back, err := l.Return(l.Quantity-1, 1)
			if err != nil || l.Paid < floor*l.Quantity || back.Paid < floor {
				t.Fatalf("seed %d: line %+v with floor %d, its last piece gives back %+v, %v", seed, l, floor, back, err)
			}
		}
	}
	if met < 500 {
		t.Errorf("%d lines met their floors: the baskets do not test it", met)
	}
}
