package campaign

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/deal/reference"
	"hutong/goods/offer"
)

// sharedFile reads a file of the data set that lies beside the module. Where it is absent the test is skipped, unless
// HUTONG_REQUIRE names "shared".
func sharedFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", name))
	if os.IsNotExist(err) && !strings.Contains(os.Getenv("HUTONG_REQUIRE"), "shared") {
		t.Skip("no shared data")
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestT1_2c_FlashPriceRangeOfTheWorkedNumbers(t *testing.T) {
	var cases []struct {
		ID, Fn string
		Input  json.RawMessage
		Expect json.RawMessage
	}
	if err := json.Unmarshal(sharedFile(t, "vectors/worked.json"), &cases); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, c := range cases {
		if c.Fn != "wechat_flash_price_range" {
			continue
		}
		seen++
		var in struct{ List int64 }
		var want []int64
		if err := json.Unmarshal(c.Input, &in); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(c.Expect, &want); err != nil {
			t.Fatal(err)
		}
		low, high, ok := FlashPriceRange(in.List, "CNY")
		if ok != (want != nil) || ok && (low != want[0] || high != want[1]) {
			t.Errorf("%s: %d to %d, %v; want %v", c.ID, low, high, ok, want)
		}
	}
	if seen < 9 {
		t.Error(seen, "cases")
	}
}

// TestT1_2c_FlashPriceRange holds the range against the rule as it is written, price by price.
func TestT1_2c_FlashPriceRange(t *testing.T) {
	for c, ten := range map[money.Currency]int64{"CNY": 1000, "JPY": 10, "KWD": 10_000} {
		for step := range int64(300) {
			list := step * ten / 100
			low, high, ok := FlashPriceRange(list, c)
			for n := range int64(200) {
				price := list * n / 200
				good := list > ten && price*100 >= list*10 && price*100 <= list*85 && list-price >= ten
				if is := ok && price >= low && price <= high; is != good {
					t.Fatalf("%s: %d of %d: %v, want %v (%d to %d)", c, price, list, is, good, low, high)
				}
			}
		}
	}
}

// good is terms and facts that every rule of the tests lets pass.
func good() (Terms, Facts) {
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	return Terms{Price: 8280, Quantity: 10, PerShopper: 1, Part: Part{Spot: true}},
		Facts{Shop: ShopStanding{Score: 480, Deposit: 100_000}, Category: "aa-1-2", Ordinary: 12_900, Currency: "CNY", Listed: true, Sellable: 100,
			Lowest: reference.Prior{Price: reference.Price{Amount: 9200, Source: "ord_4"}, Basis: reference.LowestDeal}, Dealt: true,
			At: at, Selling: Window{at, at.Add(24 * time.Hour)}}
}

var strictRule = Rule{ScoreMin: 450, DepositMin: 100_000, Categories: []string{"bb", "aa-1"}, Days: 30, FactorPPM: 900_000,
	DealWithin: 30, QuantityMin: 10, LimitMax: 2, PerShopDay: 5, FlashRange: true}

func TestT1_2a_TheCapCitesItsOrder(t *testing.T) {
	terms, facts := good()
	if why := strictRule.Judge(terms, facts); len(why) != 0 {
		t.Fatal("82.80 of 92.00 × 0.9:", why)
	}
	terms.Price++
	why := strictRule.Judge(terms, facts)
	if len(why) != 1 || why[0].Code != "enrolment.price_above_cap" || why[0].Params["cap"] != "8280" || why[0].Params["source"] != "ord_4" {
		t.Fatal("82.81:", why)
	}
}

// TestThePriceIsCappedByCategory (RULES 2.1): the nearest category's cap counts, whatever stands in between or beside it.
func TestThePriceIsCappedByCategory(t *testing.T) {
	rule := Rule{Caps: []Cap{{"aa-1-2", 5000}, {"", 9900}, {"aa", 2000}, {"aa-1-20", 100}}}
	ok := rule.Check()
	for category, limit := range map[string]int64{"aa-1-2": 5000, "aa-1-2-7": 5000, "aa-1": 2000, "aa-1-21": 2000, "aa": 2000, "aab": 9900, "": 9900} {
		terms, facts := good()
		facts.Category, facts.Ordinary, terms.Price = category, 99_000, limit
		at := rule.Judge(terms, facts)
		terms.Price++
		above := rule.Judge(terms, facts)
		if ok != nil || len(at) != 0 || len(above) != 1 || above[0].Code != "enrolment.category_cap" || above[0].Params["cap"] != strconv.FormatInt(limit, 10) {
			t.Errorf("%q at %d: %v, above: %v", category, limit, at, above)
		}
	}
	terms, facts := good()
	if why := (Rule{Caps: []Cap{{"bb", 1}}}).Judge(terms, facts); len(why) != 0 {
		t.Error("another category's cap:", why)
	}
	for why, caps := range map[string][]Cap{"no price": {{"aa", 0}}, "beyond all prices": {{"aa", offer.PriceMax + 1}}, "twice": {{"aa", 1}, {"bb", 1}, {"aa", 2}},
		"too many": make([]Cap, CategoriesMax+1)} {
		if err := (Rule{Caps: caps}).Check(); err == nil || fault.As(err).Field != "caps" {
			t.Errorf("%s: %v", why, err)
		}
	}
}

func TestEveryReason(t *testing.T) {
	rule := strictRule
	rule.Caps = []Cap{{"aa", 8300}}
	for code, spoil := range map[string]func(*Terms, *Facts){
		"enrolment.offer":            func(_ *Terms, f *Facts) { f.Listed = false },
		"enrolment.score":            func(_ *Terms, f *Facts) { f.Shop.Score--; f.Shop.Score = 449 },
		"enrolment.deposit":          func(_ *Terms, f *Facts) { f.Shop.Deposit-- },
		"enrolment.violation":        func(_ *Terms, f *Facts) { f.Shop.Violation = true },
		"enrolment.category":         func(_ *Terms, f *Facts) { f.Category = "aa-10" },
		"enrolment.taken":            func(_ *Terms, f *Facts) { f.Taken = true },
		"enrolment.quantity":         func(x *Terms, _ *Facts) { x.Quantity = 9 },
		"enrolment.stock":            func(x *Terms, f *Facts) { f.Sellable = x.Quantity - 1 },
		"enrolment.limit":            func(x *Terms, _ *Facts) { x.PerShopper = 0 },
		"enrolment.shop_day":         func(_ *Terms, f *Facts) { f.ThatDay = 5 },
		"enrolment.no_deal":          func(_ *Terms, f *Facts) { f.Dealt = false },
		"enrolment.below_floor":      func(x *Terms, f *Facts) { f.Floor = x.Price + 1 },
		"enrolment.price_above_cap":  func(x *Terms, _ *Facts) { x.Price = 8281 },
		"enrolment.category_cap":     func(x *Terms, _ *Facts) { x.Price = 8301 },
		"enrolment.flash_range":      func(x *Terms, _ *Facts) { x.Price = 1289 },
		"enrolment.flash_infeasible": func(x *Terms, f *Facts) { f.Ordinary = 1111; x.Price = 111 },
		"enrolment.flash_hours":      func(_ *Terms, f *Facts) { f.Selling.Until = f.Selling.From.Add(25 * time.Hour) },
		"enrolment.flash_days":       func(_ *Terms, f *Facts) { f.At = f.At.AddDate(-1, 0, -1) },
		"enrolment.flash_open":       func(_ *Terms, f *Facts) { f.Open = true },
		"enrolment.not_below":        func(x *Terms, f *Facts) { f.Ordinary, f.Lowest.Amount, x.Price = 8000, 20_000, 8001 },
		"reference.none":             func(_ *Terms, f *Facts) { f.Claim = (reference.Prior{}).Bears(reference.Claim{Sale: 1, Strike: 2}) },
	} {
		terms, facts := good()
		spoil(&terms, &facts)
		why := rule.Judge(terms, facts)
		found := false
		for _, r := range why {
			found = found || r.Code == code
			if text, there := Texts[r.Code]; there {
				for name := range r.Params {
					if minor, is := r.Amount(name); is && strconv.FormatInt(minor, 10) != r.Params[name] {
						t.Errorf("%s: the amount %s is %s, not %d", r.Code, name, r.Params[name], minor)
					}
					if !strings.Contains(text.Zh, "{"+name+"}") {
						t.Errorf("%s does not say %s", r.Code, name)
					}
				}
			}
		}
		if !found {
			t.Errorf("%s: %v", code, why)
		}
	}
	terms, facts := good()
	terms.Price, facts.Lowest = 12_900, reference.Prior{}
	if why := (Rule{}).Judge(terms, facts); len(why) != 0 {
		t.Error("a rule that asks for nothing refuses", why)
	}
}

// TestACapIsNeverPassed: whatever the numbers, an enrolment that has no reason against it keeps the rule.
func TestACapIsNeverPassed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms, facts := good()
		rule := strictRule
		rule.FlashRange = false
		facts.Lowest.Amount = rapid.Int64Range(1, 100_000).Draw(t, "lowest")
		facts.Ordinary = rapid.Int64Range(1, 100_000).Draw(t, "ordinary")
		terms.Price = rapid.Int64Range(1, 100_000).Draw(t, "price")
		fits := terms.Price*10 <= facts.Lowest.Amount*9 && terms.Price <= facts.Ordinary
		if why := rule.Judge(terms, facts); (len(why) == 0) != fits {
			t.Fatal(terms.Price, facts.Lowest.Amount, facts.Ordinary, why)
		}
	})
}

