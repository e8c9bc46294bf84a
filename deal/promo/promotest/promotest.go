// Package promotest tells whether a kind of promotion keeps what promo.Terms asks of it, and whether a price is sound.
// It is for tests only.
//
// Read this file first: Run is the list of what a kind must keep, Hold what every answer must.
package promotest

import (
	"math/rand/v2"
	"regexp"
	"strconv"
	"testing"

	"hutong/base/fault"
	"hutong/base/money"
	"hutong/base/text"
	"hutong/deal/promo"
)

// Subject is a kind to be tested.
type Subject struct {
	Kind     promo.Kind
	Examples []Example
	Refused  []string // promotions as JSON, without id and kind, that must not be taken
	// Random draws settings from the production range.
	Random func(r *rand.Rand) promo.Terms
	// Shop tells that a promotion of this kind must belong to a shop.
	Shop bool
}

// Example is one row of a kind's table.
type Example struct {
	Name      string
	Promotion string // as JSON, without id and kind
	Lines     []promo.Line
	Points    int64
	Claim     int64 // the worth of the claim itself
	Mode      promo.Mode
	Off       int64  // what it takes off
	Code      string // why it takes nothing
	Hint      promo.Hint
}

// rounds is how many random baskets each promise is held against in a test; a fuzz target goes on from there.
const rounds = 300

var nameForm = regexp.MustCompile(`^[a-z]{3,20}$`)

// Run tests a kind.
func Run(t *testing.T, s Subject) {
	t.Helper()
	if len(s.Examples) == 0 || s.Random == nil {
		t.Fatal("a kind needs examples and random settings")
	}
	t.Run("it has a name that people can read", func(t *testing.T) { hasAName(t, s) })
	t.Run("its settings are read strictly", func(t *testing.T) { readsStrictly(t, s) })
	for _, e := range s.Examples {
		t.Run(e.Name, func(t *testing.T) { example(t, s, e) })
	}
	t.Run("it holds for random baskets", func(t *testing.T) {
		for seed := range uint64(rounds) {
			random(t, s, seed)
		}
	})
}

// Fuzz holds the promises of Run against baskets that the fuzzer makes.
func Fuzz(f *testing.F, s Subject) {
	for seed := range uint64(8) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { random(t, s, seed) })
}

func hasAName(t *testing.T, s Subject) {
	if !nameForm.MatchString(s.Kind.Name) || s.Kind.Terms().Kind() != s.Kind.Name {
		t.Errorf("%q: want lower-case letters, and the same name from its terms", s.Kind.Name)
	}
	for _, key := range []string{"promo.kind.", "promo.step."} {
		if e := s.Kind.Texts[key+s.Kind.Name]; e.Pick(text.Zh) == "" || e.Pick(text.En) == "" {
			t.Errorf("its texts lack %s%s in both languages", key, s.Kind.Name)
		}
	}
}

// decode reads a promotion whose id and kind are added.
func decode(t *testing.T, s Subject, members string) (promo.Promotion, error) {
	t.Helper()
	kinds, err := promo.NewKinds(s.Kind)
	if err != nil {
		t.Fatal(err)
	}
	if len(members) > 2 {
		members = ", " + members[1:]
	} else {
		members = "}"
	}
	return kinds.Decode([]byte(`{"id": "p", "kind": ` + strconv.Quote(s.Kind.Name) + members))
}

func readsStrictly(t *testing.T, s Subject) {
	for _, members := range append(s.Refused, `{}`, `{"no_such_setting": 1}`) {
		if p, err := decode(t, s, members); err == nil || fault.Of(err) != fault.Invalid {
			t.Errorf("%s was taken: %+v, %v", members, p.Terms, err)
		}
	}
	for _, e := range s.Examples {
		p, err := decode(t, s, e.Promotion)
		if err != nil {
			t.Fatalf("%s: %v", e.Promotion, err)
		}
		kinds, err := promo.NewKinds(s.Kind)
		if err != nil {
			t.Fatal(err)
		}
		data, err := promo.Encode(&p)
		if err != nil {
			t.Fatal(err)
		}
		again, err := kinds.Decode(data)
		if err != nil {
			t.Fatalf("what was written is not read: %s: %v", data, err)
		}
		if twice, err := promo.Encode(&again); err != nil || string(twice) != string(data) {
			t.Errorf("written %s and then %s: %v", data, twice, err)
		}
	}
}

