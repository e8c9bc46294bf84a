package promo_test

import (
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/promo"
	"hutong/deal/promo/crossshop"
	"hutong/deal/promo/price"
	"hutong/deal/promo/redpacket"
	"hutong/deal/promo/spend"
	"hutong/deal/promo/voucher"
)

func packet(id string, change func(*promo.Promotion)) promo.Promotion {
	p := promo.Promotion{ID: id, Kind: redpacket.Name, Terms: &redpacket.Terms{Off: 100}}
	if change != nil {
		change(&p)
	}
	return p
}

// wrongUnit says that it stands where unit prices are cut, and cannot cut them.
type wrongUnit struct{ *redpacket.Terms }

func (wrongUnit) Lane(promo.Scope) promo.Lane { return promo.LaneDirect }

type nowhere struct{ *redpacket.Terms }

func (nowhere) Lane(promo.Scope) promo.Lane { return promo.LanePoints + 1 }

// TestRulesThatAreRefused: what could not be applied rightly is refused when it is compiled, at its place.
func TestRulesThatAreRefused(t *testing.T) {
	funded := func(shares ...promo.Share) func(*promo.Promotion) {
		return func(p *promo.Promotion) { p.Funding = shares }
	}
	long := strings.Repeat("x", 65)
	for name, c := range map[string]struct {
		change      func(*promo.Promotion)
		code, field string
	}{
		"no id":           {func(p *promo.Promotion) { p.ID = "" }, "promo.id", "id"},
		"a long id":       {func(p *promo.Promotion) { p.ID = long }, "promo.id", "id"},
		"no terms":        {func(p *promo.Promotion) { p.Terms = nil }, "promo.kind", "kind"},
		"other terms":     {func(p *promo.Promotion) { p.Terms = price.At(1) }, "promo.kind", "kind"},
		"bad terms":       {func(p *promo.Promotion) { p.Terms = &redpacket.Terms{} }, "promo.terms", "off"},
		"a wrong lane":    {func(p *promo.Promotion) { p.Terms = wrongUnit{&redpacket.Terms{Off: 1}} }, "promo.kind", "kind"},
		"no such lane":    {func(p *promo.Promotion) { p.Terms = nowhere{&redpacket.Terms{Off: 1}} }, "promo.kind", "kind"},
		"twice":           {func(p *promo.Promotion) { p.ID = "first" }, "promo.twice", "id"},
		"M14: 99.99 %":    {funded(promo.Share{Party: "a", PPM: 999_900}), "promo.funding_sum", "funding"},
		"M14: 100.01 %":   {funded(promo.Share{Party: "a", PPM: 999_900}, promo.Share{Party: "b", PPM: 200}), "promo.funding_sum", "funding"},
		"an empty list":   {func(p *promo.Promotion) { p.Funding = []promo.Share{} }, "promo.funding_sum", "funding"},
		"a negative part": {funded(promo.Share{Party: "a", PPM: 1_100_000}, promo.Share{Party: "b", PPM: -100_000}), "promo.funding_sum", "funding"},
		"an overflow":     {funded(promo.Share{Party: "a", PPM: math.MaxInt64}, promo.Share{Party: "b", PPM: math.MaxInt64}), "promo.funding_sum", "funding"},
		"a party twice":   {funded(promo.Share{Party: "a", PPM: 500_000}, promo.Share{Party: "a", PPM: 500_000}), "promo.funding_party", "funding"},
		"a nameless one":  {funded(promo.Share{PPM: money.Whole}), "promo.funding_party", "funding"},
		"nine of them":    {funded(make([]promo.Share, 9)...), "promo.list", "funding"},
		"many exclusions": {func(p *promo.Promotion) { p.Excludes = make([]string, 65) }, "promo.list", "excludes"},
		"many stacks":     {func(p *promo.Promotion) { p.StacksWith = make([]string, 65) }, "promo.list", "stacks_with"},
		"many SKUs":       {func(p *promo.Promotion) { p.Scope.SKUs = make([]string, 1001) }, "promo.skus", "skus"},
		"a negative cap":  {func(p *promo.Promotion) { p.Budget = -1 }, "promo.limit", "budget"},
		"no limit at all": {func(p *promo.Promotion) { p.PerShopper = promo.LimitMax + 1 }, "promo.limit", "per_shopper"},
	} {
		_, err := promo.Compile(promo.Parallel, []promo.Promotion{packet("first", nil), packet("second", c.change)})
		if c.code == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		f := fault.As(err)
		if f == nil || f.Code != c.code || f.Field != "promotions.1."+c.field || f.Kind != fault.Invalid {
			t.Errorf("%s: %v, want %s at %s", name, err, c.code, c.field)
		}
	}
	if _, err := promo.Compile("sideways", nil); !fault.Is(err, "promo.mode") {
		t.Errorf("an unknown mode: %v", err)
	}
}