func TestTermsThatCannotBe(t *testing.T) {
	for code, spoil := range map[string]func(*Terms){
		"enrolment.price":        func(x *Terms) { x.Price = 0 },
		"enrolment.pieces":       func(x *Terms) { x.Quantity = 0 },
		"enrolment.part":         func(x *Terms) { x.Spot = false },
		"enrolment.appointments": func(x *Terms) { x.Lottery = true },
		"enrolment.presale":      func(x *Terms) { x.Presale, x.Earnest, x.Worth = true, 1657, 2000 }, // above a fifth of 82.80
	} {
		terms, _ := good()
		spoil(&terms)
		if err := terms.Check(); !fault.Is(err, code) {
			t.Errorf("%s: %v", code, err)
		}
	}
	terms, _ := good()
	terms.Presale, terms.Earnest, terms.Worth = true, 1656, 2000
	if err := terms.Check(); err != nil {
		t.Error(err)
	}
}

func TestAReasonKnowsWhichOfItsParametersAreMoney(t *testing.T) {
	terms, facts := good()
	terms.Price, terms.PerShopper, facts.Shop.Deposit = facts.Ordinary+1, 0, 0
	money := map[string]bool{}
	for _, r := range strictRule.Judge(terms, facts) {
		for name := range r.Params {
			_, is := r.Amount(name)
			money[r.Code+" "+name] = is
		}
	}
	for name, want := range map[string]bool{"enrolment.deposit min": true, "enrolment.deposit has": true,
		"enrolment.not_below price": true, "enrolment.price_above_cap cap": true,
		"enrolment.price_above_cap lowest": true, "enrolment.price_above_cap source": false,
		"enrolment.limit max": false} {
		if is, there := money[name]; !there || is != want {
			t.Errorf("%s: money %v (there %v), want %v", name, is, there, want)
		}
	}
}