func example(t *testing.T, s Subject, e Example) {
	p, err := decode(t, s, e.Promotion)
	if err != nil {
		t.Fatal(err)
	}
	if e.Mode == "" {
		e.Mode = promo.Parallel
	}
	b := promo.Basket{Currency: "CNY", Lines: e.Lines, Points: e.Points}
	if p.Claim {
		b.Claimed = []promo.Claimed{{Promotion: "p", Claim: "c1", Amount: e.Claim}}
	}
	a := price(t, e.Mode, b, p)
	Hold(t, b, a)
	if got := a.List - a.Total; got != e.Off {
		t.Errorf("takes %d off, want %d: %+v", got, e.Off, a)
	}
	if e.Code != "" && (len(a.Refused) != 1 || a.Refused[0].Code != e.Code) {
		t.Errorf("refused %+v, want %s", a.Refused, e.Code)
	}
	if e.Hint != (promo.Hint{}) {
		e.Hint.Promotion = "p"
		if len(a.Hints) != 1 || a.Hints[0] != e.Hint {
			t.Errorf("hints %+v, want %+v", a.Hints, e.Hint)
		}
	}
}

func price(t *testing.T, m promo.Mode, b promo.Basket, p ...promo.Promotion) promo.Answer {
	t.Helper()
	rules, err := promo.Compile(m, p)
	if err != nil {
		t.Fatal(err)
	}
	a, err := rules.Price(b)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Hold holds what every answer must: nothing below zero or the floor, parts that sum to the whole, every minor unit of
// a discount paid for.
func Hold(t *testing.T, b promo.Basket, a promo.Answer) {
	t.Helper()
	if len(a.Lines) != len(b.Lines) {
		t.Fatalf("%d lines asked for, %d answered", len(b.Lines), len(a.Lines))
	}
	var list, paid int64
	by := map[*promo.Applied]int64{}
	for i, l := range a.Lines {
		holdLine(t, b.Lines[i], l)
		for _, d := range l.Discounts {
			by[d.Applied] += d.Amount
		}
		list, paid = list+l.List, paid+l.Paid
	}
	for _, i := range a.Least {
		in := &b.Lines[i]
		if floor := min(in.Floor, in.UnitPrice); floor == 0 || in.Agreed || a.Lines[i].Paid != floor*in.Quantity {
			t.Fatalf("line %+v of %+v is said to be at its floor", a.Lines[i], in)
		}
	}
	for i := range a.Applied {
		p := &a.Applied[i]
		if by[p] != p.Amount || p.Amount <= 0 || p.Held < 0 || p.Held > 0 && len(a.Least) == 0 {
			t.Fatalf("%+v, and its lines say %d", p, by[p])
		}
		delete(by, p)
	}
	if len(by) != 0 || list != a.List || paid != a.Total || a.Total < 0 {
		t.Fatalf("list %d, total %d, not applied %v; the lines say %d and %d", a.List, a.Total, by, list, paid)
	}
}

func holdLine(t *testing.T, in promo.Line, l promo.LineAnswer) {
	t.Helper()
	floor := min(in.Floor, in.UnitPrice) * in.Quantity
	if l.ID != in.ID || l.List != in.UnitPrice*in.Quantity || l.Paid < floor || l.Paid > l.List ||
		l.AfterUnitStages < l.Paid || l.AfterUnitStages > l.List {
		t.Fatalf("line %+v of %+v", l, in)
	}
	owed := l.List
	for _, d := range l.Discounts {
		owed -= d.Amount
		var funded int64
		for _, part := range d.Parts() {
			if part < 0 {
				t.Fatalf("a funder pays %d", part)
			}
			funded += part
		}
		if d.Amount <= 0 || funded != d.Amount || len(d.Parts()) != len(d.Funders) {
			t.Fatalf("%d of %d is funded by %v", funded, d.Amount, d.Funders)
		}
	}
	if owed != l.Paid {
		t.Fatalf("line %s: list %d less its discounts is %d, paid %d", l.ID, l.List, owed, l.Paid)
	}
}

// whole is a funding of two: so much of the platform's, the rest the merchant's.
func whole(platform money.PPM) []promo.Share {
	return []promo.Share{{Party: promo.Platform, PPM: platform}, {Party: promo.Merchant, PPM: money.Whole - platform}}
}