// TestBasketsThatAreRefused: a malformed basket has no price (FAULTS M1, M2, M3).
func TestBasketsThatAreRefused(t *testing.T) {
	rules, err := promo.Compile(promo.Parallel, nil)
	if err != nil {
		t.Fatal(err)
	}
	good := promo.Line{ID: "1", Shop: "A", SKU: "a", UnitPrice: 100, Quantity: 1}
	many := make([]promo.Line, 501)
	for name, c := range map[string]struct {
		change func(*promo.Basket)
		code   string
		field  string
	}{
		"no currency":        {func(b *promo.Basket) { b.Currency = "" }, "promo.currency", "currency"},
		"no such currency":   {func(b *promo.Basket) { b.Currency = "XXQ" }, "promo.currency", "currency"},
		"no lines":           {func(b *promo.Basket) { b.Lines = nil }, "promo.lines", "lines"},
		"501 lines":          {func(b *promo.Basket) { b.Lines = many }, "promo.lines", "lines"},
		"negative points":    {func(b *promo.Basket) { b.Points = -1 }, "promo.points", "points"},
		"1,001 claims":       {func(b *promo.Basket) { b.Claimed = make([]promo.Claimed, 1001) }, "promo.claims", "vouchers"},
		"a nameless line":    {func(b *promo.Basket) { b.Lines[0].ID = "" }, "promo.line_id", "lines.0.id"},
		"a line twice":       {func(b *promo.Basket) { b.Lines = append(b.Lines, good) }, "promo.line_twice", "lines.1.id"},
		"no pieces":          {func(b *promo.Basket) { b.Lines[0].Quantity = 0 }, "promo.quantity", "lines.0.quantity"},
		"minus one piece":    {func(b *promo.Basket) { b.Lines[0].Quantity = -1 }, "promo.quantity", "lines.0.quantity"},
		"10,000 pieces":      {func(b *promo.Basket) { b.Lines[0].Quantity = 10_000 }, "promo.quantity", "lines.0.quantity"},
		"a negative price":   {func(b *promo.Basket) { b.Lines[0].UnitPrice = -1 }, "promo.price", "lines.0.unit_price"},
		"a negative floor":   {func(b *promo.Basket) { b.Lines[0].Floor = -1 }, "promo.price", "lines.0.unit_price"},
		"M2: a line too big": {func(b *promo.Basket) { b.Lines[0].UnitPrice, b.Lines[0].Quantity = math.MaxInt64/2+1, 2 }, "promo.overflow", "lines.0.unit_price"},
		"M3: a sum too big": {func(b *promo.Basket) {
			b.Lines = append(b.Lines, promo.Line{ID: "2", Shop: "A", SKU: "a", UnitPrice: math.MaxInt64 - 99, Quantity: 1})
		}, "promo.overflow", "lines.1.unit_price"},
	} {
		b := promo.Basket{Currency: "CNY", Lines: []promo.Line{good}}
		c.change(&b)
		_, err := rules.Price(b)
		if f := fault.As(err); f == nil || f.Code != c.code || f.Field != c.field || f.Kind != fault.Invalid {
			t.Errorf("%s: %v, want %s at %s", name, err, c.code, c.field)
		}
	}
	for i := range many[:20] {
		many[i] = good
		many[i].ID = string('a' + rune(i))
	}
	many[19].ID = "a"
	if _, err := rules.Price(promo.Basket{Currency: "CNY", Lines: many[:20]}); !fault.Is(err, "promo.line_twice") {
		t.Errorf("a line twice among twenty: %v", err)
	}
	most := promo.Basket{Currency: "CNY", Lines: []promo.Line{{ID: "1", Shop: "A", SKU: "a", UnitPrice: math.MaxInt64, Quantity: 1}}}
	if a, err := rules.Price(most); err != nil || a.Total != math.MaxInt64 {
		t.Errorf("the most there is: %+v, %v", a, err)
	}
}

// TestWhyNot: each reason for which a promotion takes nothing has its code, and its sentence.
func TestWhyNot(t *testing.T) {
	b := promo.Basket{Currency: "CNY", At: saleDay, Lines: []promo.Line{
		{ID: "1", Shop: "A", SKU: "a", Categories: []string{"c"}, UnitPrice: 1000, Quantity: 1},
		{ID: "2", Shop: "B", SKU: "b", UnitPrice: 0, Quantity: 1}},
		Claimed: []promo.Claimed{{Promotion: "elsewhere", Claim: "v1"}, {Promotion: "gone", Claim: "v2"},
			{Promotion: "mine", Claim: "v3"}, {Promotion: "mine", Claim: "v3"}, {Promotion: "open", Claim: "v4"}},
		Barred: func(id string) bool { return id == "empty" }}
	all := []promo.Promotion{
		packet("early", func(p *promo.Promotion) { p.From = saleDay.Add(time.Microsecond) }),
		packet("over", func(p *promo.Promotion) { p.Until = saleDay }),
		packet("empty", nil),
		packet("free", func(p *promo.Promotion) { p.Scope.Shop = "B" }),
		packet("unclaimed", func(p *promo.Promotion) { p.Claim = true }),
		packet("elsewhere", func(p *promo.Promotion) { p.Claim, p.Scope.Shop = true, "Z" }),
		packet("open", nil), // claimed, though it needs no claim: it is applied once
		{ID: "high", Kind: price.Name, Terms: price.At(1000)},
		{ID: "low", Kind: price.Name, Terms: price.At(900), Scope: promo.Scope{Category: "c"}, Excludes: []string{"spend", "x1"}},
		{ID: "mid", Kind: price.Name, Terms: price.At(950)},
		{ID: "spent", Kind: spend.Name, Scope: promo.Scope{Shop: "A"}, Terms: &spend.Terms{Tiers: []spend.Tier{{Threshold: 1, Off: 5}}}},
		{ID: "x1", Kind: crossshop.Name, Scope: promo.Scope{SKUs: []string{"a"}}, Terms: &crossshop.Terms{Every: 1, Off: 1}},
		{ID: "x2", Kind: crossshop.Name, Terms: &crossshop.Terms{Every: 5000, Off: 1}},
		{ID: "mine", Kind: voucher.Name, Claim: true, Scope: promo.Scope{Shop: "A"}, Terms: &voucher.Terms{Off: 50}},
	}
	rules, err := promo.Compile(promo.Parallel, all)
	if err != nil {
		t.Fatal(err)
	}
	a, err := rules.Price(b)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"early": "promo.not_started", "over": "promo.expired", "empty": "promo.exhausted",
		"free": "promo.nothing_left", "elsewhere": "promo.no_line", "gone": "promo.unknown", "high": "promo.no_effect",
		"mid": "promo.beaten", "spent": "promo.excluded", "x1": "promo.excluded", "x2": "promo.threshold_not_met"}
	for _, r := range a.Refused {
		if want[r.Promotion] != r.Code {
			t.Errorf("%s: %s, want %q", r.Promotion, r.Code, want[r.Promotion])
		}
		if e := promo.Texts[r.Code]; e.Zh == "" || e.En == "" {
			t.Errorf("%s has no sentence", r.Code)
		}
		delete(want, r.Promotion)
	}
	if len(want) > 0 || len(a.Applied) != 3 {
		t.Errorf("not refused: %v; applied %+v", want, a.Applied)
	}
	if p, found := rules.Find("mid"); !found || p.ID != "mid" || rules.Len() != len(all) || rules.Mode() != promo.Parallel {
		t.Error("the rules do not know what is in them")
	}
	if _, found := rules.Find("nothing"); found || rules.At(7).Version() != 7 || rules.Version() != 0 {
		t.Error("the rules know what is not in them")
	}
}

// TestWindowsAreHalfOpen: a promotion holds at its start and no more at its end (RULES C8).
func TestWindowsAreHalfOpen(t *testing.T) {
	rules, err := promo.Compile(promo.Parallel, []promo.Promotion{packet("p", func(p *promo.Promotion) {
		p.From, p.Until = saleDay, saleDay.Add(time.Hour)
	})})
	if err != nil {
		t.Fatal(err)
	}
	for after, want := range map[time.Duration]int64{-time.Microsecond: 0, 0: 100, time.Hour - time.Microsecond: 100, time.Hour: 0} {
		a, err := rules.Price(promo.Basket{Currency: "CNY", At: saleDay.Add(after), Lines: []promo.Line{
			{ID: "1", Shop: "A", SKU: "a", UnitPrice: 1000, Quantity: 1}}})
		if err != nil || a.List-a.Total != want {
			t.Errorf("%s after the start: %d off, %v, want %d", after, a.List-a.Total, err, want)
		}
	}
}

func rain(claim string, amount int64) promo.Claimed {
	return promo.Claimed{Promotion: "rain", Claim: claim, Amount: amount}
}

// TestSeveralClaimsOfOneRedPacket: a shopper holds three of the same packet, one of them told twice; each pays once.
func TestSeveralClaimsOfOneRedPacket(t *testing.T) {
	rules, err := promo.Compile(promo.Parallel, []promo.Promotion{packet("rain", func(p *promo.Promotion) {
		p.Claim, p.Terms = true, &redpacket.Terms{Off: 500, Open: true}
	})})
	if err != nil {
		t.Fatal(err)
	}
	a, err := rules.Price(promo.Basket{Currency: "CNY", Lines: []promo.Line{{ID: "1", Shop: "A", SKU: "a", UnitPrice: 1000, Quantity: 1}},
		Claimed: []promo.Claimed{rain("v1", 120), rain("v2", 80), rain("v1", 120), rain("v3", 900)}})
	if err != nil || a.Total != 1000-120-80-500 || len(a.Applied) != 3 || len(a.Refused) != 0 {
		t.Fatalf("%+v, %v", a, err)
	}
	if d := a.Lines[0].Discounts; d[0].Claim != "v1" || d[1].Claim != "v2" || d[2].Claim != "v3" || d[2].Applied.Amount != 500 {
		t.Errorf("%+v", d)
	}
}

// TestRulesAreAskedByManyAtOnce: with -race.
func TestRulesAreAskedByManyAtOnce(t *testing.T) {
	rules, basket := market(t, 100)
	want, err := rules.Price(basket)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				if a, err := rules.Price(basket); err != nil || a.Total != want.Total || len(a.Applied) != len(want.Applied) {
					t.Errorf("%+v, %v", a, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestACategoryIsInThoseAboveIt(t *testing.T) {
	for category, want := range map[string][]string{"aa-1-2": {"aa-1-2", "aa-1", "aa"}, "aa": {"aa"}, "": nil} {
		if got := promo.Path(category); !slices.Equal(got, want) {
			t.Errorf("%s: %v", category, got)
		}
	}
}
